import { afterEach, describe, expect, it } from "vitest";
import type { Millis } from "../../src/core/units.ts";
import { hurry, parts, resting, toldOnce } from "./people.ts";
import { MANY_RUNGS, World } from "./world.ts";

let world: World;
afterEach(() => world.shut());

describe("scenario 28: an instrument changes", () => {
  it("coarser prices and sizes: levels are rounded in our favour, what is resting stays, the odd rest is carried", async () => {
    world = await World.holding({ grids: [MANY_RUNGS] });
    await world.until(() => world.live("entry").length === 1, "the second entry rests");
    const { hand } = world.exchange;
    hand.setPriceStep("BTCUSDT", 7);
    hand.setLotStep("BTCUSDT", 4);
    await world.until(() => toldOnce(world).length === 1, "the desk has read the new rules");
    await world.pass(2_000);
    // Nobody moves what rests already.
    expect([resting(world, "stop"), resting(world, "takeProfit"), resting(world, "entry")]).toEqual([
      [[490_000, 10]],
      [[504_000, 10]],
      [[499_000, 10]],
    ]);
    world.price(498_988);
    await world.until(() => world.live("takeProfit").length === 2, "the second rung is protected");
    await world.until(() => world.live("entry").length === 1, "the third entry rests");
    // 489,020 is on the step; 502,992 goes up to the next one, the buy of 498,000 down to the last one.
    expect([resting(world, "stop"), resting(world, "takeProfit"), resting(world, "entry")]).toEqual([
      [
        [490_000, 10],
        [489_020, 8],
      ],
      [
        [504_000, 10],
        [502_992, 8],
      ],
      [[497_994, 8]],
    ]);
    expect([world.position, parts(world), world.state.counts.refused]).toEqual([20, [20, 0, 20], 0]);
    world.price(505_001);
    await world.until(() => world.position === 2, "what can be sold is sold");
    await hurry(world, 5_000);
    expect([world.exchange.validate(), resting(world, "stop"), resting(world, "takeProfit")]).toEqual([
      [],
      [],
      [],
    ]);
    expect(toldOnce(world)).toEqual(["notice instrument:BTCUSDT", "notice dust:grid1:-1"]);
  });

  it("its end is announced: entries are taken back and stay away, exits go on, people hear it", async () => {
    world = await World.holding({ grids: [MANY_RUNGS] });
    await world.until(() => world.live("entry").length === 1, "the second entry rests");
    const { hand, now } = world.exchange;
    hand.delist("BTCUSDT", (now() + 3_600_000) as Millis);
    await world.until(() => world.live("entry").length === 0, "the entry is taken back");
    expect([await world.differences(), world.alerts()]).toEqual([[], ["critical instrument:BTCUSDT"]]);
    const { text } = await world.ask("resume");
    expect(text).not.toBe("");
    await hurry(world, 35_000);
    expect([world.sent["entry"], resting(world, "stop"), resting(world, "takeProfit")]).toEqual([
      2,
      [[490_000, 10]],
      [[504_000, 10]],
    ]);
    expect(world.state.counts.refused).toBe(0);
    // A person can close in time; the way out is open.
    expect(await world.close()).toMatchObject({ isOk: true });
    await world.until(() => world.position === 0, "flat before the end");
    expect([await world.differences(), world.exchange.status("BTCUSDT")]).toEqual([[], "settling"]);
  });
});
