import type { Instrument, MarginBracket } from "../../core/instrument.ts";
import { ONE } from "../../core/units.ts";
import type { Limits } from "./limits.ts";
import { PRICE_BAND } from "./reject-codes.ts";
import { lotsText, money, pricePrecision, priceText, rateText } from "./texts.ts";

/** When Binance's first perpetuals were listed, and the date that stands for "never delivered". */
const LISTED_AT = 1_569_398_400_000;
const NEVER = 4_133_404_800_000;

/** The answer of GET /fapi/v1/exchangeInfo. */
export function exchangeInfo(
  instruments: readonly Instrument[],
  brackets: (instrument: Instrument) => readonly MarginBracket[],
  limits: Limits,
  now: number,
): object {
  const settles = [...new Set(instruments.map((each) => each.settle))];
  return {
    timezone: "UTC",
    serverTime: now,
    futuresType: "U_MARGINED",
    rateLimits: rateLimits(limits),
    exchangeFilters: [],
    assets: settles.map((asset) => ({ asset, marginAvailable: true, autoAssetExchange: "-10000" })),
    symbols: instruments.map((each) => symbolInfo(each, brackets(each)[0])),
  };
}

/** The limits as exchangeInfo and the socket API show them. */
export function rateLimits(limits: Limits): readonly RateLimit[] {
  return [
    { rateLimitType: "REQUEST_WEIGHT", interval: "MINUTE", intervalNum: 1, limit: limits.weightPerMinute },
    { rateLimitType: "ORDERS", interval: "MINUTE", intervalNum: 1, limit: limits.ordersPerMinute },
    { rateLimitType: "ORDERS", interval: "SECOND", intervalNum: 10, limit: limits.ordersPerTenSeconds },
  ];
}

/** One row of the limits. */
export interface RateLimit {
  readonly rateLimitType: "REQUEST_WEIGHT" | "ORDERS";
  readonly interval: "MINUTE" | "SECOND";
  readonly intervalNum: number;
  readonly limit: number;
}

function symbolInfo(instrument: Instrument, lowest: MarginBracket | undefined): object {
  return {
    symbol: instrument.id,
    pair: instrument.id,
    contractType: "PERPETUAL",
    deliveryDate: NEVER,
    onboardDate: LISTED_AT,
    status: "TRADING",
    maintMarginPercent: percent((lowest?.maintenance ?? 0) / ONE),
    requiredMarginPercent: percent(1 / (lowest?.leverageMax ?? 1)),
    baseAsset: instrument.base,
    quoteAsset: instrument.quote,
    marginAsset: instrument.settle,
    pricePrecision: pricePrecision(instrument),
    quantityPrecision: instrument.lot.decimals,
    baseAssetPrecision: 8,
    quotePrecision: 8,
    underlyingType: "COIN",
    underlyingSubType: [],
    settlePlan: 0,
    triggerProtect: "0.0500",
    liquidationFee: rateText(instrument.liquidationFee),
    marketTakeBound: (PRICE_BAND.up - 1).toFixed(2),
    maxMoveOrderLimit: 10_000,
    filters: filters(instrument),
    orderTypes: ["LIMIT", "MARKET", "STOP", "STOP_MARKET", "TAKE_PROFIT", "TAKE_PROFIT_MARKET"],
    timeInForce: ["GTC", "IOC", "FOK", "GTX"],
    permissionSets: ["GRID", "COPY"],
  };
}

function filters(instrument: Instrument): readonly object[] {
  const lots = (filterType: string, maxQty: Instrument["lotsMax"]): object => ({
    filterType,
    minQty: lotsText(instrument.lotsMin, instrument),
    maxQty: lotsText(maxQty, instrument),
    stepSize: instrument.lot.text,
  });
  return [
    {
      filterType: "PRICE_FILTER",
      minPrice: priceText(instrument.priceMin, instrument),
      maxPrice: priceText(instrument.priceMax, instrument),
      tickSize: instrument.tick.text,
    },
    lots("LOT_SIZE", instrument.lotsMax),
    lots("MARKET_LOT_SIZE", instrument.marketLotsMax),
    { filterType: "MAX_NUM_ORDERS", limit: instrument.ordersMax },
    { filterType: "MAX_NUM_ALGO_ORDERS", limit: instrument.conditionalOrdersMax },
    { filterType: "MIN_NOTIONAL", notional: money(instrument.notionalMin).replace(/\.0+$/, "") },
    {
      filterType: "PERCENT_PRICE",
      multiplierUp: PRICE_BAND.up.toFixed(4),
      multiplierDown: PRICE_BAND.down.toFixed(4),
      multiplierDecimal: "4",
    },
    { filterType: "POSITION_RISK_CONTROL", positionControlSide: "NONE" },
  ];
}

const percent = (part: number): string => (part * 100).toFixed(4);
