import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ONE, type Rate, rate, ticks, value } from "../../src/core/units.ts";
import { breakEven } from "../../src/settings/grid-figures.ts";
import { layGrid } from "../../src/settings/grid-layout.ts";
import type { GridSettings } from "../../src/settings/settings.ts";
import { INSTRUMENTS } from "../../src/venue/instruments.ts";
import { GRID, good, machine } from "./machine.ts";

const found = INSTRUMENTS.find(({ id }) => id === "BTCUSDT");
if (found === undefined) throw new Error("BTCUSDT ships");
const btc = found;
const PRICE = ticks(1_000_000);
const percent = (count: number): Rate => rate(Math.round(count * 1_000_000));

/** The good grid of the tests with a purse for all rungs. */
const [written] = good(machine({ "my.yaml": GRID.replace("max_margin_usd: 500", "max_margin_usd: 5000") }))
  .settings.engines;
if (written === undefined) throw new Error("a grid is written");
const grid: GridSettings = written;

const noticesOf = (change: Partial<GridSettings>, price = PRICE): readonly string[] => {
  const laid = layGrid({ ...grid, ...change }, btc, price);
  if (!laid.ok) throw new Error(laid.problems.join("\n"));
  return laid.notices;
};

describe("what a start says of a grid that fits", () => {
  const calm = { stopLoss: percent(5), takeProfit: percent(6) } as const;

  test("nothing, where nothing is worth saying", () => {
    expect(noticesOf(calm)).toEqual([]);
  });

  test.each<[string, Partial<GridSettings>, string]>([
    [
      "X10's take profit of 0.8 % against a stop of 2 %",
      { recoveryMode: "none", stopLoss: percent(2) },
      "g: a take profit of 0.80% against a stop of 2.00% needs 71.4% of the rungs to win before fees, 73.1% after.",
    ],
    [
      "a stop so tight that recovery never acts (X32)",
      { takeProfit: percent(2), stopLoss: percent(1.06), direction: "buy" },
      "g: its stop at 1.06% closes a rung before it can be stuck (at a loss of 1.06% its take profit is 3% away): recovery_mode ladder acts only where a take profit is missing.",
    ],
    [
      "a take profit that pays only where it rests",
      { recoveryMode: "none", takeProfit: percent(0.06), stopLoss: undefined, maxLoss: value(ONE) },
      "g: its take profit of 0.06% pays the fees only where it rests (0.04%), not where it takes (0.07%).",
    ],
    [
      "stops that are switched off",
      { ...calm, stopLoss: undefined, maxLoss: value(100 * ONE), isLossInUsd: true },
      "g: its stops are switched off, nothing closes a losing rung but its take profit, recovery_mode ladder, a loss of 100.00, and you.",
    ],
    [
      "a purse for a part of the rungs",
      { ...calm, maxMargin: value(2_000 * ONE) },
      "g: its purse max_margin_usd of 2000.00 is enough for about 4 of its 10 rungs, all of them need 4002.00 at leverage 1.",
    ],
    [
      "bounds for a part of the rungs",
      { ...calm, lowerPrice: "99000", upperPrice: "100000" },
      "g: about 5 of its 10 rungs fit between lower_price and upper_price.",
    ],
    [
      "a market below the grid",
      { ...calm, lowerPrice: "101000" },
      "g: the market at 100000.0 is below lower_price 101000.0, no entry leaves until it is back.",
    ],
    [
      "a stop price before the last rung",
      { ...calm, stopPrice: "99000" },
      "g: stop_price 99000.0 comes before the last rung: about 5 of its 10 rungs lie before it.",
    ],
    [
      "a sell grid's stop price before the last rung",
      { ...calm, direction: "sell", stopPrice: "101000" },
      "g: stop_price 101000.0 comes before the last rung: about 4 of its 10 rungs lie before it.",
    ],
  ])("%s", (_what, change, sentence) => {
    expect(noticesOf(change)).toContain(sentence);
  });

  test("a stop price beyond the last rung, and a pause between, are as they should be", () => {
    expect(noticesOf({ ...calm, lowerPrice: "98000", stopPrice: "97000", pausePrice: "98500" })).toEqual([]);
    expect(
      noticesOf({
        ...calm,
        direction: "sell",
        upperPrice: "103000",
        stopPrice: "104000",
        pausePrice: "102000",
      }),
    ).toEqual([]);
  });

  test("for a grid that traded before, a market that moved is told and refuses nothing", () => {
    const moved = { ...grid, ...calm, stopPrice: "105000" };
    expect(layGrid(moved, btc, PRICE).ok).toBe(false);
    const sentence =
      'engine "g": stop_price is 105000.0: the market at 100000.0 is beyond it, and all would be closed at once: for a buy grid write a price below the market.';
    expect(layGrid(moved, btc, PRICE, true)).toMatchObject({ ok: true, notices: [sentence] });
    const small = { ...grid, ...calm, size: { type: "base", quantity: "0.001" } } as const;
    expect(layGrid(small, btc, ticks(500_000), true)).toMatchObject({ ok: true });
    // What no market can mend stays refused.
    expect(layGrid({ ...grid, maxOrders: 201 }, btc, PRICE, true).ok).toBe(false);
  });
});

