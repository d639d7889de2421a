import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Rate, rate, type Ticks, ticks } from "../../../src/core/units.ts";
import { arithmeticLattice, geometricLattice, type Lattice } from "../../../src/engines/grid/lattice.ts";

const step = fc.integer({ min: 10_000, max: 5_000_000 }).map(rate);
const price = fc.integer({ min: 50_000, max: 5_000_000 }).map(ticks);
const anchor = fc.integer({ min: 100_000, max: 2_000_000 }).map(ticks);
const lattices: fc.Arbitrary<() => Lattice> = fc.oneof(
  step.map((width) => () => geometricLattice(width)),
  fc.tuple(anchor, step).map(
    ([from, width]) =>
      () =>
        arithmeticLattice(from, width),
  ),
);

describe.each([["geometric"], ["arithmetic"]])("a %s lattice", (kind) => {
  const some = (width: Rate, from: Ticks): Lattice =>
    kind === "geometric" ? geometricLattice(width) : arithmeticLattice(from, width);

  it("rises with every rung", () => {
    fc.assert(
      fc.property(step, anchor, price, fc.integer({ min: 1, max: 50 }), (width, from, at, up) => {
        const lattice = some(width, from);
        const index = lattice.atOrBelow(at);
        expect(lattice.price(index + up)).toBeGreaterThan(lattice.price(index + up - 1));
      }),
    );
  });

  it("finds the rungs around a price: at or below is at most it, the next one is above; the same the other way", () => {
    fc.assert(
      fc.property(step, anchor, price, (width, from, at) => {
        const lattice = some(width, from);
        const below = lattice.atOrBelow(at);
        const above = lattice.atOrAbove(at);
        expect(lattice.price(below)).toBeLessThanOrEqual(at);
        expect(lattice.price(below + 1)).toBeGreaterThan(at);
        expect(lattice.price(above)).toBeGreaterThanOrEqual(at);
        expect(lattice.price(above - 1)).toBeLessThan(at);
        expect(above - below).toBe(lattice.price(below) === at ? 0 : 1);
      }),
    );
  });

  it("finds a rung by its own price", () => {
    fc.assert(
      fc.property(step, anchor, price, (width, from, at) => {
        const lattice = some(width, from);
        const index = lattice.atOrBelow(at);
        expect([lattice.atOrBelow(lattice.price(index)), lattice.atOrAbove(lattice.price(index))]).toEqual([
          index,
          index,
        ]);
      }),
    );
  });
});

describe("a lattice", () => {
  it("is absolute: made anew, as after a restart, it has the same rungs at the same prices", () => {
    fc.assert(
      fc.property(lattices, price, price, (make, first, second) => {
        const before = make();
        const index = before.atOrBelow(first);
        const after = make();
        after.atOrAbove(second);
        expect([after.atOrBelow(first), after.price(index)]).toEqual([index, before.price(index)]);
      }),
    );
  });

  it("has the steps that were asked for", () => {
    const even = arithmeticLattice(ticks(970_000), rate(200_000));
    expect([-2, -1, 0, 1].map((index) => even.price(index))).toEqual([966_120, 968_060, 970_000, 971_940]);
    const percent = geometricLattice(rate(1_000_000));
    const index = percent.atOrBelow(ticks(1_000_000));
    const ratios = [0, 1, 2, 3].map((up) => percent.price(index + up + 1) / percent.price(index + up));
    for (const ratio of ratios) expect(Math.abs(ratio - 1.01)).toBeLessThan(0.000_002);
  });

  it("is never finer than a tick, and a geometric one needs a step", () => {
    const fine = arithmeticLattice(ticks(10), rate(1));
    expect([fine.price(0), fine.price(1)]).toEqual([10, 11]);
    expect(() => geometricLattice(rate(0))).toThrow("a grid step is above zero");
  });
});
