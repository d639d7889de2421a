import type { ExposureOfBook, FillEvent, OrderReportEvent } from "../../core/event.ts";
import { moneyOf } from "../../core/text.ts";
import type { OtherPosition } from "../../core/truth.ts";
import { lots, type Millis, millis, ticks, value } from "../../core/units.ts";
import { optionalText, type Payload, PayloadError, text, whole } from "../binance/fields.ts";
import { executionId } from "../binance/words.ts";
import { endedShort } from "../ended-short.ts";
import {
  ALGO_STATES,
  type Contract,
  conditionalId,
  endOf,
  filled,
  given,
  member,
  originOf,
  originOfBill,
  POSITION_SIDES,
  price,
  SIDES,
  STATES,
  size,
  wordOf,
} from "./words.ts";

/** What the translation must know: the contracts by instrument id, and whose account it is. */
export interface Dictionary {
  readonly account: string;
  readonly contracts: ReadonlyMap<string, Contract>;
}

/** Turns OKX's payloads about an account into events. Pure; a payload that lacks a field throws `PayloadError`. */
export class OkxTranslation {
  readonly #dictionary: Dictionary;

  constructor(dictionary: Dictionary) {
    this.#dictionary = dictionary;
  }

  /** A contract by its id. Throws `PayloadError` for one that was not loaded. */
  contract(id: string): Contract {
    const found = this.#dictionary.contracts.get(id);
    if (found === undefined) throw new PayloadError(`instrument "${id}" was not loaded`);
    return found;
  }

  /** A message of the `orders` channel: the execution first, then what it says about the order. */
  pushedOrder(row: Payload, wallAt: Millis): readonly (FillEvent | OrderReportEvent)[] {
    const report = this.order(row, wallAt);
    const tradeId = filled(row, "tradeId");
    const contract = this.#dictionary.contracts.get(report.instrument);
    // Of a forced close the channel says 0, and only its fills have its number: it is counted when they are read.
    const isNumbered = tradeId !== undefined && Number(tradeId) > 0;
    if (contract === undefined || !isNumbered || !(Number(optionalText(row, "fillSz")) > 0)) return [report];
    const { type: _type, source: _source, status: _status, spawnedOrderId: _spawned, ...common } = report;
    const { price: _price, trigger: _trigger, isReduceOnly: _reduces, ...others } = common;
    const { reason: _reason, createdAt: _created, ...shared } = others;
    const fill: FillEvent = {
      ...shared,
      type: "fill",
      at: millis(whole(row, "fillTime")),
      tradeId: executionId(tradeId, report.side),
      price: ticks(price(row, "fillPx", contract) ?? 0),
      lots: size(row, "fillSz", contract),
      fee: charged(row, "fillFee"),
      feeAsset: filled(row, "fillFeeCcy") ?? contract.instrument.settle,
      realized: moneyOf(filled(row, "fillPnl") ?? "0", "fillPnl"),
      isMaker: optionalText(row, "execType") === "M",
    };
    return [fill, report];
  }

  /** An order as calls and the `orders` channel show it. That of a triggered one carries the conditional order's client id. */
  order(row: Payload, wallAt: Millis): OrderReportEvent {
    const contract = this.#dictionary.contracts.get(text(row, "instId"));
    const state = wordOf(STATES, row, "state", { contract, otherwise: "open" });
    return {
      type: "orderReport",
      at: millis(whole(row, "uTime")),
      wallAt,
      account: this.#dictionary.account,
      instrument: text(row, "instId"),
      source: "order",
      clientId: filled(row, "clOrdId") ?? filled(row, "algoClOrdId") ?? text(row, "ordId"),
      venueOrderId: text(row, "ordId"),
      ...(state === "canceled" ? endOf(row) : { status: state }),
      origin: originOf(optionalText(row, "category")),
      side: member(SIDES, row, "side"),
      positionSide: wordOf(POSITION_SIDES, row, "posSide", { contract, otherwise: "both" }),
      // An order in an instrument that this desk does not trade is still news: it is not ours.
      lots: contract === undefined ? lots(0) : size(row, "sz", contract),
      isReduceOnly: optionalText(row, "reduceOnly") === "true",
      createdAt: millis(whole(row, "cTime")),
      ...(contract === undefined
        ? {}
        : {
            ...given("price", price(row, "px", contract)),
            ...endedShort(state, filled(row, "accFillSz"), () => size(row, "accFillSz", contract)),
          }),
    };
  }

