import type { Clock } from "../desk/ports.ts";

/** Strangers and places that are counted apart; of the one that was there first, the count is told and begins anew. */
const STRANGERS_MAX = 1_000;
/** What was counted and not told is told after so long. */
const TOLD_WITHIN_MS = 60_000;

/** What one stranger tried in one place. Over all lines of a stranger, `attempts` adds up to all that was tried. */
export interface Attempts {
  readonly who: string;
  readonly where: string;
  /** The last of them, e.g. "a tap". */
  readonly what: string;
  /** Since the first one. */
  readonly count: number;
  /** Since the line before this. */
  readonly attempts: number;
}

interface Counted {
  readonly who: string;
  readonly where: string;
  what: string;
  count: number;
  told: number;
}

/**
 * Counts what strangers try, so that a flood of them floods neither log nor ledger and each attempt is still in them: the 1st, 10th,
 * 100th ... is told at once, the others together within a minute and at the end.
 */
export class Strangers {
  readonly #counted = new Map<string, Counted>();
  readonly #clock: Pick<Clock, "after">;
  readonly #tell: (attempts: Attempts) => void;
  #cancel: (() => void) | undefined;

  constructor(clock: Pick<Clock, "after">, tell: (attempts: Attempts) => void) {
    this.#clock = clock;
    this.#tell = tell;
  }

  /** Counts one attempt. */
  note(who: string, where: string, what: string): void {
    const key = `${who} ${where}`;
    let counted = this.#counted.get(key);
    if (counted === undefined) {
      this.#forget();
      counted = { who, where, what, count: 0, told: 0 };
      this.#counted.set(key, counted);
    }
    counted.what = what;
    counted.count += 1;
    if (Number.isInteger(Math.log10(counted.count))) this.#say(counted);
    else this.#cancel ??= this.#clock.after(TOLD_WITHIN_MS, () => this.flush());
  }

  /** Tells what was counted and not told. */
  flush(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    for (const counted of this.#counted.values()) this.#say(counted);
  }

  #forget(): void {
    if (this.#counted.size < STRANGERS_MAX) return;
    for (const [key, oldest] of this.#counted) {
      this.#say(oldest);
      this.#counted.delete(key);
      return;
    }
  }

  #say(counted: Counted): void {
    const { told, ...rest } = counted;
    if (rest.count === told) return;
    counted.told = rest.count;
    this.#tell({ ...rest, attempts: rest.count - told });
  }
}
