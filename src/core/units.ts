import { InvariantError, invariant } from "./invariant.ts";

declare const unit: unique symbol;
type Unit<U extends string> = number & { readonly [unit]: U };

/** A price, counted in the instrument's price ticks. */
export type Ticks = Unit<"ticks">;
/** A quantity, counted in the instrument's lots; negative means short. */
export type Lots = Unit<"lots">;
/** Money, counted in 1e-8 of its asset; sums of different assets make no sense. */
export type Value = Unit<"value">;
/** A rate (fee, funding, margin, percentage), counted in 1e-8: 0.01 % is 10,000. */
export type Rate = Unit<"rate">;
/** Milliseconds since the Unix epoch. */
export type Millis = Unit<"millis">;

/** One whole unit of an asset, or a rate of 100 %, in steps. */
export const ONE = 100_000_000;

function whole(count: number, what: string): number {
  if (!Number.isSafeInteger(count)) throw new InvariantError(`${what} must be a safe integer, got ${count}`);
  return count === 0 ? 0 : count;
}

/** Brands a whole number of ticks. Throws `InvariantError` beyond 2^53 or for fractions. */
export const ticks = (count: number): Ticks => whole(count, "ticks") as Ticks;
/** Brands a whole number of lots. Throws `InvariantError` beyond 2^53 or for fractions. */
export const lots = (count: number): Lots => whole(count, "lots") as Lots;
/** Brands a whole number of 1e-8 steps of an asset. Throws `InvariantError` beyond 2^53 or for fractions. */
export const value = (count: number): Value => whole(count, "value") as Value;
/** Brands a whole number of 1e-8 steps of a rate. Throws `InvariantError` beyond 2^53 or for fractions. */
export const rate = (count: number): Rate => whole(count, "rate") as Rate;
/** Brands a time. Throws `InvariantError` for fractions. */
export const millis = (count: number): Millis => whole(count, "millis") as Millis;

/** How a division that does not come out even is settled. */
export type Rounding = "down" | "up" | "towardZero" | "nearest";

/**
 * a * b / divisor as a whole number, exact before the one rounding that is named.
 * `down` is towards minus infinity, `nearest` takes halves away from zero.
 */
export function mulDiv(a: number, b: number, divisor: number, rounding: Rounding): number {
  invariant(divisor !== 0, "division by zero");
  const product = a * b;
  if (Number.isSafeInteger(product) && Math.abs(product) < 2 ** 52) {
    return whole(divideNumbers(product, divisor, rounding), "mulDiv");
  }
  return whole(Number(divideBig(BigInt(a) * BigInt(b), BigInt(divisor), rounding)), "mulDiv");
}

function divideNumbers(dividend: number, divisor: number, rounding: Rounding): number {
  const rest = dividend % divisor;
  const cut = (dividend - rest) / divisor;
  if (rest === 0) return cut;
  const sign = dividend < 0 === divisor < 0 ? 1 : -1;
  return cut + step(sign, Math.abs(rest) * 2 >= Math.abs(divisor), rounding);
}

function divideBig(dividend: bigint, divisor: bigint, rounding: Rounding): bigint {
  const rest = dividend % divisor;
  const cut = dividend / divisor;
  if (rest === 0n) return cut;
  const sign = dividend < 0n === divisor < 0n ? 1 : -1;
  return cut + BigInt(step(sign, sizeOf(rest) * 2n >= sizeOf(divisor), rounding));
}

const sizeOf = (count: bigint): bigint => (count < 0n ? -count : count);

/** What to add to a quotient that was cut towards zero. */
function step(sign: number, atLeastHalf: boolean, rounding: Rounding): number {
  switch (rounding) {
    case "down":
      return sign < 0 ? -1 : 0;
    case "up":
      return sign > 0 ? 1 : 0;
    case "towardZero":
      return 0;
    default:
      return atLeastHalf ? sign : 0;
  }
}

/** A part of an amount of money, e.g. a fee: `amount` x `part`, rounded as named. */
export const portion = (amount: Value, part: Rate, rounding: Rounding): Value =>
  value(mulDiv(amount, part, ONE, rounding));

/** Which way a trade goes. */
export type Side = "buy" | "sell";
/** +1 for buy, -1 for sell: what one lot of this side adds to a position. */
export const signOf = (side: Side): 1 | -1 => (side === "buy" ? 1 : -1);
/** The side that undoes this one. */
export const opposite = (side: Side): Side => (side === "buy" ? "sell" : "buy");
