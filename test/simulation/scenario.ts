import type { Instrument } from "../../src/core/instrument.ts";
import type { PersonRole } from "../../src/core/proposal.ts";
import { type Random, seeded } from "../../src/core/random.ts";
import {
  lots,
  type Millis,
  millis,
  mulDiv,
  ONE,
  rate,
  type Side,
  type Value,
  value,
} from "../../src/core/units.ts";
import type { GridParameters } from "../../src/engines/grid/parameters.ts";
import { INSTRUMENTS } from "../../src/venue/instruments.ts";
import type { DepthShape } from "../../src/venue/seeded-depth.ts";
import { DEPTH_SHAPE } from "../../src/venue/seeded-depth.ts";
import { type Jolt, someStart } from "./market.ts";

/** Wall milliseconds of a seed: trouble for most of it, then calm in which everything must come right. */
export const TROUBLE_MS = 300_000;
export const CALM_MS = 90_000;
/** Market seconds per wall second: promises in seconds are measured at 10 at most (DESIGN.md section 3). */
export const SPEED = 10;
/** Wall time at which every seed begins. */
export const WALL_START = 1_800_000_000_000;
export const ACCOUNT = "main";
export const DESK = "sim";

/** All that one seed decides before anything happens. */
export interface Scenario {
  readonly seed: number;
  /** Who may do what; two admins without accounts unless set. */
  readonly people?: readonly {
    readonly name: string;
    readonly role: PersonRole;
    readonly telegramId?: string;
    readonly discordId?: string;
  }[];
  /** Market seconds per wall second; `SPEED` unless set. */
  readonly speed?: number;
  readonly startAt: Millis;
  readonly skipMinutes: number;
  readonly instruments: readonly Instrument[];
  readonly grids: readonly GridParameters[];
  readonly deposit: Value;
  readonly depth: DepthShape;
  readonly stopUnderFullTakeProfit: "refuse" | "expireTakeProfit";
  readonly jolts: readonly Jolt[];
  readonly isHedge: boolean;
  /** `risk.lastStop`. */
  readonly lastStop: boolean;
}

/** Seeds from here on are days in hedge mode, half of them with a last stop on each book; before them all is one-way. */
export const HEDGE_FROM = 10_000_000;

/** Opening prices of the synthetic market in quote: sizes are laid by them. */
const PRICES: Readonly<Record<string, number>> = { BTCUSDT: 60_000, ETHUSDT: 3_000, SOLUSDT: 150 };

/** Lays out a seed. */
export function scenarioOf(seed: number): Scenario {
  const chance = seeded(seed, "scenario");
  const traded = INSTRUMENTS.filter(({ id }) => PRICES[id] !== undefined);
  const first = chance.below(traded.length);
  const count = chance.below(3) === 0 ? 2 : 1;
  const instruments = [...traded, ...traded].slice(first, first + count);
  const startAt = someStart(chance);
  const drawn = instruments.flatMap((instrument) => gridsOf(instrument, chance));
  const skipMinutes = chance.below(4) === 0 ? 120 + chance.below(360) : 0;
  const deposit = value((2_000 + chance.below(40) * 1_000) * ONE);
  const depth =
    chance.below(2) === 0 ? DEPTH_SHAPE : { ...DEPTH_SHAPE, levelSharePpm: 40 + chance.below(200) };
  const stopUnderFullTakeProfit = chance.below(2) === 0 ? "refuse" : "expireTakeProfit";
  const jolts = drawn.map((grid, index) => joltAgainst(grid, startAt, index, chance));
  const isHedge = seed >= HEDGE_FROM;
  const recovery = recovering(drawn, instruments, startAt, isHedge, seeded(seed, "recovery"));
  const { grids, isWide, falls } = recovery;
  return {
    seed,
    isHedge,
    lastStop: isHedge && seeded(seed, "last stop").below(2) === 0,
    startAt,
    skipMinutes,
    instruments,
    grids: isHedge ? grids.map(hedging) : grids,
    deposit,
    depth,
    stopUnderFullTakeProfit,
    jolts: isWide
      ? [...jolts.map((jolt) => ({ ...jolt, size: jolt.size * 2.2, fadeMs: jolt.fadeMs * 3 })), ...falls]
      : jolts,
  };
}

/**
 * How grids get out of what is stuck, drawn beside all else. In every fourth seed, and three of four in hedge mode, their stops are so wide, or switched off for
 * the purse's loss limit, and the market moves so far, that recovery comes into play before a last fall reaches the stops;
 * elsewhere stops come first.
 */
