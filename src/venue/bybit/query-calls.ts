import type { AccountId } from "../../core/instrument.ts";
import { executionRow } from "./execution-view.ts";
import { type Fields, limitOf, optional, paged, periodOf } from "./fields.ts";
import { categoryOf, type Floor, type House, type Reply, type Routes, scopeOf } from "./house.ts";
import { closedRows, heldOrder, namedRow, openRows } from "./order-lists.ts";
import type { OrderRow } from "./order-notes.ts";
import { allOf, Refusal, wrong } from "./refusal.ts";

/** The calls that ask about orders and executions. */
export const QUERY_CALLS: Routes = {
  "GET /v5/order/realtime": { access: "signed", perSecond: 50, handle: realtime },
  "GET /v5/order/history": { access: "signed", perSecond: 50, handle: history },
  "GET /v5/execution/list": { access: "signed", perSecond: 50, handle: executions },
};

/** One order by its name, whatever its state; undefined when the call names none. */
function asked(
  house: House,
  fields: Fields,
  account: AccountId,
  floors: readonly Floor[],
): readonly OrderRow[] | undefined {
  const orderId = optional(fields, "orderId");
  const orderLinkId = optional(fields, "orderLinkId");
  if (orderId === undefined && orderLinkId === undefined) return undefined;
  const row = namedRow(house, account, floors, { orderId, orderLinkId });
  return row === undefined ? [] : [row];
}

const isMeant = (row: OrderRow, fields: Fields): boolean => {
  const filter = optional(fields, "orderFilter");
  const status = optional(fields, "orderStatus");
  if (status !== undefined && row["orderStatus"] !== status) return false;
  return filter === undefined || (filter === "StopOrder") === (row["stopOrderType"] === "Stop");
};

function answered(rows: readonly object[], fields: Fields, limit: number): Reply {
  const category = categoryOf(fields);
  if (category instanceof Refusal) return category;
  const found = paged(rows, fields, limit);
  if (found instanceof Refusal) return found;
  return { category, list: found.page, nextPageCursor: found.nextPageCursor };
}

/** What rests and waits; by name also what is over. */
function realtime(house: House, fields: Fields, account: AccountId): Reply {
  const form = allOf({ scope: scopeOf(house, fields), limit: limitOf(fields, 20, 50) });
  if (form instanceof Refusal) return form;
  const { floors, instrument } = form.scope;
  const named = asked(house, fields, account, floors);
  if (named !== undefined) return answered(named, fields, form.limit);
  if (fields["category"] === "linear" && !["symbol", "baseCoin", "settleCoin"].some((name) => fields[name])) {
    return wrong("Missing some parameters that must be filled in, symbol or settleCoin or baseCoin");
  }
  const rows = openRows(house, account, floors, instrument).filter((row) => isMeant(row, fields));
  return answered(rows, fields, form.limit);
}

/** Orders that are over. */
function history(house: House, fields: Fields, account: AccountId): Reply {
  const form = allOf({ scope: scopeOf(house, fields), limit: limitOf(fields, 20, 50) });
  if (form instanceof Refusal) return form;
  const { floors, instrument } = form.scope;
  const named = asked(house, fields, account, floors);
  if (named !== undefined) {
    const isOpen = (row: OrderRow): boolean =>
      ["New", "PartiallyFilled", "Untriggered"].includes(String(row["orderStatus"]));
    return answered(
      named.filter((row) => !isOpen(row)),
      fields,
      form.limit,
    );
  }
  const period = periodOf(fields, nowOf(floors));
  if (period instanceof Refusal) return period;
  const rows = closedRows(house, account, floors, instrument, period).filter((row) => isMeant(row, fields));
  return answered(rows, fields, form.limit);
}

const nowOf = (floors: readonly Floor[]): number =>
  floors.reduce((latest, { exchange }) => Math.max(latest, exchange.now()), 0);

/** An execution with its moment, for sorting. */
interface Executed {
  readonly at: number;
  readonly id: number;
  readonly row: object;
}

/** Executions and funding payments, newest first. */
function executions(house: House, fields: Fields, account: AccountId): Reply {
  const form = allOf({ scope: scopeOf(house, fields), limit: limitOf(fields, 50, 100) });
  if (form instanceof Refusal) return form;
  const { floors, instrument } = form.scope;
  const period = periodOf(fields, nowOf(floors));
  if (period instanceof Refusal) return period;
  const only = idsOf(fields, account, floors);
  const query = instrument === undefined ? period : { ...period, instrument: instrument.id };
  const found: Executed[] = [];
  for (const floor of floors) {
    for (const trade of floor.exchange.trades(account, only === undefined ? query : {})) {
      if (only !== undefined && !only.has(`${floor.index} ${trade.orderId}`)) continue;
      const order = floor.exchange.order(account, trade.instrument, { orderId: trade.orderId });
      const row = order === undefined ? undefined : executionRow(house, floor, order, trade, false);
      if (row !== undefined) found.push({ at: trade.at, id: trade.tradeId, row });
    }
    if (only === undefined) found.push(...fundings(house, floor, account, query));
  }
  const type = optional(fields, "execType");
  const rows = found
    .filter(({ row }) => type === undefined || (row as { execType?: string }).execType === type)
    .sort((a, b) => b.at - a.at || b.id - a.id)
    .map(({ row }) => row);
  return answered(rows, fields, form.limit);
}

/** The orders that a call narrows executions to; undefined: all. */
function idsOf(
  fields: Fields,
  account: AccountId,
  floors: readonly Floor[],
): ReadonlySet<string> | undefined {
  const orderId = optional(fields, "orderId");
  const orderLinkId = optional(fields, "orderLinkId");
  if (orderId === undefined && orderLinkId === undefined) return undefined;
  const held = heldOrder(account, floors, { orderId, orderLinkId });
  return new Set(held?.type === "order" ? [`${held.floor.index} ${held.order.orderId}`] : []);
}

function fundings(
  house: House,
  floor: Floor,
  account: AccountId,
  query: { readonly instrument?: string; readonly from: number; readonly to: number },
): readonly Executed[] {
  return house.notes
    .fundings(account)
    .filter((paid) => paid.floor === floor.index && paid.at >= query.from && paid.at <= query.to)
    .filter((paid) => query.instrument === undefined || paid.instrument === query.instrument)
    .map(({ at, row }) => ({ at, id: 0, row }));
}
