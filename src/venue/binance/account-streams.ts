import type { AccountId, Instrument } from "../../core/instrument.ts";
import { type Value, value } from "../../core/units.ts";
import type { Exchange, VenueEvent, VenuePosition, VenueTrade } from "../exchange.ts";
import { positionsWithFlat, restingNotional } from "./account-view.ts";
import { spawnedOrder } from "./conditional-calls.ts";
import { conditionalUpdate, triggerReject } from "./conditional-view.ts";
import type { ListenKeys } from "./listen-keys.ts";
import { orderUpdate, tradeLite } from "./order-view.ts";
import type { Streams } from "./streams.ts";
import { averageText, breakEvenText, lotsText, money, POSITION_SIDE, priceText } from "./texts.ts";

type Of<T extends VenueEvent["type"]> = Extract<VenueEvent, { type: T }>;

const REASON = {
  order: "ORDER",
  funding: "FUNDING_FEE",
  marginTransfer: "MARGIN_TRANSFER",
  liquidation: "INSURANCE_CLEAR",
  deposit: "DEPOSIT",
} as const satisfies Record<Of<"account">["reason"], string>;

/** Turns what happens on accounts into their private streams. Times are market time. */
export class AccountStreams {
  readonly #exchange: Exchange;
  readonly #instruments: ReadonlyMap<string, Instrument>;
  readonly #streams: Streams;
  readonly #listenKeys: ListenKeys;
  /** Realised profit by account, instrument and position side, for the field `cr`. */
  readonly #realized = new Map<string, Value>();

  constructor(
    exchange: Exchange,
    instruments: ReadonlyMap<string, Instrument>,
    streams: Streams,
    listenKeys: ListenKeys,
  ) {
    this.#exchange = exchange;
    this.#instruments = instruments;
    this.#streams = streams;
    this.#listenKeys = listenKeys;
  }

  /** Takes in one event of an account; events of the market are none of its business. */
  take(event: VenueEvent): void {
    if (event.type === "order") this.#order(event);
    else if (event.type === "conditional") this.#conditional(event);
    else if (event.type === "account") this.#account(event);
    else if (event.type === "config") this.#config(event);
    else if (event.type === "marginCall") this.#marginCall(event);
  }

  /** Tells whoever listens with a key that it is dead; after that the stream is silent. */
  expire(key: string): void {
    this.#streams.send(key, { e: "listenKeyExpired", E: this.#exchange.now(), listenKey: key });
    this.#streams.end(key);
  }

  #send(account: AccountId, make: () => object): void {
    const key = this.#listenKeys.keyOf(account);
    if (key !== undefined && this.#streams.has(key)) this.#streams.send(key, make());
  }

  #order({ order, change, trade, at }: Of<"order">): void {
    const instrument = this.#instruments.get(order.request.instrument);
    if (instrument === undefined) return;
    if (trade !== undefined) {
      this.#tally(trade);
      this.#send(order.account, () => tradeLite(order, trade, instrument, at));
    }
    this.#send(order.account, () => {
      const open = this.#exchange.openOrders(order.account, instrument.id);
      return orderUpdate(order, change, trade, instrument, restingNotional(open, instrument), at);
    });
  }

  #tally(trade: VenueTrade): void {
    const name = bookName(trade.account, trade.instrument, trade.positionSide);
    this.#realized.set(name, value((this.#realized.get(name) ?? 0) + trade.realized));
  }

  #conditional({ conditional, at }: Of<"conditional">): void {
    const instrument = this.#instruments.get(conditional.request.instrument);
    if (instrument === undefined) return;
    const { status, rejectReason } = conditional;
    if (status === "rejected" && rejectReason !== undefined) {
      this.#send(conditional.account, () => triggerReject(conditional, rejectReason, at));
    }
    this.#send(conditional.account, () => {
      const spawned = spawnedOrder({ exchange: this.#exchange }, conditional);
      return conditionalUpdate(conditional, spawned, instrument, at);
    });
  }

  #account(event: Of<"account">): void {
    const { account, at, reason } = event;
    const instrument = event.instrument === undefined ? undefined : this.#instruments.get(event.instrument);
    this.#send(account, () => {
      const balance = this.#exchange.balance(account);
      const books = instrument === undefined ? [] : positionsWithFlat(this.#exchange, account, instrument);
      // Binance leaves the position out of a funding message unless its margin is isolated.
      const shown = reason === "funding" ? books.filter((each) => each.marginMode === "isolated") : books;
      return {
        e: "ACCOUNT_UPDATE",
        E: at,
        T: at,
        a: {
          m: REASON[reason],
          B: [
            {
              a: balance.asset,
              wb: money(balance.wallet),
              cw: money(balance.crossWallet),
              // Binance leaves profit and commission out of it, and so does the event.
              bc: money(event.balanceChange),
            },
          ],
          P: instrument === undefined ? [] : shown.map((each) => this.#position(account, each, instrument)),
          // The connector declares it and says no more; the family of futures is our reading.
          S: instrument?.kind === "inverse" ? "CM" : "UM",
        },
      };
    });
  }

  #position(account: AccountId, position: VenuePosition, instrument: Instrument): object {
    const name = bookName(account, position.instrument, position.positionSide);
    return {
      s: instrument.id,
      pa: lotsText(position.lots, instrument),
      ep: averageText(position.cost, position.lots, instrument),
      bep: breakEvenText(position.cost, position.lots, instrument),
      cr: money(this.#realized.get(name) ?? value(0)),
      up: money(position.unrealized),
      mt: position.marginMode,
      iw: money(position.isolatedWallet),
      ps: POSITION_SIDE[position.positionSide],
      ma: instrument.settle,
    };
  }

  #config({ account, at, instrument, leverage }: Of<"config">): void {
    // A change of the position mode has no message of its own on Binance.
    if (instrument === undefined || leverage === undefined) return;
    this.#send(account, () => ({
      e: "ACCOUNT_CONFIG_UPDATE",
      E: at,
      T: at,
      ac: { s: instrument, l: leverage },
    }));
  }

  #marginCall({ account, at, instrument: id }: Of<"marginCall">): void {
    const instrument = this.#instruments.get(id);
    if (instrument === undefined) return;
    this.#send(account, () => {
      const held = positionsWithFlat(this.#exchange, account, instrument).filter((each) => each.lots !== 0);
      return {
        e: "MARGIN_CALL",
        E: at,
        cw: money(this.#exchange.balance(account).crossWallet),
        p: held.map((each) => ({
          s: id,
          ps: POSITION_SIDE[each.positionSide],
          pa: lotsText(each.lots, instrument),
          mt: each.marginMode === "isolated" ? "ISOLATED" : "CROSSED",
          iw: money(each.isolatedWallet),
          mp: priceText(each.mark, instrument),
          up: money(each.unrealized),
          mm: money(each.maintenanceMargin),
        })),
      };
    });
  }
}

const bookName = (account: AccountId, instrument: string, side: VenuePosition["positionSide"]): string =>
  `${account} ${instrument} ${side}`;
