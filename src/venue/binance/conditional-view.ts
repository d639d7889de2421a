import type { Instrument } from "../../core/instrument.ts";
import { lots, type Rate, value } from "../../core/units.ts";
import type { RejectReason, VenueConditional, VenueOrder } from "../exchange.ts";
import { SELF_TRADE } from "./order-view.ts";
import { refusalOf } from "./reject-codes.ts";
import {
  averageText,
  CONDITIONAL_TYPE,
  lotsText,
  POSITION_SIDE,
  priceText,
  SIDE,
  WORKING_TYPE,
} from "./texts.ts";

const STATUS = {
  new: "NEW",
  triggering: "TRIGGERING",
  triggered: "TRIGGERED",
  finished: "FINISHED",
  canceled: "CANCELED",
  rejected: "REJECTED",
  expired: "EXPIRED",
} as const satisfies Record<VenueConditional["status"], string>;

interface Actual {
  readonly id: string;
  readonly type: string;
  readonly price: string;
  readonly lots: string;
}

/** What became of the order that a trigger brought to life. */
function actualOf(spawned: VenueOrder | undefined, instrument: Instrument): Actual {
  if (spawned === undefined) return { id: "", type: "", price: "0", lots: "0" };
  return {
    id: String(spawned.orderId),
    type: spawned.request.kind === "market" ? "MARKET" : "LIMIT",
    price: averageText(spawned.cost, spawned.filled, instrument),
    lots: lotsText(spawned.filled, instrument),
  };
}

/** A conditional order as the algo calls show it; `spawned` is the order its trigger brought to life. */
export function conditionalView(
  conditional: VenueConditional,
  spawned: VenueOrder | undefined,
  instrument: Instrument,
): Record<string, unknown> {
  const { request } = conditional;
  const actual = actualOf(spawned, instrument);
  return {
    algoId: conditional.conditionalId,
    clientAlgoId: conditional.clientId,
    algoType: "CONDITIONAL",
    orderType: CONDITIONAL_TYPE[request.kind],
    symbol: instrument.id,
    side: SIDE[request.side],
    positionSide: POSITION_SIDE[request.positionSide],
    timeInForce: request.timeInForce,
    quantity: lotsText(request.lots, instrument),
    algoStatus: STATUS[conditional.status],
    actualOrderId: actual.id,
    actualPrice: actual.price,
    actualType: actual.type,
    actualQty: actual.lots,
    triggerPrice: priceText(triggerOf(conditional), instrument),
    price: priceText(request.price, instrument),
    activatePrice: priceText(activationOf(conditional), instrument),
    callbackRate: callbackText(request.callback),
    icebergQuantity: null,
    tpTriggerPrice: priceText(undefined, instrument),
    tpPrice: priceText(undefined, instrument),
    slTriggerPrice: priceText(undefined, instrument),
    slPrice: priceText(undefined, instrument),
    tpOrderType: "",
    selfTradePreventionMode: SELF_TRADE[request.selfTrade ?? "none"],
    workingType: WORKING_TYPE[request.workingType],
    priceMatch: "NONE",
    closePosition: request.closePosition,
    priceProtect: false,
    reduceOnly: request.reduceOnly,
    createTime: conditional.createdAt,
    updateTime: conditional.updatedAt,
    triggerTime: conditional.triggeredAt ?? 0,
    goodTillDate: 0,
  };
}

/** The private message ALGO_UPDATE. `at` is market time. */
export function conditionalUpdate(
  conditional: VenueConditional,
  spawned: VenueOrder | undefined,
  instrument: Instrument,
  at: number,
): Record<string, unknown> {
  const { request } = conditional;
  // The message of the moment in which the order came to life: what it has filled since is told later.
  const isBorn = spawned !== undefined && conditional.status === "triggered";
  const then = isBorn ? { ...spawned, filled: lots(0), cost: value(0) } : spawned;
  const actual = actualOf(then, instrument);
  return {
    e: "ALGO_UPDATE",
    E: at,
    T: at,
    o: {
      caid: conditional.clientId,
      aid: conditional.conditionalId,
      at: "CONDITIONAL",
      o: CONDITIONAL_TYPE[request.kind],
      s: instrument.id,
      S: SIDE[request.side],
      ps: POSITION_SIDE[request.positionSide],
      f: request.timeInForce,
      q: lotsText(request.lots, instrument),
      X: STATUS[conditional.status],
      ai: actual.id,
      ap: actual.price,
      aq: actual.lots,
      act: actual.type || "0",
      tp: priceText(triggerOf(conditional), instrument),
      p: priceText(request.price, instrument),
      V: SELF_TRADE[request.selfTrade ?? "none"],
      wt: WORKING_TYPE[request.workingType],
      pm: "NONE",
      cp: request.closePosition,
      pP: false,
      R: request.reduceOnly,
      tt: conditional.triggeredAt ?? 0,
      gtd: 0,
      rm: conditional.rejectReason === undefined ? "" : failure(conditional.rejectReason),
      ia: conditional.triggeredAt !== undefined,
    },
  };
}

/**
 * The private message CONDITIONAL_ORDER_TRIGGER_REJECT: a triggered order was refused. Binance announced its end in favour
 * of ALGO_UPDATE, but its connector still declares it, so both are sent. `at` is market time.
 */
export const triggerReject = (conditional: VenueConditional, reason: RejectReason, at: number): object => ({
  e: "CONDITIONAL_ORDER_TRIGGER_REJECT",
  E: at,
  T: at,
  or: { s: conditional.request.instrument, i: conditional.conditionalId, r: failure(reason) },
});

/** A trailing stop's trigger moves; until it is active it has none. */
const triggerOf = ({ request, trailing }: VenueConditional) =>
  request.kind === "trailingStopMarket" ? trailing?.trigger : request.trigger;

const activationOf = ({ request }: VenueConditional) =>
  request.kind === "trailingStopMarket" ? request.trigger : undefined;

/** In percent, as it is sent: 1.0 is one percent. */
const callbackText = (callback: Rate | undefined): string =>
  callback === undefined ? "0" : (callback / 1_000_000).toFixed(1);

const failure = (reason: RejectReason): string => refusalOf(reason).msg;
