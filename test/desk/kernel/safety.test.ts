import { describe, expect, it } from "vitest";
import type { Engine } from "../../../src/core/engine.ts";
import type { DeskEvent } from "../../../src/core/event.ts";
import { millis, value } from "../../../src/core/units.ts";
import { Grid } from "../../../src/engines/grid/grid.ts";
import type { VenueOrder } from "../../support/exchange.ts";
import { GRID, Rig, readingFrom } from "../../support/rig.ts";

const entries = (rig: Rig) => rig.sent.filter(({ role }) => role === "entry");
const only = (orders: readonly VenueOrder[]): VenueOrder => {
  const [order, second] = orders;
  if (order === undefined || second !== undefined) throw new Error(`${orders.length} orders, not one`);
  return order;
};
const gap = (rig: Rig, more: object = {}): DeskEvent => ({
  type: "gap",
  ...rig.exchange.times(),
  stream: "account",
  account: "main",
  reason: "socket closed",
  ...more,
});
const resynced = (rig: Rig): DeskEvent => ({
  type: "resynced",
  ...rig.exchange.times(),
  stream: "account",
  account: "main",
});

describe("a gap in the account stream", () => {
  it("stops entries until the stream runs again and the account was read after that", () => {
    const rig = new Rig().boot();
    rig.feed(...rig.exchange.cancel(only(rig.exchange.open("entry")).facts));
    rig.feed(gap(rig));
    expect(rig.state.blocks()).toEqual(["the account stream is interrupted (socket closed)"]);
    const before = entries(rig).length;
    rig.pass(5_000);
    // Readings over REST succeed meanwhile, but nobody would tell us of the next fill.
    expect(rig.effects.filter(({ type }) => type === "readTruth").length).toBeGreaterThan(2);
    expect([entries(rig).length, rig.state.blocks().length]).toEqual([before, 1]);
    rig.feed(resynced(rig));
    expect(rig.state.blocks()).toEqual([]);
    rig.pass(1_000);
    expect(entries(rig)).toHaveLength(before + 1);
  });

  it("is not ended by a reading that began before the stream was back", () => {
    const rig = new Rig({ isInstant: false });
    rig.boot();
    for (let n = 0; n < 4; n += 1) {
      rig.settle();
      rig.pass(2_500);
    }
    rig.settle();
    expect(rig.state.blocks()).toEqual([]);
    rig.turn(gap(rig));
    rig.exchange.wallAt += 3_000;
    rig.turn(resynced(rig));
    rig.turn(readingFrom(rig, rig.exchange.wallAt - 1));
    expect(rig.state.blocks()).toHaveLength(1);
    rig.turn(readingFrom(rig, rig.exchange.wallAt));
    expect(rig.state.blocks()).toEqual([]);
  });

  it("loses nothing: what was filled meanwhile gets its exits at the next reading", () => {
    const rig = new Rig().boot();
    rig.feed(gap(rig));
    rig.exchange.fill(only(rig.exchange.open("entry")));
    expect(rig.held()).toBe(0);
    rig.pass(3_000);
    expect(rig.held()).toBe(10);
    expect([
      only(rig.exchange.open("stop")).facts.lots,
      only(rig.exchange.open("takeProfit")).facts.lots,
    ]).toEqual([10, 10]);
    expect([rig.state.counts.mismatches, rig.alerts]).toEqual([0, []]);
  });

  it("the executions of one reading are counted before anything is asked for: no exit is asked for twice", () => {
    const rig = new Rig().boot();
    const entry = only(rig.exchange.open("entry"));
    for (let part = 0; part < 5; part += 1) rig.exchange.fill(entry, 2);
    rig.feed(rig.exchange.truth());
    expect(rig.sent.map(({ role, lots }) => [role, lots])).toEqual([
      ["entry", 10],
      ["stop", 10],
      ["takeProfit", 10],
    ]);
    expect([rig.refused, rig.alerts]).toEqual([[], []]);
  });

  it("when only a reading failed, the next reading ends it", () => {
    const rig = new Rig().boot();
    rig.feed(gap(rig, { isReading: true, reason: "the account could not be read" }));
    expect(rig.state.blocks()).toHaveLength(1);
    rig.pass(3_000);
    expect(rig.state.blocks()).toEqual([]);
  });
});

