import { expect, it } from "vitest";
import { engineTag } from "../../../src/core/ids.ts";
import { millis, ONE, rate, ticks } from "../../../src/core/units.ts";
import type { VenueOrder } from "../../support/exchange.ts";
import { exitOf } from "../../support/orders.ts";
import { GRID, Rig } from "../../support/rig.ts";
import { answer, desk, one, open } from "../../support/scenario.ts";

/** A grid of another name that held a rung with its exits; the desk starts without it, with a grid that goes on beside. */
function renamed(): Rig {
  const before = desk();
  before.feed(...before.exchange.fill(one(before, "entry")));
  before.feed(
    ...before.exchange.cancel(before.exchange.open("entry")[0]?.facts ?? one(before, "stop").facts),
  );
  const grids = [{ ...GRID, engine: "renamed", waitMs: millis(3_600_000) }];
  const rig = new Rig({
    exchange: before.exchange,
    config: { ...before.config, grids, epoch: 8, nonce: "abcd" },
  });
  return rig.boot();
}
function closeHalf(rig: Rig): void {
  rig.propose("k1-e8", { part: rate(ONE / 2) });
  rig.decide("k1-e8", "k2-e8", "approve");
  rig.pass(10_000);
}
const RETIRED = `retired-${engineTag("grid1")}`;

it("an engine that is configured no more loses its stop with its take profit: what rests would close what others hold", () => {
  const rig = renamed();
  rig.pass(5_000);
  const stop = rig.exchange.open("stop").find(({ facts }) => facts.clientId.includes(engineTag("grid1")));
  const profit = one(rig, "takeProfit");
  expect([rig.held(RETIRED), stop?.facts.lots]).toEqual([10, 10]);
  rig.feed(...rig.exchange.fill(profit));
  rig.pass(2_000);
  expect([rig.held(RETIRED), stop?.status]).toEqual([0, "canceled"]);
  // The one that runs finds room for its stop, and a panic finds an end.
  rig.feed(...rig.exchange.fill(one(rig, "entry")));
  rig.pass(1_000);
  expect([rig.held("renamed"), open(rig, "stop"), open(rig, "takeProfit")]).toEqual([10, [10], [10]]);
  rig.ask({ type: "panic" });
  rig.pass(5_000);
  expect([rig.exchange.position.lots, rig.exchange.open()]).toEqual([0, []]);
  expect(rig.alerts.filter(({ key }) => key === "panic").map(({ level }) => level)).toEqual(["high"]);
});

it("a part that is closed by half leaves the only stop, which covers what is left", () => {
  const rig = renamed();
  rig.pass(5_000);
  closeHalf(rig);
  expect(rig.held(RETIRED)).toBe(5);
  expect(rig.exchange.open("stop").map(({ facts }) => facts.lots)).toEqual([10]);
  expect(open(rig, "takeProfit")).toEqual([]);
});

it("before the account is confirmed nothing of it is taken back", () => {
  const before = desk();
  before.feed(...before.exchange.fill(one(before, "entry")));
  const rig = new Rig({
    exchange: before.exchange,
    config: { ...before.config, grids: [{ ...GRID, engine: "renamed" }], epoch: 8, nonce: "abcd" },
  });
  answer(rig, (effect) => (effect.type === "readTruth" ? [] : undefined));
  rig.pass(3_000);
  expect(before.exchange.open("stop")).toHaveLength(1);
});

it("beside one whose only stop is for more than it holds nothing is bought: it would find no room for its own stop", () => {
  const rig = renamed();
  rig.pass(5_000);
  closeHalf(rig);
  expect([rig.held(RETIRED), rig.exchange.open("stop").map(({ facts }) => facts.lots)]).toEqual([5, [10]]);
  rig.feed(...rig.exchange.cancel(one(rig, "entry").facts));
  rig.exchange.at += 3_600_000;
  rig.pass(120_000);
  expect(open(rig, "entry")).toEqual([]);
  expect(rig.effects.filter((effect) => effect.type === "refused").at(-1)).toMatchObject({
    reason: "reduceBudget",
  });
});

it("what is closed for one that is configured no more is its own in each later life", () => {
  const rig = renamed();
  rig.pass(5_000);
  rig.feed(...rig.exchange.fill(one(rig, "entry")));
  closeHalf(rig);
  const shares = (of: Rig) => [of.held(RETIRED), of.held("renamed")];
  const before = shares(rig);
  const after = new Rig({
    exchange: rig.exchange,
    config: { ...rig.config, epoch: 9, nonce: "abce" },
  }).boot();
  after.pass(10_000);
  expect(shares(after)).toEqual(before);
  expect(after.exchange.position.lots).toBe(before.reduce((sum, each) => sum + each, 0));
});

it("orders in a symbol that is not traded any more are told of, and stand in the way of no panic", () => {
  const rig = new Rig({ config: { epoch: 8, nonce: "abcd" } });
  const stop = exitOf({ role: "stop", kind: "stopMarket", trigger: ticks(20_000), instrument: "ETHUSDT" });
  const { at } = rig.exchange;
  const order: VenueOrder = {
    facts: stop,
    id: "e1",
    spawnedId: "e2",
    filled: 0,
    status: "open",
    createdAt: at,
    updatedAt: at,
  };
  const told = { ...rig.exchange.report(order), instrument: "ETHUSDT" };
  answer(rig, (effect) => {
    if (effect.type !== "readTruth") return undefined;
    const event = rig.exchange.truth(effect.cause);
    return [
      { ...event, truth: { ...event.truth, openConditionals: [...event.truth.openConditionals, told] } },
    ];
  });
  rig.boot();
  rig.pass(5_000);
  expect(rig.alerts.filter(({ level }) => level === "critical").map(({ title }) => title)).toEqual([
    "grid1 left orders in ETHUSDT, which is not traded here any more",
  ]);
  rig.feed(...rig.exchange.fill(one(rig, "entry")));
  rig.ask({ type: "panic" });
  rig.pass(60_000);
  expect(rig.exchange.position.lots).toBe(0);
  expect(rig.alerts.filter(({ key }) => key === "panic").map(({ level }) => level)).toEqual(["high"]);
});
