import type { Instrument } from "../../core/instrument.ts";
import { lots, type Value, value } from "../../core/units.ts";
import { lotsText, priceText } from "../binance/texts.ts";
import type { ConditionalRequest, OrderRequest, VenueConditional, VenueOrder } from "../exchange.ts";
import type { Floor, House } from "./house.ts";
import { orderIdText } from "./ids.ts";
import type { OrderRow } from "./order-notes.ts";
import { amount, averageText, maybePrice, POSITION_IDX, SIDE, TIME_IN_FORCE } from "./texts.ts";

/** What every order shows, whatever became of it. */
interface Shown {
  readonly orderId: string;
  readonly clientId: string;
  readonly request: OrderRequest;
  readonly trigger: ConditionalRequest | undefined;
  readonly status: string;
  readonly createType: string;
  readonly cancelType: string;
  readonly rejectReason: string;
  readonly filled: number;
  readonly cost: Value;
  readonly fee: Value;
  readonly realized: Value;
  readonly createdAt: number;
  readonly updatedAt: number;
  readonly isOpen: boolean;
}

const STATUS = {
  new: "New",
  partiallyFilled: "PartiallyFilled",
  filled: "Filled",
  canceled: "Cancelled",
  expired: "Cancelled",
  rejected: "Rejected",
} as const satisfies Record<VenueOrder["status"], string>;

const CREATE_TYPE = {
  client: "CreateByUser",
  liquidation: "CreateByLiq",
  adl: "CreateByAdl_PassThrough",
  settlement: "CreateBySettle",
} as const satisfies Record<VenueOrder["origin"], string>;

const CANCEL_TYPE: Readonly<Record<NonNullable<VenueOrder["endReason"]>, string>> = {
  client: "CancelByUser",
  countdown: "CancelByDCP",
  timeInForce: "UNKNOWN",
  noLiquidity: "UNKNOWN",
  selfTrade: "CancelBySmp",
  reduceOnly: "CancelByReduceOnly",
  positionGone: "CancelByTpSlTsClear",
  liquidation: "CancelByPrepareLiq",
  delisting: "CancelBySettle",
};

/** Ids that the exchange itself made up are not shown as the client's. */
const linkOf = (clientId: string): string => (/^auto\d+$/.test(clientId) ? "" : clientId);

/** An order as Bybit shows it; one that a conditional order became keeps that order's id and trigger. */
export function orderRow(house: House, floor: Floor, order: VenueOrder): OrderRow | undefined {
  const instrument = floor.instruments.get(order.request.instrument);
  if (instrument === undefined) return undefined;
  const { conditionalId, endReason } = order;
  const conditional =
    conditionalId === undefined ? undefined : floor.exchange.conditional(order.account, { conditionalId });
  const isOpen = order.status === "new" || order.status === "partiallyFilled";
  const isOver = !isOpen && order.status !== "filled";
  return row(floor, instrument, {
    orderId: orderIdText({ floor: floor.index, id: conditionalId ?? order.orderId }),
    clientId: order.origin === "client" ? linkOf(conditional?.clientId ?? order.clientId) : "",
    request: order.request,
    trigger: conditional?.request,
    status: STATUS[order.status],
    createType: conditional === undefined ? CREATE_TYPE[order.origin] : "CreateByStopOrder",
    cancelType: isOver && endReason !== undefined ? CANCEL_TYPE[endReason] : "UNKNOWN",
    rejectReason: isOver ? rejectReasonOf(order) : "EC_NoError",
    filled: order.filled,
    cost: order.cost,
    ...house.notes.tally(floor.index, order.orderId),
    createdAt: conditional?.createdAt ?? order.createdAt,
    updatedAt: order.updatedAt,
    isOpen,
  });
}

function rejectReasonOf({ request, endReason }: VenueOrder): string {
  if (endReason === "client") return "EC_PerCancelRequest";
  if (endReason === "noLiquidity" || (endReason === undefined && request.kind === "market")) {
    return "EC_NoImmediateQtyToFill";
  }
  return endReason === "timeInForce" ? "EC_CancelForNoFullFill" : "EC_NoError";
}

const WAITING_STATUS: Readonly<Record<VenueConditional["status"], string>> = {
  new: "Untriggered",
  triggering: "Triggered",
  triggered: "Triggered",
  finished: "Triggered",
  canceled: "Deactivated",
  expired: "Deactivated",
  rejected: "Rejected",
};

