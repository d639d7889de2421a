import { type Random, seeded } from "../../src/core/random.ts";
import { lots, millis, ONE, rate, ticks, value } from "../../src/core/units.ts";
import type { GridParameters } from "../../src/engines/grid/parameters.ts";
import { GRID } from "../support/rig.ts";

/** What a seed decides before anything happens. */
export interface Drawn {
  readonly grid: GridParameters;
  /** News is lost, doubled and reordered, and answers are lost; else everything is told in order. */
  readonly isLossy: boolean;
  readonly steps: number;
  /** Moments at which the process dies, beside one that goes on. */
  readonly crashes: ReadonlySet<number>;
}

const START = 500_000;

const pick = <T>(chance: Random, list: readonly T[]): T => list[chance.below(list.length)] as T;

/** Draws a grid and what it will live through. Its limits bind: some leave room for all rungs, some for two. */
export function draw(seed: number): Drawn {
  const chance = seeded(seed, "drawn");
  const quantity = 4 + chance.below(9);
  const ordersMax = 2 + chance.below(6);
  const step = pick(chance, [100_000, 200_000, 300_000]);
  const leverage = pick(chance, [1, 2, 3]);
  // One rung's margin in units of its asset: at 50,000 a lot is 50.
  const margin = Math.ceil((quantity * 50) / leverage);
  const isWide = chance.below(5) === 0;
  const grid: GridParameters = {
    ...GRID,
    direction: chance.below(2) === 0 ? "buy" : "sell",
    quantity: lots(quantity),
    takeProfit: rate(pick(chance, [300_000, 500_000, 800_000])),
    step: rate(step),
    ordersMax,
    waitMs: millis(pick(chance, [1_000, 2_000, 6_000])),
    positionMax: lots(
      chance.below(3) === 0 ? quantity * (1 + chance.below(ordersMax)) + 2 : quantity * ordersMax,
    ),
    purse: value(Math.round(margin * (chance.below(3) === 0 ? 1.2 + chance.below(ordersMax) : 20) * ONE)),
    leverage,
    stopLoss: rate(isWide ? 4_000_000 : pick(chance, [700_000, 1_000_000, 1_800_000])),
    anchor: chance.below(4) === 0 ? ticks(START + chance.below(1_000)) : undefined,
    priceMin: chance.below(6) === 0 ? ticks(START * 0.99) : undefined,
    priceMax: chance.below(6) === 0 ? ticks(START * 1.01) : undefined,
    recovery: isWide ? "ladder" : "none",
    stuckAfterMs: millis(isWide ? 300_000 : 3_600_000),
  };
  const steps = 90 + chance.below(60);
  const crashes = new Set(Array.from({ length: 1 + chance.below(2) }, () => chance.below(steps)));
  return { grid, isLossy: chance.below(3) === 0, steps, crashes };
}
