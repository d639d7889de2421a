import type { Instrument } from "../../core/instrument.ts";
import type { Exchange, VenueEvent } from "../exchange.ts";
import { IntervalCandles } from "./interval-candles.ts";
import { INTERVALS, type Interval } from "./intervals.ts";
import { continuousKlineMessage, klineMessage } from "./klines.ts";
import type { Streams } from "./streams.ts";
import { pairOf } from "./texts.ts";

interface Named {
  readonly interval: Interval;
  readonly kline: string;
  readonly continuous: string;
}

/** The streams of candles of every interval, by symbol and by pair. */
export class CandleStreams {
  readonly #streams: Streams;
  readonly #growing: IntervalCandles;
  readonly #names = new Map<string, readonly Named[]>();

  constructor(exchange: Exchange, streams: Streams) {
    this.#streams = streams;
    this.#growing = new IntervalCandles(exchange);
  }

  /** Takes in a candle of the market; makes nothing that nobody listens to. */
  take(event: Extract<VenueEvent, { type: "candle" }>, instrument: Instrument): void {
    for (const { interval, kline, continuous } of this.#namesOf(instrument)) {
      const isBySymbol = this.#streams.has(kline);
      const isByPair = this.#streams.has(continuous);
      if (!isBySymbol && !isByPair) {
        this.#growing.forget(instrument, interval);
        continue;
      }
      const { candle, isClosed } = this.#growing.grow(instrument.id, interval, event.candle, event.isClosed);
      const { name } = interval;
      if (isBySymbol) {
        this.#streams.send(kline, klineMessage(candle, isClosed, name, instrument, event.at));
      }
      if (isByPair) {
        this.#streams.send(continuous, continuousKlineMessage(candle, isClosed, name, instrument, event.at));
      }
    }
  }

  #namesOf(instrument: Instrument): readonly Named[] {
    let names = this.#names.get(instrument.id);
    if (names === undefined) {
      const symbol = instrument.id.toLowerCase();
      const pair = pairOf(instrument).toLowerCase();
      names = INTERVALS.map((interval) => ({
        interval,
        kline: `${symbol}@kline_${interval.name}`,
        continuous: `${pair}_perpetual@continuousKline_${interval.name}`,
      }));
      this.#names.set(instrument.id, names);
    }
    return names;
  }
}
