import { INTERVALS, type Interval } from "../binance/intervals.ts";

/** What Bybit calls the candle intervals that Binance has as well, by Binance's names. */
const NAMES: Readonly<Record<string, string>> = {
  "1m": "1",
  "3m": "3",
  "5m": "5",
  "15m": "15",
  "30m": "30",
  "1h": "60",
  "2h": "120",
  "4h": "240",
  "6h": "360",
  "12h": "720",
  "1d": "D",
  "1w": "W",
  "1M": "M",
};

/** Bybit's candle intervals by its names. */
export const INTERVAL_OF: Readonly<Record<string, Interval>> = Object.fromEntries(
  INTERVALS.flatMap((interval) => {
    const name = NAMES[interval.name];
    return name === undefined ? [] : [[name, interval]];
  }),
);
