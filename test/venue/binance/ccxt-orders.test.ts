import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Client, type Served, serveVenue } from "./served-venue.ts";

const BTC = "BTC/USDT:USDT";

describe("ccxt's binanceusdm trades on the venue", () => {
  let venue: Served;
  let client: Client;
  beforeEach(async () => {
    venue = await serveVenue();
    client = await venue.client();
    await client.loadMarkets();
  });
  afterEach(() => venue.close());

  it("finds both markets with their own steps and limits", () => {
    const { precision, limits, swap, linear, settle } = client.market(BTC);
    expect({ precision, swap, linear, settle }).toEqual({
      precision: { amount: 0.001, price: 0.1, base: 1e-8, quote: 1e-8, cost: undefined },
      swap: true,
      linear: true,
      settle: "USDT",
    });
    expect(limits.cost?.min).toBe(100);
    expect(client.market("ETH/USDT:USDT").precision.price).toBe(0.01);
    expect(client.symbols).toEqual([BTC, "ETH/USDT:USDT"]);
  });

  it("places, shows and cancels a limit order", async () => {
    const placed = await client.createOrder(BTC, "limit", "buy", 0.01, 49_000, {
      postOnly: true,
      clientOrderId: "rung1",
    });
    expect(placed).toMatchObject({
      clientOrderId: "rung1",
      status: "open",
      amount: 0.01,
      filled: 0,
      price: 49_000,
      postOnly: true,
    });
    expect((await client.fetchOpenOrders(BTC)).map((order) => order.id)).toEqual([placed.id]);
    const shown = await client.fetchOrder(String(placed.id), BTC);
    expect(shown.status).toBe("open");
    const byName = await client.fetchOrder("", BTC, { origClientOrderId: "rung1" });
    expect(byName.id).toBe(placed.id);
    expect((await client.cancelOrder(String(placed.id), BTC)).status).toBe("canceled");
    expect(await client.fetchOpenOrders(BTC)).toEqual([]);
    expect((await client.fetchOrder(String(placed.id), BTC)).status).toBe("canceled");
    await expect(client.cancelOrder(String(placed.id), BTC)).rejects.toThrow(/-2011/);
  });

  it("fills a market order at once and shows trade, position, balance and income", async () => {
    await client.setLeverage(3, BTC);
    await client.setMarginMode("isolated", BTC);
    const bought = await client.createOrder(BTC, "market", "buy", 0.01);
    expect(bought).toMatchObject({ status: "closed", filled: 0.01 });
    const [trade, ...moreTrades] = await client.fetchMyTrades(BTC);
    expect(moreTrades).toEqual([]);
    expect(trade).toMatchObject({
      order: bought.id,
      side: "buy",
      amount: 0.01,
      price: bought.average,
      takerOrMaker: "taker",
    });
    expect(trade?.fee?.cost).toBeCloseTo((bought.average ?? 0) * 0.01 * 0.0005, 6);
    const [position, ...more] = await client.fetchPositions();
    expect(more).toEqual([]);
    expect(position).toMatchObject({
      symbol: BTC,
      side: "long",
      contracts: 0.01,
      entryPrice: bought.average,
      marginMode: "isolated",
      hedged: false,
    });
    expect(position?.liquidationPrice).toBeGreaterThan(30_000);
    expect(position?.liquidationPrice).toBeLessThan(36_000);
    const balance = await client.fetchBalance();
    expect(balance["USDT"]?.total).toBeLessThan(10_000);
    expect(balance["USDT"]?.free).toBeLessThan(9_840);
    const leverages = await client.fetchLeverages([BTC]);
    expect(leverages[BTC]).toMatchObject({ longLeverage: 3, marginMode: "isolated" });
    const ledger = await client.fetchLedger("USDT");
    expect(ledger.map((line) => line.type).sort()).toEqual(["commission", "transfer"]);
  });

  it("runs a conditional order through its whole life", async () => {
    await client.createOrder(BTC, "market", "buy", 0.02);
    const stop = await client.createOrder(BTC, "market", "sell", 0.02, undefined, {
      stopLossPrice: 49_000,
      reduceOnly: true,
      workingType: "MARK_PRICE",
      clientOrderId: "stop1",
    });
    expect(stop).toMatchObject({
      status: "open",
      triggerPrice: 49_000,
      clientOrderId: "stop1",
      reduceOnly: true,
    });
    const target = await client.createOrder(BTC, "TAKE_PROFIT_MARKET", "sell", 0, undefined, {
      triggerPrice: 52_000,
      closePosition: true,
    });
    expect(await client.fetchOpenOrders(BTC)).toEqual([]);
    const waiting = await client.fetchOpenOrders(BTC, undefined, undefined, { trigger: true });
    expect(waiting.map((order) => order.id)).toEqual([stop.id, target.id]);
    await client.cancelOrder(String(target.id), BTC, { trigger: true });
    venue.move(489_900);
    const fired = await client.fetchOrder(String(stop.id), BTC, { trigger: true });
    expect(fired.info).toMatchObject({ algoStatus: "FINISHED", actualQty: "0.020", actualType: "MARKET" });
    const spawned = await client.fetchOrder(String(fired.info.actualOrderId), BTC);
    expect(spawned).toMatchObject({ status: "closed", filled: 0.02, clientOrderId: "stop1" });
    expect(await client.fetchPositions()).toEqual([]);
    const history = await client.fapiPrivateGetAllAlgoOrders({ symbol: "BTCUSDT" });
    expect(history.map((row: { algoStatus: string }) => row.algoStatus)).toEqual(["FINISHED", "CANCELED"]);
  });

  it("takes batches, and tells what was wrong with one of them", async () => {
    const placed = await client.createOrders([
      { symbol: BTC, type: "limit", side: "buy", amount: 0.01, price: 49_000 },
      { symbol: BTC, type: "limit", side: "buy", amount: 0.001, price: 49_000 },
      { symbol: BTC, type: "limit", side: "buy", amount: 0.01, price: 48_900 },
    ]);
    expect(placed.map((order) => [order.status, order.info.code])).toEqual([
      ["open", undefined],
      ["rejected", -4164],
      ["open", undefined],
    ]);
    const ids = placed.filter((order) => order.status === "open").map((order) => String(order.id));
    const cancelled = await client.cancelOrders(ids, BTC);
    expect(cancelled.map((order) => order.status)).toEqual(["canceled", "canceled"]);
    await client.createOrder(BTC, "limit", "buy", 0.01, 49_000);
    await client.createOrder(BTC, "market", "buy", 0.01, undefined, { triggerPrice: 51_000 });
    await client.cancelAllOrders(BTC);
    expect(await client.fetchOpenOrders(BTC)).toEqual([]);
    expect(await client.fetchOpenOrders(BTC, undefined, undefined, { trigger: true })).toHaveLength(1);
    await client.cancelAllOrders(BTC, { trigger: true });
    expect(await client.fetchOpenOrders(BTC, undefined, undefined, { trigger: true })).toEqual([]);
    const all = await client.fetchOrders(BTC);
    expect(all.map((order) => order.status)).toEqual(["canceled", "canceled", "canceled"]);
  });

  it("shows the market: ticker, book, candles, funding and tiers, all in market time", async () => {
    for (const price of [500_500, 499_500, 501_000]) venue.move(price);
    const at = venue.exchange.now();
    expect(at).toBeLessThan(Date.now() - 86_400_000);
    const ticker = await client.fetchTicker(BTC);
    expect(ticker).toMatchObject({ last: 50_100, open: 50_000, high: 50_100, low: 49_950, timestamp: at });
    const book = await client.fetchOrderBook(BTC, 5);
    expect(book.bids).toHaveLength(5);
    expect(book.asks[0]?.[0]).toBeGreaterThan(book.bids[0]?.[0] ?? Number.NaN);
    const candles = await client.fetchOHLCV(BTC, "1m");
    expect(candles).toEqual([[venue.exchange.now() - 3_000, 50_000, 50_100, 49_950, 50_100, 20]]);
    const funding = await client.fetchFundingRate(BTC);
    expect(funding).toMatchObject({ markPrice: 50_100, fundingRate: 0.0001 });
    const tiers = await client.fetchLeverageTiers([BTC]);
    expect((tiers[BTC] ?? []).map((tier) => tier.maxLeverage)).toEqual([125, 100]);
    expect(Math.abs(Number(await client.fetchTime()) - Date.now())).toBeLessThan(1_000);
  });

  it("moves isolated margin and switches to hedge mode and back", async () => {
    await client.setMarginMode("isolated", BTC);
    await client.createOrder(BTC, "market", "buy", 0.02);
    const before = (await client.fetchPositions())[0]?.collateral ?? Number.NaN;
    await client.addMargin(BTC, 100);
    const after = (await client.fetchPositions())[0]?.collateral ?? Number.NaN;
    expect(after - before).toBeCloseTo(100, 6);
    await expect(client.setPositionMode(true)).rejects.toThrow(/-4068/);
    await client.createOrder(BTC, "market", "sell", 0.02, undefined, { reduceOnly: true });
    await client.setPositionMode(true);
    await expect(client.setPositionMode(true)).rejects.toThrow(/-4059/);
    await client.createOrder(BTC, "market", "buy", 0.01, undefined, { positionSide: "LONG" });
    await client.createOrder(BTC, "market", "sell", 0.02, undefined, { positionSide: "SHORT" });
    const held = await client.fetchPositions();
    expect(held.map((each) => [each.side, each.contracts, each.hedged])).toEqual([
      ["long", 0.01, true],
      ["short", 0.02, true],
    ]);
  });

  it("places and cancels over the socket API", async () => {
    const placed = await client.createOrderWs(BTC, "limit", "buy", 0.01, 49_000, { clientOrderId: "ws1" });
    expect(placed).toMatchObject({ status: "open", clientOrderId: "ws1" });
    await expect(client.createOrderWs(BTC, "limit", "buy", 0.001, 49_000)).rejects.toThrow(/-4164/);
    expect((await client.cancelOrderWs(String(placed.id), BTC)).status).toBe("canceled");
  });
});
