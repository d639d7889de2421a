import { afterEach, describe, expect, it } from "vitest";
import { hurry } from "./people.ts";
import { MANY_RUNGS, World } from "./world.ts";

const PLACE = "POST /fapi/v1/order";
let world: World;
afterEach(() => world.shut());

describe("scenario 19: a post-only entry that would take", () => {
  it("is priced anew below the touch, later each time, a few times only; the one that rests ends that", async () => {
    world = await World.open({ grids: [MANY_RUNGS] });
    const sentAt: number[] = [];
    const falling = [499_990, 498_990, 497_990];
    await world.begin();
    for (const [n, price] of falling.entries()) {
      // It travels for a while, and the market falls below its price in the meantime.
      world.script.next(PLACE, { kind: "latency", requestMs: [400, 400] });
      await world.until(() => world.sent["entry"] === n + 1, `entry ${n + 1} is sent`);
      sentAt.push(world.time.monotonic());
      world.price(price);
      await world.until(() => world.state.counts.refused === n + 1, `entry ${n + 1} is refused`);
    }
    await world.until(() => world.live("entry").length === 1, "an entry rests");
    sentAt.push(world.time.monotonic());
    expect(world.life.sent.map(({ price, isPostOnly }) => [price, isPostOnly])).toEqual([
      [500_000, true],
      [499_000, true],
      [498_000, true],
      [497_000, true],
    ]);
    const waits = sentAt.slice(1).map((at, n) => at - (sentAt[n] ?? 0));
    expect(waits.map((ms, n) => ms >= 1_000 * 2 ** n)).toEqual([true, true, true]);
    expect([world.position, world.alerts(), world.exchange.trades("main", {}).length]).toEqual([0, [], 0]);
    expect(await world.differences()).toEqual([]);
    // It was not given up either: the next entry of a calm market comes as soon as ever.
    world.price(496_990);
    await world.until(() => world.position === 10, "the entry fills");
    await world.until(() => world.live("entry").length === 1, "the next one rests");
    expect(await world.differences()).toEqual([]);
    expect(world.sent).toEqual({ entry: 5, stop: 1, takeProfit: 1 });
  });

  it("that it can't rest anywhere is no storm: soon there is one try in half a minute", async () => {
    // A grid that waits an hour between entries: one that was refused does not count.
    world = await World.open();
    await world.begin();
    // Every entry arrives after the market has fallen by another rung: the desk is always too late.
    const end = world.script.always({ kind: "latency", on: PLACE, requestMs: [400, 400] });
    let price = 500_500;
    let seen = 0;
    const from = world.time.monotonic();
    world.time.stepMs *= 2;
    while (world.time.monotonic() - from < 70_000) {
      await world.until(
        () => (world.sent["entry"] ?? 0) > seen || world.time.monotonic() - from > 70_000,
        "time",
      );
      if ((world.sent["entry"] ?? 0) === seen) break;
      seen = world.sent["entry"] ?? 0;
      price -= 1_000;
      world.price(price);
    }
    // At 0, 1, 3, 7, 15, 31 and then every 30 s.
    expect(world.sent["entry"]).toBeGreaterThanOrEqual(6);
    expect(world.sent["entry"]).toBeLessThanOrEqual(8);
    expect([world.position, world.alerts(), world.state.counts.refused]).toEqual([
      0,
      [],
      world.sent["entry"],
    ]);
    end();
    await hurry(world, 31_000);
    await world.until(() => world.live("entry").length === 1, "an entry rests");
    expect(await world.differences()).toEqual([]);
  });

  it("is never what a close asks for: that takes what it gets", async () => {
    world = await World.holding();
    expect(await world.close()).toMatchObject({ isOk: true });
    await world.until(() => world.position === 0, "flat");
    const close = world.life.sent.at(-1);
    expect([close?.role, close?.kind, close?.isPostOnly, close?.isReduceOnly]).toEqual([
      "close",
      "market",
      false,
      true,
    ]);
    expect(await world.differences()).toEqual([]);
    expect([world.sent, world.alerts()]).toEqual([{ entry: 1, stop: 1, takeProfit: 1, close: 1 }, []]);
  });
});
