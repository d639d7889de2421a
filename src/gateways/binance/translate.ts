import type {
  BalanceEvent,
  DeskEvent,
  FillEvent,
  FundingPaidEvent,
  OrderReportEvent,
} from "../../core/event.ts";
import type { Instrument, MarginBracket } from "../../core/instrument.ts";
import { moneyOf, rateOf } from "../../core/text.ts";
import { type Millis, millis } from "../../core/units.ts";
import { endedShort } from "../ended-short.ts";
import { levels, offered, quoted } from "../quotes.ts";
import { list, object, optionalText, type Payload, text, whole, yes } from "./fields.ts";
import {
  CAUSES,
  conditionalId,
  executionId,
  given,
  member,
  nearestTick,
  orderSize,
  originOf,
  POSITION_SIDES,
  price,
  SIDES,
  STATUSES,
  size,
  spawnedBy,
  untraded,
} from "./words.ts";

/** What the translation must know: the instruments by symbol, and whose account it is. */
export interface Dictionary {
  readonly account: string;
  readonly venue: string;
  readonly instruments: ReadonlyMap<string, Instrument>;
  /** Margin tiers by symbol, for exchanges that do not tell a position's maintenance margin. */
  readonly brackets: ReadonlyMap<string, readonly MarginBracket[]>;
}

/** Turns the messages of the exchange's streams into events. Pure; one that lacks a field throws `PayloadError`. */
export class Translation {
  readonly #dictionary: Dictionary;

  constructor(dictionary: Dictionary) {
    this.#dictionary = dictionary;
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
          bid: quoted(text(raw, "b"), "bids", instrument.tick),
          bidLots: offered(text(raw, "B"), instrument.lot),
          ask: quoted(text(raw, "a"), "asks", instrument.tick),
          askLots: offered(text(raw, "A"), instrument.lot),
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
          bids: levels(raw["b"], "bids", instrument),
          asks: levels(raw["a"], "asks", instrument),
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
    const execution = text(order, "x");
    const origin = originOf(clientId, execution);
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
      lots: orderSize(order, "q", instrument),
      isReduceOnly: yes(order, "R"),
      ...given("price", price(order, "p", instrument)),
      ...endedShort(member(STATUSES, order, "X"), optionalText(order, "z"), () =>
        size(order, "z", instrument),
      ),
    };
    if (execution !== "TRADE" && !(origin !== "client" && Number(text(order, "l")) > 0)) return [report];
    const fill: FillEvent = {
      type: "fill",
      ...common,
      tradeId: executionId(text(order, "t"), common.side),
      price: nearestTick(text(order, "L"), instrument),
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
    const clientId = text(order, "c");
    return [
      untraded({
        at,
        wallAt,
        account: this.#dictionary.account,
        instrument: symbol,
        source: "order",
        clientId,
        venueOrderId: text(order, "i"),
        status: member(STATUSES, order, "X"),
        origin: originOf(clientId, text(order, "x")),
        side: member(SIDES, order, "S"),
        positionSide: member(POSITION_SIDES, order, "ps"),
        isReduceOnly: yes(order, "R"),
      }),
    ];
  }

  #algoUpdate(order: Payload, at: Millis, wallAt: Millis): readonly DeskEvent[] {
    const symbol = text(order, "s");
    const instrument = this.#dictionary.instruments.get(symbol);
    const common = {
      at,
      wallAt,
      account: this.#dictionary.account,
      instrument: symbol,
      source: "conditional",
      clientId: text(order, "caid"),
      venueOrderId: conditionalId(text(order, "aid")),
      status: member(STATUSES, order, "X"),
      origin: "client",
      side: member(SIDES, order, "S"),
      positionSide: member(POSITION_SIDES, order, "ps"),
      isReduceOnly: yes(order, "R"),
    } as const;
    if (instrument === undefined) return [untraded(common)];
    return [
      {
        type: "orderReport",
        ...common,
        lots: orderSize(order, "q", instrument),
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
}
