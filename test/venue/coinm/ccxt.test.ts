import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { millis } from "../../../src/core/units.ts";
import { bracketsFor, instrumentsOf } from "../../../src/venue/instruments.ts";
import { until } from "../binance/served-venue.ts";
import { type CoinmClient, coinmClient, type ServedCoinm, serveCoinm } from "./served-coinm.ts";

const BTC = "BTC/USD:BTC";
const ETH = "ETH/USD:ETH";
const COIN = 100_000_000;

/** What ccxt says must be what the exchange holds. */
describe("ccxt's unified COIN-M client and the venue agree", () => {
  let venue: ServedCoinm;
  let client: CoinmClient;
  beforeEach(async () => {
    venue = await serveCoinm();
    client = await coinmClient(venue.served.server.port);
    await client.loadMarkets();
  });
  afterEach(async () => {
    await client.close().catch(() => {});
    await venue.close();
  });

  it("about the contracts: inverse, counted in dollars, settled in their coin", () => {
    const shown = [BTC, ETH].map((symbol) => client.market(symbol));
    expect(
      shown.map(({ id, inverse, contractSize, settle, active }) => [
        id,
        inverse,
        contractSize,
        settle,
        active,
      ]),
    ).toEqual([
      ["BTCUSD_PERP", true, 100, "BTC", true],
      ["ETHUSD_PERP", true, 10, "ETH", true],
    ]);
    expect(shown[0]?.precision).toMatchObject({ price: 0.1, amount: 1 });
    expect(client.symbols).toEqual([BTC, ETH]);
  });

  it("about tiers, prices, candles and the book", async () => {
    const tiers = await client.fetchLeverageTiers([BTC]);
    expect(
      tiers[BTC]?.map(({ minNotional, maxNotional, maxLeverage }) => [minNotional, maxNotional, maxLeverage]),
    ).toEqual([
      [0, 5, 125],
      [5, 10, 100],
    ]);
    for (const price of [500_500, 499_000]) venue.move(price);
    const ticker = await client.fetchTicker(BTC);
    expect(ticker).toMatchObject({ symbol: BTC, last: 49_900 });
    const book = await client.fetchOrderBook(BTC, 5);
    const own = venue.btc.depth("BTCUSD_PERP", 5);
    expect(book.bids[0]).toEqual([(own.bids[0]?.price ?? 0) / 10, own.bids[0]?.lots]);
    const [candle] = await client.fetchOHLCV(BTC, "1m");
    expect(candle?.slice(1, 5)).toEqual([50_000, 50_050, 49_900, 49_900]);
    expect(await client.fetchFundingRate(BTC)).toMatchObject({ markPrice: 49_900, fundingRate: 0.0001 });
  });

  it("about an order from resting to cancelled", async () => {
    const order = await client.createOrder(BTC, "limit", "buy", 3, 49_000, { clientOrderId: "hand1" });
    expect(order).toMatchObject({
      clientOrderId: "hand1",
      amount: 3,
      price: 49_000,
      status: "open",
      filled: 0,
    });
    const [open, ...more] = await client.fetchOpenOrders(BTC);
    expect(more).toEqual([]);
    expect(open?.id).toBe(order.id);
    expect(venue.btc.openOrders("main").map(({ request }) => [request.price, request.lots])).toEqual([
      [490_000, 3],
    ]);
    expect(venue.eth.openOrders("main")).toEqual([]);
    await client.cancelOrder(order.id ?? "", BTC);
    expect(venue.btc.openOrders("main")).toEqual([]);
    expect((await client.fetchOrder(order.id ?? "", BTC)).status).toBe("canceled");
  });

  it("about positions in two coins, their margin and their wallets", async () => {
    await client.setLeverage(3, BTC);
    await client.setMarginMode("isolated", BTC);
    await client.createOrder(BTC, "market", "buy", 10);
    await client.createOrder(ETH, "market", "sell", 50);
    const positions = await client.fetchPositions();
    const held = new Map(positions.filter(({ contracts }) => contracts).map((each) => [each.symbol, each]));
    const [btc] = venue.btc.positions("main");
    const [eth] = venue.eth.positions("main");
    expect(held.get(BTC)).toMatchObject({
      side: "long",
      contracts: 10,
      contractSize: 100,
      marginMode: "isolated",
      leverage: 3,
      markPrice: 50_000,
      collateral: ((btc?.isolatedWallet ?? 0) + (btc?.unrealized ?? 0)) / COIN,
      unrealizedPnl: (btc?.unrealized ?? 0) / COIN,
      liquidationPrice: (btc?.liquidation ?? 0) / 10,
    });
    // 1,000 dollars at 50,000 are 0.02 coins; entry is what was paid.
    expect(held.get(BTC)?.notional).toBeCloseTo(0.02, 8);
    expect(held.get(BTC)?.entryPrice).toBeCloseTo((10 * 100 * COIN) / Math.abs(btc?.cost ?? 1), 6);
    expect(held.get(ETH)).toMatchObject({ side: "short", contracts: 50, marginMode: "cross", leverage: 20 });
    expect(held.get(ETH)?.unrealizedPnl).toBe((eth?.unrealized ?? 0) / COIN);
    const balance = await client.fetchBalance();
    for (const [asset, exchange] of [
      ["BTC", venue.btc],
      ["ETH", venue.eth],
    ] as const) {
      const own = exchange.balance("main");
      expect(balance[asset]).toMatchObject({
        total: (own.wallet + own.unrealized) / COIN,
        free: own.available / COIN,
      });
      expect(own.fees).toBeGreaterThan(0);
    }
  });

  it("about executions: contracts at a price, fee and profit in the coin", async () => {
    await client.createOrder(BTC, "market", "buy", 10);
    venue.move(510_000);
    await client.createOrder(BTC, "market", "sell", 10, undefined, { reduceOnly: true });
    const trades = await client.fetchMyTrades(BTC);
    const own = venue.btc.trades("main", {});
    expect(
      trades.map(({ id, side, amount, price, fee, info }) => [
        id,
        side,
        amount,
        price,
        fee?.cost,
        info["realizedPnl"],
      ]),
    ).toEqual(
      own.map((trade) => [
        String(trade.tradeId),
        trade.side,
        trade.lots,
        trade.price / 10,
        trade.fee / COIN,
        (trade.realized / COIN).toFixed(8),
      ]),
    );
    const [last] = own.slice(-1);
    expect(last?.realized).toBeGreaterThan(0);
    expect(venue.btc.validate()).toEqual([]);
  });

  it("about a stop: it waits in the algo service, is found there, and becomes an order", async () => {
    await client.createOrder(ETH, "market", "buy", 20);
    const stop = { triggerPrice: 2_400, reduceOnly: true, clientAlgoId: "stop1" };
    const placed = await client.createOrder(ETH, "market", "sell", 20, undefined, stop);
    const [waiting] = venue.eth.openConditionals("main");
    expect(waiting).toMatchObject({ clientId: "stop1", request: { trigger: 240_000, lots: 20 } });
    expect(await client.fetchOpenOrders(ETH, undefined, undefined, { trigger: true })).toMatchObject([
      { id: placed.id, triggerPrice: 2_400 },
    ]);
    const other = await client.createOrder(BTC, "market", "sell", 1, undefined, { triggerPrice: 40_000 });
    // The numbers of the coins' conditional orders are told apart: cancelling one leaves the other.
    await client.cancelOrder(other.id ?? "", BTC, { trigger: true });
    expect([venue.btc, venue.eth].map((exchange) => exchange.openConditionals("main").length)).toEqual([
      0, 1,
    ]);
    venue.move(239_000, "ETHUSD_PERP");
    expect(venue.eth.positions("main").filter(({ lots }) => lots !== 0)).toEqual([]);
    expect(await client.fetchOpenOrders(ETH, undefined, undefined, { trigger: true })).toEqual([]);
    expect((await client.fetchMyTrades(ETH)).at(-1)).toMatchObject({ side: "sell", amount: 20 });
  });

  it("about one position mode for all coins: all change, or none", async () => {
    await client.setPositionMode(true);
    expect([venue.btc, venue.eth].map((exchange) => exchange.isHedgeMode("main"))).toEqual([true, true]);
    await client.createOrder(ETH, "market", "buy", 5, undefined, { positionSide: "LONG" });
    await expect(client.setPositionMode(false)).rejects.toThrow(/-4068/);
    expect([venue.btc, venue.eth].map((exchange) => exchange.isHedgeMode("main"))).toEqual([true, true]);
  });

  it("about refusals, by Binance's codes", async () => {
    await expect(client.createOrder(BTC, "limit", "buy", 1, 60_000)).rejects.toThrow(/-4016/);
    await expect(
      client.createOrder(BTC, "market", "sell", 1, undefined, { reduceOnly: true }),
    ).rejects.toThrow(/-2022/);
    await expect(client.createOrder(BTC, "limit", "buy", 1, 50_500, { postOnly: true })).rejects.toThrow(
      /-5022/,
    );
    await expect(client.fetchOrder("77", BTC)).rejects.toThrow(/-2013/);
    await expect(client.dapiPrivateGetOrder({ symbol: "BTCUSDT", orderId: 1 })).rejects.toThrow(/-1121/);
    await expect(client.dapiPrivateGetOrder({ orderId: 1 })).rejects.toThrow(/-1102.*symbol/);
  });

  it("about several orders at once, each in its own coin", async () => {
    const orders = await client.createOrders([
      { symbol: BTC, type: "limit", side: "buy", amount: 2, price: 49_000 },
      { symbol: ETH, type: "limit", side: "sell", amount: 7, price: 2_550 },
      { symbol: BTC, type: "limit", side: "buy", amount: 2, price: 60_000 },
    ]);
    expect(orders.map(({ symbol, status }) => [symbol, status])).toEqual([
      [BTC, "open"],
      [ETH, "open"],
      [undefined, "rejected"],
    ]);
    expect(venue.btc.openOrders("main")).toHaveLength(1);
    expect(venue.eth.openOrders("main")).toHaveLength(1);
  });

  it("about what the streams tell: executions, wallets, prices, the book", async () => {
    const trades = client.watchMyTrades(BTC);
    await up(1);
    await client.createOrder(BTC, "market", "buy", 4);
    expect((await trades)[0]).toMatchObject({
      symbol: BTC,
      side: "buy",
      amount: 4,
      fee: { currency: "BTC" },
    });
    const balance = client.watchBalance();
    await client.createOrder(ETH, "market", "buy", 3);
    expect((await balance)["ETH"]?.total).toBe(venue.eth.balance("main").wallet / COIN);
    const ticker = client.watchTicker(BTC);
    await up(2);
    const moving = setInterval(() => venue.move(500_200), 5);
    try {
      expect(await ticker).toMatchObject({ symbol: BTC, last: 50_020 });
    } finally {
      clearInterval(moving);
    }
  });

  /** Waits until so many sockets are open. */
  const up = (count: number): Promise<void> =>
    until(() => {
      const sockets = Object.values(client.clients) as unknown as { connection?: { readyState: number } }[];
      return sockets.filter(({ connection }) => connection?.readyState === 1).length >= count;
    }, `${count} sockets are open`);

  it("about a liquidation: the exchange closes the position under its own name", async () => {
    await client.setLeverage(50, BTC);
    await client.setMarginMode("isolated", BTC);
    await client.createOrder(BTC, "market", "buy", 1_000);
    const [held] = venue.btc.positions("main");
    venue.move((held?.liquidation ?? 0) - 10);
    expect(venue.btc.positions("main").filter((each) => each.lots !== 0)).toEqual([]);
    const orders = await client.fetchOrders(BTC);
    expect(orders.at(-1)?.clientOrderId).toMatch(/^autoclose-/);
    const forced = (await client.fetchMyTrades(BTC)).at(-1);
    expect(forced).toMatchObject({ side: "sell" });
    expect(Number(forced?.info["realizedPnl"])).toBeLessThan(0);
    expect(venue.btc.validate()).toEqual([]);
    expect(venue.btc.orderHistory("main", { from: millis(0) }).at(-1)?.origin).toBe("liquidation");
  });
});

describe("the COIN-M contracts that ship", () => {
  it("are served as they are, each in the exchange of its own coin", async () => {
    const shipped = instrumentsOf("binancecoinm");
    const brackets = bracketsFor("binancecoinm");
    const venue = await serveCoinm({}, { instruments: shipped, brackets });
    const client = await coinmClient(venue.served.server.port);
    try {
      await client.loadMarkets();
      const tiers = await client.fetchLeverageTiers();
      for (const instrument of shipped) {
        const symbol = `${instrument.base}/USD:${instrument.settle}`;
        expect(client.market(symbol)).toMatchObject({
          id: instrument.id,
          contractSize: instrument.unit / COIN,
          precision: { price: Number(instrument.tick.text), amount: 1 },
        });
        expect(tiers[symbol]?.map(({ maxNotional, maxLeverage }) => [maxNotional, maxLeverage])).toEqual(
          brackets[instrument.id]?.map(({ cap, leverageMax }) => [cap / COIN, leverageMax]),
        );
      }
    } finally {
      await client.close().catch(() => {});
      await venue.close();
    }
  });
});
