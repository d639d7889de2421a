import type { DeskEvent } from "../core/event.ts";
import { type Millis, millis } from "../core/units.ts";
import type { Clock } from "./ports.ts";

/** A step of the wall clock against the monotonic one beyond this is told (DESIGN.md section 3). */
const STEP_MAX_MS = 1_000;
const LOOK_EVERY_MS = 1_000;

/** Looks at the machine's clocks. */
export interface ClockWatch {
  /** Looks now: whoever acts on what the wall clock says asks for it just before, since a second is long for a tap. */
  look(): void;
  stop(): void;
}

/** Watches the machine's wall clock against its monotonic one and says when it jumps. */
export function watchClock(
  clock: Clock,
  marketNow: () => Millis,
  emit: (event: DeskEvent) => void,
): ClockWatch {
  let offset = clock.now() - clock.monotonic();
  let cancel: () => void;
  const look = (): void => {
    const found = clock.now() - clock.monotonic();
    const stepMs = found - offset;
    if (Math.abs(stepMs) <= STEP_MAX_MS) return;
    offset = found;
    emit({
      type: "clockStep",
      at: marketNow(),
      wallAt: millis(Math.round(clock.now())),
      stepMs: Math.round(stepMs),
      against: "monotonic",
    });
  };
  const again = (): void => {
    look();
    cancel = clock.after(LOOK_EVERY_MS, again);
  };
  cancel = clock.after(LOOK_EVERY_MS, again);
  return { look, stop: () => cancel() };
}