describe("the market", () => {
  it("stale quotes stop entries, and fresh ones free them", () => {
    const rig = new Rig().boot();
    rig.feed(...rig.exchange.cancel(only(rig.exchange.open("entry")).facts));
    const before = entries(rig).length;
    rig.pass(10_500, true);
    expect(rig.state.blocks()).toEqual(["the market data is stale"]);
    rig.quote(500_000);
    rig.pass(500);
    expect([rig.state.blocks(), entries(rig).length]).toEqual([[], before + 1]);
  });

  it("a clock that is off the exchange's stops entries until it is less than a second off, whatever is read", () => {
    const rig = new Rig({ isInstant: false });
    rig.turn({ type: "clockStep", ...rig.exchange.times(), stepMs: 2_400, against: "exchange" });
    expect(rig.state.blocks()).toContain("the clock moved by 2400 ms against the exchange");
    const isClock = (block: string): boolean => block.includes("clock");
    const healthy = (skewMs: number) =>
      rig.turn({ type: "jobResult", ...rig.exchange.times(), job: "health", isOk: true, report: { skewMs } });
    rig.turn(rig.exchange.truth());
    healthy(1_400);
    expect(rig.state.blocks().some(isClock)).toBe(true);
    healthy(300);
    expect(rig.state.blocks().some(isClock)).toBe(false);
    expect(rig.alerts.filter(({ key }) => key === "skew:main").map(({ level }) => level)).toEqual([
      "high",
      "resolved",
    ]);
  });

  it("a clock that jumped stops entries until the account was read again, and voids cards; one that stays off voids them once", () => {
    const rig = new Rig();
    rig.turn({ type: "clockStep", ...rig.exchange.times(), stepMs: 2_400, against: "monotonic" });
    expect(rig.state.blocks()).toContain("the clock moved by 2400 ms against itself");
    rig.turn(rig.exchange.truth());
    expect(rig.state.blocks().some((block) => block.includes("clock"))).toBe(false);
  });
});

describe("somebody else on the account", () => {
  it("an execution that is not ours is foreign: said loudly, entries stop, /resume accepts it", () => {
    const rig = new Rig().boot();
    rig.feed(...rig.exchange.trade("buy", 3));
    expect(rig.alerts).toEqual([]);
    rig.pass(2_500);
    expect(rig.alerts).toMatchObject([
      { key: "foreign:main:BTCUSDT", level: "critical", title: "BTCUSDT: an execution that is not ours" },
    ]);
    expect(rig.alerts[0]?.lines[0]).toBe("Somebody bought 0.003 BTC on this account outside the desk.");
    expect([rig.book().foreign.lots, rig.held(), rig.state.foreignActivity]).toEqual([3, 0, true]);
    rig.ask({ type: "resume" });
    expect(rig.state.blocks()).toEqual([]);
    rig.pass(200_000);
    expect([rig.alerts.length, rig.book().foreign.lots, rig.state.counts.mismatches]).toEqual([1, 3, 0]);
  });

  it("an own execution that comes before its order's report waits for it and is never foreign", () => {
    const rig = new Rig({ isInstant: false });
    rig.turn(rig.exchange.truth("boot"));
    const fill = rig.exchange.trade("buy", 3)[0];
    if (fill === undefined) throw new Error("no fill");
    rig.turn(fill);
    expect([rig.state.unclaimed.length, rig.book().foreign.lots]).toEqual([1, 0]);
    rig.exchange.wallAt += 1_999;
    rig.turn({ type: "timer", ...rig.exchange.times() });
    expect(rig.state.unclaimed).toHaveLength(1);
    rig.exchange.wallAt += 1;
    rig.turn({ type: "timer", ...rig.exchange.times() });
    expect([rig.state.unclaimed.length, rig.book().foreign.lots]).toEqual([0, 3]);
  });

  it("the foreign part is never touched: no order of ours is for it", () => {
    const rig = new Rig().boot();
    rig.feed(...rig.exchange.trade("sell", 40));
    rig.pass(3_000);
    rig.ask({ type: "resume" });
    rig.pass(3_000);
    rig.ask({ type: "panic" });
    rig.pass(3_000);
    expect([rig.exchange.position.lots, rig.book().foreign.lots]).toEqual([-40, -40]);
    expect(rig.sent.filter(({ engine }) => engine === "foreign")).toEqual([]);
  });
});

describe("a difference between the exchange and our executions", () => {
  it("is a mismatch when two readings agree: entries on the book stop, exits go on, and it is told once", () => {
    const rig = new Rig().boot();
    rig.feed(...rig.exchange.fill(only(rig.exchange.open("entry"))));
    rig.exchange.phantom = 2;
    rig.feed(rig.exchange.truth());
    expect([rig.alerts, rig.state.counts.mismatches]).toEqual([[], 0]);
    const before = entries(rig).length;
    rig.feed(rig.exchange.truth());
    rig.feed(rig.exchange.truth());
    expect(rig.alerts).toMatchObject([{ key: "mismatch:main/BTCUSDT/both", level: "critical" }]);
    rig.pass(40_000);
    expect(entries(rig)).toHaveLength(before);
    expect(rig.refused.at(-1)).toMatchObject({ reason: "mismatch" });
    rig.exchange.phantom = 0;
    rig.feed(rig.exchange.truth());
    expect(rig.alerts.at(-1)).toMatchObject({ key: "mismatch:main/BTCUSDT/both", level: "resolved" });
    rig.pass(40_000);
    expect(entries(rig)).toHaveLength(before + 1);
  });
});

