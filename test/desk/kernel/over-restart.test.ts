import { describe, expect, it } from "vitest";
import type { OperatorRequest } from "../../../src/core/event.ts";
import type { Actor } from "../../../src/core/proposal.ts";
import type { RiskRestoredEvent } from "../../../src/core/risk-event.ts";
import { lots, millis, ONE, rate, value } from "../../../src/core/units.ts";
import { Exchange } from "../../support/exchange.ts";
import { CAROL, GRID, Rig } from "../../support/rig.ts";
import { answer, holding, open, refuse, sentOf, told } from "../../support/scenario.ts";

type RiskPeak = NonNullable<RiskRestoredEvent["peak"]>;

const ALICE: Actor = { person: "alice", role: "admin", platform: "telegram" };
/** The next life of a desk, to which the ledger tells again what people and the desk itself said. */
function next(rig: Rig): Rig {
  const after = new Rig({ exchange: rig.exchange, config: { epoch: 8, nonce: "abcd" } });
  for (const effect of rig.effects) {
    if (effect.type !== "fact") continue;
    const { request, actor = ALICE } = effect.body as { request?: OperatorRequest; actor?: Actor };
    if (request !== undefined) after.ask(request, actor, true);
  }
  return after;
}

describe("a panic", () => {
  it("that the process did not live to finish goes on with the next start, and people hear that it is done", () => {
    const rig = holding();
    answer(rig, (effect) => (effect.type === "send" && effect.order.role === "close" ? [] : undefined));
    rig.ask({ type: "panic" });
    rig.pass(2_000);
    expect([rig.held(), open(rig, "takeProfit")]).toEqual([10, []]);
    const after = next(rig).boot();
    after.pass(15_000);
    expect([after.held(), after.exchange.open(), after.exchange.position.lots]).toEqual([0, [], 0]);
    expect(told(after)).toContain("high panic");
  });

  it("that a person ended with /resume is over", () => {
    const rig = holding();
    answer(rig, (effect) => (effect.type === "send" && effect.order.role === "close" ? [] : undefined));
    rig.ask({ type: "panic" });
    rig.ask({ type: "resume" });
    const after = next(rig).boot();
    after.pass(15_000);
    expect([after.held(), open(after, "stop"), open(after, "takeProfit")]).toEqual([10, [10], [10]]);
  });
});

describe("what a stranger did", () => {
  it("keeps entries waiting over a restart, until a person resumes; that is kept too", () => {
    const rig = holding();
    rig.feed(...rig.exchange.trade("buy", 7));
    rig.pass(5_000);
    expect(rig.facts("foreignSeen")).toHaveLength(1);
    const after = next(rig).boot();
    after.pass(15_000);
    const text =
      "orders, fills, transfers or settings that are not ours were seen on the account; /resume accepts them";
    expect([after.state.blocks(), open(after, "entry"), after.facts("foreignSeen")]).toEqual([
      [text],
      [],
      [],
    ]);
    after.ask({ type: "resume" });
    rig.effects.push(...after.effects.filter(({ type }) => type === "fact"));
    const third = next(rig).boot();
    third.pass(15_000);
    expect(third.state.blocks()).toEqual([]);
  });

  it("can be said by nobody", () => {
    const rig = holding();
    expect(rig.ask({ type: "foreignSeen" })?.isOk).toBe(false);
    expect([rig.state.foreignActivity, rig.facts("foreignSeen")]).toEqual([false, []]);
  });
});

