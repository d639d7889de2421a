import type { ExposureOfBook, FillEvent, OrderReportEvent } from "../../core/event.ts";
import { type Instrument, notional } from "../../core/instrument.ts";
import { moneyOf } from "../../core/text.ts";
import type { OtherPosition } from "../../core/truth.ts";
import { lots, type Millis, millis, type Value, value } from "../../core/units.ts";
import { maintenanceMargin } from "../../risk/liquidation.ts";
import { endedShort } from "../ended-short.ts";
import { optionalText, type Payload, PayloadError, text, whole, yes } from "./fields.ts";
import type { Dictionary } from "./translate.ts";
import {
  conditionalId,
  executionId,
  given,
  member,
  nearestTick,
  orderSize,
  originOf,
  POSITION_SIDES,
  price,
  roundedPrice,
  SIDES,
  STATUSES,
  size,
  spawnedBy,
  untraded,
} from "./words.ts";

/** Turns the answers of the exchange's REST calls into events. Pure; one that lacks a field throws `PayloadError`. */
export class Readings {
  readonly #dictionary: Dictionary;

  constructor(dictionary: Dictionary) {
    this.#dictionary = dictionary;
  }

  /** An instrument by its symbol. Throws `PayloadError` for one that was not loaded. */
  instrument(symbol: string): Instrument {
    const found = this.#dictionary.instruments.get(symbol);
    if (found === undefined) throw new PayloadError(`symbol "${symbol}" was not loaded`);
    return found;
  }

  /** An order as place, query, openOrders and allOrders show it; one in a symbol that was not loaded has no size. */
  order(order: Payload, wallAt: Millis): OrderReportEvent {
    const symbol = text(order, "symbol");
    const instrument = this.#dictionary.instruments.get(symbol);
    const clientId = text(order, "clientOrderId");
    const common = {
      at: millis(whole(order, "updateTime")),
      wallAt,
      account: this.#dictionary.account,
      instrument: symbol,
      source: "order",
      clientId,
      venueOrderId: text(order, "orderId"),
      status: member(STATUSES, order, "status"),
      origin: originOf(clientId),
      side: member(SIDES, order, "side"),
      positionSide: member(POSITION_SIDES, order, "positionSide"),
      isReduceOnly: yes(order, "reduceOnly"),
      // The answer to a new order does not have it.
      ...(optionalText(order, "time") === undefined ? {} : { createdAt: millis(whole(order, "time")) }),
    } as const;
    if (instrument === undefined) return untraded(common);
    return {
      type: "orderReport",
      ...common,
      lots: orderSize(order, "origQty", instrument),
      ...given("price", price(order, "price", instrument)),
      ...endedShort(common.status, optionalText(order, "executedQty"), () =>
        size(order, "executedQty", instrument),
      ),
    };
  }

  /** A conditional order; one in a symbol that was not loaded has no size. */
  conditional(order: Payload, wallAt: Millis): OrderReportEvent {
    const symbol = text(order, "symbol");
    const instrument = this.#dictionary.instruments.get(symbol);
    const created = whole(order, "createTime");
    const common = {
      at: millis(Math.max(created, Number(optionalText(order, "updateTime") ?? created))),
      wallAt,
      account: this.#dictionary.account,
      instrument: symbol,
      source: "conditional",
      clientId: text(order, "clientAlgoId"),
      venueOrderId: conditionalId(text(order, "algoId")),
      status: member(STATUSES, order, "algoStatus"),
      origin: "client",
      side: member(SIDES, order, "side"),
      positionSide: member(POSITION_SIDES, order, "positionSide"),
      isReduceOnly: yes(order, "reduceOnly"),
      createdAt: millis(created),
    } as const;
    if (instrument === undefined) return untraded(common);
    return {
      type: "orderReport",
      ...common,
      lots: orderSize(order, "quantity", instrument),
      ...given("trigger", price(order, "triggerPrice", instrument)),
      ...given("spawnedOrderId", spawnedBy(order, "actualOrderId")),
    };
  }

