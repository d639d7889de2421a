import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { explained } from "../../../src/core/book.ts";
import { isLive, type OrderFacts, type OrderRecord } from "../../../src/core/order.ts";
import { lots } from "../../../src/core/units.ts";
import type { Effect } from "../../../src/desk/kernel/effect.ts";
import { EngineWindow } from "../../../src/desk/kernel/window.ts";
import { Grid } from "../../../src/engines/grid/grid.ts";
import { collectCycles } from "../../../src/engines/grid/history.ts";
import { entryOf, exitOf, recordOf } from "../../support/orders.ts";
import { GRID, type Rig } from "../../support/rig.ts";
import {
  calm,
  type Happening,
  happen,
  histories,
  type Kind,
  liveLots,
  restingLots,
  walker,
} from "../../support/walk.ts";
import { REGRESSIONS } from "./regressions.ts";

/** Once all news is in: exits for exactly what is held, one entry at most, no order without a rung, no surprise. */
function expectWhole(rig: Rig): void {
  const { exchange } = rig;
  const held = exchange.position.lots;
  expect({
    position: explained(rig.book()),
    share: rig.held(),
    takeProfits: restingLots(exchange, "takeProfit"),
    stops: restingLots(exchange, "stop"),
    closes: restingLots(exchange, "close"),
    deskTakeProfits: liveLots(rig, "takeProfit"),
    deskStops: liveLots(rig, "stop"),
    unsettled: rig.state.liveOrders().filter(({ state }) => state !== "resting").length,
  }).toEqual({
    position: held,
    share: held,
    takeProfits: held,
    stops: held,
    closes: 0,
    deskTakeProfits: held,
    deskStops: held,
    unsettled: 0,
  });
  expect(exchange.open("entry").length).toBeLessThanOrEqual(1);
  expect(held).toBeLessThanOrEqual(GRID.positionMax);
  expect(held).toBeGreaterThanOrEqual(0);
  expect([rig.state.secondBot, rig.state.failed.size, rig.state.counts.mismatches]).toEqual([false, 0, 0]);
  for (const { facts } of exchange.open())
    expect(rungs(rig).some(([index]) => index === facts.rung)).toBe(true);
}

/** A rung as the outside sees it: its index, what it holds and has resting. Sums, since cycles may be told apart. */
function rungs(rig: Rig): readonly (readonly [number, number, number, number, number])[] {
  const byRung = new Map<number, [number, number, number, number, number]>();
  for (const order of rig.exchange.open()) {
    const { rung, role, lots } = order.facts;
    const row = byRung.get(rung) ?? [rung, 0, 0, 0, 0];
    const column = role === "entry" ? 1 : role === "takeProfit" ? 2 : role === "stop" ? 3 : 4;
    row[column] += lots - order.filled;
    byRung.set(rung, row);
  }
  return [...byRung.values()].sort(([a], [b]) => a - b);
}

/** The engine's own rungs with what lives in them, without what is over. */
function inner(grid: Grid, rig: Rig) {
  const { rungs: all } = grid.snapshot().state as {
    readonly rungs: readonly (readonly [number, string, readonly (readonly [string, string, number])[]])[];
  };
  return all.map(([index, status, orders]) => [
    index,
    status === "opening" ? "opening" : "holding",
    orders
      .filter(([id]) => isLive(rig.state.orders.get(id)?.state ?? "filled"))
      .map(([id]) => id)
      .sort(),
  ]);
}

/** An engine that knows nothing but the orders has the same in its rungs, and wants nothing. */
function expectSameAdopted(rig: Rig): void {
  const lived = rig.state.engines.get("grid1") as Grid;
  const fresh = new Grid(GRID);
  const own = [...rig.state.orders.all()].filter(({ facts }) => facts.engine === "grid1");
  const intents = fresh.adopt(own, new EngineWindow(rig.state, "grid1"));
  // What it closed is told anew, for the log to leave out.
  expect(intents.filter(({ type }) => type !== "logTrade")).toEqual([]);
  expect(inner(fresh, rig)).toEqual(inner(lived, rig));
}

/** I4 in the turn in which an exit leaves: all live exits of its kind together are no more than what is held. */
function expectWithinHeld(rig: Rig, effects: readonly Effect[]): void {
  for (const effect of effects) {
    if (effect.type !== "send" || !effect.order.isReduceOnly) continue;
    const roles = effect.order.role === "stop" ? ["stop"] : ["takeProfit", "close"];
    expect(liveLots(rig, ...roles)).toBeLessThanOrEqual(rig.held());
  }
}

