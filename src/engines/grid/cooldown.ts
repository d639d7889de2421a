import { type Millis, millis } from "../../core/units.ts";

/**
 * Market time between two entries (seed S1-15, X28). It follows how many rungs wait for their close, of all that may be
 * taken: under a sixth a quarter of the wait, under a third half, under two thirds the whole, above that double.
 */
export function cooldownOf(waiting: number, ordersMax: number, waitMs: Millis): Millis {
  if (waiting * 6 < ordersMax) return millis(Math.floor(waitMs / 4));
  if (waiting * 3 < ordersMax) return millis(Math.floor(waitMs / 2));
  return millis(waiting * 3 < ordersMax * 2 ? waitMs : waitMs * 2);
}

/** When the last entries and closes were. All of it is found again from the engine's own orders. */
export class Cooldown {
  readonly #ordersMax: number;
  readonly #waitMs: Millis;
  /** Market time of the last entry, and of the last one without the one that was wanted last. */
  #lastAt: Millis = millis(0);
  #lastWithoutWanted: Millis = millis(0);
  /** Market time at which a close was last filled whole: later than the last entry, it ends the wait. */
  #closedAt: Millis = millis(0);

  constructor(ordersMax: number, waitMs: Millis) {
    this.#ordersMax = ordersMax;
    this.#waitMs = waitMs;
  }

  /** An entry is wanted now. */
  wanted(at: Millis): void {
    this.#lastWithoutWanted = this.#lastAt;
    if (at > this.#lastAt) this.#lastAt = at;
  }

  /** The one that was wanted last never came to rest: it starts no wait. */
  forget(): void {
    this.#lastAt = this.#lastWithoutWanted;
  }

  /** An entry rests, or was found on the exchange. */
  rests(createdAt: Millis): void {
    if (createdAt > this.#lastAt) this.#lastAt = createdAt;
    this.#lastWithoutWanted = this.#lastAt;
  }

  /** A close was filled whole. */
  closed(at: Millis): void {
    if (at > this.#closedAt) this.#closedAt = at;
  }

  /** Whether the next entry still waits. `waiting` is only counted when it matters. */
  isOn(at: Millis, waiting: () => number): boolean {
    if (this.#closedAt > this.#lastAt) return false;
    const passed = at - this.#lastAt;
    if (passed < Math.floor(this.#waitMs / 4)) return true;
    if (passed >= this.#waitMs * 2) return false;
    return passed < cooldownOf(waiting(), this.#ordersMax, this.#waitMs);
  }

  /** When the wait is over, if so many rungs go on to wait for their close. */
  endsAt(waiting: number): Millis {
    return this.#closedAt > this.#lastAt
      ? this.#closedAt
      : millis(this.#lastAt + cooldownOf(waiting, this.#ordersMax, this.#waitMs));
  }

  /** For the state hash. */
  canonical(): unknown {
    return [this.#lastAt, this.#lastWithoutWanted, this.#closedAt];
  }
}
