import type { Instrument, MarginBracket } from "../../core/instrument.ts";
import type { InstrumentChangedEvent } from "../../core/market-event.ts";
import { moneyOf, rateOf, type Step, stepOf } from "../../core/text.ts";
import { type Lots, lots, type Rate, ticks, value } from "../../core/units.ts";
import type { InstrumentInfo, InstrumentSteps } from "../../desk/ports.ts";
import { coarser, commonStep, countBelow, digitStep, moneyUnit, sizeDigitsMax, smallest } from "../steps.ts";
import { USDM } from "./dialect.ts";
import { list, object, optionalText, type Payload, PayloadError, text, whole } from "./fields.ts";

/** Fees of one symbol as `commissionRate` tells them. */
export interface Fees {
  readonly maker: Rate;
  readonly taker: Rate;
}

/**
 * Conditional orders that may rest at once, in all symbols together, where no filter says so: USDT-M names none any more.
 * @see Binance derivatives change log, 2025-12-29
 */
export const CONDITIONAL_ORDERS_MAX = 200;

/**
 * An instrument from `exchangeInfo`, its tiers from `leverageBracket` and its fees, counted in steps that also fit the
 * `known` ones of an earlier life. Throws `PayloadError`.
 */
export function instrumentOf(
  symbol: Payload,
  brackets: readonly MarginBracket[],
  fees: Fees,
  venue: string,
  known?: InstrumentSteps,
): InstrumentInfo {
  const filters = new Map(
    list(symbol["filters"], "filters").map((filter) => [text(filter, "filterType"), filter]),
  );
  const filter = (name: string): Payload => {
    const found = filters.get(name);
    if (found === undefined) throw new PayloadError(`filter ${name} of ${text(symbol, "symbol")} is missing`);
    return found;
  };
  const conditionals = filters.get("MAX_NUM_ALGO_ORDERS");
  const id = text(symbol, "symbol");
  const now = {
    tick: stepOf(text(filter("PRICE_FILTER"), "tickSize")),
    lot: stepOf(text(filter("LOT_SIZE"), "stepSize")),
  };
  const tick = known === undefined ? now.tick : commonStep(now.tick, known.tick);
  const minQty = text(filter("LOT_SIZE"), "minQty");
  const lot = commonStep(
    now.lot,
    known?.lot ?? now.lot,
    finestSize(minQty, whole(symbol, "quantityPrecision"), tick),
  );
  const { priceStep = 1, lotStep = 1 } = coarser(now, { tick, lot });
  const price = (field: string): number =>
    countBelow(text(filter("PRICE_FILTER"), field), now.tick, field) * priceStep;
  const size = (name: string, field: string): Lots =>
    lots(countBelow(text(filter(name), field), now.lot, field) * lotStep);
  const contract =
    symbol["contractSize"] === undefined ? undefined : moneyOf(text(symbol, "contractSize"), "contractSize");
  const lotsMin = smallest(minQty, now.lot, lotStep, "minQty");
  const unit =
    contract === undefined ? moneyUnit(id, { tick, lot }) : (contract * lot.units) / 10 ** lot.decimals;
  const instrument: Instrument = {
    id,
    venue,
    kind: contract === undefined ? "linear" : "inverse",
    base: text(symbol, "baseAsset"),
    quote: text(symbol, "quoteAsset"),
    settle: text(symbol, "marginAsset"),
    tick,
    lot,
    unit,
    priceMin: ticks(Math.max(1, price("minPrice"))),
    priceMax: ticks(price("maxPrice")),
    lotsMin,
    lotsMax: size("LOT_SIZE", "maxQty"),
    marketLotsMax: size("MARKET_LOT_SIZE", "maxQty"),
    // COIN-M counts contracts of so many dollars: the smallest order is the smallest count of them.
    notionalMin:
      contract === undefined
        ? moneyOf(text(filter("MIN_NOTIONAL"), "notional"), "notional")
        : value(unit * Math.max(lotsMin, lotStep)),
    ordersMax: whole(filter("MAX_NUM_ORDERS"), "limit"),
    conditionalOrdersMax: conditionals === undefined ? CONDITIONAL_ORDERS_MAX : whole(conditionals, "limit"),
    makerFee: fees.maker,
    takerFee: fees.taker,
    liquidationFee: rateOf(text(symbol, "liquidationFee"), "liquidationFee"),
  };
  return { instrument, brackets, ...coarser(now, instrument) };
}

/**
 * The finest step that a size on the account may lie on. A step that was made coarser leaves positions and history on the
 * old one, but no size has more digits than `quantityPrecision`: counting in those, a desk that knows nothing of before
 * reads all of it exactly, and what it sends is put on the present step (`lotStep`).
 */
function finestSize(minQty: string, precision: number, tick: Step): Step {
  const digits = digitStep(Math.min(precision, sizeDigitsMax(tick)));
  return Number(minQty) > 0 ? commonStep(digits, stepOf(minQty)) : digits;
}

/** The margin tiers of one symbol from `leverageBracket`, in steps of the settle asset. */
export function bracketsOf(
  answer: Payload,
  names: { readonly floor: string; readonly cap: string } = USDM.brackets,
): readonly MarginBracket[] {
  return list(answer["brackets"], "brackets")
    .map((bracket) => ({
      floor: moneyOf(text(bracket, names.floor), names.floor),
      cap: capped(text(bracket, names.cap), names.cap),
      maintenance: rateOf(text(bracket, "maintMarginRatio"), "maintMarginRatio"),
      deduction: moneyOf(text(bracket, "cum"), "cum"),
      leverageMax: whole(bracket, "initialLeverage"),
    }))
    .sort((a, b) => a.floor - b.floor);
}

/** The last tier's cap may lie beyond what 1e-8 steps can count: then it has none. */
const capped = (cap: string, field: string) =>
  Number(cap) >= 90_000_000 ? value(Number.MAX_SAFE_INTEGER) : moneyOf(cap, field);

/** The symbols of `exchangeInfo` by id. */
export const symbolsOf = (info: unknown): ReadonlyMap<string, Payload> =>
  new Map(
    list(object(info, "exchangeInfo")["symbols"], "symbols").map((symbol) => [
      text(symbol, "symbol"),
      symbol,
    ]),
  );

/** The delivery date of a contract that is never delivered: 2100-12-25. An earlier one announces a delisting. */
const NEVER = 4_133_404_800_000;

/** Words of contracts that take no orders, whatever their delivery date. */
const UNTRADED: ReadonlySet<string> = new Set(["PENDING_TRADING", "DELIVERING", "DELIVERED", "CLOSE"]);

/**
 * Whether a symbol is traded at market time `now`: `status` on USDT-M, `contractStatus` on COIN-M. A perpetual that got a
 * delivery date will be delisted then; words that nobody knows take no increases.
 */
export function statusOf(symbol: Payload, now: number): InstrumentChangedEvent["status"] {
  const word = text(symbol, symbol["contractStatus"] === undefined ? "status" : "contractStatus");
  const deliveredAt = Number(optionalText(symbol, "deliveryDate") ?? NEVER);
  if (UNTRADED.has(word) || (word === "SETTLING" && deliveredAt <= now)) return "gone";
  return word === "TRADING" && deliveredAt >= NEVER ? "trading" : "closeOnly";
}
