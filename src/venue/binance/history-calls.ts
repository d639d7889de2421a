import { type Millis, millis, type Value } from "../../core/units.ts";
import type { VenueIncome } from "../exchange.ts";
import { type Fields, instrumentOf, limitOf, maybeInstrument, optional, whole, word } from "./fields.ts";
import { orderView, tradeView } from "./order-view.ts";
import { allOf, badValue, type Read, Refusal } from "./refusal.ts";
import { bySymbol, type Reply, type Routes, type Venue } from "./route.ts";
import type { ApiKey } from "./signature.ts";
import { money, POSITION_SIDE } from "./texts.ts";

/** The calls about what happened on an account. Times are market time. */
export const HISTORY_CALLS: Routes = {
  "GET /fapi/v1/userTrades": { access: "signed", weight: 5, handle: userTrades },
  "GET /fapi/v1/allOrders": { access: "signed", weight: 5, handle: allOrders },
  "GET /fapi/v1/forceOrders": { access: "signed", weight: bySymbol(20, 50), handle: forcedOrders },
  "GET /fapi/v1/positionMargin/history": { access: "signed", weight: 1, handle: marginChanges },
  "GET /fapi/v1/income": { access: "signed", weight: 30, handle: income },
};

const WEEK = 7 * 24 * 3_600_000;

/** A stretch of market time. */
export interface Period {
  readonly from?: Millis;
  readonly to?: Millis;
}

/**
 * The stretch that `startTime` and `endTime` name: at most seven days (-1127), the seven that end now when neither
 * is sent and no id says where to start.
 */
export function historyPeriod(fields: Fields, now: Millis, hasId: boolean): Read<Period> {
  const asked = allOf({ start: whole(fields, "startTime"), end: whole(fields, "endTime") });
  if (asked instanceof Refusal) return asked;
  const { start, end } = asked;
  if (start === undefined && end === undefined) {
    return hasId ? {} : { from: millis(Math.max(0, now - WEEK)), to: now };
  }
  const from = start ?? Math.max(0, (end ?? 0) - WEEK);
  const to = end ?? from + WEEK;
  if (to < from) return badValue("endTime");
  if (to - from > WEEK) {
    return new Refusal(
      -1127,
      "Lookup interval is too big. More than 168 hours between startTime and endTime.",
    );
  }
  return { from: millis(from), to: millis(to) };
}

/** The first rows from a given start or id, else the newest ones. */
export function rowsOf<T>(rows: readonly T[], limit: number, isFromStart: boolean): readonly T[] {
  return isFromStart ? rows.slice(0, limit) : rows.slice(-limit);
}

/** Whether a call says where to start. */
export const hasStart = (fields: Fields, ...ids: readonly string[]): boolean =>
  ["startTime", ...ids].some((name) => optional(fields, name) !== undefined);

function userTrades({ exchange, instruments }: Venue, fields: Fields, { account }: ApiKey): Reply {
  const asked = allOf({
    instrument: instrumentOf(fields, instruments),
    orderId: whole(fields, "orderId", 1),
    fromId: whole(fields, "fromId"),
    limit: limitOf(fields, 500, 1000),
    period: historyPeriod(fields, exchange.now(), hasStart(fields, "orderId", "fromId")),
  });
  if (asked instanceof Refusal) return asked;
  const { instrument, orderId, fromId, limit, period } = asked;
  if (fromId !== undefined && (fields.get("startTime") || fields.get("endTime"))) {
    return new Refusal(-1128, "Combination of optional parameters invalid.");
  }
  const rows = exchange
    .trades(account, { instrument: instrument.id, ...period, ...(fromId === undefined ? {} : { fromId }) })
    .filter((trade) => orderId === undefined || trade.orderId === orderId);
  return rowsOf(rows, limit, hasStart(fields, "fromId")).map((trade) => tradeView(trade, instrument));
}

function allOrders({ exchange, instruments }: Venue, fields: Fields, { account }: ApiKey): Reply {
  const asked = allOf({
    instrument: instrumentOf(fields, instruments),
    fromId: whole(fields, "orderId", 1),
    limit: limitOf(fields, 500, 1000),
    period: historyPeriod(fields, exchange.now(), hasStart(fields, "orderId")),
  });
  if (asked instanceof Refusal) return asked;
  const { instrument, fromId, limit, period } = asked;
  const rows = exchange.orderHistory(account, {
    instrument: instrument.id,
    ...period,
    ...(fromId === undefined ? {} : { fromId }),
  });
  return rowsOf(rows, limit, hasStart(fields, "orderId")).map((order) => orderView(order, instrument));
}

