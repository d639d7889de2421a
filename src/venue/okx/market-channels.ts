import type { VenueEvent } from "../exchange.ts";
import type { Channels, Subscription } from "./channels.ts";
import { type Listing, priceText, sizeText } from "./listing.ts";
import { bookRow, candleRow, levelRows, tickerRow } from "./market-calls.ts";
import { fundingRow, markRow } from "./public-calls.ts";

type Of<T extends VenueEvent["type"]> = Extract<VenueEvent, { type: T }>;

/** Market time between two messages of a channel that says the same again. */
const REPEAT_MS = 30_000;

/** Turns what the market does into OKX's public channels. Times are market time. */
export class MarketChannels {
  readonly #channels: Channels;
  readonly #listings: ReadonlyMap<string, Listing>;
  readonly #fundingTold = new Map<string, number>();

  constructor(channels: Channels, listings: ReadonlyMap<string, Listing>) {
    this.#channels = channels;
    this.#listings = listings;
  }

  /** Takes in one event of the market; events of accounts are none of its business. */
  take(event: VenueEvent): void {
    if (!("instrument" in event) || event.instrument === undefined) return;
    const listing = this.#listings.get(event.instrument);
    if (listing === undefined) return;
    const about = (channel: string) => ({ channel, instId: listing.instrument.id });
    if (event.type === "top") {
      this.#channels.push(about("bbo-tbt"), () => [bookRow(listing, 1)]);
      this.#channels.push(about("tickers"), () => [tickerRow(listing)]);
    } else if (event.type === "depth") this.#depth(event, listing);
    else if (event.type === "mark") this.#mark(event, listing);
    else if (event.type === "trade") {
      for (const channel of ["trades", "trades-all"]) {
        this.#channels.push(about(channel), () => [tradeRow(event, listing)]);
      }
    } else if (event.type === "candle") {
      this.#channels.push(about("candle1m"), () => [candleRow(event.candle, event.isClosed, listing)]);
    }
  }

  /** What a new listener hears first; undefined when a channel has nothing to begin with. */
  first({ channel, instId }: Subscription): { rows: readonly object[]; action?: string } | undefined {
    if (channel === "index-tickers") {
      const listing = [...this.#listings.values()].find(({ family }) => family === instId);
      return listing === undefined ? undefined : { rows: [indexRow(listing)] };
    }
    const listing = this.#listings.get(instId ?? "");
    if (listing === undefined) return undefined;
    const candle = listing.exchange.candles(listing.instrument.id, 60_000, { limit: 1 })[0];
    const rows: Readonly<Record<string, () => readonly object[]>> = {
      "bbo-tbt": () => [bookRow(listing, 1)],
      books5: () => [{ ...bookRow(listing, 5), instId: listing.instrument.id }],
      books: () => [{ ...bookRow(listing, 400), checksum: 0, prevSeqId: -1 }],
      "mark-price": () => [markRow(listing)],
      "funding-rate": () => [fundingRow(listing)],
      tickers: () => [tickerRow(listing)],
      candle1m: () => (candle === undefined ? [] : [candleRow(candle, false, listing)]),
    };
    const make = Object.hasOwn(rows, channel) ? rows[channel] : undefined;
    if (make === undefined) return undefined;
    return { rows: make(), ...(channel === "books" ? { action: "snapshot" } : {}) };
  }

  #depth(event: Of<"depth">, listing: Listing): void {
    const instId = listing.instrument.id;
    this.#channels.push({ channel: "books5", instId }, () => [{ ...bookRow(listing, 5), instId }]);
    const change = () => [
      {
        asks: levelRows(event.asks, listing),
        bids: levelRows(event.bids, listing),
        ts: String(event.at),
        checksum: 0,
        seqId: event.lastUpdateId,
        prevSeqId: event.previousUpdateId,
      },
    ];
    this.#channels.push({ channel: "books", instId }, change, { action: "update" });
  }

  #mark(event: Of<"mark">, listing: Listing): void {
    const instId = listing.instrument.id;
    this.#channels.push({ channel: "index-tickers", instId: listing.family }, () => [indexRow(listing)]);
    const told = this.#fundingTold.get(instId) ?? Number.NEGATIVE_INFINITY;
    if (event.at - told >= REPEAT_MS) {
      this.#fundingTold.set(instId, event.at);
      this.#channels.push({ channel: "funding-rate", instId }, () => [fundingRow(listing)]);
    }
    this.#channels.push({ channel: "mark-price", instId }, () => [markRow(listing)]);
  }
}

const indexRow = (listing: Listing) => {
  const index = priceText(listing.exchange.mark(listing.instrument.id).index, listing);
  return {
    instId: listing.family,
    idxPx: index,
    high24h: index,
    low24h: index,
    open24h: index,
    sodUtc0: index,
    sodUtc8: index,
    ts: String(listing.exchange.now()),
  };
};

const tradeRow = (event: Of<"trade">, listing: Listing) => ({
  instId: listing.instrument.id,
  tradeId: String(event.tradeId),
  px: priceText(event.price, listing),
  sz: sizeText(event.lots, listing),
  side: event.takerSide,
  ts: String(event.at),
  count: "1",
});
