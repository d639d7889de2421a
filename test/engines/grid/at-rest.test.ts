import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { OrderRecord, OrderState } from "../../../src/core/order.ts";
import { lots, millis, ticks } from "../../../src/core/units.ts";
import { EngineWindow } from "../../../src/desk/kernel/window.ts";
import { restless } from "../../../src/engines/grid/at-rest.ts";
import type { GridParameters } from "../../../src/engines/grid/parameters.ts";
import { newClosing, newRecovery, newRung, type Rung, sums } from "../../../src/engines/grid/rung.ts";
import { settle, wayOf } from "../../../src/engines/grid/settle.ts";
import { TradeLines } from "../../../src/engines/grid/trade-lines.ts";
import { entryOf, exitOf, recordOf, stopOf } from "../../support/orders.ts";
import { GRID, Rig } from "../../support/rig.ts";

const view = new EngineWindow(new Rig().boot().state, GRID.engine);
const NOTHING_TAKEN = { isTakenTold: false };
const entry = (filled = 10, state: OrderState = "filled") =>
  recordOf(entryOf({ lots: lots(10) }), state, filled);
const profit = (size = 10, state: OrderState = "resting", filled = 0) =>
  recordOf(exitOf({ lots: lots(size) }), state, filled);
const stop = (size = 10, state: OrderState = "resting", filled = 0) =>
  recordOf(stopOf({ lots: lots(size) }), state, filled);
const rungOf = (orders: readonly OrderRecord[], change: Partial<Rung> = {}): Rung => ({
  ...newRung(0),
  orders: [...orders],
  ...change,
});
const isLeftOut = (rung: Rung, grid: GridParameters = GRID, taken = NOTHING_TAKEN): boolean =>
  restless(new Map([[0, rung]]), grid, taken, view).length === 0;

/** All that settling a rung does and tells. */
function settled(rung: Rung, grid: GridParameters = GRID) {
  const before = JSON.stringify(rung);
  const sum = sums(rung);
  const lines = new TradeLines(grid).of(rung, sum, view);
  const intents = settle(rung, sum, grid, view, wayOf(rung, new Map([[0, rung]])));
  return { intents: [...lines, ...intents], isChanged: JSON.stringify(rung) !== before };
}

describe("a rung at rest", () => {
  it("holds what its entries bought, and a take profit and a stop rest for all of it", () => {
    expect(isLeftOut(rungOf([entry(), profit(), stop()]))).toBe(true);
    expect(isLeftOut(rungOf([entry(4, "partlyFilled" as OrderState), profit(4), stop(4)]))).toBe(true);
    expect(isLeftOut(rungOf([entry(), profit(3, "canceled"), profit(), stop(), stop(2, "rejected")]))).toBe(
      true,
    );
    const { stopLoss: _, ...rest } = GRID;
    const bare = { ...rest, stopLoss: undefined };
    expect(isLeftOut(rungOf([entry(), profit()]), bare)).toBe(true);
    expect(isLeftOut(rungOf([entry(), profit(), stop()]), bare)).toBe(false);
  });

  const whole = [entry(), profit(), stop()];
  it.each<readonly [string, Rung]>([
    ["no take profit", rungOf([entry(), stop()])],
    ["no stop", rungOf([entry(), profit()])],
    ["too little of one", rungOf([entry(), profit(9), stop()])],
    ["too much of one", rungOf([entry(), profit(), stop(11)])],
    ["a stop that is on its way", rungOf([entry(), profit(), stop(10, "sending")])],
    ["a take profit that is being cancelled", rungOf([entry(), profit(10, "canceling"), stop()])],
    ["a stop that fired", rungOf([entry(), profit(), stop(), stop(10, "triggered")])],
    ["an exit that was executed", rungOf([entry(), profit(2, "filled", 2), profit(8), stop(8)])],
    ["nothing held", rungOf([entry(0, "resting")])],
    ["a close under way", rungOf(whole, { closing: newClosing("asked") })],
    ["lots that others took", rungOf(whole, { lost: lots(1) })],
    ["refusals", rungOf(whole, { refusals: 1 })],
    ["no stop a moment ago", rungOf(whole, { unprotectedSinceWall: millis(1) })],
    ["a ladder", rungOf(whole, { recovery: { ...newRecovery(), ladder: [ticks(1)] } })],
    ["a hedge", rungOf(whole, { leg: newRung(0) })],
    ["a hedge that is wanted", rungOf(whole, { recovery: { ...newRecovery(), hedge: "wanted" } })],
  ])("not with %s", (_, rung) => {
    expect(isLeftOut(rung)).toBe(false);
  });

  it("nor while a close was refused, or others took lots", () => {
    const refused = newClosing("asked");
    refused.isRefused = true;
    const other = rungOf([entry()], { closing: refused });
    const rungs = new Map([
      [0, rungOf(whole)],
      [1, other],
    ]);
    expect(restless(rungs, GRID, NOTHING_TAKEN, view)).toHaveLength(2);
    expect(isLeftOut(rungOf(whole), GRID, { isTakenTold: true })).toBe(false);
  });

  it("has nothing to do and nothing to tell, whatever its orders are", () => {
    const state = fc.constantFrom<OrderState>(
      "sending",
      "unknown",
      "resting",
      "canceling",
      "triggered",
      "filled",
      "canceled",
      "expired",
      "rejected",
    );
    const size = fc.integer({ min: 0, max: 3 });
    const order = fc.oneof(
      fc.tuple(size, state).map(([filled, is]) => entry(filled, is)),
      fc
        .tuple(fc.constantFrom(profit, stop), size, state, fc.constantFrom(0, 0, 0, 1))
        .map(([make, all, is, filled]) => make(all, is, filled)),
    );
    let count = 0;
    fc.assert(
      fc.property(
        fc.array(order, { maxLength: 5 }),
        fc.integer({ min: 1, max: 3 }),
        fc.boolean(),
        (more, held, isWhole) => {
          const rung = rungOf([...(isWhole ? [entry(held), profit(held), stop(held)] : []), ...more]);
          if (!isLeftOut(rung)) return;
          count += 1;
          expect(settled(rung)).toEqual({ intents: [], isChanged: false });
        },
      ),
      { numRuns: 5_000 },
    );
    expect(count).toBeGreaterThan(200);
  });
});
