import type { Instrument } from "../../core/instrument.ts";
import { textOf } from "../../core/text.ts";
import { millis } from "../../core/units.ts";
import { candlesOf } from "../binance/interval-candles.ts";
import { klineRow } from "../binance/klines.ts";
import { lotsText, priceText, rateText } from "../binance/texts.ts";
import { type Fields, limitOf, optional, periodOf, text, whole, word } from "./fields.ts";
import { categoryOf, type Floor, type House, type Reply, type Routes, scopeOf, standOf } from "./house.ts";
import { INTERVAL_OF } from "./intervals.ts";
import { allOf, Refusal } from "./refusal.ts";
import { amount, plainRate } from "./texts.ts";
import { tickerRow } from "./ticker.ts";

/** The calls that anyone may make. */
export const MARKET_CALLS: Routes = {
  "GET /v5/market/time": open((house) => {
    const now = Math.floor(house.wall.now());
    return { timeSecond: String(Math.floor(now / 1_000)), timeNano: `${now}000000` };
  }),
  "GET /v5/market/instruments-info": open(instrumentsInfo),
  "GET /v5/market/risk-limit": open((house, fields) =>
    listed(house, fields, (floor, instrument) => riskLimits(floor, instrument)),
  ),
  "GET /v5/market/tickers": open((house, fields) =>
    listed(house, fields, (floor, instrument) => [tickerRow(floor, instrument)]),
  ),
  "GET /v5/market/orderbook": open(orderBook),
  "GET /v5/market/kline": open(klines),
  "GET /v5/market/funding/history": open(fundingHistory),
};

function open(handle: (house: House, fields: Fields) => Reply): Routes[string] {
  return { access: "public", handle };
}

/** Rows for one symbol or for all of a category. */
function listed(
  house: House,
  fields: Fields,
  rows: (floor: Floor, instrument: Instrument) => readonly object[],
): Reply {
  const category = categoryOf(fields);
  if (category instanceof Refusal) return category;
  const scope = scopeOf(house, fields);
  if (scope instanceof Refusal) return scope;
  const list = scope.floors.flatMap((floor) =>
    (scope.instrument === undefined ? [...floor.instruments.values()] : [scope.instrument]).flatMap(
      (instrument) => rows(floor, instrument),
    ),
  );
  return { category, list, nextPageCursor: "" };
}

function instrumentsInfo(house: House, fields: Fields): Reply {
  const status = optional(fields, "status") ?? "Trading";
  return listed(house, fields, (floor, instrument) =>
    statusOf(floor, instrument) === status || optional(fields, "symbol") !== undefined
      ? [instrumentRow(floor, instrument)]
      : [],
  );
}

function statusOf(floor: Floor, { id }: Instrument): string {
  const status = floor.exchange.status(id);
  // A perpetual that will be delisted stays "Trading" and names its time.
  return status === "closed" ? "Closed" : "Trading";
}

function instrumentRow({ exchange, category, ...floor }: Floor, instrument: Instrument): object {
  const { id, tick, lot } = instrument;
  const text = (count: number): string => textOf(count, tick);
  const lotStep = exchange.lotStep(id);
  return {
    symbol: id,
    contractType: category === "linear" ? "LinearPerpetual" : "InversePerpetual",
    status: statusOf({ exchange, category, ...floor }, instrument),
    baseCoin: instrument.base,
    quoteCoin: instrument.quote,
    symbolType: "",
    launchTime: "1585526400000",
    deliveryTime: String(exchange.delistsAt(id) ?? 0),
    deliveryFeeRate: "",
    priceScale: String(tick.decimals),
    leverageFilter: {
      minLeverage: "1",
      maxLeverage: `${exchange.brackets(id)[0]?.leverageMax ?? 1}.00`,
      leverageStep: "0.01",
    },
    priceFilter: {
      minPrice: text(instrument.priceMin),
      maxPrice: text(instrument.priceMax),
      tickSize: text(exchange.priceStep(id)),
    },
    lotSizeFilter: {
      maxOrderQty: lotsText(instrument.lotsMax, instrument),
      minOrderQty: textOf(Math.ceil(instrument.lotsMin / lotStep) * lotStep, lot),
      qtyStep: textOf(lotStep, lot),
      postOnlyMaxOrderQty: lotsText(instrument.lotsMax, instrument),
      maxMktOrderQty: lotsText(instrument.marketLotsMax, instrument),
      minNotionalValue: category === "linear" ? amount(instrument.notionalMin) : "",
    },
    unifiedMarginTrade: true,
    fundingInterval: 480,
    settleCoin: instrument.settle,
    copyTrading: "none",
    upperFundingRate: "0.00375",
    lowerFundingRate: "-0.00375",
    isPreListing: false,
    preListingInfo: null,
    riskParameters: { priceLimitRatioX: "0.05", priceLimitRatioY: "0.05" },
    displayName: "",
  };
}

