import type { DeskEvent } from "../core/event.ts";
import type { InstrumentId } from "../core/instrument.ts";
import { millis } from "../core/units.ts";
import type { Countdown } from "./countdown-port.ts";
import type { KernelState } from "./kernel/state.ts";
import type { Clock } from "./ports.ts";

/** A request that failed is made again after this long (wall). */
const AGAIN_MS = 2_000;

/** What the keeper works with. */
export interface CountdownKeeperParts {
  readonly countdown: Countdown | undefined;
  readonly state: KernelState;
  readonly clock: Clock;
  readonly isLeader: () => boolean;
  readonly emit: (event: DeskEvent) => void;
}

/** One countdown at the exchange. */
interface Part {
  readonly instrument: InstrumentId;
  /** What the exchange took last; undefined: not known, an earlier life may have set one. */
  isSet: boolean | undefined;
  /** Monotonic time from which it may be asked again. */
  dueAt: number;
  busy: Promise<void> | undefined;
}

/**
 * Tells the exchange that the desk lives: sets its countdowns again when a third of their time is over, so that two requests may be
 * lost. It ends them when nobody wants them any more. What the exchange answers is told to the kernel, which decides nothing else by it.
 */
export class CountdownKeeper {
  readonly #parts: CountdownKeeperParts;
  readonly #all: readonly Part[];
  #isOver = false;

  constructor(parts: CountdownKeeperParts) {
    this.#parts = parts;
    const { countdown, state } = parts;
    const ids = state.config.instruments.map(({ instrument }) => instrument.id);
    const isWanted = countdown !== undefined && state.config.countdownSeconds !== undefined;
    const covered = !isWanted ? [] : countdown.per === "account" ? ids.slice(0, 1) : ids;
    this.#all = covered.map((instrument) => ({
      instrument,
      isSet: undefined,
      dueAt: Number.NEGATIVE_INFINITY,
      busy: undefined,
    }));
  }

  /** Asks for what is due. Another process that leads keeps its own. */
  tick(): void {
    const { state, clock, isLeader } = this.#parts;
    if (this.#isOver || this.#all.length === 0 || !isLeader()) return;
    const isArmed = state.countdowns.isArmed(state.config);
    const now = clock.monotonic();
    for (const part of this.#all) {
      if (part.busy !== undefined || (part.isSet === isArmed && (!isArmed || now < part.dueAt))) continue;
      // Whatever the change: what failed a moment ago waits.
      if (part.isSet === undefined && now < part.dueAt) continue;
      part.busy = this.#ask(part, isArmed ? (state.config.countdownSeconds ?? 0) : 0);
    }
  }

  /** The desk ends and nothing of it that opens a position rests: its take profits are to rest on, so no countdown may. */
  async end(): Promise<void> {
    this.#isOver = true;
    await Promise.all(
      this.#all.map(async (part) => {
        await part.busy;
        if (part.isSet !== false && this.#parts.isLeader()) await this.#ask(part, 0);
      }),
    );
  }

  /** Never rejects. */
  async #ask(part: Part, seconds: number): Promise<void> {
    const { countdown, clock } = this.#parts;
    const askedWallAt = Math.round(clock.now());
    const askedAt = clock.monotonic();
    try {
      await countdown?.set(part.instrument, seconds);
      part.isSet = seconds > 0;
      part.dueAt = askedAt + (seconds * 1_000) / 3;
      this.#tell(part, seconds, askedWallAt);
    } catch (error) {
      part.isSet = undefined;
      part.dueAt = clock.monotonic() + AGAIN_MS;
      this.#tell(part, seconds, askedWallAt, error instanceof Error ? error.message : String(error));
    } finally {
      part.busy = undefined;
    }
  }

  #tell({ instrument }: Part, seconds: number, askedWallAt: number, problem?: string): void {
    const { countdown, state, clock, emit } = this.#parts;
    emit({
      type: "countdown",
      at: state.at,
      wallAt: millis(Math.round(clock.now())),
      account: state.config.account,
      ...(countdown?.per === "account" ? {} : { instrument }),
      seconds,
      askedWallAt: millis(askedWallAt),
      ...(problem === undefined ? {} : { problem }),
    });
  }
}
