import { afterEach, describe, expect, it } from "vitest";
import { parts, resting } from "./people.ts";
import { World } from "./world.ts";

let world: World;
afterEach(() => world.shut());

async function cancelStop(): Promise<void> {
  const { clientId } = world.one("stop");
  if (!world.exchange.cancelConditional("main", { clientId }).ok) throw new Error("the stop is gone already");
  await world.until(() => world.orderState(clientId) === "canceled", "the desk hears of it");
}
async function cancelProfit(): Promise<void> {
  const { clientId } = world.one("takeProfit");
  if (!world.exchange.cancel("main", "BTCUSDT", { clientId }).ok) throw new Error("it is gone already");
  await world.until(() => world.orderState(clientId) === "canceled", "the desk hears of it");
}

describe("scenario 24: a person cancels our exits", () => {
  it("the stop: placed again once; the second time people are asked, and without a word the rung is closed in 5 s", async () => {
    world = await World.holding();
    await cancelStop();
    await world.until(() => world.live("stop").length === 1, "the stop is placed again");
    expect([await world.differences(), world.alerts()]).toEqual([[], ["high taken:grid1:0:stop"]]);
    await cancelStop();
    const since = world.time.monotonic();
    await world.until(() => world.position === 0, "the rung is closed");
    const took = world.time.monotonic() - since;
    expect([took > 4_900, took < 7_000]).toEqual([true, true]);
    expect(await world.differences()).toEqual([]);
    expect(world.sent).toEqual({ entry: 1, stop: 2, takeProfit: 1, close: 1 });
    expect(world.alerts()).toEqual([
      "high taken:grid1:0:stop",
      "critical taken:grid1:0:stop",
      "critical stop:grid1:0",
    ]);
    expect(parts(world)).toEqual([0, 0, 0]);
  });

  it("the stop, with a person's /resume in time: it is placed a third time", async () => {
    world = await World.holding();
    await cancelStop();
    await world.until(() => world.live("stop").length === 1, "the stop is placed again");
    await cancelStop();
    await world.ask("resume");
    await world.until(() => world.live("stop").length === 1, "the stop is placed once more");
    await world.pass(7_000);
    expect([await world.differences(), resting(world, "stop"), world.position]).toEqual([
      [],
      [[490_000, 10]],
      10,
    ]);
    expect([world.sent, world.alerts()]).toEqual([
      { entry: 1, stop: 3, takeProfit: 1 },
      ["high taken:grid1:0:stop", "critical taken:grid1:0:stop"],
    ]);
  });

  it("the take profit: placed again once, then not before /resume; the stop stays all the while", async () => {
    world = await World.holding();
    await cancelProfit();
    await world.until(() => world.live("takeProfit").length === 1, "it is placed again");
    await cancelProfit();
    await world.pass(8_000);
    expect([resting(world, "takeProfit"), resting(world, "stop"), world.position]).toEqual([
      [],
      [[490_000, 10]],
      10,
    ]);
    expect(world.sent).toEqual({ entry: 1, stop: 1, takeProfit: 2 });
    await world.ask("resume");
    await world.until(() => world.live("takeProfit").length === 1, "it is placed once more");
    expect([await world.differences(), world.alerts()]).toEqual([
      [],
      ["high taken:grid1:0:takeProfit", "critical taken:grid1:0:takeProfit"],
    ]);
  });
});
