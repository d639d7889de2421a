import { lots, type Ticks, ticks, value } from "../core/units.ts";
import {
  type ClientConditional,
  type ClientOrder,
  isOpen,
  isReducer,
  orderSnapshot,
} from "./client-order.ts";
import type { OrderRequest, RejectReason, VenueAnswer, VenueOrder } from "./exchange.ts";
import { marginVerdict } from "./margin.ts";
import { execute, preview } from "./matching.ts";
import { checkBook, checkOrder } from "./order-check.ts";
import { endOrder, moveConditional, tellOrder } from "./order-end.ts";
import { rest } from "./order-side.ts";
import { fitReducers, makeRoom, reduceRoom } from "./reduce-only.ts";
import { type Account, holdingOf, type Market, type VenueState } from "./venue-state.ts";

/** Where an order comes from when no client sent it directly. */
interface Ancestry {
  readonly conditional?: ClientConditional;
  /** Resting reducers make room for it instead of standing in its way. */
  readonly isPreferred?: boolean;
}

/** Takes a client's order: checks it, executes what it can, rests or expires what is left. */
export function enter(
  venue: VenueState,
  account: Account,
  request: OrderRequest,
  ancestry: Ancestry = {},
): VenueAnswer<VenueOrder> {
  const market = venue.markets.get(request.instrument);
  if (market === undefined) return refused("unknownInstrument");
  const wrong = checkOrder(venue, account, market, request);
  if (wrong !== undefined) return refused(wrong);
  let count: number = request.lots;
  if (isReducer(request)) {
    const answer = ancestry.isPreferred ? undefined : reduceRoom(account, request);
    if (answer?.ok === false) return refused(answer.reason);
    count = answer?.lots ?? count;
  }
  const blocked = checkBook(market, request, count) ?? checkMargin(account, market, request, count);
  if (blocked !== undefined) return refused(blocked);
  if (ancestry.isPreferred) makeRoom(venue, account, request, count);
  const order = created(venue, account, request, count, ancestry.conditional);
  run(venue, market, order);
  return { ok: true, value: orderSnapshot(order) };
}

const refused = (reason: RejectReason): { readonly ok: false; readonly reason: RejectReason } => ({
  ok: false,
  reason,
});

function checkMargin(
  account: Account,
  market: Market,
  request: OrderRequest,
  count: number,
): RejectReason | undefined {
  if (isReducer(request)) return undefined;
  const price = request.price ?? preview(market, request.side, lots(count), undefined).worst;
  if (price === undefined) return "noLiquidity";
  const holding = holdingOf(account, request.instrument);
  const verdict = marginVerdict(account, holding, { request, lots: count, price });
  return verdict === "ok" ? undefined : verdict;
}

/** Brings an order to life; a conditional order behind it is told first. */
export function created(
  venue: VenueState,
  account: Account,
  request: OrderRequest,
  count: number,
  conditional?: ClientConditional,
  origin: VenueOrder["origin"] = "client",
): ClientOrder {
  venue.lastOrderId += 1;
  const orderId = venue.lastOrderId;
  const clientId = request.clientId === "" ? `auto${orderId}` : request.clientId;
  const order: ClientOrder = {
    orderId,
    clientId,
    account,
    request: { ...request, clientId, lots: lots(count) },
    side: request.side,
    price: restingPrice(request),
    status: "new",
    left: lots(count),
    filled: lots(0),
    cost: value(0),
    createdAt: venue.at,
    updatedAt: venue.at,
    conditional,
    origin,
  };
  if (conditional !== undefined) {
    conditional.spawnedOrderId = orderId;
    moveConditional(venue, conditional, "triggered");
  }
  account.open.set(orderId, order);
  account.orders.add(order);
  tellOrder(venue, order, "NEW");
  return order;
}

const restingPrice = (request: OrderRequest): Ticks =>
  request.kind === "limit" && request.price !== undefined ? request.price : ticks(0);

function run(venue: VenueState, market: Market, order: ClientOrder): void {
  const { kind, timeInForce, price } = order.request;
  execute(venue, market, order, kind === "limit" ? price : undefined);
  if (!isOpen(order)) return;
  const mayRest = kind === "limit" && (timeInForce === "GTC" || timeInForce === "GTX");
  if (!mayRest) {
    endOrder(venue, order, "expired");
    return;
  }
  rest(market, order);
  if (isReducer(order.request)) fitReducers(venue, order.account, market, order.request.positionSide);
}