const CLOSE_TYPES = { LIQUIDATION: "liquidation", ADL: "adl" } as const;

/** The exchange's own orders on the account: liquidations and deleveraging. */
function forcedOrders({ exchange, instruments }: Venue, fields: Fields, { account }: ApiKey): Reply {
  const type = optional(fields, "autoCloseType");
  const asked = allOf({
    instrument: maybeInstrument(fields, instruments),
    origin: type === undefined ? undefined : word(type, CLOSE_TYPES, badValue("autoCloseType")),
    limit: limitOf(fields, 50, 100),
    period: historyPeriod(fields, exchange.now(), hasStart(fields)),
  });
  if (asked instanceof Refusal) return asked;
  const { instrument, origin, limit, period } = asked;
  const rows = exchange
    .orderHistory(account, { ...period, ...(instrument === undefined ? {} : { instrument: instrument.id }) })
    .filter((order) => (origin === undefined ? order.origin !== "client" : order.origin === origin));
  return rowsOf(rows, limit, hasStart(fields)).flatMap((order) => {
    const traded = instruments.get(order.request.instrument);
    return traded === undefined ? [] : [orderView(order, traded)];
  });
}

function marginChanges(
  { exchange, instruments, changes }: Venue,
  fields: Fields,
  { account }: ApiKey,
): Reply {
  const asked = allOf({
    instrument: instrumentOf(fields, instruments),
    type: whole(fields, "type", 1),
    limit: limitOf(fields, 500, 500),
    period: historyPeriod(fields, exchange.now(), hasStart(fields)),
  });
  if (asked instanceof Refusal) return asked;
  const { instrument, type, limit, period } = asked;
  const { from = 0, to = Number.MAX_SAFE_INTEGER } = period;
  const typeOf = (amount: Value): number => (amount > 0 ? 1 : 2);
  const rows = changes
    .marginChanges(account)
    .filter((each) => each.instrument === instrument.id && each.at >= from && each.at <= to)
    .filter((each) => type === undefined || typeOf(each.amount) === type);
  return rowsOf(rows, limit, hasStart(fields)).map((each) => ({
    symbol: instrument.id,
    type: typeOf(each.amount),
    deltaType: "USER_ADJUST",
    amount: money(each.amount),
    asset: instrument.settle,
    time: each.at,
    positionSide: POSITION_SIDE[each.positionSide],
  }));
}

const INCOME_TYPE = {
  realized: "REALIZED_PNL",
  fee: "COMMISSION",
  funding: "FUNDING_FEE",
  transfer: "TRANSFER",
  liquidationFee: "INSURANCE_CLEAR",
  insurance: "INSURANCE_CLEAR",
} as const satisfies Record<VenueIncome["type"], string>;

function income({ exchange, instruments }: Venue, fields: Fields, { account }: ApiKey): Reply {
  const asked = allOf({
    instrument: maybeInstrument(fields, instruments),
    limit: limitOf(fields, 100, 1000),
    period: historyPeriod(fields, exchange.now(), hasStart(fields)),
  });
  if (asked instanceof Refusal) return asked;
  const { instrument, limit, period } = asked;
  const type = optional(fields, "incomeType");
  const { asset } = exchange.balance(account);
  const rows = exchange
    .income(account, { ...period, ...(instrument === undefined ? {} : { instrument: instrument.id }) })
    .filter((line) => type === undefined || INCOME_TYPE[line.type] === type);
  return rowsOf(rows, limit, hasStart(fields)).map((line) => ({
    symbol: line.instrument ?? "",
    incomeType: INCOME_TYPE[line.type],
    income: money(line.amount),
    asset,
    info: line.tradeId === undefined ? INCOME_TYPE[line.type] : String(line.tradeId),
    time: line.at,
    tranId: line.id,
    tradeId: line.tradeId === undefined ? "" : String(line.tradeId),
  }));
}
