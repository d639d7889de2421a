import { type Instrument, unitOf } from "../../src/core/instrument.ts";
import { stepOf } from "../../src/core/text.ts";
import { lots, rate, ticks, value } from "../../src/core/units.ts";
import type { Payload } from "../../src/gateways/binance/fields.ts";

/** A linear perpetual with the given steps. */
export function perpetual(id: string, tick: string, lot: string): Instrument {
  return {
    id,
    venue: "binanceusdm",
    kind: "linear",
    base: id.replace(/USDT$/, ""),
    quote: "USDT",
    settle: "USDT",
    tick: stepOf(tick),
    lot: stepOf(lot),
    unit: unitOf(stepOf(tick), stepOf(lot)),
    priceMin: ticks(1),
    priceMax: ticks(8_000_000),
    lotsMin: lots(1),
    lotsMax: lots(1_000_000),
    marketLotsMax: lots(120_000),
    notionalMin: value(10_000_000_000),
    ordersMax: 200,
    conditionalOrdersMax: 10,
    makerFee: rate(20_000),
    takerFee: rate(50_000),
    liquidationFee: rate(1_250_000),
  };
}

/** The payload without one field. */
export const without = (payload: Payload, field: string): Payload =>
  Object.fromEntries(Object.entries(payload).filter(([name]) => name !== field));

/** Messages and answers with the fields that Binance documents for USDT-M futures; the values are made up. */
export const bookTicker: Payload = {
  e: "bookTicker",
  u: 400900217,
  s: "BTCUSDT",
  ps: "BTCUSDT",
  b: "97123.40",
  B: "31.210",
  a: "97123.50",
  A: "0.066",
  T: 1568014460891,
  E: 1568014460893,
};

export const markPrice: Payload = {
  e: "markPriceUpdate",
  E: 1562305380000,
  s: "BTCUSDT",
  p: "97123.44185185",
  ap: "97123.44185185",
  i: "97100.06281185",
  P: "97101.12345678",
  r: "-0.00038167",
  T: 1562306400000,
};

export const depth: Payload = {
  e: "depthUpdate",
  E: 1571889248277,
  T: 1571889248276,
  s: "BTCUSDT",
  ps: "BTCUSDT",
  U: 390497796,
  u: 390497878,
  pu: 390497794,
  b: [
    ["97123.40", "3.906"],
    ["97123.30", "1.000"],
  ],
  a: [
    ["97123.50", "0.010"],
    ["97124.00", "8.300"],
  ],
};

const orderFields: Payload = {
  s: "BTCUSDT",
  c: "pdsk7qe000001",
  S: "SELL",
  o: "LIMIT",
  f: "GTX",
  q: "0.010",
  p: "97200.10",
  ap: "0",
  sp: "0",
  x: "NEW",
  X: "NEW",
  i: 8886774,
  l: "0",
  z: "0",
  L: "0",
  T: 1568879465651,
  t: 0,
  b: "0",
  a: "9.91",
  m: false,
  R: true,
  wt: "CONTRACT_PRICE",
  ot: "LIMIT",
  ps: "BOTH",
  cp: false,
  rp: "0",
  pP: false,
  si: 0,
  ss: 0,
  V: "EXPIRE_TAKER",
  pm: "NONE",
  gtd: 0,
};

export const orderUpdate = (change: Payload = {}): Payload => ({
  e: "ORDER_TRADE_UPDATE",
  E: 1568879465653,
  T: 1568879465650,
  o: { ...orderFields, ...change },
});

/** The fields of a fill, on top of an order's. */
export const trade: Payload = {
  x: "TRADE",
  X: "PARTIALLY_FILLED",
  l: "0.004",
  z: "0.004",
  L: "97200.10",
  ap: "97200.10",
  N: "USDT",
  n: "0.07776008",
  t: 77110221,
  m: true,
  rp: "1.20040000",
};

export const algoUpdate = (change: Payload = {}): Payload => ({
  e: "ALGO_UPDATE",
  E: 1750515742303,
  T: 1750515742297,
  o: {
    caid: "pdsk7qs000001",
    aid: 2148719,
    at: "CONDITIONAL",
    o: "STOP_MARKET",
    s: "BTCUSDT",
    S: "SELL",
    ps: "BOTH",
    f: "GTC",
    q: "0.010",
    X: "NEW",
    ai: "",
    ap: "0.00000",
    aq: "0.00000",
    act: "0",
    tp: "95000.0",
    p: "0.0",
    V: "NONE",
    wt: "MARK_PRICE",
    pm: "NONE",
    cp: false,
    pP: false,
    R: true,
    tt: 0,
    gtd: 0,
    rm: "",
    ...change,
  },
});

export const accountUpdate = (change: Payload = {}): Payload => ({
  e: "ACCOUNT_UPDATE",
  E: 1564745798939,
  T: 1564745798938,
  a: {
    m: "ORDER",
    B: [{ a: "USDT", wb: "122624.12345678", cw: "100.12345678", bc: "0" }],
    P: [
      {
        s: "BTCUSDT",
        pa: "-0.010",
        ep: "97200.10000",
        bep: "97199",
        cr: "200",
        up: "0",
        mt: "isolated",
        iw: "0.00000000",
        ps: "BOTH",
      },
    ],
    ...change,
  },
});

export const configUpdate: Payload = {
  e: "ACCOUNT_CONFIG_UPDATE",
  E: 1611646737479,
  T: 1611646737476,
  ac: { s: "BTCUSDT", l: 3 },
};

