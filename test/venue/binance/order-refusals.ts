import { algo, BTC, type Case, limit, raw } from "./refusal-case.ts";

/** What can be wrong with an order. Each case leaves no more than resting orders behind. */
export const ORDER_CASES: readonly Case[] = [
  { does: "names no symbol", code: -1102, kind: "BadRequest", run: (c) => raw(c, { symbol: "" }) },
  {
    does: "names an unknown symbol",
    code: -1121,
    kind: "BadSymbol",
    run: (c) => raw(c, { symbol: "XUSDT" }),
  },
  {
    does: "leaves out the price",
    code: -1102,
    kind: "BadRequest",
    run: (c) => raw(c, { ...limit(""), price: "" }),
  },
  {
    does: "leaves out the quantity",
    code: -1102,
    kind: "BadRequest",
    run: (c) => raw(c, limit("49000", "")),
  },
  {
    does: "leaves out timeInForce",
    code: -1102,
    kind: "BadRequest",
    run: (c) => raw(c, limit("49000", "1", { timeInForce: "" })),
  },
  {
    does: "sends a side nobody knows",
    code: -1117,
    kind: "BadRequest",
    run: (c) => raw(c, limit("49000", "1", { side: "UP" })),
  },
  {
    does: "sends a type nobody knows",
    code: -1116,
    kind: "BadRequest",
    run: (c) => raw(c, limit("49000", "1", { type: "X" })),
  },
  {
    does: "sends a time in force nobody knows",
    code: -1115,
    kind: "BadRequest",
    run: (c) => raw(c, limit("49000", "1", { timeInForce: "X" })),
  },
  {
    does: "sends a stop to the order call",
    code: -4120,
    kind: "ExchangeError",
    run: (c) => raw(c, { type: "STOP_MARKET", stopPrice: "49000", quantity: "1" }),
  },
  {
    does: "sends a price with a market order",
    code: -1106,
    kind: "BadRequest",
    run: (c) => raw(c, { type: "MARKET", quantity: "1", price: "49000" }),
  },
  {
    does: "sends too many digits",
    code: -1111,
    kind: "BadRequest",
    run: (c) => raw(c, limit("49000", "0.0101")),
  },
  {
    does: "sends a price off the tick",
    code: -4014,
    kind: "BadRequest",
    run: (c) => raw(c, limit("49000.05")),
  },
  {
    does: "sends a price above the largest",
    code: -4002,
    kind: "BadRequest",
    run: (c) => raw(c, limit("9000000")),
  },
  {
    does: "sends no quantity worth the name",
    code: -4003,
    kind: "BadRequest",
    run: (c) => raw(c, limit("49000", "0")),
  },
  {
    does: "sends too large a quantity",
    code: -4005,
    kind: "BadRequest",
    run: (c) => raw(c, limit("49000", "2000")),
  },
  { does: "bids far above the mark", code: -4016, kind: "BadRequest", run: (c) => raw(c, limit("60000")) },
  {
    does: "offers far below the mark",
    code: -4024,
    kind: "BadRequest",
    run: (c) => raw(c, limit("40000", "0.01", { side: "SELL" })),
  },
  {
    does: "orders too little",
    code: -4164,
    kind: "InvalidOrder",
    run: (c) => c.createOrder(BTC, "limit", "buy", 0.001, 49_000),
  },
  {
    does: "can't pay",
    code: -2019,
    kind: "InsufficientFunds",
    run: (c) => c.createOrder(BTC, "limit", "buy", 9, 49_000),
  },
  {
    does: "reaches beyond the tiers",
    code: -2027,
    kind: "OperationRejected",
    run: (c) => c.createOrder(BTC, "limit", "buy", 20, 49_000),
  },
  {
    does: "posts an order that would take",
    code: -5022,
    kind: "OrderNotFillable",
    run: (c) => c.createOrder(BTC, "limit", "buy", 0.01, 50_100, { postOnly: true }),
  },
  {
    does: "wants all or nothing and gets nothing",
    code: -5021,
    kind: "OrderNotFillable",
    run: (c) => c.createOrder(BTC, "limit", "buy", 0.01, 49_000, { timeInForce: "FOK" }),
  },
  {
    does: "reduces nothing",
    code: -2022,
    kind: "InvalidOrder",
    run: (c) => c.createOrder(BTC, "market", "sell", 0.01, undefined, { reduceOnly: true }),
  },
  {
    does: "names a hedge book in one-way mode",
    code: -4061,
    kind: "OperationRejected",
    run: (c) => c.createOrder(BTC, "market", "sell", 0.01, undefined, { positionSide: "LONG" }),
  },
  {
    does: "uses an open order's id again",
    code: -4116,
    kind: "InvalidOrder",
    run: async (c) => {
      await c.createOrder(BTC, "limit", "buy", 0.01, 48_000, { clientOrderId: "twice" });
      return c.createOrder(BTC, "limit", "buy", 0.01, 48_000, { clientOrderId: "twice" });
    },
  },
  {
    does: "makes up an id with odd letters",
    code: -1100,
    kind: "BadRequest",
    run: (c) => raw(c, limit("49000", "0.01", { newClientOrderId: "a b" })),
  },
  {
    does: "makes up an id that is too long",
    code: -4015,
    kind: "BadRequest",
    run: (c) => raw(c, limit("49000", "0.01", { newClientOrderId: "a".repeat(37) })),
  },
  {
    does: "sets a stop beyond the price",
    code: -2021,
    kind: "OrderImmediatelyFillable",
    run: (c) => c.createOrder(BTC, "market", "sell", 0.01, undefined, { stopLossPrice: 51_000 }),
  },
  {
    does: "leaves out the trigger",
    code: -1102,
    kind: "BadRequest",
    run: (c) => algo(c, { type: "STOP_MARKET", quantity: "0.01" }),
  },
  {
    does: "closes a position with a quantity",
    code: -1106,
    kind: "BadRequest",
    run: (c) =>
      algo(c, { type: "STOP_MARKET", quantity: "0.01", triggerPrice: "49000", closePosition: "true" }),
  },
  {
    does: "closes a position with a limit",
    code: -4136,
    kind: "InvalidOrder",
    run: (c) => algo(c, { type: "STOP", price: "49000", triggerPrice: "49000", closePosition: "true" }),
  },
  {
    does: "trails by too little",
    code: -1130,
    kind: "BadRequest",
    run: (c) => algo(c, { type: "TRAILING_STOP_MARKET", quantity: "0.01", callbackRate: "0.0" }),
  },
  {
    does: "trails from behind the price",
    code: -4135,
    kind: "BadRequest",
    run: (c) =>
      algo(c, {
        type: "TRAILING_STOP_MARKET",
        quantity: "0.01",
        callbackRate: "1.0",
        activatePrice: "49000",
      }),
  },
  {
    does: "sends a word for self-trading that nobody knows",
    code: -1130,
    kind: "BadRequest",
    run: (c) => raw(c, limit("49000", "0.01", { selfTradePreventionMode: "MAYBE" })),
  },
  {
    does: "sets one stop too many",
    code: -4045,
    kind: "OperationRejected",
    run: async (c) => {
      for (let stop = 0; stop < 5; stop += 1)
        await algo(c, { type: "STOP_MARKET", quantity: "0.01", triggerPrice: "49000" });
    },
  },
  {
    does: "opens one order too many",
    code: -2025,
    kind: "OperationRejected",
    run: async (c) => {
      for (let order = 0; order < 21; order += 1) await c.createOrder(BTC, "limit", "buy", 0.01, 48_000);
    },
  },
];
