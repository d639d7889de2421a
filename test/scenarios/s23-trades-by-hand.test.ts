import { afterEach, describe, expect, it } from "vitest";
import { hurry, parts, resting, toldOnce } from "./people.ts";
import { MANY_RUNGS, World } from "./world.ts";

const BY_HAND = "a person traded against its position by hand";
let world: World;
afterEach(() => world.shut());

/** A desk that holds one rung and rests the entry of the next. */
async function holding(): Promise<void> {
  world = await World.holding({ grids: [MANY_RUNGS] });
  await world.until(() => world.live("entry").length === 1, "the second entry rests");
}
const orders = () => [resting(world, "entry"), resting(world, "stop"), resting(world, "takeProfit")];
const booked = (ours: number, foreign: number): boolean => {
  const [own, other] = parts(world);
  return own === ours && other === foreign;
};

describe("scenario 23: a person trades by hand on the account", () => {
  it("closes what the engine holds: its orders are taken back, nothing is reopened before /resume", async () => {
    await holding();
    world.byHand("sell", 10);
    await world.until(() => booked(0, 0), "the close is booked");
    expect(await world.differences()).toEqual([]);
    expect([parts(world), orders()]).toEqual([
      [0, 0, 0],
      [[], [], []],
    ]);
    expect(toldOnce(world)).toEqual(["critical foreign:main:BTCUSDT"]);
    expect(world.life.alerts.at(-1)?.lines.join(" ")).toContain("nothing is reopened, and grid1 pauses");
    const sent = world.life.sent.length;
    world.price(497_500);
    await hurry(world, 40_000);
    expect([world.life.sent.length, world.state.paused.get("grid1")]).toEqual([sent, BY_HAND]);
    expect(await world.ask("resume")).toMatchObject({ isOk: true, text: "Entries run again." });
    await world.until(() => world.live("entry").length === 1, "an entry rests");
    expect([orders(), await world.differences()]).toEqual([[[[497_000, 10]], [], []], []]);
    expect(world.state.counts.mismatches).toBe(0);
  });

  it("reduces it: stop and take profit shrink to what is left", async () => {
    await holding();
    world.byHand("sell", 4);
    await world.until(() => booked(6, 0), "the sale is booked");
    expect(await world.differences()).toEqual([]);
    expect([parts(world), orders()]).toEqual([
      [6, 0, 6],
      [[], [[490_000, 6]], [[504_000, 6]]],
    ]);
    expect([toldOnce(world), world.state.paused.get("grid1")]).toEqual([
      ["critical foreign:main:BTCUSDT"],
      BY_HAND,
    ]);
    world.price(504_010);
    await world.until(() => world.position === 0, "the rest takes its profit");
    expect([await world.differences(), parts(world)]).toEqual([[], [0, 0, 0]]);
  });

  it("adds to it: the rest is foreign, unprotected and untouched by us, also when our part is closed", async () => {
    await holding();
    world.byHand("buy", 7);
    await world.until(() => booked(10, 7), "the purchase is booked");
    expect(await world.differences()).toEqual([]);
    expect([orders().slice(1), world.state.paused.size]).toEqual([[[[490_000, 10]], [[504_000, 10]]], 0]);
    expect(toldOnce(world)).toEqual(["critical foreign:main:BTCUSDT"]);
    // Entries wait for a person's word.
    const entries = world.sent["entry"];
    world.price(497_500);
    await world.pass(5_000);
    expect(world.sent["entry"]).toBeLessThanOrEqual(entries ?? 0);
    expect(await world.close()).toMatchObject({ isOk: true });
    await world.until(() => world.position === 7 || world.position === 17, "ours is closed");
    expect(await world.differences()).toEqual([]);
    const [own, foreign, held] = parts(world);
    expect([own, foreign, held]).toEqual([0, 7, 7]);
    expect(world.exchange.openConditionals("main")).toEqual([]);
  });

  it("flips it: paused; even after /resume nothing of ours works against the person's position", async () => {
    await holding();
    world.byHand("sell", 25);
    await world.until(() => booked(0, -15), "the turn is booked");
    expect([await world.differences(), parts(world), orders()]).toEqual([[], [0, -15, -15], [[], [], []]]);
    expect([toldOnce(world), world.state.paused.get("grid1")]).toEqual([
      ["critical foreign:main:BTCUSDT"],
      BY_HAND,
    ]);
    const sent = world.life.sent.length;
    await world.ask("resume");
    await hurry(world, 35_000);
    expect([world.life.sent.length, world.position]).toEqual([sent, -15]);
    expect(world.life.log.some((line) => line.includes("foreignAgainst"))).toBe(true);
    world.byHand("buy", 15);
    await world.until(() => booked(0, 0), "the person is out");
    await world.ask("resume");
    await hurry(world, 31_000);
    await world.until(() => world.live("entry").length === 1, "an entry rests");
    expect(await world.differences()).toEqual([]);
  });
});
