import { Decimal } from "decimal.js";
import { InvariantError } from "./invariant.ts";
import { ONE, type Rate, rate, type Value, value } from "./units.ts";

/** The size of one count, e.g. a tick of "0.10", ready for exact conversion in both directions. */
export interface Step {
  readonly text: string;
  /** Digits after the point of the step without trailing zeros. */
  readonly decimals: number;
  /** The step as a whole number of 10^-decimals. */
  readonly units: number;
}

/** A text that is no exact whole number of steps; says which and why. */
export class InexactError extends RangeError {
  override readonly name = "InexactError";
}

/** Reads a step such as "0.10" or "5". Throws `InexactError` unless it is a positive plain decimal. */
export function stepOf(text: string): Step {
  if (!/^\d+(\.\d+)?$/.test(text)) throw new InexactError(`step "${text}" is not a plain positive decimal`);
  const exact = new Decimal(text);
  if (exact.lte(0)) throw new InexactError(`step "${text}" must be above zero`);
  const decimals = exact.decimalPlaces();
  return { text: exact.toFixed(), decimals, units: exact.mul(new Decimal(10).pow(decimals)).toNumber() };
}

/** The step of all money: 1e-8 of an asset. */
export const VALUE_STEP = stepOf("0.00000001");

/**
 * How many steps make up `text`, exactly; `undefined` when it is no whole number of them or no number at all.
 * Plain decimals take a digit scan (this stands in the market data path); other notations go through decimal.js.
 */
export function countOf(text: string, step: Step): number | undefined {
  const fast = scan(text, step.decimals);
  const units = fast === undefined ? slowUnits(text, step.decimals) : fast;
  if (units === undefined || units % step.units !== 0) return undefined;
  const count = units / step.units;
  return count === 0 ? 0 : count;
}

/** Like `countOf`, but an inexact text is an `InexactError` that names the field, the text and the step. */
export function exactCount(text: string, step: Step, field: string): number {
  const count = countOf(text, step);
  if (count === undefined) throw new InexactError(`${field} "${text}" is not a whole number of ${step.text}`);
  return count;
}

/** The digits of a plain decimal as a whole number of 10^-decimals; undefined leaves the text to the slow way. */
function scan(text: string, decimals: number): number | undefined {
  const length = text.length;
  if (length === 0 || length > 17) return undefined;
  let at = 0;
  const negative = text.charCodeAt(0) === 45;
  if (negative) at = 1;
  let digits = 0;
  let after = -1;
  let sum = 0;
  for (; at < length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 46) {
      if (after >= 0) return undefined;
      after = 0;
      continue;
    }
    const digit = code - 48;
    if (digit < 0 || digit > 9) return undefined;
    if (after >= 0) {
      if (after >= decimals) {
        if (digit !== 0) return undefined;
        continue;
      }
      after += 1;
    }
    digits += 1;
    sum = sum * 10 + digit;
  }
  if (digits === 0) return undefined;
  for (let missing = decimals - Math.max(after, 0); missing > 0; missing -= 1) sum *= 10;
  if (!Number.isSafeInteger(sum)) return undefined;
  return negative ? -sum : sum;
}

function slowUnits(text: string, decimals: number): number | undefined {
  if (!/^-?\d+(\.\d*)?(e[+-]?\d+)?$/i.test(text)) return undefined;
  const exact = new Decimal(text);
  // decimal.js rounds products to twenty digits: digits beyond the step are looked for before it multiplies.
  if (exact.decimalPlaces() > decimals) return undefined;
  const units = exact.mul(new Decimal(10).pow(decimals));
  return units.abs().lte(Number.MAX_SAFE_INTEGER) ? units.toNumber() : undefined;
}

/** A count back as plain text with all the digits of its step: 971234 ticks of 0.10 are "97123.4". */
export function textOf(count: number, step: Step): string {
  if (!Number.isSafeInteger(count)) throw new InvariantError(`count ${count} is not a safe integer`);
  const size = Math.abs(count);
  const product = size * step.units;
  const exact = Number.isSafeInteger(product) ? product : BigInt(size) * BigInt(step.units);
  const digits = exact.toString().padStart(step.decimals + 1, "0");
  const whole = digits.slice(0, digits.length - step.decimals);
  const fraction = digits.slice(digits.length - step.decimals);
  return `${count < 0 ? "-" : ""}${whole}${fraction ? `.${fraction}` : ""}`;
}

/** Money from text, rounded to 1e-8 (exchanges send eight digits). Throws `InexactError` when it is no number. */
export function moneyOf(text: string, field: string): Value {
  const count = countOf(text, VALUE_STEP);
  if (count !== undefined) return value(count);
  return value(decimal(text, field).mul(ONE).toDecimalPlaces(0, Decimal.ROUND_HALF_UP).toNumber());
}

/**
 * One amount less another, rounded to 1e-8 only in the end: exchanges send more digits than eight, and two that move together
 * leave a difference that stands still. Throws `InexactError` for what is no number.
 */
export function moneyLess(text: string, less: string, field: string): Value {
  const exact = decimal(text, field).minus(decimal(less, field));
  return value(exact.mul(ONE).toDecimalPlaces(0, Decimal.ROUND_HALF_UP).toNumber());
}

/** A rate from text: "0.008" and "0.8%" are the same 800,000. Throws `InexactError` when it is no number. */
export function rateOf(text: string, field: string): Rate {
  const percent = text.endsWith("%");
  const exact = decimal(percent ? text.slice(0, -1).trim() : text, field);
  if (exact.decimalPlaces() > (percent ? 6 : 8))
    throw new InexactError(`${field} "${text}" has more than eight decimals`);
  return rate(exact.mul(percent ? ONE / 100 : ONE).toNumber());
}

function decimal(text: string, field: string): Decimal {
  if (!/^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(text))
    throw new InexactError(`${field} "${text}" is not a number`);
  return new Decimal(text);
}

/** Money for a person: rounded to `digits` places, halves away from zero, with a sign only when negative. */
export const moneyText = (amount: Value, digits = 2): string =>
  new Decimal(amount).div(ONE).toFixed(digits, Decimal.ROUND_HALF_UP);

/** Digits that people read money of an asset with: cents of a dollar, all eight of a coin. */
export const digitsOf = (asset: string): number => (/USD|^DAI$/.test(asset) ? 2 : 8);

/** A rate for a person, in percent with `digits` places. */
export const percentText = (part: number, digits = 2): string =>
  `${new Decimal(part).div(ONE / 100).toFixed(digits, Decimal.ROUND_HALF_UP)}%`;
