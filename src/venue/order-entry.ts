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
  /** The resting order that it is an amendment of. */
  readonly instead?: ClientOrder;
}

/** How many lots may execute or rest, or why none. */
type Admission =
  | { readonly ok: true; readonly lots: number }
  | { readonly ok: false; readonly reason: RejectReason };

/** Everything that an order must pass before it comes to life or is amended. */
export function admit(
  venue: VenueState,
  account: Account,
  market: Market,
  request: OrderRequest,
  ancestry: Ancestry,
): Admission {
  const { instead, conditional } = ancestry;
  const wrong = checkOrder(venue, account, market, request, {
    instead,
    closesWhole: conditional?.request.closePosition ?? false,
  });
  if (wrong !== undefined) return refused(wrong);
  let count: number = request.lots - (instead?.filled ?? 0);
  if (isReducer(request)) {
    const asked = { ...request, lots: lots(count) };
    const answer = ancestry.isPreferred ? undefined : reduceRoom(account, asked, instead);
    if (answer?.ok === false) return refused(answer.reason);
    count = answer?.lots ?? count;
  }
  const own = { account, mode: request.selfTrade ?? venue.rules.selfTrade };
  const blocked =
    checkBook(market, request, count, own) ?? checkMargin(account, market, request, count, instead);
  return blocked === undefined ? { ok: true, lots: count } : refused(blocked);
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
  const admitted = admit(venue, account, market, request, ancestry);
  if (!admitted.ok) return admitted;
  if (ancestry.isPreferred) makeRoom(venue, account, request, admitted.lots);
  const order = created(venue, account, request, admitted.lots, ancestry.conditional);
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
  instead: ClientOrder | undefined,
): RejectReason | undefined {
  if (isReducer(request)) return undefined;
  const price = request.price ?? preview(market, request.side, lots(count), undefined).worst;
  if (price === undefined) return "noLiquidity";
  const holding = holdingOf(account, request.instrument);
  const verdict = marginVerdict(account, holding, { request, lots: count, price, instead });
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
    rank: 0,
    status: "new",
    left: lots(count),
    filled: lots(0),
    cost: value(0),
    createdAt: venue.at,
    updatedAt: venue.at,
    conditional,
    origin,
    endReason: undefined,
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

/** Executes what an order can get now, and rests or expires what is left. */
export function run(venue: VenueState, market: Market, order: ClientOrder): void {
  const { kind, timeInForce, price } = order.request;
  execute(venue, market, order, kind === "limit" ? price : undefined);
  if (!isOpen(order)) return;
  const mayRest = kind === "limit" && (timeInForce === "GTC" || timeInForce === "GTX");
  if (!mayRest) {
    endOrder(venue, order, "expired", kind === "market" ? "noLiquidity" : "timeInForce");
    return;
  }
  rest(venue, market, order);
  if (isReducer(order.request)) fitReducers(venue, order.account, market, order.request.positionSide);
}
