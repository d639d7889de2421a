import type { AccountId, Instrument } from "../../core/instrument.ts";
import { lots, ticks } from "../../core/units.ts";
import type { OrderRequest, RejectReason, VenueAnswer } from "../exchange.ts";
import { count, type Fields, optional } from "./fields.ts";
import { type Floor, floorsOf, type House, type Reply, type Routes, scopeOf, standOf } from "./house.ts";
import { orderIdText, shortLivedIdText } from "./ids.ts";
import { type PlaceForm, placeForm } from "./order-form.ts";
import { type HeldOrder, heldOrder, openRows } from "./order-lists.ts";
import type { OrderRow } from "./order-notes.ts";
import { refusedRow } from "./order-view.ts";
import { allOf, Batch, type Read, Refusal, wrong } from "./refusal.ts";
import { refusalOf } from "./reject-codes.ts";

/** What hears of orders that the matching refused after they were accepted. */
export type OnRefused = (account: AccountId, row: OrderRow) => void;

/** Rows of one batch. */
const BATCH_MOST = 20;

/** The calls that place, change and cancel orders. `onRefused` tells the private stream. */
export function orderCalls(onRefused: OnRefused): Routes {
  const create = (house: House, fields: Fields, account: AccountId): Reply => {
    const stand = standOf(house, fields);
    if (stand instanceof Refusal) return stand;
    return place(house, stand.floor, stand.instrument, fields, account, onRefused);
  };
  return {
    "POST /v5/order/create": { access: "signed", perSecond: 10, handle: create },
    "POST /v5/order/amend": { access: "signed", perSecond: 10, handle: amend },
    "POST /v5/order/cancel": { access: "signed", perSecond: 10, handle: cancel },
    "POST /v5/order/cancel-all": { access: "signed", perSecond: 10, handle: cancelAll },
    "POST /v5/order/create-batch": {
      access: "signed",
      perSecond: 10,
      handle: (house, fields, account) => batch(fields, (row) => create(house, row, account)),
    },
    "POST /v5/order/cancel-batch": {
      access: "signed",
      perSecond: 10,
      handle: (house, fields, account) => batch(fields, (row) => cancel(house, row, account)),
    },
  };
}

/** Reasons that Bybit's matching gives after the order was accepted: it is then cancelled with this word. */
const LATE: Partial<Readonly<Record<RejectReason, string>>> = {
  wouldTakePostOnly: "EC_PostOnlyWillTakeLiquidity",
  cannotFillFillOrKill: "EC_NoImmediateQtyToFill",
  noLiquidity: "EC_NoImmediateQtyToFill",
};

function place(
  house: House,
  floor: Floor,
  instrument: Instrument,
  fields: Fields,
  account: AccountId,
  onRefused: OnRefused,
): Reply {
  const form = placeForm(fields, floor, instrument, account);
  if (form instanceof Refusal) return form;
  const { clientId } = form.request;
  // Ids are unique for good, not only among what rests.
  if (clientId !== "" && !house.notes.claim(account, clientId)) return refusalOf("duplicateClientId");
  const reply = entered(house, floor, instrument, form, account, onRefused);
  if (reply instanceof Refusal) house.notes.release(account, clientId);
  return reply;
}

function entered(
  house: House,
  floor: Floor,
  instrument: Instrument,
  form: PlaceForm,
  account: AccountId,
  onRefused: OnRefused,
): Reply {
  const { clientId } = form.request;
  if (form.type === "conditional") {
    const answer = floor.exchange.placeConditional(account, form.request);
    if (!answer.ok) return refusalOf(answer.reason, { direction: form.direction });
    return ackOf(floor, answer.value.conditionalId, clientId);
  }
  const answer = floor.exchange.place(account, form.request);
  if (answer.ok) return ackOf(floor, answer.value.orderId, clientId);
  const late = LATE[answer.reason];
  if (late === undefined) return refusalOf(answer.reason, { ask: "place" });
  return refusedLate(house, floor, instrument, form.request, account, late, onRefused);
}

const ackOf = (floor: Floor, id: number, orderLinkId: string): object => ({
  orderId: orderIdText({ floor: floor.index, id }),
  orderLinkId,
});

