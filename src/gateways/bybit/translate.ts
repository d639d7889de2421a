import type { ExposureOfBook, FillEvent, FundingPaidEvent, OrderReportEvent } from "../../core/event.ts";
import type { Instrument } from "../../core/instrument.ts";
import type { PositionSide } from "../../core/order.ts";
import { moneyOf } from "../../core/text.ts";
import type { OtherPosition } from "../../core/truth.ts";
import { lots, type Millis, millis, type Value, value } from "../../core/units.ts";
import { optionalText, type Payload, PayloadError, text, whole, yes } from "../binance/fields.ts";
import { executionId, given, member, nearestTick, price, roundedPrice, size } from "../binance/words.ts";
import { endedShort } from "../ended-short.ts";
import {
  EXECUTIONS,
  originOf,
  POSITION_SIDES,
  reasonOf,
  SIDES,
  STATUSES,
  symbolOf,
  WAITING_STATUSES,
  WOULD_TAKE,
} from "./words.ts";

/** What the translation must know: the instruments by symbol, and whose account it is. */
interface Dictionary {
  readonly account: string;
  readonly instruments: ReadonlyMap<string, Instrument>;
}

/** Profit of executions by their ids, where the execution itself does not tell it. */
export type Profits = ReadonlyMap<string, Value>;

const NO_PROFITS: Profits = new Map();
/** Orders whose position side is remembered for their executions, which don't tell it. */
const SIDES_KEPT = 5_000;

/** Turns the exchange's account payloads, the same over REST and stream, into events. A missing field throws `PayloadError`. */
export class Translation {
  readonly #dictionary: Dictionary;
  readonly #sides = new Map<string, PositionSide>();
  readonly #hedged = new Set<string>();

  constructor(dictionary: Dictionary) {
    this.#dictionary = dictionary;
  }

  /** An instrument by its symbol. Throws `PayloadError` for one that was not loaded. */
  instrument(symbol: string): Instrument {
    const found = this.#dictionary.instruments.get(symbol);
    if (found === undefined) throw new PayloadError(`symbol "${symbol}" was not loaded`);
    return found;
  }

