import type { InstrumentId } from "../core/instrument.ts";
import type { Lots, Millis, Rate, Ticks } from "../core/units.ts";

/** One point of a market's path: the price goes from the point before straight to this one. */
export interface MarketPoint {
  readonly instrument: InstrumentId;
  /** Market time; never before the point before. */
  readonly at: Millis;
  /** The last traded price. */
  readonly price: Ticks;
  /** The mark price; the traded price when there is none. */
  readonly mark?: Ticks;
  /** What was traded on the way here. */
  readonly lots: Lots;
  /** Volume of the whole candle: it sets the seeded depth and the spread. */
  readonly candleLots: Lots;
  readonly candleOpenAt: Millis;
  /** Last millisecond of the candle. */
  readonly candleCloseAt: Millis;
  /** True for the point that closes its candle. */
  readonly isLast: boolean;
}

/** Where the built-in exchange's market comes from: a candle file, a seeded synthetic market, or a script. */
export interface MarketSource {
  readonly instruments: readonly InstrumentId[];
  /** Length of a candle in milliseconds. */
  readonly candleMs: number;
  /** Time of the point that `next` will give; undefined when there are no more. */
  nextAt(): Millis | undefined;
  /** Takes the next point. */
  next(): MarketPoint | undefined;
  /** The rate that longs pay shorts at the funding time `at`; the exchange's standing rate when absent. */
  fundingRate?(instrument: InstrumentId, at: Millis): Rate | undefined;
}

/** Several markets walked side by side in the order of time; equal times go in the order given. */
export function mergedMarket(sources: readonly MarketSource[]): MarketSource {
  const soonest = (): MarketSource | undefined => {
    let found: MarketSource | undefined;
    let foundAt = Number.POSITIVE_INFINITY;
    for (const source of sources) {
      const at = source.nextAt();
      if (at !== undefined && at < foundAt) {
        found = source;
        foundAt = at;
      }
    }
    return found;
  };
  return {
    instruments: sources.flatMap((source) => source.instruments),
    candleMs: Math.min(...sources.map((source) => source.candleMs)),
    nextAt: () => soonest()?.nextAt(),
    next: () => soonest()?.next(),
    fundingRate: (instrument, at) =>
      sources.find((source) => source.instruments.includes(instrument))?.fundingRate?.(instrument, at),
  };
}
