import type { Clock } from "../desk/ports.ts";

const MINUTE_MS = 60_000;

/** How many commands a person may still give: a store that fills up with time, on a clock that nobody can set. */
export class CommandRate {
  readonly #clock: Clock;
  readonly #perMinute: number;
  readonly #left = new Map<string, { count: number; at: number }>();

  constructor(clock: Clock, perMinute: number) {
    this.#clock = clock;
    this.#perMinute = perMinute;
  }

  /** Takes one; false when none is left. */
  take(person: string): boolean {
    const now = this.#clock.monotonic();
    const own = this.#left.get(person) ?? { count: this.#perMinute, at: now };
    const grown = ((now - own.at) * this.#perMinute) / MINUTE_MS;
    own.count = Math.min(this.#perMinute, own.count + grown);
    own.at = now;
    this.#left.set(person, own);
    if (own.count < 1) return false;
    own.count -= 1;
    return true;
  }

  /** Milliseconds until a person has one again. */
  waitMs(person: string): number {
    const { count } = this.#left.get(person) ?? { count: this.#perMinute };
    return Math.max(0, ((1 - count) * MINUTE_MS) / this.#perMinute);
  }
}
