import type { EngineView } from "../../core/engine.ts";
import type { LogTradeIntent } from "../../core/intent.ts";
import { moneyText } from "../../core/text.ts";
import { value } from "../../core/units.ts";
import { endsOf } from "./health-lines.ts";
import type { GridParameters } from "./parameters.ts";
import { type Rung, type RungSums, sums } from "./rung.ts";
import { entriesOf, nothing } from "./told.ts";
import {
  closeLines,
  directionOf,
  givenBackLines,
  lostLines,
  repricedLine,
  type TradeLine,
} from "./trade-line.ts";

/** Finished rungs whose exits closed more than was theirs: others lost that, and late news may say who. */
const OVER_MAX = 100;

/** Profit before fees, and fees. */
interface Sums {
  pnl: number;
  fees: number;
}

/** A grid's part of the trade log: a line for every part that was closed, by whomever, and the counters of this life. */
export class TradeLines {
  readonly #parameters: GridParameters;
  readonly #toldTaken = nothing();
  readonly #over: Rung[] = [];
  /** Of all lines of this life, and what the share had made beyond them when it began. */
  readonly #toldSums: Sums = { pnl: 0, fees: 0 };
  #base: Readonly<Sums> = { pnl: 0, fees: 0 };
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

  /** Whether the log has lots that others took. */
  get isTakenTold(): boolean {
    return this.#toldTaken.lots !== 0;
  }

  /** Lines for what a rung's own orders closed since the last time. */
  of(rung: Rung, sum: RungSums, view: EngineView): readonly LogTradeIntent[] {
    const lines = closeLines(rung, sum, this.#parameters, view);
    if (this.#toldTaken.lots === 0) return this.#told(lines, sum);
    return this.#told([...lines, ...this.#repriced(rung, sum, view)], sum);
  }

  /**
   * What rungs lost without an order of their own was shared out anew: what any of them has back is told first, since it
   * may be what another one lost.
   */
  lost(rungs: readonly Rung[], view: EngineView): readonly LogTradeIntent[] {
    const parameters = this.#parameters;
    const of = (make: (rung: Rung, sum: RungSums) => readonly TradeLine[]): readonly LogTradeIntent[] =>
      rungs.flatMap((rung) => {
        const sum = sums(rung);
        return this.#told(make(rung, sum), sum);
      });
    const sources = [...this.#over, ...rungs];
    return [
      ...of((rung, sum) => givenBackLines(rung, sum, parameters, view)),
      ...of((rung, sum) => closeLines(rung, sum, parameters, view)),
      ...of((rung, sum) => lostLines(rung, sum, sources, this.#toldTaken, parameters, view)),
      ...of((rung, sum) => this.#repriced(rung, sum, view)),
    ];
  }

  /** A start: lines count for no counter of this life from now on, and the log leaves out what it has. */
  recall(): void {
    this.#isRecalling = true;
  }

  /**
   * The start is over: what these rungs closed that is not told yet, cycles that are over among them, and how those ended;
   * `legOf` finds the hedges of these.
   */
  recalled(
    rungs: readonly Rung[],
    legOf: (rung: Rung) => Rung | undefined,
    view: EngineView,
  ): readonly LogTradeIntent[] {
    for (const rung of rungs) this.finished(rung);
    const lines = this.lost(rungs, view);
    this.#isRecalling = false;
    this.#base = this.#sumsToTell(rungs, view);
    return [...lines, ...endsOf(rungs, legOf, this.#parameters, view)];
  }

  /** Whether `settled` has nothing to tell. */
  isSettled(view: EngineView): boolean {
    const { instrument, positionSide } = this.#parameters;
    if (view.position(instrument, positionSide).lots !== 0) return true;
    const { pnl, fees } = this.#sumsToTell([], view);
    return pnl === this.#base.pnl && fees === this.#base.fees;
  }

  /**
   * Whenever nothing is held, the log must say what the engine's share of the account says, to the step. What late news left
   * over between cycles is told by a line without lots.
   */
  settled(view: EngineView): readonly LogTradeIntent[] {
    const { engine, instrument, positionSide } = this.#parameters;
    if (this.#isRecalling || view.position(instrument, positionSide).lots !== 0) return [];
    const now = this.#sumsToTell([], view);
    const pnl = value(now.pnl - this.#base.pnl);
    const fees = value(now.fees - this.#base.fees);
    if (pnl === 0 && fees === 0) return [];
    this.#base = now;
    this.#realized += pnl;
    return [
      {
        type: "logTrade",
        fields: {
          Engine: engine,
          Symbol: instrument,
          Action: "CORRECTION",
          Size: "0",
          PnL: moneyText(pnl, 8),
          Fees: moneyText(fees, 8),
          Cause: "lateNews",
          At: view.at,
        },
      },
    ];
  }

  /** A cycle is over, or late news of one came: what its exits closed beyond its own lots is told with the rung that lost them. */
  finished(rung: Rung, { exitFilled, entryFilled } = sums(rung)): void {
    if (exitFilled <= entryFilled || this.#over.includes(rung)) return;
    this.#over.push(rung);
    if (this.#over.length > OVER_MAX) this.#over.shift();
  }

  #repriced(rung: Rung, sum: RungSums, view: EngineView): readonly TradeLine[] {
    const line = repricedLine(rung, sum, this.#toldTaken, this.#parameters, view);
    return line === undefined ? [] : [line];
  }

  #told(lines: readonly TradeLine[], sum: RungSums): readonly LogTradeIntent[] {
    if (lines.length === 0) return [];
    for (const { profit, fees } of lines) {
      this.#toldSums.pnl += profit;
      this.#toldSums.fees += fees;
    }
    if (!this.#isRecalling) this.#count(lines, sum);
    return lines.map(({ fields }) => ({ type: "logTrade", fields }));
  }

  /** What the share made, less what is told of it, as if what these rungs hold were sold for what it cost. */
  #sumsToTell(rungs: readonly Rung[], view: EngineView): Sums {
    const { instrument: id, positionSide } = this.#parameters;
    const share = view.position(id, positionSide);
    const direction = directionOf(view.instrument(id), this.#parameters);
    const held = { cost: 0, fees: 0 };
    for (const rung of rungs) {
      const entries = entriesOf(rung, sums(rung));
      held.cost += entries.cost - rung.told.entry.cost;
      held.fees += entries.fees - rung.told.entry.fees;
    }
    return {
      pnl: share.realized - share.cost + held.cost * direction - this.#toldSums.pnl,
      fees: share.fees - held.fees - this.#toldSums.fees,
    };
  }

  #count(lines: readonly TradeLine[], sum: RungSums): void {
    for (const line of lines) {
      this.#realized += line.profit;
      if (line.isStop) this.#stops += 1;
    }
    if (sum.held === 0 && lines.some(({ isTakeProfit }) => isTakeProfit)) this.#cycles += 1;
  }
}
