import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Client, type Heard, type Served, serveVenue, until } from "./served-venue.ts";

const BTC = "BTC/USDT:USDT";

describe("ccxt's binanceusdm watches the venue", () => {
  let venue: Served;
  let client: Client;
  beforeEach(async () => {
    venue = await serveVenue();
    client = await venue.client();
    await client.loadMarkets();
  });
  afterEach(() => venue.close());

  /** The message as it came, in front of ccxt's own handling. */
  function overhear(): Heard[] {
    const heard: Heard[] = [];
    const handle = client.handleMessage.bind(client);
    client.handleMessage = (socket: Parameters<Client["handleMessage"]>[0], message: Heard) => {
      heard.push(message);
      return handle(socket, message);
    };
    return heard;
  }

  /** Private streams lose nothing only once the socket is up. */
  async function watching(): Promise<void> {
    await until(isPrivateUp, "the private stream is up");
  }
  const isPrivateUp = (): boolean =>
    Object.values(client.clients).some(
      (each) =>
        (each as { url: string; connection?: { readyState: number } }).url.includes("/private/") &&
        (each as { connection?: { readyState: number } }).connection?.readyState === 1,
    );

  it("hears an order's life, its fills and the balance", async () => {
    const heard = overhear();
    const orders = client.watchOrders();
    await watching();
    const placed = await client.createOrder(BTC, "limit", "buy", 0.01, 49_000, { postOnly: true });
    expect((await orders).map((order) => [order.id, order.status])).toEqual([[placed.id, "open"]]);
    const trades = client.watchMyTrades(BTC);
    const balance = client.watchBalance();
    venue.move(489_900);
    const [fill] = await trades;
    expect(fill).toMatchObject({ order: placed.id, amount: 0.01, price: 49_000, takerOrMaker: "maker" });
    expect(fill?.fee?.cost).toBeCloseTo(49_000 * 0.01 * 0.0002, 8);
    expect((await balance)["USDT"]?.total).toBeCloseTo(10_000 - 0.098, 6);
    const names = heard.map((message) => message["e"]).filter((name) => typeof name === "string");
    expect(names).toEqual(["ORDER_TRADE_UPDATE", "ACCOUNT_UPDATE", "TRADE_LITE", "ORDER_TRADE_UPDATE"]);
    const stamps = heard.filter((message) => "E" in message).map((message) => message["E"]);
    expect(new Set(stamps).size).toBe(2);
    for (const stamp of stamps) expect(stamp).toBeLessThanOrEqual(venue.exchange.now());
  });

  it("hears a conditional order trigger, and which order came of it", async () => {
    await client.createOrder(BTC, "market", "buy", 0.01);
    const heard = overhear();
    client.watchOrders().catch(() => {});
    await watching();
    await client.createOrder(BTC, "market", "sell", 0.01, undefined, {
      stopLossPrice: 49_000,
      reduceOnly: true,
    });
    venue.move(489_000);
    const algo = (): Record<string, unknown>[] =>
      heard
        .filter((message) => message["e"] === "ALGO_UPDATE")
        .map((message) => message["o"] as Record<string, unknown>);
    await until(() => algo().at(-1)?.["X"] === "FINISHED", "the conditional order is finished");
    expect(algo().map((update) => update["X"])).toEqual(["NEW", "TRIGGERING", "TRIGGERED", "FINISHED"]);
    const spawned = heard
      .filter((message) => message["e"] === "ORDER_TRADE_UPDATE")
      .map((message) => message["o"] as Record<string, unknown>)
      .at(-1);
    expect(algo().at(-1)?.["ai"]).toBe(String(spawned?.["i"]));
    expect(spawned).toMatchObject({ X: "FILLED", x: "TRADE", o: "MARKET", R: true });
  });

  it("hears ticker, trades, candles, mark price and best prices", async () => {
    const heard = Promise.all([
      client.watchTicker(BTC),
      client.watchTrades(BTC),
      client.watchOHLCV(BTC, "5m"),
      client.watchMarkPrice(BTC),
      client.watchBidsAsks([BTC]),
    ]);
    heard.catch(() => {});
    let price = 500_000;
    const moving = setInterval(() => {
      price += 10;
      venue.move(price);
    }, 2);
    const [ticker, trades, candles, mark, tops] = await heard.finally(() => clearInterval(moving));
    expect(ticker.last).toBeGreaterThan(50_000);
    expect(trades[0]).toMatchObject({ symbol: BTC, side: "buy", amount: 5 });
    expect(candles[0]?.[0]).toBe(Math.floor(venue.exchange.now() / 300_000) * 300_000);
    expect(mark.markPrice).toBeGreaterThan(50_000);
    expect(tops[BTC]?.bid).toBeLessThan(tops[BTC]?.ask ?? 0);
  });

  it("keeps ccxt's order book equal to the venue's through every change", async () => {
    const first = client.watchOrderBook(BTC, 20);
    const moving = setInterval(() => venue.move(500_000 + Math.round(Math.sin(performance.now()) * 300)), 2);
    await first;
    for (let changes = 0; changes < 30; changes += 1) await client.watchOrderBook(BTC, 20);
    clearInterval(moving);
    const { lastUpdateId } = venue.exchange.depth("BTCUSDT", 20);
    await until(() => client.orderbooks[BTC]?.nonce === lastUpdateId, "the last change is in");
    const { bids, asks } = venue.exchange.depth("BTCUSDT", 20);
    const rows = (side: typeof bids): number[][] =>
      side.map((level) => [level.price / 10, level.lots / 1000]);
    const book = client.orderbooks[BTC];
    expect([...(book?.bids ?? [])]).toEqual(rows(bids));
    expect([...(book?.asks ?? [])]).toEqual(rows(asks));
  });

  it("falls silent after its listen key expired", async () => {
    const heard = overhear();
    client.watchOrders().catch(() => {});
    await watching();
    venue.server.expireListenKeys();
    await until(() => heard.length > 0, "the expiry is told");
    await client.createOrder(BTC, "limit", "buy", 0.01, 49_000);
    await client.fetchTime();
    expect(heard.map((message) => message["e"])).toEqual(["listenKeyExpired"]);
    await expect(client.fapiPrivatePutListenKey()).rejects.toThrow(/-1125/);
    const { listenKey } = await client.fapiPrivatePostListenKey();
    expect(listenKey).toMatch(/^[0-9a-f]{64}$/);
  });
});
