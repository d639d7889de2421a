import { once } from "node:events";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { type Heard, until } from "../binance/served-venue.ts";
import { type CoinmClient, coinmClient, type ServedCoinm, serveCoinm } from "./served-coinm.ts";

const ORDER =
  "avgPrice clientOrderId cumBase executedQty orderId origQty origType price reduceOnly side positionSide status stopPrice closePosition symbol pair timeInForce type updateTime workingType priceProtect priceMatch selfTradePreventionMode";
const BRACKETS = "bracket initialLeverage qtyCap qtylFloor maintMarginRatio cum";

/**
 * The keys that Binance's own COIN-M connector (@binance/derivatives-trading-coin-futures 8.0.1) names for each answer,
 * but for those of trailing stops (activatePrice, priceRate), which it marks so.
 */
const ANSWERS: readonly (readonly [
  call: string,
  params: object,
  keys: string,
  inner?: readonly [string, string],
])[] = [
  [
    "POST order",
    { symbol: "BTCUSD_PERP", side: "BUY", type: "LIMIT", timeInForce: "GTC", quantity: 1, price: 48_000 },
    `${ORDER} cumQty`,
  ],
  ["GET allOrders", { symbol: "BTCUSD_PERP" }, `${ORDER} time`],
  ["GET openOrders", {}, `${ORDER} time`],
  [
    "GET userTrades",
    { symbol: "BTCUSD_PERP" },
    "symbol id orderId pair side price qty realizedPnl marginAsset baseQty commission commissionAsset time positionSide buyer maker",
  ],
  [
    "GET balance",
    {},
    "accountAlias asset balance withdrawAvailable crossWalletBalance crossUnPnl availableBalance updateTime",
  ],
  [
    "GET positionRisk",
    {},
    "symbol positionAmt entryPrice breakEvenPrice markPrice unRealizedProfit liquidationPrice leverage maxQty marginType isolatedMargin isAutoAddMargin positionSide updateTime",
  ],
  [
    "GET account",
    {},
    "assets positions canDeposit canTrade canWithdraw feeTier updateTime",
    [
      "assets",
      "asset walletBalance unrealizedProfit marginBalance maintMargin initialMargin positionInitialMargin openOrderInitialMargin maxWithdrawAmount crossWalletBalance crossUnPnl availableBalance updateTime",
    ],
  ],
  [
    "GET account",
    {},
    "assets",
    [
      "positions",
      "symbol positionAmt initialMargin maintMargin unrealizedProfit positionInitialMargin openOrderInitialMargin leverage isolated positionSide entryPrice breakEvenPrice maxQty updateTime notionalValue",
    ],
  ],
  [
    "GET premiumIndex",
    { symbol: "BTCUSD_PERP" },
    "symbol pair markPrice indexPrice estimatedSettlePrice lastFundingRate interestRate nextFundingTime time",
  ],
  ["GET income", {}, "symbol incomeType income asset info time tranId tradeId"],
  ["GET commissionRate", { symbol: "BTCUSD_PERP" }, "symbol makerCommissionRate takerCommissionRate"],
  ["POST leverage", { symbol: "BTCUSD_PERP", leverage: 5 }, "leverage maxQty symbol"],
  ["GET leverageBracket", {}, "pair brackets", ["brackets", BRACKETS]],
  ["GET v2/leverageBracket", {}, "symbol notionalCoef brackets", ["brackets", BRACKETS]],
  [
    "GET ticker/24hr",
    {},
    "symbol pair priceChange priceChangePercent weightedAvgPrice lastPrice lastQty openPrice highPrice lowPrice volume baseVolume openTime closeTime firstId lastId count",
  ],
  ["GET ticker/price", {}, "symbol ps price time"],
  ["GET ticker/bookTicker", {}, "lastUpdateId symbol pair bidPrice bidQty askPrice askQty time"],
  ["GET depth", { symbol: "BTCUSD_PERP" }, "lastUpdateId symbol pair E T bids asks"],
  [
    "GET exchangeInfo",
    {},
    "exchangeFilters rateLimits serverTime symbols timezone",
    [
      "symbols",
      "filters OrderType timeInForce liquidationFee marketTakeBound symbol pair contractType deliveryDate onboardDate contractStatus contractSize quoteAsset baseAsset marginAsset pricePrecision quantityPrecision baseAssetPrecision quotePrecision equalQtyPrecision triggerProtect maintMarginPercent requiredMarginPercent underlyingType underlyingSubType",
    ],
  ],
];

