import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { lots, ticks } from "../../../src/core/units.ts";
import type { OrderRequest } from "../../../src/venue/exchange.ts";
import { type Heard, KEY, type Served, serveVenue, until } from "./served-venue.ts";

const limitBuy = (price: number): OrderRequest => ({
  instrument: "BTCUSDT",
  clientId: "",
  side: "buy",
  positionSide: "both",
  kind: "limit",
  timeInForce: "GTC",
  price: ticks(price),
  lots: lots(10),
  reduceOnly: false,
});

describe("the sockets of the venue", () => {
  let venue: Served;
  beforeEach(async () => {
    venue = await serveVenue();
  });
  afterEach(() => venue.close());

  async function listenKey(): Promise<string> {
    const answer = await fetch(`${venue.server.url}/fapi/v1/listenKey`, {
      method: "POST",
      headers: { "X-MBX-APIKEY": KEY.apiKey },
    });
    return ((await answer.json()) as { listenKey: string }).listenKey;
  }

  it("carries the private stream in each form that clients use", async () => {
    const key = await listenKey();
    const plain = await venue.listen(`/private/ws?listenKey=${key}`);
    const path = await venue.listen(`/private/ws/${key}`);
    const legacy = await venue.listen(`/ws/${key}`);
    const combined = await venue.listen(`/private/stream?listenKey=${key}`);
    const subscribed = await venue.listen("/private/stream");
    subscribed.socket.send(JSON.stringify({ method: "SUBSCRIBE", params: [key], id: 3 }));
    await until(() => subscribed.heard.length === 1, "the subscription is confirmed");
    expect(subscribed.heard).toEqual([{ result: null, id: 3 }]);
    venue.exchange.place("main", limitBuy(490_000));
    const all = [plain, path, legacy, combined, subscribed];
    await until(
      () => all.every(({ heard }) => heard.length > 0) && subscribed.heard.length === 2,
      "all heard",
    );
    const [update] = plain.heard;
    expect(update).toMatchObject({
      e: "ORDER_TRADE_UPDATE",
      o: { x: "NEW", X: "NEW", p: "49000.0", q: "0.010" },
    });
    expect(path.heard).toEqual([update]);
    expect(legacy.heard).toEqual([update]);
    expect(combined.heard).toEqual([{ stream: key, data: update }]);
    expect(subscribed.heard[1]).toEqual({ stream: key, data: update });
  });

  it("tells nobody what happens on another account, nor with a key that was closed", async () => {
    const key = await listenKey();
    const { heard } = await venue.listen(`/private/ws?listenKey=${key}`);
    const strange = await venue.listen("/private/ws?listenKey=nobodys");
    venue.exchange.place("other", limitBuy(490_000));
    await fetch(`${venue.server.url}/fapi/v1/listenKey`, {
      method: "DELETE",
      headers: { "X-MBX-APIKEY": KEY.apiKey },
    });
    venue.exchange.place("main", limitBuy(490_000));
    await fetch(`${venue.server.url}/fapi/v1/ping`);
    expect([heard, strange.heard]).toEqual([[], []]);
  });

  it("tells money, leverage and margin as they change, with every key that Binance sends", async () => {
    const { heard } = await venue.listen(`/private/ws?listenKey=${await listenKey()}`);
    const { exchange } = venue;
    exchange.setMarginMode("main", "BTCUSDT", "isolated");
    exchange.setLeverage("main", "BTCUSDT", 50);
    exchange.place("main", limitBuy(510_000));
    exchange.changeIsolatedMargin("main", "BTCUSDT", "both", 100_000_000 as never);
    venue.move(491_500);
    venue.move(484_000);
    venue.move(470_000);
    const said = (name: string): Heard[] => heard.filter((message) => message["e"] === name);
    await until(() => said("ACCOUNT_UPDATE").length >= 4, "the liquidation is told");
    expect(said("ACCOUNT_CONFIG_UPDATE").map((message) => message["ac"])).toEqual([{ s: "BTCUSDT", l: 50 }]);
    expect(said("ACCOUNT_UPDATE").map((message) => (message["a"] as { m: string }).m)).toEqual([
      "ORDER",
      "MARGIN_TRANSFER",
      "ORDER",
      "INSURANCE_CLEAR",
    ]);
    const position = (said("ACCOUNT_UPDATE")[1]?.["a"] as { P: Heard[] } | undefined)?.P[0];
    expect(Object.keys(position ?? {})).toEqual(
      expect.arrayContaining(["s", "pa", "ep", "bep", "cr", "up", "mt", "iw", "ps"]),
    );
    expect(position).toMatchObject({ pa: "0.010", mt: "isolated", ps: "BOTH" });
    expect(said("MARGIN_CALL")[0]).toMatchObject({ p: [{ s: "BTCUSDT", ps: "BOTH", mt: "ISOLATED" }] });
    const forced = said("ORDER_TRADE_UPDATE").at(-1)?.["o"] as Heard;
    expect(forced).toMatchObject({ x: "CALCULATED", X: "FILLED", o: "LIQUIDATION", S: "SELL" });
    expect(String(forced["c"])).toMatch(/^autoclose-/);
    const keys =
      "s c S o f q p ap sp x X i M l z L N n T t b a m R wt ot ps cp AP cr pP si ss rp V pm gtd er";
    expect(Object.keys(forced).sort()).toEqual(keys.split(" ").sort());
  });

  it("numbers depth changes without a gap and sends partial books that fit them", async () => {
    const { heard } = await venue.listen("/public/stream?streams=btcusdt@depth@100ms/btcusdt@depth5@100ms");
    for (let step = 0; step < 20; step += 1) venue.move(500_000 + step * 7);
    const of = (stream: string): Heard[] =>
      heard.filter((message) => message["stream"] === stream).map((message) => message["data"] as Heard);
    await until(() => of("btcusdt@depth5@100ms").length >= 20, "all changes came");
    const changes = of("btcusdt@depth@100ms");
    for (const [at, change] of changes.entries()) {
      if (at > 0) expect(change["pu"]).toBe(changes[at - 1]?.["u"]);
      expect(change["U"]).toBe(Number(change["pu"]) + 1);
      expect(Number(change["u"])).toBeGreaterThanOrEqual(Number(change["U"]));
    }
    for (const partial of of("btcusdt@depth5@100ms")) {
      expect([partial["b"], partial["a"]].map((side) => (side as unknown[]).length)).toEqual([5, 5]);
    }
  });

  it("grows longer candles minute by minute and closes them once", async () => {
    const { heard } = await venue.listen("/market/ws/btcusdt@kline_3m");
    for (let second = 0; second < 200; second += 1) venue.move(500_000 + second);
    const closed = (): Heard[] =>
      heard.map((message) => message["k"] as Heard).filter((candle) => candle["x"] === true);
    await until(() => heard.length >= 200, "all candles came");
    expect(closed()).toHaveLength(1);
    const [shown] = venue.exchange.candles("BTCUSDT", 180_000, {});
    expect(closed()[0]).toMatchObject({
      t: shown?.openAt,
      T: shown?.closeAt,
      o: "50000.0",
      h: `${(shown?.high ?? 0) / 10}`,
      v: ((shown?.volume ?? 0) / 1000).toFixed(3),
    });
  });

  it("answers subscriptions, lists them, and keeps silent on streams that the path doesn't carry", async () => {
    const { socket, heard } = await venue.listen("/public/ws/0");
    const ask = async (request: unknown): Promise<Heard | undefined> => {
      const count = heard.length;
      socket.send(typeof request === "string" ? request : JSON.stringify(request));
      await until(() => heard.length > count, "the answer came");
      return heard[count];
    };
    const params = ["btcusdt@trade", "btcusdt@ticker"];
    expect(await ask({ method: "SUBSCRIBE", params, id: 1 })).toEqual({ result: null, id: 1 });
    expect(await ask({ method: "LIST_SUBSCRIPTIONS", id: 2 })).toEqual({ result: ["0", ...params], id: 2 });
    expect(await ask({ method: "DANCE", id: 4 })).toMatchObject({ error: { code: 2 }, id: 4 });
    expect(await ask("no json")).toMatchObject({ error: { code: 3 } });
    expect(await ask({ method: "SUBSCRIBE", params: "all", id: 5 })).toMatchObject({ error: { code: 2 } });
    venue.move(500_100);
    await until(() => heard.length >= 6, "the trade came");
    expect(heard.slice(5).map((message) => message["e"])).toEqual(["trade"]);
    await ask({ method: "UNSUBSCRIBE", params: ["btcusdt@trade"], id: 6 });
    venue.move(500_200);
    expect(await ask({ method: "LIST_SUBSCRIPTIONS", id: 7 })).toEqual({
      result: ["0", "btcusdt@ticker"],
      id: 7,
    });
  });

  it("drops sockets by kind and holds messages back when a test asks", async () => {
    const key = await listenKey();
    const own = await venue.listen(`/private/ws?listenKey=${key}`);
    const market = await venue.listen("/public/ws/btcusdt@trade");
    expect(venue.server.dropSockets("private")).toBe(1);
    await until(() => own.socket.readyState === 3, "the private socket is cut");
    venue.server.silence("market", true);
    venue.move(500_100);
    venue.server.silence("market", false);
    venue.move(500_200);
    await until(() => market.heard.length > 0, "the second trade came");
    expect(market.heard.map((message) => message["p"])).toEqual(["50020.0"]);
  });

  it("pings, and cuts a client that never answers", async () => {
    await venue.close();
    venue = await serveVenue({ socketLife: { pingMs: 5, silenceMs: 20 } });
    const answering = await venue.listen("/public/ws/btcusdt@trade");
    let pings = 0;
    answering.socket.on("ping", () => {
      pings += 1;
    });
    const dead = await venue.listen("/public/ws/btcusdt@trade");
    dead.socket.pong = () => {};
    await until(() => dead.socket.readyState === 3, "the silent client is cut");
    await until(() => pings > 5, "the other one is pinged on");
    expect(answering.socket.readyState).toBe(1);
  });
});
