import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { OperatorRequest } from "../../../src/core/event.ts";
import { notional } from "../../../src/core/instrument.ts";
import { lots, millis, ONE, rate, signOf, ticks, value } from "../../../src/core/units.ts";
import { hasStops, lossStop } from "../../../src/engines/grid/loss-limit.ts";
import type { GridParameters } from "../../../src/engines/grid/parameters.ts";
import { INVERSE, LINEAR } from "../../support/instruments.ts";
import { GRID, Rig } from "../../support/rig.ts";
import { changed, holding, one, open, told } from "../../support/scenario.ts";

/** Without rung stops; 50 lots at most, so that 25 USDT are 5,000 ticks (500.0) of each. */
const OFF = { stopLoss: undefined, lossMax: value(25 * ONE), waitMs: millis(1_000) } as const;
const nextLife = (rig: Rig): Rig =>
  new Rig({ exchange: rig.exchange, config: { ...rig.config, epoch: 8, nonce: "abcd" } }).boot();

describe("the purse's loss limit, resting as stops where rung stops are off (X8, I3)", () => {
  it("is shared out over all that the grid may ever hold: 25 USDT over 50 lots are 500.0 per rung", () => {
    const at = (given: Partial<GridParameters>, entry = 500_000) =>
      lossStop(ticks(entry), value(25 * ONE), { ...GRID, ...given }, LINEAR);
    expect(at({})).toBe(495_000);
    expect(at({ direction: "sell" })).toBe(505_000);
    // The position limit allows only half of the rungs.
    expect(at({ positionMax: lots(25) })).toBe(490_000);
    expect(at({ ordersMax: 1 })).toBe(475_000);
    // Not even a price of nothing would cost as much.
    expect(at({}, 4_000)).toBe(LINEAR.priceMin);
    expect([
      hasStops(GRID),
      hasStops({ ...GRID, ...OFF }),
      hasStops({ ...GRID, stopLoss: undefined }),
    ]).toEqual([true, true, false]);
  });

  it("whatever the grid: all lots stopped there have lost at most the limit, and one tick further is more than it", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(LINEAR, INVERSE),
        fc.constantFrom("buy" as const, "sell" as const),
        fc.integer({ min: 300_000, max: 700_000 }),
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 20, max: 200 }),
        (instrument, direction, entry, quantity, permille) => {
          const parameters = {
            ...GRID,
            direction,
            quantity: lots(quantity),
            positionMax: lots(quantity * 5),
          };
          const most = lots(quantity * 5);
          const worth = notional(instrument, ticks(entry), most, "nearest");
          const limit = value(Math.floor((worth * permille) / 1_000));
          const stop = lossStop(ticks(entry), limit, parameters, instrument);
          const sign = signOf(direction) * (instrument.kind === "inverse" ? -1 : 1);
          const lossAt = (price: number) =>
            (worth - notional(instrument, ticks(price), most, "nearest")) * sign;
          expect(lossAt(stop)).toBeLessThanOrEqual(limit);
          expect(lossAt(stop - 2 * signOf(direction))).toBeGreaterThan(limit);
        },
      ),
    );
  });

  it("each fill has its stop at the exchange, with the desk dead too", () => {
    const rig = holding(OFF);
    const entry = rig.sent.find(({ role }) => role === "entry")?.price ?? 0;
    expect([open(rig, "stop"), one(rig, "stop").facts.trigger]).toEqual([[10], entry - 5_000]);
    rig.pass(3_000);
    rig.feed(...rig.exchange.fill(one(rig, "entry")));
    expect(open(rig, "stop")).toEqual([10, 10]);
  });

  it("a stop that is not acknowledged within 5 s closes the rung, as any other", () => {
    const rig = holding(OFF);
    rig.feed(...rig.exchange.cancel(one(rig, "stop").facts));
    rig.feed(...rig.exchange.cancel(one(rig, "stop").facts));
    rig.pass(7_000);
    expect([rig.held(), told(rig).includes(`critical stop:grid1:${rig.sent[0]?.rung}`)]).toEqual([0, true]);
  });
});

