import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { millis } from "../../../src/core/units.ts";
import { until } from "../binance/served-venue.ts";
import { type Client, type ServedBybit, serveBybit } from "./served-bybit.ts";

const BTC = "BTC/USDT:USDT";

describe("ccxt's bybit watches the venue", () => {
  let venue: ServedBybit;
  let client: Client;
  beforeEach(async () => {
    venue = await serveBybit({ rules: { fundingIntervalMs: 60_000 } });
    client = await venue.client();
    await client.loadMarkets();
  });
  afterEach(() => venue.close());

  it("follows a book through its changes, equal to the exchange's own", async () => {
    const first = await client.watchOrderBook(BTC, 50);
    expect(first.bids[0]?.[0]).toBeLessThan(first.asks[0]?.[0] ?? Number.NaN);
    for (const price of [500_300, 499_000, 500_700]) {
      const next = client.watchOrderBook(BTC, 50);
      venue.move(price);
      const book = await next;
      const own = venue.usdt.depth("BTCUSDT", 5);
      expect(book.bids.slice(0, 5).map(([at]) => at)).toEqual(own.bids.map((level) => level.price / 10));
      expect(book.asks.slice(0, 5).map(([, size]) => size)).toEqual(
        own.asks.map((level) => level.lots / 1000),
      );
    }
  });

  it("follows the ticker: a message tells what changed, the rest stays", async () => {
    const first = await client.watchTicker(BTC);
    expect(first.last).toBe(50_000);
    let last = first;
    const watching = (async () => {
      while (last.info["markPrice"] !== "50070.00" && Number(last.info["markPrice"]) !== 50_070) {
        last = await client.watchTicker(BTC);
      }
    })();
    venue.move(500_700);
    await watching;
    expect(Number(last.info["markPrice"])).toBe(50_070);
    expect(last.info["fundingRate"]).toBe("0.00010000");
  });

  it("hears of its orders, fills, positions and wallet", async () => {
    const orders = client.watchOrders();
    const trades = client.watchMyTrades();
    const positions = client.watchPositions();
    const balance = client.watchBalance();
    for (const topic of ["order", "execution", "position", "wallet"]) {
      await until(() => venue.isHeard(topic), `ccxt listens to ${topic}`);
    }
    const placed = await client.createOrder(BTC, "limit", "buy", 0.01, 50_100, { clientOrderId: "seen" });
    const [fill] = await trades;
    expect(fill).toMatchObject({ order: placed.id, amount: 0.01, side: "buy" });
    expect(fill?.info).toMatchObject({ execType: "Trade", orderLinkId: "seen", execPnl: "0" });
    expect((await orders).map(({ clientOrderId }) => clientOrderId)).toContain("seen");
    const [position] = await positions;
    expect(position).toMatchObject({ symbol: BTC, side: "long", contracts: 0.01 });
    const wallet = (await balance)["USDT"];
    expect(wallet?.total).toBeLessThan(10_000);
  });

  it("tells of a liquidation as a bust trade of an order that nobody placed", async () => {
    await client.setMarginMode("isolated", BTC);
    await client.setLeverage(25, BTC);
    await client.createOrder(BTC, "market", "buy", 0.1);
    const trades = client.watchMyTrades();
    await until(() => venue.isHeard("execution"), "ccxt listens");
    venue.move(470_000);
    const [bust] = await trades;
    expect(bust?.info).toMatchObject({ execType: "BustTrade", createType: "CreateByLiq", orderLinkId: "" });
    expect(await client.fetchPositions()).toEqual([]);
    const [liquidation] = await client.fetchMyLiquidations(BTC);
    expect(liquidation).toMatchObject({ symbol: BTC, contracts: bust?.amount });
  });

  it("tells of funding as an execution, and lists it", async () => {
    await client.createOrder(BTC, "market", "buy", 0.1);
    const { nextFundingAt } = venue.usdt.mark("BTCUSDT");
    while (venue.usdt.now() < nextFundingAt) venue.usdt.step(millis(nextFundingAt));
    const [paid, ...more] = await client.fetchFundingHistory(BTC);
    expect(more).toEqual([]);
    expect(paid?.amount).toBeCloseTo(0.5, 6);
    expect(venue.usdt.balance("main").funding).toBe(-50_000_000);
    const log = await client.fetchLedger("USDT");
    expect(log.map(({ info }) => info["type"])).toEqual(["TRADE", "TRANSFER_IN", "SETTLEMENT"]);
  });
});
