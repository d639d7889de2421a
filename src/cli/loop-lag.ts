import type { Clock } from "../desk/ports.ts";

const LOOK_EVERY_MS = 10;
const REMEMBERED_MS = 1_000;

/** Notices when this process's event loop was late, to name the cause of a slow order. */
export function loopLag(clock: Clock): { cause(): string; stop(): void } {
  let worst = 0;
  let worstAt = 0;
  let due = clock.monotonic() + LOOK_EVERY_MS;
  let cancel = (): void => undefined;
  const look = (): void => {
    const now = clock.monotonic();
    const late = now - due;
    if (late > worst || now - worstAt > REMEMBERED_MS) {
      worst = late;
      worstAt = now;
    }
    due = now + LOOK_EVERY_MS;
    cancel = clock.after(LOOK_EVERY_MS, look);
  };
  cancel = clock.after(LOOK_EVERY_MS, look);
  return {
    cause: () =>
      worst > 20 ? `this process was busy for ${Math.round(worst)} ms` : "the exchange or the way to it",
    stop: () => cancel(),
  };
}
