import { Decimal } from "decimal.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  averagePrice,
  executionCost,
  type Instrument,
  lotsFor,
  notional,
  profit,
  scalePrice,
  unitOf,
} from "../../src/core/instrument.ts";
import { stepOf, textOf } from "../../src/core/text.ts";
import { lots, ONE, type Rounding, ticks, value } from "../../src/core/units.ts";
import { INVERSE, LINEAR, SPOT } from "../support/instruments.ts";

const price = fc.integer({ min: 100, max: 5_000_000 }).map(ticks);
const size = fc.integer({ min: 1, max: 100_000 }).map(lots);
const kinds = fc.constantFrom(LINEAR, INVERSE, SPOT);

/** The same worth by the text book, in settle asset, as decimal.js. */
function textBook(instrument: Instrument, at: number, held: number): Decimal {
  const quote = new Decimal(textOf(at, instrument.tick));
  const count = new Decimal(textOf(held, instrument.lot));
  if (instrument.kind === "inverse") return count.mul(instrument.unit).div(ONE).div(quote);
  return count.mul(quote);
}

describe("what lots are worth", () => {
  it("is size x price (linear, spot) or contracts x value / price (inverse), within one step", () => {
    fc.assert(
      fc.property(kinds, price, size, fc.constantFrom(1, -1), (instrument, at, held, sign) => {
        const exact = textBook(instrument, at, held * sign).mul(ONE);
        const found = (how: Rounding) => notional(instrument, at, lots(held * sign), how);
        expect(new Decimal(found("down")).toNumber()).toBe(exact.floor().toNumber());
        expect(new Decimal(found("up")).toNumber()).toBe(exact.ceil().toNumber());
        expect(exact.minus(found("nearest")).abs().lte(0.5)).toBe(true);
      }),
    );
  });

  it("costs a buyer of an inverse contract less coin the higher the price", () => {
    const low = executionCost(INVERSE, ticks(300_000), lots(10), "nearest");
    const high = executionCost(INVERSE, ticks(600_000), lots(10), "nearest");
    expect(high).toBeGreaterThan(low);
    expect([low, high]).toEqual([-3_333_333, -1_666_667]);
    expect(executionCost(LINEAR, ticks(600_000), lots(10), "nearest")).toBe(60_000_000_000);
  });
});

describe("profit", () => {
  it.each([
    // Binance's USDT-M example: (exit - entry) x size.
    ["a long of 1 BTC from 60,000 to 61,234.5", LINEAR, 600_000, 1_000, 612_345, 1_234.5 * ONE],
    ["a short of 0.5 BTC from 60,000 to 59,000", LINEAR, 600_000, -500, 590_000, 500 * ONE],
    // Binance's COIN-M example: contracts x 100 USD x (1/entry - 1/exit).
    ["100 contracts of 100 USD from 50,000 to 60,000", INVERSE, 500_000, 100, 600_000, 3_333_333],
    ["100 contracts short from 50,000 to 40,000", INVERSE, 500_000, -100, 400_000, 5_000_000],
    ["0.01 BTC of spot from 40,000 to 39,000", SPOT, 400_000, 10, 390_000, -10 * ONE],
  ])("of %s is as published", (_name, instrument, entry, held, exit, expected) => {
    const cost = executionCost(instrument, ticks(entry), lots(held), "nearest");
    const gained = profit(instrument, cost, lots(held), ticks(exit));
    expect(Math.abs(gained - expected)).toBeLessThanOrEqual(1);
    expect(gained).toBeLessThanOrEqual(expected);
  });

  it("never flatters: no trade's profit is above the exact one by more than the cost's half step", () => {
    fc.assert(
      fc.property(
        kinds,
        price,
        price,
        size,
        fc.constantFrom(1, -1),
        (instrument, entry, exit, count, sign) => {
          const held = lots(count * sign);
          const cost = executionCost(instrument, entry, held, "nearest");
          const direction = instrument.kind === "inverse" ? -1 : 1;
          const exact = textBook(instrument, exit, held)
            .minus(textBook(instrument, entry, held))
            .mul(direction * ONE);
          const found = profit(instrument, cost, held, exit);
          expect(exact.minus(found).gte(-0.5)).toBe(true);
          expect(exact.minus(found).lt(1.5)).toBe(true);
        },
      ),
    );
  });

  it("gains in the direction of the position, whatever the kind", () => {
    fc.assert(
      fc.property(kinds, price, fc.integer({ min: 2, max: 50 }), size, (instrument, entry, percent, held) => {
        const higher = ticks(Math.ceil((entry * (100 + percent)) / 100));
        const long = executionCost(instrument, entry, held, "nearest");
        const short = executionCost(instrument, entry, lots(-held), "nearest");
        expect(profit(instrument, long, held, higher)).toBeGreaterThanOrEqual(0);
        expect(profit(instrument, short, lots(-held), higher)).toBeLessThanOrEqual(0);
      }),
    );
  });

  it("of nothing is zero", () => {
    expect(profit(LINEAR, value(5), lots(0), ticks(10))).toBe(0);
  });
});

describe("prices", () => {
  it("the average of one execution is its price", () => {
    fc.assert(
      fc.property(fc.constantFrom(LINEAR, SPOT), price, size, (instrument, at, held) => {
        expect(averagePrice(instrument, executionCost(instrument, at, held, "nearest"), held)).toBe(at);
      }),
    );
    // An inverse cost is rounded to 1e-8 coins: the price comes back as far as those digits carry it.
    fc.assert(
      fc.property(fc.integer({ min: 100_000, max: 900_000 }).map(ticks), (at) => {
        const held = lots(10_000);
        expect(averagePrice(INVERSE, executionCost(INVERSE, at, held, "nearest"), held)).toBe(at);
      }),
    );
  });

  it("there is no average of nothing", () => {
    expect(averagePrice(LINEAR, value(0), lots(0))).toBeUndefined();
    expect(averagePrice(LINEAR, value(0), lots(5))).toBeUndefined();
  });

  it("the least lots for a notional reach it, and one lot less does not", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(LINEAR, SPOT),
        price,
        fc.integer({ min: 1, max: 1_000 }),
        (instrument, at, usd) => {
          const least = value(usd * ONE);
          const count = lotsFor(instrument, at, least);
          expect(notional(instrument, at, count, "down")).toBeGreaterThanOrEqual(least);
          expect(notional(instrument, at, lots(count - 1), "down")).toBeLessThan(least);
        },
      ),
    );
  });

  it("scales to the named side", () => {
    expect(scalePrice(ticks(1_001), 1, 2, "up")).toBe(501);
    expect(scalePrice(ticks(1_001), 1, 2, "down")).toBe(500);
  });

  it("refuses steps finer than money can count", () => {
    expect(unitOf(stepOf("0.10"), stepOf("0.001"))).toBe(10_000);
    expect(() => unitOf(stepOf("0.00001"), stepOf("0.0001"))).toThrow("finer than 0.00000001");
  });
});
