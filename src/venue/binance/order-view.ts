import { type Instrument, notional } from "../../core/instrument.ts";
import { lots, value } from "../../core/units.ts";
import type { OrderChange, VenueOrder, VenueTrade } from "../exchange.ts";
import { averageText, lotsText, money, POSITION_SIDE, priceText, SIDE } from "./texts.ts";

const STATUS = {
  new: "NEW",
  partiallyFilled: "PARTIALLY_FILLED",
  filled: "FILLED",
  canceled: "CANCELED",
  expired: "EXPIRED",
  rejected: "REJECTED",
} as const satisfies Record<VenueOrder["status"], string>;

/** An order as every REST call shows it: the fields of all of Binance's order answers together. */
export function orderView(order: VenueOrder, instrument: Instrument): Record<string, unknown> {
  const { request } = order;
  const type = request.kind === "market" ? "MARKET" : "LIMIT";
  const filled = lotsText(order.filled, instrument);
  return {
    orderId: order.orderId,
    symbol: instrument.id,
    pair: instrument.id,
    status: STATUS[order.status],
    clientOrderId: order.clientId,
    price: priceText(request.price, instrument),
    avgPrice: averageText(order.cost, order.filled, instrument),
    origQty: lotsText(request.lots, instrument),
    executedQty: filled,
    cumQty: filled,
    cumQuote: money(order.cost),
    timeInForce: request.timeInForce,
    type,
    reduceOnly: request.reduceOnly,
    closePosition: false,
    side: SIDE[request.side],
    positionSide: POSITION_SIDE[request.positionSide],
    stopPrice: priceText(undefined, instrument),
    workingType: "CONTRACT_PRICE",
    priceProtect: false,
    origType: order.origin === "client" ? type : "LIQUIDATION",
    priceMatch: "NONE",
    selfTradePreventionMode: "EXPIRE_MAKER",
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
  const type = request.kind === "market" ? "MARKET" : "LIMIT";
  return {
    e: "ORDER_TRADE_UPDATE",
    E: at,
    T: at,
    o: {
      s: instrument.id,
      c: order.clientId,
      S: SIDE[request.side],
      o: order.origin === "client" ? type : "LIQUIDATION",
      f: request.timeInForce,
      q: lotsText(request.lots, instrument),
      p: priceText(request.price, instrument),
      ap: averageText(order.cost, order.filled, instrument),
      sp: priceText(undefined, instrument),
      x: order.origin === "liquidation" && change === "TRADE" ? "CALCULATED" : change,
      X: STATUS[order.status],
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
      ot: order.origin === "client" ? type : "LIQUIDATION",
      ps: POSITION_SIDE[request.positionSide],
      cp: false,
      AP: priceText(undefined, instrument),
      cr: "0",
      pP: false,
      si: 0,
      ss: 0,
      rp: money(trade?.realized ?? value(0)),
      V: "EXPIRE_MAKER",
      pm: "NONE",
      gtd: 0,
      er: "0",
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
    id: trade.tradeId,
    orderId: trade.orderId,
    side: SIDE[trade.side],
    price: priceText(trade.price, instrument),
    qty: lotsText(trade.lots, instrument),
    realizedPnl: money(trade.realized),
    quoteQty: money(notional(instrument, trade.price, trade.lots, "nearest")),
    commission: money(trade.fee),
    commissionAsset: instrument.settle,
    marginAsset: instrument.settle,
    time: trade.at,
    positionSide: POSITION_SIDE[trade.positionSide],
    buyer: trade.side === "buy",
    maker: trade.isMaker,
  };
}
