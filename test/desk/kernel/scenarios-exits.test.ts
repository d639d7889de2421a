import { describe, expect, it } from "vitest";
import type { DeskEvent } from "../../../src/core/event.ts";
import { lots, millis, ONE, rate, ticks } from "../../../src/core/units.ts";
import type { VenueOrder } from "../../support/exchange.ts";
import { LINEAR, ONE_BRACKET } from "../../support/instruments.ts";
import { GRID, Rig } from "../../support/rig.ts";
import { answer, desk, holding, one, open, refusal, refuse, sentOf, told } from "../../support/scenario.ts";

/** The numbers are those of research/engines.md section 4. */
const closes = (rig: Rig) => rig.sent.filter(({ role }) => role === "close").map((facts) => facts.lots);
const exits = (rig: Rig) => [open(rig, "stop"), open(rig, "takeProfit")];
const flat = (rig: Rig) => [rig.exchange.position.lots, rig.held(), rig.exchange.open().length];

describe("parts of an entry", () => {
  it("scenario 6: a part that was filled before the cancel keeps its stop and its take profit, however small it is worth", () => {
    const rig = desk();
    rig.feed(...rig.exchange.fill(one(rig, "entry"), 1));
    rig.ask({ type: "pause" });
    expect([exits(rig), rig.held(), open(rig, "entry"), rig.refused]).toEqual([[[1], [1]], 1, [], []]);
  });

  it("scenario 7: a part too small for any order is said once and waits for the next entry on its rung, without a loop", () => {
    const instrument = { ...LINEAR, lotsMin: lots(3) };
    const rig = new Rig({
      config: {
        instruments: [{ instrument, brackets: ONE_BRACKET }],
        grids: [{ ...GRID, waitMs: millis(1_000) }],
      },
    }).boot();
    const entry = one(rig, "entry");
    rig.feed(...rig.exchange.fill(entry, 2));
    rig.ask({ type: "pause" });
    rig.pass(20_000);
    expect([exits(rig), rig.held(), rig.sent.length, rig.refused]).toEqual([[[], []], 2, 1, []]);
    expect(told(rig)).toEqual([`notice dust:grid1:${entry.facts.rung}`]);
    rig.ask({ type: "resume" });
    rig.pass(1_000);
    const next = one(rig, "entry");
    expect([next.facts.rung, next.facts.lots]).toEqual([entry.facts.rung, 10]);
    rig.feed(...rig.exchange.fill(next));
    expect([exits(rig), rig.held()]).toEqual([[[12], [12]], 12]);
  });
});

