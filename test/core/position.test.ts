import { Decimal } from "decimal.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { executionCost, type Instrument } from "../../src/core/instrument.ts";
import { flat, holdingRealized, type Position, trade } from "../../src/core/position.ts";
import { lots, ticks, type Value, value } from "../../src/core/units.ts";
import { INVERSE, LINEAR } from "../support/instruments.ts";

interface Deal {
  readonly size: number;
  readonly price: number;
  readonly fee: number;
}
const deal: fc.Arbitrary<Deal> = fc.record({
  size: fc.integer({ min: -5_000, max: 5_000 }).filter((n) => n !== 0),
  price: fc.integer({ min: 200_000, max: 900_000 }),
  fee: fc.integer({ min: -500, max: 100_000 }),
});
const deals = fc.array(deal, { minLength: 1, maxLength: 30 });
const kinds = fc.constantFrom(LINEAR, INVERSE);

const costOf = (instrument: Instrument, { size, price }: Deal): Value =>
  executionCost(instrument, ticks(price), lots(size), "nearest");

function hold(instrument: Instrument, list: readonly Deal[]): Position {
  const position = flat();
  for (const one of list) trade(position, lots(one.size), costOf(instrument, one), value(one.fee));
  return position;
}

/** The naive way, in decimals with ample digits: an average cost that closes release pro rata. */
function naive(instrument: Instrument, list: readonly Deal[]) {
  const Wide = Decimal.clone({ precision: 60 });
  let held = 0;
  let cost = new Wide(0);
  let realized = new Wide(0);
  for (const one of list) {
    const paid = new Wide(costOf(instrument, one));
    if (held === 0 || Math.sign(held) === Math.sign(one.size)) {
      held += one.size;
      cost = cost.add(paid);
      continue;
    }
    const closing = Math.min(Math.abs(held), Math.abs(one.size));
    const released = cost.mul(closing).div(Math.abs(held));
    const proceeds = paid.mul(closing).div(Math.abs(one.size));
    realized = realized.sub(proceeds).sub(released);
    cost = cost.sub(released).add(paid.sub(proceeds));
    held += one.size;
  }
  return { held, cost, realized };
}

describe("a position as sums", () => {
  it("conserves money: what it realised is its cost less all that was paid, to the last step", () => {
    fc.assert(
      fc.property(kinds, deals, (instrument, list) => {
        const position = hold(instrument, list);
        const paid = list.reduce((sum, one) => sum + costOf(instrument, one), 0);
        expect(position.realized).toBe(position.cost - paid);
        expect(position.lots).toBe(list.reduce((sum, one) => sum + one.size, 0));
        expect(position.fees).toBe(list.reduce((sum, one) => sum + one.fee, 0));
        if (position.lots === 0) expect([position.cost, position.realized]).toEqual([0, 0 - paid]);
        else
          expect(Math.sign(position.cost) * Math.sign(position.lots)).toBe(
            instrument.kind === "inverse" ? -1 : 1,
          );
      }),
    );
  });

  it("agrees with average cost in decimals, within a step for every partial close", () => {
    fc.assert(
      fc.property(kinds, deals, (instrument, list) => {
        const position = hold(instrument, list);
        const exact = naive(instrument, list);
        expect(position.lots).toBe(exact.held);
        expect(exact.cost.sub(position.cost).abs().lte(list.length)).toBe(true);
        expect(exact.realized.sub(position.realized).abs().lte(list.length)).toBe(true);
      }),
    );
  });

  it("one trade, or the same trade in pieces, is the same position", () => {
    fc.assert(
      fc.property(deals, deal, fc.array(fc.nat(10_000), { maxLength: 6 }), (before, last, cuts) => {
        const total = Math.abs(last.size);
        const marks = [...new Set([0, ...cuts.map((cut) => cut % (total + 1)), total])].sort((a, b) => a - b);
        const pieces = marks
          .slice(1)
          .map((mark, at) => ({ ...last, size: Math.sign(last.size) * (mark - (marks[at] ?? 0)), fee: 0 }));
        const whole = hold(LINEAR, [...before, { ...last, fee: 0 }]);
        const split = hold(LINEAR, [...before, ...pieces]);
        expect(split.lots).toBe(whole.lots);
        expect(split.cost - split.realized).toBe(whole.cost - whole.realized);
        expect(Math.abs(split.cost - whole.cost)).toBeLessThanOrEqual(pieces.length);
      }),
    );
  });

  it("realises nothing while it grows, and the exact difference when it closes", () => {
    const position = flat();
    expect(trade(position, lots(10), value(1_000), value(3))).toBe(0);
    expect(trade(position, lots(20), value(2_300), value(3))).toBe(0);
    expect(trade(position, lots(-10), value(-1_200), value(3))).toBe(100);
    expect(position).toEqual({ lots: 20, cost: 2_200, realized: 100, fees: 9, before: 0 });
    expect(holdingRealized(position)).toBe(91);
    expect(trade(position, lots(-30), value(-3_600), value(3))).toBe(200);
    expect(position).toEqual({ lots: -10, cost: -1_200, realized: 300, fees: 12, before: 288 });
    expect(holdingRealized(position)).toBe(0);
    expect(trade(position, lots(10), value(1_250), value(3))).toBe(-50);
    expect(position).toEqual({ lots: 0, cost: 0, realized: 250, fees: 15, before: 288 });
    expect(holdingRealized(position)).toBe(0);
  });

  it("an inverse short that is bought back lower gains coins", () => {
    const position = hold(INVERSE, [
      { size: -100, price: 500_000, fee: 0 },
      { size: 100, price: 400_000, fee: 0 },
    ]);
    expect(position).toEqual({ lots: 0, cost: 0, realized: 5_000_000, fees: 0, before: 0 });
  });
});
