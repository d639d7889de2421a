import type { Instrument } from "../../core/instrument.ts";
import { invariant } from "../../core/invariant.ts";
import { type Step, stepOf, textOf, VALUE_STEP } from "../../core/text.ts";
import { type Lots, mulDiv, type Ticks, type Value } from "../../core/units.ts";
import type { Exchange } from "../exchange.ts";

/** An instrument as OKX lists it: sizes are counted in contracts. */
export interface Listing {
  readonly instrument: Instrument;
  /** The exchange that trades it; one for each settle asset. */
  readonly exchange: Exchange;
  /** "BTC-USDT" of "BTC-USDT-SWAP": OKX's `uly` and `instFamily`, and the id of its index. */
  readonly family: string;
  /** What one contract stands for: base of a linear, quote of an inverse one. */
  readonly contract: Step;
  /** What one lot is in contracts. */
  readonly lot: Step;
}

/**
 * Lists an instrument whose contract is worth `contractText`, e.g. "0.01" BTC; without it the instrument's own lot is counted in
 * contracts. Throws `InvariantError` when a lot is no part of a contract.
 */
export function listingOf(instrument: Instrument, exchange: Exchange, contractText?: string): Listing {
  const { tick, unit, kind } = instrument;
  // Money in one tick x one lot over the tick: what a lot is in base. An inverse lot is its worth in quote.
  const lotWorth = kind === "inverse" ? unit / 1e8 : (unit / 1e8 / tick.units) * 10 ** tick.decimals;
  const contract = stepOf(contractText ?? (lotWorth / Number(instrument.lot.text)).toFixed(8));
  const lot = (lotWorth / contract.units) * 10 ** contract.decimals;
  invariant(lot > 1e-8, `a lot of ${instrument.id} is a part of its contract`);
  const family = instrument.id.replace(/-SWAP$/, "");
  return { instrument, exchange, family, contract, lot: stepOf(lot.toFixed(8)) };
}

/** A size in contracts; without its sign. */
export const sizeText = (size: number, { lot }: Pick<Listing, "lot">): string => textOf(Math.abs(size), lot);

/** A price with the digits of its tick; OKX writes "" for none. */
export const priceText = (price: Ticks | undefined, { instrument }: Pick<Listing, "instrument">): string =>
  price === undefined || price === 0 ? "" : textOf(price, instrument.tick);

/** Money, with eight digits. */
export const money = (amount: number): string => textOf(amount === 0 ? 0 : amount, VALUE_STEP);

/** A rate with eight digits. */
export const rateText = (part: number): string => textOf(part, VALUE_STEP);

/** What one lot cost on average with four digits more than the tick; "" for no size. */
export function averageText(cost: Value, size: Lots, { instrument }: Listing): string {
  if (size === 0 || cost === 0) return "";
  const { tick, unit, kind } = instrument;
  const [worth, held] = [Math.abs(cost), Math.abs(size)];
  const decimals = tick.decimals + 4;
  const count =
    kind === "inverse"
      ? mulDiv(held * unit, 10 ** decimals, worth, "nearest")
      : mulDiv(worth, 10 ** 4 * tick.units, held * unit, "nearest");
  return textOf(count, { text: "", decimals, units: 1 });
}
