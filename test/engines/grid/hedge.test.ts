import { describe, expect, it } from "vitest";
import { checkOrder } from "../../../src/core/guard.ts";
import { lots, millis, ONE, ticks, value } from "../../../src/core/units.ts";
import { Circuit } from "../../../src/desk/kernel/circuit.ts";
import { guardState } from "../../../src/desk/kernel/guarding.ts";
import { purseUse } from "../../../src/desk/kernel/purse-use.ts";
import { EngineWindow } from "../../../src/desk/kernel/window.ts";
import { exitOf, recordOf } from "../../support/orders.ts";
import { Rig } from "../../support/rig.ts";
import { answer, refusal, sentOf, told } from "../../support/scenario.ts";
import {
  asked,
  CAP,
  DOWN,
  ENTRY,
  EXAMPLE,
  fillsOnly,
  hedgeMode,
  held,
  LEG_STOP,
  lines,
  minutes,
  nextLife,
  OWN_STOP,
  PAIR,
  paired,
  quote,
  rests,
  shares,
  stopOf,
  THIRDS,
  yes,
} from "./hedged.ts";

describe("a rung that is stuck on an account in hedge mode", () => {
  it("asks first: a card with the hedge as its only way and the ladder declared; nothing else is begun", () => {
    const rig = asked();
    expect(rig.proposal("r1-e7")).toMatchObject({
      state: "pending",
      action: { ways: ["hedge"], fallback: "ladder", lots: 10 },
    });
    expect(rig.proposal("r1-e7")?.action).toMatchObject({
      lines: [
        expect.stringContaining("Rung 0 of grid1 holds 0.010 BTC from 50000.0"),
        "Until somebody decides its take profit and its stop stay.",
        "A hedge sells 0.010 BTC at 47262.5 or better and takes 236.55 USDT of the purse, of which 4749.75 USDT is free; the legs' stops rest at 40173.2 and 54351.8, and both close when the mark price is back at 50000.0.",
      ],
    });
    minutes(rig, 5);
    expect([rests(rig), sentOf(rig, "hedge"), held(rig)]).toEqual([
      [
        ["stop", "long", 450_000, 10],
        ["takeProfit", "long", 505_000, 10],
      ],
      0,
      [10, 0],
    ]);
  });

  it("a yes opens the other side, gives each leg its stop, and only then takes the old exits back", () => {
    const rig = asked();
    const from = rig.effects.length;
    expect(yes(rig)).toEqual({ isOk: true, text: "Decided; opening the hedge now." });
    rig.pass(1_000);
    expect([held(rig), shares(rig), rests(rig)]).toEqual([[10, -10], [10, -10], PAIR]);
    const steps = rig.effects.slice(from).flatMap((effect) => {
      if (effect.type === "send") return [`send ${effect.order.role} ${effect.order.positionSide}`];
      return effect.type === "cancel" ? [`cancel ${effect.facts.role} ${effect.facts.positionSide}`] : [];
    });
    expect(steps).toEqual([
      "send hedge short",
      "send stop short",
      "send stop long",
      "cancel takeProfit long",
      "cancel stop long",
    ]);
    const hedge = rig.sent.find(({ role }) => role === "hedge");
    expect(hedge).toMatchObject({ side: "sell", kind: "limit", price: CAP, lots: 10, isReduceOnly: false });
    expect(rig.proposal("r1-e7")).toMatchObject({ state: "done", outcome: "The hedge stands." });
    expect(rig.kernel.rungs("grid1")[0]).toMatchObject({
      stage: "hedged",
      held: 10,
      stop: OWN_STOP,
      closes: [],
      hedge: { lots: 10, entry: DOWN, stop: LEG_STOP },
    });
    expect(rig.alerts.at(-1)?.lines).toEqual([
      "Rung 0 of grid1: 0.010 BTC short stand against it; its loss stands still.",
      "Its take profit and its stop are gone: the legs have stops at 40173.2 and 54351.8, and if one leg closes the other does.",
      "Both close when the mark price is back at 50000.0; you are asked again after two hours.",
    ]);
    // Nothing more comes of it while the price stays.
    minutes(rig, 60);
    expect([rests(rig), sentOf(rig, "hedge"), sentOf(rig, "stop")]).toEqual([PAIR, 1, 3]);
  });

  it("the price back at the entry closes both legs in one turn, and both are in the log", () => {
    const rig = paired();
    rig.quote(ENTRY - 1);
    expect(held(rig)).toEqual([10, -10]);
    const before = rig.turns.length;
    quote(rig, ENTRY);
    const turn = rig.turns.slice(before).find(({ effects }) => effects.some(({ type }) => type === "send"));
    expect(turn?.effects.flatMap((e) => (e.type === "send" ? [e.order.positionSide] : []))).toEqual([
      "short",
      "long",
    ]);
    expect([held(rig), rests(rig), shares(rig)]).toEqual([[0, 0], [], [0, 0]]);
    const trades = lines(rig).filter(({ Size }) => Size !== undefined && Size !== "0");
    const closes = trades.filter(({ Action }) => Action === "CLOSE");
    expect(closes.map(({ Leg, Cause, Size, Entry, Exit }) => [Leg, Cause, Size, Entry, Exit])).toEqual([
      ["hedge", "hedge", "0.010", "47500.0", "50000.1"],
      [undefined, "hedge", "0.010", "50000.0", "50000.0"],
    ]);
    const end = lines(rig).find(({ Action }) => Action === "RECOVERED");
    const account = [rig.state.account.realized, rig.state.account.fees];
    const told = closes.reduce((sum, { PnL }) => sum + Number(PnL), 0);
    expect(told).toBeCloseTo((account[0] ?? 0) / ONE, 6);
    expect(Number(end?.["PnL"])).toBeCloseTo(((account[0] ?? 0) - (account[1] ?? 0)) / ONE, 6);
    expect(end).toMatchObject({ How: "hedge", Rung: 0 });
    expect(rig.kernel.rungs("grid1").filter((rung) => rung.status !== "opening")).toEqual([]);
  });

  it.each([
    ["its hedge's stop fires", (rig: Rig) => rig.exchange.trigger(stopOf(rig, "short"), false, LEG_STOP)],
    ["its own stop fires", (rig: Rig) => rig.exchange.trigger(stopOf(rig, "long"), false, OWN_STOP)],
    ["its hedge is liquidated", (rig: Rig) => rig.exchange.liquidate(10, "short")],
    ["it is liquidated itself", (rig: Rig) => rig.exchange.liquidate(10, "long")],
    ["a person buys the hedge back by hand", (rig: Rig) => rig.exchange.trade("buy", 10, "short")],
    ["a person sells it by hand", (rig: Rig) => rig.exchange.trade("sell", 10, "long")],
  ])("%s: the other leg is closed in the turn that hears of it", (_what, happens) => {
    const rig = paired();
    rig.isInstant = false;
    rig.feed(...happens(rig));
    // Executions that own no order of ours wait a moment before they are called foreign.
    for (let tries = 0; tries < 40 && !rig.requests.some(({ type }) => type === "send"); tries += 1) {
      rig.settle();
      rig.exchange.wallAt += 100;
      rig.exchange.at += 100;
      rig.timer();
      while (rig.news.length > 0 && !rig.requests.some(({ type }) => type === "send")) rig.deliver();
    }
    const cause = rig.turns.find(({ effects }) =>
      effects.some((e) => e.type === "send" && e.order.role === "close"),
    )?.event.type;
    expect(["fill", "timer", "truth"]).toContain(cause);
    rig.isInstant = true;
    rig.pass(1_000);
    expect([held(rig), shares(rig), rests(rig)]).toEqual([[0, 0], [0, 0], []]);
    expect(sentOf(rig, "close")).toBe(1);
    expect(lines(rig).filter(({ Action }) => Action === "RECOVERED")).toMatchObject([{ How: "hedge" }]);
  });

  it("a part of one leg closed is a part of the other closed; the rest stands as a pair, and ends at the entry", () => {
    const rig = paired();
    rig.feed(...rig.exchange.fill(stopOf(rig, "short"), 4, LEG_STOP));
    rig.pass(1_000);
    expect([held(rig), shares(rig)]).toEqual([
      [6, -6],
      [6, -6],
    ]);
    expect(rig.kernel.rungs("grid1")[0]).toMatchObject({ stage: "hedged", held: 6, hedge: { lots: 6 } });
    quote(rig, ENTRY);
    expect([held(rig), rests(rig)]).toEqual([[0, 0], []]);
  });

  it("refused, or decided by nobody: the ladder", () => {
    const refused = asked();
    expect(refused.decide("r1-e7", "k9-e7", "reject")).toEqual({
      isOk: true,
      text: "The hedge is refused; placing the ladder now.",
    });
    refused.pass(1_000);
    const expired = asked();
    expired.pass(601_000);
    for (const rig of [refused, expired])
      expect([rests(rig), held(rig), sentOf(rig, "hedge")]).toEqual([
        [["stop", "long", 450_000, 10], ...THIRDS],
        [10, 0],
        0,
      ]);
    expect([refused.proposal("r1-e7")?.state, expired.proposal("r1-e7")?.state]).toEqual([
      "rejected",
      "done",
    ]);
  });

  it("without room in the purse for both legs there is no card: the ladder, and why", () => {
    const rig = asked({ purse: value(400 * ONE) });
    rig.pass(1_000);
    expect([rig.proposal("r1-e7"), rests(rig)]).toEqual([
      undefined,
      [["stop", "long", 450_000, 10], ...THIRDS],
    ]);
    const alert = rig.alerts.find(({ title }) => title.includes("is not hedged"));
    expect(alert?.lines).toEqual([
      "Rung 0 of grid1 gets a ladder instead: its purse has no room for both legs: a hedge takes 236.55 USDT, 149.75 USDT is free.",
    ]);
  });

  it("with the purse's room gone when the button is pressed it is not opened, and the answer says why", () => {
    const rig = asked();
    const tight = { type: "setLimit", limit: "purse:grid1", value: 400 * ONE, wallAt: millis(0) } as const;
    expect(rig.ask(tight)?.isOk).toBe(true);
    expect(yes(rig)).toEqual({
      isOk: false,
      text: "Not hedged: its purse has no room for both legs: a hedge takes 236.55 USDT, 149.75 USDT is free. Instead: placing the ladder now.",
    });
    rig.pass(1_000);
    expect([rests(rig), held(rig), rig.proposal("r1-e7")?.state]).toEqual([
      [["stop", "long", 450_000, 10], ...THIRDS],
      [10, 0],
      "failed",
    ]);
  });

  it("refused by the exchange: the ladder, and the card says so", () => {
    const rig = asked();
    answer(rig, (effect) =>
      effect.type === "send" && effect.order.role === "hedge"
        ? [refusal(rig, effect.order.clientId, "margin" as never, -2019)]
        : undefined,
    );
    yes(rig);
    rig.pass(1_000);
    expect([rests(rig), held(rig), sentOf(rig, "hedge")]).toEqual([
      [["stop", "long", 450_000, 10], ...THIRDS],
      [10, 0],
      1,
    ]);
    expect(rig.proposal("r1-e7")?.outcome).toBe("The hedge could not be opened; a ladder takes its place.");
    expect(told(rig)).toContain("high recover:grid1:0");
  });

  it("what the exchange refuses of one book holds nothing back of the other", () => {
    const circuit = new Circuit();
    const close = exitOf({ role: "close", kind: "market", positionSide: "short", side: "buy" });
    const refused = { type: "placeRejected", clientId: "x", reason: "no", code: -2022, kind: "reduceOnly" };
    const at = { at: millis(0), wallAt: millis(0), account: "main", instrument: "BTCUSDT" };
    for (let n = 0; n < 3; n += 1)
      circuit.refused(recordOf(close, "rejected"), { ...refused, ...at } as never);
    const held = (positionSide: "long" | "short") =>
      circuit.refusal({ ...close, positionSide }, millis(1)) !== undefined;
    expect([held("short"), held("long")]).toEqual([true, false]);
    const entry = recordOf({ ...close, role: "entry", positionSide: "long", side: "buy" }, "rejected");
    const margin = { ...refused, code: -2019, kind: "margin" };
    for (let n = 0; n < 3; n += 1) circuit.refused(entry, { ...margin, ...at } as never);
    expect([circuit.lacksMargin("BTCUSDT"), circuit.lacksMargin("ETHUSDT")]).toEqual([true, false]);
  });

  it("several rungs of one grid are hedged apart: what ends one pair leaves the other as it is", () => {
    const rig = new Rig({
      exchange: hedgeMode(),
      config: { grids: [{ ...EXAMPLE, waitMs: millis(1_000), purse: value(20_000 * ONE) }] },
    }).boot();
    for (let n = 0; n < 2; n += 1) {
      const [entry] = rig.exchange.open("entry");
      if (entry !== undefined) rig.feed(...rig.exchange.fill(entry));
      rig.pass(2_000);
    }
    rig.ask({ type: "pause" });
    rig.quote(DOWN);
    rig.ask({ type: "resume" });
    minutes(rig, 65);
    const cards = rig.state.proposals.all().filter(({ state }) => state === "pending");
    for (const { id } of cards) rig.decide(id, `k${id}`, "hedge");
    rig.pass(2_000);
    expect([cards.length, held(rig), shares(rig)]).toEqual([2, [20, -20], [20, -20]]);
    const pairs = () => rig.kernel.rungs("grid1").filter(({ stage }) => stage === "hedged");
    expect(pairs().map(({ held: size, hedge }) => [size, hedge?.lots])).toEqual([
      [10, 10],
      [10, 10],
    ]);
    const [first, second] = pairs().map(({ index }) => index);
    const [stop] = rig.exchange
      .open("stop")
      .filter(({ facts }) => facts.positionSide === "short" && facts.rung === first);
    if (stop === undefined) throw new Error("the first hedge has no stop");
    rig.feed(...rig.exchange.trigger(stop, false, LEG_STOP));
    rig.pass(2_000);
    expect([held(rig), shares(rig), pairs().map(({ index }) => index)]).toEqual([
      [10, -10],
      [10, -10],
      [second],
    ]);
    expect(rests(rig).map(([role, side, , size]) => [role, side, size])).toEqual([
      ["stop", "short", 10],
      ["stop", "long", 10],
    ]);
  });

  it.each([
    ["hedge's", "short", [10, -10]],
    ["rung's new", "long", [10, -10]],
  ] as const)("while the %s stop is not acknowledged the rung's old one stays", (_whose, side, legs) => {
    const rig = asked();
    const from = rig.effects.length;
    const release = answer(rig, (effect) => {
      const isHeld =
        effect.type === "send" && effect.order.role === "stop" && effect.order.positionSide === side;
      return isHeld ? [] : undefined;
    });
    yes(rig);
    rig.pass(3_000);
    const canceled = rig.effects
      .slice(from)
      .flatMap((effect) => (effect.type === "cancel" ? [effect.facts.role] : []));
    expect([held(rig), canceled.includes("stop")]).toEqual([legs, false]);
    expect(stopOf(rig, "long").facts.trigger).toBe(450_000);
    release();
  });

  it("a hedge whose stop is never acknowledged is closed after five seconds, and its rung with it (I3)", () => {
    const rig = asked();
    answer(rig, (effect) =>
      effect.type === "send" && effect.order.role === "stop" && effect.order.positionSide === "short"
        ? []
        : undefined,
    );
    yes(rig);
    rig.pass(9_000);
    expect([held(rig), shares(rig)]).toEqual([
      [0, 0],
      [0, 0],
    ]);
    expect(rig.alerts.some(({ level, title }) => level === "critical" && title.includes("no stop"))).toBe(
      true,
    );
  });

  it("filled in parts: each part has its stop, and the old exits stay until it is whole", () => {
    const rig = asked();
    fillsOnly(rig, (number) => (number === 1 ? 4 : 10));
    yes(rig);
    rig.pass(1_000);
    expect([held(rig), rests(rig)]).toEqual([
      [10, -4],
      [
        ["stop", "long", 450_000, 10],
        ["takeProfit", "long", 505_000, 10],
        ["hedge", "short", CAP, 6],
        ["stop", "short", LEG_STOP, 4],
      ],
    ]);
    expect(rig.kernel.rungs("grid1")[0]).toMatchObject({ stage: "hedging", hedge: { lots: 4 } });
    rig.pass(4_000);
    expect([held(rig), sentOf(rig, "hedge"), rests(rig).map(([, side, , size]) => [side, size])]).toEqual([
      [10, -10],
      2,
      [
        ["short", 4],
        ["short", 6],
        ["long", 10],
      ],
    ]);
  });

  it("not filled at first, and then the price is back: no further try leaves, and the rung keeps its own exits", () => {
    const rig = asked();
    fillsOnly(rig, () => 0);
    yes(rig);
    rig.pass(1_000);
    expect([sentOf(rig, "hedge"), rig.exchange.open("hedge").length]).toEqual([1, 1]);
    rig.quote(ENTRY);
    rig.pass(30_000);
    expect([sentOf(rig, "hedge"), held(rig), rests(rig)]).toEqual([
      1,
      [10, 0],
      [
        ["stop", "long", 450_000, 10],
        ["takeProfit", "long", 505_000, 10],
      ],
    ]);
  });

  it("not filled whole in five tries: what there is of it is taken back, and the ladder is laid", () => {
    const rig = asked();
    fillsOnly(rig, () => 1);
    yes(rig);
    rig.pass(30_000);
    expect([held(rig), shares(rig), rests(rig)]).toEqual([
      [10, 0],
      [10, 0],
      [["stop", "long", 450_000, 10], ...THIRDS],
    ]);
    expect(rig.exchange.open("hedge")).toEqual([]);
    expect(lines(rig).filter(({ Leg }) => Leg === "hedge")).toMatchObject([
      { Action: "CLOSE", Cause: "hedge", Size: "0.005" },
    ]);
  });

  it("two hours later people are asked again: force close, ladder again, or wait; unanswered both legs are closed", () => {
    for (const how of ["aggressive", "ladder", "reject", "nobody"] as const) {
      const rig = paired();
      minutes(rig, 125);
      expect(rig.proposal("r2-e7")?.action).toMatchObject({
        ways: ["aggressive", "ladder"],
        fallback: "aggressive",
      });
      if (how === "nobody") rig.pass(600_000);
      else rig.decide("r2-e7", "k9-e7", how);
      rig.pass(5_000);
      const ends = {
        aggressive: [[0, 0], []],
        ladder: [
          [10, 0],
          [["stop", "long", 450_000, 10], ...THIRDS],
        ],
        reject: [[10, -10], PAIR],
        nobody: [[0, 0], []],
      } as const;
      const found = rests(rig).sort();
      expect([how, held(rig), found]).toEqual([how, ends[how][0], [...ends[how][1]].sort()]);
      if (how === "aggressive") expect(rig.proposal("r2-e7")?.state).toBe("done");
    }
  });

  it("has no quiet quotes: what time and each price mean for a hedge that is wanted, or for a pair, is for both legs to say", () => {
    const quietOf = (rig: Rig) =>
      rig.state.engines.get("grid1")?.quiet?.(new EngineWindow(rig.state, "grid1"));
    const rig = asked();
    expect(quietOf(rig)).toBeDefined();
    rig.isInstant = false;
    yes(rig);
    expect(rig.state.engines.get("grid1")?.quiet).toBeDefined();
    expect(quietOf(rig)).toBeUndefined();
    rig.isInstant = true;
    rig.pass(1_000);
    expect([rests(rig), quietOf(rig)]).toEqual([PAIR, undefined]);
  });

  it("a ladder that was laid first gives way to the pair that a person chooses later", () => {
    const rig = asked();
    rig.decide("r1-e7", "k9-e7", "reject");
    minutes(rig, 130);
    expect(rig.proposal("r2-e7")?.action).toMatchObject({ ways: ["aggressive", "hedge", "ladder"] });
    rig.decide("r2-e7", "k9-e7", "hedge");
    rig.pass(3_000);
    expect([held(rig), rests(rig)]).toEqual([[10, -10], PAIR]);
  });

  it("/close, panic and a halt close both legs", () => {
    const closed = paired();
    closed.propose("k1-e7", { positionSide: "long" });
    closed.decide("k1-e7", "k9-e7");
    const other = paired();
    other.propose("k1-e7", { positionSide: "short" });
    other.decide("k1-e7", "k9-e7");
    const panicked = paired();
    panicked.ask({ type: "panic" });
    const halted = paired({ stopPrice: ticks(440_000) });
    halted.quote(439_000);
    for (const rig of [closed, other, panicked, halted]) {
      rig.pass(3_000);
      expect([held(rig), shares(rig), rests(rig)]).toEqual([[0, 0], [0, 0], []]);
    }
  });

  it("the purse counts both legs: no entry leaves that would not fit beside them", () => {
    // 10 lots at 50,000 and 10 at 47,500 take 487 of it, and 250 more are not free.
    const rig = paired({ purse: value(700 * ONE) });
    const entry = rig.sent.find(({ role }) => role === "entry");
    if (entry === undefined) throw new Error("no entry was sent");
    const verdict = (size: number) => {
      const facts = { ...entry, clientId: "next", lots: lots(size), price: ticks(470_000) };
      return checkOrder(facts, guardState(rig.state, facts));
    };
    expect([verdict(10), verdict(9).ok]).toEqual([
      { ok: false, reason: "purse", detail: expect.stringContaining("the purse of 700.00 USDT has") },
      true,
    ]);
    expect(purseUse(rig.state, rig.config.grids[0] ?? EXAMPLE).used).toBeGreaterThan(487 * ONE);
  });

  it("the grid's loss limit counts what the hedge gains against what its rung loses", () => {
    const rig = paired({ stopLoss: undefined, lossMax: value(30 * ONE), positionMax: lots(10) });
    expect(held(rig)).toEqual([10, -10]);
    quote(rig, 430_000);
    expect(held(rig)).toEqual([10, -10]);
  });

  it("a sell grid is the mirror of it", () => {
    const rig = new Rig({
      exchange: hedgeMode(),
      config: { grids: [{ ...EXAMPLE, positionSide: "short", direction: "sell", anchor: ticks(501_000) }] },
    }).boot();
    const [entry] = rig.exchange.open("entry");
    if (entry === undefined) throw new Error("no entry rests");
    rig.feed(...rig.exchange.fill(entry));
    rig.quote(526_050);
    minutes(rig, 65);
    yes(rig);
    rig.pass(1_000);
    expect(held(rig)).toEqual([10, -10]);
    expect(rests(rig).map(([role, side]) => [role, side])).toEqual([
      ["stop", "long"],
      ["stop", "short"],
    ]);
    quote(rig, 500_999);
    expect([held(rig), rests(rig)]).toEqual([[0, 0], []]);
  });
});

