import type { Millis } from "../core/units.ts";

interface Deadline {
  readonly key: string;
  readonly at: Millis;
  readonly run: () => void;
}

/** Things that the exchange does at a market time of its own: ends of instruments and countdowns. One for each key. */
export class Deadlines {
  readonly #waiting: Deadline[] = [];

  /** Market time of the next one. */
  get next(): Millis | undefined {
    return this.#waiting[0]?.at;
  }

  /** Sets a deadline in place of the one with the same key; equal times run in the order in which they were set. */
  set(key: string, at: Millis, run: () => void): void {
    this.clear(key);
    const place = this.#waiting.findIndex((each) => each.at > at);
    this.#waiting.splice(place < 0 ? this.#waiting.length : place, 0, { key, at, run });
  }

  clear(key: string): void {
    const place = this.#waiting.findIndex((each) => each.key === key);
    if (place >= 0) this.#waiting.splice(place, 1);
  }

  /** Runs the first one that is due at `at`; false when none is. */
  runDue(at: Millis): boolean {
    const first = this.#waiting[0];
    if (first === undefined || first.at > at) return false;
    this.#waiting.shift();
    first.run();
    return true;
  }
}
