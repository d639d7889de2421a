import { lineKind, millisIn, type TradeFields, wordIn } from "../../src/core/trade-log.ts";
import { ONE } from "../../src/core/units.ts";
import type { Effect } from "../../src/desk/kernel/effect.ts";
import { GridMetrics } from "../../src/engines/grid/metrics.ts";
import type { GridParameters } from "../../src/engines/grid/parameters.ts";
import { type RecoveryFigures, RecoveryTally } from "../../src/engines/grid/recovery-tally.ts";

/** Issue S1 counts recoveries where stops are at least this wide, or off. */
const WIDE_STOP = 0.06 * ONE;
/** Market time within which a stop should be carried out. */
const LATE_MS = 30_000;

/** What one seed says about issue S1's safety metrics: of the lines that its desk writes, and of the exchange. */
export interface SafetyFigures {
  /** Executions that the exchange forced: liquidations. */
  readonly liquidations: number;
  /** The largest part of one purse, and of all together, that was in use on a minute's line. */
  readonly purseMax: number;
  readonly pursesMax: number;
  /** Sum and count of the minutes' use of all purses: for the typical one. */
  readonly purses: { readonly sum: number; readonly minutes: number };
  readonly stopFills: number;
  /** From the price's being seen beyond a stop's trigger to the execution, market milliseconds; 0: none was seen. */
  readonly stopLatencyMaxMs: number;
  /** Parts of stops that took longer than 30 s of market time. */
  readonly stopsLate: number;
  readonly all: Recoveries;
  /** Of engines whose stops are 6 % wide or more, or off. */
  readonly wide: Recoveries;
}

/** What became of stuck positions; money in value units. */
export interface Recoveries {
  readonly stuck: number;
  readonly ended: number;
  readonly recovered: number;
  readonly byHow: readonly {
    readonly how: string;
    readonly count: number;
    readonly recovered: number;
    readonly net: number;
    readonly closedAtOnce: number;
  }[];
}

/** Reads the lines for the trade log of one seed's desk, over all its lives. */
export class Safety {
  readonly #metrics = new GridMetrics();
  readonly #wide = new RecoveryTally();
  readonly #wideEngines: ReadonlySet<string>;
  #purseMax = 0;
  #pursesMax = 0;
  #sum = 0;
  #minutes = 0;
  #stopsLate = 0;

  constructor(grids: readonly GridParameters[]) {
    const isWide = ({ stopLoss }: GridParameters): boolean => (stopLoss ?? WIDE_STOP) >= WIDE_STOP;
    this.#wideEngines = new Set(grids.filter(isWide).map(({ engine }) => engine));
  }

  /** The effects of one turn. While another bot writes orders under our names the purses are not what the desk made of them. */
  turn(effects: readonly Effect[], isSecondBot: boolean): void {
    for (const effect of effects) {
      if (effect.type !== "logTrade" && effect.type !== "logEquity") continue;
      const verdict = this.#metrics.add(effect.fields);
      if (verdict.type === "counted") this.#counted(verdict.fields);
      if (effect.type === "logEquity" && !isSecondBot) this.#purses(String(effect.fields["Purses"] ?? ""));
    }
  }

  /** What it came to; `liquidations` is what the exchange counted. */
  figures(liquidations: number): SafetyFigures {
    const { stops, recovery } = this.#metrics.report();
    return {
      liquidations,
      purseMax: this.#purseMax,
      pursesMax: this.#pursesMax,
      purses: { sum: this.#sum, minutes: this.#minutes },
      stopFills: stops.count,
      stopLatencyMaxMs: stops.latencyMaxMs ?? 0,
      stopsLate: this.#stopsLate,
      all: recoveriesOf(recovery),
      wide: recoveriesOf(this.#wide.figures(0)),
    };
  }

  #counted(fields: TradeFields): void {
    if ((millisIn(fields, "StopLatencyMs") ?? 0) > LATE_MS) this.#stopsLate += 1;
    if (lineKind(fields) === "GRID_HEALTH" && this.#wideEngines.has(wordIn(fields, "Engine")))
      this.#wide.add(fields);
  }

  /** `ENGINE:USED/PURSE/EXPOSURE,...` of an equity line. */
  #purses(text: string): void {
    let [used, purses] = [0, 0];
    for (const part of text.split(",")) {
      const [one = Number.NaN, of = Number.NaN] = (part.split(":")[1] ?? "").split("/").map(Number);
      if (!(of > 0)) continue;
      used += one;
      purses += of;
      this.#purseMax = Math.max(this.#purseMax, one / of);
    }
    if (purses === 0) return;
    this.#pursesMax = Math.max(this.#pursesMax, used / purses);
    this.#sum += used / purses;
    this.#minutes += 1;
  }
}

const recoveriesOf = ({ stuck, ended, recovered, byHow }: RecoveryFigures): Recoveries => ({
  stuck,
  ended,
  recovered,
  byHow: byHow.map(({ how, count, recovered: well, net, closedAtOnce }) => ({
    how,
    count,
    recovered: well,
    net,
    closedAtOnce,
  })),
});
