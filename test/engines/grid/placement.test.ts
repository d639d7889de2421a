import { describe, expect, it } from "vitest";
import { lots, millis, rate } from "../../../src/core/units.ts";
import { geometricLattice } from "../../../src/engines/grid/lattice.ts";
import type { GridParameters } from "../../../src/engines/grid/parameters.ts";
import { GRID, Rig } from "../../support/rig.ts";

const rigOf = (given: Partial<GridParameters> = {}, isInstant = true): Rig =>
  new Rig({ isInstant, config: { grids: [{ ...GRID, ...given }] } }).boot();
const entries = (rig: Rig) => rig.sent.filter(({ role }) => role === "entry");
const resting = (rig: Rig) => rig.exchange.open("entry");
const theEntry = (rig: Rig) => {
  const [entry, second] = resting(rig);
  if (entry === undefined || second !== undefined) throw new Error(`${resting(rig).length} entries rest`);
  return entry;
};
const lattice = geometricLattice(GRID.step);

describe("where the next entry goes", () => {
  it("a buy grid quotes the nearest rung at or below the bid, a sell grid the nearest at or above the ask", () => {
    const buy = rigOf();
    const index = lattice.atOrBelow(buy.exchange.bid as never);
    expect(theEntry(buy).facts).toMatchObject({
      side: "buy",
      rung: index,
      price: lattice.price(index),
      isPostOnly: true,
    });
    const sell = rigOf({ direction: "sell" });
    const above = lattice.atOrAbove(sell.exchange.ask as never);
    expect(theEntry(sell).facts).toMatchObject({ side: "sell", rung: above, price: lattice.price(above) });
  });

  it("only one entry rests at a time, and the next one waits its time", () => {
    const rig = rigOf({ waitMs: millis(30_000) });
    const first = theEntry(rig);
    rig.pass(60_000);
    expect(entries(rig)).toHaveLength(1);
    const at = rig.state.at;
    rig.feed(...rig.exchange.fill(first));
    rig.pass(500);
    expect(entries(rig)).toHaveLength(2);
    rig.feed(...rig.exchange.fill(theEntry(rig)));
    rig.pass(29_000);
    expect(entries(rig)).toHaveLength(2);
    rig.pass(1_500);
    expect(entries(rig)).toHaveLength(3);
    expect(rig.state.at - at).toBe(31_000);
    expect(new Set(entries(rig).map(({ rung }) => rung)).size).toBe(3);
  });

  it("goes on below what is held, up to the rungs and the position that are allowed, and no further", () => {
    const rungs = rigOf({ ordersMax: 3 });
    const lotsOnly = rigOf({ positionMax: lots(25) });
    for (const rig of [rungs, lotsOnly]) {
      for (let n = 0; n < 8; n += 1) {
        const [entry] = resting(rig);
        if (entry !== undefined) rig.feed(...rig.exchange.fill(entry));
        rig.pass(2_000);
      }
    }
    expect([entries(rungs).length, rungs.held(), resting(rungs)]).toEqual([3, 30, []]);
    expect([entries(lotsOnly).length, lotsOnly.held(), resting(lotsOnly)]).toEqual([2, 20, []]);
    const used = entries(rungs).map(({ rung }) => rung);
    expect(used).toEqual([used[0], (used[0] ?? 0) - 1, (used[0] ?? 0) - 2]);
  });

  it("a rung is used again once its cycle is over", () => {
    const rig = rigOf({ ordersMax: 1 });
    const { rung } = theEntry(rig).facts;
    for (let cycle = 0; cycle < 3; cycle += 1) {
      rig.feed(...rig.exchange.fill(theEntry(rig)));
      const [tp] = rig.exchange.open("takeProfit");
      if (tp !== undefined) rig.feed(...rig.exchange.fill(tp));
      rig.pass(2_000);
    }
    expect(entries(rig).map((entry) => entry.rung)).toEqual([rung, rung, rung, rung]);
    const grid = rig.state.engines.get("grid1")?.snapshot();
    expect([grid?.cycles, grid?.stops, rig.exchange.open("stop")]).toEqual([3, 0, []]);
    expect(grid?.realized).toBe(rig.exchange.position.realized);
  });
});

