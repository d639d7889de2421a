import type { Served } from "../venue/binance/served-venue.ts";

/** One step of the story that shows every served call at least once: a call, or something that happens at the venue. */
type Step = { readonly call: string; readonly with?: object } | { readonly happens: (venue: Served) => void };

const symbol = "BTCUSDT";
const BTC = { symbol };
const LIMIT = { ...BTC, side: "BUY", type: "LIMIT", timeInForce: "GTC", quantity: 0.01, price: 49_000 };
const CANDLES = { ...BTC, interval: "1m" };
const PAIR_CANDLES = { pair: symbol, interval: "1m" };
const STOP = { ...BTC, algoType: "CONDITIONAL", side: "SELL", quantity: 0.01 };
/** Below the smallest worth of an order: such an item of a batch is refused. */
const TOO_SMALL = 0.001;

const moves =
  (...prices: number[]) =>
  (venue: Served): void => {
    for (const price of prices) venue.move(price);
  };

/** Calls that need nothing but a market. */
const MARKET: readonly Step[] = [
  { call: "testConnectivity" },
  { call: "checkServerTime" },
  { happens: moves(500_000, 500_500, 499_500, 500_000, 500_000, 500_000, 500_000) },
  { call: "exchangeInformation" },
  { call: "orderBook", with: BTC },
  { call: "rpiOrderBook", with: BTC },
  { call: "recentTradesList", with: BTC },
  { call: "oldTradesLookup", with: BTC },
  { call: "compressedAggregateTradesList", with: BTC },
  { call: "klineCandlestickData", with: CANDLES },
  { call: "klineCandlestickData", with: { ...BTC, interval: "1M" } },
  { call: "continuousContractKlineCandlestickData", with: { ...PAIR_CANDLES, contractType: "PERPETUAL" } },
  { call: "markPriceKlineCandlestickData", with: CANDLES },
  { call: "indexPriceKlineCandlestickData", with: PAIR_CANDLES },
  { call: "premiumIndexKlineData", with: CANDLES },
  ...[
    "markPrice",
    "ticker24hrPriceChangeStatistics",
    "symbolPriceTicker",
    "symbolPriceTickerV2",
    "symbolOrderBookTicker",
    "adlRisk",
  ].flatMap((call) => [{ call }, { call, with: BTC }]),
  { call: "getFundingRateHistory", with: BTC },
  { call: "getFundingRateInfo" },
  { call: "openInterest", with: BTC },
];

/** How the account stands before it trades. */
const ACCOUNT: readonly Step[] = [
  { call: "futuresAccountBalanceV2" },
  { call: "futuresAccountBalanceV3" },
  { call: "futuresAccountConfiguration" },
  { call: "symbolConfiguration" },
  { call: "notionalAndLeverageBrackets" },
  { call: "notionalAndLeverageBrackets", with: BTC },
  { call: "getBnbBurnStatus" },
  { call: "getCurrentMultiAssetsMode" },
  { call: "getCurrentPositionMode" },
  { call: "queryUserRateLimit" },
  { call: "userCommissionRate", with: BTC },
  { call: "startUserDataStream" },
  { call: "keepaliveUserDataStream" },
  { call: "closeUserDataStream" },
  { call: "changeInitialLeverage", with: { ...BTC, leverage: 50 } },
  { call: "changeMarginType", with: { ...BTC, marginType: "ISOLATED" } },
];

/** Resting orders: placed, shown, changed and cancelled, one by one and in batches of which the last is refused. */
const ORDERS: readonly Step[] = [
  { call: "testOrder", with: LIMIT },
  { call: "newOrder", with: { ...LIMIT, newClientOrderId: "one" } },
  { call: "queryOrder", with: { ...BTC, origClientOrderId: "one" } },
  { call: "queryCurrentOpenOrder", with: { ...BTC, origClientOrderId: "one" } },
  { call: "currentAllOpenOrders", with: BTC },
  {
    call: "modifyOrder",
    with: { ...BTC, side: "BUY", quantity: 0.02, price: 48_000, origClientOrderId: "one", modifyId: 7 },
  },
  {
    call: "modifyMultipleOrders",
    with: {
      batchOrders: [
        { ...BTC, side: "BUY", quantity: 0.03, price: 48_000, origClientOrderId: "one" },
        { ...BTC, side: "BUY", quantity: 0.03, price: 48_000, origClientOrderId: "none" },
      ],
    },
  },
  { call: "getOrderModifyHistory", with: BTC },
  { call: "autoCancelAllOpenOrders", with: { ...BTC, countdownTime: 100_000 } },
  { call: "cancelOrder", with: { ...BTC, origClientOrderId: "one" } },
  {
    call: "placeMultipleOrders",
    with: {
      batchOrders: [
        { ...LIMIT, newClientOrderId: "two" },
        { ...LIMIT, quantity: TOO_SMALL },
      ],
    },
  },
  {
    call: "cancelMultipleOrders",
    with: { ...BTC, origClientOrderIdList: ["two", "none"] },
  },
  { call: "allOrders", with: BTC },
  { call: "newOrder", with: { ...LIMIT, symbol: "ETHUSDT", quantity: 0.1, price: 2_400 } },
  { call: "futuresTradingQuantitativeRulesIndicators" },
  { call: "cancelAllOpenOrders", with: { symbol: "ETHUSDT" } },
  { call: "cancelAllOpenOrders", with: BTC },
];

/** A position: opened, shown, protected, given margin, lost. */
const POSITION: readonly Step[] = [
  {
    call: "newOrder",
    with: { ...BTC, side: "BUY", type: "MARKET", quantity: 0.01, newOrderRespType: "RESULT" },
  },
  { call: "accountTradeList", with: BTC },
  { call: "getIncomeHistory" },
  { call: "accountInformationV2" },
  { call: "accountInformationV3" },
  { call: "positionInformationV2" },
  { call: "positionInformationV3" },
  { call: "positionAdlQuantileEstimation" },
  { call: "modifyIsolatedPositionMargin", with: { ...BTC, amount: 1, type: 1 } },
  { call: "getPositionMarginChangeHistory", with: BTC },
  {
    call: "newAlgoOrder",
    with: { ...STOP, type: "STOP_MARKET", triggerPrice: 30_000, clientAlgoId: "stop" },
  },
  { call: "newAlgoOrder", with: { ...STOP, type: "TRAILING_STOP_MARKET", callbackRate: 9.5 } },
  { call: "queryAlgoOrder", with: { clientAlgoId: "stop" } },
  { call: "currentAllAlgoOpenOrders" },
  { call: "cancelAlgoOrder", with: { clientAlgoId: "stop" } },
  { call: "queryAllAlgoOrders", with: BTC },
  { call: "cancelAllAlgoOpenOrders", with: BTC },
  { happens: moves(491_000, 485_000, 470_000) },
  { call: "usersForceOrders", with: BTC },
];

/** The same book in hedge mode. */
const HEDGE: readonly Step[] = [
  { call: "changePositionMode", with: { dualSidePosition: "true" } },
  { call: "changeMarginType", with: { ...BTC, marginType: "CROSSED" } },
  { call: "newOrder", with: { ...BTC, side: "SELL", type: "MARKET", quantity: 0.01, positionSide: "SHORT" } },
  { call: "positionAdlQuantileEstimation", with: BTC },
  { call: "positionInformationV3", with: BTC },
];

/** The whole story. */
export const REST_STEPS: readonly Step[] = [...MARKET, ...ACCOUNT, ...ORDERS, ...POSITION, ...HEDGE];
