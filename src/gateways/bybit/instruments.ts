import type { Instrument, MarginBracket } from "../../core/instrument.ts";
import type { InstrumentChangedEvent } from "../../core/market-event.ts";
import { moneyOf, rateOf, stepOf } from "../../core/text.ts";
import { type Lots, lots, ONE, type Rate, rate, ticks, type Value, value } from "../../core/units.ts";
import type { InstrumentInfo, InstrumentSteps } from "../../desk/ports.ts";
import { object, optionalText, type Payload, PayloadError, text } from "../binance/fields.ts";
import { coarser, commonStep, countBelow, moneyUnit, smallest } from "../steps.ts";

/** Active orders and conditional orders for one symbol. @see Bybit v5 "Place Order", open orders up limit */
const ORDERS_MOST = 500;
const CONDITIONALS_MOST = 10;

/** Fees of one symbol as `fee-rate` tells them. */
export interface Fees {
  readonly maker: Rate;
  readonly taker: Rate;
}

/** An instrument as it was read, and whether it is traded. */
export interface ReadInstrument extends InstrumentInfo {
  readonly status: InstrumentChangedEvent["status"];
}

/**
 * A perpetual from `instruments-info`, its tiers from `risk-limit` and its fees, counted in steps that also fit the `known`
 * ones of an earlier life. Throws `PayloadError`.
 */
export function instrumentOf(
  row: Payload,
  tiers: readonly Payload[],
  fees: Fees,
  venue: string,
  known?: InstrumentSteps,
): ReadInstrument {
  const id = text(row, "symbol");
  const contract = text(row, "contractType");
  if (contract !== "LinearPerpetual" && contract !== "InversePerpetual") {
    throw new PayloadError(`${id} is no perpetual but ${contract}`);
  }
  const prices = object(row["priceFilter"], "priceFilter");
  const sizes = object(row["lotSizeFilter"], "lotSizeFilter");
  const now = { tick: stepOf(text(prices, "tickSize")), lot: stepOf(text(sizes, "qtyStep")) };
  const tick = commonStep(now.tick, known?.tick ?? now.tick);
  const lot = commonStep(now.lot, known?.lot ?? now.lot);
  const { priceStep = 1, lotStep = 1 } = coarser(now, { tick, lot });
  const price = (field: string): number => countBelow(text(prices, field), now.tick, field) * priceStep;
  const size = (field: string): Lots => lots(countBelow(text(sizes, field), now.lot, field) * lotStep);
  const kind = contract === "LinearPerpetual" ? "linear" : "inverse";
  const lotsMin = smallest(text(sizes, "minOrderQty"), now.lot, lotStep, "minOrderQty");
  // One inverse contract is one USD; its size steps are whole contracts.
  const unit = kind === "inverse" ? (lot.units * ONE) / 10 ** lot.decimals : moneyUnit(id, { tick, lot });
  const instrument: Instrument = {
    id,
    venue,
    kind,
    base: text(row, "baseCoin"),
    quote: text(row, "quoteCoin"),
    settle: text(row, "settleCoin"),
    tick,
    lot,
    unit,
    priceMin: ticks(Math.max(1, price("minPrice"))),
    priceMax: ticks(price("maxPrice")),
    lotsMin,
    lotsMax: size("maxOrderQty"),
    marketLotsMax: size("maxMktOrderQty"),
    notionalMin: notionalMin(sizes, kind, unit, Math.max(lotsMin, lotStep)),
    ordersMax: ORDERS_MOST,
    conditionalOrdersMax: CONDITIONALS_MOST,
    makerFee: fees.maker,
    takerFee: fees.taker,
    // A forced close costs the taker fee; what else it costs is the difference to the bankruptcy price.
    liquidationFee: fees.taker,
  };
  return { instrument, brackets: bracketsOf(tiers), ...coarser(now, instrument), status: statusOf(row) };
}

/** Linear: Bybit's smallest order value. Inverse: it names none, so the smallest size is it. */
function notionalMin(sizes: Payload, kind: Instrument["kind"], unit: number, lotsMin: number): Value {
  if (kind === "inverse") return value(unit * lotsMin);
  return moneyOf(text(sizes, "minNotionalValue"), "minNotionalValue");
}

/** A perpetual that names a delivery time is about to be delisted: it only takes orders that reduce. */
function statusOf(row: Payload): InstrumentChangedEvent["status"] {
  if (text(row, "status") !== "Trading") return "gone";
  return Number(optionalText(row, "deliveryTime") ?? "0") > 0 ? "closeOnly" : "trading";
}

/** The margin tiers of one symbol from `risk-limit`, the lowest first. Limits are in the settle coin. */
export function bracketsOf(tiers: readonly Payload[]): readonly MarginBracket[] {
  const found: MarginBracket[] = [];
  const sorted = [...tiers].sort((a, b) => limitOf(a) - limitOf(b));
  for (const tier of sorted) {
    const below = found.at(-1);
    const floor = below?.cap ?? value(0);
    const leverageMax = Number(text(tier, "maxLeverage"));
    const maintenance = rate(Math.round(fractionOf(tier, leverageMax) * ONE));
    const told = optionalText(tier, "mmDeduction") ?? "";
    // Without a word of it, the deduction is what makes the maintenance margin continuous at the tier's floor.
    const step = below === undefined ? 0 : Math.round((floor / ONE) * (maintenance - below.maintenance));
    found.push({
      floor,
      cap: capOf(text(tier, "riskLimitValue")),
      maintenance,
      deduction: told === "" ? value((below?.deduction ?? 0) + step) : moneyOf(told, "mmDeduction"),
      leverageMax: Math.floor(leverageMax),
    });
  }
  if (found.length === 0) throw new PayloadError("risk-limit has no tiers");
  return found;
}

const limitOf = (tier: Payload): number => Number(text(tier, "riskLimitValue"));

/** The last tiers' caps may lie beyond what 1e-8 steps can count: then they have none. */
const capOf = (cap: string): Value =>
  Number(cap) >= 90_000_000 ? value(Number.MAX_SAFE_INTEGER) : moneyOf(cap, "riskLimitValue");

/**
 * The maintenance margin as a fraction. Bybit has written it as one ("0.005") and in percent ("0.5"): the initial
 * margin beside it, which is one over the leverage, tells which.
 */
function fractionOf(tier: Payload, leverageMax: number): number {
  const maintenance = Number(text(tier, "maintenanceMargin"));
  const whole = Number(text(tier, "initialMargin")) * leverageMax;
  if (whole > 0.9 && whole < 1.1) return maintenance;
  if (whole > 90 && whole < 110) return maintenance / 100;
  throw new PayloadError("risk-limit: the initial margin does not fit the leverage");
}

/** Fees from one row of `fee-rate`. */
export const feesOf = (row: Payload): Fees => ({
  maker: rateOf(text(row, "makerFeeRate"), "makerFeeRate"),
  taker: rateOf(text(row, "takerFeeRate"), "takerFeeRate"),
});
