import type { InstrumentId, MarginBracket, VenueId } from "./instrument.ts";
import type { Lots, Millis, Rate, Side, Ticks, Value } from "./units.ts";

/** Every event says when it was in the market (`at`) and when we heard of it (`wallAt`). */
export interface Times {
  readonly at: Millis;
  readonly wallAt: Millis;
}

/** News of one instrument on one venue. */
export interface OfMarket extends Times {
  readonly venue: VenueId;
  readonly instrument: InstrumentId;
}

/** Best bid and ask. */
export interface TopEvent extends OfMarket {
  readonly type: "top";
  readonly bid: Ticks;
  readonly bidLots: Lots;
  readonly ask: Ticks;
  readonly askLots: Lots;
}
/** A public trade. */
export interface TradeEvent extends OfMarket {
  readonly type: "trade";
  readonly price: Ticks;
  readonly lots: Lots;
  readonly takerSide: Side;
}
/** Mark price, index and the coming funding. */
export interface MarkEvent extends OfMarket {
  readonly type: "mark";
  readonly mark: Ticks;
  readonly index: Ticks;
  readonly fundingRate: Rate;
  readonly nextFundingAt: Millis;
}
/** A closed candle; `at` is its close. */
export interface CandleEvent extends OfMarket {
  readonly type: "candle";
  readonly timeframeMs: number;
  readonly openAt: Millis;
  readonly open: Ticks;
  readonly high: Ticks;
  readonly low: Ticks;
  readonly close: Ticks;
  readonly volume: Lots;
  /** History that arrives before trading starts. */
  readonly isWarmup: boolean;
}
/** The book's best levels, best first. */
export interface DepthEvent extends OfMarket {
  readonly type: "depth";
  readonly bids: readonly (readonly [Ticks, Lots])[];
  readonly asks: readonly (readonly [Ticks, Lots])[];
}
/** The exchange changed an instrument under us: filters, brackets, or whether it is traded at all. */
export interface InstrumentChangedEvent extends OfMarket {
  readonly type: "instrumentChanged";
  readonly brackets: readonly MarginBracket[];
  /** Prices must be whole multiples of so many of our ticks, 1 as long as the tick is the one we started with. Undefined: the new tick is no multiple of ours, only a restart can trade it. */
  readonly priceStep: number | undefined;
  /** The same for sizes, in our lots. */
  readonly lotStep: number | undefined;
  readonly notionalMin: Value;
  /** `closeOnly`: takes no increases (delisting is announced); `gone`: takes no orders at all. */
  readonly status: "trading" | "closeOnly" | "gone";
}