describe("closes", () => {
  it("scenario 8: refused as not reducing: the account is read, the other reducers go first, then it is tried again", () => {
    const rig = desk({ waitMs: millis(1_000) });
    for (let n = 0; n < 2; n += 1) {
      rig.feed(...rig.exchange.fill(one(rig, "entry")));
      rig.pass(1_500);
    }
    rig.ask({ type: "pause" });
    // The exchange counts every resting reducer against the position, another rung's take profit too (-4118).
    answer(rig, (effect) =>
      effect.type === "send" && effect.order.role === "close" && open(rig, "takeProfit").length > 0
        ? [refusal(rig, effect.order.clientId, "reduceOnly", -4118)]
        : undefined,
    );
    rig.propose("k1-e7", { part: rate(ONE / 2) });
    const from = rig.effects.length;
    rig.decide("k1-e7");
    rig.pass(3_000);
    expect([rig.held(), rig.exchange.position.lots, closes(rig)]).toEqual([10, 10, [10, 10]]);
    expect(rig.sent.every(({ role, isReduceOnly }) => isReduceOnly === (role !== "entry"))).toBe(true);
    expect(rig.effects.slice(from).some(({ type }) => type === "readTruth")).toBe(true);
    expect([exits(rig), rig.proposal("k1-e7")?.state]).toEqual([[[10], [10]], "done"]);
  });

  it("scenario 8: refused because it is flat already: the reading brings the fills, and nothing more is sent", () => {
    const rig = holding();
    const stop = one(rig, "stop");
    // The stop's news are lost: on the exchange the position is closed.
    rig.exchange.trigger(stop);
    rig.propose("k1-e7");
    rig.decide("k1-e7");
    rig.pass(5_000);
    expect([flat(rig), closes(rig).length <= 3, rig.book().foreign.lots]).toEqual([[0, 0, 0], true, 0]);
    expect(rig.state.counts.mismatches).toBe(0);
  });

  it("scenario 9: take profit and stop at once end flat, not reversed", () => {
    const rig = holding();
    const [stop, profit] = [one(rig, "stop"), one(rig, "takeProfit")];
    rig.feed(...rig.exchange.fill(profit), ...rig.exchange.trigger(stop));
    rig.pass(3_000);
    // The profit was taken, so the next entry rests already.
    rig.feed(...rig.exchange.cancel(one(rig, "entry").facts));
    expect([flat(rig), rig.book().foreign.lots, told(rig)]).toEqual([[0, 0, 0], 0, []]);
  });

  it("scenario 10: more than one order may be goes in slices that sum exactly; a failure leaves the rest protected", () => {
    const instrument = { ...LINEAR, marketLotsMax: lots(4) };
    const rig = holding({}, { config: { instruments: [{ instrument, brackets: ONE_BRACKET }] } });
    let sent = 0;
    const end = answer(rig, (effect) => {
      if (effect.type !== "send" || effect.order.role !== "close") return undefined;
      sent += 1;
      return sent === 2 ? [refusal(rig, effect.order.clientId, "unavailable", -1008)] : undefined;
    });
    rig.propose("k1-e7");
    rig.decide("k1-e7");
    expect([rig.held(), closes(rig), open(rig, "stop").reduce((sum, size) => sum + size, 0) >= 6]).toEqual([
      6,
      [4, 4],
      true,
    ]);
    end();
    rig.pass(3_000);
    expect([flat(rig), closes(rig), rig.proposal("k1-e7")?.state]).toEqual([[0, 0, 0], [4, 4, 4, 2], "done"]);
    expect(rig.proposal("k1-e7")?.executedLots).toBe(10);
    expect(new Set(rig.sent.map(({ clientId }) => clientId)).size).toBe(rig.sent.length);
  });

  it("a foreign part bigger than one order may be is closed in slices too", () => {
    const instrument = { ...LINEAR, marketLotsMax: lots(4) };
    const rig = new Rig({ config: { grids: [], instruments: [{ instrument, brackets: ONE_BRACKET }] } });
    rig.exchange.trade("buy", 10);
    rig.boot();
    rig.propose("k1-e7", { includesForeign: true });
    rig.decide("k1-e7");
    rig.pass(1_000);
    expect([closes(rig), rig.exchange.position.lots, rig.proposal("k1-e7")?.state]).toEqual([
      [4, 4, 2],
      0,
      "done",
    ]);
  });
});

