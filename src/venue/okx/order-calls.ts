import type { AccountId } from "../../core/instrument.ts";
import { lots, millis } from "../../core/units.ts";
import type { VenueOrder } from "../exchange.ts";
import {
  type Fields,
  listingOfField,
  listingsOfFields,
  optional,
  paged,
  priceOf,
  stepsOf,
  timeOf,
} from "./fields.ts";
import type { Listing } from "./listing.ts";
import { orderForm } from "./order-form.ts";
import { orderName, orderView } from "./order-view.ts";
import { badValue, GONE, type Read, Refusal } from "./refusal.ts";
import { refusalOf } from "./reject-codes.ts";
import type { Acted, Asked, Reply, Routes, Venue } from "./route.ts";
import type { OkxKey } from "./signature.ts";

/** Requests that one call may carry. */
const BATCH_MOST = 20;
/** Cancelled orders without a fill are shown for two hours. */
const UNFILLED_KEPT_MS = 2 * 3_600_000;
const DAY_MS = 86_400_000;

/** The calls that place, cancel, change and list plain orders. */
export const ORDER_CALLS: Routes = {
  "POST /api/v5/trade/order": { access: "trade", most: 60, expires: true, handle: acting(place) },
  "POST /api/v5/trade/batch-orders": { access: "trade", most: 300, expires: true, handle: acting(place) },
  "POST /api/v5/trade/cancel-order": { access: "trade", most: 60, handle: acting(cancel) },
  "POST /api/v5/trade/cancel-batch-orders": { access: "trade", most: 300, handle: acting(cancel) },
  "POST /api/v5/trade/amend-order": { access: "trade", most: 60, expires: true, handle: acting(amend) },
  "POST /api/v5/trade/cancel-all-after": { access: "trade", most: 2, handle: cancelAllAfter },
  "GET /api/v5/trade/order": { access: "read", most: 60, handle: show },
  "GET /api/v5/trade/orders-pending": { access: "read", most: 60, handle: pending },
  "GET /api/v5/trade/orders-history": { access: "read", most: 40, handle: history(7 * DAY_MS) },
  "GET /api/v5/trade/orders-history-archive": { access: "read", most: 20, handle: history(92 * DAY_MS) },
};

type Item = Acted["items"][number];
type Act = (venue: Venue, fields: Fields, account: AccountId) => Item;

/** Does the same with every row; each has its own outcome. */
export function acting(act: Act): (venue: Venue, asked: Asked, key: OkxKey) => Reply {
  return (venue, { rows }, { account }) => {
    if (rows.length === 0 || rows.length > BATCH_MOST) return badValue("args");
    return { items: rows.map((fields) => act(venue, fields, account)) };
  };
}

function idsOf(fields: Fields, order?: VenueOrder): object {
  const clOrdId = order === undefined ? (optional(fields, "clOrdId") ?? "") : orderName(order);
  return {
    clOrdId,
    ordId: order === undefined ? (optional(fields, "ordId") ?? "") : String(order.orderId),
    tag: optional(fields, "tag") ?? "",
  };
}

function place(venue: Venue, fields: Fields, account: AccountId): Item {
  const form = orderForm(fields, venue.listings, account);
  if (form instanceof Refusal) return { ids: idsOf(fields), refusal: form };
  const { listing, request } = form;
  const answer = listing.exchange.place(account, request);
  if (answer.ok) return { ids: idsOf(fields, answer.value) };
  const accepted = venue.unrested.add(account, request, answer.reason, listing.exchange.now());
  if (accepted !== undefined) return { ids: idsOf(fields, accepted) };
  return { ids: idsOf(fields), refusal: placeRefusal(listing, account, fields, refusalOf(answer.reason)) };
}

/** A reducer that goes the position's own way has another code than one without a position. */
function placeRefusal(
  { exchange, instrument }: Listing,
  account: AccountId,
  fields: Fields,
  refusal: Refusal,
): Refusal {
  if (refusal.code === "59102") {
    return new Refusal(51004, "Order failed. The position can't be this large under the current leverage.");
  }
  if (refusal.code !== "51169") return refusal;
  const isHeld = exchange
    .positions(account)
    .some(
      (each) =>
        each.instrument === instrument.id &&
        each.lots !== 0 &&
        each.lots > 0 === (fields.get("side") === "buy"),
    );
  if (!isHeld) return refusal;
  return new Refusal(51170, "Failed to place order, as reduce-only is not in the opposite direction.");
}

interface Found {
  readonly listing: Listing;
  readonly order: VenueOrder;
}

/** The order that a call names by `ordId` or `clOrdId`, open or closed; undefined when it is not known (any more). */
function find(venue: Venue, fields: Fields, account: AccountId): Read<Found | undefined> {
  const listing = listingOfField(fields, venue.listings);
  if (listing instanceof Refusal) return listing;
  const { exchange, instrument } = listing;
  const ordId = optional(fields, "ordId");
  const clOrdId = optional(fields, "clOrdId");
  if (ordId === undefined && clOrdId === undefined) {
    return new Refusal(51003, "Either client order ID or order ID is required.");
  }
  const own =
    ordId === undefined
      ? exchange.order(account, instrument.id, { clientId: clOrdId ?? "" })
      : exchange.order(account, instrument.id, { orderId: Number(ordId) });
  const unrested = venue.unrested
    .of(account, instrument.id)
    .findLast((each) => (ordId === undefined ? each.clientId === clOrdId : String(each.orderId) === ordId));
  // The order of a triggered one has no client id of its own.
  const named = own === undefined || (ordId === undefined && orderName(own) !== clOrdId) ? undefined : own;
  const newest = [named, unrested]
    .filter((each) => each !== undefined)
    .sort((a, b) => b.createdAt - a.createdAt)[0];
  return newest === undefined || isForgotten(newest, exchange.now()) ? undefined : { listing, order: newest };
}

