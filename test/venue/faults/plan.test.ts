import { describe, expect, it } from "vitest";
import type { WrittenFault } from "../../../src/venue/faults/fault.ts";
import { KINDS } from "../../../src/venue/faults/kinds.ts";
import type { FaultPlan } from "../../../src/venue/faults/plan.ts";
import { Script } from "../../../src/venue/faults/script.ts";
import { ask, endOf, planOf, push, START, struck } from "./questions.ts";

describe("when faults strike", () => {
  it("an empty plan changes nothing", () => {
    const plan = planOf([]);
    expect(ask(plan, 1)).toEqual({ delayMs: 0, answerDelayMs: 0, end: "answered" });
    expect([push(plan, 1), plan.skewMs(START), plan.due(START), plan.nextDueAt()]).toEqual([
      [0],
      0,
      [],
      undefined,
    ]);
    expect([...plan.counts.keys()]).toEqual(KINDS);
    expect(struck(plan)).toEqual({});
  });

  it("from its beginning up to but not including its end", () => {
    const plan = planOf([{ kind: "requestLost", from: 10, to: 20 }]);
    expect([9.999, 10, 19.999, 20].map((second) => endOf(plan, second))).toEqual([
      "answered",
      "neverArrives",
      "neverArrives",
      "answered",
    ]);
    expect(struck(plan)).toEqual({ requestLost: 2 });
  });

  it("`at` strikes the first that fits from then on, or as many as `count` says", () => {
    const plan = planOf([
      { kind: "answerLost", at: 5, on: "POST *" },
      { kind: "hang", at: 5, count: 2, on: "GET *" },
    ]);
    expect([4, 8, 9].map((second) => endOf(plan, second))).toEqual(["answered", "answerLost", "answered"]);
    expect([6, 7, 8].map((second) => endOf(plan, second, "GET /fapi/v1/time"))).toEqual([
      "hangs",
      "hangs",
      "answered",
    ]);
    expect(struck(plan)).toEqual({ answerLost: 1, hang: 2 });
  });

  it("`every` strikes once in each period", () => {
    const plan = planOf([{ kind: "failed", every: 10, from: 5, to: 30 }]);
    const seconds = [4, 5, 6, 14, 15, 24.9, 25, 29, 30];
    expect(seconds.filter((second) => endOf(plan, second) === "failed")).toEqual([5, 15, 25]);
  });

  it("`chance` strikes about so often, each fault with dice of its own", () => {
    const some: WrittenFault = { kind: "requestLost", chance: 0.3 };
    const hits = (plan: FaultPlan): readonly number[] =>
      Array.from({ length: 1_000 }, (_, index) => index).filter((at) => endOf(plan, at) === "neverArrives");
    const alone = hits(planOf([some]));
    expect(alone.length).toBeGreaterThan(250);
    expect(alone.length).toBeLessThan(350);
    expect(hits(planOf([some, { kind: "latency", requestMs: [1, 9] }]))).toEqual(alone);
    expect(hits(planOf([some], 2))).not.toEqual(alone);
  });

  it.each([
    ["POST /fapi/v1/order", "POST /fapi/v1/order", true],
    ["POST /fapi/v1/order", "POST /fapi/v1/orders", false],
    ["POST *", "GET /fapi/v1/order", false],
    ["*/order", "DELETE /fapi/v1/order", true],
    ["* /fapi/*/order", "POST /fapi/v1/order", true],
    ["*order*order*", "POST /fapi/v1/order", false],
    ["*", "anything", true],
  ])("the pattern %s at %s: %s", (on, name, isHit) => {
    expect(endOf(planOf([{ kind: "requestLost", on }]), 0, name) === "neverArrives").toBe(isHit);
  });

  it("only at its venue", () => {
    const plan = planOf([{ kind: "requestLost", venue: "bybit" }]);
    expect(ask(plan, 0, "POST /v5/order/create", "bybit").end).toBe("neverArrives");
    expect(ask(plan, 0).end).toBe("answered");
  });
});