describe("refusals", () => {
  it("scenario 18: three identical refusals stop the storm: one probe a minute, people told, filters read again", () => {
    const rig = desk();
    const end = refuse(rig, "takeProfit", "filter", -4003);
    rig.feed(...rig.exchange.fill(one(rig, "entry")));
    rig.pass(55_000);
    expect([sentOf(rig, "takeProfit"), open(rig, "stop")]).toEqual([3, [10]]);
    expect(told(rig)).toContain("critical circuit:BTCUSDT/takeProfit");
    expect(rig.effects.some(({ type }) => type === "refreshInstruments")).toBe(true);
    expect(rig.refused.filter(({ reason }) => reason === "circuit")).toHaveLength(1);
    rig.pass(60_000);
    expect(sentOf(rig, "takeProfit")).toBe(4);
    end();
    rig.pass(60_000);
    expect([open(rig, "takeProfit"), told(rig).at(-1)]).toEqual([
      [10],
      "resolved circuit:BTCUSDT/takeProfit",
    ]);
  });

  it("scenario 18: nobody stands at a price that may be taken: one order a second is tried until the book fills up", () => {
    const rig = desk();
    const end = refuse(rig, "takeProfit", "thinMarket", -4131);
    rig.feed(...rig.exchange.fill(one(rig, "entry")));
    rig.pass(10_000);
    const tried = sentOf(rig, "takeProfit");
    expect([tried >= 8 && tried <= 13, told(rig).includes("critical circuit:BTCUSDT/takeProfit")]).toEqual([
      true,
      true,
    ]);
    end();
    rig.pass(1_500);
    expect(open(rig, "takeProfit")).toEqual([10]);
  });

  it("scenario 18: entries that want for margin are probed once a minute, and at once when a close made room", () => {
    const rig = desk({ waitMs: millis(1_000) });
    rig.feed(...rig.exchange.fill(one(rig, "entry")));
    const entries = sentOf(rig, "entry");
    const end = refuse(rig, "entry", "margin", -2019);
    while (sentOf(rig, "entry") < entries + 3) rig.pass(1_000);
    expect(told(rig).at(-1)).toBe("high circuit:BTCUSDT/entry");
    end();
    rig.feed(...rig.exchange.fill(one(rig, "takeProfit")));
    rig.pass(40_000);
    expect(sentOf(rig, "entry") - entries).toBe(4);
    expect([told(rig).at(-1), open(rig, "entry")]).toEqual(["resolved circuit:BTCUSDT/entry", [10]]);
  });

  it("scenario 18: different refusals, and those that pass by themselves, open no circuit", () => {
    const rig = desk();
    let count = 0;
    answer(rig, (effect) => {
      if (effect.type !== "send" || effect.order.role !== "takeProfit") return undefined;
      count += 1;
      return [refusal(rig, effect.order.clientId, count % 2 === 0 ? "unavailable" : "filter", -4000 - count)];
    });
    rig.feed(...rig.exchange.fill(one(rig, "entry")));
    rig.pass(10_000);
    expect([sentOf(rig, "takeProfit") > 15, rig.refused]).toEqual([true, []]);
  });

  it("exits that are refused again and again are told once, and again when one was taken in between", () => {
    const rig = desk();
    let left = 0;
    answer(rig, (effect) => {
      if (effect.type !== "send" || effect.order.role !== "takeProfit" || left === 0) return undefined;
      left -= 1;
      return [refusal(rig, effect.order.clientId, left % 2 === 0 ? "unavailable" : "filter", -4000 - left)];
    });
    rig.feed(...rig.exchange.fill(one(rig, "entry")));
    const { rung } = one(rig, "takeProfit").facts;
    for (const refused of [3, 5]) {
      left = refused;
      rig.feed(...rig.exchange.cancel(one(rig, "takeProfit").facts));
      rig.pass(30_000);
      expect([left, exits(rig)]).toEqual([0, [[10], [10]]]);
      rig.ask({ type: "resume" });
    }
    expect(told(rig).filter((each) => each === `critical exit:grid1:${rung}`)).toHaveLength(2);
  });

  it("scenario 19: entries that would take are priced anew, a tick further away and later each time, not for ever", () => {
    const rig = new Rig({
      config: { grids: [{ ...GRID, waitMs: millis(500), step: rate(200), anchor: ticks(500_000) }] },
    });
    const end = refuse(rig, "entry", "postOnly", -5022);
    rig.boot();
    rig.pass(60_000);
    const prices = rig.sent.map(({ price }) => price ?? 0);
    expect(prices.length).toBeLessThanOrEqual(8);
    expect(prices.length).toBeGreaterThan(3);
    expect([...prices].sort((a, b) => b - a)).toEqual(prices);
    expect((prices[0] ?? 0) - (prices.at(-1) ?? 0)).toBeGreaterThan(0);
    end();
    rig.pass(30_000);
    expect([open(rig, "entry"), told(rig)]).toEqual([[10], []]);
  });
});

describe("a take profit that the exchange ends because another reducer executes", () => {
  const HITS: readonly (readonly [string, (rig: Rig) => readonly DeskEvent[]])[] = [
    ["a stop", (rig) => rig.exchange.trigger(lowest(rig, "stop"))],
    ["a person", (rig) => rig.exchange.trade("sell", 5)],
    ["a liquidation", (rig) => rig.exchange.liquidate(5)],
  ];
  const lowest = (rig: Rig, role: string): VenueOrder => {
    const [first] = rig.exchange.open(role).sort((a, b) => a.facts.rung - b.facts.rung);
    if (first === undefined) throw new Error(`no ${role} rests`);
    return first;
  };

  it.each(HITS)("is known to be gone within seconds though its own message was lost: %s", (_, hit) => {
    const rig = desk({ waitMs: millis(1_000) });
    for (let n = 0; n < 3; n += 1) {
      rig.feed(...rig.exchange.fill(one(rig, "entry")));
      rig.pass(1_500);
    }
    rig.ask({ type: "pause" });
    rig.pass(10_000);
    const [ended] = rig.exchange.open("takeProfit").sort((a, b) => b.facts.rung - a.facts.rung);
    if (ended === undefined) throw new Error("no take profit rests");
    Object.assign(ended, { status: "expired" });
    rig.feed(...hit(rig));
    // After a liquidation the desk is in Shutdown and closes all: it meets the exchange's answer at once.
    const isShutdown = rig.state.riskState === "shutdown";
    expect(rig.state.orders.get(ended.facts.clientId)?.state).toBe(isShutdown ? "expired" : "resting");
    // A person's execution may be a stop's whose order is not known yet: it waits two seconds for it.
    rig.pass(5_000);
    expect(rig.state.orders.get(ended.facts.clientId)?.state).toBe("expired");
  });
});

