const EPOCH = 1_420_070_400_000n;

/** Makes Discord ids: the time in ms since 2015 above 22 bits, and a count below, so that ids of one run never repeat and always rise. */
export class Snowflakes {
  #last = 0n;

  /** The next id. */
  next(): string {
    const now = (BigInt(Date.now()) - EPOCH) << 22n;
    this.#last = now > this.#last ? now : this.#last + 1n;
    return String(this.#last);
  }
}
