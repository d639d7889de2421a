import type { AccountId, Instrument } from "../../core/instrument.ts";
import { lots, value } from "../../core/units.ts";
import type { VenueOrder } from "../exchange.ts";
import { type Fields, instrumentOf, maybeInstrument, optional, whole } from "./fields.ts";
import { orderForm } from "./order-form.ts";
import { acknowledgement, orderView } from "./order-view.ts";
import { badValue, type Read, Refusal } from "./refusal.ts";
import { refusalOf } from "./reject-codes.ts";
import { bySymbol, type Reply, type Routes, type Venue } from "./route.ts";
import type { ApiKey } from "./signature.ts";

/** The calls that place, look up and cancel plain orders. */
export const ORDER_CALLS: Routes = {
  "POST /fapi/v1/order": { access: "signed", weight: 0, orders: () => 1, handle: placeOrder },
  "POST /fapi/v1/order/test": { access: "signed", weight: 0, handle: testOrder },
  "GET /fapi/v1/order": { access: "signed", weight: 1, handle: showOrder },
  "DELETE /fapi/v1/order": { access: "signed", weight: 1, handle: cancelOrder },
  "POST /fapi/v1/batchOrders": {
    access: "signed",
    weight: 5,
    orders: (fields) => Math.max(1, listOf(fields, "batchOrders")?.length ?? 1),
    handle: placeBatch,
  },
  "DELETE /fapi/v1/batchOrders": { access: "signed", weight: 1, handle: cancelBatch },
  "GET /fapi/v1/openOrder": { access: "signed", weight: 1, handle: showOpenOrder },
  "GET /fapi/v1/openOrders": { access: "signed", weight: bySymbol(1, 40), handle: showOpenOrders },
  "DELETE /fapi/v1/allOpenOrders": { access: "signed", weight: 1, handle: cancelAll },
};

const BATCH_MOST = 5;
const CANCEL_BATCH_MOST = 10;

/** Places one order; also what the stories' control endpoint and the socket API use. */
export function placeOrder(venue: Venue, fields: Fields, { account }: Pick<ApiKey, "account">): Reply {
  const instrument = instrumentOf(fields, venue.instruments);
  if (instrument instanceof Refusal) return instrument;
  const request = orderForm(fields, instrument, venue.exchange, account);
  if (request instanceof Refusal) return request;
  const answer = venue.exchange.place(account, request);
  if (!answer.ok) {
    const { mark } = venue.exchange.mark(instrument.id);
    return refusalOf(answer.reason, { instrument, price: request.price, mark, ask: "place" });
  }
  // Without RESULT, Binance only acknowledges; the fills come over the private stream.
  return optional(fields, "newOrderRespType") === "RESULT"
    ? orderView(answer.value, instrument)
    : acknowledgement(answer.value, instrument);
}

/** Reads an order as if it were placed, and shows what it would look like; nothing is checked against the market. */
function testOrder(venue: Venue, fields: Fields, { account }: ApiKey): Reply {
  const instrument = instrumentOf(fields, venue.instruments);
  if (instrument instanceof Refusal) return instrument;
  const request = orderForm(fields, instrument, venue.exchange, account);
  if (request instanceof Refusal) return request;
  const at = venue.exchange.now();
  const tried = { orderId: 0, account, request, status: "new", origin: "client" } as const;
  const nothing = { filled: lots(0), cost: value(0), createdAt: at, updatedAt: at } as const;
  return orderView({ ...tried, ...nothing, clientId: request.clientId }, instrument);
}

function placeBatch(venue: Venue, fields: Fields, key: ApiKey): Reply {
  const rows = listOf(fields, "batchOrders");
  if (rows === undefined) return badValue("batchOrders");
  if (rows.length === 0 || rows.length > BATCH_MOST) {
    return new Refusal(-4082, "Invalid number of batch place order.");
  }
  const wanted = optional(fields, "newOrderRespType");
  return rows.map((row) => {
    const order = fieldsOf(row);
    if (order === undefined) return badValue("batchOrders").body;
    if (wanted !== undefined && !order.has("newOrderRespType")) order.set("newOrderRespType", wanted);
    return bodyOf(placeOrder(venue, order, key));
  });
}

