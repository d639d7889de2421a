import type { Instrument, MarginBracket } from "../core/instrument.ts";
import { invariant } from "../core/invariant.ts";
import {
  type Millis,
  ONE,
  portion,
  type Rate,
  rate,
  type Ticks,
  ticks,
  type Value,
  value,
} from "../core/units.ts";

/** The tier that holds a notional: the last one whose floor is at or below it. */
function bracketOf(brackets: readonly MarginBracket[], notional: Value): MarginBracket {
  const first = brackets[0];
  invariant(first !== undefined, "an instrument has at least one margin bracket");
  let found = first;
  for (const bracket of brackets) if (bracket.floor <= notional) found = bracket;
  return found;
}

/**
 * What a position must keep in its purse not to be liquidated, in steps of the settle asset, rounded up.
 * `notional` is without sign. @see Binance FAQ "Leverage and Margin of USDⓈ-M Futures": notional x rate - deduction.
 * Bybit and OKX add the fee to close the position (`closeFee`) to the rate.
 */
export function maintenanceMargin(
  brackets: readonly MarginBracket[],
  notional: Value,
  closeFee: Rate = rate(0),
): Value {
  if (notional === 0) return value(0);
  const bracket = bracketOf(brackets, notional);
  const part = rate(bracket.maintenance + closeFee);
  return value(portion(notional, part, "up") - bracket.deduction);
}

/** One position as the formula sees it: `cost` as `executionCost` signs it, in steps of the settle asset. */
interface Leg {
  readonly lots: number;
  readonly cost: Value;
}

/** What decides a liquidation price. */
export interface LiquidationCase extends Leg {
  readonly instrument: Instrument;
  readonly brackets: readonly MarginBracket[];
  /** Isolated: the position's own wallet without unrealised profit. Cross: the cross wallet. */
  readonly wallet: Value;
  /** Cross: maintenance margin of the account's other instruments. */
  readonly otherMaintenance?: Value;
  /** Cross: unrealised profit of the account's other instruments. */
  readonly otherUnrealized?: Value;
  /** Hedge mode with cross margin: the other leg in the same instrument; both share one price. */
  readonly hedge?: Leg;
  /** Added to the maintenance rate of every leg (Bybit, OKX); nothing when absent. */
  readonly closeFee?: Rate;
  /**
   * Legs against each other can be liquidated on both ways, since maintenance grows with the notional: then the price nearer to
   * this mark counts, or without it the one on the losing side of the larger leg.
   */
  readonly mark?: Ticks;
}

/**
 * The mark price at which the exchange takes a position over, in ticks, rounded towards the mark (the careful
 * way); undefined when no price above zero liquidates it.
 */
export const liquidationPrice = (given: LiquidationCase): Ticks | undefined => toTicks(solve(given));

/** The same price in 1e-8 of the quote asset, to the nearest: what Binance shows with eight decimals. */
export const exactLiquidationPrice = (given: LiquidationCase): Value | undefined =>
  toValue(solve(given), given.instrument);

/** Both, solved once. */
export function liquidationPrices(given: LiquidationCase): {
  readonly liquidation: Ticks | undefined;
  readonly exact: Value | undefined;
} {
  const solved = solve(given);
  return { liquidation: toTicks(solved), exact: toValue(solved, given.instrument) };
}

function toTicks(solved: Solution | undefined): Ticks | undefined {
  if (solved === undefined) return undefined;
  const { numerator, divisor, isBelow } = solved;
  const cut = numerator / divisor;
  const price = isBelow && cut * divisor !== numerator ? cut + 1n : cut;
  return price > 0n && price <= BigInt(Number.MAX_SAFE_INTEGER) ? ticks(Number(price)) : undefined;
}

function toValue(solved: Solution | undefined, { tick }: Instrument): Value | undefined {
  if (solved === undefined) return undefined;
  const { numerator, divisor } = solved;
  const scaled = numerator * BigInt(tick.units) * BigInt(ONE / 10 ** tick.decimals);
  const price = (2n * scaled + divisor) / (2n * divisor);
  return price <= BigInt(Number.MAX_SAFE_INTEGER) ? value(Number(price)) : undefined;
}

/** A price as an exact fraction, both parts above zero; and whether the danger lies below it rather than above. */
interface Solution {
  readonly numerator: bigint;
  readonly divisor: bigint;
  readonly isBelow: boolean;
}

