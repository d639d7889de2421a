import type { Timeframe } from "../core/candle.ts";
import type { InstrumentId } from "../core/instrument.ts";
import type { MarketFeed } from "./ports.ts";

/** Characters of a foreign error that a person is shown. */
const REASON_MOST = 160;

/** What the price did, for a person who looks at it; else a sentence why the exchange does not say. */
export async function askedCandles(
  market: Pick<MarketFeed, "candles">,
  instrument: InstrumentId,
  timeframe: Timeframe,
  count: number,
) {
  try {
    return { candles: await market.candles(instrument, timeframe, count) };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { problem: `The exchange gave no candles of ${instrument}: ${why.slice(0, REASON_MOST)}` };
  }
}
