import { afterEach, describe, expect, it } from "vitest";
import { World } from "./world.ts";

const PLACE = "POST /fapi/v1/order";
let world: World;
afterEach(() => world.shut());

describe("answers", () => {
  it("harness: a calm desk quotes, fills, protects, takes its profit", async () => {
    world = await World.holding();
    expect(await world.differences()).toEqual([]);
    expect([world.position, world.sent, world.alerts()]).toEqual([10, { entry: 1, stop: 1, takeProfit: 1 }, []]);
    world.price(504_010);
    await world.until(() => world.position === 0, "flat");
    expect(await world.differences()).toEqual([]);
  });
});
