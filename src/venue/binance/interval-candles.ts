import type { Instrument, InstrumentId } from "../../core/instrument.ts";
import { lots, millis, type Ticks } from "../../core/units.ts";
import type { Exchange, VenueCandle } from "../exchange.ts";

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
    spanMs: number,
    candle: VenueCandle,
    isClosed: boolean,
  ): { readonly candle: VenueCandle; readonly isClosed: boolean } {
    if (candle.closeAt - candle.openAt + 1 >= spanMs) return { candle, isClosed };
    const openAt = Math.floor(candle.openAt / spanMs) * spanMs;
    const growing = this.#of(instrument, spanMs, openAt, candle);
    const grown = joined(growing.finished, candle, openAt, spanMs);
    if (isClosed) growing.finished = grown;
    return { candle: grown, isClosed: isClosed && candle.closeAt >= openAt + spanMs - 1 };
  }

  #of(instrument: InstrumentId, spanMs: number, openAt: number, candle: VenueCandle): Growing {
    const name = `${instrument} ${spanMs}`;
    let growing = this.#growing.get(name);
    if (growing === undefined) {
      // Somebody came in the middle of the interval: begin with what has passed of it.
      const from = millis(openAt);
      const to = millis(candle.openAt - 1);
      const own = candle.closeAt - candle.openAt + 1;
      const passed = to < from ? [] : this.#exchange.candles(instrument, own, { from, to });
      let finished: VenueCandle | undefined;
      for (const each of passed) finished = joined(finished, each, openAt, spanMs);
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
  forget(instrument: Instrument, spanMs: number): void {
    this.#growing.delete(`${instrument.id} ${spanMs}`);
  }
}

function joined(
  before: VenueCandle | undefined,
  next: VenueCandle,
  openAt: number,
  spanMs: number,
): VenueCandle {
  return {
    openAt: millis(openAt),
    closeAt: millis(openAt + spanMs - 1),
    open: before?.open ?? next.open,
    high: Math.max(before?.high ?? next.high, next.high) as Ticks,
    low: Math.min(before?.low ?? next.low, next.low) as Ticks,
    close: next.close,
    volume: lots((before?.volume ?? 0) + next.volume),
  };
}
