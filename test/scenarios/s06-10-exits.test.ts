import { afterEach, describe, expect, it } from "vitest";
import { lots, ONE, ticks, value } from "../../src/core/units.ts";
import { MANY_RUNGS, World } from "./world.ts";

/** The numbers are those of research/engines.md section 4. */
const PLACE = "POST /fapi/v1/order";
const CANCEL = "DELETE /fapi/v1/order";
const CARRIERS = ["ccxt", "direct"] as const;

let world: World;
afterEach(() => world.shut());

/** Open lots of the live orders of a role, smallest first. */
const open = (role: Parameters<World["live"]>[0]): readonly number[] =>
  world
    .live(role)
    .map((order) => (order.request.lots ?? 0) - ("filled" in order ? order.filled : 0))
    .sort((a, b) => a - b);
/** Sizes of the closes that were sent, in turn. */
const closes = (): readonly number[] =>
  world.lives.flatMap(({ sent }) => sent).flatMap(({ role, lots: size }) => (role === "close" ? [size] : []));
/** Whether all that was sent to reduce said so. */
const allReduceOnly = (): boolean =>
  world.lives
    .flatMap(({ sent }) => sent)
    .every(({ role, isReduceOnly }) => isReduceOnly === (role !== "entry"));

/** The bid stands at the entry's price, and somebody sells a part of it, which may be less than an order of its own. */
async function partlyFilled(part: number): Promise<void> {
  world.other("buy", part + 10, 500_600);
  world.other("sell", 10, 500_100);
  world.price(500_000);
  // A reducer may be smaller than other orders, and is cut to what is held.
  world.other("sell", 10, 500_000, true);
  await world.until(() => world.state.account.fills === 1, "the part is known");
}

/** Two rungs are held, 20 lots, and protected; nothing more is bought. */
async function twoRungs(changes: Parameters<typeof World.running>[0] = {}): Promise<void> {
  world = await World.running({
    ...changes,
    grids: [{ ...MANY_RUNGS, ordersMax: 2, positionMax: lots(20) }],
  });
  await world.fillEntry();
  await world.quotes();
  world.price(498_990);
  await world.until(() => world.position === 20, "the second rung is held");
  await world.protected();
  await world.until(() => world.desk.inFlight === 0, "the exits are acknowledged");
}

describe("parts of an entry", () => {
  it.each(CARRIERS)(
    "scenario 6: a part that filled before the cancel is kept, with exits for exactly it, though worth less than an order may be (%s)",
    async (carrier) => {
      world = await World.running({ carrier, instrument: { notionalMin: value(300 * ONE) } });
      await partlyFilled(4);
      await world.protected();
      expect([open("entry"), open("stop"), open("takeProfit")]).toEqual([[6], [4], [4]]);
      await world.ask("pause");
      await world.until(() => world.live("entry").length === 0, "the rest is taken back");
      expect(await world.differences()).toEqual([]);
      expect([world.position, open("stop"), open("takeProfit")]).toEqual([4, [4], [4]]);
      expect([world.sent, world.life.canceled.length]).toEqual([{ entry: 1, stop: 1, takeProfit: 1 }, 1]);
      expect([allReduceOnly(), world.alerts()]).toEqual([true, []]);
      world.price(504_010);
      await world.until(() => world.position === 0, "the part takes its profit");
      expect(await world.differences()).toEqual([]);
      expect([world.live("stop"), world.sent]).toEqual([[], { entry: 1, stop: 1, takeProfit: 1 }]);
    },
  );

  it("scenario 7: a part too small for any exit is told once, is never looped over, and goes along with the next entry", async () => {
    world = await World.running({
      instrument: { lotsMin: lots(3) },
      grids: [{ ...MANY_RUNGS, ordersMax: 1, positionMax: lots(12) }],
    });
    const { clientId } = world.one("entry");
    await partlyFilled(2);
    await world.ask("pause");
    await world.until(() => world.orderState(clientId) === "canceled", "the rest is taken back");
    await world.idle(30_000);
    expect([world.position, world.sent, world.life.canceled.length]).toEqual([2, { entry: 1 }, 1]);
    expect(world.alerts()).toEqual(["notice dust:grid1:0"]);
    expect(await world.ask("resume")).toMatchObject({ isOk: true });
    await world.quotes();
    expect(world.one("entry").request.price).toBe(500_000);
    await world.fillEntry();
    expect(await world.differences()).toEqual([]);
    expect([world.position, open("stop"), open("takeProfit")]).toEqual([12, [12], [12]]);
    expect([world.sent, world.alerts(1)]).toEqual([{ entry: 2, stop: 1, takeProfit: 1 }, []]);
  });
});

