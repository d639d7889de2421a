import { notional } from "../../core/instrument.ts";
import { lots, type Ticks } from "../../core/units.ts";
import type { OrderEndReason, VenueOrder, VenueTrade } from "../exchange.ts";
import { averageText, type Listing, money, priceText, sizeText } from "./listing.ts";
import type { Venue } from "./route.ts";

/** OKX's word for the books of an account. */
export const POS_SIDE = { both: "net", long: "long", short: "short" } as const;
const STATE = {
  new: "live",
  partiallyFilled: "partially_filled",
  filled: "filled",
  canceled: "canceled",
  expired: "canceled",
  rejected: "canceled",
} as const;
const CATEGORY = {
  client: "normal",
  liquidation: "full_liquidation",
  adl: "adl",
  settlement: "delivery",
} as const;
const ORDER_TYPE = { GTC: "limit", GTX: "post_only", IOC: "ioc", FOK: "fok" } as const;
/** OKX's numbers for who cancelled an order (`cancelSource`). */
const CANCEL_SOURCE: Readonly<Record<OrderEndReason, string>> = {
  client: "1",
  countdown: "20",
  timeInForce: "14",
  noLiquidity: "14",
  selfTrade: "32",
  reduceOnly: "23",
  positionGone: "17",
  liquidation: "3",
  delisting: "7",
};

/** Names that the exchange made up are none that a client gave. */
export const clientText = (clientId: string): string => (/^auto\d+$/.test(clientId) ? "" : clientId);

/** The client's own name of a plain order; orders of a triggered one and forced closes have none. */
export const orderName = (order: VenueOrder): string =>
  order.conditionalId === undefined && order.origin === "client" ? clientText(order.clientId) : "";

/** The trades of one order, oldest first. */
const tradesOf = ({ exchange, instrument }: Listing, order: VenueOrder): readonly VenueTrade[] =>
  order.filled === 0
    ? []
    : exchange
        .trades(order.account, { instrument: instrument.id })
        .filter((trade) => trade.orderId === order.orderId);

/** An order as GET /api/v5/trade/order and the lists show it, with what `trades` of it did so far. */
export function orderView(
  venue: Pick<Venue, "unrested">,
  order: VenueOrder,
  listing: Listing,
  trades: readonly VenueTrade[] = tradesOf(listing, order),
) {
  const { exchange, instrument } = listing;
  const { request, account } = order;
  const last = trades.at(-1);
  const conditional =
    order.conditionalId === undefined
      ? undefined
      : exchange.conditional(account, { conditionalId: order.conditionalId });
  const sum = (of: (trade: VenueTrade) => number): number =>
    trades.reduce((total, trade) => total + of(trade), 0);
  return {
    accFillSz: sizeText(order.filled, listing),
    algoClOrdId: conditional === undefined ? "" : clientText(conditional.clientId),
    algoId: conditional === undefined ? "" : String(conditional.conditionalId),
    attachAlgoClOrdId: "",
    attachAlgoOrds: [],
    avgPx: averageText(order.cost, order.filled, listing),
    cTime: String(order.createdAt),
    cancelSource: cancelSource(venue, order),
    cancelSourceReason: "",
    category: CATEGORY[order.origin],
    ccy: "",
    clOrdId: orderName(order),
    fee: money(-sum((trade) => trade.fee)),
    feeCcy: instrument.settle,
    fillPx: priceText(last?.price, listing),
    fillSz: sizeText(last?.lots ?? 0, listing),
    fillTime: last === undefined ? "" : String(last.at),
    instId: instrument.id,
    instType: "SWAP",
    isTpLimit: "false",
    lever: String(exchange.leverage(account, instrument.id)),
    linkedAlgoOrd: { algoId: "" },
    ordId: String(order.orderId),
    ordType: request.kind === "market" ? "market" : ORDER_TYPE[request.timeInForce],
    pnl: money(sum((trade) => trade.realized)),
    posSide: POS_SIDE[request.positionSide],
    px: request.kind === "market" ? "" : priceText(request.price, listing),
    pxType: "",
    pxUsd: "",
    pxVol: "",
    quickMgnType: "",
    rebate: "0",
    rebateCcy: instrument.settle,
    reduceOnly: String(request.reduceOnly),
    side: request.side,
    slOrdPx: "",
    slTriggerPx: "",
    slTriggerPxType: "",
    source: conditional === undefined ? "" : "7",
    state: STATE[order.status],
    stpId: "",
    stpMode: "cancel_maker",
    sz: sizeText(request.lots, listing),
    tag: "",
    tdMode: exchange.marginMode(account, instrument.id),
    tgtCcy: "",
    tpOrdPx: "",
    tpTriggerPx: "",
    tpTriggerPxType: "",
    tradeId: last === undefined ? "" : String(last.tradeId),
    tradeQuoteCcy: "",
    uTime: String(order.updatedAt),
  };
}

function cancelSource(venue: Pick<Venue, "unrested">, order: VenueOrder): string {
  if (order.status !== "canceled" && order.status !== "expired") return "";
  const unrested = venue.unrested.causeOf(order.orderId);
  if (unrested !== undefined) return unrested;
  if (order.endReason === "timeInForce" && order.request.timeInForce === "FOK") return "13";
  return CANCEL_SOURCE[order.endReason ?? "client"];
}

/** An order as the `orders` channel pushes it; `trade` is the execution that the push is about. */
export function orderPush(
  venue: Pick<Venue, "unrested">,
  order: VenueOrder,
  listing: Listing,
  trade: VenueTrade | undefined,
) {
  const { instrument, exchange } = listing;
  // What came later in the same call is not told yet.
  const trades = tradesOf(listing, order).filter(
    (each) => trade === undefined || each.tradeId <= trade.tradeId,
  );
  const shown = orderView(venue, order, listing, trade === undefined ? [] : trades);
  const last = exchange.depth(instrument.id, 1).bids[0]?.price;
  const worth = (price: Ticks | undefined, size: number): string =>
    price === undefined ? "" : quoteText(listing, price, size);
  return {
    ...shown,
    ...(trade === undefined && trades.length > 0 ? summed(trades) : {}),
    amendResult: "",
    amendSource: "",
    code: "0",
    execType: trade === undefined ? "" : trade.isMaker ? "M" : "T",
    fillFee: trade === undefined ? "0" : money(-trade.fee),
    fillFeeCcy: trade === undefined ? "" : instrument.settle,
    fillFwdPx: "",
    fillIdxPx: "",
    fillMarkPx: "",
    fillMarkVol: "",
    fillNotionalUsd: trade === undefined ? "" : worth(trade.price, trade.lots),
    fillPnl: trade === undefined ? "0" : money(trade.realized),
    fillPxUsd: "",
    fillPxVol: "",
    lastPx: priceText(last, listing),
    msg: "",
    notionalUsd: worth(order.request.price ?? last, order.request.lots),
    reqId: "",
  };
}

/** An update that is no execution still says what the order paid so far. */
const summed = (trades: readonly VenueTrade[]) => ({
  fee: money(-trades.reduce((sum, each) => sum + each.fee, 0)),
  pnl: money(trades.reduce((sum, each) => sum + each.realized, 0)),
});

/** What a size is worth in the quote asset. */
export function quoteText({ instrument }: Listing, price: Ticks, size: number): string {
  const held = lots(Math.abs(size));
  return money(
    instrument.kind === "inverse" ? held * instrument.unit : notional(instrument, price, held, "nearest"),
  );
}
