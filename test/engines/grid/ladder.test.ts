import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { lots, rate, signOf, ticks } from "../../../src/core/units.ts";
import { ladderPrices, ladderSlices } from "../../../src/engines/grid/ladder.ts";
import { isStuck, wayOut } from "../../../src/engines/grid/recovery.ts";
import { newRung, sums } from "../../../src/engines/grid/rung.ts";
import { entryOf, exitOf, recordOf } from "../../support/orders.ts";
import { GRID } from "../../support/rig.ts";

describe("a ladder's prices (X33)", () => {
  it("S1's example: bought at 100, to be sold at 101, now 95: 96.425, 97.85 and 99.275, on ticks in our favour", () => {
    const at = (unit: number) => ladderPrices(ticks(95 * unit), ticks(101 * unit), GRID);
    expect(at(1_000)).toEqual([96_425, 97_850, 99_275]);
    expect(at(10)).toEqual([965, 979, 993]);
    const sell = { ...GRID, direction: "sell" as const };
    // Sold at 100, to be bought back at 99, now 105: 103.425, 101.85 and 100.275.
    expect(ladderPrices(ticks(105_000), ticks(99_000), sell)).toEqual([103_425, 101_850, 100_275]);
    expect(ladderPrices(ticks(1_050), ticks(990), sell)).toEqual([1_034, 1_018, 1_002]);
  });

  it("never go beyond the original take profit", () => {
    expect(ladderPrices(ticks(98_000), ticks(101_000), GRID)).toEqual([99_470, 100_940, 101_000]);
    expect(ladderPrices(ticks(100_000), ticks(101_000), GRID)).toEqual([101_000, 101_000, 101_000]);
  });
});

describe("a ladder's slices", () => {
  const sizes = { step: 1, least: lots(1) };
  const prices = [ticks(965), ticks(979), ticks(993)];
  it.each([
    [10, 1, 1, [3, 3, 4]],
    [9, 1, 1, [3, 3, 3]],
    [3, 1, 1, [1, 1, 1]],
    [2, 1, 1, [1, 1]],
    [1, 1, 1, [1]],
    [11, 1, 4, [5, 6]],
    [7, 1, 4, [7]],
    [3, 1, 4, []],
    [100, 10, 10, [30, 30, 40]],
    [27, 5, 5, [5, 5, 15]],
  ])("%i lots on steps of %i, at least %i: %j", (size, step, least, expected) => {
    const found = ladderSlices(prices, lots(size), { step, least: lots(least) });
    expect(found.map((slice) => slice.lots)).toEqual(expected);
    expect(found.map(({ price }) => price)).toEqual(prices.slice(0, expected.length));
    expect(found.map(({ level }) => level)).toEqual(expected.map((_, level) => level));
  });

  it("of one price are one", () => {
    const same = [ticks(965), ticks(970), ticks(970)];
    expect(ladderSlices(same, lots(10), sizes)).toEqual([
      { level: 0, price: 965, lots: 3 },
      { level: 1, price: 970, lots: 7 },
    ]);
  });

  it("whatever the size: never more than it and nothing too small; all of it, but for less than a step or an order", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10_000 }),
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 60 }),
        (size, step, steps) => {
          const least = lots(step * steps);
          const slices = ladderSlices(prices, lots(size), { step, least });
          const sum = slices.reduce((total, slice) => total + slice.lots, 0);
          expect(sum).toBeLessThanOrEqual(size);
          expect(slices.every((slice) => slice.lots >= least && slice.lots % step === 0)).toBe(true);
          expect(sum).toBe(size < least ? 0 : size - (size % step));
        },
      ),
    );
  });

  it("in both directions prices are between the present one and the take profit, each further than the one before", () => {
    fc.assert(
      fc.property(
        fc.constantFrom("buy" as const, "sell" as const),
        fc.integer({ min: 1_000, max: 900_000 }),
        fc.integer({ min: 1, max: 200_000 }),
        (direction, from, distance) => {
          const sign = signOf(direction);
          const takeProfit = from + sign * Math.min(distance, from - 1);
          const found = ladderPrices(ticks(from), ticks(takeProfit), { ...GRID, direction });
          for (const [level, price] of found.entries()) {
            expect((price - from) * sign).toBeGreaterThan(0);
            expect((takeProfit - price) * sign).toBeGreaterThanOrEqual(0);
            const exact = from * (1 + sign * 0.015 * (level + 1));
            // In our favour, and by less than a tick, where the take profit does not come first.
            if (price !== takeProfit) expect(Math.abs(price - exact)).toBeLessThan(1.000_001);
            if (price !== takeProfit) expect((price - exact) * sign).toBeGreaterThanOrEqual(-1e-6);
          }
        },
      ),
    );
  });
});

describe("when a position is stuck (X31), and what is done (X32)", () => {
  const HOUR = 3_600_000;
  const rungWith = (...closes: readonly number[]) => {
    const entry = recordOf(entryOf({ lots: lots(10), price: ticks(100_000) }), "filled", 10);
    entry.firstFillAt = 1_000 as never;
    const rung = newRung(0);
    rung.orders.push(
      entry,
      ...closes.map((price) => recordOf(exitOf({ lots: lots(5), price: ticks(price) }))),
    );
    return rung;
  };
  const stuck = (rung: ReturnType<typeof rungWith>, mark: number, at: number): boolean =>
    isStuck(rung, sums(rung), ticks(mark), at as never, HOUR as never);

  it("open for the whole time, and its close more than 3 % away or gone", () => {
    expect(stuck(rungWith(101_000), 97_970, 1_000 + HOUR)).toBe(false);
    expect(stuck(rungWith(101_000), 97_969, 1_000 + HOUR)).toBe(true);
    expect(stuck(rungWith(101_000), 97_969, 999 + HOUR)).toBe(false);
    expect(stuck(rungWith(), 100_000, 1_000 + HOUR)).toBe(true);
    // The nearest close counts.
    expect(stuck(rungWith(101_000, 96_000), 95_000, 1_000 + HOUR)).toBe(false);
    expect(stuck(newRung(0), 95_000, 1_000 + HOUR)).toBe(false);
  });

  it.each([
    ["ladder", undefined, 95_000, "ladder", false],
    ["ladder", undefined, 90_000, "ladder", false],
    ["ladder", undefined, 89_999, "aggressive", true],
    ["ladder", 3_000_000, 95_000, "aggressive", true],
    ["ladder", 10_000_000, 95_000, "ladder", false],
    ["hedge", 10_000_000, 95_000, "hedge", false],
    ["hedge", 3_000_000, 95_000, "aggressive", true],
    ["aggressive", 10_000_000, 95_000, "aggressive", false],
    ["none", 3_000_000, 95_000, "none", true],
  ] as const)("mode %s, stop %s, 100 is now %i: %s", (recovery, stop, mark, way, isBeyond) => {
    const stopLoss = stop === undefined ? undefined : rate(stop);
    expect(wayOut(ticks(100_000), ticks(mark), { ...GRID, recovery, stopLoss })).toEqual({ way, isBeyond });
    const sell = { ...GRID, direction: "sell" as const, recovery, stopLoss };
    expect(wayOut(ticks(100_000), ticks(200_000 - mark), sell)).toEqual({ way, isBeyond });
  });
});
