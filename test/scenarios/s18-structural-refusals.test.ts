import { afterEach, describe, expect, it } from "vitest";
import { hurry } from "./people.ts";
import { MANY_RUNGS, World } from "./world.ts";

const FILTERS = "GET /fapi/v1/exchangeInfo";
let world: World;
afterEach(() => world.shut());

/** The exchange changes a step, and nothing that tells of it reaches the desk until the function is called. */
function changeUnheard(change: () => void): () => void {
  const hear = world.script.always({ kind: "messageLost", on: "*contractInfo*" });
  const read = world.script.always({ kind: "unavailable", on: FILTERS });
  change();
  return () => {
    hear();
    read();
  };
}

describe("scenario 18: an order that the exchange refuses whoever asks, and however often", () => {
  it("a take profit off the new tick: three tries, then one a minute; told; placed on the tick once the filters are read", async () => {
    world = await World.running();
    const told = changeUnheard(() => world.exchange.hand.setPriceStep("BTCUSDT", 625));
    world.price(499_375);
    await world.until(
      () => world.alerts().includes("critical circuit:BTCUSDT/takeProfit"),
      "people are told",
    );
    await hurry(world, 50_000);
    // Entry and stop stand on the new tick (625 of ours), the take profit of 50,400.0 does not.
    expect([world.sent, world.one("stop").request.lots, world.position]).toEqual([
      { entry: 1, stop: 1, takeProfit: 3 },
      10,
      10,
    ]);
    await hurry(world, 15_000);
    expect(world.sent).toEqual({ entry: 1, stop: 1, takeProfit: 4 });
    told();
    await world.until(() => world.live("takeProfit").length === 1, "the take profit rests");
    expect(world.one("takeProfit").request).toMatchObject({ price: 504_375, lots: 10, reduceOnly: true });
    expect(await world.differences()).toEqual([]);
    expect(world.sent["takeProfit"]).toBeLessThanOrEqual(6);
    expect(world.alerts()).toEqual([
      "critical circuit:BTCUSDT/takeProfit",
      "critical exit:grid1:0",
      "notice instrument:BTCUSDT",
      "resolved circuit:BTCUSDT/takeProfit",
    ]);
  });

  it("an entry off the new lot step: the same, with less ado; the next one has a size that is taken", async () => {
    world = await World.running({ grids: [MANY_RUNGS] });
    await world.ask("pause");
    await world.until(() => world.live("entry").length === 0, "the entry is taken back");
    const told = changeUnheard(() => world.exchange.hand.setLotStep("BTCUSDT", 4));
    await world.ask("resume");
    await world.until(() => world.sent["entry"] === 2, "the first refusal");
    await hurry(world, 100_000);
    expect([world.sent, world.alerts(), world.live("entry")]).toEqual([
      { entry: 4 },
      ["high circuit:BTCUSDT/entry"],
      [],
    ]);
    told();
    await hurry(world, 40_000);
    await world.until(() => world.live("entry").length === 1, "an entry rests");
    expect(world.one("entry").request).toMatchObject({ price: 500_000, lots: 8 });
    expect(await world.differences()).toEqual([]);
    expect(world.alerts().slice(1)).toEqual(["notice instrument:BTCUSDT", "resolved circuit:BTCUSDT/entry"]);
  });
});