describe("a lost answer (I1)", () => {
  it("keeps its purse reservation, sends nothing in its place, and asks; absence frees it", () => {
    const purse = value(400 * 100_000_000);
    const rig = new Rig({ config: { grids: [{ ...GRID, purse }] } });
    const { answer } = rig;
    rig.answer = (effect) => {
      if (effect.type === "query") return [];
      if (effect.type !== "send") return answer.call(rig, effect);
      const { clientId } = effect.order;
      return [
        { type: "placeUnknown", ...rig.exchange.times(), account: "main", clientId, reason: "timeout" },
      ];
    };
    rig.boot();
    const lost = entries(rig)[0];
    if (lost === undefined) throw new Error("no entry was sent");
    expect(rig.effects.at(-1)).toMatchObject({ type: "query", facts: { clientId: lost.clientId } });
    rig.quote(505_000);
    rig.pass(20_000);
    expect(entries(rig)).toHaveLength(1);
    expect(rig.state.orders.get(lost.clientId)?.state).toBe("unknown");
    rig.feed({ type: "orderAbsent", ...rig.exchange.times(), account: "main", clientId: lost.clientId });
    rig.pass(1_000);
    expect(entries(rig)).toHaveLength(2);
    expect(rig.state.counts).toMatchObject({ unknown: 2, sent: 2, guardRefused: 0 });
  });

  it("an order that was taken for absent and shows up is asked about, then managed like any other", () => {
    const rig = new Rig().boot();
    const late = only(rig.exchange.open("entry"));
    const { clientId } = late.facts;
    const record = rig.state.orders.get(clientId);
    if (record === undefined) throw new Error("unknown order");
    record.state = "rejected";
    rig.feed(rig.exchange.report(late));
    expect(rig.effects.filter(({ type }) => type === "query")).toMatchObject([{ facts: { clientId } }]);
    expect(record.state).toBe("resting");
  });
});

describe("an engine with a bug", () => {
  class Broken implements Engine {
    readonly id = "broken";
    readonly account = "main";
    readonly needs = { instruments: ["BTCUSDT"], feeds: ["top" as const], timeframesMs: [], warmupBars: 0 };
    calls = 0;
    handle(event: DeskEvent) {
      if (event.type === "top") {
        this.calls += 1;
        throw new Error("divided by the market");
      }
      return [];
    }
    adopt() {
      return [];
    }
    rungs() {
      return [];
    }
    snapshot() {
      return {
        summary: "",
        rungsHeld: 0,
        rungsOpening: 0,
        cycles: 0,
        stops: 0,
        realized: value(0),
        state: null,
      };
    }
  }

  it("is stopped alone and loudly; the others trade on", () => {
    const broken = new Broken();
    const rig = new Rig({ engines: [broken, new Grid(GRID)] }).boot();
    expect(broken.calls).toBe(1);
    expect(rig.effects.filter(({ type }) => type === "engineFailed")).toEqual([
      { type: "engineFailed", engine: "broken", error: "divided by the market" },
    ]);
    expect(rig.alerts).toMatchObject([{ key: "engine:broken", level: "critical" }]);
    expect([rig.state.isPaused("broken"), rig.state.isPaused("grid1")]).toEqual([true, false]);
    expect(entries(rig)).toHaveLength(1);
  });

  it("leaves its position to /close and /panic", () => {
    const grid = new Grid(GRID);
    const rig = new Rig({ engines: [grid] }).boot();
    rig.feed(...rig.exchange.fill(only(rig.exchange.open("entry"))));
    grid.handle = () => {
      throw new Error("divided by the market");
    };
    rig.quote(500_000);
    rig.ask({ type: "panic" });
    rig.pass(5_000);
    expect([rig.state.failed.size, rig.exchange.position.lots, rig.exchange.open()]).toEqual([1, 0, []]);
  });

  it("that wants much at once is not taken for one that never ends", () => {
    const many = new Broken();
    many.handle = () =>
      Array.from({ length: 2_500 }, () => ({ type: "wake", at: millis(9e15), tag: "x" })) as never;
    const rig = new Rig({ engines: [many, new Grid(GRID)] }).boot();
    expect([rig.state.failed.size, entries(rig).length]).toEqual([0, 1]);
  });

  it("that asks for orders without end is stopped too, in the same turn", () => {
    const endless = new Broken();
    endless.handle = () => [];
    const rig = new Rig({ engines: [endless, new Grid(GRID)] });
    endless.handle = (event: DeskEvent) => {
      if (event.type !== "top" && event.type !== "refused") return [];
      const facts = { ...(rig.sent[0] ?? entryFacts), engine: "broken", clientId: `x${endless.calls}` };
      endless.calls += 1;
      return [{ type: "place", facts, reason: "more" }] as never;
    };
    rig.boot();
    expect(rig.state.failed.get("broken")).toBe("it asks for orders without end");
    expect(entries(rig).filter(({ engine }) => engine === "grid1").length).toBeGreaterThan(0);
    expect(rig.state.at).toBeGreaterThanOrEqual(millis(1));
  });
});

const entryFacts = {
  account: "main",
  instrument: "BTCUSDT",
  positionSide: "both",
  role: "entry",
  rung: 0,
  slice: 0,
  side: "buy",
  kind: "limit",
  price: 400_000,
  lots: 1,
  isReduceOnly: false,
  isPostOnly: true,
};
