import { lots, millis, ONE, rate, ticks, value } from "../../src/core/units.ts";
import type { GridParameters } from "../../src/engines/grid/parameters.ts";

/** One cycle at a time: a buy grid of four rungs of 10 lots, 1,000 ticks apart from 500,000 down; 0.8 % profit, 2 % stop. */
export const ONE_RUNG: GridParameters = {
  engine: "grid1",
  account: "main",
  instrument: "BTCUSDT",
  positionSide: "both",
  direction: "buy",
  quantity: lots(10),
  takeProfit: rate(800_000),
  step: rate(200_000),
  ordersMax: 4,
  // After its first entry it places no other within any scenario, unless a take profit fills (X28).
  waitMs: millis(3_600_000),
  positionMax: lots(40),
  purse: value(5_000 * ONE),
  leverage: 2,
  stopLoss: rate(2_000_000),
  anchor: ticks(500_000),
  priceMin: undefined,
  priceMax: undefined,
  stuckAfterMs: millis(3_600_000),
  recovery: "none",
  stopPrice: undefined,
  pausePrice: undefined,
  lossMax: undefined,
};

/** The same grid, which places its next entry a second after the last one. */
export const MANY_RUNGS: GridParameters = { ...ONE_RUNG, waitMs: millis(1_000) };
