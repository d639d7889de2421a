import { type Payload, text, whole } from "../binance/fields.ts";
import { ALGO_ENDS } from "./order-search.ts";
import { rowsOf } from "./words.ts";

/** Rows that OKX gives at most in one answer. */
const PAGE = 100;
/** How far back `orders-history` reaches; older ones are in its archive. */
const RECENT_MS = 7 * 86_400_000;
/** How far back `fills` reaches, three days less an hour for what the clocks differ; older ones are in `fills-history`. */
const RECENT_FILLS_MS = 3 * 86_400_000 - 3_600_000;

/** All that OKX still knows of one instrument since a time, oldest first. */
export interface Walked {
  readonly orders: readonly Payload[];
  readonly algos: readonly Payload[];
  readonly fills: readonly Payload[];
}

type Call = (name: string, params: object) => Promise<unknown>;

/** Walks an instrument's history page by page, newest first as OKX gives it. Rejects when any page can't be read. */
export async function walkHistory(call: Call, instId: string, from: number, now: number): Promise<Walked> {
  const params = { instType: "SWAP", instId };
  const since = { ...params, begin: String(from) };
  const orders = new Map<string, Payload>();
  // Before the first market message nobody knows what time it is: then the archive is read as well.
  if (now === 0 || from < now - RECENT_MS) {
    await pages(call, "GET /api/v5/trade/orders-history-archive", since, "ordId", orders);
  }
  await pages(call, "GET /api/v5/trade/orders-history", since, "ordId", orders);
  const algos = new Map<string, Payload>();
  for (const state of ALGO_ENDS) {
    const wanted = { ...params, ordType: "conditional,oco", state };
    await pages(call, "GET /api/v5/trade/orders-algo-history", wanted, "algoId", algos, from);
  }
  return {
    orders: ordered(orders, "cTime"),
    algos: ordered(algos, "cTime").filter((row) => whole(row, "cTime") >= from),
    fills: await walkFills(call, since, from, now),
  };
}

/**
 * Executions since a time, oldest first: OKX wants the last three days asked for at `fills`, which is ahead of the slow
 * `fills-history`. That one is read for what is older, and while nobody knows what time it is.
 */
export async function walkFills(
  call: Call,
  params: object,
  from: number,
  now: number,
): Promise<readonly Payload[]> {
  const fills = new Map<string, Payload>();
  await pages(call, "GET /api/v5/trade/fills", params, "billId", fills);
  if (now === 0 || from < now - RECENT_FILLS_MS) {
    await pages(call, "GET /api/v5/trade/fills-history", params, "billId", fills);
  }
  return ordered(fills, "ts");
}

/** Every row of a list that OKX gives newest first. */
export async function allOf(
  call: Call,
  name: string,
  params: object,
  idField: string,
): Promise<readonly Payload[]> {
  const found = new Map<string, Payload>();
  await pages(call, name, params, idField, found);
  return [...found.values()];
}

/** Reads on while pages are full, each from the last id of the one before; `from` ends it where the call knows no begin. */
async function pages(
  call: Call,
  name: string,
  params: object,
  idField: string,
  into: Map<string, Payload>,
  from?: number,
): Promise<void> {
  let after: string | undefined;
  for (;;) {
    const page = { ...params, limit: String(PAGE), ...(after === undefined ? {} : { after }) };
    const rows = rowsOf(await call(name, page), name);
    for (const row of rows) into.set(text(row, idField), row);
    const last = rows.at(-1);
    if (last === undefined || rows.length < PAGE || text(last, idField) === after) return;
    if (from !== undefined && whole(last, "cTime") < from) return;
    after = text(last, idField);
  }
}

/** Oldest first; equal times in the order of OKX's list, turned round. */
const ordered = (found: ReadonlyMap<string, Payload>, timeField: string): readonly Payload[] =>
  [...found.values()].toReversed().sort((a, b) => whole(a, timeField) - whole(b, timeField));
