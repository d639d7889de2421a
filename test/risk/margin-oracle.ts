import type { Instrument, MarginBracket } from "../../src/core/instrument.ts";
import { ONE } from "../../src/core/units.ts";

/** A position in whole units: base asset (linear) or quote (inverse) held, below zero for short, and its entry price. */
export interface OracleLeg {
  readonly size: number;
  /** Entry cost as the account keeps it, in the settle asset. */
  readonly cost: number;
}

/** One account as the definition of liquidation sees it. */
export interface OracleCase {
  readonly isInverse: boolean;
  readonly brackets: readonly MarginBracket[];
  readonly closeFee: number;
  /** Wallet less the others' maintenance, plus their profit. */
  readonly money: number;
  readonly legs: readonly OracleLeg[];
}

/** What one lot is, in the unit that an oracle's leg counts. */
export const lotSize = (instrument: Instrument): number =>
  instrument.kind === "inverse" ? instrument.unit / ONE : instrument.unit / ONE / tickSize(instrument);

export const tickSize = ({ tick }: Instrument): number => tick.units / 10 ** tick.decimals;

/** Maintenance margin tier by tier, each rate only for the part of the worth inside its tier: no deductions needed. */
export function maintenance(brackets: readonly MarginBracket[], closeFee: number, worth: number): number {
  let sum = worth * closeFee;
  brackets.forEach((tier, at) => {
    const floor = tier.floor / ONE;
    const cap = at === brackets.length - 1 ? Number.POSITIVE_INFINITY : tier.cap / ONE;
    if (worth > floor) sum += (Math.min(worth, cap) - floor) * (tier.maintenance / ONE);
  });
  return sum;
}

/** Equity less maintenance margin at a price, from their definitions. */
export function surplus(given: OracleCase, price: number): number {
  let sum = given.money;
  for (const { size, cost } of given.legs) {
    const worth = given.isInverse ? Math.abs(size) / price : Math.abs(size) * price;
    const signed = given.isInverse ? -size / price : size * price;
    sum += signed - cost - maintenance(given.brackets, given.closeFee, worth);
  }
  return sum;
}

const LOW = 1e-12;
const HIGH = 1e18;

/** The place between a safe price and the far end of a direction where the surplus ends; none when it never does. */
export function endOfSafety(given: OracleCase, safe: number, direction: "down" | "up"): number | undefined {
  let good = safe;
  let bad = direction === "down" ? LOW : HIGH;
  if (surplus(given, bad) > 0) return undefined;
  for (let round = 0; round < 140; round += 1) {
    const middle = Math.max(good, bad) > 2 * Math.min(good, bad) ? Math.sqrt(good * bad) : (good + bad) / 2;
    if (middle === good || middle === bad) break;
    if (surplus(given, middle) > 0) good = middle;
    else bad = middle;
  }
  return (good + bad) / 2;
}
