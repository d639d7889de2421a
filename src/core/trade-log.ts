import { countOf, VALUE_STEP } from "./text.ts";
import { type Millis, millis, type Value, value } from "./units.ts";

/** What one line of the trade log carries, by name: money, sizes, prices and rates as text, times as numbers. */
export type TradeFields = Readonly<Record<string, string | number>>;

/** The three kinds of line: a part that was closed, the account once a minute, and what is stuck or does not add up. */
export type LineKind = "GRID_TRADE" | "GRID_EQUITY" | "GRID_HEALTH";

const HEALTH: ReadonlySet<unknown> = new Set([
  "STUCK",
  "RECOVERY_BEGIN",
  "RECOVERED",
  "MISMATCH",
  "MATCHED",
  "NEW_ACCOUNT",
]);

/** A line's kind follows from its action. */
export const lineKind = (fields: TradeFields): LineKind =>
  HEALTH.has(fields["Action"]) ? "GRID_HEALTH" : fields["Action"] === "EQUITY" ? "GRID_EQUITY" : "GRID_TRADE";

/** A field that counts in 1e-8 (money, sizes, prices, rates); undefined where it is missing or no plain decimal. */
export function countIn(fields: TradeFields, name: string): number | undefined {
  const text = fields[name];
  return text === undefined ? undefined : countOf(String(text), VALUE_STEP);
}

/** A field of money, in steps of the settle asset; undefined where it is missing or no amount. */
export function moneyIn(fields: TradeFields, name: string): Value | undefined {
  const count = countIn(fields, name);
  return count === undefined ? undefined : value(count);
}

/** A field of market time or of a duration, in milliseconds; undefined where it is missing or no whole number. */
export function millisIn(fields: TradeFields, name: string): Millis | undefined {
  const count = Number(fields[name] ?? Number.NaN);
  return Number.isSafeInteger(count) ? millis(count) : undefined;
}

/** A field of words; empty where it is missing. */
export const wordIn = (fields: TradeFields, name: string): string => String(fields[name] ?? "");

/** A part that was closed, as its line tells it, with its number in the trade log that is kept. */
export interface NumberedTrade {
  readonly number: number;
  readonly fields: TradeFields;
}

/** How people say what closed something: the trade log's own actions. */
const ACTIONS: Readonly<Record<string, string>> = {
  TAKE_PROFIT: "take profit",
  STOP_LOSS: "stop",
  LADDER: "ladder",
  CLOSE: "close",
  LIQUIDATION: "liquidation",
  ADL: "deleveraged",
  TAKEN: "by a person",
  OVER_CLOSE: "over-close",
};

/** What closed something, for people; an action of another version in its own word. */
export const actionText = (action: string): string => ACTIONS[action] ?? action.toLowerCase();
