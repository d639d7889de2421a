import type { Instrument } from "../../core/instrument.ts";
import { lots } from "../../core/units.ts";
import type { VenueCandle } from "../exchange.ts";
import { bigMoney, lotsText, priceText } from "./texts.ts";
import { turnoverOf } from "./ticker.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** Binance's candle intervals up to a day, in milliseconds. */
export const SPAN = {
  "1m": MINUTE,
  "3m": 3 * MINUTE,
  "5m": 5 * MINUTE,
  "15m": 15 * MINUTE,
  "30m": 30 * MINUTE,
  "1h": HOUR,
  "2h": 2 * HOUR,
  "4h": 4 * HOUR,
  "6h": 6 * HOUR,
  "8h": 8 * HOUR,
  "12h": 12 * HOUR,
  "1d": DAY,
} as const;

/** The volume that takers bought: half of it, the neutral figure, as candle files don't tell. */
const takers = (candle: VenueCandle): VenueCandle["volume"] => lots(Math.floor(candle.volume / 2));

/** A candle as GET /fapi/v1/klines lists it. */
export function klineRow(candle: VenueCandle, instrument: Instrument): readonly (string | number)[] {
  const turnover = turnoverOf(candle, instrument);
  return [
    candle.openAt,
    priceText(candle.open, instrument),
    priceText(candle.high, instrument),
    priceText(candle.low, instrument),
    priceText(candle.close, instrument),
    lotsText(candle.volume, instrument),
    candle.closeAt,
    bigMoney(turnover),
    0,
    lotsText(takers(candle), instrument),
    bigMoney(turnover / 2n),
    "0",
  ];
}

/** A candle as the streams SYMBOL@kline_INTERVAL send it. `at` is market time. */
export function klineMessage(
  candle: VenueCandle,
  isClosed: boolean,
  interval: string,
  instrument: Instrument,
  at: number,
): object {
  const turnover = turnoverOf(candle, instrument);
  return {
    e: "kline",
    E: at,
    s: instrument.id,
    k: {
      t: candle.openAt,
      T: candle.closeAt,
      s: instrument.id,
      i: interval,
      f: -1,
      L: -1,
      o: priceText(candle.open, instrument),
      c: priceText(candle.close, instrument),
      h: priceText(candle.high, instrument),
      l: priceText(candle.low, instrument),
      v: lotsText(candle.volume, instrument),
      n: 0,
      x: isClosed,
      q: bigMoney(turnover),
      V: lotsText(takers(candle), instrument),
      Q: bigMoney(turnover / 2n),
      B: "0",
    },
  };
}
