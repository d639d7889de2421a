import { describe, expect, it } from "vitest";
import { millis, ONE, rate, ticks } from "../../../src/core/units.ts";
import { stopPrice, takeProfitPrice } from "../../../src/engines/grid/exits.ts";
import type { GridParameters } from "../../../src/engines/grid/parameters.ts";
import type { VenueOrder } from "../../support/exchange.ts";
import { CLOSE_ALL, GRID, Rig } from "../../support/rig.ts";

const rigOf = (given: Partial<GridParameters> = {}): Rig =>
  new Rig({ config: { grids: [{ ...GRID, waitMs: millis(3_600_000), ...given }] } }).boot();
const one = (rig: Rig, role: string): VenueOrder => {
  const [order, second] = rig.exchange.open(role);
  if (order === undefined || second !== undefined) throw new Error(`not one ${role}`);
  return order;
};
const open = (rig: Rig, role: string) =>
  rig.exchange.open(role).map(({ facts, filled }) => facts.lots - filled);
const doings = (rig: Rig, from: number) =>
  rig.effects.slice(from).flatMap((effect) => {
    if (effect.type === "send") return [`send ${effect.order.role} ${effect.order.lots}`];
    return effect.type === "cancel" ? [`cancel ${effect.facts.role}`] : [];
  });
/** A rung that holds 10 lots with both exits resting. */
function held(given: Partial<GridParameters> = {}): Rig {
  const rig = rigOf(given);
  rig.feed(...rig.exchange.fill(one(rig, "entry")));
  return rig;
}

describe("a filled entry", () => {
  it("gets a stop first and then a take profit, for exactly what was filled", () => {
    const rig = rigOf();
    const entry = one(rig, "entry");
    const price = entry.facts.price ?? ticks(0);
    const from = rig.effects.length;
    rig.feed(...rig.exchange.fill(entry, 3));
    expect(doings(rig, from)).toEqual(["send stop 3", "send takeProfit 3"]);
    expect(one(rig, "stop").facts).toMatchObject({
      trigger: stopPrice(price, GRID),
      side: "sell",
      isReduceOnly: true,
    });
    expect(one(rig, "takeProfit").facts).toMatchObject({
      price: takeProfitPrice(price, GRID),
      kind: "limit",
    });
    rig.feed(...rig.exchange.fill(entry));
    expect([open(rig, "stop"), open(rig, "takeProfit"), rig.held()]).toEqual([[3, 7], [3, 7], 10]);
  });

  it("keeps stop and take profit equal to what is left after a part of the profit was taken", () => {
    const rig = held();
    rig.feed(...rig.exchange.fill(one(rig, "takeProfit"), 4));
    expect([open(rig, "takeProfit"), open(rig, "stop"), rig.held()]).toEqual([[6], [6], 6]);
  });

  it("without a rung stop (X8) has only its take profit", () => {
    const rig = held({ stopLoss: undefined });
    rig.pass(10_000);
    expect([open(rig, "takeProfit"), open(rig, "stop"), rig.alerts]).toEqual([[10], [], []]);
  });

  it("takes at least the profit and loses at most the loss that were asked for, in both directions", () => {
    const sell: GridParameters = { ...GRID, direction: "sell" };
    for (const price of [1, 7, 999, 123_457, 500_001]) {
      const entry = ticks(price);
      expect(takeProfitPrice(entry, GRID)).toBeGreaterThanOrEqual((price * 1_008) / 1_000);
      expect(takeProfitPrice(entry, sell)).toBeLessThanOrEqual((price * 992) / 1_000);
      expect(stopPrice(entry, GRID)).toBeGreaterThanOrEqual((price * 98) / 100);
      expect(stopPrice(entry, sell)).toBeLessThanOrEqual((price * 102) / 100);
    }
    expect([takeProfitPrice(ticks(500_000), GRID), stopPrice(ticks(500_000), GRID)]).toEqual([
      504_000, 490_000,
    ]);
  });
});

