import type { LifeSign } from "../observe/life-file.ts";

/** What a watchdog tells people. */
export type Word =
  | {
      readonly type: "silent";
      readonly last: LifeSign | undefined;
      readonly forMs: number;
      readonly isAgain: boolean;
    }
  | {
      readonly type: "back";
      readonly sign: LifeSign;
      readonly forMs: number;
      readonly isNewProcess: boolean;
    };

/** Whoever looks less often than this was asleep itself, and knows nothing of the time in between. */
const LOOK_MS_MAX = 5_000;
/** How often it is said that a desk is still silent. */
const AGAIN_MS = 3_600_000;

/** Judges by a desk's signs of life whether something has to be said. Times in milliseconds of a clock that never jumps. */
export class Vigil {
  readonly #limitMs: number;
  #last: LifeSign | undefined;
  #seen: LifeSign | undefined;
  #lookedAt: number | undefined;
  #silentMs = 0;
  #toldMs: number | undefined;

  /** `limitMs`: how long a desk may be silent. */
  constructor(limitMs: number) {
    this.#limitMs = limitMs;
  }

  /** Takes the sign that stands there now; gives what is to be said, if anything. */
  look(sign: LifeSign | undefined, now: number): Word | undefined {
    this.#silentMs += Math.min(LOOK_MS_MAX, now - (this.#lookedAt ?? now));
    this.#lookedAt = now;
    if (sign !== undefined && !isSame(sign, this.#seen)) {
      this.#seen = sign;
      if (!this.#isOnlyStarting(sign)) return this.#heard(sign);
    }
    if (this.#last?.isOver === true) return undefined;
    const dueMs = this.#toldMs === undefined ? this.#limitMs : this.#toldMs + AGAIN_MS;
    if (this.#silentMs < dueMs) return undefined;
    const isAgain = this.#toldMs !== undefined;
    this.#toldMs = this.#silentMs;
    return { type: "silent", last: this.#last, forMs: this.#silentMs, isAgain };
  }

  /** After a desk that traded: one that has not read the account yet may never come so far, however often it is started. */
  #isOnlyStarting({ boot, held, isOver }: LifeSign): boolean {
    const last = this.#last;
    const hasTraded = last?.held !== undefined && !last.isOver;
    return hasTraded && boot !== last.boot && held === undefined && !isOver;
  }

  #heard(sign: LifeSign): Word | undefined {
    const [before, forMs] = [this.#last, this.#silentMs];
    const wasTold = this.#toldMs !== undefined;
    this.#last = sign;
    this.#silentMs = 0;
    this.#toldMs = undefined;
    return wasTold ? { type: "back", sign, forMs, isNewProcess: sign.boot !== before?.boot } : undefined;
  }
}

const isSame = (a: LifeSign, b: LifeSign | undefined): boolean => a.boot === b?.boot && a.beat === b.beat;
