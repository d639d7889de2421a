import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sliceOf, slicesOf } from "../../src/core/slices.ts";
import { lots } from "../../src/core/units.ts";

const cut = (size: number, most: number, step = 1, least = 1) =>
  slicesOf(lots(size), lots(most), step, lots(least)).map(Number);

describe("the slices of a close", () => {
  it("sum exactly, each as large as allowed, with the remainder on the last", () => {
    expect([cut(10, 4), cut(10, 10), cut(10, 100), cut(1, 1)]).toEqual([[4, 4, 2], [10], [10], [1]]);
  });

  it("leave no rest that is too small to be traded when that can be helped", () => {
    expect([cut(11, 5, 1, 3), cut(13, 10, 2, 4)]).toEqual([
      [5, 3, 3],
      [8, 4],
    ]);
    expect([cut(2, 10, 1, 3), sliceOf(lots(2), lots(10), 1, lots(3))]).toEqual([[], 0]);
  });

  it("are always within the limits and lose nothing but dust", () => {
    const sizes = fc.record({
      size: fc.integer({ min: 1, max: 5_000 }),
      step: fc.integer({ min: 1, max: 7 }),
      times: fc.integer({ min: 1, max: 4 }),
      most: fc.integer({ min: 60, max: 900 }),
    });
    fc.assert(
      fc.property(sizes, ({ size, step, times, most }) => {
        const least = step * times;
        const found = cut(size, most, step, least);
        expect(found.every((slice) => slice >= least && slice <= most && slice % step === 0)).toBe(true);
        expect(size - found.reduce((sum, slice) => sum + slice, 0)).toBeLessThan(size < least ? least : step);
      }),
    );
  });
});
