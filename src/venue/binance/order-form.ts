import type { AccountId, Instrument } from "../../core/instrument.ts";
import { stepOf } from "../../core/text.ts";
import { lots, rate, type Ticks, ticks } from "../../core/units.ts";
import type { ConditionalRequest, Exchange, OrderRequest, PositionSide, SelfTradeMode } from "../exchange.ts";
import { clientId, count, type Fields, flag, optional, text, word } from "./fields.ts";
import { allOf, badValue, missing, notRequired, type Read, Refusal } from "./refusal.ts";
import { pricePrecision } from "./texts.ts";

/** Binance's words for the way of an order. */
export const SIDES = { BUY: "buy", SELL: "sell" } as const;
const POSITION_SIDES = { BOTH: "both", LONG: "long", SHORT: "short" } as const;
const TIMES_IN_FORCE = { GTC: "GTC", IOC: "IOC", FOK: "FOK", GTX: "GTX" } as const;
const ORDER_KINDS = { LIMIT: "limit", MARKET: "market" } as const;
const CONDITIONAL_KINDS = {
  STOP: "stop",
  STOP_MARKET: "stopMarket",
  TAKE_PROFIT: "takeProfit",
  TAKE_PROFIT_MARKET: "takeProfitMarket",
  TRAILING_STOP_MARKET: "trailingStopMarket",
} as const;
const SELF_TRADES = {
  NONE: "none",
  EXPIRE_TAKER: "expireTaker",
  EXPIRE_MAKER: "expireMaker",
  EXPIRE_BOTH: "expireBoth",
} as const;
/** A callback rate is told in tenths of a percent. */
const CALLBACK_STEP = stepOf("0.1");
const CALLBACK_UNIT = 100_000;
const WORKING_TYPES = { MARK_PRICE: "mark", CONTRACT_PRICE: "contract" } as const;

const badType = new Refusal(-1116, "Invalid orderType.");
const movedToAlgo = new Refusal(
  -4120,
  "Order type not supported for this endpoint. Please use the Algo Order API endpoints instead.",
);

/** Reads POST /fapi/v1/order (or one row of batchOrders) into a request for the exchange. */
export function orderForm(
  fields: Fields,
  instrument: Instrument,
  exchange: Exchange,
  account: AccountId,
): Read<OrderRequest> {
  const kind = required(fields, "type", (found) =>
    Object.hasOwn(CONDITIONAL_KINDS, found) ? movedToAlgo : word(found, ORDER_KINDS, badType),
  );
  if (kind instanceof Refusal) return kind;
  const isLimit = kind === "limit";
  const common = allOf(shared(fields, instrument, exchange, account));
  if (common instanceof Refusal) return common;
  const form = allOf({
    clientId: clientId(fields, "newClientOrderId"),
    timeInForce: isLimit ? sent("timeInForce", timeInForce(fields)) : timeInForce(fields),
    size: sent("quantity", sizeOf(fields, instrument)),
    price: isLimit ? sent("price", priceOf(fields, "price", instrument)) : unsent(fields, "price"),
    stopPrice: unsent(fields, "stopPrice"),
    closePosition: unsent(fields, "closePosition", "false"),
  });
  if (form instanceof Refusal) return form;
  return {
    instrument: instrument.id,
    clientId: form.clientId,
    side: common.side,
    positionSide: common.positionSide,
    kind,
    timeInForce: form.timeInForce ?? "GTC",
    ...(form.price === undefined ? {} : { price: form.price }),
    lots: lots(form.size),
    reduceOnly: common.reduceOnly,
    ...(common.selfTrade === undefined ? {} : { selfTrade: common.selfTrade }),
  };
}

/** Reads POST /fapi/v1/algoOrder into a request for the exchange. */
export function conditionalForm(
  fields: Fields,
  instrument: Instrument,
  exchange: Exchange,
  account: AccountId,
): Read<ConditionalRequest> {
  const head = allOf({
    algoType: required(fields, "algoType", (found) =>
      word(found, { CONDITIONAL: true }, missing("algoType")),
    ),
    kind: required(fields, "type", (found) => word(found, CONDITIONAL_KINDS, badType)),
    closePosition: flag(fields, "closePosition"),
  });
  if (head instanceof Refusal) return head;
  const { kind, closePosition } = head;
  const isLimit = kind === "stop" || kind === "takeProfit";
  const isTrailing = kind === "trailingStopMarket";
  if ((isLimit || isTrailing) && closePosition) {
    return new Refusal(-4136, `Target strategy invalid for orderType ${kind},closePosition true`);
  }
  const form = allOf({
    ...shared(fields, instrument, exchange, account),
    clientId: clientId(fields, "clientAlgoId"),
    timeInForce: timeInForce(fields),
    trigger: isTrailing ? activationOf(fields, instrument) : triggerOf(fields, instrument),
    callback: isTrailing ? sent("callbackRate", callbackOf(fields)) : unsent(fields, "callbackRate"),
    price: isLimit ? sent("price", priceOf(fields, "price", instrument)) : unsent(fields, "price"),
    size: closePosition ? unsent(fields, "quantity") : sent("quantity", sizeOf(fields, instrument)),
    reduces: closePosition ? unsent(fields, "reduceOnly", "false") : undefined,
    workingType: word(
      optional(fields, "workingType") ?? "CONTRACT_PRICE",
      WORKING_TYPES,
      new Refusal(-1130, "Data sent for parameter 'workingType' is not valid."),
    ),
  });
  if (form instanceof Refusal) return form;
  return {
    instrument: instrument.id,
    clientId: form.clientId,
    side: form.side,
    positionSide: form.positionSide,
    kind,
    trigger: form.trigger,
    ...(form.callback === undefined ? {} : { callback: rate(form.callback * CALLBACK_UNIT) }),
    ...(form.price === undefined ? {} : { price: form.price }),
    ...(form.size === undefined ? {} : { lots: lots(form.size) }),
    closePosition,
    reduceOnly: form.reduceOnly,
    workingType: form.workingType,
    timeInForce: form.timeInForce ?? "GTC",
    ...(form.selfTrade === undefined ? {} : { selfTrade: form.selfTrade }),
  };
}

