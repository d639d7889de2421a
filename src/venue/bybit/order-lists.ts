import type { AccountId, Instrument } from "../../core/instrument.ts";
import type { Millis } from "../../core/units.ts";
import type { VenueConditional, VenueOrder } from "../exchange.ts";
import type { Floor, House } from "./house.ts";
import { orderPlaceOf } from "./ids.ts";
import type { OrderRow } from "./order-notes.ts";
import { conditionalRow, orderRow } from "./order-view.ts";

const isWaiting = (order: VenueConditional): boolean => order.spawnedOrderId === undefined;
const isOpen = (order: VenueOrder): boolean => order.status === "new" || order.status === "partiallyFilled";

/** Newest first: by creation, later ids before earlier ones. */
function newestFirst(rows: readonly (OrderRow | undefined)[]): readonly OrderRow[] {
  return rows
    .filter((row) => row !== undefined)
    .sort((a, b) => Number(b.createdTime) - Number(a.createdTime) || (a.orderId < b.orderId ? 1 : -1));
}

/** What rests and what waits for a trigger. */
export function openRows(
  house: House,
  account: AccountId,
  floors: readonly Floor[],
  instrument: Instrument | undefined,
): readonly OrderRow[] {
  return newestFirst(
    floors.flatMap((floor) => [
      ...floor.exchange.openOrders(account, instrument?.id).map((order) => orderRow(house, floor, order)),
      ...floor.exchange
        .openConditionals(account, instrument?.id)
        .map((order) => conditionalRow(floor, order)),
    ]),
  );
}

/** Orders that are over: those the exchange remembers, and those that its matching refused. */
export function closedRows(
  house: House,
  account: AccountId,
  floors: readonly Floor[],
  instrument: Instrument | undefined,
  period: { readonly from: Millis; readonly to: Millis },
): readonly OrderRow[] {
  const found = floors.flatMap((floor) => {
    const query = instrument === undefined ? period : { ...period, instrument: instrument.id };
    const orders = floor.exchange.orderHistory(account, query).filter((order) => !isOpen(order));
    const ended = floor.exchange
      .conditionalHistory(account, query)
      .filter((order) => isWaiting(order) && order.status !== "new" && order.status !== "triggering");
    return [
      ...orders.map((order) => orderRow(house, floor, order)),
      ...ended.map((order) => conditionalRow(floor, order)),
    ];
  });
  const categories = new Set(floors.map(({ category }) => category as string));
  const refused = house.notes
    .refused(account)
    .filter((row) => categories.has(row.category))
    .filter((row) => instrument === undefined || row.symbol === instrument.id)
    .filter(({ createdTime }) => Number(createdTime) >= period.from && Number(createdTime) <= period.to);
  return newestFirst([...found, ...refused]);
}

/** What names one order. */
export interface OrderName {
  readonly orderId: string | undefined;
  readonly orderLinkId: string | undefined;
}

/** An order as the exchange holds it: resting, waiting, or what a waiting one became. */
export type HeldOrder =
  | { readonly type: "order"; readonly floor: Floor; readonly order: VenueOrder }
  | { readonly type: "conditional"; readonly floor: Floor; readonly conditional: VenueConditional };

/** The order that a call names by id, or else by the client's own id. */
export function heldOrder(
  account: AccountId,
  floors: readonly Floor[],
  name: OrderName,
): HeldOrder | undefined {
  for (const floor of floors) {
    const found =
      name.orderId === undefined
        ? byLink(account, floor, name.orderLinkId ?? "")
        : byId(account, floor, name.orderId);
    if (found !== undefined) return found;
  }
  return undefined;
}

function byId(account: AccountId, floor: Floor, text: string): HeldOrder | undefined {
  const place = orderPlaceOf(text);
  if (place === undefined || place.floor !== floor.index) return undefined;
  const conditional = floor.exchange.conditional(account, { conditionalId: place.id });
  if (conditional !== undefined) return grown(account, floor, conditional);
  for (const id of floor.instruments.keys()) {
    const order = floor.exchange.order(account, id, { orderId: place.id });
    if (order !== undefined) return { type: "order", floor, order };
  }
  return undefined;
}

function byLink(account: AccountId, floor: Floor, clientId: string): HeldOrder | undefined {
  if (clientId === "") return undefined;
  for (const id of floor.instruments.keys()) {
    const order = floor.exchange.order(account, id, { clientId });
    if (order !== undefined) return { type: "order", floor, order };
  }
  const conditional = floor.exchange.conditional(account, { clientId });
  return conditional === undefined ? undefined : grown(account, floor, conditional);
}

function grown(account: AccountId, floor: Floor, conditional: VenueConditional): HeldOrder {
  const { spawnedOrderId, request } = conditional;
  const order =
    spawnedOrderId === undefined
      ? undefined
      : floor.exchange.order(account, request.instrument, { orderId: spawnedOrderId });
  return order === undefined ? { type: "conditional", floor, conditional } : { type: "order", floor, order };
}

/** One order of any state as a row. */
export function namedRow(
  house: House,
  account: AccountId,
  floors: readonly Floor[],
  name: OrderName,
): OrderRow | undefined {
  const held = heldOrder(account, floors, name);
  if (held?.type === "order") return orderRow(house, held.floor, held.order);
  if (held?.type === "conditional") return conditionalRow(held.floor, held.conditional);
  return house.notes
    .refused(account)
    .findLast((row) =>
      name.orderId === undefined ? row.orderLinkId === name.orderLinkId : row.orderId === name.orderId,
    );
}
