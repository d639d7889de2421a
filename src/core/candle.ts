import type { Millis, Ticks } from "./units.ts";

/** What the price did in one span of market time. */
export interface Candle {
  readonly openAt: Millis;
  readonly open: Ticks;
  readonly high: Ticks;
  readonly low: Ticks;
  readonly close: Ticks;
}

/** Spans that every exchange keeps candles of, in milliseconds, by the names that traders use. */
export const TIMEFRAMES = {
  "1m": 60_000,
  "5m": 300_000,
  "15m": 900_000,
  "1h": 3_600_000,
  "4h": 14_400_000,
  "1d": 86_400_000,
} as const;

/** One of these spans. */
export type Timeframe = keyof typeof TIMEFRAMES;
