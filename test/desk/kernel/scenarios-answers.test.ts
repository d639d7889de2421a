import { describe, expect, it } from "vitest";
import type { DeskEvent, TruthEvent } from "../../../src/core/event.ts";
import { lots, millis } from "../../../src/core/units.ts";
import { Rig } from "../../support/rig.ts";
import { answer, desk, holding, one, open, refuse, sentOf, stream, told } from "../../support/scenario.ts";

/** The numbers are those of research/engines.md section 4. */
const stateOf = (rig: Rig, clientId: string) => rig.state.orders.get(clientId)?.state;
const queries = (rig: Rig) => rig.effects.filter(({ type }) => type === "query").length;
const lost = (rig: Rig, clientId: string, reason: string): DeskEvent => ({
  type: "placeUnknown",
  ...rig.exchange.times(),
  account: "main",
  clientId,
  reason,
});
/** Hides orders from a reading. */
const hiding = (event: TruthEvent): TruthEvent => ({
  ...event,
  truth: { ...event.truth, openOrders: [], openConditionals: [], history: [] },
});

describe("answers and news", () => {
  it("scenario 1: a fill before the acknowledgement counts, and the late acknowledgement resets nothing", () => {
    const rig = new Rig().boot();
    const entry = one(rig, "entry");
    const record = rig.state.orders.get(entry.facts.clientId);
    if (record === undefined) throw new Error("unknown order");
    record.state = "sending";
    const acknowledgement = rig.exchange.report(entry);
    rig.feed(...rig.exchange.fill(entry).filter(({ type }) => type === "fill"));
    expect([record.state, rig.held(), open(rig, "stop"), open(rig, "takeProfit")]).toEqual([
      "filled",
      10,
      [10],
      [10],
    ]);
    rig.feed(acknowledgement);
    expect([record.state, rig.held(), sentOf(rig, "stop"), told(rig)]).toEqual(["filled", 10, 1, []]);
  });

  it.each([
    ["2: a timeout", "request timed out"],
    ["3: HTTP 503 or -1007", "Timeout waiting for response (-1007)"],
    ["3: HTTP 408", "HTTP 408"],
  ])("scenario %s is no refusal: the order is asked for by its id and never sent again", (_name, reason) => {
    const rig = new Rig({ isInstant: true });
    const end = answer(rig, (effect) => {
      if (effect.type !== "send" || effect.order.role !== "entry") return undefined;
      rig.exchange.place(effect.order);
      return [lost(rig, effect.order.clientId, reason)];
    });
    rig.boot();
    end();
    expect([sentOf(rig, "entry"), queries(rig), rig.exchange.open().length]).toEqual([1, 1, 1]);
    expect(stateOf(rig, one(rig, "entry").facts.clientId)).toBe("resting");
    rig.pass(30_000);
    expect([sentOf(rig, "entry"), rig.state.counts.unknown]).toEqual([1, 1]);
  });

  it("scenario 2b: an order accepted after it was taken for absent is asked about and managed, not doubled", () => {
    const rig = desk();
    const entry = one(rig, "entry");
    const { clientId } = entry.facts;
    const record = rig.state.orders.get(clientId);
    if (record === undefined) throw new Error("unknown order");
    record.state = "unknown";
    rig.feed({ type: "orderAbsent", ...rig.exchange.times(), account: "main", clientId });
    expect(record.state).toBe("rejected");
    rig.feed(rig.exchange.report(entry));
    expect([record.state, queries(rig)]).toEqual(["resting", 1]);
    rig.feed(...rig.exchange.fill(entry));
    expect([rig.held(), open(rig, "stop"), open(rig, "takeProfit")]).toEqual([10, [10], [10]]);
  });

  it("scenario 4: a question that fails says nothing: the order stays unknown and keeps its room", () => {
    const rig = new Rig();
    answer(rig, (effect) => {
      if (effect.type === "query") return [];
      return effect.type === "send" ? [lost(rig, effect.order.clientId, "timeout")] : undefined;
    });
    rig.boot();
    rig.pass(60_000);
    const [entry] = rig.sent;
    expect([sentOf(rig, "entry"), stateOf(rig, entry?.clientId ?? "")]).toEqual([1, "unknown"]);
  });

  it("scenario 5: a cancel that is refused because the order is filled ends in the fill, with exits, no replacement", () => {
    const rig = new Rig().boot();
    const entry = one(rig, "entry");
    const fills = rig.exchange.fill(entry);
    rig.ask({ type: "pause" });
    expect([stateOf(rig, entry.facts.clientId), rig.held()]).toEqual(["filled", 10]);
    expect([open(rig, "stop"), open(rig, "takeProfit"), sentOf(rig, "entry")]).toEqual([[10], [10], 1]);
    rig.feed(...fills);
    expect([rig.held(), told(rig)]).toEqual([10, []]);
  });

  it("an answer that never comes: a cancel is asked about after 5 s, a placement after 10 s", () => {
    const rig = desk();
    const entry = one(rig, "entry");
    const asked: string[] = [];
    answer(rig, (effect) => {
      if (effect.type === "query") asked.push(effect.facts.role);
      return effect.type === "cancel" || (effect.type === "send" && effect.order.role === "takeProfit")
        ? []
        : undefined;
    });
    rig.ask({ type: "pause" });
    rig.pass(5_000);
    expect([asked, stateOf(rig, entry.facts.clientId)]).toEqual([[], "canceling"]);
    rig.pass(500);
    expect(asked).toEqual(["entry"]);
    const silent = new Rig({ config: rig.config });
    answer(silent, (effect) => {
      if (effect.type !== "send") return undefined;
      silent.exchange.place(effect.order);
      return [];
    });
    silent.boot();
    const [entry2] = silent.sent;
    silent.pass(8_000);
    expect([queries(silent), stateOf(silent, entry2?.clientId ?? "")]).toEqual([0, "sending"]);
    silent.pass(1_000);
    expect([queries(silent), stateOf(silent, entry2?.clientId ?? ""), sentOf(silent, "entry")]).toEqual([
      1,
      "resting",
      1,
    ]);
  });
});

