import { afterEach, describe, expect, it } from "vitest";
import { lots, millis, ONE, rate, value } from "../../src/core/units.ts";
import type { KernelConfig } from "../../src/desk/kernel/config.ts";
import { armByHand, parts, restByHand } from "./people.ts";
import { ALICE, MANY_RUNGS, World } from "./world.ts";

const BOB = { person: "bob", role: "trader", platform: "discord" } as const;
const CAROL = { person: "carol", role: "admin", platform: "discord" } as const;
let world: World;
afterEach(() => world.shut());

/** The button of the youngest card that can be decided, once it is another than `before`. */
async function button(before?: string): Promise<string> {
  const found = (): string | undefined =>
    world.life.cards.findLast(({ token }) => token !== undefined)?.token;
  await world.until(() => found() !== undefined && found() !== before, "a card is shown");
  return found() ?? "";
}
const lastCard = () => world.life.cards.at(-1)?.proposal;
const proposalRules = (config: KernelConfig) => ({ ...config.proposals, panicUndoMs: millis(5_000) });

describe("scenario 33: a way out of everything", () => {
  it("flatten: the first tap only pauses, the second one closes all, and nothing of ours rests", async () => {
    world = await World.holding();
    const { door } = world.life;
    expect(await door.proposeFlatten(ALICE, { includesForeign: false })).toMatchObject({ isOk: true });
    const first = await button();
    expect(await door.decide(first, "approve", ALICE)).toMatchObject({ isOk: true });
    await world.until(() => world.live("entry").length === 0, "entries are taken back");
    expect([world.position, world.sent["close"]]).toEqual([10, undefined]);
    const second = await button(first);
    // The first card's button is used up.
    expect(await door.decide(first, "approve", ALICE)).toMatchObject({ isOk: false });
    expect(await door.decide(second, "approve", ALICE)).toMatchObject({ isOk: true });
    await world.until(() => lastCard()?.state === "done", "it is done");
    expect([
      world.position,
      world.exchange.openOrders("main"),
      world.exchange.openConditionals("main"),
    ]).toEqual([0, [], []]);
    expect([await world.differences(), world.sent["close"]]).toEqual([[], 1]);
    expect(lastCard()?.progress).toEqual(["BTCUSDT long: 0.010 of 0.010 BTC closed"]);
  });

  it("flatten: what is foreign stays, unless it is named", async () => {
    world = await World.holding();
    world.byHand("buy", 4);
    await world.until(() => parts(world)[1] === 4, "the purchase is counted");
    const { door } = world.life;
    let before: string | undefined;
    for (const includesForeign of [false, true]) {
      await door.proposeFlatten(ALICE, { includesForeign });
      for (const _ of [1, 2]) {
        before = await button(before);
        expect(await door.decide(before, "approve", ALICE)).toMatchObject({ isOk: true });
      }
      await world.until(() => lastCard()?.state === "done", "it is done");
      expect(world.position).toBe(includesForeign ? 0 : 4);
    }
    expect(await world.differences()).toEqual([]);
  });

  it("panic: taken back in time nothing is closed, and entries stay paused through a restart", async () => {
    world = await World.holding();
    world.kill();
    const life = await world.boot({ proposals: proposalRules(world.life.config) });
    expect(await life.door.panic(BOB)).toMatchObject({ isOk: true });
    const undo = await button();
    expect(await life.door.decide(undo, "reject", BOB)).toMatchObject({ isOk: true });
    await world.pass(8_000);
    expect([world.position, world.sent["close"], world.live("entry")]).toEqual([10, undefined, []]);
    await world.desk.settled();
    world.kill();
    await world.boot();
    await world.pass(2_000);
    expect([world.position, world.sent["close"], world.live("entry")]).toEqual([10, undefined, []]);
    expect(await world.differences()).toEqual([]);
  });

  it("panic: nobody takes it back, and all is closed when its seconds are over, not before", async () => {
    world = await World.holding();
    world.kill();
    const life = await world.boot({ proposals: proposalRules(world.life.config) });
    await life.door.panic(BOB);
    await world.until(() => world.live("entry").length === 0, "entries are taken back");
    await world.pass(2_000);
    expect([world.position, world.sent["close"]]).toEqual([10, undefined]);
    await world.until(() => world.position === 0 && lastCard()?.state === "done", "it is done");
    expect([await world.differences(), world.sent["close"]]).toEqual([[], 1]);
  });

  it("panic: killed in its seconds, the next start closes: nobody could take it back any more", async () => {
    world = await World.holding();
    world.kill();
    const life = await world.boot({ proposals: proposalRules(world.life.config) });
    await life.door.panic(BOB);
    await world.desk.settled();
    world.kill();
    await world.boot();
    await world.until(() => world.position === 0, "it is closed");
    expect(await world.differences()).toEqual([]);
  });

  it("a close beyond the cap: whoever asked may not approve it, another person's tap on the same card closes", async () => {
    world = await World.holding();
    world.kill();
    const { proposals } = world.life.config;
    const overCap = { notional: value(100 * ONE), loss: value(100 * ONE) };
    const life = await world.boot({ proposals: { ...proposals, overCap } });
    const request = {
      instrument: undefined,
      positionSide: undefined,
      part: rate(ONE),
      includesForeign: false,
    };
    await life.door.proposeClose(ALICE, request);
    const tap = await button();
    for (const platform of ["telegram", "discord", "terminal"] as const)
      expect(await life.door.decide(tap, "approve", { ...ALICE, platform })).toMatchObject({ isOk: false });
    expect([world.position, lastCard()?.state]).toEqual([10, "pending"]);
    expect(await life.door.decide(tap, "approve", BOB)).toMatchObject({ isOk: false });
    expect(await life.door.decide(tap, "approve", CAROL)).toMatchObject({ isOk: true });
    await world.until(() => world.position === 0 && lastCard()?.state === "done", "it is closed");
    expect(await world.differences()).toEqual([]);
  });

  it("an amount, and then all that loses, each by its card", async () => {
    world = await World.holding();
    const { door } = world.life;
    const request = {
      instrument: "BTCUSDT",
      positionSide: undefined,
      part: rate(ONE),
      includesForeign: false,
    };
    await door.proposeClose(ALICE, { ...request, lots: lots(4) });
    const first = await button();
    expect(await door.decide(first, "approve", ALICE)).toMatchObject({ isOk: true });
    await world.until(() => world.position === 6 && lastCard()?.state === "done", "the amount is closed");
    await world.protected();
    world.price(498_000);
    await world.until(() => (world.state.board.of("BTCUSDT").top?.bid ?? 0) < 498_500, "the desk sees it");
    await world.pass(1_000);
    expect(await door.proposeList(ALICE, { what: "losers", least: rate(0) })).toMatchObject({ isOk: true });
    const second = await button(first);
    expect(await door.decide(second, "approve", CAROL)).toMatchObject({ isOk: true });
    await world.until(() => world.position === 0 && lastCard()?.state === "done", "the losers are closed");
    expect(await world.differences()).toEqual([]);
  });

  it("cancel: a person's order is taken back at once, their stop only by a card; an engine's order stays, with the reason", async () => {
    world = await World.holding();
    const { door } = world.life;
    restByHand(world, "buy", 3, 480_000);
    armByHand(world, 3, 470_000);
    const foreign = () => door.snapshot().orders.filter(({ role }) => role === "foreign");
    await world.until(() => foreign().length === 2, "the desk knows both");
    const [order, stop] = ["limit", "stopMarket"].map((kind) => foreign().find((each) => each.kind === kind));
    expect(await door.cancel(BOB, order?.clientId ?? "")).toMatchObject({ isOk: true });
    await world.until(() => foreign().length === 1, "the order is gone");
    expect(await door.cancel(BOB, stop?.clientId ?? "")).toMatchObject({ isOk: true });
    const tap = await button();
    expect(await door.decide(tap, "approve", BOB)).toEqual({
      isOk: false,
      text: "Approving this needs the role risk; you are trader. Nothing was done.",
    });
    expect(foreign()).toHaveLength(1);
    expect(await door.decide(tap, "approve", CAROL)).toMatchObject({ isOk: true });
    await world.until(() => foreign().length === 0 && lastCard()?.state === "done", "the stop is gone");
    for (const role of ["stop", "takeProfit"] as const)
      expect(await door.cancel(ALICE, world.one(role).clientId)).toMatchObject({ isOk: false });
    expect([world.live("stop").length, world.live("takeProfit").length, world.position]).toEqual([1, 1, 10]);
    expect(await world.differences()).toEqual([]);
  });

  it("cancel_all: what is no engine's goes by one card; one that changed before the tap is shown anew", async () => {
    world = await World.holding();
    const { door } = world.life;
    restByHand(world, "buy", 3, 480_000, "web_1");
    const second = restByHand(world, "buy", 2, 481_000, "web_2");
    const foreign = () => door.snapshot().orders.filter(({ role }) => role === "foreign");
    await world.until(() => foreign().length === 2, "the desk knows both");
    await door.proposeCancelAll(ALICE, undefined);
    const tap = await button();
    world.exchange.cancel("main", "BTCUSDT", { orderId: second.orderId });
    await world.until(() => foreign().length === 1, "one is gone");
    expect(await door.decide(tap, "approve", ALICE)).toEqual({
      isOk: false,
      text: "Not executed: an order has changed or is gone. Look at the new card.",
    });
    expect(foreign()).toHaveLength(1);
    expect(await door.decide(await button(tap), "approve", ALICE)).toMatchObject({ isOk: true });
    await world.until(() => foreign().length === 0 && lastCard()?.state === "done", "all are gone");
    expect(await door.proposeCancelAll(ALICE, undefined)).toMatchObject({ isOk: false });
    expect(await world.differences()).toEqual([]);
  });

  it("lock: no entry in the symbol until it is unlocked, through a restart as well", async () => {
    world = await World.running({ grids: [MANY_RUNGS] });
    expect(world.live("entry").length).toBe(1);
    await world.life.door.lock(BOB, { instrument: "BTCUSDT", kind: "lock" });
    await world.until(() => world.live("entry").length === 0, "entries are taken back");
    await world.desk.settled();
    world.kill();
    const life = await world.boot();
    await world.pass(4_000);
    expect(world.live("entry")).toEqual([]);
    expect(world.state.isPaused("grid1")).toBe(true);
    expect(await life.door.unlock(ALICE, { instrument: "BTCUSDT", kind: "lock" })).toMatchObject({
      isOk: true,
    });
    expect(world.state.isPaused("grid1")).toBe(false);
    world.price(500_510);
    await world.until(() => world.live("entry").length > 0, "an entry rests again");
    expect(await world.differences()).toEqual([]);
  });
});
