import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { returnsOf, sharpeOf, sortinoOf, tradeFigures } from "../../src/backtest/metrics.ts";

/** The annual returns of Red Rock Capital's paper, with a target of zero. */
const PAPER = [0.17, 0.15, 0.23, -0.05, 0.12, 0.09, 0.13, -0.04];

describe("published examples", () => {
  test("Rollinger and Hoffman: a mean of 10 % over a downside deviation of 2.264 % is a Sortino ratio of 4.417", () => {
    expect(sortinoOf(PAPER, 1)).toBeCloseTo(4.417, 3);
  });

  test("the same returns have a sample standard deviation of 9.84 %, so a Sharpe ratio of 1.016", () => {
    expect(sharpeOf(PAPER, 1)).toBeCloseTo(1.016, 3);
  });

  test("ratios of a year are those of its days times the root of 365", () => {
    expect(sharpeOf(PAPER)).toBeCloseTo((sharpeOf(PAPER, 1) ?? 0) * Math.sqrt(365), 9);
  });
});

/** The same by other ways: sums of squares instead of deviations, one pass. */
function naive(returns: readonly number[]) {
  let sum = 0;
  let squares = 0;
  let down = 0;
  for (const each of returns) {
    sum += each;
    squares += each * each;
    if (each < 0) down += each * each;
  }
  const count = returns.length;
  const variance = (squares - (sum * sum) / count) / (count - 1);
  return {
    sharpe: (sum / count / Math.sqrt(variance)) * Math.sqrt(365),
    sortino: (sum / count / Math.sqrt(down / count)) * Math.sqrt(365),
  };
}

test("both ratios are what a naive one-pass computation says", () => {
  const returns = fc.array(fc.integer({ min: -500, max: 500 }), { minLength: 5, maxLength: 60 });
  fc.assert(
    fc.property(returns, (list) => {
      const parts = list.map((each) => each / 10_000);
      fc.pre(new Set(parts).size > 2 && parts.some((each) => each < 0));
      const other = naive(parts);
      expect(sharpeOf(parts)).toBeCloseTo(other.sharpe, 6);
      expect(sortinoOf(parts)).toBeCloseTo(other.sortino, 6);
    }),
  );
});

test("what can't be told is not told: one return, none that varies, none that is negative", () => {
  expect(sharpeOf([0.1])).toBeUndefined();
  expect(sharpeOf([0.25, 0.25, 0.25])).toBeUndefined();
  expect(sortinoOf([0.1, 0.2])).toBeUndefined();
});

test("returns go from value to value and end when nothing is left", () => {
  expect(returnsOf([100, 110, 99])).toEqual([expect.closeTo(0.1), expect.closeTo(-0.1)]);
  expect(returnsOf([100, 0, 50])).toEqual([-1]);
});

describe("trades", () => {
  test("two winners of 3 and 1 and a loser of 2 on 100 each", () => {
    const results = [3, 1, -2].map((net) => ({ net, entry: 100 }));
    expect(tradeFigures(results)).toEqual({
      trades: 3,
      winRate: 2 / 3,
      profitFactor: 2,
      averageTradePercent: expect.closeTo(2 / 3),
    });
  });

  test("one that only earns its fees has not won", () => {
    expect(tradeFigures([{ net: 0, entry: 100 }])).toMatchObject({ winRate: 0, averageTradePercent: 0 });
  });

  test("none at all have no rates", () => {
    expect(tradeFigures([])).toEqual({
      trades: 0,
      winRate: undefined,
      profitFactor: undefined,
      averageTradePercent: undefined,
    });
  });
});