  /** The symbols that were loaded. */
  symbols(): readonly string[] {
    return [...this.#dictionary.instruments.keys()];
  }

  /** The coin in which a symbol settles; undefined for one that was not loaded. */
  settleOf(symbol: string): string | undefined {
    return this.#dictionary.instruments.get(symbol)?.settle;
  }

  /**
   * An order, as one report; one that waited for a trigger and became an order as two: Bybit lets it keep its id, so
   * the conditional one names itself as what it became.
   */
  order(order: Payload, wallAt: Millis): readonly OrderReportEvent[] {
    const symbol = symbolOf(order);
    const venueOrderId = text(order, "orderId");
    const positionSide = member(POSITION_SIDES, order, "positionIdx");
    this.#remember(symbol, venueOrderId, positionSide);
    const instrument = this.#dictionary.instruments.get(symbol);
    const shared = {
      type: "orderReport",
      at: millis(whole(order, "updatedTime")),
      wallAt,
      account: this.#dictionary.account,
      instrument: symbol,
      clientId: optionalText(order, "orderLinkId") || venueOrderId,
      venueOrderId,
      origin: originOf(order),
      side: member(SIDES, order, "side"),
      positionSide,
      // An order in a symbol that this desk does not trade is still news: it is not ours.
      lots: instrument === undefined ? lots(0) : size(order, "qty", instrument),
      isReduceOnly: yes(order, "reduceOnly"),
      createdAt: millis(whole(order, "createdTime")),
      ...given("reason", reasonOf(order)),
    } as const;
    const known = (): Pick<OrderReportEvent, "price" | "executed"> =>
      instrument === undefined
        ? {}
        : {
            ...given("price", price(order, "price", instrument)),
            ...endedShort(statusOf(order), optionalText(order, "cumExecQty"), () =>
              size(order, "cumExecQty", instrument),
            ),
          };
    if (!isConditional(order)) {
      return [{ ...shared, source: "order", status: statusOf(order), ...known() }];
    }
    const trigger =
      instrument === undefined ? {} : given("trigger", price(order, "triggerPrice", instrument));
    const waiting = { ...shared, source: "conditional", ...trigger } as const;
    const word = text(order, "orderStatus");
    const status = WAITING_STATUSES[word];
    if (status === "canceled") return [{ ...waiting, status: endOf(order) }];
    if (status !== undefined && status !== "triggered") return [{ ...waiting, status }];
    const became = { ...waiting, status: "triggered", spawnedOrderId: venueOrderId } as const;
    if (status === "triggered") return [became];
    const isUntouched = Number(optionalText(order, "cumExecQty") || "0") === 0;
    // Nothing came of it: its owner cancelled it, or the exchange refused what it became.
    if (isUntouched && (word === "Cancelled" || word === "Rejected")) {
      return [{ ...waiting, status: statusOf(order) === "canceled" ? "canceled" : "rejected" }];
    }
    return [became, { ...shared, source: "order", status: statusOf(order), ...known() }];
  }

  /** An execution; undefined for what moves no position, and for symbols that were not loaded. */
  execution(row: Payload, wallAt: Millis, profits: Profits = NO_PROFITS): FillEvent | undefined {
    const instrument = this.#dictionary.instruments.get(symbolOf(row));
    const origin = EXECUTIONS[text(row, "execType")];
    if (instrument === undefined || origin === undefined) return undefined;
    const side = member(SIDES, row, "side");
    return {
      type: "fill",
      at: millis(whole(row, "execTime")),
      wallAt,
      account: this.#dictionary.account,
      instrument: instrument.id,
      positionSide: this.#sideOf(row, instrument),
      tradeId: executionId(text(row, "execId"), side),
      venueOrderId: text(row, "orderId"),
      clientId: text(row, "orderLinkId"),
      side,
      price: nearestTick(text(row, "execPrice"), instrument),
      lots: size(row, "execQty", instrument),
      fee: moneyOf(text(row, "execFee"), "execFee"),
      feeAsset: optionalText(row, "feeCurrency") || instrument.settle,
      realized: profitOf(row, profits),
      isMaker: yes(row, "isMaker"),
      origin,
    };
  }

  /** A funding payment, which Bybit tells as an execution whose fee it is; undefined for other executions. */
  funding(row: Payload, wallAt: Millis): FundingPaidEvent | undefined {
    if (text(row, "execType") !== "Funding") return undefined;
    return {
      type: "fundingPaid",
      at: millis(whole(row, "execTime")),
      wallAt,
      account: this.#dictionary.account,
      instrument: symbolOf(row),
      amount: value(-moneyOf(text(row, "execFee"), "execFee")),
    };
  }

  /** The book that a position row names, with its size, negative for short; undefined for symbols that were not loaded. */
  book(row: Payload) {
    const symbol = symbolOf(row);
    const positionSide = member(POSITION_SIDES, row, "positionIdx");
    if (positionSide === "both") this.#hedged.delete(symbol);
    else this.#hedged.add(symbol);
    const instrument = this.#dictionary.instruments.get(symbol);
    if (instrument === undefined) return undefined;
    const held = size(row, "size", instrument);
    const isShort = optionalText(row, "side") === "Sell";
    return { instrument, positionSide, lots: lots(isShort ? -held : held) };
  }

  /** A book with its risk figures. Empty and 0 prices are unknown. */
  exposure(row: Payload, marginMode: "isolated" | "cross"): ExposureOfBook | undefined {
    const book = this.book(row);
    if (book === undefined) return undefined;
    const { instrument, positionSide } = book;
    const leverage = Number(optionalText(row, "leverage") || Number.NaN);
    return {
      instrument: instrument.id,
      positionSide,
      lots: book.lots,
      entry: roundedPrice(text(row, "avgPrice"), instrument),
      mark: nearestTick(text(row, "markPrice"), instrument),
      liquidation: roundedPrice(text(row, "liqPrice"), instrument),
      marginMode,
      leverage: Number.isFinite(leverage) ? leverage : undefined,
      isolatedWallet:
        marginMode === "isolated"
          ? moneyOf(text(row, "positionBalance") || "0", "positionBalance")
          : value(0),
      maintenanceMargin: moneyOf(text(row, "positionMM") || "0", "positionMM"),
    };
  }

  /**
   * A position in a symbol that was not loaded; undefined in one that was, and when it is flat. `settleCoin` is the coin whose
   * positions were asked for, "" for inverse ones: they settle in the coin that they are named after.
   */
  other(row: Payload, settleCoin: string): OtherPosition | undefined {
    const symbol = text(row, "symbol");
    const size = text(row, "size");
    if (this.settleOf(symbol) !== undefined || Number(size) === 0) return undefined;
    const asset = settleCoin === "" ? symbol.replace(/USD.*$/, "") : settleCoin;
    return { symbol, size, asset, notional: moneyOf(text(row, "positionValue") || "0", "positionValue") };
  }

  #remember(symbol: string, orderId: string, side: PositionSide): void {
    if (side === "both") return;
    this.#hedged.add(symbol);
    this.#sides.set(orderId, side);
    if (this.#sides.size <= SIDES_KEPT) return;
    const [oldest] = this.#sides.keys();
    if (oldest !== undefined) this.#sides.delete(oldest);
  }

  /** Executions don't name their book: their order does, or in hedge mode whether they closed something. */
  #sideOf(row: Payload, instrument: Instrument): PositionSide {
    const known = this.#sides.get(text(row, "orderId"));
    if (known !== undefined) return known;
    if (!this.#hedged.has(instrument.id)) return "both";
    return isClosing(row) === (member(SIDES, row, "side") === "sell") ? "long" : "short";
  }
}

function statusOf(order: Payload): OrderReportEvent["status"] {
  const status = member(STATUSES, order, "orderStatus");
  return status === "canceled" ? endOf(order) : status;
}

/** A cancelled order: by its owner, or ended by the exchange. A post-only one that would take never rested: it is rejected. */
function endOf(order: Payload): "canceled" | "expired" | "rejected" {
  const reason = reasonOf(order);
  return reason === undefined ? "canceled" : reason === WOULD_TAKE ? "rejected" : "expired";
}

/** Whether an order waits, or has waited, for a trigger price. */
function isConditional(order: Payload): boolean {
  const word = optionalText(order, "stopOrderType") ?? "";
  return word !== "" && word !== "UNKNOWN";
}

/** Whether an execution closed something; the size that it closed is empty or 0 where it did not. */
export const isClosing = (row: Payload): boolean => Number(optionalText(row, "closedSize") || "0") > 0;

function profitOf(row: Payload, profits: Profits): Value {
  const told = optionalText(row, "execPnl") ?? "";
  if (told !== "") return moneyOf(told, "execPnl");
  const known = profits.get(text(row, "execId"));
  if (known !== undefined) return known;
  // Nothing tells it: a sum that people look at is less exact then, but no reading fails for it.
  return value(0);
}
