import { afterEach, describe, expect, it } from "vitest";
import { lots, ticks } from "../../src/core/units.ts";
import { differences } from "./agreement.ts";
import { World } from "./world.ts";

let world: World;
afterEach(() => world.shut());

describe("the comparison of desk and exchange", () => {
  it("finds each thing that may be wrong: nobody mends it, since the desk is dead", async () => {
    world = await World.holding();
    expect(differences(world)).toEqual([]);
    world.kill();
    const { exchange, state, life } = world;
    const news = (): readonly string[] => {
      const found = differences(world).filter((each) => !known.has(each));
      for (const each of found) known.add(each);
      return found.map((each) => each.replaceAll(/pabc\w+/g, "ID").replaceAll(/\d{6,}/g, "N"));
    };
    const known = new Set<string>();

    const stop = world.one("stop").clientId;
    exchange.cancelConditional("main", { clientId: stop });
    expect(news()).toEqual([
      "the desk holds ID for resting, the exchange doesn't have it",
      "rung 0 of grid1 holds 10, its stops 0",
    ]);

    world.byHand("sell", 4);
    expect(news()).toEqual([
      "BTCUSDT: the desk's fills make 10, the exchange holds 6",
      expect.stringMatching(/^order ID has 6 open, the desk says 10$/),
      "rung 0 of grid1 holds 10, its take profits 6",
      expect.stringMatching(/^the desk's wallet is N, not N$/),
    ]);

    const place = (clientId: string): void => {
      exchange.place("main", {
        instrument: "BTCUSDT",
        clientId,
        side: "buy",
        positionSide: "both",
        kind: "limit",
        timeInForce: "GTC",
        price: ticks(480_000),
        lots: lots(10),
        reduceOnly: false,
      });
    };
    place("somebody-elses");
    expect(news()).toEqual(["order somebody-elses rests and the desk knows nothing of it"]);

    const [entry] = life.sent;
    place(entry?.clientId ?? "");
    expect(news()).toEqual([
      "order ID rests, the desk says filled",
      "rung 0 of grid1 holds 10 and opens 10",
      "main ID was accepted 2 times",
    ]);

    life.sent.push(...life.sent.slice(0, 1));
    expect(news()).toEqual(["ID was sent 2 times"]);

    const record = state.orders.get(entry?.clientId ?? "");
    record?.tradeIds.clear();
    expect(news()).toEqual([expect.stringMatching(/^execution \d+ is counted 0 times$/)]);
    state.failed.set("grid1", "a bug");
    expect(news()).toEqual(["engine grid1 has stopped: a bug"]);
  });
});
