import { millis } from "../core/units.ts";
import {
  type ClientConditional,
  type ClientOrder,
  conditionalSnapshot,
  orderSnapshot,
} from "./client-order.ts";
import type { OrderChange, OrderEndReason, RejectReason, VenueConditional, VenueTrade } from "./exchange.ts";
import { unrest } from "./order-side.ts";
import { holdingOf, type VenueState } from "./venue-state.ts";

/** Tells the world what happened to an order. */
export function tellOrder(
  venue: VenueState,
  order: ClientOrder,
  change: OrderChange,
  trade?: VenueTrade,
): void {
  if (!venue.outbox.isHeard) return;
  const shown = orderSnapshot(order);
  venue.outbox.emit({
    type: "order",
    at: venue.at,
    order: shown,
    change,
    ...(trade === undefined ? {} : { trade }),
  });
}

/** Takes an order off the book for good without another fill, and tells. */
export function endOrder(
  venue: VenueState,
  order: ClientOrder,
  status: "canceled" | "expired",
  reason: OrderEndReason,
): void {
  order.status = status;
  order.endReason = reason;
  order.updatedAt = venue.at;
  leaveBook(venue, order);
  tellOrder(venue, order, status === "canceled" ? "CANCELED" : "EXPIRED");
  finishConditional(venue, order);
}

/** Removes a closed order from the lists of open ones; unfilled ones start being forgotten. */
export function leaveBook(venue: VenueState, order: ClientOrder): void {
  const { account } = order;
  unrest(holdingOf(account, order.request.instrument).market, order);
  account.open.delete(order.orderId);
  if (order.filled === 0) account.orders.forgetAt(order, venue.at + venue.rules.historyForgetMs);
}

/** The conditional order behind a closed order is finished. */
export function finishConditional(venue: VenueState, order: ClientOrder): void {
  if (order.conditional?.status === "triggered") moveConditional(venue, order.conditional, "finished");
}

/** Moves a conditional order along its life and tells; ended ones leave the list of waiting ones. */
export function moveConditional(
  venue: VenueState,
  order: ClientConditional,
  status: VenueConditional["status"],
  why: { readonly rejectReason?: RejectReason; readonly endReason?: OrderEndReason } = {},
): void {
  order.status = status;
  order.updatedAt = venue.at;
  order.rejectReason = why.rejectReason;
  order.endReason = why.endReason;
  if (status === "triggering") order.triggeredAt = millis(venue.at);
  if (status !== "new") {
    const { waiting } = holdingOf(order.account, order.request.instrument).market;
    const at = waiting.indexOf(order);
    if (at >= 0) waiting.splice(at, 1);
    order.account.waiting.delete(order.conditionalId);
  }
  if (status === "canceled" || status === "expired") {
    order.account.conditionals.forgetAt(order, venue.at + venue.rules.historyForgetMs);
  }
  if (venue.outbox.isHeard) {
    venue.outbox.emit({ type: "conditional", at: venue.at, conditional: conditionalSnapshot(order) });
  }
}
