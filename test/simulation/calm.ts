/** After trouble the desk has this long (wall) to notice, ask and mend before its promises in seconds count again. */
const RECOVERY_MS = 12_000;

/**
 * Knows since when nothing has gone wrong: promises "while the exchange answers" count from there (DESIGN.md section 4,
 * I3). Trouble is whatever keeps news or requests from coming through: a request without its plain answer, a message
 * lost or late, a broken socket, a clock that is off, a desk that is down or starting.
 */
export class Calm {
  /** Wall times at which a message about the account was lost while its socket lived. */
  readonly unheard: number[] = [];
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
  /** By kind and id: thousands of orders are asked about several times a second, so no key is made of the two. */
  readonly #since = new Map<string, Map<string, number>>();

  /** Wall milliseconds for which it has been wrong since the later of its beginning and `calmFrom`; 0 when it isn't. */
  measure(kind: string, id: string, isWrong: boolean, now: number, calmFrom: number): number {
    if (!isWrong) {
      this.right(kind, id);
      return 0;
    }
    const of = this.#since.get(kind) ?? new Map<string, number>();
    this.#since.set(kind, of);
    const since = of.get(id) ?? now;
    of.set(id, since);
    return Math.max(0, now - Math.max(since, calmFrom));
  }

  /** It is as it should be. */
  right(kind: string, id: string): void {
    const of = this.#since.get(kind);
    if (of !== undefined && of.size > 0) of.delete(id);
  }
}

/**
 * How long lots have been missing without an excuse, each since it went missing: several rungs may each be late for a
 * moment, one after the other. Lots that are there again are taken for the ones that were missing longest.
 */
export class Shortage {
  readonly #missing = new Map<string, { readonly since: number; lots: number }[]>();

  /** Wall milliseconds since the later of `calmFrom` and when the longest missing lot went missing; 0 when none is. */
  measure(key: string, lots: number, now: number, calmFrom: number): number {
    const missing = this.#missing.get(key) ?? [];
    this.#missing.set(key, missing);
    let more = lots - missing.reduce((sum, part) => sum + part.lots, 0);
    if (more > 0) missing.push({ since: now, lots: more });
    for (let oldest = missing[0]; more < 0 && oldest !== undefined; oldest = missing[0]) {
      const back = Math.min(oldest.lots, -more);
      oldest.lots -= back;
      more += back;
      if (oldest.lots === 0) missing.shift();
    }
    return Math.max(0, now - Math.max(missing[0]?.since ?? now, calmFrom));
  }
}
