import type { Instrument } from "../../core/instrument.ts";
import { textOf } from "../../core/text.ts";
import { lots, type Rate } from "../../core/units.ts";
import { exchangeInfo } from "./exchange-info.ts";
import { type Fields, instrumentOf, limitOf, maybeInstrument, periodOf } from "./fields.ts";
import { allOf, Refusal } from "./refusal.ts";
import { byLimit, bySymbol, type PublicRoute, type Reply, type Routes, type Venue } from "./route.ts";
import { lotsText, priceText, rateText } from "./texts.ts";
import { dayTexts } from "./ticker.ts";

/** The calls about the market that need no key. Market times in them, but `time` tells the wall clock. */
export const MARKET_CALLS: Routes = {
  "GET /fapi/v1/ping": open(1, () => ({})),
  "GET /fapi/v1/time": open(1, ({ wall }) => ({ serverTime: wall.now() })),
  "GET /fapi/v1/exchangeInfo": open(1, ({ exchange, instruments, meter, wall }) =>
    exchangeInfo([...instruments.values()], exchange, meter.limits, wall.now()),
  ),
  "GET /fapi/v1/depth": open(
    byLimit(500, [
      [50, 2],
      [100, 5],
      [500, 10],
      [1000, 20],
    ]),
    depth,
  ),
  // Nobody has orders here that only show in the retail book, so it is the plain one.
  "GET /fapi/v1/rpiDepth": open(20, depth),
  "GET /fapi/v1/ticker/24hr": open(bySymbol(1, 40), each(dayTicker)),
  "GET /fapi/v1/ticker/price": open(bySymbol(1, 2), each(lastPrice)),
  "GET /fapi/v2/ticker/price": open(bySymbol(1, 2), each(lastPrice)),
  "GET /fapi/v1/ticker/bookTicker": open(bySymbol(2, 5), each(bestPrices)),
  "GET /fapi/v1/premiumIndex": open(bySymbol(1, 10), each(premiumIndex)),
  "GET /fapi/v1/fundingRate": open(1, fundingRates),
};

function open(weight: PublicRoute["weight"], handle: PublicRoute["handle"]): PublicRoute {
  return { access: "public", weight, handle };
}

/** One instrument's answer when `symbol` is sent, else the list of all. */
function each(show: (venue: Venue, instrument: Instrument) => object): PublicRoute["handle"] {
  return (venue, fields) => {
    const one = maybeInstrument(fields, venue.instruments);
    if (one instanceof Refusal) return one;
    if (one !== undefined) return show(venue, one);
    return [...venue.instruments.values()].map((instrument) => show(venue, instrument));
  };
}

/** Levels of each side that the depth streams follow: a snapshot with more of them would hold some that nobody removes. */
const DEPTH_FOLLOWED = 20;

function depth({ exchange, instruments }: Venue, fields: Fields): Reply {
  const asked = allOf({ instrument: instrumentOf(fields, instruments), limit: limitOf(fields, 500, 1000) });
  if (asked instanceof Refusal) return asked;
  const { instrument, limit } = asked;
  const book = exchange.depth(instrument.id, Math.min(limit, DEPTH_FOLLOWED));
  const rows = (levels: typeof book.bids): string[][] =>
    levels.map((level) => [priceText(level.price, instrument), lotsText(level.lots, instrument)]);
  const at = exchange.now();
  return {
    lastUpdateId: book.lastUpdateId,
    E: at,
    T: at,
    bids: rows(book.bids),
    asks: rows(book.asks),
  };
}

function dayTicker({ exchange, day, tape }: Venue, instrument: Instrument): object {
  const figures = day.of(instrument);
  const at = exchange.now();
  if (figures === undefined) return { symbol: instrument.id, closeTime: at };
  const last = tape.last(instrument.id);
  const words = dayTexts(figures, last?.lots ?? lots(0), instrument);
  return {
    symbol: instrument.id,
    priceChange: words.change,
    priceChangePercent: words.changePercent,
    weightedAvgPrice: words.average,
    lastPrice: words.last,
    lastQty: words.lastLots,
    openPrice: words.open,
    highPrice: words.high,
    lowPrice: words.low,
    volume: words.volume,
    quoteVolume: words.turnover,
    openTime: figures.from,
    closeTime: at,
    firstId: Math.max(0, (last?.tradeId ?? 0) - figures.candles + 1),
    lastId: last?.tradeId ?? 0,
    count: figures.candles,
  };
}

function lastPrice(venue: Venue, instrument: Instrument): object {
  const price = priceText(venue.day.lastPrice(instrument), instrument);
  return { symbol: instrument.id, price, time: venue.exchange.now() };
}

function bestPrices({ exchange }: Venue, instrument: Instrument): object {
  const book = exchange.depth(instrument.id, 1);
  const [bid, ask] = [book.bids[0], book.asks[0]];
  return {
    symbol: instrument.id,
    bidPrice: priceText(bid?.price, instrument),
    bidQty: lotsText(bid?.lots, instrument),
    askPrice: priceText(ask?.price, instrument),
    askQty: lotsText(ask?.lots, instrument),
    time: exchange.now(),
    lastUpdateId: book.lastUpdateId,
  };
}

/** Binance's fixed interest part of the funding rate: 0.01 % per eight hours. */
const INTEREST = 10_000 as Rate;

function premiumIndex({ exchange }: Venue, instrument: Instrument): object {
  const { mark, index, fundingRate, nextFundingAt } = exchange.mark(instrument.id);
  return {
    symbol: instrument.id,
    markPrice: priceText(mark, instrument),
    indexPrice: priceText(index, instrument),
    estimatedSettlePrice: priceText(index, instrument),
    lastFundingRate: rateText(fundingRate),
    interestRate: rateText(INTEREST),
    nextFundingTime: nextFundingAt,
    time: exchange.now(),
  };
}

function fundingRates({ exchange, instruments }: Venue, fields: Fields): Reply {
  const asked = allOf({
    one: maybeInstrument(fields, instruments),
    period: periodOf(fields),
    limit: limitOf(fields, 100, 1000),
  });
  if (asked instanceof Refusal) return asked;
  const { one, period, limit } = asked;
  const rows = (one === undefined ? [...instruments.values()] : [one]).flatMap((instrument) =>
    exchange.fundingHistory(instrument.id, { ...period, limit }).map((paid) => ({
      symbol: instrument.id,
      fundingRate: rateText(paid.rate),
      fundingTime: paid.at,
      markPrice: textOf(paid.mark, instrument.tick),
      rateType: "REGULAR",
    })),
  );
  rows.sort((a, b) => a.fundingTime - b.fundingTime);
  return period.from === undefined ? rows.slice(-limit) : rows.slice(0, limit);
}