describe("the purse's loss limit, watched (X39)", () => {
  /** Two rungs of 10 lots; one tick of 20 lots is 0.002 USDT. */
  const two = (lossMax: number, given: Partial<GridParameters> = {}): Rig => {
    const rig = holding({
      waitMs: millis(1_000),
      lossMax: value(lossMax),
      stopLoss: rate(9_000_000),
      ...given,
    });
    rig.pass(3_000);
    rig.feed(...rig.exchange.fill(one(rig, "entry")));
    rig.pass(3_000);
    return rig;
  };
  const lossAt = (rig: Rig, mark: number): number => {
    const { lots: size, cost, fees } = rig.exchange.position;
    return cost - size * mark * LINEAR.unit + fees;
  };

  it("reached to the step, fees and what was realised included, it closes all, pauses and alerts", () => {
    const probe = two(1_000 * ONE);
    const limit = lossAt(probe, 490_000);
    const rig = two(limit);
    rig.quote(490_001);
    expect([rig.held(), told(rig)]).toEqual([20, []]);
    rig.quote(490_000);
    rig.pass(1_000);
    expect([rig.exchange.position.lots, rig.exchange.open(), told(rig)]).toEqual([
      0,
      [],
      ["critical halt:grid1"],
    ]);
    expect(rig.state.paused.get("grid1")).toMatch(
      /^its loss reached the limit of \d+\.\d\d USDT at 49000\.0$/,
    );
  });

  it("counts what stops have realised since the grid last held nothing, and finds the same after a restart", () => {
    const rig = two(1_000 * ONE);
    const [stop] = rig.exchange.open("stop");
    if (stop !== undefined) rig.feed(...rig.exchange.trigger(stop, false, 480_000));
    rig.pass(1_000);
    const next = nextLife(rig);
    const share = (of: Rig) => of.state.account.share(LINEAR.id, "both", "grid1");
    expect(share(next)).toEqual(share(rig));
    expect(share(rig).realized).toBeLessThan(0);
    const { lots: size, cost, realized, fees } = rig.exchange.position;
    const limit = -(size * 490_000 * LINEAR.unit - cost + realized - fees);
    for (const early of [1, 0]) {
      const grids = [{ ...GRID, stopLoss: rate(9_000_000), lossMax: value(limit + early) }];
      const third = new Rig({
        exchange: rig.exchange,
        config: { ...rig.config, grids, epoch: 9, nonce: "efgh" },
      }).boot();
      third.quote(490_000);
      third.pass(1_000);
      const halts = told(third).filter((each) => each.includes("halt"));
      expect([third.held(), halts]).toEqual(early === 1 ? [10, []] : [0, ["critical halt:grid1"]]);
    }
  });

  it("lets a person go on with a rest that is too small to be closed: its loss counts no more, after a restart too", () => {
    const rig = two(lossAt(two(1_000 * ONE), 490_000));
    // One lot is sold, then the exchange's size step grows to 4 lots: rests of 1 and 2 lots can't be traded any more.
    const [profit] = rig.exchange.open("takeProfit");
    if (profit !== undefined) rig.feed(...rig.exchange.fill(profit, 1));
    rig.feed(changed(rig, { lotStep: 4 }));
    const halts = (of: Rig) => told(of).filter((each) => each.includes("halt")).length;
    rig.quote(480_000);
    rig.pass(2_000);
    expect([halts(rig), rig.held()]).toEqual([1, 3]);
    rig.ask({ type: "resume" });
    rig.pass(3_000);
    expect([halts(rig), rig.state.paused.size, rig.facts("forgive").length]).toEqual([1, 0, 1]);
    const next = new Rig({ exchange: rig.exchange, config: { ...rig.config, epoch: 8, nonce: "abcd" } });
    for (const { body } of [...rig.facts("halt"), ...rig.facts("resume"), ...rig.facts("forgive")])
      next.ask((body as { readonly request: OperatorRequest }).request, undefined, true);
    next.boot();
    next.pass(3_000);
    expect([halts(next), next.state.paused.size]).toEqual([0, 0]);
  });

  it("begins anew once nothing is held: after /resume the same loss is allowed again", () => {
    const rig = two(1_000 * ONE);
    const limit = lossAt(rig, 490_000);
    const first = two(limit);
    first.quote(490_000);
    first.pass(1_000);
    first.ask({ type: "resume" });
    first.pass(3_000);
    expect(open(first, "entry")).toEqual([10]);
    first.feed(...first.exchange.fill(one(first, "entry")));
    first.pass(1_000);
    expect([first.held(), first.state.paused.size]).toEqual([10, 0]);
  });
});
