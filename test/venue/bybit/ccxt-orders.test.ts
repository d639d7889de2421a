import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Client, type ServedBybit, serveBybit } from "./served-bybit.ts";

const BTC = "BTC/USDT:USDT";
const INVERSE = "BTC/USD:BTC";

describe("ccxt's bybit trades on the venue", () => {
  let venue: ServedBybit;
  let client: Client;
  beforeEach(async () => {
    venue = await serveBybit();
    client = await venue.client();
    await client.loadMarkets();
  });
  afterEach(() => venue.close());

  it("finds the markets with their own steps and limits", () => {
    expect([...(client.symbols ?? [])].sort()).toEqual([INVERSE, BTC, "ETH/USDT:USDT"]);
    const { precision, limits, linear, settle } = client.market(BTC);
    expect({ amount: precision.amount, price: precision.price, linear, settle }).toEqual({
      amount: 0.001,
      price: 0.1,
      linear: true,
      settle: "USDT",
    });
    expect(limits.cost?.min).toBe(100);
    const { inverse, contractSize } = client.market(INVERSE);
    expect({ inverse, contractSize }).toEqual({ inverse: true, contractSize: 1 });
  });

  it("places, shows and cancels a limit order", async () => {
    const placed = await client.createOrder(BTC, "limit", "buy", 0.01, 49_000, {
      postOnly: true,
      clientOrderId: "rung1",
    });
    const [own, ...more] = venue.usdt.openOrders("main");
    expect(more).toEqual([]);
    expect(own).toMatchObject({
      clientId: "rung1",
      request: { price: 490_000, lots: 10, timeInForce: "GTX" },
    });
    const [open, ...others] = await client.fetchOpenOrders(BTC);
    expect(others).toEqual([]);
    expect(open).toMatchObject({
      id: placed.id,
      clientOrderId: "rung1",
      status: "open",
      side: "buy",
      amount: 0.01,
      filled: 0,
      price: 49_000,
      timeInForce: "PO",
    });
    await client.cancelOrder(String(placed.id), BTC);
    expect(await client.fetchOpenOrders(BTC)).toEqual([]);
    expect(venue.usdt.openOrders("main")).toEqual([]);
    const shown = await client.fetchOrder(String(placed.id), BTC, { acknowledged: true });
    expect(shown).toMatchObject({ status: "canceled", info: { cancelType: "CancelByUser" } });
    const [cancelled] = await client.fetchCanceledOrders(BTC);
    expect(cancelled?.id).toBe(placed.id);
    await expect(client.cancelOrder(String(placed.id), BTC)).rejects.toThrow(/110001/);
  });

  it("fills a market order at once and shows trade, position and balance as the exchange has them", async () => {
    await client.setMarginMode("isolated", BTC);
    await client.setLeverage(3, BTC);
    const { id } = await client.createOrder(BTC, "market", "buy", 0.01);
    const bought = await client.fetchClosedOrder(String(id), BTC);
    expect(bought).toMatchObject({ status: "closed", filled: 0.01, remaining: 0 });
    const [trade, ...moreTrades] = await client.fetchMyTrades(BTC);
    expect(moreTrades).toEqual([]);
    expect(trade).toMatchObject({ order: id, side: "buy", amount: 0.01, takerOrMaker: "taker" });
    expect(trade?.price).toBe(bought.average);
    expect(trade?.fee?.cost).toBeCloseTo((bought.average ?? 0) * 0.01 * 0.00055, 6);
    const [position, ...more] = await client.fetchPositions();
    expect(more).toEqual([]);
    const [own] = venue.usdt.positions("main").filter((each) => each.lots !== 0);
    expect(position).toMatchObject({
      symbol: BTC,
      side: "long",
      contracts: 0.01,
      entryPrice: bought.average,
      leverage: 3,
      hedged: false,
    });
    expect(position?.liquidationPrice).toBeCloseTo((own?.liquidation ?? 0) / 10, 6);
    const { info } = await client.fetchBalance();
    const coins: readonly { coin: string; walletBalance: string }[] = info.result.list[0].coin;
    const usdt = coins.find(({ coin }) => coin === "USDT");
    expect(Number(usdt?.walletBalance)).toBeCloseTo(venue.usdt.balance("main").wallet / 1e8, 8);
    expect(venue.usdt.marginMode("main", "ETHUSDT")).toBe("isolated");
    expect(venue.btc.marginMode("main", "BTCUSD")).toBe("isolated");
  });

  it("runs a conditional order through its whole life under one id", async () => {
    await client.createOrder(BTC, "market", "buy", 0.02);
    const stop = await client.createOrder(BTC, "market", "sell", 0.02, undefined, {
      stopLossPrice: 49_000,
      triggerBy: "MarkPrice",
      clientOrderId: "stop1",
    });
    const target = await client.createOrder(BTC, "limit", "sell", 0.02, 52_000, {
      triggerPrice: 51_900,
      triggerDirection: "ascending",
      reduceOnly: true,
    });
    const waiting = await client.fetchOpenOrders(BTC, undefined, undefined, { trigger: true });
    expect(waiting.map(({ id, triggerPrice, reduceOnly }) => [id, triggerPrice, reduceOnly]).sort()).toEqual(
      [
        [stop.id, 49_000, true],
        [target.id, 51_900, true],
      ].sort(),
    );
    await client.cancelOrder(String(target.id), BTC);
    venue.move(489_900);
    const fired = await client.fetchOrder(String(stop.id), BTC, { acknowledged: true });
    expect(fired).toMatchObject({ status: "closed", filled: 0.02, clientOrderId: "stop1" });
    expect(fired.info).toMatchObject({ stopOrderType: "Stop", createType: "CreateByStopOrder" });
    const ended = await client.fetchOrder(String(target.id), BTC, { acknowledged: true });
    expect(ended.info).toMatchObject({ orderStatus: "Deactivated", cancelType: "CancelByUser" });
    expect(await client.fetchPositions()).toEqual([]);
    expect(venue.usdt.openConditionals("main")).toEqual([]);
    const [closed] = await client.fetchPositionsHistory();
    expect(closed?.info["closedPnl"]).toMatch(/^-/);
  });

  it("accepts a post-only order that would take and cancels it then", async () => {
    const placed = await client.createOrder(BTC, "limit", "buy", 0.01, 50_100, { postOnly: true });
    const shown = await client.fetchOrder(String(placed.id), BTC, { acknowledged: true });
    expect(shown).toMatchObject({ status: "canceled", filled: 0 });
    expect(shown.info["rejectReason"]).toBe("EC_PostOnlyWillTakeLiquidity");
    expect(venue.usdt.orderHistory("main", {})).toEqual([]);
    const [listed] = await client.fetchCanceledOrders(BTC);
    expect(listed?.id).toBe(placed.id);
  });

  it("amends a resting order, which keeps its id", async () => {
    const placed = await client.createOrder(BTC, "limit", "buy", 0.01, 49_000, { clientOrderId: "moved" });
    await client.editOrder(String(placed.id), BTC, "limit", "buy", 0.02, 48_500);
    expect(venue.usdt.openOrders("main")).toMatchObject([
      { clientId: "moved", request: { price: 485_000, lots: 20 } },
    ]);
    expect(await client.fetchOpenOrders(BTC)).toMatchObject([{ id: placed.id, price: 48_500, amount: 0.02 }]);
    await client.cancelOrders([String(placed.id)], BTC);
    await expect(client.editOrder(String(placed.id), BTC, "limit", "buy", 0.02, 48_600)).rejects.toThrow(
      /110001/,
    );
  });

  it("takes batches, and tells what was wrong with one of them", async () => {
    const placed = await client.createOrders([
      {
        symbol: BTC,
        type: "limit",
        side: "buy",
        amount: 0.01,
        price: 49_000,
        params: { clientOrderId: "b1" },
      },
      { symbol: BTC, type: "limit", side: "buy", amount: 0.001, price: 49_000 },
      { symbol: BTC, type: "limit", side: "buy", amount: 0.01, price: 48_900 },
    ]);
    expect(placed.map((order) => [order.status, order.info.code])).toEqual([
      [undefined, undefined],
      ["rejected", 110094],
      [undefined, undefined],
    ]);
    expect(venue.usdt.openOrders("main")).toHaveLength(2);
    await client.createOrder(BTC, "market", "buy", 0.01, undefined, {
      triggerPrice: 51_000,
      triggerDirection: "ascending",
    });
    const cancelled = await client.cancelAllOrders(BTC);
    expect(cancelled).toHaveLength(3);
    expect(venue.usdt.openOrders("main")).toEqual([]);
    expect(venue.usdt.openConditionals("main")).toEqual([]);
  });

  it("trades the inverse contract in its own coin", async () => {
    await client.createOrder(INVERSE, "market", "sell", 100);
    const [position] = await client.fetchPositions([INVERSE]);
    expect(position).toMatchObject({ side: "short", contracts: 100, hedged: false });
    expect(position?.entryPrice).toBeCloseTo(50_000, -2);
    const [own] = venue.btc.positions("main");
    expect(own?.lots).toBe(-100);
    const [trade] = await client.fetchMyTrades(INVERSE);
    expect(trade?.fee).toMatchObject({ currency: "BTC" });
    expect(trade?.fee?.cost).toBeCloseTo((100 / (trade?.price ?? 0)) * 0.00055, 8);
  });

  it("says in ccxt's own classes what is wrong", async () => {
    const order = (amount: number, price: number, params = {}) =>
      client.createOrder(BTC, "limit", "buy", amount, price, params);
    await expect(order(9, 49_000)).rejects.toThrow(/InsufficientFunds|110007/);
    await expect(order(0.001, 49_000)).rejects.toThrow(/110094/);
    await expect(order(0.01, 90_000)).rejects.toThrow(/110003/);
    await expect(order(0.01, 51_000, { reduceOnly: true })).rejects.toThrow(/110017/);
    await order(0.01, 48_000, { clientOrderId: "one" });
    await expect(order(0.01, 48_000, { clientOrderId: "one" })).rejects.toThrow(/110072/);
    await expect(
      order(0.01, 48_000, { triggerPrice: 49_000, triggerDirection: "ascending" }),
    ).rejects.toThrow(/110092/);
    await expect(client.setLeverage(200, BTC)).rejects.toThrow(/110013/);
    await expect(client.setLeverage(20, BTC)).rejects.toThrow(/110043/);
    await expect(client.setMarginMode("isolated", BTC)).rejects.toThrow(/3400045/);
  });

  it("keeps a hedge-mode account's two books apart", async () => {
    await client.setPositionMode(true);
    await client.createOrder(BTC, "market", "buy", 0.01, undefined, { hedged: true });
    await client.createOrder(BTC, "market", "sell", 0.02, undefined, { hedged: true });
    const held = await client.fetchPositions();
    expect(held.map(({ side, contracts, hedged }) => [side, contracts, hedged])).toEqual([
      ["long", 0.01, true],
      ["short", 0.02, true],
    ]);
    await client.createOrder(BTC, "market", "sell", 0.01, undefined, { hedged: true, reduceOnly: true });
    expect((await client.fetchPositions()).map(({ side }) => side)).toEqual(["short"]);
    await expect(client.setPositionMode(false)).rejects.toThrow(/110024/);
  });

  it("tells tiers, candles, funding, fees and the key's rights", async () => {
    const tiers = await client.fetchMarketLeverageTiers(BTC);
    expect(
      tiers.map(({ maxNotional, maintenanceMarginRate, maxLeverage }) => [
        maxNotional,
        maintenanceMarginRate,
        maxLeverage,
      ]),
    ).toEqual([
      [2_000_000, 0.005, 100],
      [10_000_000, 0.01, 50],
    ]);
    venue.move(500_500);
    const candles = await client.fetchOHLCV(BTC, "1m");
    expect(candles.at(-1)?.slice(1, 5)).toEqual([50_000, 50_050, 50_000, 50_050]);
    expect((await client.fetchTicker(BTC)).last).toBe(50_050);
    expect((await client.fetchOrderBook(BTC, 5)).bids[0]?.[0]).toBeLessThan(50_050);
    expect((await client.fetchFundingRate(BTC)).fundingRate).toBe(0.0001);
    expect(await client.fetchTradingFee(BTC)).toMatchObject({ maker: 0.0002, taker: 0.00055 });
    const { result } = await client.privateGetV5UserQueryApi();
    expect(result).toMatchObject({ readOnly: 0, ips: ["127.0.0.1"], permissions: { Wallet: [] } });
  });
});
