import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { textOf, VALUE_STEP } from "../../../src/core/text.ts";
import { lots, ticks } from "../../../src/core/units.ts";
import { ccxtOkx, type OkxClient } from "./ccxt-client.ts";
import { type ServedOkx, serveOkx } from "./served-okx.ts";

const SYMBOL = "BTC/USDT:USDT";
const ID = "BTC-USDT-SWAP";

/** The skin seen by a client that we did not write: what ccxt's unified calls say is what the exchange has. */
describe("ccxt's own OKX client on the served venue", () => {
  let venue: ServedOkx;
  let client: OkxClient;

  beforeEach(async () => {
    venue = await serveOkx({ withCoin: true });
    client = await ccxtOkx(venue.server.port);
    await client.loadMarkets();
  });
  afterEach(async () => {
    await client.close();
    await venue.close();
    expect(venue.bugs).toEqual([]);
    expect([...venue.exchange.validate(), ...venue.coin.validate()]).toEqual([]);
  });

  /** Places an order; OKX's id of it. */
  const place = async (...order: Parameters<OkxClient["createOrder"]>): Promise<string> =>
    String((await client.createOrder(...order)).id);

  it("lists the contracts with their sizes and steps", () => {
    expect(client.market(SYMBOL)).toMatchObject({
      id: ID,
      linear: true,
      contractSize: 0.01,
      precision: { amount: 0.01, price: 0.1 },
      limits: { amount: { min: 0.1, max: 10_000 } },
      active: true,
    });
    expect(client.market("BTC/USD:BTC")).toMatchObject({
      id: "BTC-USD-SWAP",
      inverse: true,
      settle: "BTC",
      contractSize: 100,
      precision: { amount: 1, price: 0.1 },
    });
  });

  it("rests, finds, amends and cancels a limit order", async () => {
    const id = await place(SYMBOL, "limit", "buy", 0.5, 49_000, {
      clientOrderId: "mine1",
      marginMode: "isolated",
    });
    const [open, ...more] = await client.fetchOpenOrders(SYMBOL);
    expect(more).toEqual([]);
    expect(open).toMatchObject({
      id,
      clientOrderId: "mine1",
      price: 49_000,
      amount: 0.5,
      filled: 0,
      status: "open",
    });
    expect(venue.exchange.openOrders("main")).toMatchObject([
      {
        orderId: Number(id),
        clientId: "mine1",
        request: { instrument: ID, side: "buy", price: 490_000, lots: 50, timeInForce: "GTC" },
      },
    ]);
    expect(venue.exchange.marginMode("main", ID)).toBe("isolated");
    await client.editOrder(id, SYMBOL, "limit", "buy", 0.6, 48_900);
    expect(venue.exchange.openOrders("main")).toMatchObject([{ request: { price: 489_000, lots: 60 } }]);
    await client.cancelOrder(id, SYMBOL);
    expect(venue.exchange.openOrders("main")).toEqual([]);
    expect(await client.fetchOrder(id, SYMBOL)).toMatchObject({ status: "canceled", filled: 0 });
    await expect(client.cancelOrder(id, SYMBOL)).rejects.toThrow(/51400/);
    await expect(client.fetchOrder("123", SYMBOL)).rejects.toThrow(/51603/);
  });

  it("fills a market order: order, trades, position and balance agree with the exchange's own", async () => {
    await client.setLeverage(5, SYMBOL, { mgnMode: "isolated" });
    const id = await place(SYMBOL, "market", "sell", 2, undefined, {
      marginMode: "isolated",
    });
    const order = await client.fetchOrder(id, SYMBOL);
    expect(order).toMatchObject({ status: "closed", amount: 2, filled: 2, type: "market", side: "sell" });
    const trades = venue.exchange.trades("main", {});
    const told = await client.fetchMyTrades(SYMBOL);
    expect(told.map((trade) => [trade.id, trade.order, trade.amount, trade.takerOrMaker])).toEqual(
      trades.map((trade) => [String(trade.tradeId), id, trade.lots / 100, "taker"]),
    );
    const fees = trades.reduce((sum, trade) => sum + trade.fee, 0);
    expect(order.fee?.cost).toBeCloseTo(fees / 1e8, 8);
    const [position, ...more] = await client.fetchPositions([SYMBOL]);
    expect(more).toEqual([]);
    const [own] = venue.exchange.positions("main").filter((each) => each.lots !== 0);
    expect(position).toMatchObject({
      symbol: SYMBOL,
      side: "short",
      contracts: 2,
      contractSize: 0.01,
      marginMode: "isolated",
      leverage: 5,
      hedged: false,
      markPrice: (own?.mark ?? 0) / 10,
      unrealizedPnl: (own?.unrealized ?? 0) / 1e8,
      maintenanceMargin: (own?.maintenanceMargin ?? 0) / 1e8,
      liquidationPrice: (own?.liquidation ?? 0) / 10,
    });
    const cost = Math.abs(own?.cost ?? 0) / 1e8;
    expect(position?.entryPrice).toBeCloseTo(cost / 0.02, 4);
    const balance = await client.fetchBalance();
    const { wallet, unrealized, available } = venue.exchange.balance("main");
    expect(balance["USDT"]).toMatchObject({ total: (wallet + unrealized) / 1e8, free: available / 1e8 });
    expect(balance["BTC"]).toMatchObject({ total: 2 });
  });

  it("takes stops and take profits, lists them apart, and cancels them", async () => {
    await client.createOrder(SYMBOL, "market", "buy", 1);
    const stop = await place(SYMBOL, "market", "sell", 1, undefined, {
      stopLossPrice: 45_000,
      slTriggerPxType: "mark",
      reduceOnly: true,
    });
    const profit = await place(SYMBOL, "limit", "sell", 1, 55_100, {
      takeProfitPrice: 55_000,
      reduceOnly: true,
    });
    const listed = await client.fetchOpenOrders(SYMBOL, undefined, undefined, { ordType: "conditional" });
    expect(listed.map((each) => [each.id, each.side, each.amount, each.reduceOnly]).sort()).toEqual([
      [stop, "sell", 1, true],
      [profit, "sell", 1, true],
    ]);
    expect(venue.exchange.openConditionals("main").map(({ request }) => request)).toMatchObject([
      { kind: "stopMarket", trigger: 450_000, workingType: "mark", lots: 100, reduceOnly: true },
      { kind: "takeProfit", trigger: 550_000, price: 551_000, workingType: "contract", lots: 100 },
    ]);
    await client.cancelOrder(profit, SYMBOL, { trigger: true });
    expect(venue.exchange.openConditionals("main").map(({ conditionalId }) => String(conditionalId))).toEqual(
      [stop],
    );
    venue.move(449_000);
    const closed = await client.fetchOrder(stop, SYMBOL, { trigger: true });
    expect(closed).toMatchObject({ status: "closed" });
    expect(await client.fetchPositions([SYMBOL])).toEqual([]);
    const spawned = (closed.info as { ordIdList: string[] }).ordIdList[0] ?? "";
    expect(await client.fetchOrder(spawned, SYMBOL)).toMatchObject({ status: "closed", filled: 1 });
  });

  it("puts OKX's refusals into ccxt's classes", async () => {
    const refusal = (...order: Parameters<OkxClient["createOrder"]>): Promise<unknown> =>
      client
        .createOrder(...order)
        .catch((error: Error) => `${error.constructor.name} ${sCode(error.message)}`);
    expect(await refusal(SYMBOL, "limit", "buy", 500, 49_000)).toBe("InsufficientFunds 51008");
    expect(await refusal(SYMBOL, "limit", "buy", 2_000, 49_000)).toBe("InvalidOrder 51004");
    expect(await refusal(SYMBOL, "limit", "buy", 0.5, 80_000)).toBe("InvalidOrder 51006");
    expect(await refusal(SYMBOL, "market", "sell", 1, undefined, { reduceOnly: true })).toMatch(/51169/);
    expect(await refusal(SYMBOL, "market", "sell", 1, undefined, { stopLossPrice: 60_000 })).toBe(
      "InvalidOrder 51280",
    );
    await client.createOrder(SYMBOL, "limit", "buy", 1, 48_000, { clientOrderId: "twice" });
    expect(await refusal(SYMBOL, "limit", "buy", 1, 48_000, { clientOrderId: "twice" })).toBe(
      "InvalidOrder 51016",
    );
    const wrong = await ccxtOkx(venue.server.port, { secret: "not the secret" });
    await expect(wrong.fetchBalance()).rejects.toThrow(/50113/);
    await wrong.close();
  });

  it("takes a post-only order that would take, and cancels it at once", async () => {
    const id = await place(SYMBOL, "limit", "buy", 1, 50_100, { postOnly: true });
    expect(await client.fetchOrder(id, SYMBOL)).toMatchObject({
      status: "canceled",
      filled: 0,
      info: { cancelSource: "31", ordType: "post_only" },
    });
    expect(venue.exchange.openOrders("main")).toEqual([]);
  });

  it("trades an inverse contract in coins", async () => {
    await client.createOrder("BTC/USD:BTC", "market", "buy", 10);
    const [position] = await client.fetchPositions(["BTC/USD:BTC"]);
    expect(position).toMatchObject({ side: "long", contracts: 10, contractSize: 100, marginMode: "cross" });
    const [own] = venue.coin.positions("main").filter((each) => each.lots !== 0);
    // 1,000 USD at about 50,000 are 0.02 BTC.
    expect(Math.abs(own?.cost ?? 0) / 1e8).toBeCloseTo(0.02, 4);
    expect(position?.entryPrice).toBeCloseTo(1_000 / (Math.abs(own?.cost ?? 1) / 1e8), 1);
    const { wallet, unrealized } = venue.coin.balance("main");
    const total = textOf(wallet + unrealized, VALUE_STEP);
    expect((await client.fetchBalance())["BTC"]?.total).toBe(Number(total));
  });

  it("switches to two books and keeps them apart", async () => {
    await client.setPositionMode(true);
    expect(await client.fetchPositionMode(SYMBOL)).toMatchObject({ hedged: true });
    for (const side of ["buy", "sell"] as const) {
      await client.createOrder(SYMBOL, "market", side, 1, undefined, { hedged: true });
    }
    const held = await client.fetchPositions([SYMBOL]);
    expect(held.map((each) => [each.side, each.contracts, each.hedged]).sort()).toEqual([
      ["long", 1, true],
      ["short", 1, true],
    ]);
    expect(venue.exchange.positions("main").map((each) => [each.positionSide, each.lots])).toEqual(
      expect.arrayContaining([
        ["long", 100],
        ["short", -100],
      ]),
    );
    await client.createOrder(SYMBOL, "market", "sell", 1, undefined, { hedged: true, reduceOnly: true });
    expect((await client.fetchPositions([SYMBOL])).map(({ side }) => side)).toEqual(["short"]);
  });

  it("tells prices, books, candles, funding and fees", async () => {
    venue.move(501_000);
    const ticker = await client.fetchTicker(SYMBOL);
    expect(ticker.last).toBe(50_100);
    expect(ticker.ask).toBeGreaterThan(ticker.bid ?? Number.NaN);
    const book = await client.fetchOrderBook(SYMBOL, 5);
    const own = venue.exchange.depth(ID, 5);
    expect(book.bids.map((level) => level.slice(0, 2))).toEqual(
      own.bids.map(({ price, lots: size }) => [price / 10, size / 100]),
    );
    expect(book.asks.map((level) => level.slice(0, 2))).toEqual(
      own.asks.map(({ price, lots: size }) => [price / 10, size / 100]),
    );
    const candles = await client.fetchOHLCV(SYMBOL, "1m");
    const [last] = venue.exchange.candles(ID, 60_000, { limit: 1 });
    expect(candles.at(-1)?.slice(0, 5)).toEqual([
      last?.openAt,
      ...[last?.open, last?.high, last?.low, last?.close].map((each) => (each ?? 0) / 10),
    ]);
    expect(await client.fetchFundingRate(SYMBOL)).toMatchObject({
      fundingRate: 0.0001,
      fundingTimestamp: venue.exchange.mark(ID).nextFundingAt,
    });
    expect(await client.fetchMarkPrice(SYMBOL)).toMatchObject({ markPrice: 50_100 });
    expect(await client.fetchTradingFee(SYMBOL)).toMatchObject({ maker: 0.0002, taker: 0.0005 });
    const tiers = await client.fetchMarketLeverageTiers(SYMBOL);
    expect(tiers.map((tier) => [tier.maintenanceMarginRate, tier.maxLeverage])).toEqual([
      [0.004, 100],
      [0.005, 50],
    ]);
    expect(await client.fetchLeverage(SYMBOL, { marginMode: "cross" })).toMatchObject({ longLeverage: 20 });
  });

  it("pushes orders and executions to a client that has logged in", async () => {
    let told: readonly unknown[] | undefined;
    const first = client.watchOrders(SYMBOL).then((orders) => {
      told = orders;
    });
    // An order that is older than the subscription is not told: another one is placed.
    for (let count = 1; told === undefined; count += 1) {
      await client.createOrder(SYMBOL, "limit", "buy", 1, 49_000, { clientOrderId: `watched${count}` });
      await new Promise((resolve) => setTimeout(resolve, 5));
      if (told === undefined) await client.cancelOrder("", SYMBOL, { clientOrderId: `watched${count}` });
    }
    await first;
    expect(told).toMatchObject([{ clientOrderId: expect.stringMatching(/^watched/), amount: 1 }]);
    const [resting] = venue.exchange.openOrders("main");
    if (resting === undefined) await client.createOrder(SYMBOL, "limit", "buy", 1, 49_000);
    const trades = client.watchMyTrades(SYMBOL);
    venue.move(489_000);
    expect(await trades).toMatchObject([{ side: "buy", amount: 1, price: 49_000, takerOrMaker: "maker" }]);
    const [position] = await client.fetchPositions([SYMBOL]);
    expect(position?.contracts).toBe(1);
    expect(venue.exchange.positions("main").find((each) => each.lots !== 0)).toMatchObject({
      lots: lots(100),
      mark: ticks(489_000),
    });
  });
});

const sCode = (message: string): string => /"sCode":"(\d+)"/.exec(message)?.[1] ?? message;
