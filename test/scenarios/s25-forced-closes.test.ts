import { afterEach, describe, expect, it } from "vitest";
import { lots, ONE, rate } from "../../src/core/units.ts";
import { ONE_BRACKET } from "../support/instruments.ts";
import { hurry, parts, resting, toldOnce } from "./people.ts";
import { ALICE, MANY_RUNGS, World } from "./world.ts";

let world: World;
afterEach(() => world.shut());

const orders = () => [resting(world, "entry"), resting(world, "stop"), resting(world, "takeProfit")];

/** The exchange asks for more maintenance than a position at 2x has, and for as much as before once it is liquidated. */
function liquidate(): void {
  const { hand } = world.exchange;
  hand.setBrackets(
    "BTCUSDT",
    ONE_BRACKET.map((tier) => ({ ...tier, maintenance: rate((6 * ONE) / 10) })),
  );
  hand.setBrackets("BTCUSDT", ONE_BRACKET);
  expect(world.position).toBe(0);
}

describe("scenario 25: the exchange closes by force", () => {
  it("a liquidation is recognised, booked and told; the engine pauses and never re-enters the missing rung", async () => {
    world = await World.holding({ grids: [MANY_RUNGS] });
    await world.until(() => world.live("entry").length === 1, "the second entry rests");
    const sent = world.life.sent.length;
    liquidate();
    await world.until(() => parts(world)[0] === 0, "the loss is booked");
    expect([await world.differences(), orders()]).toEqual([[], [[], [], []]]);
    world.price(497_500);
    await hurry(world, 65_000);
    expect([world.life.sent.length, world.state.paused.get("grid1")]).toEqual([
      sent,
      "its position was liquidated",
    ]);
    // A liquidation is Shutdown as well; there is nothing left to close.
    expect(toldOnce(world)).toEqual([
      "critical liquidation:main/BTCUSDT/both",
      "critical risk:main",
      "high shutdown:main",
    ]);
    expect(world.life.alerts[0]?.title).toBe("BTCUSDT: LIQUIDATED or at the margin limit (CRITICAL)");
    // The money is the exchange's to the last unit: what was paid, what was lost, what it cost.
    const { realized, fees, wallet } = world.exchange.balance("main");
    const { account } = world.state;
    expect([account.realized, account.fees, account.wallet]).toEqual([realized, fees, wallet]);
    expect(await world.life.door.resume(ALICE)).toEqual({
      isOk: true,
      text: "Resumed, but entries still wait: the desk is in Shutdown; an admin ends it with /risk_reset.",
    });
    expect((await world.resetRisk()).isOk).toBe(true);
    await world.until(() => world.live("entry").length === 1, "an entry rests");
    expect([await world.differences(), resting(world, "entry")]).toEqual([[], [[497_000, 10]]]);
  });

  it("one that happened while the desk was down is found in the history, and the engine starts paused", async () => {
    world = await World.holding({ grids: [MANY_RUNGS] });
    world.kill();
    liquidate();
    await world.boot();
    expect([await world.differences(), parts(world), orders()]).toEqual([[], [0, 0, 0], [[], [], []]]);
    await world.pass(5_000);
    expect([orders(), world.life.sent, world.state.paused.get("grid1")]).toEqual([
      [[], [], []],
      [],
      "its position was liquidated",
    ]);
    expect(toldOnce(world)).toEqual([
      "critical liquidation:main/BTCUSDT/both",
      "critical risk:main",
      "high shutdown:main",
    ]);
    // An admin begins anew: no later start takes it for news, though no order was sent since then.
    await world.resetRisk();
    world.kill();
    await world.boot();
    await world.pass(5_000);
    expect([world.state.riskState, world.life.alerts, world.state.paused.size]).toEqual([
      "monitoring",
      [],
      1,
    ]);
    // A person says to go on; the next start knows from the orders since then who need not pause any more.
    await world.ask("resume");
    await world.until(() => world.live("entry").length === 1, "an entry rests");
    world.kill();
    await world.boot();
    expect([await world.differences(), world.state.paused.size, world.life.alerts]).toEqual([[], 0, []]);
  });

  it("deleveraging takes a part, shared with the foreign part: the rest keeps its exits, nothing is re-entered", async () => {
    world = await World.holding();
    world.byHand("buy", 10);
    await world.until(() => parts(world)[1] === 10, "the purchase is booked");
    await world.ask("resume");
    world.exchange.hand.deleverage("main", "BTCUSDT", "both", lots(8));
    await world.until(() => parts(world)[0] === 6, "it is booked");
    expect([await world.differences(), parts(world), orders()]).toEqual([
      [],
      [6, 6, 12],
      [[], [[490_000, 6]], [[504_000, 6]]],
    ]);
    await world.pass(3_000);
    expect([toldOnce(world), world.state.paused.get("grid1")]).toEqual([
      ["critical foreign:main:BTCUSDT", "critical adl:main/BTCUSDT/both"],
      "its position was deleveraged by the exchange (ADL)",
    ]);
    expect(world.sent["entry"]).toBe(1);
    world.price(504_010);
    await world.until(() => world.position === 6, "the rest takes its profit");
    expect([await world.differences(), parts(world)]).toEqual([[], [0, 6, 6]]);
  });

  it("an instrument that is settled at its end is booked like a liquidation, and nothing is sent to it again", async () => {
    world = await World.holding();
    const { now, hand } = world.exchange;
    hand.delist("BTCUSDT", (now() + 4_000) as ReturnType<typeof now>);
    await world.until(() => world.position === 0 && parts(world)[0] === 0, "it is settled");
    await world.pass(3_000);
    expect([await world.differences(), orders()]).toEqual([[], [[], [], []]]);
    expect(toldOnce(world)).toEqual([
      "critical instrument:BTCUSDT",
      "critical liquidation:main/BTCUSDT/both",
    ]);
    // A close may have been tried when the stop's end was heard before the settlement: it was refused.
    expect([world.sent["entry"], (world.sent["close"] ?? 0) <= 1, world.live("close")]).toEqual([
      1,
      true,
      [],
    ]);
  });
});
