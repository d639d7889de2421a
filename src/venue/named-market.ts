import type { Instrument } from "../core/instrument.ts";
import { readCandleFile } from "./candle-file.ts";
import { candleMarket } from "./candle-walk.ts";
import type { MarketSource } from "./market-source.ts";
import { syntheticMarket } from "./synthetic-market.ts";

/** A market, or one sentence that says why not. */
export type NamedMarket =
  | { readonly ok: true; readonly market: MarketSource; readonly instruments: readonly Instrument[] }
  | { readonly ok: false; readonly message: string };

const PREFIX = "synthetic:";

/**
 * Opens the market that `--market` names: `synthetic:SEED` for all the instruments given, or the path of a candle file
 * for the instrument that the file's name contains (the first one given when it contains none).
 */
export function namedMarket(name: string, instruments: readonly Instrument[]): NamedMarket {
  if (name.startsWith(PREFIX)) {
    const text = name.slice(PREFIX.length);
    const seed = Number(text);
    if (!/^\d+$/.test(text) || !Number.isSafeInteger(seed)) {
      return { ok: false, message: `market "${name}": the seed must be a whole number, e.g. synthetic:1` };
    }
    return { ok: true, market: syntheticMarket({ seed, instruments }), instruments };
  }
  const reading = readCandleFile(name);
  if (!reading.ok) return { ok: false, message: reading.message };
  const file = name.slice(Math.max(name.lastIndexOf("/"), name.lastIndexOf("\\")) + 1);
  const instrument = instruments.find(({ id }) => file.includes(id)) ?? instruments[0];
  if (instrument === undefined)
    return { ok: false, message: `market "${name}": no instrument is configured` };
  const { candles, candleMs } = reading;
  return { ok: true, market: candleMarket({ instrument, candles, candleMs }), instruments: [instrument] };
}
