import { moneyOf } from "../../core/text.ts";
import type { Value } from "../../core/units.ts";
import { optionalText, type Payload, text, whole } from "../binance/fields.ts";
import type { Urgency } from "../weight-budget.ts";
import type { BybitLine } from "./line.ts";
import type { BybitParts } from "./market-feed.ts";
import { isClosing, type Profits } from "./translate.ts";
import type { Category } from "./words.ts";

/** Bybit answers at most seven days of history in one question. */
const WINDOW_MS = 7 * 86_400_000 - 1;
/** The log of a trade may be written a little after it. */
const LOG_DELAY_MS = 60_000;

/** All that the exchange still knows of one symbol since a time, oldest first. */
export interface Walked {
  readonly orders: readonly Payload[];
  readonly executions: readonly Payload[];
}

/** Walks a symbol's history in windows of seven days, page by page. Rejects when any page can't be read. */
export async function walkHistory(
  line: BybitLine,
  category: Category,
  symbol: string,
  from: number,
  until: number,
): Promise<Walked> {
  const orders: Payload[] = [];
  const executions: Payload[] = [];
  // At least one window, for a history that begins this moment.
  for (let startTime = from; startTime === from || startTime <= until; startTime += WINDOW_MS + 1) {
    const period = { category, symbol, startTime, endTime: startTime + WINDOW_MS };
    orders.push(...(await oldestFirst(line, "GET /v5/order/history", { ...period, limit: 50 })));
    executions.push(...(await oldestFirst(line, "GET /v5/execution/list", { ...period, limit: 100 })));
  }
  return { orders, executions };
}

/** Bybit's lists come newest first. */
const oldestFirst = async (line: BybitLine, name: string, params: object): Promise<readonly Payload[]> =>
  (await line.rows(name, params, "read")).toReversed();

/**
 * What executions of any symbols of one category realised, from the transaction log: over REST they don't tell it themselves.
 * Asks nothing when none of them closed anything. The log may be late, and may be silent about forced closes: what it does
 * not tell is missing from the answer, with a word in our own log.
 */
export async function profitsOf(
  line: BybitLine,
  category: Category,
  executions: readonly Payload[],
  urgency: Urgency,
  log: BybitParts["log"],
): Promise<Profits> {
  const silent = executions.filter((row) => isClosing(row) && (optionalText(row, "execPnl") ?? "") === "");
  const profits = new Map<string, Value>();
  const times = silent.map((row) => whole(row, "execTime"));
  const last = Math.max(...times);
  for (let startTime = Math.min(...times); startTime <= last; startTime += WINDOW_MS - LOG_DELAY_MS) {
    const endTime = Math.min(startTime + WINDOW_MS, last + LOG_DELAY_MS);
    const params = { accountType: "UNIFIED", category, startTime, endTime, limit: 50 };
    for (const row of await line.rows("GET /v5/account/transaction-log", params, urgency)) {
      const tradeId = optionalText(row, "tradeId") ?? "";
      if (tradeId !== "") profits.set(tradeId, moneyOf(text(row, "cashFlow"), "cashFlow"));
    }
  }
  const unknown = silent.map((row) => text(row, "execId")).filter((id) => !profits.has(id));
  if (unknown.length > 0)
    log.warn("nothing tells what these executions realised: they count as 0", { category, unknown });
  return profits;
}