describe("a reset that two people decide", () => {
  it("is not done when the risk state is another one by then", () => {
    const rig = new Rig().boot();
    rig.ask({ type: "setRiskState", state: "emergency" });
    rig.askReset("k1-e7", ALICE);
    rig.ask({ type: "setRiskState", state: "shutdown" });
    rig.pass(10_000);
    expect(rig.decide("k1-e7", "k2-e7", "approve", CAROL)).toEqual({
      isOk: false,
      text: "Not done: the risk state was emergency when it was asked and is shutdown now. Ask again with /risk_reset.",
    });
    expect([rig.state.riskState, rig.facts("resetRisk"), rig.proposal("k1-e7")?.state]).toEqual([
      "shutdown",
      [],
      "superseded",
    ]);
    expect(rig.askReset("k3-e7", ALICE)?.isOk).toBe(true);
  });

  it("is not done when the account has fallen further since", () => {
    const large = { quantity: lots(1_000), positionMax: lots(5_000), purse: value(100_000 * ONE) };
    const rig = holding({ ...large, stopLoss: rate(20_000_000) });
    rig.ask({ type: "setRiskState", state: "emergency" });
    rig.askReset("k1-e7", ALICE);
    rig.quote(470_000);
    rig.pass(2_000);
    expect(rig.decide("k1-e7", "k2-e7", "approve", CAROL)?.text).toContain(
      "the account fell by more than 2 %",
    );
    expect(rig.state.riskState).toBe("emergency");
  });
});

describe("a circuit", () => {
  it("closes when the probe's answer was lost and a question finds it", () => {
    const rig = holding({ waitMs: millis(1_000) });
    const entries = sentOf(rig, "entry");
    const end = refuse(rig, "entry", "margin", -2019);
    while (sentOf(rig, "entry") < entries + 3) rig.pass(1_000);
    expect(told(rig).at(-1)).toBe("high circuit:BTCUSDT/entry");
    end();
    answer(rig, (effect) => {
      if (effect.type !== "send" || effect.order.role !== "entry") return undefined;
      rig.exchange.place(effect.order);
      const { clientId } = effect.order;
      return [
        { type: "placeUnknown", ...rig.exchange.times(), account: "main", clientId, reason: "timed out" },
      ];
    });
    rig.pass(90_000);
    expect([open(rig, "entry"), told(rig).at(-1)]).toEqual([[10], "resolved circuit:BTCUSDT/entry"]);
  });
});

describe("the wallet that the ledger keeps beside the peak", () => {
  it("is written again when an execution of before it is heard later: its loss is no money that has left", () => {
    const exchange = new Exchange();
    exchange.wallet = 300 * ONE;
    const grids = [{ ...GRID, waitMs: millis(1e11), stopLoss: rate(3_000_000) }];
    const rig = new Rig({ exchange, config: { grids } }).boot();
    const written = () =>
      rig.effects.flatMap((effect) =>
        effect.type === "fact" && effect.kind === "riskPeak" ? [effect.body as unknown as RiskPeak] : [],
      );
    for (const entry of exchange.open("entry")) rig.feed(...exchange.fill(entry));
    rig.quote(500_600);
    const before = written().length;
    // The stop is executed in a gap, and the next mark price is told before it.
    exchange.bid = 484_000;
    exchange.ask = 484_001;
    exchange.at += 50;
    exchange.wallAt += 50;
    const late = exchange.open("stop").flatMap((stop) => exchange.trigger(stop, false, 484_000));
    exchange.at += 100;
    exchange.wallAt += 100;
    rig.quote(484_000);
    expect(written().length).toBe(before + 1);
    exchange.wallAt += 50;
    rig.feed(...late);
    rig.pass(5_000);
    const drawdown = rig.state.risk.drawdown ?? 0;
    expect(drawdown).toBeGreaterThan(5_000_000);
    exchange.wallAt += 5_000;
    exchange.at += 5_000;
    const next = new Rig({ exchange, config: { ...rig.config, epoch: 8, nonce: "abcd" } });
    const peak = written().at(-1);
    if (peak === undefined) throw new Error("no peak was written");
    next.turn({ type: "riskRestored", at: millis(0), wallAt: millis(exchange.wallAt), peak });
    next.boot();
    expect([next.state.foreignActivity, Math.round((next.state.risk.drawdown ?? 0) / 1e5)]).toEqual([
      false,
      Math.round(drawdown / 1e5),
    ]);
  });
});