describe("an entry that the market left behind", () => {
  it("is replaced only after its cancel is confirmed", () => {
    const rig = rigOf();
    const old = theEntry(rig);
    const { answer } = rig;
    rig.answer = (effect) => (effect.type === "cancel" ? [] : answer.call(rig, effect));
    rig.quote(505_000);
    rig.pass(5_000);
    const cancels = () => rig.effects.filter(({ type }) => type === "cancel");
    expect([cancels().length, entries(rig).length]).toEqual([1, 1]);
    rig.answer = answer;
    rig.feed(...rig.exchange.cancel(old.facts));
    rig.pass(500);
    expect(entries(rig)).toHaveLength(2);
    expect(theEntry(rig).facts.rung).toBe(lattice.atOrBelow(505_000 as never));
  });

  it("is replaced with the confirmation, also when the market then stands still and no further price comes", () => {
    const rig = rigOf();
    const old = theEntry(rig);
    rig.quote(505_000);
    expect(rig.exchange.orders.get(old.facts.clientId)?.status).toBe("canceled");
    expect(theEntry(rig).facts.rung).toBe(lattice.atOrBelow(505_000 as never));
    rig.pass(60_000, true);
    expect(entries(rig)).toHaveLength(2);
  });

  it("is not replaced at once when another hand cancelled it, or when entries are paused: only a price leads on", () => {
    const taken = rigOf();
    taken.feed(...taken.exchange.cancel(theEntry(taken).facts));
    expect([resting(taken), entries(taken).length]).toEqual([[], 1]);
    taken.pass(500);
    expect(entries(taken)).toHaveLength(2);
    const paused = rigOf();
    paused.ask({ type: "pause" });
    expect([resting(paused), entries(paused).length]).toEqual([[], 1]);
  });

  it("is replaced also when a part of it was filled: what was bought keeps its exits, the rest follows the market", () => {
    const rig = rigOf();
    const old = theEntry(rig);
    rig.feed(...rig.exchange.fill(old, 3));
    rig.pass(1_000);
    rig.quote(503_000);
    rig.pass(2_500);
    expect([old.status, old.filled, rig.held()]).toEqual(["canceled", 3, 3]);
    expect(rig.exchange.open("takeProfit").map(({ facts }) => facts.lots)).toEqual([3]);
    expect(theEntry(rig).facts.rung).toBeGreaterThan(old.facts.rung);
  });

  it("stays where it is while the price is below it or no rung is nearer", () => {
    const rig = rigOf();
    const { clientId, price } = theEntry(rig).facts;
    rig.quote((price ?? 0) + 1);
    rig.pass(5_000);
    expect(theEntry(rig).facts.clientId).toBe(clientId);
    expect(rig.effects.filter(({ type }) => type === "cancel")).toEqual([]);
  });

  it("a fill that overtakes the cancel is kept and protected", () => {
    const rig = rigOf();
    const old = theEntry(rig);
    const { answer } = rig;
    let late: ReturnType<typeof rig.exchange.fill> = [];
    rig.answer = (effect) => {
      if (effect.type === "cancel" && effect.facts.role === "entry" && late.length === 0)
        late = rig.exchange.fill(old);
      return answer.call(rig, effect);
    };
    rig.quote(501_500);
    rig.feed(...late);
    rig.pass(3_000);
    expect([rig.held(), rig.exchange.open("stop").length, rig.exchange.open("takeProfit").length]).toEqual([
      10, 1, 1,
    ]);
    expect(rig.state.orders.get(old.facts.clientId)?.state).toBe("filled");
  });
});

describe("a refused entry", () => {
  it("of the guard is asked for again half a minute later, not on every price", () => {
    const rig = rigOf({ purse: 1 as never, step: rate(200_000) });
    rig.pass(20_000);
    expect(rig.refused).toHaveLength(1);
    rig.pass(15_000);
    expect([rig.refused.length, rig.refused[0]?.type, entries(rig)]).toEqual([2, "refused", []]);
  });

  it("of the exchange (it would have taken) frees its rung, and the next one follows after the wait", () => {
    const rig = rigOf();
    rig.feed(...rig.exchange.cancel(theEntry(rig).facts));
    rig.exchange.ask = 400_000;
    rig.pass(3_000);
    const after = entries(rig).length;
    expect([resting(rig), after > 1]).toEqual([[], true]);
    expect(after).toBeLessThanOrEqual(5);
    rig.quote(500_000);
    rig.pass(2_000);
    expect(resting(rig)).toHaveLength(1);
  });
});
