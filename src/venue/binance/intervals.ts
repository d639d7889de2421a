const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** A day in milliseconds: the longest interval that the exchange itself keeps candles of. */
export const DAY = 24 * HOUR;
/** The first Monday of Unix time: weeks are counted from it. */
const FIRST_MONDAY = 4 * DAY;

/** One of Binance's candle intervals: where the candle that holds a moment begins and where it ends. */
export interface Interval {
  readonly name: string;
  /** Its length, or for those that are put together from days, the day. */
  readonly baseMs: number;
  /** Start of the candle that holds `at`, in milliseconds. */
  openOf(at: number): number;
  /** Start of the candle after the one that starts at `openAt`. */
  nextOf(openAt: number): number;
}

const fixed = (name: string, spanMs: number, from = 0): Interval => ({
  name,
  baseMs: Math.min(spanMs, DAY),
  openOf: (at) => Math.floor((at - from) / spanMs) * spanMs + from,
  nextOf: (openAt) => openAt + spanMs,
});

const MONTH: Interval = {
  name: "1M",
  baseMs: DAY,
  openOf: (at) => {
    const day = new Date(at);
    return Date.UTC(day.getUTCFullYear(), day.getUTCMonth(), 1);
  },
  nextOf: (openAt) => {
    const day = new Date(openAt);
    return Date.UTC(day.getUTCFullYear(), day.getUTCMonth() + 1, 1);
  },
};

/** All of Binance's candle intervals for futures. */
export const INTERVALS: readonly Interval[] = [
  fixed("1m", MINUTE),
  fixed("3m", 3 * MINUTE),
  fixed("5m", 5 * MINUTE),
  fixed("15m", 15 * MINUTE),
  fixed("30m", 30 * MINUTE),
  fixed("1h", HOUR),
  fixed("2h", 2 * HOUR),
  fixed("4h", 4 * HOUR),
  fixed("6h", 6 * HOUR),
  fixed("8h", 8 * HOUR),
  fixed("12h", 12 * HOUR),
  fixed("1d", DAY),
  fixed("3d", 3 * DAY),
  fixed("1w", 7 * DAY, FIRST_MONDAY),
  MONTH,
];

/** The same by name, for reading a call's field. */
export const INTERVAL_OF: Readonly<Record<string, Interval>> = Object.fromEntries(
  INTERVALS.map((interval) => [interval.name, interval]),
);
