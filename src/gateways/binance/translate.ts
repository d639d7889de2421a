import type {
  BalanceEvent,
  DeskEvent,
  ExposureOfBook,
  FillEvent,
  FundingPaidEvent,
  OrderReportEvent,
} from "../../core/event.ts";
import type { Instrument } from "../../core/instrument.ts";
import { exactCount, moneyOf, rateOf } from "../../core/text.ts";
import { lots, type Millis, millis, ticks } from "../../core/units.ts";
import { list, object, optionalText, type Payload, PayloadError, text, whole, yes } from "./fields.ts";
import {
  CAUSES,
  conditionalId,
  given,
  levels,
  member,
  nearestTick,
  originOf,
  POSITION_SIDES,
  price,
  roundedPrice,
  SIDES,
  STATUSES,
  size,
  spawnedBy,
} from "./words.ts";

/** What the translation must know: the instruments by symbol, and whose account it is. */
export interface Dictionary {
  readonly account: string;
  readonly venue: string;
  readonly instruments: ReadonlyMap<string, Instrument>;
}

/** Turns the exchange's own payloads into events. Pure; a payload that lacks a field throws `PayloadError`. */
export class Translation {
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

  /** A message of the market streams; undefined when it is none that we read. */
  market(raw: Payload, wallAt: Millis): DeskEvent | undefined {
    const instrument = this.#dictionary.instruments.get(optionalText(raw, "s") ?? "");
    if (instrument === undefined) return undefined;
    const of = { venue: this.#dictionary.venue, instrument: instrument.id, wallAt };
    switch (raw["e"]) {
      case "bookTicker":
        return {
          type: "top",
          ...of,
          at: millis(whole(raw, "T")),
          bid: ticks(exactCount(text(raw, "b"), instrument.tick, "b")),
          bidLots: size(raw, "B", instrument),
          ask: ticks(exactCount(text(raw, "a"), instrument.tick, "a")),
          askLots: size(raw, "A", instrument),
        };
      case "markPriceUpdate":
        return {
          type: "mark",
          ...of,
          at: millis(whole(raw, "E")),
          mark: nearestTick(text(raw, "p"), instrument),
          index: nearestTick(text(raw, "i"), instrument),
          fundingRate: rateOf(text(raw, "r") || "0", "r"),
          nextFundingAt: millis(whole(raw, "T")),
        };
      case "depthUpdate":
        return {
          type: "depth",
          ...of,
          at: millis(whole(raw, "T")),
          bids: levels(raw["b"], instrument),
          asks: levels(raw["a"], instrument),
        };
      default:
        return undefined;
    }
  }

  /** A message of the private stream: the fills first, then what it says about the order. */
  account(raw: Payload, wallAt: Millis): readonly DeskEvent[] {
    switch (raw["e"]) {
      case "ORDER_TRADE_UPDATE":
        return this.#orderUpdate(object(raw["o"], "o"), millis(whole(raw, "T")), wallAt);
      case "ALGO_UPDATE":
        return this.#algoUpdate(object(raw["o"], "o"), millis(whole(raw, "T")), wallAt);
      case "ACCOUNT_UPDATE":
        return this.#accountUpdate(object(raw["a"], "a"), millis(whole(raw, "T")), wallAt);
      case "ACCOUNT_CONFIG_UPDATE":
        return this.#configUpdate(raw, millis(whole(raw, "T")), wallAt);
      default:
        return [];
    }
  }

  #orderUpdate(order: Payload, at: Millis, wallAt: Millis): readonly DeskEvent[] {
    const instrument = this.#dictionary.instruments.get(text(order, "s"));
    if (instrument === undefined) return this.#unknownSymbol(text(order, "s"), order, at, wallAt);
    const clientId = text(order, "c");
    const origin = originOf(clientId);
    const common = {
      at,
      wallAt,
      account: this.#dictionary.account,
      instrument: instrument.id,
      positionSide: member(POSITION_SIDES, order, "ps"),
      venueOrderId: text(order, "i"),
      clientId,
      side: member(SIDES, order, "S"),
      origin,
    };
    const report: OrderReportEvent = {
      type: "orderReport",
      source: "order",
      ...common,
      status: member(STATUSES, order, "X"),
      lots: size(order, "q", instrument),
      isReduceOnly: yes(order, "R"),
      ...given("price", price(order, "p", instrument)),
    };
    if (text(order, "x") !== "TRADE" && !(origin !== "client" && Number(text(order, "l")) > 0))
      return [report];
    const fill: FillEvent = {
      type: "fill",
      ...common,
      tradeId: text(order, "t"),
      price: ticks(exactCount(text(order, "L"), instrument.tick, "L")),
      lots: size(order, "l", instrument),
      fee: moneyOf(optionalText(order, "n") ?? "0", "n"),
      feeAsset: optionalText(order, "N") ?? instrument.settle,
      realized: moneyOf(text(order, "rp"), "rp"),
      isMaker: yes(order, "m"),
    };
    return [fill, report];
  }

