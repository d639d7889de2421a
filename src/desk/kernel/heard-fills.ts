import type { FillEvent } from "../../core/event.ts";
import type { Truth } from "../../core/truth.ts";

/** Wall time for which an execution that was told is remembered. */
const KEPT_MS = 60_000;

/** The executions that were told lately, apart from readings: one that began later and lacks any of them is old (I9). */
export class HeardFills {
  /** Oldest first. */
  readonly #fills = new Map<string, FillEvent>();

  /** An execution is told. */
  add(fill: FillEvent): void {
    this.#forget(fill.wallAt);
    this.#fills.set(keyOf(fill), fill);
  }

  /** Whether a reading lacks an execution that was told before it began. */
  isLackedBy({ fills, startedWallAt, historyFrom, instruments }: Truth): boolean {
    this.#forget(startedWallAt);
    if (this.#fills.size === 0) return false;
    const shown = new Set(fills.map(keyOf));
    return [...this.#fills].some(
      ([key, { at, wallAt, instrument }]) =>
        wallAt < startedWallAt && at >= historyFrom && instruments.includes(instrument) && !shown.has(key),
    );
  }

  #forget(now: number): void {
    for (const [key, { wallAt }] of this.#fills) {
      if (now - wallAt <= KEPT_MS) return;
      this.#fills.delete(key);
    }
  }
}

const keyOf = ({ instrument, tradeId }: FillEvent): string => `${instrument}:${tradeId}`;
