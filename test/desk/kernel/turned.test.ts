import { describe, expect, it } from "vitest";
import { lots, millis, ONE, rate, ticks } from "../../../src/core/units.ts";
import type { KernelConfig } from "../../../src/desk/kernel/config.ts";
import type { GridParameters } from "../../../src/engines/grid/parameters.ts";
import { Exchange } from "../../support/exchange.ts";
import { CLOSE_ALL, GRID, Rig } from "../../support/rig.ts";
import { answer, desk, holding, one, open } from "../../support/scenario.ts";

/** The next life on the same exchange, with one grid's settings changed. */
function next(rig: Rig, change: Partial<GridParameters>, config: Partial<KernelConfig> = {}): Rig {
  const grids = [{ ...GRID, ...change }];
  return new Rig({ exchange: rig.exchange, config: { grids, epoch: 8, nonce: "abcd", ...config } }).boot();
}
const criticals = (rig: Rig) =>
  rig.alerts.filter(({ level }) => level === "critical").map(({ title }) => title);

describe("a grid whose direction was turned while it held something", () => {
  function turned(): Rig {
    const rig = next(holding(), { direction: "sell" });
    rig.pass(60_000);
    return rig;
  }

  it("leaves what it held with its stop and take profit, says so loudly, and enters nothing against it", () => {
    const rig = turned();
    expect([open(rig, "stop"), open(rig, "takeProfit"), open(rig, "entry")]).toEqual([[10], [10], []]);
    expect([rig.exchange.position.lots, rig.held()]).toEqual([10, 0]);
    expect(criticals(rig)).toEqual(["grid1 holds a position of before its direction or symbol was changed"]);
    expect(rig.state.account.look("BTCUSDT", "both")?.foreign.lots).toBe(0);
  });

  it("enters once that is closed: by its stop, whose take profit then goes", () => {
    const rig = turned();
    rig.feed(...rig.exchange.trigger(one(rig, "stop"), false));
    rig.pass(60_000);
    expect([open(rig, "stop"), open(rig, "takeProfit"), rig.exchange.position.lots]).toEqual([[], [], 0]);
    expect(open(rig, "entry")).toEqual([10]);
  });

  it("or by a person", () => {
    const rig = turned();
    rig.propose("k1-e8", { ...CLOSE_ALL, includesForeign: true });
    rig.decide("k1-e8");
    rig.pass(60_000);
    expect([open(rig, "stop"), open(rig, "takeProfit"), rig.exchange.position.lots]).toEqual([[], [], 0]);
  });

  it("is found so by each later start, and goes on as it was when it is turned back", () => {
    const again = next(turned(), { direction: "sell" }, { epoch: 9, nonce: "abce" });
    again.pass(60_000);
    expect([open(again, "stop"), open(again, "takeProfit"), criticals(again).length]).toEqual([
      [10],
      [10],
      1,
    ]);
    const back = next(again, {}, { epoch: 10, nonce: "abcf" });
    back.pass(60_000);
    expect([back.held(), open(back, "stop"), open(back, "takeProfit"), criticals(back)]).toEqual([
      10,
      [10],
      [10],
      [],
    ]);
  });

  it("an entry of it that rests is taken back", () => {
    const rig = holding({ waitMs: GRID.waitMs });
    rig.pass(5_000);
    expect(open(rig, "entry")).toEqual([10]);
    const after = next(rig, { direction: "sell" });
    after.pass(60_000);
    expect([open(after, "entry"), open(after, "stop")]).toEqual([[], [10]]);
  });

  it("closes it at the market when the exchange ends its stop as it fires", () => {
    const rig = turned();
    const stop = one(rig, "stop");
    rig.quote((stop.facts.trigger ?? 0) - 50);
    rig.feed(...rig.exchange.trigger(stop, true));
    rig.pass(60_000);
    expect([rig.exchange.position.lots, open(rig, "takeProfit")]).toEqual([0, []]);
  });

  it("says so when somebody takes its stop away, and when it has one no more to need", () => {
    const rig = turned();
    rig.feed(...rig.exchange.cancel(one(rig, "stop").facts));
    rig.pass(5_000);
    expect(criticals(rig).length).toBe(1);
    rig.pass(10_000);
    expect(criticals(rig).slice(1)).toEqual(["What grid1 left in BTCUSDT has no stop"]);
    expect(rig.exchange.position.lots).toBe(10);
    rig.feed(...rig.exchange.fill(one(rig, "takeProfit")));
    rig.pass(5_000);
    expect(rig.alerts.filter(({ level }) => level === "resolved").map(({ title }) => title)).toContain(
      "What grid1 left in BTCUSDT needs no stop any more",
    );
  });

  it("a smaller close does not take the place of a larger one that is under way", () => {
    const rig = turned();
    rig.exchange.depth = 1;
    rig.propose("k1-e8");
    rig.decide("k1-e8");
    rig.pass(1_000);
    expect(rig.exchange.position.lots).toBeGreaterThan(0);
    rig.propose("k2-e8", { part: rate(ONE / 10) });
    rig.decide("k2-e8");
    rig.pass(60_000);
    expect([rig.exchange.position.lots, rig.proposal("k1-e8")?.state]).toEqual([0, "done"]);
  });
});