describe("killed and started again", () => {
  /** The whole story, with what stands at its three stations: hedged, and out. */
  function story(killAt: number): readonly unknown[] {
    let rig = asked();
    let epoch = 7;
    let steps = 0;
    const step = (): void => {
      steps += 1;
      if (steps !== killAt) return;
      epoch += 1;
      rig.requests.length = 0;
      rig.news.length = 0;
      rig = nextLife(rig, epoch);
    };
    /** Everything that is on its way arrives, piece by piece; the process may be gone between any two. */
    const work = (ms: number): void => {
      rig.isInstant = false;
      for (let passed = 0; passed <= ms; passed += 500) {
        for (let n = 0; n < 500 && rig.news.length + rig.requests.length > 0; n += 1) {
          if (!rig.deliver()) rig.serve();
          const before = rig;
          step();
          if (rig !== before) rig.isInstant = false;
        }
        rig.exchange.at += 500;
        rig.exchange.wallAt += 500;
        rig.timer();
        rig.feed(...rig.exchange.quotes());
      }
      rig.isInstant = true;
      rig.pass(500);
    };
    rig.isInstant = false;
    yes(rig);
    step();
    work(3_000);
    if (rig.exchange.short.lots === 0) {
      // The yes was lost with the process before its order left: people are asked anew.
      minutes(rig, 130);
      // The first card may be of a start at which the risk was not known yet: then a new quote takes its place.
      for (const requoteId of ["k9-e9", "k10-e9"]) {
        const card = rig.state.proposals.all().find(({ state }) => state === "pending");
        if (card !== undefined) rig.decide(card.id, requoteId, "hedge");
      }
      work(3_000);
    }
    const hedged = [held(rig), rests(rig), shares(rig), rig.kernel.rungs("grid1")[0]?.stage];
    rig.isInstant = false;
    rig.quote(ENTRY);
    step();
    work(4_000);
    rig.pass(8_000);
    const sizes = [held(rig), shares(rig), rests(rig)];
    const failed = [...rig.state.failed];
    return [hedged, sizes, failed, steps];
  }

  it("at any step, the next life ends where the uninterrupted one does", () => {
    const [hedged, end, failed, count] = story(0);
    expect([hedged, end, failed]).toEqual([[[10, -10], PAIR, [10, -10], "hedged"], [[0, 0], [0, 0], []], []]);
    for (let at = 1; at <= Number(count); at += 1) {
      const [otherHedged, otherEnd, otherFailed] = story(at);
      expect([at, otherHedged, otherEnd, otherFailed]).toEqual([at, hedged, end, failed]);
    }
  });

  it.each(["short", "long"] as const)(
    "while nobody watches the %s leg's stop fires: the next life closes the other leg, and tells it",
    (side) => {
      const rig = paired();
      rig.exchange.trigger(stopOf(rig, side), false, side === "short" ? LEG_STOP : OWN_STOP);
      const next = nextLife(rig, 8);
      next.pass(3_000);
      expect([held(next), shares(next), rests(next)]).toEqual([[0, 0], [0, 0], []]);
      const told = [...lines(rig), ...lines(next)];
      expect(told.filter(({ Action }) => Action === "RECOVERED")).toMatchObject([{ How: "hedge" }]);
      // And the life after that finds nothing to do.
      const last = nextLife(next, 9);
      last.pass(3_000);
      expect([held(last), last.sent.filter(({ role }) => role !== "entry")]).toEqual([[0, 0], []]);
    },
  );

  it("while nobody watches a leg is liquidated: the next life closes the other one", () => {
    const rig = paired();
    rig.exchange.liquidate(10, "short");
    const next = nextLife(rig, 8);
    next.pass(3_000);
    expect([held(next), shares(next), rests(next)]).toEqual([[0, 0], [0, 0], []]);
  });

  it("while a hedge is taken back: it goes on, and the ladder is laid by the next check", () => {
    const rig = paired();
    minutes(rig, 125);
    rig.isInstant = false;
    rig.decide("r2-e7", "k9-e7", "ladder");
    rig.exchange.depth = 4;
    for (let n = 0; n < 100 && rig.exchange.short.lots === -10; n += 1) if (!rig.deliver()) rig.serve();
    expect(held(rig)).toEqual([10, -6]);
    rig.exchange.depth = Number.POSITIVE_INFINITY;
    const next = nextLife(rig, 8);
    minutes(next, 10);
    const found = rests(next);
    expect([held(next), found.filter(([role]) => role === "stop"), found.length]).toEqual([
      [10, 0],
      [["stop", "long", 450_000, 10]],
      4,
    ]);
  });
});
