import type { Dialect } from "./dialect.ts";
import { list, type Payload, whole } from "./fields.ts";

/** Binance answers at most seven days of history in one question. */
const WINDOW_MS = 7 * 86_400_000 - 1;
const PAGE = 1_000;

/** All that the exchange still knows of one symbol since a time, oldest first. */
export interface Walked {
  readonly orders: readonly Payload[];
  readonly conditionals: readonly Payload[];
  readonly trades: readonly Payload[];
}

type Call = (name: string, params: object) => Promise<unknown>;

/**
 * Walks a symbol's history in windows of seven days and pages of a thousand. Executions carry no client id: they are
 * joined to `allOrders` and the conditional history by order id. Rejects when any page can't be read.
 */
export async function walkHistory(
  call: Call,
  family: Dialect["family"],
  symbol: string,
  from: number,
  until: number,
): Promise<Walked> {
  const orders = new Map<number, Payload>();
  const conditionals = new Map<number, Payload>();
  const trades = new Map<number, Payload>();
  // At least one window: before the first market message nobody knows what time it is, and a list that was not asked
  // for must not look like an empty one (I9).
  for (let start = from; start === from || start <= until; start += WINDOW_MS + 1) {
    const end = start + WINDOW_MS;
    await pages(call, `GET /${family}/v1/allOrders`, { symbol }, start, end, "orderId", "time", orders);
    await pages(
      call,
      `GET /${family}/v1/allAlgoOrders`,
      { symbol },
      start,
      end,
      "algoId",
      "createTime",
      conditionals,
    );
    await pages(call, `GET /${family}/v1/userTrades`, { symbol }, start, end, "id", "time", trades);
  }
  const ordered = (found: ReadonlyMap<number, Payload>) =>
    [...found].sort(([a], [b]) => a - b).map(([, row]) => row);
  return { orders: ordered(orders), conditionals: ordered(conditionals), trades: ordered(trades) };
}

/** Reads one window page by page; the next page starts at the last row's time, rows seen twice count once. */
async function pages(
  call: Call,
  name: string,
  params: object,
  start: number,
  end: number,
  idField: string,
  timeField: string,
  into: Map<number, Payload>,
): Promise<void> {
  let startTime = start;
  while (startTime <= end) {
    const rows = list(await call(name, { ...params, startTime, endTime: end, limit: PAGE }), name);
    const before = into.size;
    let last = startTime;
    for (const row of rows) {
      into.set(whole(row, idField), row);
      last = Math.max(last, whole(row, timeField));
    }
    if (rows.length < PAGE) return;
    // A thousand rows of one millisecond can't be paged by time: step over it rather than ask for ever.
    startTime = last > startTime || into.size > before ? Math.max(last, startTime) : last + 1;
    if (into.size === before) startTime = last + 1;
  }
}
