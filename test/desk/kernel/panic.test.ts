import { describe, expect, it } from "vitest";
import { millis } from "../../../src/core/units.ts";
import { GRID, Rig } from "../../support/rig.ts";

/** Three rungs held, one entry resting. */
function busy(options: ConstructorParameters<typeof Rig>[0] = {}): Rig {
  const rig = new Rig(options).boot();
  for (let rung = 0; rung < 3; rung += 1) {
    const [entry] = rig.exchange.open("entry");
    if (entry === undefined) throw new Error("no entry rests");
    rig.exchange.bid = entry.facts.price ?? 0;
    rig.feed(...rig.exchange.fill(entry));
    rig.pass(1_500);
  }
  expect([rig.held(), rig.exchange.open("entry").length]).toEqual([30, 1]);
  return rig;
}
const doings = (rig: Rig, from: number) =>
  rig.effects.slice(from).flatMap((effect) => {
    if (effect.type === "send") return [`send ${effect.order.role}`];
    return effect.type === "cancel" ? [`cancel ${effect.facts.role}`] : [];
  });
const panicAlerts = (rig: Rig) => rig.alerts.filter(({ key }) => key === "panic").map(({ level }) => level);

describe("panic", () => {
  it("takes entries back, frees the take profits, closes, verifies zero, and takes the stops back last", () => {
    const rig = busy();
    const from = rig.effects.length;
    expect(rig.ask({ type: "panic" })?.isOk).toBe(true);
    rig.pass(1_000);
    const list = doings(rig, from);
    const last = (what: string) => list.lastIndexOf(what);
    expect([...list].sort()).toEqual(
      [
        "cancel entry",
        ...Array(3).fill("cancel stop"),
        ...Array(3).fill("cancel takeProfit"),
        ...Array(3).fill("send close"),
      ].sort(),
    );
    expect(list[0]).toBe("cancel entry");
    for (const rung of [1, 2, 3]) {
      const nth = (what: string) =>
        list.map((doing, at) => (doing === what ? at : -1)).filter((at) => at >= 0)[rung - 1];
      expect(nth("cancel takeProfit")).toBeLessThan(nth("send close") ?? 0);
      expect(nth("send close")).toBeLessThan(nth("cancel stop") ?? 0);
    }
    expect(last("cancel stop")).toBe(list.length - 1);
    expect([rig.exchange.position.lots, rig.exchange.open(), panicAlerts(rig)]).toEqual([0, [], ["high"]]);
    rig.pass(60_000);
    expect([rig.exchange.open(), panicAlerts(rig)]).toEqual([[], ["high"]]);
  });

  it("does not touch what is foreign", () => {
    const rig = busy();
    rig.feed(...rig.exchange.trade("buy", 7));
    rig.ask({ type: "panic" });
    rig.pass(3_000);
    expect([rig.exchange.position.lots, rig.book().foreign.lots, rig.held(), panicAlerts(rig)]).toEqual([
      7,
      7,
      0,
      ["high"],
    ]);
  });

  it("closes an entry that is filled while its cancel is on the way", () => {
    const rig = busy({ isInstant: true });
    const [entry] = rig.exchange.open("entry");
    if (entry === undefined) throw new Error("no entry rests");
    const { answer } = rig;
    rig.answer = (effect) => {
      // The fill overtakes the cancel: the exchange answers that the order is gone.
      if (effect.type !== "cancel" || effect.facts.role !== "entry") return answer.call(rig, effect);
      return [...rig.exchange.cancel(effect.facts), ...(rig.exchange.query(effect.facts) ?? [])];
    };
    const late = rig.exchange.fill(entry);
    rig.ask({ type: "panic" });
    rig.feed(...late);
    rig.pass(3_000);
    expect([rig.exchange.position.lots, rig.held(), rig.exchange.open(), panicAlerts(rig)]).toEqual([
      0,
      0,
      [],
      ["high"],
    ]);
  });

  it("keeps on when the exchange does not answer, and says CRITICAL after half a minute", () => {
    const rig = busy();
    const { answer } = rig;
    const asked: Parameters<typeof answer>[0][] = [];
    rig.answer = (effect) => {
      if (effect.type === "query") asked.push(effect);
      if (effect.type !== "cancel") return [];
      const { clientId } = effect.facts;
      const isGone = false;
      return [
        {
          type: "cancelFailed",
          ...rig.exchange.times(),
          account: "main",
          clientId,
          reason: "timeout",
          isGone,
        },
      ];
    };
    rig.ask({ type: "panic" });
    rig.pass(29_000);
    expect(panicAlerts(rig)).toEqual([]);
    rig.pass(2_000);
    expect(panicAlerts(rig)).toEqual(["critical"]);
    rig.answer = answer;
    // The questions about the lost cancels are answered at last, and everything ends as asked.
    for (const question of asked) rig.feed(...rig.answer(question));
    rig.pass(10_000);
    expect([rig.exchange.position.lots, rig.exchange.open(), panicAlerts(rig)]).toEqual([
      0,
      [],
      ["critical", "high"],
    ]);
  });

  it("holds until a person resumes, also over a restart", () => {
    const rig = busy();
    rig.ask({ type: "panic" });
    const next = new Rig({ exchange: rig.exchange, config: { epoch: 8, nonce: "abcd" } });
    next.ask({ type: "panic" }, undefined, true);
    next.boot();
    next.pass(5_000);
    expect([next.sent, next.state.isPaused("grid1")]).toEqual([[], true]);
    next.ask({ type: "resume" });
    next.pass(2_000);
    expect(next.exchange.open("entry")).toHaveLength(1);
  });
});