describe("reducers that are refused", () => {
  it.each(CARRIERS)(
    "scenario 8: a stop that triggers under a full take profit is refused: the take profit goes, the rest is closed (%s)",
    async (carrier) => {
      world = await World.holding({ carrier });
      world.price(489_990);
      await world.until(() => world.position === 0, "flat");
      expect(await world.differences()).toEqual([]);
      expect([world.live("stop"), world.live("takeProfit"), closes()]).toEqual([[], [], [10]]);
      expect(world.life.canceled.map(({ role }) => role)).toEqual(["takeProfit"]);
      expect([allReduceOnly(), world.alerts(), world.state.counts.mismatches]).toEqual([true, [], 0]);
      expect(world.state.engines.get("grid1")?.snapshot().stops).toBe(1);
    },
  );

  it("scenario 8: a close of what is flat already is refused (-2022), the account is read, and nothing more is sent", async () => {
    world = await World.holding({ rules: { triggeredStopUnderFullTakeProfit: "expireTakeProfit" } });
    world.unheard(() => world.price(489_990));
    expect([world.position, world.state.account.share("BTCUSDT", "both", "grid1").lots]).toEqual([0, 10]);
    // The engine gives the reading half a second more than the pause before it; then it would ask again.
    await world.slowly(async () => {
      expect(await world.close()).toMatchObject({ isOk: true });
      expect(await world.differences()).toEqual([]);
    });
    expect([world.position, closes(), allReduceOnly()]).toEqual([0, [10], true]);
    await world.idle(20_000);
    expect([closes(), world.live("stop"), world.live("takeProfit")]).toEqual([[10], [], []]);
    expect([world.state.counts.mismatches, world.alerts()]).toEqual([0, []]);
  });

  it("scenario 8: a close that a person's reducer stands in the way of (-4118) is not forced; it goes through once that is gone", async () => {
    world = await World.holding();
    // The close is on its way while our take profit is gone already: a person reserves the position for their own order.
    world.script.next(PLACE, { kind: "latency", requestMs: 1_000, answerMs: 0 });
    expect(await world.close()).toMatchObject({ isOk: true });
    await world.until(() => closes().length === 1, "the close leaves");
    const hand = world.exchange.place("main", {
      instrument: "BTCUSDT",
      clientId: "by-hand",
      side: "sell",
      positionSide: "both",
      kind: "limit",
      timeInForce: "GTC",
      price: ticks(510_000),
      lots: lots(10),
      reduceOnly: true,
    });
    expect(hand.ok).toBe(true);
    await world.idle(30_000);
    expect([world.position, open("stop"), closes(), allReduceOnly()]).toEqual([10, [10], [10, 10, 10], true]);
    expect([...world.alerts()].sort()).toEqual([
      "critical circuit:BTCUSDT/close",
      "critical foreign:main:BTCUSDT",
    ]);
    expect(world.exchange.openOrders("main").map(({ clientId }) => clientId)).toEqual(["by-hand"]);
    world.exchange.cancel("main", "BTCUSDT", { clientId: "by-hand" });
    await world.idle(60_000);
    expect(await world.differences()).toEqual([]);
    expect([world.position, closes(), world.alerts(2)]).toEqual([
      0,
      [10, 10, 10, 10],
      ["resolved circuit:BTCUSDT/close"],
    ]);
  });
});