describe("a stop", () => {
  it("that fires ends the cycle: its take profit is taken back, the loss is logged", () => {
    const rig = held();
    rig.feed(...rig.exchange.trigger(one(rig, "stop")));
    expect([rig.exchange.position.lots, rig.exchange.open(), rig.held()]).toEqual([0, [], 0]);
    const log = rig.effects.find((effect) => effect.type === "logTrade");
    expect(log).toMatchObject({ fields: { Action: "STOP_LOSS", Size: "0.010", Engine: "grid1" } });
    expect(rig.state.engines.get("grid1")?.snapshot()).toMatchObject({ stops: 1, cycles: 0 });
  });

  it("that the exchange refuses when it fires: the take profit is cancelled, confirmed, and the rest closed (I4)", () => {
    const rig = held();
    const from = rig.effects.length;
    rig.feed(...rig.exchange.trigger(one(rig, "stop"), true));
    expect(doings(rig, from)).toEqual(["cancel takeProfit", "send close 10"]);
    expect([rig.exchange.position.lots, rig.exchange.open(), rig.refused]).toEqual([0, [], []]);
  });

  it("that would fire at once is not asked for again: the rung is closed at the market", () => {
    const rig = rigOf();
    const entry = one(rig, "entry");
    rig.exchange.mark = 480_000;
    rig.feed(...rig.exchange.fill(entry));
    expect(rig.sent.filter(({ role }) => role === "stop")).toHaveLength(1);
    expect([rig.exchange.position.lots, rig.exchange.open()]).toEqual([0, []]);
  });

  it("that is not acknowledged within 5 s: CRITICAL, no entries, and the rung is closed (I3)", () => {
    const rig = rigOf({ waitMs: millis(1_000) });
    const { answer } = rig;
    rig.answer = (effect) =>
      effect.type === "send" && effect.order.role === "stop" ? [] : answer.call(rig, effect);
    rig.feed(...rig.exchange.fill(one(rig, "entry")));
    rig.pass(5_000);
    expect([rig.alerts, rig.held()]).toEqual([[], 10]);
    const before = rig.sent.filter(({ role }) => role === "entry").length;
    const hold = rig.answer;
    // The take profit's cancel takes its time: meanwhile no further entry may leave.
    rig.answer = (effect) => (effect.type === "cancel" ? [] : hold.call(rig, effect));
    rig.feed(...rig.exchange.open("entry").flatMap((entry) => rig.exchange.cancel(entry.facts)));
    rig.pass(1_000);
    expect(rig.alerts).toMatchObject([{ level: "critical", title: "BTCUSDT: a position has no stop" }]);
    rig.pass(5_000);
    expect(rig.sent.filter(({ role }) => role === "entry")).toHaveLength(before);
    rig.feed(...rig.exchange.cancel(one(rig, "takeProfit").facts));
    rig.pass(500);
    expect([rig.exchange.position.lots, rig.held(), rig.alerts.length]).toEqual([0, 0, 1]);
  });

  it("that is acknowledged in time closes nothing, and the grid goes on", () => {
    const rig = held({ waitMs: millis(1_000) });
    rig.pass(20_000);
    expect([rig.held(), open(rig, "stop"), rig.alerts, rig.exchange.open("entry").length]).toEqual([
      10,
      [10],
      [],
      1,
    ]);
  });
});

describe("a request to close", () => {
  const three = (): Rig => {
    const rig = rigOf({ waitMs: millis(1_000) });
    for (let n = 0; n < 3; n += 1) {
      rig.feed(...rig.exchange.fill(one(rig, "entry")));
      rig.pass(1_500);
    }
    return rig;
  };

  it("takes from the rungs whose take profit is nearest, and the right rest keeps its exits", () => {
    const rig = three();
    const rungs = rig.sent.filter(({ role }) => role === "entry").map(({ rung }) => rung);
    rig.ask({ type: "propose", proposalId: "k1-e7", action: { ...CLOSE_ALL, part: rate(ONE / 2) } });
    rig.decide("k1-e7");
    rig.pass(1_000);
    const exits = (role: string) =>
      rig.exchange
        .open(role)
        .map(({ facts, filled }) => [facts.rung, facts.lots - filled])
        .sort(([a = 0], [b = 0]) => a - b);
    const [first = 0, second = 0] = rungs;
    expect(rig.held()).toBe(15);
    // 15 of 30: the lowest rung is nearest to its exit and closed whole, the next one by half.
    const kept = [
      [second, 5],
      [first, 10],
    ];
    expect([exits("takeProfit"), exits("stop")]).toEqual([kept, kept]);
  });

  it("closes the remainder when a close was filled only in part", () => {
    const rig = held();
    rig.exchange.depth = 4;
    rig.propose("k1-e7");
    rig.decide("k1-e7");
    rig.pass(2_000);
    expect(rig.sent.filter(({ role }) => role === "close").map((facts) => facts.lots)).toEqual([10, 6, 2]);
    expect([rig.exchange.position.lots, rig.proposal("k1-e7")?.state, rig.exchange.open()]).toEqual([
      0,
      "done",
      [],
    ]);
  });
});

describe("an exit that is refused again and again", () => {
  it("is told once, tried three times, then once a minute until it is taken", () => {
    const rig = rigOf();
    const { answer } = rig;
    rig.answer = (effect) => {
      if (effect.type !== "send" || effect.order.role !== "takeProfit") return answer.call(rig, effect);
      const { clientId } = effect.order;
      return [
        {
          type: "placeRejected",
          ...rig.exchange.times(),
          account: "main",
          clientId,
          reason: "busy",
          code: -1,
          kind: "other",
        },
      ];
    };
    rig.feed(...rig.exchange.fill(one(rig, "entry")));
    rig.pass(20_000);
    const told = rig.alerts.filter(({ key }) => key.startsWith("exit:"));
    expect(told.map(({ level }) => level)).toEqual(["critical"]);
    const tries = () => rig.sent.filter(({ role }) => role === "takeProfit").length;
    expect(tries()).toBe(3);
    rig.pass(120_000);
    expect(tries()).toBe(5);
    rig.answer = answer;
    rig.pass(60_000);
    expect([open(rig, "takeProfit"), open(rig, "stop")]).toEqual([[10], [10]]);
  });
});
