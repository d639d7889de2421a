import { type Instrument, notional } from "../../core/instrument.ts";
import { lots, value } from "../../core/units.ts";
import type { OrderChange, OrderEndReason, SelfTradeMode, VenueOrder, VenueTrade } from "../exchange.ts";
import { averageText, lotsText, money, POSITION_SIDE, pairOf, priceText, SIDE } from "./texts.ts";

/** Binance's words for what an order does that would trade with its own account. */
export const SELF_TRADE = {
  none: "NONE",
  expireTaker: "EXPIRE_TAKER",
  expireMaker: "EXPIRE_MAKER",
  expireBoth: "EXPIRE_BOTH",
} as const satisfies Record<SelfTradeMode, string>;

/**
 * Why an order ended, the field `er`.
 * @see Binance's page of the event ORDER_TRADE_UPDATE, expiry reasons 0 to 9
 */
const EXPIRY = {
  client: "0",
  countdown: "0",
  timeInForce: "2",
  noLiquidity: "9",
  selfTrade: "1",
  reduceOnly: "4",
  positionGone: "6",
  liquidation: "5",
  delisting: "7",
} as const satisfies Record<OrderEndReason, string>;

const STATUS = {
  new: "NEW",
  partiallyFilled: "PARTIALLY_FILLED",
  filled: "FILLED",
  canceled: "CANCELED",
  expired: "EXPIRED",
  rejected: "REJECTED",
} as const satisfies Record<VenueOrder["status"], string>;

/** An order's status in Binance's words; one that ended for self-trade has a word of its own. */
const statusOf = (order: VenueOrder): string =>
  order.status === "expired" && order.endReason === "selfTrade" ? "EXPIRED_IN_MATCH" : STATUS[order.status];

/** The type an order shows: what its owner sent, or that it is the exchange's own forced one. */
function typesOf(order: VenueOrder): { readonly type: string; readonly origin: string } {
  const type = order.request.kind === "market" ? "MARKET" : "LIMIT";
  return { type, origin: order.origin === "liquidation" ? "LIQUIDATION" : type };
}

/** An order as every REST call shows it: the fields of all of Binance's order answers together. */
export function orderView(order: VenueOrder, instrument: Instrument): Record<string, unknown> {
  const { request } = order;
  const { type, origin } = typesOf(order);
  const filled = lotsText(order.filled, instrument);
  return {
    orderId: order.orderId,
    symbol: instrument.id,
    pair: pairOf(instrument),
    status: statusOf(order),
    clientOrderId: order.clientId,
    price: priceText(request.price, instrument),
    avgPrice: averageText(order.cost, order.filled, instrument),
    origQty: lotsText(request.lots, instrument),
    executedQty: filled,
    cumQty: filled,
    cumQuote: money(order.cost),
    cumBase: filled,
    timeInForce: request.timeInForce,
    type,
    reduceOnly: request.reduceOnly,
    closePosition: false,
    side: SIDE[request.side],
    positionSide: POSITION_SIDE[request.positionSide],
    stopPrice: priceText(undefined, instrument),
    workingType: "CONTRACT_PRICE",
    priceProtect: false,
    origType: origin,
    // Only trailing stops have these two, and those live in the algo service.
    activatePrice: priceText(undefined, instrument),
    priceRate: "0",
    priceMatch: "NONE",
    selfTradePreventionMode: SELF_TRADE[request.selfTrade ?? "none"],
    goodTillDate: 0,
    time: order.createdAt,
    updateTime: order.updatedAt,
  };
}

/** The answer to an order as newOrderRespType=ACK shows it: accepted, whatever has become of it since. */
export function acknowledgement(order: VenueOrder, instrument: Instrument): Record<string, unknown> {
  const none = lotsText(undefined, instrument);
  return {
    ...orderView(order, instrument),
    status: "NEW",
    avgPrice: averageText(order.cost, lots(0), instrument),
    executedQty: none,
    cumQty: none,
    cumBase: none,
    cumQuote: money(value(0)),
    updateTime: order.createdAt,
  };
}

/** Resting notional on each side, for the fields `b` and `a`. */
export interface RestingNotional {
  readonly bids: string;
  readonly asks: string;
}

/** The private message ORDER_TRADE_UPDATE. `at` is market time. */
export function orderUpdate(
  order: VenueOrder,
  change: OrderChange,
  trade: VenueTrade | undefined,
  instrument: Instrument,
  resting: RestingNotional,
  at: number,
): Record<string, unknown> {
  const { request } = order;
  const { origin } = typesOf(order);
  return {
    e: "ORDER_TRADE_UPDATE",
    E: at,
    T: at,
    o: {
      s: instrument.id,
      c: order.clientId,
      S: SIDE[request.side],
      o: origin,
      f: request.timeInForce,
      q: lotsText(request.lots, instrument),
      p: priceText(request.price, instrument),
      ap: averageText(order.cost, order.filled, instrument),
      sp: priceText(undefined, instrument),
      x: order.origin !== "client" && change === "TRADE" ? "CALCULATED" : change,
      X: statusOf(order),
      i: order.orderId,
      M: instrument.settle,
      l: lotsText(trade?.lots, instrument),
      z: lotsText(order.filled, instrument),
      L: priceText(trade?.price, instrument),
      ...(trade === undefined ? {} : { N: instrument.settle, n: money(trade.fee) }),
      T: at,
      t: trade?.tradeId ?? 0,
      b: resting.bids,
      a: resting.asks,
      m: trade?.isMaker ?? false,
      R: request.reduceOnly,
      wt: "CONTRACT_PRICE",
      ot: origin,
      ps: POSITION_SIDE[request.positionSide],
      cp: false,
      AP: priceText(undefined, instrument),
      cr: "0",
      pP: false,
      si: 0,
      ss: 0,
      rp: money(trade?.realized ?? value(0)),
      V: SELF_TRADE[request.selfTrade ?? "none"],
      pm: "NONE",
      gtd: 0,
      er: order.endReason === undefined ? "0" : EXPIRY[order.endReason],
    },
  };
}

/** The private message TRADE_LITE: the short form that Binance sends beside each fill. `at` is market time. */
export function tradeLite(
  order: VenueOrder,
  trade: VenueTrade,
  instrument: Instrument,
  at: number,
): Record<string, unknown> {
  return {
    e: "TRADE_LITE",
    E: at,
    T: at,
    s: instrument.id,
    q: lotsText(order.request.lots, instrument),
    p: priceText(order.request.price, instrument),
    m: trade.isMaker,
    c: order.clientId,
    S: SIDE[trade.side],
    L: priceText(trade.price, instrument),
    l: lotsText(trade.lots, instrument),
    t: trade.tradeId,
    i: order.orderId,
  };
}

/** One execution as userTrades shows it. */
export function tradeView(trade: VenueTrade, instrument: Instrument): Record<string, unknown> {
  return {
    symbol: instrument.id,
    pair: pairOf(instrument),
    id: trade.tradeId,
    orderId: trade.orderId,
    side: SIDE[trade.side],
    price: priceText(trade.price, instrument),
    qty: lotsText(trade.lots, instrument),
    realizedPnl: money(trade.realized),
    quoteQty: money(notional(instrument, trade.price, trade.lots, "nearest")),
    commission: money(trade.fee),
    commissionAsset: instrument.settle,
    baseQty: lotsText(trade.lots, instrument),
    marginAsset: instrument.settle,
    time: trade.at,
    positionSide: POSITION_SIDE[trade.positionSide],
    buyer: trade.side === "buy",
    maker: trade.isMaker,
  };
}