/**
 * Solves equity(P) = maintenance(P) in ticks, exactly, with the tier that holds the notional at P itself.
 * One-way: P = (WB - MM' + UPNL' + cum - side x q x EP) / (q x MMR - side x q); hedge legs add up.
 */
function solve(given: LiquidationCase): Solution | undefined {
  const legs = (given.hedge ? [given, given.hedge] : [given]).filter((leg) => leg.lots !== 0);
  if (legs.length === 0) return undefined;
  let found: Solution | undefined;
  for (const price of solutions(given, legs)) {
    if (legs.length === 1) return price;
    if (found === undefined || isRather(given, legs, price, found)) found = price;
  }
  return found;
}

/** Which of two prices is the one to fear. */
function isRather(given: LiquidationCase, legs: readonly Leg[], one: Solution, other: Solution): boolean {
  const isHigher = one.numerator * other.divisor > other.numerator * one.divisor;
  if (given.mark === undefined) return legs.reduce((sum, leg) => sum + leg.lots, 0) <= 0 === isHigher;
  const mark = BigInt(given.mark);
  const away = ({ numerator, divisor }: Solution): bigint => {
    const distance = numerator - mark * divisor;
    return distance < 0n ? -distance : distance;
  };
  return away(one) * other.divisor < away(other) * one.divisor;
}

/** Every price at which equity is maintenance: one for a single leg, up to two for legs against each other. */
function* solutions(given: LiquidationCase, legs: readonly Leg[]): Generator<Solution, void, void> {
  const wallet = given.wallet - (given.otherMaintenance ?? 0) + (given.otherUnrealized ?? 0);
  const fee = given.closeFee ?? rate(0);
  for (const tiers of choices(given.brackets, legs.length)) {
    const price =
      given.instrument.kind === "inverse"
        ? inversePrice(given.instrument, legs, tiers, wallet, fee)
        : linearPrice(given.instrument, legs, tiers, wallet, fee);
    if (price === undefined) continue;
    const holds = legs.every((leg, at) => {
      const tier = tiers[at];
      return tier !== undefined && isInTier(given, leg, tier, price);
    });
    if (holds) yield price;
  }
}

function* choices(
  brackets: readonly MarginBracket[],
  count: number,
): Generator<readonly MarginBracket[], void, void> {
  for (const first of brackets) {
    if (count === 1) yield [first];
    else for (const second of brackets) yield [first, second];
  }
}

/** (sum of costs - wallet - cums) / sum of unit x (lots - |lots| x MMR), both sides times 1e8. */
function linearPrice(
  instrument: Instrument,
  legs: readonly Leg[],
  tiers: readonly MarginBracket[],
  wallet: number,
  fee: Rate,
): Solution | undefined {
  let money = -BigInt(wallet);
  let slope = 0n;
  legs.forEach((leg, at) => {
    const tier = tiers[at];
    if (tier === undefined) return;
    money += BigInt(leg.cost) - BigInt(tier.deduction);
    slope += BigInt(leg.lots) * BigInt(ONE) - BigInt(Math.abs(leg.lots)) * BigInt(tier.maintenance + fee);
  });
  return positive(money * BigInt(ONE), slope * BigInt(instrument.unit), slope > 0n);
}

/** contract value x (lots + |lots| x MMR) / (wallet - costs + cums), in ticks. */
function inversePrice(
  instrument: Instrument,
  legs: readonly Leg[],
  tiers: readonly MarginBracket[],
  wallet: number,
  fee: Rate,
): Solution | undefined {
  let money = BigInt(wallet);
  let slope = 0n;
  legs.forEach((leg, at) => {
    const tier = tiers[at];
    if (tier === undefined) return;
    money += BigInt(tier.deduction) - BigInt(leg.cost);
    slope += BigInt(leg.lots) * BigInt(ONE) + BigInt(Math.abs(leg.lots)) * BigInt(tier.maintenance + fee);
  });
  const { tick, unit } = instrument;
  return positive(
    slope * BigInt(unit) * 10n ** BigInt(tick.decimals),
    money * BigInt(ONE) * BigInt(tick.units),
    slope > 0n,
  );
}

function positive(numerator: bigint, divisor: bigint, isBelow: boolean): Solution | undefined {
  if (divisor === 0n || numerator === 0n || numerator < 0n !== divisor < 0n) return undefined;
  const sign = divisor < 0n ? -1n : 1n;
  return { numerator: sign * numerator, divisor: sign * divisor, isBelow };
}