describe("doubled and disordered news", () => {
  it("scenario 11: a fill told twice, by the stream and by a reading, counts once; more than the order is alarmed", () => {
    const rig = holding();
    const [fill] = rig.exchange.fills;
    if (fill === undefined) throw new Error("no fill");
    rig.feed(fill, fill, rig.exchange.truth(), fill);
    expect([rig.held(), rig.state.account.fills, told(rig)]).toEqual([10, 1, []]);
    rig.feed({ ...fill, tradeId: "99", lots: lots(1) });
    expect(told(rig)).toEqual([`critical overfill:${fill.clientId}`]);
    expect(rig.held()).toBe(11);
  });

  it("scenario 12: old news after newer ones changes nothing: filled stays filled, sums never go down", () => {
    const rig = desk();
    const entry = one(rig, "entry");
    const part = rig.exchange.fill(entry, 7);
    const rest = rig.exchange.fill(entry);
    rig.feed(...rest, ...part.reverse());
    expect([stateOf(rig, entry.facts.clientId), rig.held(), open(rig, "stop")]).toEqual([
      "filled",
      10,
      [3, 7],
    ]);
    expect([open(rig, "takeProfit"), told(rig)]).toEqual([[3, 7], []]);
  });

  it("scenario 13: the position's new size before the execution that made it is no stranger's trade", () => {
    const rig = desk();
    const news = rig.exchange.fill(one(rig, "entry"));
    rig.feed({
      type: "position",
      ...rig.exchange.times(),
      account: "main",
      instrument: "BTCUSDT",
      positionSide: "both",
      lots: lots(10),
    });
    rig.pass(1_500);
    rig.feed(...news);
    rig.pass(5_000);
    expect([told(rig), rig.book().foreign.lots, rig.state.counts.mismatches, rig.held()]).toEqual([
      [],
      0,
      0,
      10,
    ]);
  });
});

