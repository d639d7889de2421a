import { unitOf } from "../core/instrument.ts";
import { countOf, exactCount, type Step, stepOf, textOf } from "../core/text.ts";
import { type Lots, lots } from "../core/units.ts";
import type { InstrumentInfo, InstrumentSteps } from "../desk/ports.ts";
import { PayloadError } from "./binance/fields.ts";

/** Money has eight digits: a tick and a lot together may have no more. */
const MONEY_DECIMALS = 8;

/**
 * A size on the account that is no whole number of the lots that were chosen at the start. `steps` fit it: whoever starts
 * the desk remembers them, so that the next start counts in them.
 */
export class FinerSizeError extends PayloadError {
  readonly symbol: string;
  readonly steps: InstrumentSteps;

  constructor(symbol: string, size: string, steps: InstrumentSteps) {
    super(
      `symbol "${symbol}" has a size of ${size} on this account, from before its step was changed: ` +
        "start the desk again, it counts finer then",
    );
    this.symbol = symbol;
    this.steps = steps;
  }
}

/** The coarsest step of which each of these is a whole multiple. */
export function commonStep(first: Step, ...others: readonly Step[]): Step {
  return others.reduce((one, other) => {
    const decimals = Math.max(one.decimals, other.decimals);
    return stepOfUnits(greatestDivisor(unitsAt(one, decimals), unitsAt(other, decimals)), decimals);
  }, first);
}

/** The step of a number with so many digits after the point. */
export const digitStep = (decimals: number): Step => stepOfUnits(1, decimals);

/** How many of one step make `times` another; undefined when it doesn't come out even. */
function multiple(large: Step, small: Step, times = 1): number | undefined {
  const decimals = Math.max(large.decimals, small.decimals);
  const count = (unitsAt(large, decimals) * times) / unitsAt(small, decimals);
  return Number.isSafeInteger(count) ? count : undefined;
}

/**
 * The exchange's present steps in those that the desk has counted in since its start, for `instrumentChanged`: undefined
 * where they are no whole multiples of them.
 */
export const stepsIn = ({ instrument, priceStep, lotStep }: InstrumentInfo, counted: InstrumentSteps) => ({
  priceStep: multiple(instrument.tick, counted.tick, priceStep),
  lotStep: multiple(instrument.lot, counted.lot, lotStep),
});

/** The exchange's present steps in those that are counted in, for `InstrumentInfo`: only where they are coarser. */
export function coarser(
  now: InstrumentSteps,
  counted: InstrumentSteps,
): Pick<InstrumentInfo, "priceStep" | "lotStep"> {
  const [priceStep = 1, lotStep = 1] = [multiple(now.tick, counted.tick), multiple(now.lot, counted.lot)];
  return { ...(priceStep === 1 ? {} : { priceStep }), ...(lotStep === 1 ? {} : { lotStep }) };
}

/** The money steps in one tick x one lot. Throws `PayloadError` where they are finer than money. */
export function moneyUnit(symbol: string, { tick, lot }: InstrumentSteps): number {
  if (tick.decimals + lot.decimals <= MONEY_DECIMALS) return unitOf(tick, lot);
  throw new PayloadError(
    `symbol "${symbol}" is counted in prices of ${tick.text} and sizes of ${lot.text}, together finer than money (0.00000001): ` +
      "trade another one, or give the desk a new desk.dataDir, which knows no steps of before",
  );
}

/** Digits that sizes may have beside prices of a tick without becoming finer than money. */
export const sizeDigitsMax = (tick: Step): number => Math.max(0, MONEY_DECIMALS - tick.decimals);

/** Whole steps in a bound such as "809484.33", which need not lie on a step: the largest count that is not above it. */
export function countBelow(bound: string, step: Step, field: string): number {
  const exact = countOf(bound, step);
  if (exact !== undefined) return exact;
  const [whole = "", fraction = ""] = bound.split(".");
  const digits = fraction.slice(0, step.decimals);
  const units = exactCount(digits === "" ? whole : `${whole}.${digits}`, digitStep(step.decimals), field);
  return (units - (units % step.units)) / step.units;
}

/** The smallest count of whole steps that is not below a bound. */
export const countAbove = (bound: string, step: Step, field: string): number =>
  countOf(bound, step) ?? countBelow(bound, step, field) + 1;

/**
 * The smallest order in the lots that are counted. A minimum of a single step says no more than the step itself, which
 * `lotStep` tells and which may change again: then it is one lot.
 */
export function smallest(bound: string, now: Step, lotStep: number, field: string): Lots {
  const steps = countAbove(bound, now, field);
  return lots(steps <= 1 ? 1 : steps * lotStep);
}

/**
 * A size as whole lots, exactly: what is held must not be rounded. `step` is one lot in the units of the text, which on OKX
 * are contracts. Throws `FinerSizeError` for one that lies between two lots.
 */
export function exactLots(
  text: string,
  field: string,
  { id, tick, lot }: InstrumentSteps & { readonly id: string },
  step: Step = lot,
): Lots {
  const count = countOf(text, step);
  if (count !== undefined) return lots(count);
  const decimals = /^-?\d+\.(\d+)$/.exec(text)?.[1]?.length;
  if (decimals === undefined) return lots(exactCount(text, step, field));
  const finer = multiple(step, commonStep(step, digitStep(decimals))) ?? 1;
  throw new FinerSizeError(id, text, { tick, lot: partOf(lot, finer) });
}

/** The step of which `count` make another; the division comes out even in decimals. */
export function partOf(step: Step, count: number): Step {
  let { units, decimals } = step;
  for (; units % count !== 0; units *= 10) decimals += 1;
  return stepOfUnits(units / count, decimals);
}

const stepOfUnits = (units: number, decimals: number): Step =>
  stepOf(textOf(units, { text: "", decimals, units: 1 }));

const unitsAt = (step: Step, decimals: number): number => step.units * 10 ** (decimals - step.decimals);

function greatestDivisor(one: number, other: number): number {
  let [large, small] = [one, other];
  while (small > 0) [large, small] = [small, large % small];
  return large;
}
