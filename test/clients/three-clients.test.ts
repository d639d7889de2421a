import { describe, expect, it, vi } from "vitest";
import { lots } from "../../src/core/units.ts";
import type { Exchange } from "../../src/venue/exchange.ts";
import { type Served, serveVenue, until } from "../venue/binance/served-venue.ts";
import { ccxtTrader } from "./ccxt-trader.ts";
import { connectorTrader } from "./connector-trader.ts";
import { packageTrader } from "./package-trader.ts";
import { SCENES, type Scene } from "./scenario.ts";
import { type Heard, SYMBOL, type Trader, type View } from "./trader.ts";
import { Truth } from "./truth.ts";

/** What was seen and heard after each scene. */
interface Record {
  readonly title: string;
  readonly view: View;
  readonly heard: Heard;
}

describe("three clients that others wrote play one scenario and see what is", () => {
  const records = new Map<string, readonly Record[]>();

  it.each([
    ["ccxt", ccxtTrader],
    ["@binance/derivatives-trading-usds-futures", connectorTrader],
    ["binance", packageTrader],
  ])("%s agrees with the exchange after every step", async (name, open) => {
    // The package `binance` warns of every order id without its own prefix.
    vi.spyOn(console, "warn").mockImplementation(() => {});
    const venue = await serveVenue();
    const truth = new Truth(venue.exchange);
    const trader = await open(venue.server.port);
    try {
      records.set(name, await play(trader, venue, truth));
    } finally {
      await Promise.all([trader.close(), venue.close()]);
    }
  });

  it("they agree with each other, and the scenario had everything in it", () => {
    const [first, ...others] = [...records.values()];
    expect(others).toEqual([first, first]);
    const ends = Object.entries(first?.at(-1)?.heard.orders ?? {});
    expect(ends).toEqual([
      ["far", ["canceled", 0]],
      ["part", ["canceled", 0.005]],
      ["taken", ["closed", 0.015]],
      ["stop", ["closed", 0.02]],
      ["long", ["closed", 0.01]],
      ["short", ["closed", 0.006]],
      ["longOut", ["closed", 0.01]],
      ["shortOut", ["closed", 0.006]],
      ["risky", ["closed", 0.02]],
      ["autoclose", ["closed", 0.02]],
    ]);
    expect(first?.at(-1)?.heard.stops).toEqual({ stop: "closed", target: "canceled" });
    const of = (title: string): View | undefined => first?.find((each) => each.title === title)?.view;
    expect(of("is filled in part")?.order).toMatchObject({ status: "open", filled: 0.005, quantity: 0.02 });
    expect(of("goes short beside it")?.positions.map(({ side, quantity }) => [side, quantity])).toEqual([
      ["long", 0.01],
      ["short", 0.006],
    ]);
    const risky = of("buys with it")?.positions[0];
    expect(risky?.liquidation).toBeGreaterThan(47_500);
    expect(risky?.liquidation).toBeLessThan(risky?.entry ?? 0);
    expect(of("is liquidated")?.positions).toEqual([]);
  });
});

/** Plays all scenes; after each one the client must see and have heard what the exchange knows. */
async function play(trader: Trader, venue: Served, truth: Truth): Promise<readonly Record[]> {
  const records: Record[] = [];
  let orderId: string | undefined;
  let stopId: string | undefined;
  for (const scene of SCENES) {
    const code = await perform(scene, trader, venue);
    expect([scene.title, code]).toEqual([scene.title, scene.refusedWith]);
    if (scene.refusedWith === undefined && "does" in scene) {
      if (scene.does === "place") orderId = scene.order.id;
      else if (scene.does === "placeStop") stopId = scene.stop.id;
    }
    const view = await trader.look(orderId, stopId);
    expect([scene.title, view]).toEqual([scene.title, truth.view(orderId, stopId)]);
    const same = (): boolean => JSON.stringify(trader.heard()) === JSON.stringify(truth.heard());
    await until(same, "the private stream").catch(() => {});
    expect([scene.title, trader.heard()]).toEqual([scene.title, truth.heard()]);
    records.push({ title: scene.title, view, heard: structuredClone(trader.heard()) });
  }
  return records;
}

/** Does what a scene says; the number of the refusal, if it was refused. */
async function perform(scene: Scene, trader: Trader, venue: Served): Promise<number | undefined> {
  if ("happens" in scene) {
    happen(scene, venue);
    return undefined;
  }
  return act(scene, trader, venue.exchange).then(
    () => undefined,
    (error: unknown) => trader.codeOf(error),
  );
}

function happen(scene: Extract<Scene, { happens: string }>, { exchange, move }: Served): void {
  if (scene.happens === "prices") for (const price of scene.to) move(price * 10);
  else {
    exchange.place("other", {
      instrument: SYMBOL,
      clientId: "",
      side: "sell",
      positionSide: "both",
      kind: "market",
      timeInForce: "GTC",
      lots: lots(scene.quantity * 1_000),
      reduceOnly: false,
    });
  }
}

function act(scene: Extract<Scene, { does: string }>, trader: Trader, exchange: Exchange): Promise<unknown> {
  switch (scene.does) {
    case "leverage":
      return trader.setLeverage(scene.to);
    case "isolate":
      return trader.setIsolated();
    case "hedge":
      return trader.setHedge(scene.isOn);
    case "place": {
      const { price, ...order } = scene.order;
      if (price === undefined) return trader.place(order);
      const best = (exchange.depth(SYMBOL, 1).bids[0]?.price ?? 0) / 10;
      return trader.place({ ...order, price: price === "bid" ? best : price });
    }
    case "amend":
      return trader.amend(scene.order);
    case "cancel":
      return trader.cancel(scene.id);
    case "placeStop":
      return trader.placeStop(scene.stop);
    case "cancelStop":
      return trader.cancelStop(scene.id);
  }
}
