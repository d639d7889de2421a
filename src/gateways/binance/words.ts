import type { BalanceEvent, OrderReportEvent } from "../../core/event.ts";
import type { Instrument } from "../../core/instrument.ts";
import type { PositionSide } from "../../core/order.ts";
import { countOf } from "../../core/text.ts";
import { type Lots, lots, type Side, type Ticks, ticks } from "../../core/units.ts";
import { exactLots } from "../steps.ts";
import { optionalText, type Payload, PayloadError, text } from "./fields.ts";

/** The exchange's words for the two sides. */
export const SIDES: Readonly<Record<string, Side>> = { BUY: "buy", SELL: "sell" };
/** Its words for the books of an account. */
export const POSITION_SIDES: Readonly<Record<string, PositionSide>> = {
  BOTH: "both",
  LONG: "long",
  SHORT: "short",
};
/** Its words for the states of orders and conditional orders. */
export const STATUSES: Readonly<Record<string, OrderReportEvent["status"]>> = {
  NEW: "open",
  NEW_INSURANCE: "open",
  NEW_ADL: "open",
  PARTIALLY_FILLED: "partlyFilled",
  FILLED: "filled",
  CANCELED: "canceled",
  EXPIRED: "expired",
  EXPIRED_IN_MATCH: "expired",
  REJECTED: "rejected",
  TRIGGERING: "open",
  TRIGGERED: "triggered",
  FINISHED: "triggered",
};

/** What a word stands for. Throws `PayloadError` for a word that the table does not know. */
export function member<T>(table: Readonly<Record<string, T>>, payload: Payload, field: string): T {
  const found = table[text(payload, field)];
  if (found === undefined)
    throw new PayloadError(`field "${field}" holds the unknown word "${text(payload, field)}"`);
  return found;
}

/**
 * A price to the nearest tick; prices of 0 mean "none". Orders of the exchange's own (liquidation, settlement) and
 * orders from before the tick changed lie between ticks.
 */
export function price(payload: Payload, field: string, instrument: Instrument): Ticks | undefined {
  const raw = optionalText(payload, field);
  if (raw === undefined || raw === "" || Number(raw) === 0) return undefined;
  return nearestTick(raw, instrument);
}

/** A quantity on the lot, exactly. */
export const size = (payload: Payload, field: string, instrument: Instrument): Lots =>
  exactLots(text(payload, field), field, instrument);

/**
 * One execution's id in this account. When two orders of one account meet, Binance gives both executions the same id: the
 * side tells them apart. It is one letter, so that ids stay in the order of their numbers.
 */
export const executionId = (id: string, side: Side): string => `${id}${side === "buy" ? "b" : "s"}`;

/** The quantity of an order; for one that closes a whole position it is empty. */
export const orderSize = (payload: Payload, field: string, instrument: Instrument): Lots =>
  payload[field] === "" || payload[field] === null ? lots(0) : size(payload, field, instrument);

/**
 * Liquidation and deleveraging are told by the client ids that Binance gives them. A settlement of a delisted contract
 * is no order of ours either and closes the whole book as a liquidation does. `CALCULATED` is an execution that the
 * exchange worked out by itself, whatever the order is called.
 */
export function originOf(clientId: string, execution = ""): OrderReportEvent["origin"] {
  if (clientId.startsWith("adl_autoclose")) return "adl";
  const isForced = clientId.startsWith("autoclose-") || clientId.startsWith("settlement_autoclose-");
  return isForced || execution === "CALCULATED" ? "liquidation" : "client";
}

/** "BTCUSD" of "BTCUSD_PERP": the pair that a contract belongs to. */
export const pairOf = (symbol: string): string => symbol.split("_")[0] ?? symbol;

/** The order that a conditional order became; empty and "0" mean "none yet". */
export function spawnedBy(payload: Payload, field: string): string | undefined {
  const id = optionalText(payload, field);
  return id === "" || id === "0" ? undefined : id;
}

/** Ids of conditional orders live in a number space of their own. */
export const conditionalId = (id: string): string => `a${id}`;

/** The number behind an id of `conditionalId`, as calls want it. */
export const algoIdOf = (venueOrderId: string): string => venueOrderId.replace(/^a/, "");

/** Its words for what moved a wallet; the ones that are missing here are "other". */
export const CAUSES: Readonly<Record<string, BalanceEvent["cause"]>> = {
  ORDER: "trade",
  FUNDING_FEE: "funding",
  DEPOSIT: "transfer",
  WITHDRAW: "transfer",
  WITHDRAW_REJECT: "transfer",
  ADMIN_DEPOSIT: "transfer",
  ADMIN_WITHDRAW: "transfer",
  ASSET_TRANSFER: "transfer",
  COIN_SWAP_DEPOSIT: "transfer",
  COIN_SWAP_WITHDRAW: "transfer",
  MARGIN_TRANSFER: "other",
};

/** Marks, averages and liquidation prices have more digits than a tick: to the nearest. Throws `PayloadError` for no number. */
export function nearestTick(raw: string, instrument: Instrument): Ticks {
  const count = countOf(raw, instrument.tick) ?? Math.round(Number(raw) / Number(instrument.tick.text));
  if (raw === "" || !Number.isSafeInteger(count)) throw new PayloadError(`"${raw}" is no price`);
  return ticks(count);
}

/** Like `nearestTick`; empty and 0 mean "none". */
export const roundedPrice = (raw: string, instrument: Instrument): Ticks | undefined =>
  raw === "" || !(Number(raw) > 0) ? undefined : nearestTick(raw, instrument);

/** A property only where there is a value. */
export const given = <K extends string, V>(key: K, found: V | undefined): { [P in K]?: V } =>
  found === undefined ? {} : ({ [key]: found } as { [P in K]?: V });

/** An order in a symbol that was not loaded: its sizes and prices can't be counted, but it is there. */
export const untraded = (facts: Omit<OrderReportEvent, "type" | "lots">): OrderReportEvent => ({
  type: "orderReport",
  ...facts,
  lots: lots(0),
});
