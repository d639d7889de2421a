import type { LifeSign } from "../observe/life-file.ts";

/** What a watchdog tells people. */
export type Word =
  | {
      readonly type: "silent";
      /** The last sign of a desk that had read its account, or that somebody ended. */
      readonly last: LifeSign | undefined;
      /** What was started since and has not read its account. */
      readonly starting: Starting | undefined;
      readonly forMs: number;
      readonly isAgain: boolean;
    }
  | { readonly type: "ended"; readonly sign: LifeSign }
  | {
      readonly type: "back";
      readonly sign: LifeSign;
      readonly forMs: number;
      readonly isNewProcess: boolean;
    };

/** A desk that is started and gets no further. */
export interface Starting {
  readonly sign: LifeSign;
  /** How many processes were seen at it. */
  readonly starts: number;
}

/** Whoever looks less often than this was asleep itself, and knows nothing of the time in between. */
const LOOK_MS_MAX = 5_000;
/** How often it is said that a desk is still silent. */
const AGAIN_MS = 3_600_000;

/** Judges by a desk's signs of life whether something has to be said. Times in milliseconds of a clock that never jumps. */
export class Vigil {
  readonly #limitMs: number;
  #last: LifeSign | undefined;
  #seen: LifeSign | undefined;
  #starting: Starting | undefined;
  /** Somebody had ended it before anybody looked, and nobody was told of that yet. */
  #wasOver = false;
  #lookedAt: number | undefined;
  #silentMs = 0;
  #toldMs: number | undefined;

  /** `limitMs`: how long a desk may be silent. */
  constructor(limitMs: number) {
    this.#limitMs = limitMs;
  }

  /** Takes the sign that stands there now; gives what is to be said, if anything. */
  look(sign: LifeSign | undefined, now: number): Word | undefined {
    if (this.#lookedAt === undefined) this.#wasOver = sign?.isOver === true;
    this.#silentMs += Math.min(LOOK_MS_MAX, now - (this.#lookedAt ?? now));
    this.#lookedAt = now;
    if (sign !== undefined && !isSame(sign, this.#seen)) {
      this.#seen = sign;
      if (!isOnlyStarting(sign)) return this.#heard(sign);
      this.#isStarted(sign);
    }
    if (this.#last?.isOver === true && this.#starting === undefined) return this.#endedBefore(this.#last);
    const dueMs = this.#toldMs === undefined ? this.#limitMs : this.#toldMs + AGAIN_MS;
    if (this.#silentMs < dueMs) return undefined;
    const isAgain = this.#toldMs !== undefined;
    this.#toldMs = this.#silentMs;
    const [last, starting, forMs] = [this.#last, this.#starting, this.#silentMs];
    return { type: "silent", last, starting, forMs, isAgain };
  }

  /** An end from before the watchdog began is told once: whoever began it expects something to run, maybe another desk. */
  #endedBefore(sign: LifeSign): Word | undefined {
    if (!this.#wasOver || this.#silentMs < this.#limitMs) return undefined;
    this.#wasOver = false;
    return { type: "ended", sign };
  }

  /** A start ends no silence: it may never come so far as to trade. Where none was expected to run, the time begins with it. */
  #isStarted(sign: LifeSign): void {
    const before = this.#starting;
    const wasWanted = this.#last?.isOver === false || this.#toldMs !== undefined;
    if (before === undefined && !wasWanted) this.#silentMs = 0;
    const starts = (before?.starts ?? 0) + (before?.sign.boot === sign.boot ? 0 : 1);
    this.#starting = { sign, starts };
  }

  #heard(sign: LifeSign): Word | undefined {
    const [before, forMs] = [this.#last, this.#silentMs];
    const wasTold = this.#toldMs !== undefined;
    this.#last = sign;
    this.#wasOver &&= sign.isOver;
    this.#starting = undefined;
    this.#silentMs = 0;
    this.#toldMs = undefined;
    return wasTold ? { type: "back", sign, forMs, isNewProcess: sign.boot !== before?.boot } : undefined;
  }
}

/** One that has not read its account holds nothing that it could look after. */
const isOnlyStarting = ({ held, isOver }: LifeSign): boolean => held === undefined && !isOver;

const isSame = (a: LifeSign, b: LifeSign | undefined): boolean => a.boot === b?.boot && a.beat === b.beat;
