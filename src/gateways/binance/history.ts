import type { Dialect } from "./dialect.ts";
import { list, type Payload, text, whole } from "./fields.ts";

/** Binance answers at most seven days of history in one question. */
const WINDOW_MS = 7 * 86_400_000 - 1;
const PAGE = 1_000;
/** Of COIN-M's orders a page has fewer. @see Binance COIN-M "All Orders" */
const COINM_ORDERS_PAGE = 100;

/** All that the exchange still knows of one symbol since a time, oldest first. */
export interface Walked {
  readonly orders: readonly Payload[];
  readonly conditionals: readonly Payload[];
  readonly trades: readonly Payload[];
}

type Call = (name: string, params: object) => Promise<unknown>;
type Rows = Map<string, Payload>;

/** What was found of one symbol so far, each row once, as it was read last. */
export interface Found {
  readonly orders: Rows;
  readonly conditionals: Rows;
  readonly trades: Rows;
}

/** Nothing yet. */
export const newFound = (): Found => ({ orders: new Map(), conditionals: new Map(), trades: new Map() });

/**
 * Walks a symbol's history in windows of seven days and pages of at most a thousand rows. Executions carry no client id: they are
 * joined to `allOrders` and the conditional history by order id. Rejects when any page can't be read. `until` is 0 while
 * no market has spoken, be it for good (delisted): nobody knows what time it is then, and the list of another year must not
 * pass for an empty one (I9), so the newest rows are asked for as well. `found`: what an earlier walk came to, which is added to.
 */
export async function walkHistory(
  call: Call,
  family: Dialect["family"],
  symbol: string,
  from: number,
  until: number,
  found: Found = newFound(),
): Promise<Walked> {
  const { orders, conditionals, trades } = found;
  const wanted = [
    [ORDERS, orders],
    [CONDITIONALS, conditionals],
    [TRADES, trades],
  ] as const;
  const nameOf = ({ name }: List): string => `GET /${family}/v1/${name}`;
  const limitOf = (which: List): number => (family === "dapi" && which === ORDERS ? COINM_ORDERS_PAGE : PAGE);
  let last = until;
  if (until === 0) {
    for (const [which, into] of wanted)
      last = Math.max(
        last,
        await newest(call, nameOf(which), { symbol, limit: limitOf(which) }, which, into),
      );
  }
  // Where nobody knows when it begins either, the newest rows are all there is; else at least one window.
  if (from === 0 && until === 0) last = -1;
  for (let start = from; last >= 0 && (start === from || start <= last); start += WINDOW_MS + 1) {
    const end = start + WINDOW_MS;
    for (const [which, into] of wanted)
      await pages(call, nameOf(which), { symbol, limit: limitOf(which) }, start, end, which, into);
  }
  return {
    orders: ordered(orders, ORDERS),
    conditionals: ordered(conditionals, CONDITIONALS),
    trades: ordered(trades, TRADES),
  };
}

/** One of the lists that make up a history. */
interface List {
  readonly name: string;
  readonly id: string;
  readonly time: string;
  /** What two rows with one id differ in. */
  readonly side?: string;
}
const ORDERS: List = { name: "allOrders", id: "orderId", time: "time" };
const CONDITIONALS: List = { name: "allAlgoOrders", id: "algoId", time: "createTime" };
/** When two orders of one account meet, both executions have the same id. */
const TRADES: List = { name: "userTrades", id: "id", time: "time", side: "side" };

const ordered = (found: ReadonlyMap<string, Payload>, { id }: List): readonly Payload[] =>
  [...found.values()].sort((a, b) => byNumber(text(a, id), text(b, id)));

/** Ids count upwards, some beyond what a number can hold: the longer one is the greater, then digit by digit. */
const byNumber = (a: string, b: string): number => a.length - b.length || (a < b ? -1 : a > b ? 1 : 0);

/** Reads the rows of the last seven days by the exchange's own clock, one page; returns the newest one's time. */
async function newest(call: Call, name: string, params: object, which: List, into: Rows): Promise<number> {
  let last = 0;
  for (const row of list(await call(name, params), name)) {
    into.set(keyOf(row, which), row);
    last = Math.max(last, whole(row, which.time));
  }
  return last;
}

const keyOf = (row: Payload, { id, side }: List): string =>
  `${text(row, id)} ${side === undefined ? "" : text(row, side)}`;

/**
 * Reads one window. Of more rows than a page holds a page has those next to one end of it, and the documentation does not say
 * which: what lies before its first row and after its last one is asked for as well. Rows that are seen twice count once.
 */
async function pages(
  call: Call,
  name: string,
  params: { readonly symbol: string; readonly limit: number },
  start: number,
  end: number,
  which: List,
  into: Rows,
): Promise<void> {
  if (start > end) return;
  const rows = list(await call(name, { ...params, startTime: start, endTime: end }), name);
  const times = rows.map((row) => whole(row, which.time));
  for (const row of rows) into.set(keyOf(row, which), row);
  if (rows.length < params.limit) return;
  const [first, last] = [Math.min(...times), Math.max(...times)];
  // A page of one millisecond can't be paged by time: step over it rather than ask for ever.
  const step = first === last ? 1 : 0;
  if (first > start) await pages(call, name, params, start, first - step, which, into);
  if (last < end) await pages(call, name, params, last + step, end, which, into);
}
