import type { Instrument, InstrumentId } from "../../core/instrument.ts";
import { lots as lotCount, ONE, ticks } from "../../core/units.ts";
import type { Exchange, InstrumentStatus } from "../exchange.ts";
import { CONDITIONAL_ORDERS_MAX } from "../instrument-sheet.ts";
import type { Limits } from "./limits.ts";
import { PRICE_BAND } from "./reject-codes.ts";
import { CONDITIONAL_TYPE, lotsText, money, pairOf, pricePrecision, priceText, rateText } from "./texts.ts";

/** When Binance's first perpetuals were listed, and the date that stands for "never delivered". */
export const LISTED_AT = 1_569_398_400_000;
const NEVER = 4_133_404_800_000;

/** Binance's words for where a contract stands. */
export const STATUS_WORD = {
  trading: "TRADING",
  settling: "SETTLING",
  closed: "CLOSE",
} as const satisfies Record<InstrumentStatus, string>;

/** When a contract ends: a date far away unless its end was announced. */
export const deliveryOf = (exchange: Pick<Exchange, "delistsAt">, instrument: InstrumentId): number =>
  exchange.delistsAt(instrument) ?? NEVER;

/** The answer of GET /fapi/v1/exchangeInfo. */
export function exchangeInfo(
  instruments: readonly Instrument[],
  exchange: Exchange,
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
    symbols: instruments.map((each) => symbolInfo(each, exchange)),
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

function symbolInfo(instrument: Instrument, exchange: Exchange): object {
  const [lowest] = exchange.brackets(instrument.id);
  return {
    symbol: instrument.id,
    pair: pairOf(instrument),
    contractType: "PERPETUAL",
    deliveryDate: deliveryOf(exchange, instrument.id),
    onboardDate: LISTED_AT,
    status: STATUS_WORD[exchange.status(instrument.id)],
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
    filters: filters(instrument, exchange),
    orderTypes: ["LIMIT", "MARKET", ...Object.values(CONDITIONAL_TYPE)],
    timeInForce: ["GTC", "IOC", "FOK", "GTX"],
    permissionSets: ["GRID", "COPY"],
  };
}

function filters(instrument: Instrument, exchange: Exchange): readonly object[] {
  const step = exchange.lotStep(instrument.id);
  const lots = (filterType: string, maxQty: Instrument["lotsMax"]): object => ({
    filterType,
    // The smallest size that can be ordered is a whole number of steps.
    minQty: lotsText(lotCount(Math.ceil(instrument.lotsMin / step) * step), instrument),
    maxQty: lotsText(maxQty, instrument),
    stepSize: lotsText(lotCount(step), instrument),
  });
  return [
    {
      filterType: "PRICE_FILTER",
      minPrice: priceText(instrument.priceMin, instrument),
      maxPrice: priceText(instrument.priceMax, instrument),
      tickSize: priceText(ticks(exchange.priceStep(instrument.id)), instrument),
    },
    lots("LOT_SIZE", instrument.lotsMax),
    lots("MARKET_LOT_SIZE", instrument.marketLotsMax),
    { filterType: "MAX_NUM_ORDERS", limit: instrument.ordersMax },
    // Binance names it where it is not what holds for the whole account.
    ...(instrument.conditionalOrdersMax === CONDITIONAL_ORDERS_MAX
      ? []
      : [{ filterType: "MAX_NUM_ALGO_ORDERS", limit: instrument.conditionalOrdersMax }]),
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
