import { BTC, type Case } from "./refusal-case.ts";

/** What the order "twice" of the order cases looks like already. */
const CHANGE = { symbol: "BTCUSDT", side: "BUY", quantity: "0.01", price: "48000" } as const;

/** What can be wrong with the other calls. */
export const CALL_CASES: readonly Case[] = [
  {
    does: "cancels what isn't there",
    code: -2011,
    kind: "OrderNotFound",
    run: (c) => c.cancelOrder("5", BTC),
  },
  {
    does: "asks for what isn't there",
    code: -2013,
    kind: "OrderNotFound",
    run: (c) => c.fetchOrder("5", BTC),
  },
  {
    does: "cancels a conditional order that isn't there",
    code: -2011,
    kind: "OrderNotFound",
    run: (c) => c.cancelOrder("5", BTC, { trigger: true }),
  },
  {
    does: "names no order",
    code: -1102,
    kind: "BadRequest",
    run: (c) => c.fapiPrivateGetOrder({ symbol: "BTCUSDT" }),
  },
  {
    does: "sets the margin mode it has",
    code: -4046,
    kind: "MarginModeAlreadySet",
    run: (c) => c.setMarginMode("cross", BTC),
  },
  {
    does: "sets the position mode it has",
    code: -4059,
    kind: "OperationRejected",
    run: (c) => c.setPositionMode(false),
  },
  {
    does: "changes the margin mode under orders",
    code: -4047,
    kind: "OperationRejected",
    run: (c) => c.setMarginMode("isolated", BTC),
  },
  {
    does: "asks for a leverage nobody gives",
    code: -4028,
    kind: "BadRequest",
    run: (c) => c.fapiPrivatePostLeverage({ symbol: "BTCUSDT", leverage: 200 }),
  },
  {
    does: "keeps a listen key alive that it never had",
    code: -1125,
    kind: "AuthenticationError",
    run: (c) => c.fapiPrivatePutListenKey(),
  },
  {
    does: "asks for an interval nobody keeps",
    code: -1120,
    kind: "BadRequest",
    run: (c) => c.fapiPublicGetKlines({ symbol: "BTCUSDT", interval: "7m" }),
  },
  {
    does: "asks for too many rows",
    code: -1130,
    kind: "BadRequest",
    run: (c) => c.fapiPrivateGetUserTrades({ symbol: "BTCUSDT", limit: 1001 }),
  },
  {
    does: "asks for more than seven days",
    code: -1127,
    kind: "BadRequest",
    run: (c, { exchange }) =>
      c.fapiPrivateGetUserTrades({
        symbol: "BTCUSDT",
        startTime: exchange.now() - 8 * 86_400_000,
        endTime: exchange.now(),
      }),
  },
  {
    does: "mixes id and time",
    code: -1128,
    kind: "BadRequest",
    run: (c, { exchange }) =>
      c.fapiPrivateGetUserTrades({ symbol: "BTCUSDT", fromId: 1, startTime: exchange.now() }),
  },
  {
    does: "waits too long for its answer",
    code: -1131,
    kind: "ExchangeError",
    run: (c) => c.fapiPrivateGetOpenOrders({ recvWindow: 60_001 }),
  },
  {
    does: "changes an order that isn't there",
    code: -2013,
    kind: "OrderNotFound",
    run: (c) => c.fapiPrivatePutOrder({ ...CHANGE, orderId: 5 }),
  },
  {
    does: "changes nothing about an order",
    code: -5027,
    kind: "OperationRejected",
    run: (c) => c.fapiPrivatePutOrder({ ...CHANGE, origClientOrderId: "twice" }),
  },
  {
    does: "changes an order's price without its quantity",
    code: -1102,
    kind: "BadRequest",
    run: (c) => c.fapiPrivatePutOrder({ ...CHANGE, quantity: "", origClientOrderId: "twice" }),
  },
  {
    does: "calls an order's side by the other name",
    code: -1130,
    kind: "BadRequest",
    run: (c) => c.fapiPrivatePutOrder({ ...CHANGE, side: "SELL", origClientOrderId: "twice" }),
  },
  {
    does: "counts down from nothing",
    code: -1102,
    kind: "BadRequest",
    run: (c) => c.fapiPrivatePostCountdownCancelAll({ symbol: "BTCUSDT" }),
  },
  {
    does: "wants candles of a contract with an end",
    code: -1130,
    kind: "BadRequest",
    run: (c) =>
      c.fapiPublicGetContinuousKlines({
        pair: "BTCUSDT",
        contractType: "CURRENT_QUARTER",
        interval: "1m",
      }),
  },
  {
    does: "sends too large a batch",
    code: -4082,
    kind: "BadRequest",
    run: (c) =>
      c.createOrders(
        Array.from({ length: 6 }, () => ({
          symbol: BTC,
          type: "limit" as const,
          side: "buy" as const,
          amount: 0.01,
          price: 49_000,
        })),
      ),
  },
];