const MESSAGES: Readonly<Record<string, string>> = {
  bookTicker: "e u s ps b B a A T E",
  depthUpdate: "e E T s ps U u pu b a",
  markPriceUpdate: "e E s p P i r T",
  aggTrade: "e E a s p q f l T m",
  kline: "e E s k",
  ORDER_TRADE_UPDATE: "e E T i o",
  ACCOUNT_UPDATE: "e E T i a",
};
const ORDER_UPDATE = "s c S o f q p ap sp x X i l z L ma t T rp b a m R wt ot ps cp AP cr pP V pm";

describe("COIN-M's payloads have every key that Binance's connector names", () => {
  let venue: ServedCoinm;
  let client: CoinmClient;
  beforeEach(async () => {
    venue = await serveCoinm();
    client = await coinmClient(venue.served.server.port);
  });
  afterEach(async () => {
    await client.close().catch(() => {});
    await venue.close();
  });

  const missing = (row: unknown, keys: string): readonly string[] =>
    keys.split(" ").filter((key) => !Object.hasOwn(row as object, key));
  const firstOf = (answer: unknown): Record<string, unknown> =>
    (Array.isArray(answer) ? answer[0] : answer) as Record<string, unknown>;

  const answers = ANSWERS.map(([call, params, keys, inner]) => ({ call, params, keys, inner }));
  it.each(answers)("$call $inner.0", async ({ call, params, keys, inner }) => {
    await client.dapiPrivatePostOrder({ symbol: "BTCUSD_PERP", side: "BUY", type: "MARKET", quantity: 5 });
    const resting = { side: "BUY", type: "LIMIT", timeInForce: "GTC", quantity: 1, price: 49_000 };
    await client.dapiPrivatePostOrder({ symbol: "BTCUSD_PERP", ...resting });
    venue.move(500_100);
    const [method = "", path = ""] = call.split(" ");
    const isPublic = /^(premiumIndex|ticker|depth|exchangeInfo)/.test(path);
    const section = path.startsWith("v2/") ? "dapiPrivateV2" : isPublic ? "dapiPublic" : "dapiPrivate";
    const row = firstOf(await client.fetch2(path.replace("v2/", ""), section, method, { ...params }));
    expect(missing(row, keys)).toEqual([]);
    if (inner !== undefined) expect(missing(firstOf(row[inner[0]]), inner[1])).toEqual([]);
    // USDT-M's words for the same things must not leak.
    for (const foreign of ["cumQuote", "quoteQty", "quoteVolume", "notional", "maxNotionalValue", "status"]) {
      if (foreign !== "status" || call === "GET exchangeInfo") expect(row).not.toHaveProperty(foreign);
    }
  });

  it("the streams, market and private", async () => {
    const { listenKey } = (await client.dapiPrivatePostListenKey()) as { listenKey: string };
    const heard: Heard[] = [];
    client.handleMessage = (_socket: unknown, message: Heard) => heard.push(message);
    const names = ["bookTicker", "depth", "markPrice@1s", "aggTrade", "kline_1m"].map(
      (each) => `btcusd_perp@${each}`,
    );
    const socket = client.watch(
      `wss://dstream.binance.com/ws/${listenKey}`,
      "x",
      { method: "SUBSCRIBE", params: names, id: 1 },
      "x",
    );
    socket.catch(() => {});
    await until(() => heard.some((each) => "result" in each), "the subscription is acknowledged");
    await client.dapiPrivatePostOrder({ symbol: "BTCUSD_PERP", side: "BUY", type: "MARKET", quantity: 5 });
    venue.move(500_500);
    await until(
      () => Object.keys(MESSAGES).every((name) => heard.some(({ e }) => e === name)),
      "all streams speak",
    );
    for (const [name, keys] of Object.entries(MESSAGES)) {
      expect([
        name,
        missing(
          heard.find(({ e }) => e === name),
          keys,
        ),
      ]).toEqual([name, []]);
    }
    const update = heard.find(({ e }) => e === "ORDER_TRADE_UPDATE");
    expect(missing(update?.["o"], ORDER_UPDATE)).toEqual([]);
    expect(heard.filter(({ e }) => e === "TRADE_LITE")).toEqual([]);
  });

  it.each(["/ws-dapi/v1", "/ws-fapi/v1"])(
    "orders over the socket %s are not served, and said so at once",
    async (path) => {
      const socket = new WebSocket(`${venue.served.server.url.replace("http", "ws")}${path}`, {
        headers: { Host: "ws-dapi.binance.com" },
      });
      const [error] = await once(socket, "error");
      expect(String(error)).toMatch(/404/);
    },
  );
});