/** A conditional order that has not become an order (yet). */
export function conditionalRow(floor: Floor, order: VenueConditional): OrderRow | undefined {
  const instrument = floor.instruments.get(order.request.instrument);
  if (instrument === undefined) return undefined;
  const { request, endReason, status } = order;
  const isLimit = request.kind === "stop" || request.kind === "takeProfit";
  return row(floor, instrument, {
    orderId: orderIdText({ floor: floor.index, id: order.conditionalId }),
    clientId: linkOf(order.clientId),
    request: {
      ...request,
      kind: isLimit ? "limit" : "market",
      lots: request.lots ?? lots(0),
    },
    trigger: request,
    status: WAITING_STATUS[status],
    createType: "CreateByUser",
    cancelType: endReason === undefined ? "UNKNOWN" : CANCEL_TYPE[endReason],
    rejectReason: status === "rejected" ? "EC_Others" : "EC_NoError",
    filled: 0,
    cost: value(0),
    fee: value(0),
    realized: value(0),
    createdAt: order.createdAt,
    updatedAt: order.updatedAt,
    isOpen: status === "new",
  });
}

/** An order that was accepted, and that the matching cancelled before it did anything. */
export function refusedRow(
  floor: Floor,
  instrument: Instrument,
  orderId: string,
  request: OrderRequest,
  rejectReason: string,
): OrderRow {
  const at = floor.exchange.now();
  return row(floor, instrument, {
    orderId,
    clientId: request.clientId,
    request,
    trigger: undefined,
    status: "Cancelled",
    createType: "CreateByUser",
    cancelType: "UNKNOWN",
    rejectReason,
    filled: 0,
    cost: value(0),
    fee: value(0),
    realized: value(0),
    createdAt: at,
    updatedAt: at,
    isOpen: false,
  });
}

function row(floor: Floor, instrument: Instrument, shown: Shown): OrderRow {
  const { request, trigger, isOpen, filled } = shown;
  const left = isOpen ? lots(request.lots - filled) : lots(0);
  const isRising = trigger !== undefined && rises(trigger);
  return {
    category: floor.category,
    symbol: instrument.id,
    orderId: shown.orderId,
    orderLinkId: shown.clientId,
    blockTradeId: "",
    side: SIDE[request.side],
    positionIdx: POSITION_IDX[request.positionSide],
    orderStatus: shown.status,
    createType: shown.createType,
    cancelType: shown.cancelType,
    rejectReason: shown.rejectReason,
    timeInForce: request.kind === "market" ? "IOC" : TIME_IN_FORCE[request.timeInForce],
    isLeverage: "",
    price: request.kind === "market" ? "0" : priceText(request.price, instrument),
    qty: lotsText(request.lots, instrument),
    avgPrice: averageText(shown.cost, lots(filled), instrument) ?? "",
    leavesQty: lotsText(left, instrument),
    leavesValue: "0",
    cumExecQty: lotsText(lots(filled), instrument),
    cumExecValue: amount(shown.cost),
    cumExecFee: amount(shown.fee),
    cumFeeDetail: shown.fee === 0 ? {} : { [instrument.settle]: amount(shown.fee) },
    closedPnl: amount(shown.realized),
    orderType: request.kind === "market" ? "Market" : "Limit",
    stopOrderType: trigger === undefined ? "" : "Stop",
    orderIv: "",
    triggerPrice: maybePrice(trigger?.trigger, instrument),
    triggerDirection: trigger === undefined ? 0 : isRising ? 1 : 2,
    triggerBy: trigger === undefined ? "" : trigger.workingType === "mark" ? "MarkPrice" : "LastPrice",
    takeProfit: "",
    stopLoss: "",
    tpTriggerBy: "",
    slTriggerBy: "",
    tpLimitPrice: "0",
    slLimitPrice: "0",
    tpslMode: "",
    lastPriceOnCreated: "",
    reduceOnly: request.reduceOnly,
    closeOnTrigger: trigger?.closePosition ?? false,
    smpType: "None",
    smpGroup: 0,
    smpOrderId: "",
    placeType: "",
    createdTime: String(shown.createdAt),
    updatedTime: String(shown.updatedAt),
  };
}

/** Whether a conditional order waits for the price to rise. */
function rises({ kind, side }: ConditionalRequest): boolean {
  const isStop = kind === "stop" || kind === "stopMarket" || kind === "trailingStopMarket";
  return isStop === (side === "buy");
}
