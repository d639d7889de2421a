import { listingOf } from "../../src/backtest/listing.ts";
import type { BacktestSetup } from "../../src/backtest/setup.ts";
import { seeded } from "../../src/core/random.ts";
import { lots, millis, ONE, rate, type Ticks, value } from "../../src/core/units.ts";
import type { GridParameters } from "../../src/engines/grid/parameters.ts";
import type { FileCandle } from "../../src/venue/candle-file.ts";
import { candleMarket } from "../../src/venue/candle-walk.ts";

/** 2025-01-01T00:00:00Z. */
export const START = 1_735_689_600_000;
const MINUTE = 60_000;

const btc = listingOf("binanceusdm").get("BTCUSDT");
if (btc === undefined) throw new Error("BTCUSDT is listed");
/** Bitcoin on Binance, with its tiers. */
export const BTC = btc;

/** How a made-up market moves. */
interface WalkShape {
  readonly seed: number;
  readonly candles: number;
  /** Typical move within a candle, as a part of the price. */
  readonly swing?: number;
  /** Part of the way back to the first price that each candle goes. */
  readonly pull?: number;
  /** BTC traded in a candle. */
  readonly volume?: number;
  /** Part of the candles in which the price stands still, so that the best prices are not told anew. */
  readonly still?: number;
}

/** One-minute candles of a random walk around 60,000. */
export function walk({
  seed,
  candles,
  swing = 0.001,
  pull = 0.002,
  volume = 40,
  still = 0,
}: WalkShape): FileCandle[] {
  const chance = seeded(seed, "candles");
  const found: FileCandle[] = [];
  const round = (price: number): number => Math.round(price * 10) / 10;
  let open = 60_000;
  for (let count = 0; count < candles; count += 1) {
    const isStill = still > 0 && chance.unit() < still;
    const move = isStill
      ? 0
      : (chance.unit() + chance.unit() + chance.unit() - 1.5) * swing + (60_000 / open - 1) * pull;
    const close = isStill ? open : round(open * (1 + move));
    found.push({
      openAt: millis(START + count * MINUTE),
      open,
      high: isStill ? open : round(Math.max(open, close) * (1 + chance.unit() * swing * 0.7)),
      low: isStill ? open : round(Math.min(open, close) * (1 - chance.unit() * swing * 0.7)),
      close,
      volume: isStill ? volume : Math.round(volume * (0.3 + chance.unit()) * 1_000) / 1_000,
    });
    open = close;
  }
  return found;
}

/** A buy grid of 25 rungs that are 0.1 % apart. */
export const GRID25: GridParameters = {
  engine: "grid",
  account: "main",
  instrument: "BTCUSDT",
  positionSide: "both",
  direction: "buy",
  quantity: lots(4),
  takeProfit: rate(200_000),
  step: rate(100_000),
  ordersMax: 25,
  waitMs: millis(10_000),
  positionMax: lots(100),
  purse: value(5_000 * ONE),
  leverage: 3,
  stopLoss: rate(2_000_000),
  anchor: undefined,
  priceMin: undefined,
  priceMax: undefined,
  stuckAfterMs: millis(3_600_000),
  recovery: "none",
  stopPrice: undefined,
  pausePrice: undefined,
  lossMax: undefined,
};

/** A backtest of one grid over candles of BTC. */
export function setupOf(
  candles: readonly FileCandle[],
  grid: Partial<GridParameters> = {},
  changes: Partial<BacktestSetup> = {},
): BacktestSetup {
  return {
    venue: "binanceusdm",
    listed: [BTC],
    market: candleMarket({ instrument: BTC.instrument, candles, candleMs: MINUTE }),
    account: "main",
    deposit: value(10_000 * ONE),
    lay: (_: ReadonlyMap<string, Ticks>) => [{ ...GRID25, ...grid }],
    risk: { leverageMax: 3, grossLeverageMax: 3, distanceMin: rate(ONE / 5) },
    seed: 1,
    ...changes,
  };
}