const triggerOf = (fields: Fields, instrument: Instrument): Read<Ticks> =>
  sent("triggerPrice", priceOf(fields, "triggerPrice", instrument));

/** A trailing stop without an activation price is active at once. */
function activationOf(fields: Fields, instrument: Instrument): Read<Ticks> {
  const found = priceOf(fields, "activatePrice", instrument);
  return unsent(fields, "triggerPrice") ?? found ?? ticks(0);
}

const callbackOf = (fields: Fields): Read<number | undefined> =>
  count(fields, "callbackRate", CALLBACK_STEP, CALLBACK_STEP.decimals, badValue("callbackRate"));

/** What every order names: which way, which book, and whether it only reduces. */
function shared(fields: Fields, instrument: Instrument, exchange: Exchange, account: AccountId) {
  return {
    side: required(fields, "side", (found) => word(found, SIDES, new Refusal(-1117, "Invalid side."))),
    positionSide: positionSide(fields),
    reduceOnly:
      exchange.isHedgeMode(account) && optional(fields, "reduceOnly") !== undefined
        ? notRequired("reduceonly")
        : flag(fields, "reduceOnly"),
    priceMatch: unsent(fields, "priceMatch", "NONE"),
    selfTrade: selfTradeOf(fields),
    symbol: instrument.id,
  };
}

function selfTradeOf(fields: Fields): Read<SelfTradeMode | undefined> {
  const found = optional(fields, "selfTradePreventionMode");
  return found === undefined ? undefined : word(found, SELF_TRADES, badValue("selfTradePreventionMode"));
}

/** The book a call names, BOTH when it names none. */
export function positionSide(fields: Fields): Read<PositionSide> {
  const found = optional(fields, "positionSide") ?? "BOTH";
  return word(
    found,
    POSITION_SIDES,
    new Refusal(-1130, "Data sent for parameter 'positionSide' is not valid."),
  );
}

function timeInForce(fields: Fields): Read<OrderRequest["timeInForce"] | undefined> {
  const found = optional(fields, "timeInForce");
  if (found === undefined) return undefined;
  return word(found, TIMES_IN_FORCE, new Refusal(-1115, "Invalid timeInForce."));
}

/** The quantity in lots: -4023 off the lot step, -1111 with too many digits; undefined when left out. */
export function sizeOf(fields: Fields, instrument: Instrument): Read<number | undefined> {
  const offStep = new Refusal(-4023, "Qty not increased by step size.");
  return count(fields, "quantity", instrument.lot, instrument.lot.decimals, offStep);
}

/** A price in ticks: -4014 off the tick, -1111 with too many digits; undefined when left out. */
export function priceOf(fields: Fields, name: string, instrument: Instrument): Read<Ticks | undefined> {
  const offStep = new Refusal(-4014, "Price not increased by tick size.");
  const found = count(fields, name, instrument.tick, pricePrecision(instrument), offStep);
  return found === undefined || found instanceof Refusal ? found : ticks(found);
}

function required<T>(fields: Fields, name: string, read: (found: string) => Read<T>): Read<T> {
  const found = text(fields, name);
  return found instanceof Refusal ? found : read(found);
}

/** -1102 when a field that this order needs was left out. */
export function sent<T>(name: string, found: Read<T | undefined>): Read<T> {
  return found === undefined ? missing(name) : found;
}

/** -1106 when a field was sent that this order has no place for; `nothing` is a text that counts as not sent. */
export function unsent(fields: Fields, name: string, nothing = ""): Read<undefined> {
  const found = optional(fields, name);
  return found === undefined || found.toLowerCase() === nothing.toLowerCase() ? undefined : notRequired(name);
}