describe("a grid whose direction was turned before anything was closed", () => {
  it("takes its entry back", () => {
    const rig = next(desk(), { direction: "sell" });
    rig.pass(60_000);
    expect(rig.exchange.open().map(({ facts: { role, side } }) => [role, side])).toEqual([["entry", "sell"]]);
  });

  it("says loudly what of the entry had filled while the desk was down, and has no stop; enters nothing against it", () => {
    const before = desk();
    before.exchange.fill(one(before, "entry"), lots(4));
    const rig = next(before, { direction: "sell" });
    rig.pass(60_000);
    expect([rig.exchange.position.lots, open(rig, "entry"), rig.held()]).toEqual([4, [], 0]);
    expect(criticals(rig)).toEqual([
      "grid1 holds a position of before its direction or symbol was changed",
      "What grid1 left in BTCUSDT has no stop",
    ]);
  });

  it("closes what fills of the entry while it is taken back", () => {
    const before = desk();
    const entry = one(before, "entry");
    const rig = new Rig({
      exchange: before.exchange,
      config: { grids: [{ ...GRID, direction: "sell" }], epoch: 8, nonce: "abcd" },
    });
    answer(rig, (effect) =>
      effect.type === "cancel" && entry.filled === 0 ? rig.exchange.fill(entry) : undefined,
    );
    rig.boot();
    rig.pass(60_000);
    expect([entry.filled, rig.exchange.position.lots]).toEqual([10, 0]);
  });
});

describe("in hedge mode", () => {
  const LONG: GridParameters = {
    ...GRID,
    positionSide: "long",
    anchor: ticks(500_000),
    takeProfit: rate(ONE / 100),
    stopLoss: rate(ONE / 10),
    waitMs: millis(1_000),
    ordersMax: 3,
  };

  /** A cycle of the grid as it was: a short that took its profit. */
  function formerly(): Exchange {
    const rig = new Rig({
      exchange: new Exchange(true),
      config: { grids: [{ ...LONG, positionSide: "short", direction: "sell" }], epoch: 6, nonce: "aaaa" },
    }).boot();
    rig.feed(...rig.exchange.fill(one(rig, "entry")));
    rig.pass(2_000);
    const profit = one(rig, "takeProfit");
    rig.quote((profit.facts.price ?? 0) - 100);
    rig.feed(...rig.exchange.fill(profit));
    rig.ask({ type: "pause" });
    rig.pass(3_000);
    rig.quote(500_000);
    return rig.exchange;
  }

  /** Three rungs are held, and the lowest is hedged. */
  function hedged(exchange: Exchange): Rig {
    const people = {
      listed: [
        { name: "dave", role: "risk" },
        { name: "eve", role: "risk" },
      ],
    } as const;
    const rig = new Rig({ exchange, config: { grids: [LONG], people, epoch: 7, nonce: "bbbb" } }).boot();
    for (let rung = 0; rung < 3; rung += 1) {
      rig.feed(...rig.exchange.fill(one(rig, "entry")));
      rig.pass(3_000);
    }
    rig.quote(490_000);
    rig.pass(1_000);
    rig.ask(
      { type: "proposeHedge", proposalId: "k1-e7", engine: "grid1", part: rate((ONE / 100) * 34) },
      { person: "dave", role: "risk", platform: "discord" },
    );
    rig.decide("k1-e7", "k99-e7", "approve", { person: "eve", role: "risk", platform: "telegram" });
    rig.pass(5_000);
    return rig;
  }

  it("the orders of a pair are today's, though the direction was another one once", () => {
    const rig = hedged(formerly());
    expect([rig.exchange.books.long.lots, rig.exchange.books.short.lots]).toEqual([30, -10]);
    const standing = next(rig, LONG);
    standing.pass(30_000);
    expect([rig.exchange.books.long.lots, rig.exchange.books.short.lots]).toEqual([30, -10]);
    expect([criticals(standing), standing.sent]).toEqual([[], []]);
    // The pair ends; its closes are on the side on which the grid of before took its profits.
    standing.quote(500_100);
    standing.pass(5_000);
    const after = next(standing, LONG, { epoch: 9, nonce: "abce" });
    after.pass(30_000);
    expect([rig.exchange.books.long.lots, rig.exchange.books.short.lots]).toEqual([20, 0]);
    expect([criticals(after), [...after.state.paused]]).toEqual([[], []]);
    expect(after.sent.filter(({ role }) => role !== "entry")).toEqual([]);
  });
});
