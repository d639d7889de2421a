import { isReducer } from "./client-order.ts";
import type { ConditionalRequest, RejectReason } from "./exchange.ts";
import { checkLots, checkPrice, isSideWrong } from "./order-check.ts";
import { checkTrailing } from "./trailing.ts";
import type { Account, Market, VenueState } from "./venue-state.ts";

/** Everything about a conditional order that can be said before it triggers. */
export function checkConditional(
  venue: VenueState,
  account: Account,
  market: Market,
  request: ConditionalRequest,
): RejectReason | undefined {
  if (market.status === "closed") return "instrumentClosed";
  if (market.status === "settling" && !request.closePosition && !isReducer(request)) {
    return "instrumentSettling";
  }
  if (isSideWrong(account, request.positionSide)) return "positionSideMismatch";
  if (account.isHedge && request.reduceOnly) return "reduceOnlyRejected";
  const isLimit = request.kind === "stop" || request.kind === "takeProfit";
  if (!request.closePosition || isLimit) {
    const wrongLots = checkLots(market, request.lots, !isLimit);
    if (wrongLots !== undefined) return wrongLots;
  }
  return (
    checkPrices(venue, market, request, isLimit) ??
    checkWaiting(account, market, request) ??
    checkHand(account, request)
  );
}

function checkPrices(
  venue: VenueState,
  market: Market,
  request: ConditionalRequest,
  isLimit: boolean,
): RejectReason | undefined {
  const now = workingPrice(market, request);
  const isTrailing = request.kind === "trailingStopMarket";
  const wrong =
    (isTrailing && request.trigger === 0
      ? undefined
      : checkPrice(venue, market, undefined, request.trigger)) ??
    (isLimit ? checkPrice(venue, market, undefined, request.price) : undefined);
  if (wrong !== undefined) return wrong;
  if (isTrailing) return checkTrailing(request, now);
  return (now - request.trigger) * directionOf(request) >= 0 ? "wouldTriggerAtOnce" : undefined;
}

/** The list's limit, ids in use, and Binance's rule of one closing stop and one closing take profit for each side of a book (-4130). */
function checkWaiting(
  account: Account,
  market: Market,
  request: ConditionalRequest,
): RejectReason | undefined {
  let own = 0;
  for (const order of account.waiting.values()) {
    const other = order.request;
    if (other.instrument !== market.instrument.id) continue;
    if (request.clientId !== "" && order.clientId === request.clientId) return "duplicateClientId";
    const isTwin =
      request.closePosition &&
      other.closePosition &&
      other.side === request.side &&
      other.positionSide === request.positionSide &&
      isStop(other) === isStop(request);
    if (isTwin) return "closePositionExists";
    own += 1;
  }
  return own >= market.instrument.conditionalOrdersMax ? "tooManyConditionalOrders" : undefined;
}

function checkHand(account: Account, request: ConditionalRequest): RejectReason | undefined {
  const { stopRefusals } = account;
  if (stopRefusals.placed === 0 || !isStop(request)) return undefined;
  stopRefusals.placed -= 1;
  return "stopRefused";
}

/** The price that a conditional order watches. */
export const workingPrice = (market: Market, request: ConditionalRequest): Market["price"] =>
  request.workingType === "mark" ? market.mark : market.price;

/** Whether it limits a loss rather than takes a profit. */
export const isStop = (request: ConditionalRequest): boolean =>
  request.kind === "stop" || request.kind === "stopMarket" || request.kind === "trailingStopMarket";

/** +1 when the order fires as the price rises to its trigger, -1 when it falls to it. */
export const directionOf = (request: ConditionalRequest): 1 | -1 =>
  isStop(request) === (request.side === "buy") ? 1 : -1;
