import type { InstrumentId } from "../../core/instrument.ts";
import { type Rate, rate } from "../../core/units.ts";
import type { Exchange } from "../exchange.ts";
import type { Skin, SkinContext, WebAnswer } from "../web/skin.ts";
import { AccountChannels } from "./account-channels.ts";
import { Channels } from "./channels.ts";
import { answer, refused } from "./door.ts";
import { type Listing, listingOf } from "./listing.ts";
import { MarketChannels } from "./market-channels.ts";
import { Meter } from "./meter.ts";
import { Refusal } from "./refusal.ts";
import type { Venue } from "./route.ts";
import type { OkxKey } from "./signature.ts";
import { Sockets } from "./sockets.ts";
import { Unrested } from "./unrested.ts";

/** What OKX's protocol is laid over. */
export interface OkxOptions {
  /** One for each settle asset; keys name accounts that each of them has. */
  readonly exchanges: readonly Exchange[];
  /**
   * What one contract stands for, by instrument id: "0.01" BTC, or "100" USD of an inverse one. Instruments that are not in it
   * have lots that are counted in contracts, as those that ship have.
   */
  readonly contracts?: Readonly<Record<InstrumentId, string>>;
  readonly keys: readonly OkxKey[];
  /** What price-limit shows; 5 % unless set, as the exchange's own rule is. */
  readonly priceBand?: Rate;
}

type Trouble = Parameters<NonNullable<Skin["trouble"]>>[0];

/** OKX's own words for a trouble at the exchange. */
const TROUBLES: Readonly<Record<Trouble["end"], Refusal>> = {
  unknownStatus: new Refusal(
    50004,
    "API endpoint request timeout. (does not mean that the request was successful or failed, please check the request result)",
  ),
  unavailable: new Refusal(50013, "Systems are busy. Please try again later."),
  failed: new Refusal(50026, "System error. Try again later"),
  rateLimited: new Refusal(50011, "Too Many Requests"),
  banned: new Refusal(50011, "Too Many Requests", 403),
};

/** Serves exchanges in OKX's v5 protocol: one-way and hedge mode, plain and conditional orders, REST and WebSocket. */
export function okxSkin(options: OkxOptions): (context: SkinContext) => Skin {
  return (context) => {
    const { exchanges } = options;
    const venue: Venue = {
      listings: listed(options),
      exchanges,
      wall: context.wall,
      keys: new Map(options.keys.map((key) => [key.apiKey, key])),
      meter: new Meter(),
      unrested: new Unrested((order) => {
        const listing = venue.listings.get(order.request.instrument);
        if (listing !== undefined) accounts.unrested(order, listing);
      }),
      priceBand: options.priceBand ?? rate(5_000_000),
    };
    // A key for an account that an exchange doesn't have is a mistake to hear of now rather than at its first call.
    for (const { account } of options.keys) for (const exchange of exchanges) exchange.balance(account);
    const channels = new Channels(context.frames);
    const market = new MarketChannels(channels, venue.listings);
    const accounts = new AccountChannels(venue, channels);
    const sockets = new Sockets(venue, channels, (subscription, account) => {
      const rows = account === undefined ? undefined : accounts.first(subscription, account);
      return rows === undefined ? market.first(subscription) : { rows };
    });
    const stops = exchanges.map((exchange) =>
      exchange.listen((event) => {
        market.take(event);
        accounts.take(event);
      }),
    );
    return {
      name: "okx",
      exchanges,
      accounts: [...new Set(options.keys.map(({ account }) => account))],
      owns: (host, path) => /(^|\.)okx\.com(:\d+)?$/.test(host) || /^\/(api|ws)\/v5\//.test(path),
      answer: (request) => answer(venue, request, context.onBug),
      upgrade: (message, raw, head) => sockets.upgrade(message, raw, head),
      dropSockets: (kind) => sockets.drop(kind),
      freezeSockets: (kind) => sockets.freeze(kind),
      silence: (kind, isOn) => channels.silence(kind, isOn),
      trouble: ({ end }): WebAnswer => refused(TROUBLES[end]),
      // OKX's private sockets log in with the key itself.
      expireListenKeys: () => {},
      close: () => {
        for (const stop of stops) stop();
        sockets.close();
      },
    };
  };
}

function listed({ exchanges, contracts = {} }: OkxOptions): ReadonlyMap<string, Listing> {
  const found = new Map<string, Listing>();
  for (const exchange of exchanges) {
    for (const instrument of exchange.instruments) {
      found.set(instrument.id, listingOf(instrument, exchange, contracts[instrument.id]));
    }
  }
  return found;
}
