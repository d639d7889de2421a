import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { exposureOf, marginFor, worstNotional } from "../../src/core/margin.ts";
import { flat, trade } from "../../src/core/position.ts";
import { lots, ONE, ticks, value } from "../../src/core/units.ts";
import { LINEAR } from "../support/instruments.ts";
import { entryOf, recordOf } from "../support/orders.ts";

const usdt = (amount: number) => value(amount * ONE);
const MARKET = ticks(500_000);

describe("exposure", () => {
  it("counts what is open of live entries at their own price, lost ones too, finished ones not", () => {
    const position = flat();
    trade(position, lots(100), usdt(5_000), value(0));
    const entries = [
      recordOf(entryOf({ lots: lots(10), price: ticks(490_000) })),
      recordOf(entryOf({ lots: lots(10), price: ticks(490_000) }), "unknown"),
      recordOf(entryOf({ lots: lots(10), price: ticks(490_000) }), "canceling", 4),
      recordOf(entryOf({ lots: lots(10), price: ticks(490_000) }), "canceled"),
      recordOf(entryOf({ lots: lots(10), price: ticks(490_000) }), "filled", 10),
      recordOf(entryOf({ lots: lots(5), side: "sell", price: ticks(510_000) }), "sending"),
    ];
    const exposure = exposureOf(LINEAR, position, entries, MARKET);
    expect(exposure).toEqual({ held: usdt(5_000), buys: usdt(490 + 490 + 294), sells: usdt(255) });
    expect(worstNotional(exposure)).toBe(usdt(5_000 + 1_274));
  });

  it("values a market order at the market", () => {
    const { price: _none, ...facts } = entryOf({ lots: lots(10), kind: "market" });
    expect(exposureOf(LINEAR, flat(), [recordOf(facts, "sending")], MARKET).buys).toBe(usdt(500));
  });

  it("a short that may be bought back and turned counts its worse end", () => {
    const short = { held: usdt(-100), buys: usdt(350), sells: usdt(50) };
    expect(worstNotional(short)).toBe(usdt(250));
    expect(worstNotional({ ...short, buys: usdt(0) })).toBe(usdt(150));
  });
});

describe("margin", () => {
  it("is the worst notional over leverage plus the fee to close it, never a step less", () => {
    expect(marginFor(LINEAR, usdt(3_000), 3)).toBe(usdt(1_000) + usdt(1.5));
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 10 ** 14 }),
        fc.integer({ min: 1, max: 20 }),
        (worst, leverage) => {
          const exact = worst / leverage + (worst * LINEAR.takerFee) / ONE;
          const found = marginFor(LINEAR, value(worst), leverage);
          expect(found).toBeGreaterThanOrEqual(Math.floor(exact * (1 - 1e-12)));
          expect(found - exact).toBeLessThan(2.1);
        },
      ),
    );
  });
});
