import { afterEach, describe, expect, it } from "vitest";
import { ONE, rate } from "../../src/core/units.ts";
import { hurry, parts } from "./people.ts";
import { ALICE, World } from "./world.ts";

const BOB = { person: "bob", role: "trader", platform: "discord" } as const;
let world: World;
afterEach(() => world.shut());

/** A card to close all of it, with its button. */
async function card(part = ONE): Promise<string> {
  const { door, cards } = world.life;
  const shown = cards.length;
  const request = {
    instrument: undefined,
    positionSide: undefined,
    part: rate(part),
    includesForeign: false,
  };
  expect(await door.proposeClose(ALICE, request)).toMatchObject({ isOk: true });
  return token(shown);
}
async function token(from: number): Promise<string> {
  const { cards } = world.life;
  const found = (): string | undefined =>
    cards.slice(from).findLast((each) => each.token !== undefined)?.token;
  await world.until(() => found() !== undefined, "the card is shown");
  return found() ?? "";
}
const states = () => [
  ...new Map(world.life.cards.map(({ proposal }) => [proposal.id, proposal.state])).values(),
];

describe("scenario 33: a card's button", () => {
  it("pressed twice at once, on two platforms: one close, the other is told who was first; a later press does nothing", async () => {
    world = await World.holding();
    const button = await card();
    const { door } = world.life;
    const answers = await Promise.all([
      door.decide(button, "approve", ALICE),
      door.decide(button, "approve", BOB),
      door.decide(button, "reject", BOB),
    ]);
    expect(answers.filter(({ isOk }) => isOk)).toEqual([{ isOk: true, text: "Approved; closing now." }]);
    expect(
      answers
        .filter(({ isOk }) => !isOk)
        .every(({ text }) => /^Already approved by alice on telegram/.test(text)),
    ).toBe(true);
    await world.until(() => world.position === 0 && states().at(-1) === "done", "closed");
    expect(await door.decide(button, "approve", BOB)).toMatchObject({ isOk: false });
    await world.pass(2_000);
    expect([await world.differences(), states(), world.sent]).toEqual([
      [],
      ["done"],
      { entry: 1, stop: 1, takeProfit: 1, close: 1 },
    ]);
    const last = world.life.cards.at(-1)?.proposal;
    expect([last?.executedLots, last?.decidedBy?.person]).toEqual([10, "alice"]);
    expect(await door.decide("not-a-token", "approve", ALICE)).toEqual({
      isOk: false,
      text: "This button belongs to no open proposal. Nothing was done.",
    });
  });

  it("pressed when its time is over does nothing, and says so", async () => {
    world = await World.holding();
    const button = await card();
    const sent = world.life.sent.length;
    await hurry(world, 61_000);
    const answer = await world.life.door.decide(button, "approve", ALICE);
    expect(answer).toEqual({ isOk: false, text: "This proposal has expired. Nothing was done." });
    expect([states(), world.life.sent.length, world.position]).toEqual([["expired"], sent, 10]);
    expect(await world.differences()).toEqual([]);
  });

  it("pressed after the position changed: nothing is closed but by the new card, which shows what there is now", async () => {
    world = await World.holding();
    const button = await card();
    world.byHand("sell", 4);
    await world.until(() => parts(world)[0] === 6, "the sale is booked");
    expect(await world.differences()).toEqual([]);
    const [shown, sent] = [world.life.cards.length, world.life.sent.length];
    expect(await world.life.door.decide(button, "approve", ALICE)).toEqual({
      isOk: false,
      text: "Not executed: the position's size changed. Look at the new quote.",
    });
    const fresh = await token(shown);
    expect([world.life.sent.length, world.position, states()]).toEqual([sent, 6, ["superseded", "pending"]]);
    // The old button is dead, also now.
    expect(await world.life.door.decide(button, "approve", ALICE)).toMatchObject({ isOk: false });
    expect(await world.life.door.decide(fresh, "approve", BOB)).toMatchObject({ isOk: true });
    await world.until(() => world.position === 0, "closed");
    expect([await world.differences(), states()]).toEqual([[], ["superseded", "done"]]);
    expect(world.sent["close"]).toBe(1);
  });

  it("pressed after the price has moved by more than half a percent: the same", async () => {
    world = await World.holding();
    const button = await card();
    world.price(496_000);
    await world.until(() => (world.state.board.of("BTCUSDT").top?.bid ?? 0) < 496_500, "the desk sees it");
    const { text } = await world.life.door.decide(button, "approve", ALICE);
    expect(text).toBe("Not executed: the price moved. Look at the new quote.");
    await world.pass(1_000);
    expect([await world.differences(), world.position, world.sent["close"]]).toEqual([[], 10, undefined]);
  });

  it("pressed after a restart: the card of before is void, nothing is closed", async () => {
    world = await World.holding();
    const button = await card();
    await world.desk.settled();
    world.kill();
    await world.boot();
    expect(await world.life.door.decide(button, "approve", ALICE)).toMatchObject({ isOk: false });
    await world.pass(2_000);
    expect([await world.differences(), world.position, world.sent["close"], states()]).toEqual([
      [],
      10,
      undefined,
      ["expired"],
    ]);
  });

  it("pressed after the clock was set forward by an hour, at once and later: nothing is closed", async () => {
    for (const waitMs of [0, 2_500]) await afterClock(() => (world.time.deskAheadMs = HOUR), waitMs);
  });

  it("pressed after the clock was set back by an hour, at once and later: nothing is closed", async () => {
    for (const waitMs of [0, 2_500]) await afterClock(() => (world.time.deskAheadMs = -HOUR), waitMs);
  });

  it("pressed after the machine slept for an hour, at once and later: nothing is closed", async () => {
    for (const waitMs of [0, 2_500]) await afterClock(() => world.time.sleep(HOUR), waitMs);
  });
});

const HOUR = 3_600_000;

/** A card is open, the clock changes, and people press so long afterwards. */
async function afterClock(change: () => void, waitMs: number): Promise<void> {
  await world?.shut();
  world = await World.holding();
  const button = await card();
  const { door } = world.life;
  change();
  await world.pass(waitMs);
  const answers = await Promise.all([
    door.decide(button, "approve", ALICE),
    door.decide(button, "approve", BOB),
  ]);
  expect(answers.map(({ isOk }) => isOk)).toEqual([false, false]);
  world.time.deskAheadMs = 0;
  await world.pass(3_000);
  expect((await door.decide(button, "approve", ALICE)).isOk).toBe(false);
  await world.pass(2_000);
  expect([world.position, world.sent["close"], states()]).toEqual([10, undefined, ["expired"]]);
  // What is asked anew is closed as ever.
  const fresh = await card();
  expect((await door.decide(fresh, "approve", ALICE)).isOk).toBe(true);
  await world.until(() => world.position === 0, "closed");
}