describe("pause and the risk states", () => {
  it("a pause takes the entry back and keeps every exit; a fill still gets its exits; resume goes on", () => {
    const rig = busy();
    rig.ask({ type: "pause" });
    expect(["entry", "takeProfit", "stop"].map((role) => rig.exchange.open(role).length)).toEqual([0, 3, 3]);
    rig.pass(10_000);
    expect(rig.exchange.open("entry")).toEqual([]);
    rig.ask({ type: "resume" });
    rig.pass(2_000);
    expect(rig.exchange.open("entry")).toHaveLength(1);
  });

  it("in emergency resting entries are taken back and none leaves; exits stay, nothing is sold", () => {
    const rig = busy();
    rig.ask({ type: "setRiskState", state: "emergency" });
    rig.pass(10_000);
    expect(["entry", "takeProfit", "stop"].map((role) => rig.exchange.open(role).length)).toEqual([0, 3, 3]);
    const from = rig.effects.length;
    rig.quote(510_000);
    rig.pass(10_000);
    expect(doings(rig, from)).toEqual([]);
    rig.ask({ type: "setRiskState", state: "monitoring" });
    rig.pass(2_000);
    expect(rig.exchange.open("entry")).toHaveLength(1);
  });

  it("in shutdown only cancels and reducers leave, until all is flat; an admin's reset starts entries again (I8)", () => {
    const rig = busy();
    const from = rig.effects.length;
    rig.ask({ type: "setRiskState", state: "shutdown" });
    rig.pass(10_000);
    expect([rig.held(), rig.exchange.position.lots, rig.exchange.open()]).toEqual([0, 0, []]);
    expect(new Set(doings(rig, from))).toEqual(
      new Set(["cancel entry", "cancel takeProfit", "send close", "cancel stop"]),
    );
    expect(rig.ask({ type: "setRiskState", state: "monitoring" })).toEqual({
      isOk: false,
      text: "Only an admin leaves Shutdown: /risk_reset.",
    });
    const after = rig.effects.length;
    rig.quote(510_000);
    rig.pass(60_000);
    expect(doings(rig, after)).toEqual([]);
    expect(rig.resetRisk()?.isOk).toBe(true);
    rig.pass(2_000);
    expect(rig.exchange.open("entry")).toHaveLength(1);
  });

  it("the end of the process takes entries back and leaves exits", () => {
    const rig = busy({ config: { grids: [{ ...GRID, waitMs: millis(1_000) }] } });
    rig.feed({ type: "engineStopped", ...rig.exchange.times(), engine: "*", reason: "the desk ends" });
    expect(["entry", "takeProfit", "stop"].map((role) => rig.exchange.open(role).length)).toEqual([0, 3, 3]);
  });
});
