import type { Instrument } from "../../core/instrument.ts";
import { textOf, VALUE_STEP } from "../../core/text.ts";
import { type Lots, mulDiv, ONE, type Rate, type Ticks, type Value } from "../../core/units.ts";
import type { PositionSide } from "../exchange.ts";

/** A price with the digits of its tick; nothing is "0". */
export const priceText = (price: Ticks | undefined, instrument: Instrument): string =>
  textOf(price ?? 0, instrument.tick);

/** A quantity with the digits of its lot; nothing is "0". */
export const lotsText = (size: Lots | undefined, instrument: Instrument): string =>
  textOf(size ?? 0, instrument.lot);

/** Money with eight digits. */
export const money = (amount: Value): string => textOf(amount, VALUE_STEP);

/** Money beyond 2^53 steps, with eight digits; never negative. */
export function bigMoney(steps: bigint): string {
  const digits = steps.toString().padStart(9, "0");
  return `${digits.slice(0, -8)}.${digits.slice(-8)}`;
}

/** A rate with eight digits: 0.00010000 is one basis point. */
export const rateText = (part: Rate): string => textOf(part, VALUE_STEP);

/** What one unit cost on average, with eight digits, to the nearest; "0.00000000" for no size. */
export function averageText(cost: Value, size: Lots, instrument: Instrument): string {
  return textOf(averageSteps(cost, size, instrument), VALUE_STEP);
}

/**
 * The price at which closing pays for the entry and both taker fees, with eight digits.
 * @see Binance's break-even price, which counts trading fees.
 */
export function breakEvenText(cost: Value, size: Lots, instrument: Instrument): string {
  const entry = averageSteps(cost, size, instrument);
  const fee = size < 0 ? -instrument.takerFee : instrument.takerFee;
  return textOf(mulDiv(entry, ONE + fee, ONE - fee, "nearest"), VALUE_STEP);
}

function averageSteps(cost: Value, size: Lots, instrument: Instrument): number {
  if (size === 0 || cost === 0) return 0;
  if (instrument.kind === "inverse") {
    // Quote steps over base steps; both signs are told by the size.
    return mulDiv(Math.abs(size) * instrument.unit, ONE, Math.abs(cost), "nearest");
  }
  return mulDiv(cost, 10 ** instrument.lot.decimals, size * instrument.lot.units, "nearest");
}

/** Digits that Binance accepts in a price: never fewer than two. */
export const pricePrecision = (instrument: Instrument): number => Math.max(2, instrument.tick.decimals);

/** Binance's word for a position side. */
export const POSITION_SIDE = { both: "BOTH", long: "LONG", short: "SHORT" } as const satisfies Record<
  PositionSide,
  string
>;
/** Binance's word for the way of a trade. */
export const SIDE = { buy: "BUY", sell: "SELL" } as const;
/** Binance's word for what a stop watches. */
export const WORKING_TYPE = { mark: "MARK_PRICE", contract: "CONTRACT_PRICE" } as const;
/** Binance's word for a conditional order's kind. */
export const CONDITIONAL_TYPE = {
  stop: "STOP",
  stopMarket: "STOP_MARKET",
  takeProfit: "TAKE_PROFIT",
  takeProfitMarket: "TAKE_PROFIT_MARKET",
  trailingStopMarket: "TRAILING_STOP_MARKET",
} as const;

/** What Binance calls the pair of a perpetual: its symbol for linear contracts, without the ending for inverse ones. */
export const pairOf = (instrument: Instrument): string => instrument.id.replace(/_PERP$/, "");

/**
 * Binance's number for the family of a contract, the field `st` of its streams.
 * @see the connector declares the field and says no more; 1 for USDT-M and 2 for COIN-M is our reading.
 */
export const familyOf = (instrument: Instrument): 1 | 2 => (instrument.kind === "inverse" ? 2 : 1);
