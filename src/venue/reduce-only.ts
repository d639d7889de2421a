import { lots, opposite, type Side } from "../core/units.ts";
import { type ClientOrder, isReducer } from "./client-order.ts";
import type { OrderRequest, PositionSide, RejectReason } from "./exchange.ts";
import { endOrder, moveConditional, tellOrder } from "./order-end.ts";
import { restingOf } from "./order-side.ts";
import {
  type Account,
  bookOf,
  type Holding,
  holdingOf,
  type Market,
  type VenueState,
} from "./venue-state.ts";

/** How many lots an order of this side could close. */
export function closable(holding: Holding, positionSide: PositionSide, side: Side): number {
  const held = bookOf(holding, positionSide).lots;
  return side === "sell" ? Math.max(0, held) : Math.max(0, -held);
}

/** The account's resting reducers of a book, those that trade first at the front. */
function reducers(account: Account, market: Market, positionSide: PositionSide, side: Side): ClientOrder[] {
  return restingOf(market, side)
    .filter(
      (order) =>
        order.account === account && order.request.positionSide === positionSide && isReducer(order.request),
    )
    .reverse();
}

/** What a reducing order may still claim, or why it is refused. */
type ReduceAnswer =
  | { readonly ok: true; readonly lots: number }
  | { readonly ok: false; readonly reason: RejectReason };

/**
 * Resting reducers count against the position. Nothing to reduce: refused (-2022). More than what the resting ones leave:
 * refused (-4118). Larger than the position with nothing else resting: cut to it.
 */
export function reduceRoom(account: Account, request: OrderRequest, instead?: ClientOrder): ReduceAnswer {
  const holding = holdingOf(account, request.instrument);
  const held = closable(holding, request.positionSide, request.side);
  if (held === 0) return { ok: false, reason: "reduceOnlyRejected" };
  if (account.isHedge && request.lots > held) return { ok: false, reason: "reduceOnlyRejected" };
  let resting = 0;
  for (const order of reducers(account, holding.market, request.positionSide, request.side)) {
    if (order !== instead) resting += order.left;
  }
  if (resting > 0 && resting + request.lots > held) return { ok: false, reason: "reduceOnlyConflict" };
  return { ok: true, lots: Math.min(request.lots, held) };
}

/** After a book changed: reducers beyond what is held shrink, those furthest from trading first, and expire at nothing. */
export function fitReducers(
  venue: VenueState,
  account: Account,
  market: Market,
  positionSide: PositionSide,
): void {
  const holding = holdingOf(account, market.instrument.id);
  for (const side of ["buy", "sell"] as const) {
    if (restingOf(market, side).length === 0) continue;
    shrink(venue, reducers(account, market, positionSide, side), closable(holding, positionSide, side));
  }
}

/**
 * A position is closed or has turned: orders that waited to close the whole of it expire. Binance treats closePosition orders as
 * "good till expiry of the position" (its -4130 speaks of "GTE and closePosition", its expiry reason 6 of an unsatisfied
 * GTE condition). Reduce-only ones of a given quantity stay, and are refused when they trigger without a position.
 */
export function endClosers(
  venue: VenueState,
  account: Account,
  market: Market,
  positionSide: PositionSide,
  side: Side,
): void {
  for (const order of [...market.waiting]) {
    const { request } = order;
    const isItsCloser =
      order.account === account &&
      request.closePosition &&
      request.positionSide === positionSide &&
      request.side === side;
    if (isItsCloser) moveConditional(venue, order, "expired", { endReason: "positionGone" });
  }
}

/** Knocks resting reducers out, the furthest first, until `needed` lots of the position are free again. */
export function makeRoom(venue: VenueState, account: Account, request: OrderRequest, needed: number): void {
  const holding = holdingOf(account, request.instrument);
  const held = closable(holding, request.positionSide, request.side);
  const resting = reducers(account, holding.market, request.positionSide, request.side);
  shrink(venue, resting, Math.max(0, held - needed));
}

function shrink(venue: VenueState, resting: readonly ClientOrder[], room: number): void {
  let free = room;
  for (const order of resting) {
    const kept = Math.min(free, order.left);
    free -= kept;
    if (kept === order.left) continue;
    if (kept === 0) {
      endOrder(venue, order, "expired", "reduceOnly");
      continue;
    }
    order.left = lots(kept);
    order.request = { ...order.request, lots: lots(order.filled + kept) };
    order.updatedAt = venue.at;
    holdingOf(order.account, order.request.instrument).market.isDirty = true;
    tellOrder(venue, order, "AMENDMENT");
  }
}

/** The side that closes what a book holds; undefined when it is flat. */
export function closingSide(held: number): Side | undefined {
  if (held === 0) return undefined;
  return held > 0 ? opposite("buy") : "buy";
}
