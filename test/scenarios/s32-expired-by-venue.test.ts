import { afterEach, describe, expect, it } from "vitest";
import { armByHand, hurry, parts, resting, toldOnce } from "./people.ts";
import { MANY_RUNGS, World } from "./world.ts";

const RULES = { triggeredStopUnderFullTakeProfit: "expireTakeProfit" } as const;
let world: World;
afterEach(() => world.shut());
const ends = () =>
  world.exchange
    .orderHistory("main", { instrument: "BTCUSDT" })
    .flatMap(({ clientId, status, endReason }) =>
      clientId[6] === "t" ? [`${status} ${endReason ?? ""}`.trim()] : [],
    );

describe("scenario 32: the exchange ends an order by itself", () => {
  it("our stop knocks our take profit out: that is no person's doing, it is not placed again, and we end flat", async () => {
    world = await World.holding({ rules: RULES });
    world.price(489_990);
    await world.until(() => world.position === 0 && parts(world)[0] === 0, "stopped out");
    await world.pass(5_000);
    expect([await world.differences(), ends()]).toEqual([[], ["expired reduceOnly"]]);
    expect([world.sent, world.alerts(), world.exchange.openOrders("main")]).toEqual([
      { entry: 1, stop: 1, takeProfit: 1 },
      [],
      [],
    ]);
  });

  it("a person's stop knocks one of two take profits out: what is left is placed again after a quiet moment, once", async () => {
    world = await World.holding({ rules: RULES, grids: [MANY_RUNGS] });
    await world.until(() => world.live("entry").length === 1, "the second entry rests");
    world.price(498_990);
    await world.until(() => world.live("takeProfit").length === 2, "both rungs are protected");
    armByHand(world, 10, 498_500);
    const from = world.time.monotonic();
    world.price(498_490);
    expect([world.position, ends()]).toEqual([10, ["expired reduceOnly", "new"]]);
    await world.until(() => parts(world)[0] === 10 && parts(world)[1] === 0, "the sale is booked");
    await world.until(() => world.sent["takeProfit"] === 3, "it is placed again");
    expect(world.time.monotonic() - from).toBeGreaterThanOrEqual(2_000);
    await hurry(world, 5_000);
    expect([await world.differences(), parts(world)]).toEqual([[], [10, 0, 10]]);
    const [stop, profit] = [resting(world, "stop"), resting(world, "takeProfit")];
    expect([stop.length, profit.length, stop[0]?.[1], profit[0]?.[1]]).toEqual([1, 1, 10, 10]);
    expect([world.sent["stop"], world.sent["takeProfit"]]).toEqual([2, 3]);
    expect(toldOnce(world)).toEqual(["critical foreign:main:BTCUSDT"]);
    expect(world.state.paused.get("grid1")).toBe("a person traded against its position by hand");
  });
});
