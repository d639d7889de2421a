import type { InstrumentId } from "../../core/instrument.ts";
import type { Millis, Value } from "../../core/units.ts";

/** Keys that were seen, the newest so many of them. */
export class Remembered {
  readonly #keys = new Set<string>();
  readonly #most: number;

  constructor(most: number) {
    this.#most = most;
  }

  get size(): number {
    return this.#keys.size;
  }

  has(key: string): boolean {
    return this.#keys.has(key);
  }

  add(key: string): void {
    this.#keys.add(key);
    const oldest = this.#keys.size > this.#most ? this.#keys.values().next().value : undefined;
    if (oldest !== undefined) this.#keys.delete(oldest);
  }

  /** Forgets it; true when it was there. */
  delete(key: string): boolean {
    return this.#keys.delete(key);
  }
}

/** Funding payments that are remembered: the stream and the income history may both tell of one. */
const FUNDINGS_KEPT = 500;
/** Payments of one settlement are told within this market time of each other. */
const FUNDING_BUCKET_MS = 600_000;

/** Tells a funding payment from the same one told again. */
export class Fundings {
  readonly #keys = new Remembered(FUNDINGS_KEPT);

  /** Whether it is news; from then on it is not. */
  take(instrument: InstrumentId, at: Millis, amount: Value): boolean {
    const bucket = Math.round(at / FUNDING_BUCKET_MS);
    for (const near of [bucket - 1, bucket, bucket + 1])
      if (this.#keys.has(`${instrument}:${near}:${amount}`)) return false;
    this.#keys.add(`${instrument}:${bucket}:${amount}`);
    return true;
  }
}