function isInTier(given: LiquidationCase, leg: Leg, tier: MarginBracket, price: Solution): boolean {
  const { instrument, brackets } = given;
  const { numerator: top, divisor: bottom } = price;
  const size = BigInt(Math.abs(leg.lots)) * BigInt(instrument.unit);
  // The notional at P is worth / scale, in steps of the settle asset.
  const isInverse = instrument.kind === "inverse";
  const worth = isInverse ? size * 10n ** BigInt(instrument.tick.decimals) * bottom : size * top;
  const scale = isInverse ? BigInt(instrument.tick.units) * top : bottom;
  const isLast = tier === brackets[brackets.length - 1];
  return worth >= BigInt(tier.floor) * scale && (isLast || worth < BigInt(tier.cap) * scale);
}

/** How near a position is to liquidation, mildest first (S3-138 to S3-142, X47). */
export type LiquidationLevel = "LOW" | "MEDIUM" | "HIGH" | "EXTREME" | "CRITICAL";

/** |mark - liquidation| / mark as a whole number of 1e-8, rounded down (towards danger). */
export function liquidationDistance(mark: Ticks, liquidation: Ticks): number {
  invariant(mark > 0, "a mark price is above zero");
  return Math.floor((Math.abs(mark - liquidation) / mark) * ONE);
}

/**
 * What is known of a position's danger. `liquidation`: a price, "none" when the formula says that no price
 * liquidates, undefined when it could not be computed. `marginRatio`: maintenance / equity in 1e-8.
 */
export interface DangerReading {
  readonly mark: Ticks | undefined;
  readonly liquidation: Ticks | "none" | undefined;
  readonly marginRatio?: number;
  readonly isLiquidationSeen?: boolean;
}

const POINT = ONE / 100;
const LEVELS: readonly LiquidationLevel[] = ["LOW", "MEDIUM", "HIGH", "EXTREME", "CRITICAL"];
const rank = (level: LiquidationLevel): number => LEVELS.indexOf(level);

/** The level by S3 and X47; what is missing counts as HIGH, never as safe. */
export const levelOf = (reading: DangerReading): LiquidationLevel => levelBy(reading, 0);

function levelBy(reading: DangerReading, margin: number): LiquidationLevel {
  const { mark, liquidation, marginRatio } = reading;
  if (reading.isLiquidationSeen || (marginRatio !== undefined && marginRatio >= ONE)) return "CRITICAL";
  if (liquidation === "none") return "LOW";
  if (mark === undefined || liquidation === undefined || mark <= 0) return "HIGH";
  const distance = liquidationDistance(mark, liquidation);
  if (distance < 5 * POINT + margin) return "EXTREME";
  if (distance < 10 * POINT + margin) return "HIGH";
  return distance <= 20 * POINT + margin ? "MEDIUM" : "LOW";
}

/** Milliseconds of market time for which a better reading must last before the level falls. */
const LEVEL_FALL_MS = 60_000;

/**
 * A level that rises at once and falls only after the distance was a percentage point better than the level's
 * threshold for 60 s of market time, so that an alert does not flicker.
 */
export class LevelWatch {
  #level: LiquidationLevel = "LOW";
  #calmSince: Millis | undefined;
  #worstSinceCalm: LiquidationLevel = "LOW";

  /** The level after the last reading. */
  get level(): LiquidationLevel {
    return this.#level;
  }

  /** Takes a reading at market time `at`; returns the level that now holds. */
  read(reading: DangerReading, at: Millis): LiquidationLevel {
    const seen = levelOf(reading);
    const settled = levelBy(reading, POINT);
    if (rank(seen) > rank(this.#level)) this.#level = seen;
    if (rank(settled) >= rank(this.#level)) {
      this.#calmSince = undefined;
      return this.#level;
    }
    if (this.#calmSince === undefined) {
      this.#calmSince = at;
      this.#worstSinceCalm = settled;
    }
    if (rank(settled) > rank(this.#worstSinceCalm)) this.#worstSinceCalm = settled;
    if (at - this.#calmSince >= LEVEL_FALL_MS) {
      this.#level = this.#worstSinceCalm;
      this.#calmSince = undefined;
    }
    return this.#level;
  }
}
