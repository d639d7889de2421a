import type { Effect } from "../../src/desk/kernel/effect.ts";
import { GridMetrics } from "../../src/engines/grid/metrics.ts";

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
  #purseMax = 0;
  #pursesMax = 0;
  #sum = 0;
  #minutes = 0;

  /** The effects of one turn. */
  turn(effects: readonly Effect[]): void {
    for (const effect of effects) {
      if (effect.type !== "logTrade" && effect.type !== "logEquity") continue;
      this.#metrics.add(effect.fields);
      if (effect.type === "logEquity") this.#purses(String(effect.fields["Purses"] ?? ""));
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
      stuck: recovery.stuck,
      ended: recovery.ended,
      recovered: recovery.recovered,
      byHow: recovery.byHow.map(({ how, count, recovered, net, closedAtOnce }) => ({
        how,
        count,
        recovered,
        net,
        closedAtOnce,
      })),
    };
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
