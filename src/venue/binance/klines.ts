import type { Instrument } from "../../core/instrument.ts";
import { lots } from "../../core/units.ts";
import type { VenueCandle } from "../exchange.ts";
import { bigMoney, lotsText, pairOf, priceText } from "./texts.ts";
import { turnoverOf } from "./ticker.ts";

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
  const { t, T, ...figures } = klineFigures(candle, isClosed, interval, instrument);
  return { e: "kline", E: at, s: instrument.id, k: { t, T, s: instrument.id, ...figures } };
}

/** A candle as the streams PAIR_perpetual@continuousKline_INTERVAL send it. `at` is market time. */
export function continuousKlineMessage(
  candle: VenueCandle,
  isClosed: boolean,
  interval: string,
  instrument: Instrument,
  at: number,
): object {
  const k = klineFigures(candle, isClosed, interval, instrument);
  return { e: "continuous_kline", E: at, ps: pairOf(instrument), ct: "PERPETUAL", k };
}

function klineFigures(candle: VenueCandle, isClosed: boolean, interval: string, instrument: Instrument) {
  const turnover = turnoverOf(candle, instrument);
  return {
    t: candle.openAt,
    T: candle.closeAt,
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
  };
}
