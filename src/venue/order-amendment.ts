import type { InstrumentId } from "../core/instrument.ts";
import { type Lots, lots, type Ticks } from "../core/units.ts";
import { type ClientOrder, orderSnapshot } from "./client-order.ts";
import type { Exchange, RejectReason, VenueAnswer, VenueOrder } from "./exchange.ts";
import { findOpen } from "./order-cancel.ts";
import { endOrder, tellOrder } from "./order-end.ts";
import { admit, run } from "./order-entry.ts";
import { unrest } from "./order-side.ts";
import { type Account, holdingOf, type VenueState } from "./venue-state.ts";

const refused = (reason: RejectReason): { readonly ok: false; readonly reason: RejectReason } => ({
  ok: false,
  reason,
});

/**
 * Changes price or quantity of a resting limit order, which then stands behind all others at its price. What Binance's page
 * says of it: a quantity that is already filled, or a post-only price that would take, cancels the order; whatever
 * else is wrong leaves it as it is.
 */
export function amend(
  venue: VenueState,
  account: Account,
  instrument: InstrumentId,
  by: Parameters<Exchange["amend"]>[2],
  change: { readonly price?: Ticks; readonly lots?: Lots },
): VenueAnswer<VenueOrder> {
  const order = findOpen(venue, account, instrument, by);
  if (order === undefined) return refused("unknownOrder");
  if (order.request.kind !== "limit") return refused("onlyLimitAmendable");
  const price = change.price ?? order.price;
  const size = change.lots ?? order.request.lots;
  if (price === order.price && size === order.request.lots) return refused("noAmendNeeded");
  const { market } = holdingOf(account, instrument);
  if (size > 0 && size <= order.filled) return canceled(venue, order);
  const request = { ...order.request, price, lots: lots(size) };
  const admitted = admit(venue, account, market, request, { instead: order });
  if (!admitted.ok) return admitted.reason === "wouldTakePostOnly" ? canceled(venue, order) : admitted;
  unrest(market, order);
  order.request = { ...request, lots: lots(order.filled + admitted.lots) };
  order.price = price;
  order.left = lots(admitted.lots);
  order.updatedAt = venue.at;
  tellOrder(venue, order, "AMENDMENT");
  run(venue, market, order);
  return { ok: true, value: orderSnapshot(order) };
}

function canceled(venue: VenueState, order: ClientOrder): VenueAnswer<VenueOrder> {
  endOrder(venue, order, "canceled", "client");
  return { ok: true, value: orderSnapshot(order) };
}
