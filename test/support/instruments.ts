import { type Instrument, type MarginBracket, unitOf } from "../../src/core/instrument.ts";
import { stepOf } from "../../src/core/text.ts";
import { lots, ONE, rate, ticks, value } from "../../src/core/units.ts";

const shared = {
  venue: "binanceusdm",
  quote: "USDT",
  priceMin: ticks(1),
  priceMax: ticks(10_000_000),
  lotsMin: lots(1),
  lotsMax: lots(1_000_000),
  marketLotsMax: lots(500_000),
  notionalMin: value(5 * ONE),
  ordersMax: 200,
  conditionalOrdersMax: 200,
  makerFee: rate(20_000),
  takerFee: rate(50_000),
  liquidationFee: rate(1_250_000),
} as const;

/** A linear perpetual: tick 0.10, lot 0.001, so one tick x one lot is 0.0001 USDT. */
export const LINEAR: Instrument = {
  ...shared,
  id: "BTCUSDT",
  kind: "linear",
  base: "BTC",
  settle: "USDT",
  tick: stepOf("0.10"),
  lot: stepOf("0.001"),
  unit: unitOf(stepOf("0.10"), stepOf("0.001")),
};

/** An inverse perpetual: contracts of 100 USD, settled in BTC. */
export const INVERSE: Instrument = {
  ...shared,
  id: "BTCUSD_PERP",
  kind: "inverse",
  base: "BTC",
  quote: "USD",
  settle: "BTC",
  tick: stepOf("0.1"),
  lot: stepOf("1"),
  unit: 100 * ONE,
};

/** A spot pair. */
export const SPOT: Instrument = { ...LINEAR, id: "BTCUSDT-SPOT", kind: "spot" };

/** One tier: 0.5 % maintenance, without a deduction. */
export const ONE_BRACKET: readonly MarginBracket[] = [
  {
    floor: value(0),
    cap: value(40_000_000 * ONE),
    maintenance: rate(ONE / 200),
    deduction: value(0),
    leverageMax: 20,
  },
];