describe("requests", () => {
  it("delays add up, the first that decides the end decides it, and only that one is used up", () => {
    const plan = planOf([
      { kind: "latency", requestMs: 30, answerMs: 5 },
      { kind: "answerLost", at: 0 },
      { kind: "latency", requestMs: 10 },
      { kind: "hang", at: 0 },
    ]);
    expect(ask(plan, 0)).toEqual({ delayMs: 40, answerDelayMs: 5, end: "answerLost" });
    expect(ask(plan, 0)).toEqual({ delayMs: 40, answerDelayMs: 5, end: "hangs" });
    expect(ask(plan, 0)).toEqual({ delayMs: 40, answerDelayMs: 5, end: "answered" });
    expect(struck(plan)).toEqual({ latency: 6, answerLost: 1, hang: 1 });
  });

  it("a held request is answered as usual once it arrives", () => {
    const plan = planOf([{ kind: "heldRequest", at: 0, seconds: 7 }]);
    expect(ask(plan, 0)).toEqual({ delayMs: 7_000, answerDelayMs: 0, end: "answered" });
  });

  it("a limit and a ban last for everybody until their time is over, and say how long that is", () => {
    const plan = planOf([
      { kind: "rateLimited", at: 0, seconds: 5, on: "POST *" },
      { kind: "banned", at: 10, seconds: 60 },
    ]);
    expect(endOf(plan, 0, "GET /fapi/v1/time")).toBe("answered");
    expect(ask(plan, 1)).toMatchObject({ end: "rateLimited", retryAfterMs: 5_000 });
    expect(ask(plan, 4, "GET /fapi/v1/time")).toMatchObject({ end: "rateLimited", retryAfterMs: 2_000 });
    expect(endOf(plan, 6)).toBe("answered");
    expect(ask(plan, 12)).toMatchObject({ end: "banned", retryAfterMs: 60_000 });
    expect(ask(plan, 71.5)).toMatchObject({ end: "banned", retryAfterMs: 500 });
    expect(endOf(plan, 71.5, "CONNECT")).toBe("answered");
    expect(endOf(plan, 72)).toBe("answered");
    expect(struck(plan)).toEqual({ rateLimited: 1, banned: 1 });
  });

  it("only lists come back partial, empty or stale, and connections meet only what names them", () => {
    const plan = planOf([
      { kind: "partialAnswer", to: 10 },
      { kind: "staleAnswer", from: 10, to: 20 },
      { kind: "requestLost", from: 20, on: "CONNECT" },
    ]);
    const calls = [
      "GET /fapi/v1/openOrders",
      "GET /fapi/v3/positionRisk",
      "GET /dapi/v1/userTrades",
      "GET /v5/order/realtime",
      "GET /api/v5/trade/orders-pending",
      "GET /api/v5/account/positions",
    ];
    expect([endOf(plan, 1), endOf(plan, 1, "CONNECT")]).toEqual(["answered", "answered"]);
    expect(calls.filter((call) => endOf(plan, 1, call) !== "partial")).toEqual([]);
    expect(calls.filter((call) => endOf(plan, 11, call) !== "stale")).toEqual([]);
    expect([endOf(plan, 11), endOf(plan, 21, "CONNECT"), endOf(plan, 21)]).toEqual([
      "answered",
      "neverArrives",
      "answered",
    ]);
  });

  it("while the exchange restarts nothing gets in; then lists lack items for a moment", () => {
    const plan = planOf([{ kind: "exchangeRestart", at: 10, seconds: 20, partialSeconds: 5 }]);
    const list = "GET /fapi/v1/openOrders";
    expect(endOf(plan, 9)).toBe("answered");
    const [restart] = plan.due(START + 10_000);
    expect(restart?.fault.kind).toBe("exchangeRestart");
    expect(ask(plan, 10)).toMatchObject({ end: "unavailable", retryAfterMs: 20_000 });
    expect([endOf(plan, 29.9, list), endOf(plan, 29.9, "CONNECT")]).toEqual(["unavailable", "unavailable"]);
    expect([endOf(plan, 30), endOf(plan, 30, list), endOf(plan, 35, list)]).toEqual([
      "answered",
      "partial",
      "answered",
    ]);
    expect(struck(plan)).toEqual({});
    if (restart !== undefined) plan.settle(restart, "done", START + 10_000);
    expect(struck(plan)).toEqual({ exchangeRestart: 1 });
  });
});

describe("messages", () => {
  it("are lost, doubled, late in order, or overtaken, by stream or by what they are about", () => {
    const plan = planOf([
      { kind: "messageLost", at: 0, on: "*@trade" },
      { kind: "messageDoubled", at: 0, on: "private", afterMs: 40 },
      { kind: "messageLate", at: 1, account: "main", ms: 300 },
    ]);
    const market = { kind: "market", stream: "btcusdt@trade" } as const;
    expect([push(plan, 0, market), push(plan, 1, market)]).toEqual([[], [0]]);
    expect([push(plan, 0), push(plan, 1)]).toEqual([[0, 40], [0]]);
    expect(push(plan, 1_000, { account: "other" })).toEqual([0]);
    expect([1_000, 1_100, 1_299, 1_300].map((ms) => push(plan, ms))).toEqual([[300], [200], [1], [0]]);
    expect(struck(plan)).toEqual({ messageLost: 1, messageDoubled: 1, messageLate: 1 });
  });

  it("a reordered message counts once another one passed it", () => {
    const plan = planOf([{ kind: "messagesReordered", at: 0, count: 2, byMs: 50 }]);
    expect(push(plan, 0)).toEqual([50]);
    expect(struck(plan)).toEqual({});
    // The second is delayed as well; only the third overtakes both.
    expect([push(plan, 10), push(plan, 20), push(plan, 30)]).toEqual([[50], [0], [0]]);
    expect(struck(plan)).toEqual({ messagesReordered: 2 });
  });

  it("a gap loses consecutive updates of one order book, and of nothing else", () => {
    const plan = planOf([{ kind: "depthGap", at: 0, messages: 3 }]);
    const depth = { kind: "market", stream: "btcusdt@depth@100ms" } as const;
    expect(push(plan, 0, { kind: "market", stream: "btcusdt@trade" })).toEqual([0]);
    expect(push(plan, 0)).toEqual([0]);
    expect([0, 1, 2, 3].map((ms) => push(plan, ms, depth))).toEqual([[], [], [], [0]]);
    expect(push(plan, 1, { ...depth, stream: "ethusdt@depth" })).toEqual([0]);
    expect(struck(plan)).toEqual({ depthGap: 1 });
  });
});

