import type { AccountId } from "../../core/instrument.ts";
import type { ConditionalRequest, RejectReason, VenueConditional } from "../exchange.ts";
import { algoState, algoView } from "./algo-view.ts";
import { type Fields, listingsOfFields, optional, paged } from "./fields.ts";
import type { Listing } from "./listing.ts";
import { acting } from "./order-calls.ts";
import { algoForm } from "./order-form.ts";
import { badValue, GONE, missing, Refusal } from "./refusal.ts";
import { refusalOf, triggerRefusal } from "./reject-codes.ts";
import type { Acted, Asked, Reply, Routes, Venue } from "./route.ts";
import type { OkxKey } from "./signature.ts";

/** The calls about conditional orders, which OKX calls algo orders. They know no `expTime`. */
export const ALGO_CALLS: Routes = {
  "POST /api/v5/trade/order-algo": { access: "trade", most: 20, handle: acting(place) },
  "POST /api/v5/trade/cancel-algos": { access: "trade", most: 20, handle: acting(cancel) },
  "GET /api/v5/trade/order-algo": { access: "read", most: 20, handle: show },
  "GET /api/v5/trade/orders-algo-pending": { access: "read", most: 20, handle: pending },
  "GET /api/v5/trade/orders-algo-history": { access: "read", most: 20, handle: history },
};

type Item = Acted["items"][number];

function place(venue: Venue, fields: Fields, account: AccountId): Item {
  const ids = (algoId: string) => ({
    algoClOrdId: optional(fields, "algoClOrdId") ?? "",
    algoId,
    clOrdId: optional(fields, "clOrdId") ?? "",
    tag: optional(fields, "tag") ?? "",
  });
  const form = algoForm(fields, venue.listings, account);
  if (form instanceof Refusal) return { ids: ids(""), refusal: form };
  const { listing, request } = form;
  const answer = listing.exchange.placeConditional(account, request);
  if (answer.ok) return { ids: ids(String(answer.value.conditionalId)) };
  return { ids: ids(""), refusal: placeRefusal(request, answer.reason) };
}

/** Conditional orders have codes of their own for a trigger that is reached, a name that is taken, a size beyond `maxStopSz`. */
function placeRefusal(request: ConditionalRequest, reason: RejectReason): Refusal {
  if (reason === "wouldTriggerAtOnce") return triggerRefusal(request);
  if (reason === "duplicateClientId") return new Refusal(51065, "algoClOrdId already exists.");
  if (reason === "quantityAboveMax" && request.kind === "stopMarket") {
    return new Refusal(51275, "The amount of single stop-market order cannot exceed the upper limit.");
  }
  return refusalOf(reason);
}

interface Found {
  readonly listing: Listing;
  readonly order: VenueConditional;
}

/** The conditional order that a call names; undefined when it is not known. */
function find(venue: Venue, fields: Fields, account: AccountId): Found | undefined {
  const algoId = optional(fields, "algoId");
  const clientId = optional(fields, "algoClOrdId");
  for (const exchange of venue.exchanges) {
    const order =
      algoId === undefined
        ? clientId === undefined
          ? undefined
          : exchange.conditional(account, { clientId })
        : exchange.conditional(account, { conditionalId: Number(algoId) });
    const listing = order === undefined ? undefined : venue.listings.get(order.request.instrument);
    if (order !== undefined && listing?.exchange === exchange) return { listing, order };
  }
  return undefined;
}

function cancel(venue: Venue, fields: Fields, account: AccountId): Item {
  const found = find(venue, fields, account);
  const ids = {
    algoClOrdId: optional(fields, "algoClOrdId") ?? "",
    algoId: found === undefined ? (optional(fields, "algoId") ?? "") : String(found.order.conditionalId),
  };
  if (found === undefined) return { ids, refusal: GONE.cancel };
  const { conditionalId } = found.order;
  const answer = found.listing.exchange.cancelConditional(account, { conditionalId });
  return answer.ok ? { ids } : { ids, refusal: GONE.cancel };
}

function show(venue: Venue, { fields }: Asked, { account }: OkxKey): Reply {
  const found = find(venue, fields, account);
  return found === undefined ? GONE.query : [algoView(found.order, found.listing)];
}

function pending(venue: Venue, { fields }: Asked, { account }: OkxKey): Reply {
  return listed(venue, fields, ({ exchange, instrument }) =>
    exchange.openConditionals(account, instrument.id),
  );
}

function history(venue: Venue, { fields }: Asked, { account }: OkxKey): Reply {
  const state = optional(fields, "state");
  const algoId = optional(fields, "algoId");
  if (state === undefined && algoId === undefined) return missing("state");
  return listed(venue, fields, ({ exchange, instrument }) =>
    exchange
      .conditionalHistory(account, { instrument: instrument.id })
      .filter((order) => algoState(order) !== "live")
      .filter((order) => algoId === undefined || String(order.conditionalId) === algoId)
      .filter((order) => algoId !== undefined || algoState(order) === state),
  );
}

/** Conditional orders of the instruments that the call names, newest first; `ordType` must be named. */
function listed(
  venue: Venue,
  fields: Fields,
  read: (listing: Listing) => readonly VenueConditional[],
): Reply {
  const ordType = optional(fields, "ordType");
  if (ordType === undefined) return missing("ordType");
  if (!/^(conditional|oco|trigger|move_order_stop|iceberg|twap|chase)(,(conditional|oco))?$/.test(ordType)) {
    return badValue("ordType");
  }
  const listings = listingsOfFields(fields, venue.listings);
  if (listings instanceof Refusal) return listings;
  // All of ours are of one type, whichever way they were placed.
  const wanted = ordType.split(",").includes("conditional") ? listings : [];
  const found = wanted
    .flatMap((listing) => read(listing).map((order) => ({ listing, order })))
    .sort((a, b) => b.order.conditionalId - a.order.conditionalId);
  const rows = paged(found, fields, ({ order }) => order.conditionalId);
  return rows instanceof Refusal ? rows : rows.map(({ order, listing }) => algoView(order, listing));
}
