import type { Clock } from "../../desk/ports.ts";

/** Wall time that the stream's word of an execution may come after a reading's. */
const LATE_MS = 4_000;

/**
 * Notices a private stream that is open and deaf: a reading shows an execution, and the stream tells neither of it nor of
 * anything after it. Pings don't give that away: a socket whose key has expired answers them, and the one message that
 * would say so may be lost. Times are the exchange's own, of its messages and of its executions.
 */
export class Hearing {
  readonly #clock: Clock;
  readonly #deaf: () => void;
  /** Counts openings, so that a reading which began in an earlier one says nothing. */
  #opening = 0;
  #heardAt = 0;
  /** What the first reading after an opening shows may be of before: it need not be told. */
  #toldUntil: number | undefined;
  #cancelWait: (() => void) | undefined;

  /** `deaf` hears that the stream is to be opened anew. */
  constructor(clock: Clock, deaf: () => void) {
    this.#clock = clock;
    this.#deaf = deaf;
  }

  /** Names the present opening of the stream. */
  get opening(): number {
    return this.#opening;
  }

  /** The stream was opened, or is open no longer. */
  changed(): void {
    this.#opening += 1;
    this.#heardAt = 0;
    this.#toldUntil = undefined;
    this.#cancelWait?.();
    this.#cancelWait = undefined;
  }

  /** A message of the stream that was sent at this time. */
  heard(at: unknown): void {
    if (typeof at === "number" && at > this.#heardAt) this.#heardAt = at;
  }

  /** A reading that began in the named opening of the stream, with the time of the newest execution in it. */
  read(newestAt: number, opening: number): void {
    if (opening !== this.#opening) return;
    this.#toldUntil ??= newestAt;
    if (!this.#isUntold(newestAt) || this.#cancelWait !== undefined) return;
    this.#cancelWait = this.#clock.after(LATE_MS, () => {
      this.#cancelWait = undefined;
      if (this.#isUntold(newestAt)) this.#deaf();
    });
  }

  #isUntold(at: number): boolean {
    return at > Math.max(this.#heardAt, this.#toldUntil ?? at);
  }
}
