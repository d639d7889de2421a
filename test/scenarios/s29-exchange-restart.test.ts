import { afterEach, describe, expect, it } from "vitest";
import { hurry, resting, toldOnce } from "./people.ts";
import { MANY_RUNGS, World } from "./world.ts";

const LISTS = ["GET /fapi/v1/openOrders", "GET /fapi/v1/openAlgoOrders"];
let world: World;
afterEach(() => world.shut());

/** A desk that holds one rung and rests the entry of the next: three live orders. */
async function holding(): Promise<void> {
  world = await World.holding({ grids: [MANY_RUNGS] });
  await world.until(() => world.live("entry").length === 1, "the second entry rests");
  // The reading that the last fill may have asked for is over.
  await world.pass(2_500);
}
const orders = () => [resting(world, "entry"), resting(world, "stop"), resting(world, "takeProfit")];
const THREE = [[[499_000, 10]], [[490_000, 10]], [[504_000, 10]]];

describe("scenario 29: the exchange restarts, and its lists come back with items missing", () => {
  it("nothing is believed gone: no order is sent or cancelled, entries wait, then all goes on", async () => {
    await holding();
    const { sent, canceled } = world.life;
    const before = [sent.length, canceled.length];
    world.script.once({ kind: "exchangeRestart", seconds: [8, 8], partialSeconds: [5, 5] });
    await world.until(() => world.state.blocks().length > 0, "entries wait");
    await world.until(() => world.state.blocks().length === 0, "entries may leave again");
    expect(world.script.struck("exchangeRestart")).toBe(1);
    expect([await world.differences(), orders()]).toEqual([[], THREE]);
    expect([sent.length, canceled.length]).toEqual(before);
    expect([world.state.mismatched.size, world.state.foreignActivity, world.state.paused.size]).toEqual([
      0,
      false,
      0,
    ]);
    // It lives: the entry fills, its exits are placed, the next entry rests.
    world.price(498_990);
    await world.until(
      () => world.live("stop").length === 2 && world.live("entry").length === 1,
      "it goes on",
    );
    expect(await world.differences()).toEqual([]);
    // A list of positions that lacks ours twice may be told as a mismatch; then its end is told as well.
    const told = toldOnce(world).filter((each) => !each.endsWith(" health"));
    const mismatch = ["critical", "resolved"].map((level) => `${level} mismatch:main/BTCUSDT/both`);
    expect([[], mismatch]).toContainEqual(told);
  });

  it("even lists that stay empty through two readings: each order is asked for by its name, and found", async () => {
    await holding();
    const before = world.life.sent.length;
    const ends = LISTS.map((on) => world.script.always({ kind: "emptyAnswer", on }));
    world.script.once({ kind: "exchangeRestart", seconds: [2, 2], partialSeconds: [0, 0] });
    await world.until(() => world.life.asked.length >= 3, "three orders are asked for");
    expect(world.state.blocks()).not.toEqual([]);
    await world.pass(5_000);
    expect([orders(), world.life.sent.length, world.life.canceled]).toEqual([THREE, before, []]);
    for (const end of ends) end();
    await world.until(() => world.state.blocks().length === 0, "entries may leave again");
    expect([await world.differences(), orders(), world.life.sent.length]).toEqual([[], THREE, before]);
    expect(new Set(world.life.asked.map(({ clientId }) => clientId)).size).toBe(3);
  });

  it("what really ended while it was away is told from what only seems gone", async () => {
    await holding();
    world.script.once({ kind: "exchangeRestart", seconds: [6, 6], partialSeconds: [4, 4] });
    await world.until(() => world.state.blocks().length > 0, "entries wait");
    // The matching went on behind the closed door: the take profit was filled.
    world.price(504_010);
    expect(world.position).toBe(0);
    await world.until(() => world.live("stop").length === 0, "the orphaned stop is cancelled");
    await hurry(world, 10_000);
    expect([await world.differences(), orders().slice(1)]).toEqual([[], [[], []]]);
    expect([world.sent["stop"], world.sent["takeProfit"], world.life.trades.length]).toEqual([1, 1, 1]);
  });
});
