import type { FillEvent, TruthEvent } from "../../core/event.ts";
import type { Truth } from "../../core/truth.ts";

/** Wall time for which an execution that was told is remembered. */
const KEPT_MS = 60_000;

/** Exchanges keep executions for longer than this, market milliseconds: a younger one that is not shown any more was cut off. */
const LISTED_MS = 30 * 86_400_000;

/**
 * The executions that were told lately, apart from readings: one that began later and lacks any of them is old (I9). While the
 * desk starts, those that an earlier reading showed count as well: a list that lacks one of them was cut short.
 */
export class HeardFills {
  /** Oldest first. */
  readonly #fills = new Map<string, FillEvent>();
  readonly #read = new Map<string, FillEvent>();

  /** An execution is told. */
  add(fill: FillEvent): void {
    this.#forget(fill.wallAt);
    this.#fills.set(keyOf(fill), fill);
  }

  /** Whether a reading lacks an execution that was told before it began. */
  isLackedBy({ at: readAt, truth }: Pick<TruthEvent, "at" | "truth">): boolean {
    const { fills, startedWallAt, historyFrom, instruments } = truth;
    this.#forget(startedWallAt);
    if (this.#fills.size + this.#read.size === 0) return false;
    const shown = new Set(fills.map(keyOf));
    const isCut = ([key, { at, instrument }]: readonly [string, FillEvent]): boolean =>
      at >= historyFrom && instruments.includes(instrument) && !shown.has(key);
    return (
      [...this.#fills].some((each) => each[1].wallAt < startedWallAt && isCut(each)) ||
      [...this.#read].some((each) => each[1].at >= readAt - LISTED_MS && isCut(each))
    );
  }

  /** A reading of the start is in; those after it have to show its executions, until the start is over. */
  read({ fills }: Truth, isStarting: boolean): void {
    if (!isStarting) this.#read.clear();
    else for (const fill of fills) this.#read.set(keyOf(fill), fill);
  }

  #forget(now: number): void {
    for (const [key, { wallAt }] of this.#fills) {
      if (now - wallAt <= KEPT_MS) return;
      this.#fills.delete(key);
    }
  }
}

const keyOf = ({ instrument, tradeId }: FillEvent): string => `${instrument}:${tradeId}`;