export const restOrder: Payload = {
  avgPrice: "0.00000",
  clientOrderId: "pdsk7qe000001",
  cumQuote: "0",
  executedQty: "0",
  orderId: 1917641,
  origQty: "0.010",
  origType: "LIMIT",
  price: "97200.10",
  reduceOnly: false,
  side: "BUY",
  positionSide: "BOTH",
  status: "NEW",
  stopPrice: "0",
  closePosition: false,
  symbol: "BTCUSDT",
  time: 1579276756075,
  timeInForce: "GTX",
  type: "LIMIT",
  updateTime: 1579276756075,
  workingType: "CONTRACT_PRICE",
  priceProtect: false,
  priceMatch: "NONE",
  selfTradePreventionMode: "NONE",
  goodTillDate: 0,
};

export const restConditional: Payload = {
  algoId: 2146760,
  clientAlgoId: "pdsk7qs000001",
  algoType: "CONDITIONAL",
  orderType: "STOP_MARKET",
  symbol: "BTCUSDT",
  side: "SELL",
  positionSide: "BOTH",
  timeInForce: "GTC",
  quantity: "0.010",
  algoStatus: "NEW",
  actualOrderId: "",
  actualPrice: "0.0",
  triggerPrice: "95000.0",
  price: "0.0",
  icebergQuantity: null,
  workingType: "MARK_PRICE",
  closePosition: false,
  priceProtect: false,
  reduceOnly: true,
  createTime: 1750485492076,
  updateTime: 1750485492079,
  triggerTime: 0,
  goodTillDate: 0,
};

export const restTrade: Payload = {
  buyer: false,
  commission: "-0.07819010",
  commissionAsset: "USDT",
  id: 698759,
  maker: true,
  orderId: 25851813,
  price: "97819.0",
  qty: "0.002",
  quoteQty: "195.63800",
  realizedPnl: "-0.91539999",
  side: "SELL",
  positionSide: "SHORT",
  symbol: "BTCUSDT",
  time: 1569514978020,
};

export const restPosition: Payload = {
  symbol: "BTCUSDT",
  positionSide: "BOTH",
  positionAmt: "-0.010",
  entryPrice: "97123.4567",
  breakEvenPrice: "97000.1",
  markPrice: "97200.04440208",
  unRealizedProfit: "-0.7658",
  liquidationPrice: "128100.36",
  isolatedMargin: "322.5",
  notional: "-972.00",
  marginAsset: "USDT",
  isolatedWallet: "323.29",
  initialMargin: "324",
  maintMargin: "3.888",
  positionInitialMargin: "324",
  openOrderInitialMargin: "0",
  adl: 2,
  bidNotional: "0",
  askNotional: "0",
  updateTime: 1720736417660,
};

/** One symbol of exchangeInfo. */
export const symbol: Payload = {
  symbol: "BTCUSDT",
  pair: "BTCUSDT",
  contractType: "PERPETUAL",
  deliveryDate: 4133404800000,
  onboardDate: 1569398400000,
  status: "TRADING",
  maintMarginPercent: "2.5000",
  requiredMarginPercent: "5.0000",
  baseAsset: "BTC",
  quoteAsset: "USDT",
  marginAsset: "USDT",
  pricePrecision: 2,
  quantityPrecision: 3,
  baseAssetPrecision: 8,
  quotePrecision: 8,
  underlyingType: "COIN",
  triggerProtect: "0.0500",
  liquidationFee: "0.012500",
  marketTakeBound: "0.05",
  filters: [
    { filterType: "PRICE_FILTER", maxPrice: "4529764", minPrice: "556.80", tickSize: "0.10" },
    { filterType: "LOT_SIZE", maxQty: "1000", minQty: "0.001", stepSize: "0.001" },
    { filterType: "MARKET_LOT_SIZE", maxQty: "120", minQty: "0.001", stepSize: "0.001" },
    { filterType: "MAX_NUM_ORDERS", limit: 200 },
    { filterType: "MAX_NUM_ALGO_ORDERS", limit: 10 },
    { filterType: "MIN_NOTIONAL", notional: "100" },
    { filterType: "PERCENT_PRICE", multiplierUp: "1.0500", multiplierDown: "0.9500", multiplierDecimal: "4" },
  ],
  orderTypes: ["LIMIT", "MARKET", "STOP", "STOP_MARKET", "TAKE_PROFIT", "TAKE_PROFIT_MARKET"],
  timeInForce: ["GTC", "IOC", "FOK", "GTX", "GTD"],
};

/** One symbol of leverageBracket; Binance sends numbers here. */
export const brackets: Payload = {
  symbol: "BTCUSDT",
  notionalCoef: 1.5,
  brackets: [
    {
      bracket: 2,
      initialLeverage: 100,
      notionalCap: 600000,
      notionalFloor: 50000,
      maintMarginRatio: 0.005,
      cum: 50.0,
    },
    {
      bracket: 1,
      initialLeverage: 125,
      notionalCap: 50000,
      notionalFloor: 0,
      maintMarginRatio: 0.004,
      cum: 0.0,
    },
    {
      bracket: 3,
      initialLeverage: 1,
      notionalCap: 9223372036854776000,
      notionalFloor: 600000,
      maintMarginRatio: 0.5,
      cum: 297050.0,
    },
  ],
};
