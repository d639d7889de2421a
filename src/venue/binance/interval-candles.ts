import type { Instrument, InstrumentId } from "../../core/instrument.ts";
import { lots, millis, type Ticks } from "../../core/units.ts";
import type { Exchange, HistoryQuery, VenueCandle } from "../exchange.ts";
import { DAY, type Interval } from "./intervals.ts";

/** The market's candles of any of Binance's intervals, oldest first, the unfinished one last. */
export function candlesOf(
  exchange: Exchange,
  instrument: InstrumentId,
  interval: Interval,
  query: HistoryQuery,
): readonly VenueCandle[] {
  const span = interval.nextOf(interval.openOf(0)) - interval.openOf(0);
  if (span <= DAY) return exchange.candles(instrument, interval.baseMs, query);
  return picked(joinCandles(exchange.candles(instrument, DAY, {}), interval), query);
}

/** Joins candles, oldest first, into those of a longer interval. */
export function joinCandles(candles: readonly VenueCandle[], interval: Interval): readonly VenueCandle[] {
  const found: VenueCandle[] = [];
  for (const candle of candles) {
    const openAt = interval.openOf(candle.openAt);
    const last = found.at(-1);
    if (last?.openAt === openAt) found.pop();
    found.push(joined(last?.openAt === openAt ? last : undefined, candle, openAt, interval));
  }
  return found;
}

/** The candles that a query names: the first ones from its start, else the newest. */
export function picked(candles: readonly VenueCandle[], query: HistoryQuery): readonly VenueCandle[] {
  const { from = 0, to = Number.MAX_SAFE_INTEGER, limit = candles.length } = query;
  const found = candles.filter(({ openAt }) => openAt >= from && openAt <= to);
  return query.from === undefined ? found.slice(Math.max(0, found.length - limit)) : found.slice(0, limit);
}

interface Growing {
  /** The finished market candles of this interval, joined; undefined while there is none. */
  finished: VenueCandle | undefined;
  openAt: number;
}

/** Grows the candle of a longer interval from the market's own candles, one at a time. */
export class IntervalCandles {
  readonly #exchange: Exchange;
  readonly #growing = new Map<string, Growing>();

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
  }

  /** Takes in a market candle; what the interval's candle looks like with it, and whether that is its last word. */
  grow(
    instrument: InstrumentId,
    interval: Interval,
    candle: VenueCandle,
    isClosed: boolean,
  ): { readonly candle: VenueCandle; readonly isClosed: boolean } {
    const openAt = interval.openOf(candle.openAt);
    const endAt = interval.nextOf(openAt);
    if (candle.closeAt - candle.openAt + 1 >= endAt - openAt) return { candle, isClosed };
    const growing = this.#of(instrument, interval, openAt, candle);
    const grown = joined(growing.finished, candle, openAt, interval);
    if (isClosed) growing.finished = grown;
    return { candle: grown, isClosed: isClosed && candle.closeAt >= endAt - 1 };
  }

  #of(instrument: InstrumentId, interval: Interval, openAt: number, candle: VenueCandle): Growing {
    const name = `${instrument} ${interval.name}`;
    let growing = this.#growing.get(name);
    if (growing === undefined) {
      // Somebody came in the middle of the interval: begin with what has passed of it.
      const from = millis(openAt);
      const to = millis(candle.openAt - 1);
      const own = candle.closeAt - candle.openAt + 1;
      const passed = to < from ? [] : this.#exchange.candles(instrument, own, { from, to });
      let finished: VenueCandle | undefined;
      for (const each of passed) finished = joined(finished, each, openAt, interval);
      growing = { finished, openAt };
      this.#growing.set(name, growing);
    }
    if (growing.openAt !== openAt) {
      growing.openAt = openAt;
      growing.finished = undefined;
    }
    return growing;
  }

  /** Forgets an interval that nobody asks for any more. */
  forget(instrument: Instrument, interval: Interval): void {
    if (this.#growing.size > 0) this.#growing.delete(`${instrument.id} ${interval.name}`);
  }
}

function joined(
  before: VenueCandle | undefined,
  next: VenueCandle,
  openAt: number,
  interval: Interval,
): VenueCandle {
  return {
    openAt: millis(openAt),
    closeAt: millis(interval.nextOf(openAt) - 1),
    open: before?.open ?? next.open,
    high: Math.max(before?.high ?? next.high, next.high) as Ticks,
    low: Math.min(before?.low ?? next.low, next.low) as Ticks,
    close: next.close,
    volume: lots((before?.volume ?? 0) + next.volume),
  };
}