describe("streams that break", () => {
  it("scenario 14: a stream that is silent though its socket lives: the risk figures give it away", () => {
    const rig = desk();
    rig.exchange.fill(one(rig, "entry"));
    rig.feed(rig.exchange.exposure());
    rig.pass(1_000);
    expect([rig.held(), rig.state.blocks()]).toEqual([0, []]);
    rig.feed(rig.exchange.exposure());
    expect(rig.state.blocks()).toEqual([
      "the account stream is interrupted (positions changed and it did not say so)",
    ]);
    rig.pass(3_000);
    expect([rig.held(), open(rig, "stop"), open(rig, "takeProfit"), told(rig)]).toEqual([10, [10], [10], []]);
    expect(rig.state.blocks()).toEqual([]);
  });

  it("scenario 15: while the stream is down no entry leaves; a reading after it is back frees them", () => {
    const rig = desk({ waitMs: millis(1_000) });
    rig.feed(...rig.exchange.fill(one(rig, "entry")), stream(rig, "gap"));
    const before = sentOf(rig, "entry");
    rig.pass(20_000);
    expect([sentOf(rig, "entry"), open(rig, "stop")]).toEqual([before, [10]]);
    rig.feed(stream(rig, "resynced"));
    rig.pass(2_000);
    expect([rig.state.blocks(), sentOf(rig, "entry")]).toEqual([[], before + 1]);
  });

  it("scenario 16: refused timestamps: the second in a row stops entries until a reading; closes are still tried", () => {
    const rig = desk();
    const end = refuse(rig, "stop", "clock", -1021);
    rig.exchange.fill(one(rig, "entry"));
    rig.isInstant = false;
    rig.turn(rig.exchange.truth());
    rig.settle();
    rig.turn({ type: "timer", ...rig.exchange.times() });
    rig.settle();
    expect(rig.state.blocks()).toEqual(["the exchange refuses our clock's time"]);
    expect(told(rig)).toEqual(["high clock:main"]);
    end();
    rig.isInstant = true;
    rig.pass(3_000);
    expect([rig.state.blocks(), open(rig, "stop")]).toEqual([[], [10]]);
  });
});

describe("an exchange that comes up again", () => {
  it("scenario 29: orders that one reading misses are not gone; two readings and a question by id decide", () => {
    const rig = holding();
    rig.pass(1_000);
    const [sent, alive] = [rig.sent.length, [open(rig, "stop"), open(rig, "takeProfit")]];
    const end = answer(rig, ({ type }) => (type === "readTruth" ? [] : undefined));
    rig.feed(stream(rig, "gap"), stream(rig, "resynced"), hiding(rig.exchange.truth("gap")));
    expect([queries(rig), rig.state.blocks()]).toEqual([
      0,
      ["the account stream is interrupted (socket closed)"],
    ]);
    rig.feed(hiding(rig.exchange.truth("gap")));
    // Asked by id, the exchange knows them after all.
    expect([queries(rig), rig.sent.length]).toEqual([2, sent]);
    end();
    rig.feed(rig.exchange.truth());
    rig.pass(5_000);
    expect([rig.state.blocks(), [open(rig, "stop"), open(rig, "takeProfit")]]).toEqual([[], alive]);
    expect([rig.sent.length, told(rig)]).toEqual([sent, []]);
  });

  it("scenario 29: even an order that was denied twice may show up again: it is asked about, not doubled", () => {
    const rig = desk();
    const entry = one(rig, "entry");
    const { clientId } = entry.facts;
    rig.feed({ type: "orderAbsent", ...rig.exchange.times(), account: "main", clientId });
    expect(stateOf(rig, clientId)).toBe("canceled");
    rig.feed(rig.exchange.report(entry));
    expect(stateOf(rig, clientId)).toBe("resting");
    rig.feed(...rig.exchange.fill(entry));
    expect([rig.held(), open(rig, "stop"), sentOf(rig, "entry")]).toEqual([10, [10], 1]);
  });

  it("scenario 30: a position of 0 in one reading is not flat: exits stay, and two readings only stop entries", () => {
    const rig = holding();
    rig.exchange.phantom = -10;
    rig.feed(rig.exchange.truth());
    expect([rig.held(), open(rig, "stop"), told(rig)]).toEqual([10, [10], []]);
    rig.feed(rig.exchange.truth());
    expect([rig.held(), open(rig, "stop"), open(rig, "takeProfit")]).toEqual([10, [10], [10]]);
    expect(told(rig)).toEqual(["critical mismatch:main/BTCUSDT/both"]);
    rig.exchange.phantom = 0;
    rig.feed(rig.exchange.truth());
    expect([told(rig, 1), rig.held()]).toEqual([["resolved mismatch:main/BTCUSDT/both"], 10]);
  });

  it("scenario 30: nor is it in the first reading after a start: the later ones are believed once they agree for ten seconds", () => {
    const first = holding();
    const { exchange } = first;
    exchange.phantom = -10;
    const rig = new Rig({ exchange, config: { ...first.config, epoch: 8, nonce: "abcd" } });
    rig.timer();
    rig.feed(...exchange.quotes());
    expect([rig.held(), rig.book().foreign.lots]).toEqual([10, -10]);
    exchange.phantom = 0;
    rig.pass(12_000);
    expect([rig.held(), rig.book().foreign.lots, open(rig, "stop"), open(rig, "takeProfit")]).toEqual([
      10,
      0,
      [10],
      [10],
    ]);
    expect([told(rig), rig.state.blocks(), rig.state.paused.size]).toEqual([[], [], 0]);
  });
});