describe("the figures themselves", () => {
  const parts = fc.integer({ min: 10_000, max: 10_000_000 }).map(rate);

  test("at the break-even share wins and losses cancel out, below it the grid loses", () => {
    fc.assert(
      fc.property(parts, parts, (win, loss) => {
        const share = breakEven(win, loss) ?? 0;
        const result = (of: number): number => of * win - (ONE - of) * loss;
        expect(Math.abs(result(share))).toBeLessThanOrEqual(win + loss);
        expect(result(share - 2)).toBeLessThan(0);
        expect(result(share + 2)).toBeGreaterThan(0);
      }),
    );
    expect(breakEven(0, 1)).toBeUndefined();
  });

  test("a take profit is refused exactly where entry and exit as a maker cost as much as it brings", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 10_000, max: 100_000 }),
        fc.constantFrom<"buy" | "sell">("buy", "sell"),
        (part, direction) => {
          const laid = layGrid({ ...grid, takeProfit: rate(part), direction }, btc, PRICE);
          const exit = direction === "buy" ? ONE + part : ONE - part;
          const isPaid = part - btc.makerFee - Math.ceil((exit * btc.makerFee) / ONE) > 0;
          expect(laid.ok).toBe(isPaid);
        },
      ),
    );
  });

  test("recovery is said to be idle exactly where no loss within the stop is 3 % from the take profit (X32)", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 100_000, max: 4_000_000 }),
        fc.integer({ min: 500_000, max: 10_000_000 }),
        fc.constantFrom<"buy" | "sell">("buy", "sell"),
        (takeProfit, stopLoss, direction) => {
          const away = direction === "buy" ? 1 : -1;
          const close = ONE + away * takeProfit;
          const markAtStop = ONE - away * stopLoss;
          const distance = Math.abs(markAtStop - close) / close;
          fc.pre(Math.abs(distance - 0.03) > 1e-6);
          const said = noticesOf({ takeProfit: rate(takeProfit), stopLoss: rate(stopLoss), direction });
          expect(said.some((text) => text.includes("before it can be stuck"))).toBe(distance < 0.03);
        },
      ),
    );
  });

  test("a grid that fits has its lowest rung above the exchange's least, and one that does not says why", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 20 }),
        fc.integer({ min: 1, max: 100 }),
        fc.integer({ min: 200_000, max: 2_000_000 }),
        (quantity, maxOrders, price) => {
          const size = { type: "base", quantity: `${quantity / 1_000}` } as const;
          const change = { size, maxOrders, maxPositionSize: undefined, maxMargin: value(1_000_000 * ONE) };
          const laid = layGrid({ ...grid, ...change }, btc, ticks(price));
          const lowest = Math.floor(price / 1.002 ** maxOrders);
          const worth = (lowest * quantity) / 10_000;
          if (Math.abs(worth - 100) < 0.01) return;
          expect(laid.ok).toBe(worth > 100);
        },
      ),
    );
  });
});
