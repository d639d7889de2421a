import { notional } from "../core/instrument.ts";
import { lots, opposite, portion, type Ticks, type Value, value } from "../core/units.ts";
import { isReducer } from "./client-order.ts";
import type { ConditionalRequest, OrderRequest, RejectReason } from "./exchange.ts";
import { preview } from "./matching.ts";
import { topOf } from "./order-side.ts";
import type { Account, Market, VenueState } from "./venue-state.ts";

/** The largest worth that sums stay exact with. */
const WORTH_MAX = 4_500_000_000_000_000;

/** What an order is worth in the quote asset; inverse contracts are counted in it. */
function quoteWorth(market: Market, price: Ticks, count: number): Value {
  const { instrument } = market;
  if (instrument.kind === "inverse") return value(count * instrument.unit);
  return notional(instrument, price, lots(count), "down");
}

/** Whether an account in this mode may name this position side. */
export const isSideWrong = (account: Account, side: OrderRequest["positionSide"]): boolean =>
  account.isHedge === (side === "both");

/** The instrument's filters for a quantity. */
function checkLots(market: Market, count: number | undefined, isMarket: boolean): RejectReason | undefined {
  const { lotsMin, lotsMax, marketLotsMax } = market.instrument;
  if (count === undefined || count <= 0) return "quantityZero";
  if (count < lotsMin) return "quantityBelowMin";
  return count > (isMarket ? marketLotsMax : lotsMax) ? "quantityAboveMax" : undefined;
}

/** The instrument's filters for a price, and the band around the mark: buys not far above, sells not far below. */
function checkPrice(
  venue: VenueState,
  market: Market,
  side: OrderRequest["side"] | undefined,
  price: Ticks | undefined,
): RejectReason | undefined {
  const { priceMin, priceMax } = market.instrument;
  if (price === undefined || price < priceMin || price > priceMax) return "priceOutOfRange";
  const band = portion(value(market.mark), venue.rules.priceBand, "down");
  if (side === "buy" && price > market.mark + band) return "priceTooFarAbove";
  return side === "sell" && price < market.mark - band ? "priceTooFarBelow" : undefined;
}

/** Everything about an order that does not depend on positions or money. */
export function checkOrder(
  venue: VenueState,
  account: Account,
  market: Market,
  request: OrderRequest,
): RejectReason | undefined {
  const { instrument } = market;
  if (isSideWrong(account, request.positionSide)) return "positionSideMismatch";
  if (account.isHedge && request.reduceOnly) return "reduceOnlyRejected";
  const wrongLots = checkLots(market, request.lots, request.kind === "market");
  if (wrongLots !== undefined) return wrongLots;
  if (request.kind === "limit") {
    const wrongPrice = checkPrice(venue, market, request.side, request.price);
    if (wrongPrice !== undefined) return wrongPrice;
  }
  const price = request.price ?? market.mark;
  if (instrument.kind !== "inverse" && request.lots * price * instrument.unit > WORTH_MAX) {
    return "quantityAboveMax";
  }
  if (!isReducer(request) && quoteWorth(market, price, request.lots) < instrument.notionalMin) {
    return "notionalTooSmall";
  }
  return checkList(account, market, request);
}

function checkList(account: Account, market: Market, request: OrderRequest): RejectReason | undefined {
  let own = 0;
  for (const order of account.open.values()) {
    if (order.request.instrument !== market.instrument.id) continue;
    if (request.clientId !== "" && order.clientId === request.clientId) return "duplicateClientId";
    own += 1;
  }
  return own >= market.instrument.ordersMax ? "tooManyOrders" : undefined;
}

/** What the visible book says to an order's time in force. */
export function checkBook(market: Market, request: OrderRequest, count: number): RejectReason | undefined {
  const { side, price, kind, timeInForce } = request;
  if (kind === "market") {
    return preview(market, side, lots(count), undefined).lots === 0 ? "noLiquidity" : undefined;
  }
  if (timeInForce === "GTX" && price !== undefined && takes(market, side, price)) return "wouldTakePostOnly";
  if (timeInForce === "FOK" && preview(market, side, lots(count), price).lots < count) {
    return "cannotFillFillOrKill";
  }
  return undefined;
}

function takes(market: Market, side: OrderRequest["side"], price: Ticks): boolean {
  const top = topOf(market, opposite(side));
  return top !== undefined && (price - top.price) * (side === "buy" ? 1 : -1) >= 0;
}

/** Everything about a conditional order that can be said before it triggers. */
export function checkConditional(
  venue: VenueState,
  account: Account,
  market: Market,
  request: ConditionalRequest,
): RejectReason | undefined {
  if (isSideWrong(account, request.positionSide)) return "positionSideMismatch";
  if (account.isHedge && request.reduceOnly) return "reduceOnlyRejected";
  const isLimit = request.kind === "stop" || request.kind === "takeProfit";
  if (!request.closePosition || isLimit) {
    const wrongLots = checkLots(market, request.lots, !isLimit);
    if (wrongLots !== undefined) return wrongLots;
  }
  const wrongTrigger = checkPrice(venue, market, undefined, request.trigger);
  if (wrongTrigger !== undefined) return wrongTrigger;
  if (isLimit) {
    const wrongPrice = checkPrice(venue, market, undefined, request.price);
    if (wrongPrice !== undefined) return wrongPrice;
  }
  let own = 0;
  for (const order of account.waiting.values()) {
    if (order.request.instrument !== market.instrument.id) continue;
    if (request.clientId !== "" && order.clientId === request.clientId) return "duplicateClientId";
    own += 1;
  }
  if (own >= market.instrument.conditionalOrdersMax) return "tooManyConditionalOrders";
  const now = request.workingType === "mark" ? market.mark : market.price;
  return (now - request.trigger) * directionOf(request) >= 0 ? "wouldTriggerAtOnce" : undefined;
}

/** +1 when the order fires as the price rises to its trigger, -1 when it falls to it. */
export function directionOf(request: ConditionalRequest): 1 | -1 {
  const isStop = request.kind === "stop" || request.kind === "stopMarket";
  return isStop === (request.side === "buy") ? 1 : -1;
}