function live(rig: Rig, history: readonly Happening[], kind: Kind): void {
  rig.watch = (effects) => expectWithinHeld(rig, effects);
  for (const one of history) {
    happen(rig, one, kind);
    expect(rig.exchange.position.lots).toBeGreaterThanOrEqual(0);
  }
}

describe.each([
  ["an orderly exchange", "orderly"],
  ["an exchange that liquidates", "liquidating"],
  ["an exchange that loses, doubles and reorders news", "lossy"],
  ["an account that a person uses too", "shared"],
] as const)("a grid on %s", (_what, kind) => {
  it("never has more exits than it holds, and has exactly as many once all news is in", () => {
    fc.assert(
      fc.property(histories(kind), (history) => {
        const rig = walker();
        live(rig, history, kind);
        calm(rig, kind);
        expectWhole(rig);
      }),
      { numRuns: kind === "lossy" ? 200 : 100 },
    );
  });

  it("adopts the orders seen so far into the same rungs as having lived through them (I5)", () => {
    fc.assert(
      fc.property(histories(kind), (history) => {
        const rig = walker();
        live(rig, history, kind);
        calm(rig, kind);
        expectSameAdopted(rig);
      }),
      { numRuns: 100 },
    );
  });

  it("killed at any moment, it is rebuilt from the exchange alone: nothing doubled, orphaned or lost", () => {
    fc.assert(
      fc.property(histories(kind, 100), histories(kind, 50), (before, after) => {
        const rig = walker();
        live(rig, before, kind);
        // What was on its way to the exchange arrives or not; the news dies with the process.
        rig.requests.splice(0, Math.floor(rig.requests.length / 2));
        for (const effect of rig.requests) rig.answer(effect);
        const next = walker({ exchange: rig.exchange, config: { grids: [GRID], epoch: 8, nonce: "abcd" } });
        calm(next, kind);
        expectWhole(next);
        live(next, after, kind);
        calm(next, kind);
        expectWhole(next);
      }),
      { numRuns: kind === "lossy" ? 150 : 80 },
    );
  });
});

describe("histories that went wrong once", () => {
  it.each(REGRESSIONS)("$story ($kind)", ({ kind, before, after }) => {
    const rig = walker();
    live(rig, before, kind);
    calm(rig, kind);
    expectWhole(rig);
    expectSameAdopted(rig);
    live(rig, after, kind);
    calm(rig, kind);
    expectWhole(rig);
    expectSameAdopted(rig);
  });

  it.each(REGRESSIONS)("$story ($kind), with a kill in the middle", ({ kind, before, after }) => {
    const rig = walker();
    live(rig, before, kind);
    rig.requests.splice(0, Math.floor(rig.requests.length / 2));
    for (const effect of rig.requests) rig.answer(effect);
    const next = walker({ exchange: rig.exchange, config: { grids: [GRID], epoch: 8, nonce: "abcd" } });
    calm(next, kind);
    expectWhole(next);
    live(next, after, kind);
    calm(next, kind);
    expectWhole(next);
  });
});

describe("these histories", () => {
  it("do reach what they are about: cycles, stops, closes, liquidations and lost answers", () => {
    const seen = { cycles: 0, stops: 0, closes: 0, entries: 0, liquidations: 0, unknown: 0 };
    for (const kind of ["lossy", "liquidating"] as const) {
      fc.assert(
        fc.property(histories(kind), (history) => {
          const rig = walker();
          live(rig, history, kind);
          calm(rig, kind);
          const grid = rig.state.engines.get("grid1")?.snapshot();
          seen.cycles += grid?.cycles ?? 0;
          seen.stops += grid?.stops ?? 0;
          seen.closes += rig.sent.filter(({ role }) => role === "close").length;
          seen.entries += rig.sent.filter(({ role }) => role === "entry").length;
          seen.liquidations += rig.exchange.fills.filter(({ origin }) => origin === "liquidation").length;
          seen.unknown += rig.state.counts.unknown;
        }),
        { numRuns: 40, seed: 5 },
      );
    }
    expect(Object.entries(seen).filter(([, count]) => count < 10)).toEqual([]);
  });
});

it("orders of one moment are of the cycle that they were sent in: an entry and its close are one that is over", () => {
  const whole = (facts: OrderFacts): OrderRecord => recordOf(facts, "filled", facts.lots);
  const entry = whole(entryOf({ rung: 5, lots: lots(4) }));
  const close = whole(exitOf({ rung: 5, lots: lots(4), role: "close", kind: "market" }));
  for (const orders of [
    [entry, close],
    [close, entry],
  ]) {
    const { present, past } = collectCycles(orders, "buy");
    expect([present, past.map(({ orders: own }) => own)]).toEqual([[], [[entry, close]]]);
  }
});
