import type { EngineView } from "../../core/engine.ts";
import type { LogTradeIntent } from "../../core/intent.ts";
import type { GridParameters } from "./parameters.ts";
import { type Rung, type RungSums, sums } from "./rung.ts";
import { nothing, untold } from "./told.ts";
import { closeLines, lostLines, type TradeLine } from "./trade-line.ts";

/** Finished rungs whose exits closed more than was theirs, and that nobody has lost yet. */
const OVER_MAX = 100;

/** A grid's part of the trade log: a line for every part that was closed, by whomever, and the counters of this life. */
export class TradeLines {
  readonly #parameters: GridParameters;
  readonly #toldTaken = nothing();
  readonly #over: Rung[] = [];
  #isRecalling = false;
  #cycles = 0;
  #stops = 0;
  #realized = 0;

  constructor(parameters: GridParameters) {
    this.#parameters = parameters;
  }

  /** Rungs that their take profit closed, since the start of this life. */
  get cycles(): number {
    return this.#cycles;
  }

  /** Parts that a stop closed, since the start of this life. */
  get stops(): number {
    return this.#stops;
  }

  /** Profit before fees of all that was closed since the start of this life. */
  get realized(): number {
    return this.#realized;
  }

  /** Lines for what a rung closed, or lost, since the last time; `others` are the engine's rungs. */
  of(rung: Rung, sum: RungSums, others: Iterable<Rung>, view: EngineView): readonly LogTradeIntent[] {
    const lines = [
      ...closeLines(rung, sum, this.#parameters, view),
      ...(rung.lost > rung.told.lost
        ? lostLines(rung, sum, [...this.#over, ...others], this.#toldTaken, this.#parameters, view)
        : []),
    ];
    if (lines.length === 0) return [];
    if (!this.#isRecalling) this.#count(lines, sum);
    return lines.map(({ fields }) => ({ type: "logTrade", fields }));
  }

  /**
   * A start: lines of the cycles that ended last, as a whole, and from now on of those that go on. They count for no counter
   * of this life, and the log leaves out what it has.
   */
  recall(finished: readonly Rung[], view: EngineView): readonly LogTradeIntent[] {
    this.#isRecalling = true;
    return finished.flatMap((rung) => this.of(rung, sums(rung), finished, view));
  }

  /** The start is over. */
  recalled(): void {
    this.#isRecalling = false;
  }

  /** A cycle is over: what its exits closed beyond its own lots is told with the rung that lost them. */
  finished(rung: Rung): void {
    if (untold(rung).length === 0 || this.#over.includes(rung)) return;
    this.#over.push(rung);
    if (this.#over.length > OVER_MAX) this.#over.shift();
  }

  #count(lines: readonly TradeLine[], sum: RungSums): void {
    for (const line of lines) {
      this.#realized += line.profit;
      if (line.isStop) this.#stops += 1;
    }
    if (sum.held === 0 && lines.some(({ isTakeProfit }) => isTakeProfit)) this.#cycles += 1;
  }
}
