import type { InstrumentId } from "../core/instrument.ts";
import type { Millis } from "../core/units.ts";
import type { Archive } from "./archive.ts";
import {
  type ClientConditional,
  type ClientOrder,
  conditionalSnapshot,
  orderSnapshot,
} from "./client-order.ts";
import type { Exchange, OrderEndReason, VenueAnswer, VenueConditional, VenueOrder } from "./exchange.ts";
import { endOrder, moveConditional } from "./order-end.ts";
import type { Account, VenueState } from "./venue-state.ts";

type OrderName = Parameters<Exchange["order"]>[2];
type ConditionalName = Parameters<Exchange["conditional"]>[1];

/** An order of an archive by its id, or the newest with this client id. */
export const findOrder = <T>(
  archive: Archive<T>,
  instrument: InstrumentId,
  by: OrderName,
  at: Millis,
): T | undefined =>
  "orderId" in by ? archive.byId(by.orderId, at) : archive.byClientId(instrument, by.clientId, at);

/** An order that still rests, or undefined. */
export function findOpen(
  venue: VenueState,
  account: Account,
  instrument: InstrumentId,
  by: OrderName,
): ClientOrder | undefined {
  const order = findOrder(account.orders, instrument, by, venue.at);
  const isOwn = order?.request.instrument === instrument && account.open.has(order.orderId);
  return isOwn ? order : undefined;
}

/** Cancels one resting order. */
export function cancel(
  venue: VenueState,
  account: Account,
  instrument: InstrumentId,
  by: OrderName,
): VenueAnswer<VenueOrder> {
  const order = findOpen(venue, account, instrument, by);
  if (order === undefined) return { ok: false, reason: "unknownOrder" };
  endOrder(venue, order, "canceled", "client");
  return { ok: true, value: orderSnapshot(order) };
}

/** By id, or the newest with this client id in any instrument; open ones first. */
export function findConditional(
  venue: VenueState,
  account: Account,
  by: ConditionalName,
): ClientConditional | undefined {
  if ("conditionalId" in by) return account.conditionals.byId(by.conditionalId, venue.at);
  for (const order of account.waiting.values()) if (order.clientId === by.clientId) return order;
  return account.conditionals.select({}, venue.at).findLast((order) => order.clientId === by.clientId);
}

/** Cancels one waiting conditional order. */
export function cancelConditional(
  venue: VenueState,
  account: Account,
  by: ConditionalName,
): VenueAnswer<VenueConditional> {
  const order = findConditional(venue, account, by);
  if (order?.status !== "new") return { ok: false, reason: "unknownOrder" };
  moveConditional(venue, order, "canceled", { endReason: "client" });
  return { ok: true, value: conditionalSnapshot(order) };
}

const isIn = (
  order: { readonly request: { readonly instrument: InstrumentId } },
  instrument?: InstrumentId,
): boolean => instrument === undefined || order.request.instrument === instrument;

/** Cancels an account's resting orders, oldest first. */
export function cancelAll(
  venue: VenueState,
  account: Account,
  instrument: InstrumentId | undefined,
  reason: OrderEndReason = "client",
): readonly VenueOrder[] {
  const found = [...account.open.values()].filter((order) => isIn(order, instrument));
  for (const order of found) endOrder(venue, order, "canceled", reason);
  return found.map(orderSnapshot);
}

/** Cancels an account's waiting conditional orders, oldest first. */
export function cancelAllConditionals(
  venue: VenueState,
  account: Account,
  instrument: InstrumentId | undefined,
  reason: OrderEndReason = "client",
): readonly VenueConditional[] {
  const found = [...account.waiting.values()].filter((order) => isIn(order, instrument));
  for (const order of found) moveConditional(venue, order, "canceled", { endReason: reason });
  return found.map(conditionalSnapshot);
}

/** Cancels everything at market time `at` unless the countdown is set again or stopped before. */
export function countdownCancelAll(
  venue: VenueState,
  account: Account,
  instrument: InstrumentId | undefined,
  at: Millis | undefined,
): VenueAnswer<Millis | undefined> {
  if (instrument !== undefined && !account.holdings.has(instrument)) {
    return { ok: false, reason: "unknownInstrument" };
  }
  const key = `countdown ${account.id} ${instrument ?? ""}`;
  if (at === undefined) venue.deadlines.clear(key);
  else {
    venue.deadlines.set(key, at, () => {
      cancelAll(venue, account, instrument, "countdown");
      if (venue.rules.conditionalsSurviveCountdown) return;
      cancelAllConditionals(venue, account, instrument, "countdown");
    });
  }
  return { ok: true, value: at };
}