describe("both exits at once", () => {
  it("scenario 9: the stop triggers while the take profit's fill is not known yet: the second one is refused, flat and not short", async () => {
    world = await World.holding();
    world.unheard(() => {
      world.price(504_010);
      expect([world.position, open("stop")]).toEqual([0, [10]]);
      world.price(489_990);
    });
    expect(world.position).toBe(0);
    expect(await world.differences()).toEqual([]);
    expect([world.position, world.live("stop"), world.live("takeProfit")]).toEqual([0, [], []]);
    expect([
      world.state.account.book("BTCUSDT", "both").foreign.lots,
      world.state.counts.mismatches,
      world.alerts(),
    ]).toEqual([0, 0, []]);
    // A take profit that filled ends the wait for the next entry (X28).
    expect([closes().length <= 1, world.sent.entry]).toEqual([true, 2]);
  });

  it("scenario 9: with the desk dead one rung takes its profit, then both stops trigger: flat, and the next life finds it so", async () => {
    await twoRungs({ rules: { triggeredStopUnderFullTakeProfit: "expireTakeProfit" } });
    world.kill();
    world.price(503_000);
    expect([world.position, open("stop"), open("takeProfit")]).toEqual([10, [10, 10], [10]]);
    world.price(489_000);
    expect(world.position).toBe(0);
    await world.boot();
    expect(await world.differences()).toEqual([]);
    expect([world.position, world.live("stop"), world.live("takeProfit"), closes()]).toEqual([0, [], [], []]);
    expect([world.alerts(), world.state.counts.mismatches]).toEqual([[], 0]);
  });
});

describe("closes in parts", () => {
  it.each(CARRIERS)(
    "scenario 10: slices sum exactly to what is held; a failure after the first leaves the rest protected, and then goes on (%s)",
    async (carrier) => {
      world = await World.holding({ carrier, instrument: { marketLotsMax: lots(4) } });
      world.script.next(PLACE, { kind: "latency", requestMs: 500, answerMs: 0 });
      expect(await world.close()).toMatchObject({ isOk: true });
      await world.until(() => world.script.struck("latency") === 1, "the first slice leaves");
      const heal = world.script.always({ kind: "unavailable", on: PLACE });
      await world.until(() => world.script.struck("unavailable") >= 2, "the second slice fails");
      expect([world.position, open("stop"), open("takeProfit")]).toEqual([6, [2, 4, 4], []]);
      heal();
      await world.until(() => world.position === 0, "flat");
      expect(await world.differences()).toEqual([]);
      const sizes = closes();
      expect([sizes[0], sizes.at(-2), sizes.at(-1), sizes.every((size) => size <= 4)]).toEqual([
        4,
        4,
        2,
        true,
      ]);
      expect([world.live("stop"), allReduceOnly(), world.alerts()]).toEqual([[], true, []]);
      expect(world.life.cards.at(-1)?.proposal).toMatchObject({ state: "done", executedLots: 10 });
    },
  );

  it("scenario 10: the take profit fills while its cancel is on the way: nothing is left to close, nothing is sold twice", async () => {
    world = await World.holding();
    world.script.next(CANCEL, { kind: "latency", requestMs: 1_000, answerMs: 0 });
    expect(await world.close()).toMatchObject({ isOk: true });
    await world.until(() => world.life.canceled.length === 1, "the cancel leaves");
    world.unheard(() => world.price(504_010));
    expect(await world.differences()).toEqual([]);
    expect([world.position, closes(), world.live("stop")]).toEqual([0, [], []]);
    expect([world.alerts(), world.state.counts.mismatches]).toEqual([[], 0]);
    const shown = world.life.cards.at(-1)?.proposal;
    expect(["done", "failed"]).toContain(shown?.state);
  });
});