  /** An order in a symbol that this desk does not trade is still news: it is not ours. */
  #unknownSymbol(symbol: string, order: Payload, at: Millis, wallAt: Millis): readonly DeskEvent[] {
    return [
      {
        type: "orderReport",
        at,
        wallAt,
        account: this.#dictionary.account,
        instrument: symbol,
        source: "order",
        clientId: text(order, "c"),
        venueOrderId: text(order, "i"),
        status: member(STATUSES, order, "X"),
        origin: originOf(text(order, "c")),
        side: member(SIDES, order, "S"),
        positionSide: member(POSITION_SIDES, order, "ps"),
        lots: lots(0),
        isReduceOnly: yes(order, "R"),
      },
    ];
  }

  #algoUpdate(order: Payload, at: Millis, wallAt: Millis): readonly DeskEvent[] {
    const instrument = this.#dictionary.instruments.get(text(order, "s"));
    if (instrument === undefined) return [];
    return [
      {
        type: "orderReport",
        at,
        wallAt,
        account: this.#dictionary.account,
        instrument: instrument.id,
        source: "conditional",
        clientId: text(order, "caid"),
        venueOrderId: conditionalId(text(order, "aid")),
        status: member(STATUSES, order, "X"),
        origin: "client",
        side: member(SIDES, order, "S"),
        positionSide: member(POSITION_SIDES, order, "ps"),
        lots: size(order, "q", instrument),
        isReduceOnly: yes(order, "R"),
        ...given("trigger", price(order, "tp", instrument)),
        ...given("spawnedOrderId", spawnedBy(order, "ai")),
        ...given("reason", optionalText(order, "rm") || undefined),
      },
    ];
  }

  #accountUpdate(account: Payload, at: Millis, wallAt: Millis): readonly DeskEvent[] {
    const { account: name } = this.#dictionary;
    const cause = CAUSES[text(account, "m")] ?? "other";
    const events: DeskEvent[] = [];
    const positions = list(account["P"] ?? [], "P");
    for (const balance of list(account["B"] ?? [], "B")) {
      const asset = text(balance, "a");
      const event: BalanceEvent = {
        type: "balance",
        at,
        wallAt,
        account: name,
        asset,
        wallet: moneyOf(text(balance, "wb"), "wb"),
        cause,
      };
      events.push(event);
      if (cause !== "funding") continue;
      const symbol = positions[0] === undefined ? "" : text(positions[0], "s");
      const paid: FundingPaidEvent = {
        type: "fundingPaid",
        at,
        wallAt,
        account: name,
        instrument: symbol,
        amount: moneyOf(text(balance, "bc"), "bc"),
      };
      events.push(paid);
    }
    for (const position of positions) {
      const instrument = this.#dictionary.instruments.get(text(position, "s"));
      if (instrument === undefined) continue;
      events.push({
        type: "position",
        at,
        wallAt,
        account: name,
        instrument: instrument.id,
        positionSide: member(POSITION_SIDES, position, "ps"),
        lots: size(position, "pa", instrument),
      });
    }
    return events;
  }

  #configUpdate(raw: Payload, at: Millis, wallAt: Millis): readonly DeskEvent[] {
    if (raw["ac"] === undefined) return [];
    const config = object(raw["ac"], "ac");
    const { account } = this.#dictionary;
    const instrument = text(config, "s");
    return [{ type: "accountConfig", at, wallAt, account, instrument, leverage: whole(config, "l") }];
  }

  /** An order as REST calls show it (place, query, openOrders, allOrders). */
  restOrder(order: Payload, wallAt: Millis): OrderReportEvent | undefined {
    const instrument = this.#dictionary.instruments.get(text(order, "symbol"));
    if (instrument === undefined) return undefined;
    const clientId = text(order, "clientOrderId");
    return {
      type: "orderReport",
      at: millis(whole(order, "updateTime")),
      wallAt,
      account: this.#dictionary.account,
      instrument: instrument.id,
      source: "order",
      clientId,
      venueOrderId: text(order, "orderId"),
      status: member(STATUSES, order, "status"),
      origin: originOf(clientId),
      side: member(SIDES, order, "side"),
      positionSide: member(POSITION_SIDES, order, "positionSide"),
      lots: size(order, "origQty", instrument),
      isReduceOnly: yes(order, "reduceOnly"),
      ...given("price", price(order, "price", instrument)),
    };
  }

  /** A conditional order as REST calls show it. */
  restConditional(order: Payload, wallAt: Millis): OrderReportEvent | undefined {
    const instrument = this.#dictionary.instruments.get(text(order, "symbol"));
    if (instrument === undefined) return undefined;
    const created = whole(order, "createTime");
    return {
      type: "orderReport",
      at: millis(Math.max(created, Number(optionalText(order, "updateTime") ?? created))),
      wallAt,
      account: this.#dictionary.account,
      instrument: instrument.id,
      source: "conditional",
      clientId: text(order, "clientAlgoId"),
      venueOrderId: conditionalId(text(order, "algoId")),
      status: member(STATUSES, order, "algoStatus"),
      origin: "client",
      side: member(SIDES, order, "side"),
      positionSide: member(POSITION_SIDES, order, "positionSide"),
      lots: size(order, "quantity", instrument),
      isReduceOnly: yes(order, "reduceOnly"),
      ...given("trigger", price(order, "triggerPrice", instrument)),
      ...given("spawnedOrderId", spawnedBy(order, "actualOrderId")),
    };
  }

  /** An execution as `userTrades` shows it; the client id is joined from the order history. */
  restTrade(trade: Payload, clientIds: ReadonlyMap<string, string>, wallAt: Millis): FillEvent | undefined {
    const instrument = this.#dictionary.instruments.get(text(trade, "symbol"));
    if (instrument === undefined) return undefined;
    const venueOrderId = text(trade, "orderId");
    const clientId = clientIds.get(venueOrderId) ?? "";
    return {
      type: "fill",
      at: millis(whole(trade, "time")),
      wallAt,
      account: this.#dictionary.account,
      instrument: instrument.id,
      positionSide: member(POSITION_SIDES, trade, "positionSide"),
      tradeId: text(trade, "id"),
      venueOrderId,
      clientId,
      side: member(SIDES, trade, "side"),
      price: ticks(exactCount(text(trade, "price"), instrument.tick, "price")),
      lots: size(trade, "qty", instrument),
      fee: moneyOf(text(trade, "commission"), "commission"),
      feeAsset: text(trade, "commissionAsset"),
      realized: moneyOf(text(trade, "realizedPnl"), "realizedPnl"),
      isMaker: yes(trade, "maker"),
      origin: originOf(clientId),
    };
  }

  /** A book as `positionRisk` (v3) shows it; `leverage` comes from `symbolConfig`. Empty and 0 prices are unknown. */
  restPosition(position: Payload, leverage: number | undefined): ExposureOfBook | undefined {
    const instrument = this.#dictionary.instruments.get(text(position, "symbol"));
    if (instrument === undefined) return undefined;
    const isolated = Number(text(position, "isolatedMargin")) !== 0;
    return {
      instrument: instrument.id,
      positionSide: member(POSITION_SIDES, position, "positionSide"),
      lots: size(position, "positionAmt", instrument),
      entry: roundedPrice(text(position, "entryPrice"), instrument),
      mark: nearestTick(text(position, "markPrice"), instrument),
      liquidation: roundedPrice(text(position, "liquidationPrice"), instrument),
      marginMode: isolated ? "isolated" : "cross",
      leverage,
      isolatedWallet: moneyOf(optionalText(position, "isolatedWallet") ?? "0", "isolatedWallet"),
      maintenanceMargin: moneyOf(text(position, "maintMargin"), "maintMargin"),
    };
  }
}
