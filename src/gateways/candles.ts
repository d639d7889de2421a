import type { Candle } from "../core/candle.ts";
import type { Instrument } from "../core/instrument.ts";
import { millis, type Ticks } from "../core/units.ts";
import { PayloadError } from "./binance/fields.ts";
import { nearestTick } from "./binance/words.ts";

/** Candles that are asked for at most: every exchange gives so many in one answer. */
export const CANDLES_MOST = 200;

/**
 * Candles from rows that begin with the open time, open, high, low and close, oldest first whatever their order was. Prices go to
 * the nearest tick: old ones may have another step. Throws `PayloadError` for what is no such row.
 */
export function candlesOf(raw: unknown, instrument: Instrument): readonly Candle[] {
  if (!Array.isArray(raw)) throw new PayloadError("the candles are no list");
  return raw.map((row: unknown) => candleOf(row, instrument)).sort((a, b) => a.openAt - b.openAt);
}

function candleOf(row: unknown, instrument: Instrument): Candle {
  if (!Array.isArray(row)) throw new PayloadError("a candle is no list");
  const [openAt, ...prices] = row.slice(0, 5).map((cell: unknown) => String(cell));
  const [open, high, low, close] = prices.map((price): Ticks | undefined =>
    Number(price) > 0 ? nearestTick(price, instrument) : undefined,
  );
  const at = Number(openAt);
  if (!Number.isSafeInteger(at) || open === undefined || high === undefined) throw unread(row);
  if (low === undefined || close === undefined) throw unread(row);
  return { openAt: millis(at), open, high, low, close };
}

const unread = (row: readonly unknown[]): PayloadError =>
  new PayloadError(`a candle can't be read: ${JSON.stringify(row.slice(0, 5))}`);
