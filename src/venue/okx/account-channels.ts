import type { AccountId } from "../../core/instrument.ts";
import type { VenueEvent, VenueOrder, VenuePosition } from "../exchange.ts";
import { accountView, assetView, positionNews, positionView } from "./account-view.ts";
import { algoView } from "./algo-view.ts";
import type { Channels, Subscription } from "./channels.ts";
import { type Listing, money } from "./listing.ts";
import { orderPush } from "./order-view.ts";
import type { Venue } from "./route.ts";

type Of<T extends VenueEvent["type"]> = Extract<VenueEvent, { type: T }>;

/** OKX's words for what moved a balance. */
const EVENT_TYPE = {
  order: "filled",
  funding: "funding_fee",
  marginTransfer: "adjust_margin",
  liquidation: "liquidation",
  deposit: "transferred",
} as const satisfies Record<Of<"account">["reason"], string>;

/** Turns what happens on accounts into OKX's private channels. Times are market time. */
export class AccountChannels {
  readonly #venue: Venue;
  readonly #channels: Channels;

  constructor(venue: Venue, channels: Channels) {
    this.#venue = venue;
    this.#channels = channels;
  }

  /** Takes in one event of an account; events of the market are none of its business. */
  take(event: VenueEvent): void {
    if (event.type === "order") {
      const listing = this.#venue.listings.get(event.order.request.instrument);
      if (listing !== undefined) this.#order(event.order, listing, event.trade);
    } else if (event.type === "conditional") this.#conditional(event);
    else if (event.type === "account") this.#account(event);
  }

  /** An order that OKX accepts and cancels at once: `live`, then `canceled`. */
  unrested(order: VenueOrder, listing: Listing): void {
    this.#order({ ...order, status: "new" }, listing, undefined);
    this.#order(order, listing, undefined);
  }

  /** What a new listener hears first: positions and balances as they are. */
  first({ channel }: Subscription, account: AccountId): readonly object[] | undefined {
    const held = this.#positions(account).filter(({ position }) => position.lots !== 0);
    switch (channel) {
      case "positions":
        return held.map(({ position, listing }) => positionView(position, listing, account));
      case "account":
        return [this.#accountRow(account)];
      case "balance_and_position":
        return [this.#news(account, "snapshot", held)];
      default:
        return undefined;
    }
  }

  #order(order: VenueOrder, listing: Listing, trade: Of<"order">["trade"]): void {
    this.#channels.push({ channel: "orders", instId: listing.instrument.id, account: order.account }, () => [
      orderPush(this.#venue, order, listing, trade),
    ]);
  }

  #conditional({ conditional }: Of<"conditional">): void {
    const listing = this.#venue.listings.get(conditional.request.instrument);
    // OKX tells that it waits, and what became of it; nothing between.
    const isTold = conditional.status !== "triggering" && conditional.status !== "finished";
    if (listing === undefined || !isTold) return;
    this.#channels.push(
      { channel: "orders-algo", instId: listing.instrument.id, account: conditional.account },
      () => [algoView(conditional, listing)],
    );
  }

  #account(event: Of<"account">): void {
    const { account, instrument, reason } = event;
    const touched = this.#positions(account).filter(({ position }) => position.instrument === instrument);
    this.#channels.push({ channel: "balance_and_position", account }, () => [
      this.#news(account, EVENT_TYPE[reason], touched),
    ]);
    this.#channels.push({ channel: "account", account }, () => [this.#accountRow(account)]);
    if (instrument === undefined) return;
    this.#channels.push({ channel: "positions", instId: instrument, account }, () =>
      touched.map(({ position, listing }) => positionView(position, listing, account)),
    );
  }

  #positions(account: AccountId): readonly { position: VenuePosition; listing: Listing }[] {
    return this.#venue.exchanges.flatMap((exchange) =>
      exchange.positions(account).flatMap((position) => {
        const listing = this.#venue.listings.get(position.instrument);
        return listing?.exchange === exchange ? [{ position, listing }] : [];
      }),
    );
  }

  #accountRow(account: AccountId): object {
    const { exchanges } = this.#venue;
    const details = exchanges.map((exchange) => assetView(exchange, account));
    return accountView(details, Math.max(...exchanges.map((exchange) => exchange.now())));
  }

  #news(
    account: AccountId,
    eventType: string,
    held: readonly { position: VenuePosition; listing: Listing }[],
  ): object {
    const { exchanges } = this.#venue;
    const at = String(Math.max(...exchanges.map((exchange) => exchange.now())));
    return {
      pTime: at,
      eventType,
      balData: exchanges.map((exchange) => {
        const { asset, crossWallet } = exchange.balance(account);
        return { ccy: asset, cashBal: money(crossWallet), uTime: String(exchange.now()) };
      }),
      posData: held.map(({ position, listing }) => positionNews(position, listing, account)),
      trades: [],
    };
  }
}
