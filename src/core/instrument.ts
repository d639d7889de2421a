import { invariant } from "./invariant.ts";
import type { Step } from "./text.ts";
import { type Lots, lots, mulDiv, type Rate, type Rounding, type Ticks, type Value, value } from "./units.ts";

/** The exchange's own symbol, e.g. "BTCUSDT". */
export type InstrumentId = string;
/** An exchange, e.g. "binanceusdm". */
export type VenueId = string;
/** One account on one exchange, e.g. "main". */
export type AccountId = string;

/**
 * What can be traded. `linear`: a perpetual margined and settled in the quote asset; `inverse`: margined and
 * settled in the base asset, one lot is `contractValue` of quote; `spot`: a balance, without reduce-only or leverage.
 */
export interface Instrument {
  readonly id: InstrumentId;
  readonly venue: VenueId;
  readonly kind: "linear" | "inverse" | "spot";
  readonly base: string;
  readonly quote: string;
  readonly settle: string;
  readonly tick: Step;
  readonly lot: Step;
  /** Linear, spot: steps of money in one tick x one lot. Inverse: steps of quote in one lot (contract). */
  readonly unit: number;
  readonly priceMin: Ticks;
  readonly priceMax: Ticks;
  readonly lotsMin: Lots;
  readonly lotsMax: Lots;
  readonly marketLotsMax: Lots;
  /** Smallest notional of an order that is not reduce-only, in steps of the quote asset. */
  readonly notionalMin: Value;
  readonly ordersMax: number;
  readonly conditionalOrdersMax: number;
  readonly makerFee: Rate;
  readonly takerFee: Rate;
  /** Fee of a forced close. */
  readonly liquidationFee: Rate;
}

/** What sizes of an instrument count, for people: its base asset, or contracts of an inverse one. */
export const sizeUnit = ({ kind, base }: Pick<Instrument, "kind" | "base">): string =>
  kind === "inverse" ? "contracts" : base;

/** One tier of maintenance margin: applies to notionals from `floor` up to but not including `cap`. */
export interface MarginBracket {
  readonly floor: Value;
  readonly cap: Value;
  readonly maintenance: Rate;
  /** What makes the maintenance margin continuous at `floor` ("cum" on Binance). */
  readonly deduction: Value;
  readonly leverageMax: number;
}

/** The money steps in one tick x one lot (linear, spot). Throws when the instrument's steps are finer than 1e-8. */
export function unitOf(tick: Step, lot: Step): number {
  const decimals = tick.decimals + lot.decimals;
  invariant(decimals <= 8, `tick ${tick.text} x lot ${lot.text} is finer than 0.00000001`);
  return tick.units * lot.units * 10 ** (8 - decimals);
}

/** What `size` lots are worth at `price`, in steps of the settle asset; carries the sign of `size`. */
export function notional(instrument: Instrument, price: Ticks, size: Lots, rounding: Rounding): Value {
  if (instrument.kind !== "inverse") return value(mulDiv(price * instrument.unit, size, 1, rounding));
  // Quote steps per contract / (ticks x quote per tick) = steps of base.
  const scale = 10 ** instrument.tick.decimals;
  return value(mulDiv(size * instrument.unit, scale, price * instrument.tick.units, rounding));
}

/**
 * What an execution of `size` lots (signed) at `price` adds to a position's cost, in steps of the settle asset.
 * Linear and spot: the notional with the sign of `size`. Inverse: with the opposite sign, since a buyer of an
 * inverse contract owes less of the settle asset the higher the price. So profit is always value minus cost.
 */
export function executionCost(instrument: Instrument, price: Ticks, size: Lots, rounding: Rounding): Value {
  const worth = notional(instrument, price, size, rounding);
  return instrument.kind === "inverse" ? value(-worth) : worth;
}

/** Profit of a position with `cost` when all `size` lots are valued at `price`; settle steps, rounded against us. */
export function profit(instrument: Instrument, cost: Value, size: Lots, price: Ticks): Value {
  if (size === 0) return value(0);
  const rounding = instrument.kind === "inverse" ? "up" : "down";
  return value(executionCost(instrument, price, size, rounding) - cost);
}

/** The average price of `cost` over `size`, to the nearest tick: for people and formulas, never for accounts. */
export function averagePrice(instrument: Instrument, cost: Value, size: Lots): Ticks | undefined {
  if (size === 0 || cost === 0) return undefined;
  const worth = Math.abs(cost);
  const held = Math.abs(size);
  const count =
    instrument.kind === "inverse"
      ? mulDiv(
          held * instrument.unit,
          10 ** instrument.tick.decimals,
          worth * instrument.tick.units,
          "nearest",
        )
      : mulDiv(worth, 1, held * instrument.unit, "nearest");
  return count as Ticks;
}

/** The smallest whole number of lots whose notional at `price` is at least `least`. */
export function lotsFor(instrument: Instrument, price: Ticks, least: Value): Lots {
  const one = notional(instrument, price, lots(1), "down");
  return lots(one > 0 ? Math.ceil(least / one) : 0);
}

/** Whole number of ticks nearest to a price scaled by a factor, rounded as named. */
export const scalePrice = (price: Ticks, numerator: number, denominator: number, rounding: Rounding): Ticks =>
  mulDiv(price, numerator, denominator, rounding) as Ticks;
