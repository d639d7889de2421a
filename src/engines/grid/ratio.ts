import { ONE, type Rate, rate, type Value, value } from "../../core/units.ts";

/** A part of a whole as a rate, to the nearest 1e-8, halves away from zero; undefined where there is no whole. */
export function partOf(part: number, whole: number): Rate | undefined {
  return ratioOf(BigInt(part), BigInt(whole));
}

/** Average of `won` over `wins` against the average of `lost` over `losses`; undefined while there is none of one kind. */
export function averagesRatio(won: number, wins: number, lost: number, losses: number): Rate | undefined {
  return ratioOf(BigInt(won) * BigInt(losses), BigInt(wins) * BigInt(lost));
}

/** An amount spread over a count, to the nearest step, halves away from zero; undefined over none. */
export function averageOf(amount: number, count: number): Value | undefined {
  return count === 0 ? undefined : value(Number(nearest(BigInt(amount), BigInt(count))));
}

/** Beyond 90 million all ratios are one: a thousand won against nothing lost but a rounding step. */
function ratioOf(part: bigint, whole: bigint): Rate | undefined {
  if (whole === 0n) return undefined;
  const exact = nearest(part * BigInt(ONE), whole);
  return rate(Number(exact > MOST ? MOST : exact < -MOST ? -MOST : exact));
}

const MOST = BigInt(Number.MAX_SAFE_INTEGER);

function nearest(dividend: bigint, divisor: bigint): bigint {
  const size = (n: bigint): bigint => (n < 0n ? -n : n);
  const cut = (size(dividend) * 2n + size(divisor)) / (size(divisor) * 2n);
  return dividend < 0n === divisor < 0n ? cut : -cut;
}
