import { afterEach, describe, expect, it } from "vitest";
import { lots, rate } from "../../src/core/units.ts";
import { ONE_RUNG } from "./grids.ts";
import { MANY_RUNGS, World, type WorldChanges } from "./world.ts";

let world: World;
afterEach(() => world.shut());

const REFUSES = { rules: { triggeredStopUnderFullTakeProfit: "refuse" } } as const;
const open = async (changes: WorldChanges = {}): Promise<World> => {
  world = await World.holding({ carrier: "direct", ...REFUSES, config: { lastStop: true }, ...changes });
  await world.until(() => world.live("lastStop").length === 1, "the last stop rests");
  return world;
};
const triggers = (role: "stop" | "lastStop"): readonly number[] =>
  world.live(role).map(({ request }) => ("trigger" in request ? request.trigger : 0));
const told = (): readonly string[] => world.alerts().filter((alert) => alert.includes("last-stop:"));

describe("scenario 40: the last stop of a book", () => {
  it("rests a percent beyond the farthest stop, closes all whatever its size, and is nobody else's order", async () => {
    await open();
    const [stop = 0] = triggers("stop");
    expect(triggers("lastStop")).toEqual([Math.ceil(stop * 0.99)]);
    expect(world.one("lastStop").request).toMatchObject({ closePosition: true, side: "sell" });
    expect([
      await world.differences(),
      world.alerts().filter((alert) => /critical|high/.test(alert)),
    ]).toEqual([[], []]);
  });

  it("goes with the position without a word, and comes with the next one", async () => {
    await open();
    const first = world.one("lastStop").clientId;
    world.price(505_100);
    await world.until(() => world.position === 0, "the take profit filled");
    await world.until(() => world.live("lastStop").length === 0, "the last stop went");
    await world.quotes();
    const { request } = world.one("entry");
    world.price(("price" in request ? (request.price ?? 0) : 0) - 10);
    await world.until(() => world.live("lastStop").length === 1, "another one rests");
    expect(world.one("lastStop").clientId).not.toBe(first);
    expect([told(), await world.differences()]).toEqual([[], []]);
  });

  it("moves away as stops come nearer to it: one at a time, never between them", async () => {
    world = await World.running({
      carrier: "direct",
      ...REFUSES,
      config: { lastStop: true },
      grids: [{ ...MANY_RUNGS, stopLoss: rate(6_000_000), ordersMax: 12 }],
    });
    for (let rung = 0; rung < 8; rung += 1) {
      world.price(500_000 - rung * 1_000 - 10);
      await world.protected();
      await world.until(
        () =>
          triggers("lastStop").length === 1 && (triggers("lastStop")[0] ?? 0) < Math.min(...triggers("stop")),
        `after rung ${rung} it is behind all`,
      );
    }
    expect(world.sent.lastStop).toBeLessThan(8);
  });

  it("with the desk alive each refused stop is followed by the desk, and the last one never fires", async () => {
    await open();
    const [stop = 0] = triggers("stop");
    world.price(stop - 10);
    await world.until(() => world.position === 0, "the desk closed what the stop could not");
    await world.until(() => world.live("lastStop").length === 0, "the last stop went");
    expect([told(), await world.differences()]).toEqual([[], []]);
  });

  it("fires where the price jumps beyond all of them: the engines' parts are booked, they pause, people hear it", async () => {
    await open();
    const [last = 0] = triggers("lastStop");
    world.price(last - 100);
    await world.until(() => world.position === 0, "it closed all");
    await world.until(() => told().length === 1, "people hear it");
    await world.until(() => world.desk.inFlight === 0, "all is answered");
    expect(told()).toEqual([expect.stringMatching(/^critical last-stop:/)]);
    await world.until(() => world.state.isPaused("grid1"), "its engine pauses");
    expect(await world.differences()).toEqual([]);
  });

  it("is taken back when a person's lots are in the book, and comes again when they are gone", async () => {
    await open();
    world.byHand("buy", 3);
    await world.until(() => world.live("lastStop").length === 0, "it is taken back");
    world.byHand("sell", 3);
    await world.until(() => world.live("lastStop").length === 1, "it is placed again");
  });

  it("is the same one after a restart, and is taken back by a start that does not want it", async () => {
    await open();
    const { clientId } = world.one("lastStop");
    world.kill();
    await world.boot();
    await world.until(() => world.desk.inFlight === 0, "all is answered");
    expect(world.one("lastStop").clientId).toBe(clientId);
    world.kill();
    await world.boot({ lastStop: false });
    await world.until(() => world.live("lastStop").length === 0, "it is taken back");
    expect([world.live("stop").length, told()]).toEqual([1, []]);
  });

  it("of a book of two grids closes both, each for its own part", async () => {
    const second = { ...ONE_RUNG, engine: "grid2", quantity: lots(7) };
    world = await World.open({
      carrier: "direct",
      ...REFUSES,
      config: { lastStop: true },
      grids: [ONE_RUNG, second],
    });
    await world.boot();
    await world.until(() => world.live("entry").length === 2, "both have their entry");
    world.price(499_990);
    await world.until(
      () => world.live("stop").length === 2 && world.live("lastStop").length === 1,
      "all rest",
    );
    const [last = 0] = triggers("lastStop");
    world.kill();
    for (const price of [last + 10, last - 10]) world.price(price);
    expect(world.position).toBe(0);
    await world.boot();
    await world.until(() => told().length > 0, "people hear it");
    expect(
      ["grid1", "grid2"].map((engine) => world.state.account.share("BTCUSDT", "both", engine).lots),
    ).toEqual([0, 0]);
    expect(await world.differences()).toEqual([]);
  });
});