  /** An execution as `userTrades` shows it; the client id is joined from the order history. */
  trade(trade: Payload, clientIds: ReadonlyMap<string, string>, wallAt: Millis): FillEvent {
    const instrument = this.instrument(text(trade, "symbol"));
    const venueOrderId = text(trade, "orderId");
    const side = member(SIDES, trade, "side");
    const clientId = clientIds.get(venueOrderId) ?? "";
    return {
      type: "fill",
      at: millis(whole(trade, "time")),
      wallAt,
      account: this.#dictionary.account,
      instrument: instrument.id,
      positionSide: member(POSITION_SIDES, trade, "positionSide"),
      tradeId: executionId(text(trade, "id"), side),
      venueOrderId,
      clientId,
      side,
      price: nearestTick(text(trade, "price"), instrument),
      lots: size(trade, "qty", instrument),
      fee: moneyOf(text(trade, "commission"), "commission"),
      feeAsset: text(trade, "commissionAsset"),
      realized: moneyOf(text(trade, "realizedPnl"), "realizedPnl"),
      isMaker: yes(trade, "maker"),
      origin: originOf(clientId),
    };
  }

  /**
   * A book as `positionRisk` shows it; undefined in a symbol that was not loaded. `leverage` is what was read last, for
   * USDT-M, which does not tell it there. Empty prices and prices of 0 are unknown.
   */
  position(position: Payload, leverage: number | undefined): ExposureOfBook | undefined {
    const instrument = this.#dictionary.instruments.get(text(position, "symbol"));
    if (instrument === undefined) return undefined;
    const mark = nearestTick(text(position, "markPrice"), instrument);
    const held = size(position, "positionAmt", instrument);
    return {
      instrument: instrument.id,
      positionSide: member(POSITION_SIDES, position, "positionSide"),
      lots: held,
      entry: roundedPrice(text(position, "entryPrice"), instrument),
      mark,
      liquidation: roundedPrice(text(position, "liquidationPrice"), instrument),
      marginMode: marginModeOf(position),
      leverage: position["leverage"] === undefined ? leverage : whole(position, "leverage"),
      isolatedWallet: isolatedWalletOf(position),
      maintenanceMargin:
        position["maintMargin"] === undefined
          ? this.#maintenance(instrument, mark, held)
          : moneyOf(text(position, "maintMargin"), "maintMargin"),
    };
  }

  /** A position in a symbol that was not loaded; undefined in one that was, and when it is flat. */
  other(position: Payload): OtherPosition | undefined {
    const symbol = text(position, "symbol");
    const amount = text(position, "positionAmt");
    if (this.#dictionary.instruments.has(symbol) || Number(amount) === 0) return undefined;
    // COIN-M names neither the asset nor the worth as USDT-M does.
    const worth = optionalText(position, "notional") ?? text(position, "notionalValue");
    return {
      symbol,
      size: unsigned(amount),
      asset: optionalText(position, "marginAsset") ?? symbol.replace(/USD_.*$/, ""),
      notional: moneyOf(unsigned(worth), "notional"),
    };
  }

  /** COIN-M does not tell it: from the tiers. */
  #maintenance(instrument: Instrument, mark: ExposureOfBook["mark"], held: ExposureOfBook["lots"]): Value {
    if (held === 0) return value(0);
    const brackets = this.#dictionary.brackets.get(instrument.id);
    if (brackets === undefined) throw new PayloadError('field "maintMargin" is missing');
    return maintenanceMargin(brackets, notional(instrument, mark, lots(Math.abs(held)), "up"));
  }
}

const unsigned = (amount: string): string => amount.replace(/^-/, "");

/** USDT-M tells the mode of a position only by the margin that is set aside for it. */
function marginModeOf(position: Payload): "isolated" | "cross" {
  const told = optionalText(position, "marginType");
  if (told !== undefined) return isIsolated(told) ? "isolated" : "cross";
  return Number(text(position, "isolatedMargin")) === 0 ? "cross" : "isolated";
}

/** "ISOLATED" here, "isolated" there. */
export const isIsolated = (marginType: string): boolean => marginType.toLowerCase() === "isolated";

/** Isolated margin holds the unrealised profit, the wallet does not. */
function isolatedWalletOf(position: Payload): Value {
  const wallet = optionalText(position, "isolatedWallet");
  if (wallet !== undefined) return moneyOf(wallet, "isolatedWallet");
  if (marginModeOf(position) === "cross") return value(0);
  return value(
    moneyOf(text(position, "isolatedMargin"), "isolatedMargin") -
      moneyOf(text(position, "unRealizedProfit"), "unRealizedProfit"),
  );
}
