import type { FillEvent, OrderReportEvent } from "../../core/event.ts";
import type { InstrumentId } from "../../core/instrument.ts";
import type { PositionSide } from "../../core/order.ts";
import type { Side } from "../../core/units.ts";
import { optionalText, type Payload, text } from "../binance/fields.ts";

/** Bybit's product types that we trade. */
export type Category = "linear" | "inverse";

/** The product type of a symbol: inverse perpetuals end in USD. */
export const categoryOf = (id: InstrumentId): Category => (id.endsWith("USD") ? "inverse" : "linear");

/** The symbol of a row; those of other products get another name, since spot pairs are called like perpetuals. */
export function symbolOf(row: Payload): InstrumentId {
  const category = optionalText(row, "category") ?? "linear";
  const symbol = text(row, "symbol");
  return category === "linear" || category === "inverse" ? symbol : `${category}:${symbol}`;
}

/** The exchange's words for the two sides. */
export const SIDES: Readonly<Record<string, Side>> = { Buy: "buy", Sell: "sell" };
/** Its numbers for the books of an account. */
export const POSITION_SIDES: Readonly<Record<string, PositionSide>> = {
  "0": "both",
  "1": "long",
  "2": "short",
};
/** Our sides in its numbers. */
export const POSITION_IDX: Readonly<Record<PositionSide, number>> = { both: 0, long: 1, short: 2 };

/** Its words for the states of orders that rest or have rested. */
export const STATUSES: Readonly<Record<string, OrderReportEvent["status"]>> = {
  Created: "open",
  New: "open",
  PartiallyFilled: "partlyFilled",
  Filled: "filled",
  Cancelled: "canceled",
  PartiallyFilledCanceled: "canceled",
  Rejected: "rejected",
};

/** Its words for the states of orders that wait for a trigger price, as long as they have not become orders. */
export const WAITING_STATUSES: Readonly<Record<string, OrderReportEvent["status"]>> = {
  Untriggered: "open",
  Triggered: "triggered",
  Active: "triggered",
  Deactivated: "canceled",
};

/** Its words for executions that move a position. Others (Funding) move money only. */
export const EXECUTIONS: Readonly<Record<string, FillEvent["origin"]>> = {
  Trade: "client",
  BlockTrade: "client",
  MovePosition: "client",
  FutureSpread: "client",
  Settle: "client",
  Delivery: "client",
  BustTrade: "liquidation",
  AdlTrade: "adl",
};

/** The post-only order would have taken: it was accepted and then cancelled. */
export const WOULD_TAKE = "EC_PostOnlyWillTakeLiquidity";

/** Liquidation and deleveraging are told by what created the order. */
export function originOf(order: Payload): OrderReportEvent["origin"] {
  const created = optionalText(order, "createType") ?? "";
  if (/^CreateBy(?:Liq|TakeOver)/.test(created)) return "liquidation";
  return created.startsWith("CreateByAdl") ? "adl" : "client";
}

/**
 * Why an order ended, where that was the exchange's doing (knocked out by another reducer, before a liquidation, by self-trade
 * prevention, for want of margin or of a counterpart); undefined where its owner cancelled it or nothing is said.
 */
export function reasonOf(order: Payload): string | undefined {
  const rejected = optionalText(order, "rejectReason") ?? "";
  const cancelled = optionalText(order, "cancelType") ?? "";
  if (rejected !== "" && rejected !== "EC_NoError" && rejected !== "EC_PerCancelRequest") return rejected;
  return cancelled === "" || cancelled === "UNKNOWN" || cancelled === "CancelByUser" ? undefined : cancelled;
}