const isOpen = ({ status }: VenueOrder): boolean => status === "new" || status === "partiallyFilled";

const isForgotten = (order: VenueOrder, now: number): boolean =>
  !isOpen(order) && order.filled === 0 && now - order.updatedAt > UNFILLED_KEPT_MS;

function cancel(venue: Venue, fields: Fields, account: AccountId): Item {
  const found = find(venue, fields, account);
  const ids = idsOf(fields, found instanceof Refusal ? undefined : found?.order);
  if (found instanceof Refusal) return { ids, refusal: found };
  if (found === undefined) return { ids, refusal: GONE.cancel };
  const { exchange, instrument } = found.listing;
  const answer = exchange.cancel(account, instrument.id, { orderId: found.order.orderId });
  return answer.ok ? { ids } : { ids, refusal: GONE.cancel };
}

function amend(venue: Venue, fields: Fields, account: AccountId): Item {
  const found = find(venue, fields, account);
  const ids = {
    ...idsOf(fields, found instanceof Refusal ? undefined : found?.order),
    reqId: optional(fields, "reqId") ?? "",
  };
  if (found instanceof Refusal) return { ids, refusal: found };
  if (found === undefined || !isOpen(found.order)) return { ids, refusal: GONE.amend };
  const { listing, order } = found;
  const newPx = optional(fields, "newPx");
  const newSz = optional(fields, "newSz");
  const price = newPx === undefined ? undefined : priceOf(fields, "newPx", listing);
  if (price instanceof Refusal) return { ids, refusal: price };
  const size = newSz === undefined ? undefined : stepsOf(newSz, listing.lot);
  if (newSz !== undefined && size === undefined) return { ids, refusal: badValue("newSz") };
  const answer = listing.exchange.amend(
    account,
    listing.instrument.id,
    { orderId: order.orderId },
    { ...(price === undefined ? {} : { price }), ...(size === undefined ? {} : { lots: lots(size) }) },
  );
  return answer.ok ? { ids } : { ids, refusal: refusalOf(answer.reason) };
}

function show(venue: Venue, { fields }: Asked, { account }: OkxKey): Reply {
  const found = find(venue, fields, account);
  if (found instanceof Refusal) return found;
  return found === undefined ? GONE.query : [orderView(venue, found.order, found.listing)];
}

function pending(venue: Venue, { fields }: Asked, { account }: OkxKey): Reply {
  return listed(venue, fields, (listing) =>
    listing.exchange.openOrders(account, listing.instrument.id).map((order) => ({ listing, order })),
  );
}

function history(reachMs: number): (venue: Venue, asked: Asked, key: OkxKey) => Reply {
  return (venue, { fields }, { account }) => {
    if (optional(fields, "instType") === undefined) return badValue("instType");
    const [begin, end] = [timeOf(fields, "begin"), timeOf(fields, "end")];
    if (begin instanceof Refusal) return begin;
    if (end instanceof Refusal) return end;
    return listed(venue, fields, (listing) => {
      const { exchange, instrument } = listing;
      const now = exchange.now();
      const closed = exchange.orderHistory(account, { instrument: instrument.id });
      return [...closed, ...venue.unrested.of(account, instrument.id)]
        .filter((order) => !isOpen(order) && !isForgotten(order, now) && now - order.updatedAt <= reachMs)
        .filter(({ createdAt }) => createdAt >= (begin ?? 0) && createdAt <= (end ?? now))
        .map((order) => ({ listing, order }));
    });
  };
}

/** Orders of the instruments that the call names, newest first, narrowed by type and state. */
function listed(venue: Venue, fields: Fields, read: (listing: Listing) => readonly Found[]): Reply {
  const listings = listingsOfFields(fields, venue.listings);
  if (listings instanceof Refusal) return listings;
  const types = optional(fields, "ordType")?.split(",");
  const states = optional(fields, "state")?.split(",");
  const found = listings
    .flatMap(read)
    .map(({ order, listing }) => ({ order, listing, shown: orderView(venue, order, listing) }))
    .filter(({ shown }) => types?.includes(shown.ordType) !== false)
    .filter(({ shown }) => states?.includes(shown.state) !== false)
    .sort((a, b) => b.order.createdAt - a.order.createdAt || b.order.orderId - a.order.orderId);
  const rows = paged(found, fields, ({ order }) => order.orderId);
  return rows instanceof Refusal ? rows : rows.map(({ shown }) => shown);
}

/** Cancels everything of the account unless it is called again in time; 0 stops the countdown. Market seconds. */
function cancelAllAfter(venue: Venue, { fields }: Asked, { account }: OkxKey): Reply {
  const seconds = Number(optional(fields, "timeOut") ?? Number.NaN);
  const isOff = seconds === 0;
  if (!isOff && !(Number.isInteger(seconds) && seconds >= 10 && seconds <= 120)) return badValue("timeOut");
  let triggerTime = 0;
  for (const exchange of venue.exchanges) {
    triggerTime = exchange.now() + seconds * 1_000;
    exchange.countdownCancelAll(account, undefined, isOff ? undefined : millis(triggerTime));
  }
  return [{ triggerTime: isOff ? "0" : String(triggerTime), tag: "", ts: String(venue.wall.now()) }];
}
