import { invariant } from "../../core/invariant.ts";
import { mulDiv, ONE, type Rate, type Ticks, ticks } from "../../core/units.ts";

/**
 * The prices at which a grid may enter: an absolute lattice that follows from the configuration alone, so that a
 * restart finds the same rungs (DESIGN.md section 4). With an anchor the steps are equal ticks (seed S1, X14);
 * without one each rung is a fixed percentage above the one below, counted from one tick.
 */
export interface Lattice {
  /** The price of a rung. */
  price(index: number): Ticks;
  /** The highest rung whose price is at or below `price`. */
  atOrBelow(price: Ticks): number;
  /** The lowest rung whose price is at or above `price`. */
  atOrAbove(price: Ticks): number;
}

/** The lattice of a grid: equal steps from its anchor, or equal percentages without one (X14). */
export const latticeOf = ({
  anchor,
  step,
}: {
  readonly anchor: Ticks | undefined;
  readonly step: Rate;
}): Lattice => (anchor === undefined ? geometricLattice(step) : arithmeticLattice(anchor, step));

/** Equal steps: `step` is taken once, as a part of the anchor price, and rounded to whole ticks (at least one). */
export function arithmeticLattice(anchor: Ticks, step: Rate): Lattice {
  const width = Math.max(1, mulDiv(anchor, step, ONE, "nearest"));
  return {
    price: (index) => ticks(anchor + index * width),
    atOrBelow: (price) => Math.floor((price - anchor) / width),
    atOrAbove: (price) => Math.ceil((price - anchor) / width),
  };
}

/** Equal percentages: rung k lies at (1 + step)^k ticks, to the nearest tick. */
export function geometricLattice(step: Rate): Lattice {
  invariant(step > 0, "a grid step is above zero");
  const growth = Math.log1p(step / ONE);
  // The rung of an earlier life with a smaller step may lie beyond all prices here.
  const price = (index: number): Ticks =>
    ticks(Math.min(Number.MAX_SAFE_INTEGER, Math.round(Math.exp(index * growth))));
  const near = (at: Ticks): number => Math.round(Math.log(at) / growth);
  return {
    price,
    atOrBelow(at) {
      let index = near(at) + 1;
      while (price(index) > at) index -= 1;
      return index;
    },
    atOrAbove(at) {
      let index = near(at) - 1;
      while (price(index) < at) index += 1;
      return index;
    },
  };
}
