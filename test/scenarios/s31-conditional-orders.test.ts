import { afterEach, describe, expect, it } from "vitest";
import { reroute } from "../venue/binance/served-venue.ts";
import { parts, resting } from "./people.ts";
import { World } from "./world.ts";

let world: World;
afterEach(() => world.shut());

/** A triggered stop takes the take profit's place, as the exchange may do it; where it is refused: scenario 9. */
const PREFERRED = { rules: { triggeredStopUnderFullTakeProfit: "expireTakeProfit" } } as const;

describe("scenario 31: stops live behind endpoints of their own", () => {
  it("no list of orders shows them, and the endpoint of orders refuses them (-4120); the desk asks the other list", async () => {
    world = await World.holding();
    const stop = world.one("stop");
    const client = await reroute(world.venue.server.port);
    client.nonce = () => Math.round(world.time.now());
    const symbol = "BTCUSDT";
    const listed = (await client.fapiPrivateGetOpenOrders({ symbol })) as readonly {
      clientOrderId: string;
    }[];
    expect(listed.map(({ clientOrderId }) => clientOrderId)).toEqual([world.one("takeProfit").clientId]);
    const order = { symbol, side: "SELL", type: "STOP_MARKET", stopPrice: "49000", quantity: "0.010" };
    await expect(client.fapiPrivatePostOrder(order)).rejects.toThrow(/-4120/);
    await client.close();
    world.kill();
    // The next life finds the stop in the other list, under the name that it was given.
    await world.boot();
    expect([await world.differences(), world.one("stop").clientId, world.life.sent]).toEqual([
      [],
      stop.clientId,
      [],
    ]);
    expect(world.state.orders.get(stop.clientId)).toMatchObject({
      state: "resting",
      facts: { kind: "stopMarket", role: "stop", trigger: 490_000 },
    });
  });

  it("it is cancelled there too, when its rung is closed; a cancel-all of orders alone leaves it", async () => {
    world = await World.holding();
    world.exchange.cancelAll("main", "BTCUSDT");
    expect(resting(world, "stop")).toEqual([[490_000, 10]]);
    await world.until(() => world.live("takeProfit").length === 1, "the take profit is placed again");
    expect(await world.close()).toMatchObject({ isOk: true });
    await world.until(() => world.position === 0 && world.live("stop").length === 0, "closed, stop and all");
    expect([await world.differences(), world.exchange.openConditionals("main")]).toEqual([[], []]);
    expect(world.sent).toEqual({ entry: 1, stop: 1, takeProfit: 2, close: 1 });
  });

  it("triggered it becomes a normal order with an id of its own, whose fills are the stop's; the take profit goes", async () => {
    world = await World.holding(PREFERRED);
    const { clientId } = world.one("stop");
    const conditional = world.state.orders.get(clientId)?.venueOrderId;
    world.price(489_990);
    await world.until(() => world.position === 0, "stopped out");
    await world.until(() => world.live("takeProfit").length === 0, "the take profit is gone");
    expect(await world.differences()).toEqual([]);
    const order = world.state.orders.get(clientId);
    const [spawned] = world.exchange.trades("main", { instrument: "BTCUSDT" }).slice(-1);
    expect(order).toMatchObject({ state: "filled", filled: 10, spawnedOrderId: `${spawned?.orderId}` });
    expect([conditional?.startsWith("a"), order?.spawnedOrderId === conditional]).toEqual([true, false]);
    expect([parts(world), world.life.trades.length, world.alerts()]).toEqual([[0, 0, 0], 1, []]);
    expect(world.life.trades[0]?.["Action"]).toMatch(/stop/i);
  });

  it("the same while every private message of it is lost: the next reading joins the fill to the stop", async () => {
    world = await World.holding(PREFERRED);
    const { clientId } = world.one("stop");
    const hear = world.script.always({ kind: "messageLost", account: "main" });
    world.price(489_990);
    expect(world.position).toBe(0);
    await world.until(() => parts(world)[0] === 0, "a reading finds it");
    hear();
    expect([await world.differences(), parts(world)]).toEqual([[], [0, 0, 0]]);
    expect(world.state.orders.get(clientId)).toMatchObject({ state: "filled", filled: 10 });
    expect(world.alerts().filter((each) => !each.endsWith(" health"))).toEqual([]);
    expect(world.sent).toEqual({ entry: 1, stop: 1, takeProfit: 1 });
  });
});
