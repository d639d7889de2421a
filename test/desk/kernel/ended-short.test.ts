import { expect, it } from "vitest";
import { lots, millis } from "../../../src/core/units.ts";
import { Rig } from "../../support/rig.ts";
import { desk, one, open, sentOf } from "../../support/scenario.ts";

const ONE_AND_A_BIT = { positionMax: lots(12), waitMs: millis(1_000) };

it("a cancelled entry of which an execution was not heard of yet keeps its room: the position limit holds (I6)", () => {
  const rig = desk(ONE_AND_A_BIT);
  const entry = one(rig, "entry");
  const lost = rig.exchange.fill(entry, 4).filter(({ type }) => type === "fill");
  rig.feed(...rig.exchange.cancel(entry.facts));
  rig.feed(...rig.exchange.quotes());
  expect([rig.state.orders.get(entry.facts.clientId)?.state, open(rig, "entry")]).toEqual(["resting", []]);
  // The reading that it asks for brings the execution; the stream's own word for it is then old news.
  rig.pass(5_000);
  rig.feed(...lost);
  expect([rig.state.orders.get(entry.facts.clientId)?.state, rig.held(), open(rig, "stop")]).toEqual([
    "canceled",
    4,
    [4],
  ]);
  rig.pass(60_000);
  expect(rig.held() + open(rig, "entry").reduce((sum, each) => sum + each, 0)).toBeLessThanOrEqual(12);
});

it("a stop that was refused when it fired is answered with a close by the next life too (I4, I5)", () => {
  const rig = desk();
  rig.feed(...rig.exchange.fill(one(rig, "entry")));
  rig.exchange.trigger(one(rig, "stop"), true);
  const next = new Rig({ exchange: rig.exchange, config: { ...rig.config, epoch: 8, nonce: "abcd" } }).boot();
  next.pass(2_000);
  expect([next.held(), next.exchange.position.lots, next.exchange.open("takeProfit")]).toEqual([0, 0, []]);
});

it("a fired stop that is told to have ended in part before its execution comes closes the rest, and no lot more", () => {
  const rig = desk();
  rig.feed(...rig.exchange.fill(one(rig, "entry")));
  const stop = one(rig, "stop");
  stop.status = "triggered";
  rig.turn(rig.exchange.report(stop));
  const executions = rig.exchange.fill(stop, 6);
  stop.status = "expired";
  const { trigger: _, ...told } = rig.exchange.report(stop);
  rig.turn({ ...told, source: "order", venueOrderId: stop.spawnedId, status: "expired", executed: lots(6) });
  rig.settle();
  expect([sentOf(rig, "close"), rig.state.orders.get(stop.facts.clientId)?.state]).toEqual([0, "triggered"]);
  rig.feed(...executions);
  rig.pass(2_000);
  expect(rig.sent.filter(({ role }) => role === "close").map((facts) => facts.lots)).toEqual([4]);
  expect([rig.held(), rig.exchange.position.lots, rig.exchange.open()]).toEqual([0, 0, []]);
});