function riskLimits({ exchange }: Floor, { id }: Instrument): readonly object[] {
  return exchange.brackets(id).map((bracket, at) => ({
    id: at + 1,
    symbol: id,
    riskLimitValue: amount(bracket.cap),
    maintenanceMargin: plainRate(bracket.maintenance),
    initialMargin: (1 / bracket.leverageMax).toFixed(8),
    isLowestRisk: at === 0 ? 1 : 0,
    maxLeverage: bracket.leverageMax.toFixed(2),
    mmDeduction: bracket.deduction === 0 ? "" : amount(bracket.deduction),
  }));
}

function orderBook(house: House, fields: Fields): Reply {
  const stand = standOf(house, fields);
  const asked = allOf({ stand, limit: limitOf(fields, 25, 500) });
  if (asked instanceof Refusal) return asked;
  const { floor, instrument } = asked.stand;
  const book = floor.exchange.depth(instrument.id, asked.limit);
  const rows = (levels: typeof book.bids): string[][] =>
    levels.map((level) => [priceText(level.price, instrument), lotsText(level.lots, instrument)]);
  const at = floor.exchange.now();
  return {
    s: instrument.id,
    b: rows(book.bids),
    a: rows(book.asks),
    ts: at,
    u: book.lastUpdateId,
    seq: book.lastUpdateId,
    cts: at,
  };
}

function klines(house: House, fields: Fields): Reply {
  const interval = text(fields, "interval");
  const asked = allOf({
    stand: standOf(house, fields),
    span: interval instanceof Refusal ? interval : word(interval, INTERVAL_OF, "interval"),
    start: whole(fields, "start"),
    end: whole(fields, "end"),
    limit: limitOf(fields, 200, 1000),
  });
  if (asked instanceof Refusal) return asked;
  const { floor, instrument } = asked.stand;
  const candles = candlesOf(floor.exchange, instrument.id, asked.span, {
    ...(asked.start === undefined ? {} : { from: millis(asked.start) }),
    ...(asked.end === undefined ? {} : { to: millis(asked.end) }),
    limit: asked.limit,
  });
  const list = candles.toReversed().map((candle) => {
    const [openAt, first, high, low, close, volume, , turnover] = klineRow(candle, instrument);
    return [String(openAt), first, high, low, close, volume, turnover];
  });
  return { category: floor.category, symbol: instrument.id, list };
}

function fundingHistory(house: House, fields: Fields): Reply {
  const stand = standOf(house, fields);
  if (stand instanceof Refusal) return stand;
  const { floor, instrument } = stand;
  const asked = allOf({
    period: periodOf(fields, floor.exchange.now()),
    limit: limitOf(fields, 200, 200),
  });
  if (asked instanceof Refusal) return asked;
  const paid = floor.exchange.fundingHistory(instrument.id, asked.period);
  const list = paid
    .slice(-asked.limit)
    .toReversed()
    .map(({ at, rate }) => ({
      symbol: instrument.id,
      fundingRate: rateText(rate),
      fundingRateTimestamp: String(at),
    }));
  return { category: floor.category, list };
}