function cancelBatch(venue: Venue, fields: Fields, { account }: ApiKey): Reply {
  const instrument = instrumentOf(fields, venue.instruments);
  if (instrument instanceof Refusal) return instrument;
  // Clients write these names in differing case, and the exchange takes them all.
  const spelled = new Map([...fields].map(([name, found]) => [name.toLowerCase(), found]));
  const ids = listOf(spelled, "orderidlist");
  const names = listOf(spelled, "origclientorderidlist");
  const asked: OrderName[] = [
    ...(ids ?? []).map((id) => ({ orderId: Number(id) })),
    ...(names ?? []).map((name) => ({ clientId: String(name) })),
  ];
  if (asked.length === 0 || asked.length > CANCEL_BATCH_MOST) return badValue("orderIdList");
  return asked.map((by) => bodyOf(cancelOne(venue, account, instrument, by)));
}

type OrderName = { readonly orderId: number } | { readonly clientId: string };

/** The order that a call names by number or by the client's own id. */
export function orderNameOf(fields: Fields): Read<OrderName> {
  const orderId = whole(fields, "orderId", 1);
  if (orderId instanceof Refusal) return orderId;
  if (orderId !== undefined) return { orderId };
  const clientId = optional(fields, "origClientOrderId");
  if (clientId !== undefined) return { clientId };
  return new Refusal(-1102, "Param 'origClientOrderId' or 'orderId' must be sent, but both were empty/null!");
}

function find(venue: Venue, fields: Fields, account: AccountId): Read<Found> {
  const instrument = instrumentOf(fields, venue.instruments);
  if (instrument instanceof Refusal) return instrument;
  const by = orderNameOf(fields);
  if (by instanceof Refusal) return by;
  const order = venue.exchange.order(account, instrument.id, by);
  return order === undefined ? refusalOf("unknownOrder", { ask: "query" }) : { order, instrument };
}

interface Found {
  readonly order: VenueOrder;
  readonly instrument: Instrument;
}

function showOrder(venue: Venue, fields: Fields, { account }: ApiKey): Reply {
  const found = find(venue, fields, account);
  return found instanceof Refusal ? found : orderView(found.order, found.instrument);
}

function showOpenOrder(venue: Venue, fields: Fields, { account }: ApiKey): Reply {
  const found = find(venue, fields, account);
  if (found instanceof Refusal) return found;
  const isOpen = found.order.status === "new" || found.order.status === "partiallyFilled";
  return isOpen ? orderView(found.order, found.instrument) : refusalOf("unknownOrder", { ask: "query" });
}

function showOpenOrders(venue: Venue, fields: Fields, { account }: ApiKey): Reply {
  const one = maybeInstrument(fields, venue.instruments);
  if (one instanceof Refusal) return one;
  const wanted = one === undefined ? [...venue.instruments.values()] : [one];
  return wanted.flatMap((instrument) =>
    venue.exchange.openOrders(account, instrument.id).map((order) => orderView(order, instrument)),
  );
}

function cancelOrder(venue: Venue, fields: Fields, { account }: ApiKey): Reply {
  const instrument = instrumentOf(fields, venue.instruments);
  if (instrument instanceof Refusal) return instrument;
  const by = orderNameOf(fields);
  return by instanceof Refusal ? by : cancelOne(venue, account, instrument, by);
}

function cancelOne(venue: Venue, account: AccountId, instrument: Instrument, by: OrderName): Reply {
  const answer = venue.exchange.cancel(account, instrument.id, by);
  return answer.ok ? orderView(answer.value, instrument) : refusalOf(answer.reason, { ask: "cancel" });
}

function cancelAll(venue: Venue, fields: Fields, { account }: ApiKey): Reply {
  const instrument = instrumentOf(fields, venue.instruments);
  if (instrument instanceof Refusal) return instrument;
  venue.exchange.cancelAll(account, instrument.id);
  return { code: 200, msg: "The operation of cancel all open order is done." };
}

/** What a batch holds for one of its items: the answer, or the code and words of its refusal. */
export const bodyOf = (reply: Reply): object => (reply instanceof Refusal ? reply.body : reply);

/** A field that holds a JSON list; undefined when it holds none. */
export function listOf(fields: Fields, name: string): readonly unknown[] | undefined {
  try {
    const list: unknown = JSON.parse(fields.get(name) ?? "");
    return Array.isArray(list) ? list : undefined;
  } catch {
    return undefined;
  }
}

/** A JSON object's plain values as the fields of a call; undefined when it is no object. */
export function fieldsOf(row: unknown): Map<string, string> | undefined {
  if (typeof row !== "object" || row === null || Array.isArray(row)) return undefined;
  const plain = new Map<string, string>();
  for (const [name, found] of Object.entries(row)) {
    if (found !== null && typeof found !== "object") plain.set(name, String(found));
  }
  return plain;
}
