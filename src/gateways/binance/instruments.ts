import { type Instrument, type MarginBracket, unitOf } from "../../core/instrument.ts";
import { exactCount, moneyOf, rateOf, type Step, stepOf } from "../../core/text.ts";
import { type Lots, lots, type Rate, ticks, value } from "../../core/units.ts";
import type { InstrumentInfo } from "../../desk/ports.ts";
import { list, object, type Payload, PayloadError, text, whole } from "./fields.ts";

/** Fees of one symbol as `commissionRate` tells them. */
export interface Fees {
  readonly maker: Rate;
  readonly taker: Rate;
}

/** An instrument from `exchangeInfo`, its tiers from `leverageBracket` and its fees. Throws `PayloadError`. */
export function instrumentOf(
  symbol: Payload,
  brackets: readonly MarginBracket[],
  fees: Fees,
  venue: string,
): InstrumentInfo {
  const filters = new Map(
    list(symbol["filters"], "filters").map((filter) => [text(filter, "filterType"), filter]),
  );
  const filter = (name: string): Payload => {
    const found = filters.get(name);
    if (found === undefined) throw new PayloadError(`filter ${name} of ${text(symbol, "symbol")} is missing`);
    return found;
  };
  const tick = stepOf(text(filter("PRICE_FILTER"), "tickSize"));
  const lot = stepOf(text(filter("LOT_SIZE"), "stepSize"));
  const price = (field: string) => ticks(floorCount(text(filter("PRICE_FILTER"), field), tick, field));
  const size = (name: string, field: string): Lots => lots(floorCount(text(filter(name), field), lot, field));
  const instrument: Instrument = {
    id: text(symbol, "symbol"),
    venue,
    kind: "linear",
    base: text(symbol, "baseAsset"),
    quote: text(symbol, "quoteAsset"),
    settle: text(symbol, "marginAsset"),
    tick,
    lot,
    unit: unitOf(tick, lot),
    priceMin: ticks(Math.max(1, price("minPrice"))),
    priceMax: price("maxPrice"),
    lotsMin: lots(exactCount(text(filter("LOT_SIZE"), "minQty"), lot, "minQty")),
    lotsMax: size("LOT_SIZE", "maxQty"),
    marketLotsMax: size("MARKET_LOT_SIZE", "maxQty"),
    notionalMin: moneyOf(text(filter("MIN_NOTIONAL"), "notional"), "notional"),
    ordersMax: whole(filter("MAX_NUM_ORDERS"), "limit"),
    conditionalOrdersMax: whole(filter("MAX_NUM_ALGO_ORDERS"), "limit"),
    makerFee: fees.maker,
    takerFee: fees.taker,
    liquidationFee: rateOf(text(symbol, "liquidationFee"), "liquidationFee"),
  };
  return { instrument, brackets };
}

/** Whole steps in a bound such as "4529764" or "809484.33"; a bound need not lie on the step. Digits finer than it are cut. */
function floorCount(bound: string, step: Step, field: string): number {
  const [whole = "", fraction = ""] = bound.split(".");
  const digits = fraction.slice(0, step.decimals);
  const finest: Step = { text: step.text, decimals: step.decimals, units: 1 };
  const units = exactCount(digits === "" ? whole : `${whole}.${digits}`, finest, field);
  return (units - (units % step.units)) / step.units;
}

/** The margin tiers of one symbol from `leverageBracket`. */
export function bracketsOf(answer: Payload): readonly MarginBracket[] {
  return list(answer["brackets"], "brackets")
    .map((bracket) => ({
      floor: moneyOf(text(bracket, "notionalFloor"), "notionalFloor"),
      cap: capped(text(bracket, "notionalCap")),
      maintenance: rateOf(text(bracket, "maintMarginRatio"), "maintMarginRatio"),
      deduction: moneyOf(text(bracket, "cum"), "cum"),
      leverageMax: whole(bracket, "initialLeverage"),
    }))
    .sort((a, b) => a.floor - b.floor);
}

/** The last tier's cap may lie beyond what 1e-8 steps can count: then it has none. */
const capped = (cap: string) =>
  Number(cap) >= 90_000_000 ? value(Number.MAX_SAFE_INTEGER) : moneyOf(cap, "notionalCap");

/** The symbols of `exchangeInfo` by id. */
export const symbolsOf = (info: unknown): ReadonlyMap<string, Payload> =>
  new Map(
    list(object(info, "exchangeInfo")["symbols"], "symbols").map((symbol) => [
      text(symbol, "symbol"),
      symbol,
    ]),
  );