function recovering(
  drawn: readonly GridParameters[],
  instruments: readonly Instrument[],
  startAt: Millis,
  isHedge: boolean,
  chance: Random,
): { readonly grids: readonly GridParameters[]; readonly isWide: boolean; readonly falls: readonly Jolt[] } {
  const isWide = (chance.below(4) === 0) !== isHedge;
  const grids = drawn.map((grid): GridParameters => {
    const recovery = RECOVERIES[chance.below(RECOVERIES.length)] ?? "none";
    const stuckAfterMs = millis((5 + chance.below(isWide ? 4 : 26)) * 60_000);
    const isOff = chance.below(8) === 0;
    const wide = rate(4_000_000 + chance.below(2_000_000));
    if (!isWide) return { ...grid, recovery, stuckAfterMs };
    const lot = lotOf(instruments.find(({ id }) => id === grid.instrument));
    const worth = (PRICES[grid.instrument] ?? 100) * ONE * grid.positionMax * lot;
    const lossMax = isOff ? value(Math.round(worth * 0.03)) : undefined;
    return { ...grid, recovery, stuckAfterMs, stopLoss: isOff ? undefined : wide, lossMax };
  });
  const falls = instruments.flatMap(({ id }): readonly Jolt[] => {
    const isBuy = drawn.find(({ instrument }) => instrument === id)?.direction === "buy";
    const fall = (wallMs: number, size: number): Jolt => ({
      instrument: id,
      at: startAt + wallMs * SPEED,
      size: isBuy ? -size : size,
      rampMs: 20_000,
      fadeMs: 300_000,
    });
    return [
      fall(235_000 + chance.below(25_000), LAST_FALL),
      fall(TROUBLE_MS + 20_000 + chance.below(15_000), CALM_FALL),
    ];
  });
  return { grids, isWide, falls };
}

/** A grid of hedge mode: with its own side of the book, and hedges for what is stuck where it would have laid a ladder. */
const hedging = (grid: GridParameters): GridParameters => ({
  ...grid,
  positionSide: grid.direction === "buy" ? "long" : "short",
  recovery: grid.recovery === "ladder" ? "hedge" : grid.recovery,
});

/** Beyond wide stops once more when all is calm, where the other found nothing held: a desk that was down or in Shutdown. */
const CALM_FALL = 0.08;
/** Beyond wide stops, also of entries that an earlier move the same way had drawn along. */
const LAST_FALL = 0.13;
const RECOVERIES = ["ladder", "ladder", "hedge", "aggressive", "none"] as const;
/** One lot in the base asset. */
const lotOf = (instrument: Instrument | undefined): number =>
  instrument === undefined ? 0 : instrument.lot.units / 10 ** instrument.lot.decimals;

/** One engine on an instrument, sometimes two that share its book and so its direction. */
function gridsOf(instrument: Instrument, chance: Random): readonly GridParameters[] {
  const direction: Side = chance.below(2) === 0 ? "buy" : "sell";
  const leverage = 1 + chance.below(3);
  const count = chance.below(3) === 0 ? 2 : 1;
  return Array.from({ length: count }, (_, index) =>
    gridOf(`${instrument.base.toLowerCase()}${index + 1}`, instrument, direction, leverage, chance),
  );
}

function gridOf(
  engine: string,
  instrument: Instrument,
  direction: Side,
  leverage: number,
  chance: Random,
): GridParameters {
  const worth = (150 + chance.below(500)) * ONE;
  const lotWorth =
    (PRICES[instrument.id] ?? 100) *
    (10 ** instrument.tick.decimals / instrument.tick.units) *
    instrument.unit;
  const quantity = lots(Math.max(instrument.lotsMin * 2, mulDiv(worth, 1, Math.round(lotWorth), "up")));
  const ordersMax = 6 + chance.below(15);
  const step = 30_000 + chance.below(50_000);
  return {
    engine,
    account: ACCOUNT,
    instrument: instrument.id,
    positionSide: "both",
    direction,
    quantity,
    takeProfit: rate(80_000 + chance.below(150_000)),
    step: rate(step),
    ordersMax,
    waitMs: millis(1_000 + chance.below(6_000)),
    positionMax: lots(quantity * (chance.below(3) === 0 ? Math.ceil(ordersMax / 2) : ordersMax)),
    purse: value((500 + chance.below(20) * 250) * ONE),
    leverage,
    stopLoss: rate(400_000 + chance.below(400_000)),
    anchor: undefined,
    priceMin: undefined,
    priceMax: undefined,
    stuckAfterMs: millis(3_600_000),
    recovery: "none",
    stopPrice: undefined,
    pausePrice: undefined,
    lossMax: undefined,
  };
}

/** A move that reaches the stops of a grid, early enough that its consequences are seen. */
function joltAgainst(grid: GridParameters, startAt: Millis, index: number, chance: Random): Jolt {
  const sign = grid.direction === "buy" ? -1 : 1;
  const wallMs = 60_000 + index * 40_000 + chance.below(140_000);
  return {
    instrument: grid.instrument,
    at: startAt + wallMs * SPEED,
    size: sign * (0.012 + 0.012 * chance.unit()),
    rampMs: 20_000 + chance.below(240_000),
    fadeMs: 60_000 + chance.below(600_000),
  };
}
