import { afterEach, describe, expect, it } from "vitest";
import { parts, restByHand, resting } from "./people.ts";
import { MANY_RUNGS, World } from "./world.ts";

let world: World;
afterEach(() => world.shut());

describe("scenario 21: rungs are filled while the desk is down", () => {
  it("each is found with its level by walking the history; what a stranger did is skipped, priced as it may be", async () => {
    world = await World.holding({ grids: [MANY_RUNGS] });
    await world.until(() => world.live("entry").length === 1, "the second entry rests");
    expect(resting(world, "entry")).toEqual([[499_000, 10]]);
    world.kill();
    // Down: rung -1 is entered, rung 0 takes its profit, and a person trades at prices of no rung.
    world.price(498_990);
    restByHand(world, "buy", 3, 481_237);
    world.byHand("buy", 5);
    world.price(504_010);
    world.price(499_500);
    expect([
      world.position,
      world.live("entry"),
      world.live("stop").length,
      world.live("takeProfit").length,
    ]).toEqual([15, [], 1, 0]);

    await world.boot();
    await world.until(
      () => world.live("takeProfit").length === 1 && world.live("stop").length === 1,
      "protected",
    );
    expect(await world.differences()).toEqual([]);
    expect([parts(world), resting(world, "stop"), resting(world, "takeProfit")]).toEqual([
      [10, 5, 15],
      [[489_020, 10]],
      [[502_992, 10]],
    ]);
    expect([...world.state.orders.foreign()].map(({ clientId }) => clientId)).toEqual(["web_77"]);
    // The stop of the rung that is gone was cancelled, the two exits that were missing sent, and the grid goes on.
    expect(world.life.canceled.map(({ role, trigger }) => [role, trigger])).toEqual([["stop", 490_000]]);
    await world.until(() => world.live("entry").length === 1, "the next entry rests");
    expect(resting(world, "entry")).toEqual([[498_000, 10]]);
    expect(world.life.sent.map(({ role }) => role).sort()).toEqual(["entry", "stop", "takeProfit"]);
    expect([await world.differences(), world.alerts()]).toEqual([[], []]);
    expect(world.exchange.openOrders("main").some(({ clientId }) => clientId === "web_77")).toBe(true);
  });

  it("a stop that closed its rung while it was down is no loss of anybody else, and the rung is idle again", async () => {
    world = await World.holding({ grids: [MANY_RUNGS] });
    await world.until(() => world.live("entry").length === 1, "the second entry rests");
    world.kill();
    world.price(498_990);
    world.price(489_990);
    world.price(495_500);
    // Rung 0 was stopped at 490,000; rung -1 (stop at 489,020) never had exits of its own.
    expect(world.position).toBe(10);
    await world.boot();
    await world.until(
      () => world.live("stop").length === 1 && world.live("entry").length === 1,
      "all is in place",
    );
    expect(await world.differences()).toEqual([]);
    expect([
      parts(world),
      resting(world, "stop"),
      resting(world, "takeProfit"),
      resting(world, "entry"),
    ]).toEqual([[10, 0, 10], [[489_020, 10]], [[502_992, 10]], [[495_000, 10]]]);
    expect(world.alerts()).toEqual([]);
  });
});