  /** A conditional order as calls and the `orders-algo` channel show it. */
  algo(row: Payload, wallAt: Millis): OrderReportEvent {
    const contract = this.#dictionary.contracts.get(text(row, "instId"));
    const created = whole(row, "cTime");
    const trigger = ["slTriggerPx", "tpTriggerPx", "triggerPx"].find(
      (name) => filled(row, name) !== undefined,
    );
    const isWhole = filled(row, "sz") === undefined;
    return {
      type: "orderReport",
      at: millis(Math.max(created, Number(filled(row, "uTime") ?? created))),
      wallAt,
      account: this.#dictionary.account,
      instrument: text(row, "instId"),
      source: "conditional",
      clientId: filled(row, "algoClOrdId") ?? conditionalId(text(row, "algoId")),
      venueOrderId: conditionalId(text(row, "algoId")),
      status: wordOf(ALGO_STATES, row, "state", { contract, otherwise: "open" }),
      origin: "client",
      side: member(SIDES, row, "side"),
      positionSide: wordOf(POSITION_SIDES, row, "posSide", { contract, otherwise: "both" }),
      lots: contract === undefined || isWhole ? lots(0) : size(row, "sz", contract),
      isReduceOnly: optionalText(row, "reduceOnly") === "true",
      createdAt: millis(created),
      ...(contract === undefined || trigger === undefined
        ? {}
        : given("trigger", price(row, trigger, contract))),
      ...given("spawnedOrderId", spawnedBy(row)),
      ...given("reason", filled(row, "failCode")),
    };
  }

  /** An execution as `fills` and `fills-history` show it; those of triggered orders carry no client id, `clientIds` has it by order id. */
  fill(row: Payload, clientIds: ReadonlyMap<string, string>, wallAt: Millis): FillEvent | undefined {
    const contract = this.#dictionary.contracts.get(text(row, "instId"));
    if (contract === undefined) return undefined;
    const venueOrderId = text(row, "ordId");
    const side = member(SIDES, row, "side");
    return {
      type: "fill",
      at: millis(Number(filled(row, "fillTime") ?? text(row, "ts"))),
      wallAt,
      account: this.#dictionary.account,
      instrument: contract.instrument.id,
      positionSide: member(POSITION_SIDES, row, "posSide"),
      tradeId: executionId(text(row, "tradeId"), side),
      venueOrderId,
      clientId: filled(row, "clOrdId") ?? clientIds.get(venueOrderId) ?? "",
      side,
      price: ticks(price(row, "fillPx", contract) ?? 0),
      lots: size(row, "fillSz", contract),
      fee: charged(row, "fee"),
      feeAsset: text(row, "feeCcy"),
      realized: moneyOf(filled(row, "fillPnl") ?? "0", "fillPnl"),
      isMaker: optionalText(row, "execType") === "M",
      origin: originOfBill(optionalText(row, "subType")),
    };
  }

  /** A book as `positions` shows it; undefined for an instrument that this desk does not trade. */
  book(row: Payload): ExposureOfBook | undefined {
    const contract = this.#dictionary.contracts.get(text(row, "instId"));
    if (contract === undefined) return undefined;
    const mark = price(row, "markPx", contract);
    if (mark === undefined) throw new PayloadError('field "markPx" is missing');
    const leverage = filled(row, "lever");
    return {
      instrument: contract.instrument.id,
      positionSide: member(POSITION_SIDES, row, "posSide"),
      lots: heldLots(row, contract),
      entry: price(row, "avgPx", contract),
      mark,
      liquidation: price(row, "liqPx", contract),
      marginMode: text(row, "mgnMode") === "isolated" ? "isolated" : "cross",
      leverage: leverage === undefined ? undefined : Number(leverage),
      isolatedWallet: moneyOf(filled(row, "margin") ?? "0", "margin"),
      maintenanceMargin: moneyOf(filled(row, "mmr") ?? "0", "mmr"),
    };
  }

  /** A position in an instrument that was not loaded; undefined in one that was, and when it is flat. */
  other(row: Payload): OtherPosition | undefined {
    const symbol = text(row, "instId");
    const held = filled(row, "pos") ?? "0";
    if (this.#dictionary.contracts.has(symbol) || Number(held) === 0) return undefined;
    const asset = filled(row, "ccy") ?? "";
    // OKX tells the worth in dollars whatever the contract settles in.
    const worth = moneyOf(filled(row, "notionalUsd") ?? "0", "notionalUsd");
    return {
      symbol,
      size: held.replace(/^-/, ""),
      asset: asset.startsWith("USD") ? asset : "USD",
      notional: value(Math.abs(worth)),
    };
  }
}

/** What a position holds: signed in one-way mode, above zero with the side beside it in hedge mode. */
export function heldLots(row: Payload, contract: Contract) {
  const held = size(row, "pos", contract);
  return member(POSITION_SIDES, row, "posSide") === "short" ? lots(-Math.abs(held)) : held;
}

/** OKX writes a fee as what it does to the balance: negative is charged. */
const charged = (row: Payload, field: string) => value(-moneyOf(filled(row, field) ?? "0", field));

/** The order that a conditional order became; the list comes first, the single field is of old. */
function spawnedBy(row: Payload): string | undefined {
  const ids: unknown = row["ordIdList"];
  const first: unknown = Array.isArray(ids) ? ids[0] : undefined;
  return first === undefined ? filled(row, "ordId") : String(first);
}
