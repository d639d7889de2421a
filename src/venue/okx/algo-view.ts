import type { RejectReason, VenueConditional } from "../exchange.ts";
import { type Listing, priceText, sizeText } from "./listing.ts";
import { clientText, POS_SIDE } from "./order-view.ts";
import { refusalOf } from "./reject-codes.ts";

const STATE = {
  new: "live",
  triggering: "live",
  triggered: "effective",
  finished: "effective",
  canceled: "canceled",
  expired: "canceled",
  rejected: "order_failed",
} as const satisfies Record<VenueConditional["status"], string>;
const WORKING = { mark: "mark", contract: "last" } as const;

/** OKX's word for how far a conditional order has come. */
export const algoState = (order: VenueConditional): string => STATE[order.status];

/** A conditional order as the calls and the `orders-algo` channel show it: one trigger, stop or take profit. */
export function algoView(order: VenueConditional, listing: Listing) {
  const { exchange, instrument } = listing;
  const { request, account } = order;
  const isStop = request.kind === "stop" || request.kind === "stopMarket";
  const leg = {
    px: request.price === undefined ? "-1" : priceText(request.price, listing),
    trigger: priceText(request.trigger, listing),
    type: WORKING[request.workingType],
  };
  const none = { px: "", trigger: "", type: "" };
  const [stop, profit] = isStop ? [leg, none] : [none, leg];
  const spawned = order.spawnedOrderId === undefined ? "" : String(order.spawnedOrderId);
  return {
    activePx: "",
    actualPx: spawned === "" ? "" : leg.px,
    actualSide: spawned === "" ? "" : isStop ? "sl" : "tp",
    actualSz: spawned === "" ? "0" : sizeText(request.lots ?? 0, listing),
    algoClOrdId: clientText(order.clientId),
    algoId: String(order.conditionalId),
    amendPxOnTriggerType: "0",
    attachAlgoOrds: [],
    cTime: String(order.createdAt),
    callbackRatio: "",
    callbackSpread: "",
    ccy: "",
    clOrdId: "",
    closeFraction: request.closePosition ? "1" : "",
    failCode: failCode(order.rejectReason),
    instId: instrument.id,
    instType: "SWAP",
    last: priceText(exchange.mark(instrument.id).mark, listing),
    lever: String(exchange.leverage(account, instrument.id)),
    linkedOrd: { ordId: "" },
    moveTriggerPx: "",
    ordId: spawned,
    ordIdList: spawned === "" ? [] : [spawned],
    ordPx: "",
    ordType: "conditional",
    posSide: POS_SIDE[request.positionSide],
    pxLimit: "",
    pxSpread: "",
    pxVar: "",
    quickMgnType: "",
    reduceOnly: String(request.reduceOnly || request.closePosition),
    side: request.side,
    slOrdPx: stop.px,
    slTriggerPx: stop.trigger,
    slTriggerPxType: stop.type,
    state: STATE[order.status],
    sz: request.closePosition ? "" : sizeText(request.lots ?? 0, listing),
    szLimit: "",
    tag: "",
    tdMode: exchange.marginMode(account, instrument.id),
    tgtCcy: "",
    timeInterval: "",
    tpOrdPx: profit.px,
    tpTriggerPx: profit.trigger,
    tpTriggerPxType: profit.type,
    triggerPx: "",
    triggerPxType: "",
    triggerTime: order.triggeredAt === undefined ? "" : String(order.triggeredAt),
    uTime: String(order.updatedAt),
    uly: listing.family,
  };
}

const failCode = (reason: RejectReason | undefined): string =>
  reason === undefined ? "" : refusalOf(reason).code;