describe("a stop whose trigger the mark price has passed", () => {
  it("is asked about when nothing is heard of it: refused in silence, its rung is closed within seconds", () => {
    const rig = holding();
    const stop = one(rig, "stop");
    // The stream lives, and this one message is lost; the position is what it was, so nothing else tells of it.
    rig.exchange.trigger(stop, true);
    rig.quote(stop.facts.trigger ?? 0);
    rig.quote(500_000);
    rig.pass(1_000);
    rig.quote(stop.facts.trigger ?? 0);
    rig.pass(500);
    expect([rig.held(), rig.state.orders.get(stop.facts.clientId)?.state]).toEqual([10, "resting"]);
    rig.pass(2_500);
    expect([flat(rig), closes(rig)]).toEqual([[0, 0, 0], [10]]);
  });

  it("is asked about sparingly while it rests all the same, and no more when the price is back", () => {
    const rig = holding();
    const asked = () => rig.effects.filter(({ type }) => type === "query").length;
    rig.quote(one(rig, "stop").facts.trigger ?? 0);
    rig.pass(21_000);
    expect([asked(), open(rig, "stop")]).toEqual([2, [10]]);
    rig.quote(500_000);
    rig.pass(60_000);
    expect(asked()).toBe(3);
  });
});

describe("exits that vanish", () => {
  it("scenario 24: a stop that a person cancels is placed again once; the second time people are asked and the rung is closed", () => {
    const rig = holding();
    const { rung } = one(rig, "stop").facts;
    rig.feed(...rig.exchange.cancel(one(rig, "stop").facts));
    expect([open(rig, "stop"), told(rig)]).toEqual([[10], [`high taken:grid1:${rung}:stop`]]);
    rig.feed(...rig.exchange.cancel(one(rig, "stop").facts));
    rig.pass(4_500);
    expect([open(rig, "stop"), sentOf(rig, "stop"), rig.held()]).toEqual([[], 2, 10]);
    rig.pass(1_500);
    expect([flat(rig), sentOf(rig, "stop")]).toEqual([[0, 0, 0], 2]);
    expect(told(rig, 1)).toEqual([`critical taken:grid1:${rung}:stop`, `critical stop:grid1:${rung}`]);
  });

  it("scenario 24: a person who resumes in time gets the stop back; our own cancels are nobody else's", () => {
    const rig = holding();
    rig.feed(
      ...rig.exchange.cancel(one(rig, "stop").facts),
      ...rig.exchange.cancel(one(rig, "takeProfit").facts),
    );
    rig.feed(
      ...rig.exchange.cancel(one(rig, "stop").facts),
      ...rig.exchange.cancel(one(rig, "takeProfit").facts),
    );
    rig.pass(2_000);
    expect(exits(rig)).toEqual([[], []]);
    rig.ask({ type: "resume" });
    rig.pass(1_000);
    expect([exits(rig), rig.held()]).toEqual([[[10], [10]], 10]);
    const before = rig.alerts.length;
    rig.propose("k1-e7");
    rig.decide("k1-e7");
    rig.pass(1_000);
    expect([flat(rig), rig.alerts.length]).toEqual([[0, 0, 0], before]);
  });

  it("scenario 31: a stop is invisible among the orders, becomes an order of another id when it fires, and stays ours", () => {
    const rig = holding();
    const stop = one(rig, "stop");
    const [triggered, ...rest] = rig.exchange.trigger(stop);
    const [fill] = rest;
    if (triggered === undefined || fill?.type !== "fill") throw new Error("nothing fired");
    // The new order's execution comes first and names only its own id.
    rig.feed({ ...fill, clientId: "" });
    expect([rig.book().foreign.lots, rig.held()]).toEqual([0, 10]);
    rig.feed(triggered);
    rig.pass(3_000);
    expect([flat(rig), rig.book().foreign.lots, told(rig)]).toEqual([[0, 0, 0], 0, []]);
  });

  it("a triggered stop whose order the exchange refuses: its take profit goes first, then the rest is closed (I4)", () => {
    const rig = holding();
    const stop = one(rig, "stop");
    stop.status = "triggered";
    rig.feed(rig.exchange.report(stop));
    expect([rig.held(), open(rig, "takeProfit")]).toEqual([10, [10]]);
    const from = rig.effects.length;
    stop.status = "rejected";
    rig.feed(rig.exchange.report(stop, "CONDITIONAL_ORDER_TRIGGER_REJECT"));
    const doings = rig.effects.slice(from).map((effect) => {
      if (effect.type === "send") return `send ${effect.order.role}`;
      return effect.type === "cancel" ? `cancel ${effect.facts.role}` : effect.type;
    });
    expect(doings).toEqual(["cancel takeProfit", "send close", "logTrade"]);
    expect(flat(rig)).toEqual([0, 0, 0]);
  });

  it("scenario 32: a take profit that the exchange ends is no person's cancel: the account is read, it is placed again later", () => {
    const rig = holding();
    const times: number[] = [];
    for (let n = 0; n < 4; n += 1) {
      const profit = one(rig, "takeProfit");
      profit.status = "expired";
      rig.feed(rig.exchange.report(profit, "knocked out by a reducer of higher priority"));
      const from = rig.exchange.wallAt;
      const readings = rig.effects.filter(({ type }) => type === "readTruth").length;
      expect(open(rig, "takeProfit")).toEqual([]);
      while (open(rig, "takeProfit").length === 0) rig.pass(500);
      times.push(rig.exchange.wallAt - from);
      expect(rig.effects.filter(({ type }) => type === "readTruth").length).toBeGreaterThan(readings);
    }
    expect(times).toEqual([2_000, 4_000, 8_000, 16_000]);
    expect([told(rig), rig.held(), open(rig, "stop")]).toEqual([[], 10, [10]]);
  });

  it("scenario 34: a grid at its limit neither buys nor sells: nothing trims what entries may build", () => {
    const rig = desk({ waitMs: millis(1_000), positionMax: lots(20) });
    for (let n = 0; n < 2; n += 1) {
      rig.feed(...rig.exchange.fill(one(rig, "entry")));
      rig.pass(1_500);
    }
    const from = rig.effects.length;
    for (let n = 0; n < 20; n += 1) {
      rig.quote(500_000 - (n % 4) * 300);
      rig.pass(1_500);
    }
    const doings = rig.effects.slice(from).filter(({ type }) => type === "send" || type === "cancel");
    expect([doings, rig.held()]).toEqual([[], 20]);
  });
});

