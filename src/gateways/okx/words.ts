import type { OrderReportEvent } from "../../core/event.ts";
import type { Instrument } from "../../core/instrument.ts";
import type { PositionSide } from "../../core/order.ts";
import type { Step } from "../../core/text.ts";
import type { Lots, Side, Ticks } from "../../core/units.ts";
import { list, object, optionalText, type Payload, PayloadError, text } from "../binance/fields.ts";
import { nearestTick } from "../binance/words.ts";
import { exactLots } from "../steps.ts";

/** An instrument with what one of our lots is in OKX's contracts, and the name of its index. */
export interface Contract {
  readonly instrument: Instrument;
  readonly lot: Step;
  /** OKX's `uly`, e.g. "BTC-USD": several families of contracts may have the same. */
  readonly index: string;
}

/** OKX's words for the two sides. */
export const SIDES: Readonly<Record<string, Side>> = { buy: "buy", sell: "sell" };
/** Its words for the books of an account; one-way accounts have only "net". */
export const POSITION_SIDES: Readonly<Record<string, PositionSide>> = {
  net: "both",
  long: "long",
  short: "short",
  "": "both",
};
/** Its words for the states of orders. */
export const STATES: Readonly<Record<string, OrderReportEvent["status"]>> = {
  live: "open",
  partially_filled: "partlyFilled",
  filled: "filled",
  canceled: "canceled",
  mmp_canceled: "canceled",
};
/** Its words for the states of conditional orders. */
export const ALGO_STATES: Readonly<Record<string, OrderReportEvent["status"]>> = {
  live: "open",
  pause: "open",
  partially_effective: "triggered",
  effective: "triggered",
  canceled: "canceled",
  order_failed: "rejected",
  partially_failed: "triggered",
};

/** What a word stands for. Throws `PayloadError` for a word that the table does not know. */
export function member<T>(table: Readonly<Record<string, T>>, payload: Payload, field: string): T {
  const found = table[optionalText(payload, field) ?? ""];
  if (found === undefined)
    throw new PayloadError(`field "${field}" holds the unknown word "${payload[field]}"`);
  return found;
}

/**
 * A word about an instrument that may not be traded here: of futures, options and what is to come we need not know every word,
 * and none of them may spoil the news of ours. Throws `PayloadError` for an unknown one about a contract of ours.
 */
export const wordOf = <T>(
  table: Readonly<Record<string, T>>,
  payload: Payload,
  field: string,
  of: { readonly contract: Contract | undefined; readonly otherwise: NoInfer<T> },
): T =>
  of.contract === undefined
    ? (table[optionalText(payload, field) ?? ""] ?? of.otherwise)
    : member(table, payload, field);

/** Whether an order can change a position: every kind but a plain exchange of two coins. */
export const isOfPositions = (order: Payload): boolean => optionalText(order, "instType") !== "SPOT";

/** The rows of an answer, an `{code, msg, data}`. Throws `PayloadError` without them. */
export const rowsOf = (answer: unknown, what: string): readonly Payload[] =>
  list(object(answer, what)["data"], what);

/** The one row of an answer. Throws `PayloadError` when there is none. */
export function rowOf(answer: unknown, what: string): Payload {
  const [row] = rowsOf(answer, what);
  if (row === undefined) throw new PayloadError(`${what} is empty`);
  return row;
}

/** A text that is not empty; OKX writes "" for what does not apply. */
export function filled(payload: Payload, field: string): string | undefined {
  const found = optionalText(payload, field);
  return found === "" ? undefined : found;
}

/** A size in contracts as whole lots, exactly. */
export const size = (payload: Payload, field: string, { instrument, lot }: Contract): Lots =>
  exactLots(text(payload, field), field, instrument, lot);

/**
 * A price to the nearest tick: marks, averages and liquidation prices have more digits than it, and orders from before it
 * was changed lie between two. Empty, 0 and "-1" (at market) mean "none". Throws `PayloadError` for what is no number.
 */
export function price(payload: Payload, field: string, { instrument }: Contract): Ticks | undefined {
  const raw = filled(payload, field);
  if (raw === undefined || Number(raw) <= 0) return undefined;
  return nearestTick(raw, instrument);
}

/** Liquidation and deleveraging are told by the order's category. */
export function originOf(category: string | undefined): OrderReportEvent["origin"] {
  if (category === "full_liquidation" || category === "partial_liquidation") return "liquidation";
  return category === "adl" ? "adl" : "client";
}

/** In the history of executions they are told by the kind of the bill. @see OKX v5 "Transaction types" */
export function originOfBill(subType: string | undefined): OrderReportEvent["origin"] {
  const kind = Number(subType ?? "");
  if ((kind >= 100 && kind <= 107) || kind === 110 || kind === 111) return "liquidation";
  return kind >= 125 && kind <= 128 ? "adl" : "client";
}

/** Who cancelled an order: its owner, himself or by his countdown. Everything else is the exchange's doing. */
const BY_OWNER: ReadonlySet<string> = new Set(["", "1", "20"]);
/** A post-only order that would have taken: it never rested. */
const WOULD_TAKE = "31";

/** What a cancelled order came to, by who cancelled it; in our words, with a reason for people. */
export function endOf(payload: Payload): Pick<OrderReportEvent, "status" | "reason"> {
  const source = optionalText(payload, "cancelSource") ?? "";
  if (source === WOULD_TAKE) return { status: "rejected", reason: "post-only, and it would have taken" };
  if (BY_OWNER.has(source)) return { status: "canceled" };
  return {
    status: "expired",
    reason: filled(payload, "cancelSourceReason") ?? `cancelled by OKX (${source})`,
  };
}

/** Ids of conditional orders live in a number space of their own. */
export const conditionalId = (id: string): string => `a${id}`;

/** A property only where there is a value. */
export const given = <K extends string, V>(key: K, found: V | undefined): { [P in K]?: V } =>
  found === undefined ? {} : ({ [key]: found } as { [P in K]?: V });