function refusedLate(
  house: House,
  floor: Floor,
  instrument: Instrument,
  request: OrderRequest,
  account: AccountId,
  reason: string,
  onRefused: OnRefused,
): Reply {
  const orderId = shortLivedIdText(floor.index, house.notes.nextCount());
  const row = refusedRow(floor, instrument, orderId, request, reason);
  house.notes.refuse(account, row);
  onRefused(account, row);
  return { orderId, orderLinkId: request.clientId };
}

/** The order that a call names, and what it is called in the answer. */
function named(
  house: House,
  fields: Fields,
  account: AccountId,
): Read<{ readonly held: HeldOrder; readonly ack: object }> {
  const floors = floorsOf(house, fields);
  if (floors instanceof Refusal) return floors;
  const orderId = optional(fields, "orderId");
  const orderLinkId = optional(fields, "orderLinkId");
  if (orderId === undefined && orderLinkId === undefined) return wrong("orderId or orderLinkId is required");
  const held = heldOrder(account, floors, { orderId, orderLinkId });
  if (held === undefined) return refusalOf("unknownOrder");
  const id =
    held.type === "conditional"
      ? held.conditional.conditionalId
      : (held.order.conditionalId ?? held.order.orderId);
  const { clientId } = held.type === "conditional" ? held.conditional : held.order;
  return { held, ack: ackOf(held.floor, id, orderLinkId ?? clientId) };
}

function cancel(house: House, fields: Fields, account: AccountId): Reply {
  const found = named(house, fields, account);
  if (found instanceof Refusal) return found;
  const { held, ack } = found;
  const answer: VenueAnswer<unknown> =
    held.type === "conditional"
      ? held.floor.exchange.cancelConditional(account, { conditionalId: held.conditional.conditionalId })
      : held.floor.exchange.cancel(account, held.order.request.instrument, { orderId: held.order.orderId });
  return answer.ok ? ack : refusalOf(answer.reason, { ask: "cancel" });
}

function amend(house: House, fields: Fields, account: AccountId): Reply {
  const found = named(house, fields, account);
  if (found instanceof Refusal) return found;
  const { held, ack } = found;
  if (held.type === "conditional") return wrong("conditional orders are not amended by this venue");
  const instrument = held.floor.instruments.get(held.order.request.instrument);
  if (instrument === undefined) return refusalOf("unknownOrder");
  const form = allOf({
    price: count(fields, "price", instrument.tick),
    size: count(fields, "qty", instrument.lot),
  });
  if (form instanceof Refusal) return form;
  const answer = held.floor.exchange.amend(
    account,
    instrument.id,
    { orderId: held.order.orderId },
    {
      ...(form.price === undefined ? {} : { price: ticks(form.price) }),
      ...(form.size === undefined ? {} : { lots: lots(form.size) }),
    },
  );
  return answer.ok ? ack : refusalOf(answer.reason);
}

/** Cancels what rests and what waits; `orderFilter` narrows it to one of the two. */
function cancelAll(house: House, fields: Fields, account: AccountId): Reply {
  const scope = scopeOf(house, fields);
  if (scope instanceof Refusal) return scope;
  const filter = optional(fields, "orderFilter");
  const list = openRows(house, account, scope.floors, scope.instrument)
    .filter((row) => filter === undefined || (filter === "StopOrder") === (row["stopOrderType"] === "Stop"))
    .map(({ category, symbol, orderId, orderLinkId }) => {
      cancel(house, { category, symbol, orderId }, account);
      return { orderId, orderLinkId };
    });
  return { list, success: "1" };
}

function batch(fields: Fields, handle: (row: Fields) => Reply): Reply | Batch {
  const rows = fields["request"];
  if (!Array.isArray(rows) || rows.length === 0 || rows.length > BATCH_MOST) {
    return wrong(`request is a list of 1 to ${BATCH_MOST} orders`);
  }
  return new Batch(
    rows.map((raw: unknown) => {
      const row: Fields = { ...(raw as Fields), category: fields["category"] };
      const reply = handle(row);
      const shown = {
        category: fields["category"],
        symbol: row["symbol"] ?? "",
        orderId: "",
        orderLinkId: optional(row, "orderLinkId") ?? "",
        createAt: "",
      };
      return reply instanceof Refusal
        ? { row: shown, refused: reply }
        : { row: { ...shown, ...reply }, refused: undefined };
    }),
  );
}
