/** After trouble the desk has this long (wall) to notice, ask and mend before its promises in seconds count again. */
const RECOVERY_MS = 12_000;

/**
 * Knows since when nothing has gone wrong: promises "while the exchange answers" count from there (DESIGN.md section 4,
 * I3). Trouble is whatever keeps news or requests from coming through: a request without its plain answer, a message
 * lost or late, a broken socket, a clock that is off, a desk that is down or starting.
 */
export class Calm {
  #until = 0;
  #last = "";

  /** Trouble until a wall time. */
  trouble(what: string, until: number): void {
    if (until < this.#until) return;
    this.#until = until;
    this.#last = what;
  }

  /** Wall time from which all is calm and the desk has had its time to recover. */
  get from(): number {
    return this.#until + RECOVERY_MS;
  }

  get lastTrouble(): string {
    return this.#last;
  }
}

/** How long something has been wrong without an excuse. */
export class Overdue {
  readonly #since = new Map<string, number>();

  /** Wall milliseconds for which it has been wrong since the later of its beginning and `calmFrom`; 0 when it isn't. */
  measure(key: string, isWrong: boolean, now: number, calmFrom: number): number {
    if (!isWrong) {
      if (this.#since.size > 0) this.#since.delete(key);
      return 0;
    }
    const since = this.#since.get(key) ?? now;
    this.#since.set(key, since);
    return Math.max(0, now - Math.max(since, calmFrom));
  }
}
