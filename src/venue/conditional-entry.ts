import { lots, ticks } from "../core/units.ts";
import { type ClientConditional, conditionalSnapshot } from "./client-order.ts";
import { checkConditional, directionOf, isStop, workingPrice } from "./conditional-check.ts";
import type { ConditionalRequest, OrderRequest, VenueAnswer, VenueConditional } from "./exchange.ts";
import { moveConditional } from "./order-end.ts";
import { enter } from "./order-entry.ts";
import { closable } from "./reduce-only.ts";
import { trailOf } from "./trailing.ts";
import { type Account, holdingOf, type VenueState } from "./venue-state.ts";

/** Takes a conditional order in; it waits until its working price reaches the trigger. */
export function enterConditional(
  venue: VenueState,
  account: Account,
  request: ConditionalRequest,
): VenueAnswer<VenueConditional> {
  const market = venue.markets.get(request.instrument);
  if (market === undefined) return { ok: false, reason: "unknownInstrument" };
  const wrong = checkConditional(venue, account, market, request);
  if (wrong !== undefined) return { ok: false, reason: wrong };
  venue.lastOrderId += 1;
  const conditionalId = venue.lastOrderId;
  const clientId = request.clientId === "" ? `auto${conditionalId}` : request.clientId;
  const order: ClientConditional = {
    conditionalId,
    clientId,
    account,
    request: { ...request, clientId },
    direction: directionOf(request),
    trail: trailOf(request, workingPrice(market, request)),
    status: "new",
    spawnedOrderId: undefined,
    rejectReason: undefined,
    endReason: undefined,
    createdAt: venue.at,
    updatedAt: venue.at,
    triggeredAt: undefined,
  };
  account.waiting.set(conditionalId, order);
  account.conditionals.add(order);
  market.waiting.push(order);
  moveConditional(venue, order, "new");
  return { ok: true, value: conditionalSnapshot(order) };
}

/**
 * The working price reached the trigger: the order it stands for is placed. A reduce-only one that finds the position
 * claimed by take profits is refused, or knocks them out, as the rules say; `closePosition` always knocks them out.
 */
export function trigger(venue: VenueState, order: ClientConditional): void {
  moveConditional(venue, order, "triggering");
  const { account, request } = order;
  const holding = holdingOf(account, request.instrument);
  const held = closable(holding, request.positionSide, request.side);
  if (request.closePosition && held === 0) {
    moveConditional(venue, order, "expired", { endReason: "positionGone" });
    return;
  }
  if (account.stopRefusals.triggered > 0 && isStop(request)) {
    account.stopRefusals.triggered -= 1;
    moveConditional(venue, order, "rejected", { rejectReason: "stopRefused" });
    return;
  }
  const reduces = request.closePosition || request.reduceOnly || account.isHedge;
  const knocksOut =
    held > 0 &&
    reduces &&
    (request.closePosition || venue.rules.triggeredStopUnderFullTakeProfit === "expireTakeProfit");
  const size = request.closePosition ? held : (request.lots ?? 0);
  const answer = enter(venue, account, spawned(order, knocksOut ? Math.min(size, held) : size), {
    conditional: order,
    isPreferred: knocksOut,
  });
  if (!answer.ok) moveConditional(venue, order, "rejected", { rejectReason: answer.reason });
}

function spawned(order: ClientConditional, size: number): OrderRequest {
  const { request, account, clientId } = order;
  const isLimit = request.kind === "stop" || request.kind === "takeProfit";
  return {
    instrument: request.instrument,
    clientId: spawnedClientId(order, clientId),
    side: request.side,
    positionSide: request.positionSide,
    kind: isLimit ? "limit" : "market",
    timeInForce: isLimit ? request.timeInForce : "GTC",
    ...(isLimit ? { price: request.price ?? ticks(0) } : {}),
    lots: lots(size),
    reduceOnly: !account.isHedge && (request.reduceOnly || request.closePosition),
    ...(request.selfTrade === undefined ? {} : { selfTrade: request.selfTrade }),
  };
}

/** The spawned order keeps the client's id, unless one of the client's orders already has it. */
function spawnedClientId(order: ClientConditional, clientId: string): string {
  for (const open of order.account.open.values()) if (open.clientId === clientId) return "";
  return clientId;
}
