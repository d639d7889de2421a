import { lots, type Ticks, ticks } from "../../core/units.ts";
import type { DepthLevel, VenueCandle } from "../exchange.ts";
import { limitOf, listingOfField, optional, timeOf, word } from "./fields.ts";
import { type Listing, priceText, sizeText } from "./listing.ts";
import { quoteText } from "./order-view.ts";
import { each, open } from "./public-calls.ts";
import { Refusal } from "./refusal.ts";
import type { Asked, Reply, Routes, Venue } from "./route.ts";

/** The calls about prices that need no key. Times are market time. */
export const MARKET_CALLS: Routes = {
  "GET /api/v5/market/ticker": open(20, each(tickerRow)),
  "GET /api/v5/market/tickers": open(20, each(tickerRow)),
  "GET /api/v5/market/books": open(40, books),
  "GET /api/v5/market/candles": open(40, candles),
  "GET /api/v5/market/history-candles": open(20, candles),
};

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Spans of OKX's words for them. */
const SPANS: Readonly<Record<string, number>> = {
  "1m": MINUTE,
  "3m": 3 * MINUTE,
  "5m": 5 * MINUTE,
  "15m": 15 * MINUTE,
  "30m": 30 * MINUTE,
  "1H": HOUR,
  "2H": 2 * HOUR,
  "4H": 4 * HOUR,
  "6Hutc": 6 * HOUR,
  "12Hutc": 12 * HOUR,
  "1Dutc": DAY,
};

/** Levels as OKX writes them: price, size in contracts, a field of old, and how many orders. */
export const levelRows = (levels: readonly DepthLevel[], listing: Listing): string[][] =>
  levels.map((level) => [
    priceText(level.price, listing),
    level.lots === 0 ? "0" : sizeText(level.lots, listing),
    "0",
    level.lots === 0 ? "0" : "1",
  ]);

/** What GET /api/v5/market/ticker and the `tickers` channel say: best prices, and the last day of market time. */
export function tickerRow(listing: Listing) {
  const { exchange, instrument } = listing;
  const book = exchange.depth(instrument.id, 1);
  const [bid, ask] = [book.bids[0], book.asks[0]];
  const day = exchange.candles(instrument.id, MINUTE, { limit: 1_440 });
  const last = day.at(-1);
  const prices = (of: (candle: VenueCandle) => number): number[] => day.map(of);
  const extreme = (found: readonly number[], pick: (a: number, b: number) => number): Ticks | undefined =>
    found.length === 0 ? undefined : ticks(found.reduce(pick));
  const volume = day.reduce((sum, candle) => sum + candle.volume, 0);
  return {
    askPx: priceText(ask?.price, listing),
    askSz: sizeText(ask?.lots ?? 0, listing),
    bidPx: priceText(bid?.price, listing),
    bidSz: sizeText(bid?.lots ?? 0, listing),
    high24h: priceText(
      extreme(
        prices((candle) => candle.high),
        Math.max,
      ),
      listing,
    ),
    instId: instrument.id,
    instType: "SWAP",
    last: priceText(last?.close, listing),
    lastSz: sizeText(1, listing),
    low24h: priceText(
      extreme(
        prices((candle) => candle.low),
        Math.min,
      ),
      listing,
    ),
    open24h: priceText(day[0]?.open, listing),
    sodUtc0: priceText(day[0]?.open, listing),
    sodUtc8: priceText(day[0]?.open, listing),
    ts: String(exchange.now()),
    vol24h: sizeText(volume, listing),
    volCcy24h: baseText(listing, volume, last?.close),
  };
}

/** A volume in the base asset. */
function baseText(listing: Listing, volume: number, price: Ticks | undefined): string {
  const { contract, lot, instrument } = listing;
  const inContracts = (volume * lot.units) / 10 ** lot.decimals;
  const worth = (inContracts * contract.units) / 10 ** contract.decimals;
  const isInverse = instrument.kind === "inverse";
  const base = isInverse ? (price === undefined ? 0 : worth / Number(priceText(price, listing))) : worth;
  return base.toFixed(8);
}

/** Levels of each side that OKX shows at most. */
const LEVELS_MOST = 400;

/** The book as REST and the first message of the `books` channel show it. */
export function bookRow(listing: Listing, levels: number) {
  const { exchange, instrument } = listing;
  const book = exchange.depth(instrument.id, Math.min(levels, LEVELS_MOST));
  return {
    asks: levelRows(book.asks, listing),
    bids: levelRows(book.bids, listing),
    seqId: book.lastUpdateId,
    ts: String(exchange.now()),
  };
}

function books(venue: Venue, { fields }: Asked): Reply {
  const listing = listingOfField(fields, venue.listings);
  if (listing instanceof Refusal) return listing;
  return [bookRow(listing, Number(optional(fields, "sz") ?? "1"))];
}

/** A candle as OKX writes it: volumes in contracts, base and quote; the last field says whether it is closed. */
export function candleRow(candle: VenueCandle, isClosed: boolean, listing: Listing): readonly string[] {
  const price = (of: Ticks): string => priceText(of, listing);
  const quote = listing.instrument.kind === "inverse" ? candle.close : meanOf(candle);
  return [
    String(candle.openAt),
    price(candle.open),
    price(candle.high),
    price(candle.low),
    price(candle.close),
    sizeText(candle.volume, listing),
    baseText(listing, candle.volume, candle.close),
    Number.isSafeInteger(quote * listing.instrument.unit * candle.volume)
      ? quoteText(listing, quote, lots(candle.volume))
      : "",
    isClosed ? "1" : "0",
  ];
}

const meanOf = ({ open: first, high, low, close }: VenueCandle): Ticks =>
  ticks(Math.round((first + high + low + close) / 4));

/** Newest first. `after` and `before` are times: candles earlier and later than them. */
function candles(venue: Venue, { fields }: Asked): Reply {
  const listing = listingOfField(fields, venue.listings);
  if (listing instanceof Refusal) return listing;
  const span = word(fields, "bar", SPANS, "1m");
  if (span instanceof Refusal) return span;
  const limit = limitOf(fields, 300, 100);
  if (limit instanceof Refusal) return limit;
  const [after, before] = [timeOf(fields, "after"), timeOf(fields, "before")];
  if (after instanceof Refusal) return after;
  if (before instanceof Refusal) return before;
  const { exchange, instrument } = listing;
  return exchange
    .candles(instrument.id, span, {})
    .filter(({ openAt }) => openAt < (after ?? Number.MAX_SAFE_INTEGER) && openAt > (before ?? 0))
    .slice(-limit)
    .toReversed()
    .map((candle) => candleRow(candle, candle.closeAt < exchange.now(), listing));
}
