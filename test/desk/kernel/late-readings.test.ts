import { describe, expect, it } from "vitest";
import { value } from "../../../src/core/units.ts";
import { desk, holding, one, open, sentOf, told } from "../../support/scenario.ts";

describe("a reading that was under way when news came", () => {
  it("does not undo the balance that the news told; the next one counts", () => {
    const rig = desk();
    const truth = rig.exchange.truth();
    const wallet = value(5);
    rig.feed({
      type: "balance",
      ...rig.exchange.times(),
      account: "main",
      asset: "USDT",
      wallet,
      cause: "trade",
    });
    rig.feed(truth);
    expect(rig.state.account.wallet).toBe(5);
    rig.exchange.wallAt += 10;
    rig.feed(rig.exchange.truth());
    expect(rig.state.account.wallet).toBe(rig.exchange.wallet);
  });
});

describe("a take profit that the exchange cut because somebody sold", () => {
  it("is not filled up before that sale is heard of; when it is, the exits fit what is left and nothing was refused", () => {
    const rig = holding();
    const [profit] = rig.exchange.open("takeProfit");
    if (profit === undefined) throw new Error("it rests");
    const before = sentOf(rig, "takeProfit");
    const fills = rig.exchange.trade("sell", 4);
    Object.assign(profit, { facts: { ...profit.facts, lots: 6 } });
    rig.feed(rig.exchange.report(profit));
    rig.pass(1_900);
    expect([sentOf(rig, "takeProfit") - before, open(rig, "takeProfit")]).toEqual([0, [6]]);
    rig.feed(...fills);
    rig.pass(3_000);
    expect([
      open(rig, "stop"),
      open(rig, "takeProfit"),
      rig.held(),
      sentOf(rig, "takeProfit") - before,
    ]).toEqual([[6], [6], 6, 0]);
    expect([...new Set(told(rig))]).toEqual(["critical foreign:main:BTCUSDT"]);
  });
});

describe("an order that the exchange calls filled before its executions are heard of", () => {
  it("is not cancelled any more; the account is read for them, and what was bought gets its exits", () => {
    const rig = desk();
    const entry = one(rig, "entry");
    const [report] = rig.exchange.fill(entry);
    if (report === undefined) throw new Error("it is reported");
    rig.feed(report);
    expect([rig.held(), rig.state.orders.get(entry.facts.clientId)?.state]).toEqual([0, "resting"]);
    const before = rig.effects.length;
    rig.ask({ type: "pause" });
    rig.pass(3_000);
    const later = rig.effects.slice(before).map(({ type }) => type);
    expect([later.includes("cancel"), later.includes("query"), later.includes("readTruth")]).toEqual([
      false,
      false,
      true,
    ]);
    expect([rig.held(), open(rig, "stop"), open(rig, "takeProfit")]).toEqual([10, [10], [10]]);
  });
});
