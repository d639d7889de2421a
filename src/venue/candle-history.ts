import type { InstrumentId } from "../core/instrument.ts";
import { type Lots, lots, type Millis, millis, ticks } from "../core/units.ts";
import { selection } from "./archive.ts";
import type { HistoryQuery, VenueCandle } from "./exchange.ts";
import type { MarketPoint } from "./market-source.ts";

/** The candles that the market walked so far and the one it is in, built from the points themselves. */
export class CandleHistory {
  readonly #candleMs: number;
  readonly #closed: VenueCandle[] = [];
  #forming: { -readonly [K in keyof VenueCandle]: VenueCandle[K] } | undefined;

  constructor(candleMs: number) {
    this.#candleMs = candleMs;
  }

  /** How many candles are complete. */
  get walked(): number {
    return this.#closed.length;
  }

  /** Takes a point in; afterwards `current` is its candle. */
  take(point: MarketPoint): void {
    const { price, candleOpenAt, candleCloseAt } = point;
    let forming = this.#forming;
    if (forming === undefined || forming.openAt !== candleOpenAt) {
      forming = {
        openAt: candleOpenAt,
        closeAt: candleCloseAt,
        open: price,
        high: price,
        low: price,
        close: price,
        volume: lots(0),
      };
      this.#forming = forming;
    }
    if (price > forming.high) forming.high = price;
    if (price < forming.low) forming.low = price;
    forming.close = price;
    forming.volume = (forming.volume + point.lots) as Lots;
    if (point.isLast) {
      this.#closed.push(forming);
    }
  }

  /** The candle of the last point, as it stands. */
  current(): VenueCandle | undefined {
    return this.#forming && { ...this.#forming };
  }

  /**
   * Candles of an interval, oldest first, the unfinished one last (its `closeAt` is still to come). Intervals that
   * are no multiple of the market's own candles have none.
   */
  select(intervalMs: number, query: HistoryQuery): readonly VenueCandle[] {
    if (intervalMs < this.#candleMs || intervalMs % this.#candleMs !== 0) return [];
    const last = this.#closed[this.#closed.length - 1];
    const own = this.#forming && this.#forming !== last ? [...this.#closed, this.#forming] : this.#closed;
    const candles = intervalMs === this.#candleMs ? own : joined(own, intervalMs);
    return selection(candles, query, candleFacts).map((candle) => ({ ...candle }));
  }
}

const candleFacts = (
  candle: VenueCandle,
): { readonly id: number; readonly instrument?: InstrumentId; readonly createdAt: Millis } => ({
  id: candle.openAt,
  createdAt: candle.openAt,
});

function joined(candles: readonly VenueCandle[], intervalMs: number): VenueCandle[] {
  const found: VenueCandle[] = [];
  for (const candle of candles) {
    const openAt = millis(Math.floor(candle.openAt / intervalMs) * intervalMs);
    const last = found[found.length - 1];
    if (last?.openAt !== openAt) {
      found.push({ ...candle, openAt, closeAt: millis(openAt + intervalMs - 1) });
      continue;
    }
    found[found.length - 1] = {
      ...last,
      high: ticks(Math.max(last.high, candle.high)),
      low: ticks(Math.min(last.low, candle.low)),
      close: candle.close,
      volume: lots(last.volume + candle.volume),
    };
  }
  return found;
}
