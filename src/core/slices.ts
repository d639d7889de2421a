import { type Lots, lots } from "./units.ts";

/**
 * The next slice of a close that is bigger than one order may be: as large as allowed, on the size step, and never so
 * that the rest would be too small to be traded. 0: what is left is dust. All in lots.
 */
export function sliceOf(left: Lots, most: Lots, step: number, least: Lots): Lots {
  const onStep = (count: number): number => Math.floor(count / step) * step;
  const largest = onStep(Math.min(left, most));
  if (largest < least) return lots(0);
  const rest = left - largest;
  if (rest === 0 || rest >= least || rest < step) return lots(largest);
  // The last slice takes what it needs from this one.
  const smaller = onStep(left - least);
  return lots(smaller >= least ? Math.min(largest, smaller) : largest);
}

/** All slices of a close, largest first; together they are `size`, but for dust. */
export function slicesOf(size: Lots, most: Lots, step: number, least: Lots): readonly Lots[] {
  const slices: Lots[] = [];
  for (let left = size; left > 0; ) {
    const slice = sliceOf(left, most, step, least);
    if (slice === 0) break;
    slices.push(slice);
    left = lots(left - slice);
  }
  return slices;
}
