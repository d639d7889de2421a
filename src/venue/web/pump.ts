import { millis } from "../../core/units.ts";
import type { Exchange } from "../exchange.ts";
import type { WallClock } from "./wall.ts";

/** The longest stretch of wall time that the market may hold the event loop before requests get their turn. */
const SLICE_MS = 4;
/** How often it looks whether the market has something due when nothing is known to be. */
const IDLE_MS = 50;

/** Something whose market time can be moved. */
type Steppable = Pick<Exchange, "now" | "step" | "nextStepAt">;

/** Several exchanges as one: the one whose next step is due first moves first; equal times go in the order given. */
export function together(exchanges: readonly Exchange[]): Steppable {
  const soonest = (): Exchange | undefined => {
    let found: Exchange | undefined;
    let foundAt = Number.POSITIVE_INFINITY;
    for (const exchange of exchanges) {
      const at = exchange.nextStepAt();
      if (at !== undefined && at < foundAt) [found, foundAt] = [exchange, at];
    }
    return found;
  };
  return {
    now: () => millis(Math.max(...exchanges.map((exchange) => exchange.now()))),
    step: (until) => soonest()?.step(until) ?? false,
    nextStepAt: () => soonest()?.nextStepAt(),
  };
}

/**
 * Moves the market with the wall clock: market time = its start + wall time since then x `speed`. Works in short
 * slices, so that requests are answered in between at any speed; a market that fell behind catches up.
 */
export class Pump {
  readonly #exchange: Steppable;
  readonly #wall: WallClock;
  readonly #speed: number;
  #marketFrom: number;
  #wallFrom: number;
  #timer: unknown;
  #isRunning = false;

  constructor(exchange: Steppable, wall: WallClock, speed: number) {
    this.#exchange = exchange;
    this.#wall = wall;
    this.#speed = speed;
    this.#marketFrom = exchange.now();
    this.#wallFrom = wall.now();
  }

  get isRunning(): boolean {
    return this.#isRunning;
  }

  /** Lets the market run from where it stands; the time it stood still is not caught up. */
  resume(): void {
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#marketFrom = this.#exchange.now();
    this.#wallFrom = this.#wall.now();
    this.#later(0);
  }

  /** Stops the market where it is. */
  pause(): void {
    this.#isRunning = false;
    this.#wall.clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #later(delayMs: number): void {
    this.#timer = this.#wall.setTimeout(() => this.#slice(), delayMs);
  }

  #slice(): void {
    const started = this.#wall.now();
    const target = this.#target(started);
    let isDue = true;
    while (isDue && this.#isRunning && this.#wall.now() - started < SLICE_MS) {
      isDue = this.#exchange.step(target);
    }
    if (this.#isRunning) this.#later(isDue ? 0 : this.#pause(target));
  }

  #target(wallNow: number): ReturnType<typeof millis> {
    return millis(Math.floor(this.#marketFrom + Math.max(0, wallNow - this.#wallFrom) * this.#speed));
  }

  /** Wall time until the next step is due; a market that ended is looked at now and then. */
  #pause(target: number): number {
    const next = this.#exchange.nextStepAt();
    if (next === undefined) return IDLE_MS;
    return Math.min(IDLE_MS, Math.max(1, Math.ceil((next - target) / this.#speed)));
  }
}