describe("clocks and occurrences", () => {
  it("the exchange's clock is off by a step and drifts, while it does", () => {
    const plan = planOf([{ kind: "clockSkew", from: 10, to: 20, ms: -500, driftMsPerSecond: 30 }]);
    expect([9, 10, 15, 19, 20].map((second) => plan.skewMs(START + second * 1_000))).toEqual([
      0, -500, -350, -230, 0,
    ]);
    expect(struck(plan)).toEqual({ clockSkew: 1 });
  });

  it("are due at their moment, each told once; what can't be done comes again for a minute", () => {
    const plan = planOf([
      { kind: "deleveraged", at: 10 },
      { kind: "disconnect", every: 20, from: 5, to: 50 },
      { kind: "deskRestart", at: 10, downSeconds: 3 },
    ]);
    const due = (second: number) => plan.due(START + second * 1_000);
    const kinds = (second: number): readonly string[] => due(second).map(({ fault }) => fault.kind);
    expect([plan.nextDueAt(), kinds(4.999), kinds(5)]).toEqual([START + 5_000, [], ["disconnect"]]);
    const [leverage, restart] = due(10);
    if (leverage === undefined || restart === undefined) throw new Error("two were due");
    expect([leverage.fault.kind, restart.fault.kind]).toEqual(["deleveraged", "deskRestart"]);
    expect(leverage.random().below(1_000_000)).toBe(leverage.random().below(1_000_000));
    plan.settle(restart, "never", START + 10_000);
    let attempts = 0;
    for (let second = 10; second < 90; second += 1) {
      for (const each of due(second)) if (each === leverage) attempts += 1;
      if (second < 85) plan.settle(leverage, "notYet", START + second * 1_000);
    }
    expect(attempts).toBeGreaterThan(50);
    expect(attempts).toBeLessThan(61);
    expect([plan.nextDueAt(), struck(plan)]).toEqual([undefined, {}]);
  });

  it("periods that nobody asked in are not caught up", () => {
    const plan = planOf([{ kind: "listenKeyExpiry", every: 10, from: 10 }]);
    expect(plan.due(START + 55_000)).toHaveLength(1);
    expect(plan.due(START + 59_000)).toHaveLength(0);
    expect(plan.due(START + 60_000)).toHaveLength(1);
  });

  it("in a window without periods, one moment is drawn", () => {
    const plan = planOf([{ kind: "disconnect", from: 10, to: 20 }]);
    const at = plan.nextDueAt() ?? 0;
    expect(at).toBeGreaterThan(START + 10_000);
    expect(at).toBeLessThan(START + 20_000);
    expect([plan.due(at - 1).length, plan.due(at).length, plan.nextDueAt()]).toEqual([0, 1, undefined]);
  });
});

describe("a script", () => {
  it("calls for faults as it goes along, and takes them away", () => {
    let now = START;
    const script = new Script(() => now);
    const { plan } = script;
    now += 5_000;
    script.next("POST /fapi/v1/order", "answerLost");
    script.next("GET *", { kind: "heldRequest", seconds: 1 }, 2);
    script.during(2, { kind: "messageLate", on: "private", ms: 300 });
    script.once({ kind: "handTrade", does: "flip" });
    const stop = script.always({ kind: "clockSkew", ms: 900 });
    expect(endOf(plan, 5)).toBe("answerLost");
    expect(endOf(plan, 5)).toBe("answered");
    expect([1, 2, 3].map(() => ask(plan, 6, "GET /x").delayMs)).toEqual([1_000, 1_000, 0]);
    expect([push(plan, 6_000), push(plan, 7_000)]).toEqual([[300], [0]]);
    expect(plan.due(now).map(({ fault }) => fault.kind)).toEqual(["handTrade"]);
    expect(plan.skewMs(now)).toBe(900);
    stop();
    expect(plan.skewMs(now)).toBe(0);
    expect([script.struck("answerLost"), script.struck("heldRequest"), script.struck("hang")]).toEqual([
      1, 2, 0,
    ]);
    expect(() => script.during(-1, { kind: "latency" })).toThrow(/fault.to -1: write a number from 0/);
  });
});