describe("a close that finds nobody", () => {
  it("is tried again twice a second and no faster, whatever the answers take, and goes on when somebody is there", () => {
    const rig = holding();
    rig.exchange.depth = 0;
    rig.propose("k1-e7");
    rig.decide("k1-e7");
    rig.pass(10_000);
    expect([rig.exchange.position.lots, sentOf(rig, "close")]).toEqual([10, 21]);
    rig.exchange.depth = 4;
    rig.pass(1_000);
    expect([rig.exchange.position.lots, open(rig, "stop"), open(rig, "takeProfit")]).toEqual([0, [], []]);
  });

  it.each(["rejected", "canceled"] as const)(
    "no more does one that the exchange takes and then ends (%s) leave again at once",
    (status) => {
      const rig = holding();
      answer(rig, (effect) => {
        if (effect.type !== "send" || effect.order.role !== "close") return undefined;
        const { clientId, instrument, positionSide, side, lots: size, isReduceOnly } = effect.order;
        const of = { ...rig.exchange.times(), account: "main", instrument, positionSide, clientId, side };
        const order = { source: "order", venueOrderId: `v${clientId}`, origin: "client" } as const;
        return (["open", status] as const).map((told) => ({
          type: "orderReport",
          ...of,
          ...order,
          status: told,
          lots: size,
          isReduceOnly,
        }));
      });
      rig.propose("k1-e7");
      rig.decide("k1-e7");
      rig.pass(10_000);
      expect([rig.exchange.position.lots, sentOf(rig, "close") <= 21]).toEqual([10, true]);
    },
  );

  it("a paced one that is refused for load does not leave with each best price", () => {
    const rig = holding({
      recovery: "aggressive",
      stuckAfterMs: millis(600_000),
      stopLoss: rate(20_000_000),
    });
    rig.quote(480_000);
    refuse(rig, "close", "unavailable", -1008);
    rig.pass(900_000);
    const before = sentOf(rig, "close");
    expect(before).toBeGreaterThan(0);
    for (let top = 0; top < 500; top += 1) {
      rig.exchange.wallAt += 20;
      rig.exchange.at += 20;
      if (top % 25 === 0) rig.timer();
      rig.feed(...rig.exchange.quotes().filter(({ type }) => type === "top"));
    }
    expect(sentOf(rig, "close") - before).toBeLessThanOrEqual(21);
  });
});
