import type { EngineView } from "../../core/engine.ts";
import type { Intent } from "../../core/intent.ts";
import { isLive, type OrderRecord } from "../../core/order.ts";
import { type Lots, lots, millis, mulDiv, ONE, signOf, type Ticks, ticks } from "../../core/units.ts";
import { cancelAll, cancelExcess, cancels, entryPrice, exit, takeProfitPrice } from "./exits.ts";
import type { GridParameters } from "./parameters.ts";
import { liveOf, type Rung, type RungSums } from "./rung.ts";

/** How far from the present price a ladder's slices rest, towards the exit: 1.5, 3 and 4.5 % (X33). */
const LEVELS = [1_500_000, 3_000_000, 4_500_000] as const;
const SLICES = LEVELS.length;
/** Slice numbers in a client id. A slice's level is its number modulo the number of levels. */
const NUMBERS = 36;

/** One order of a ladder. */
export interface LadderSlice {
  readonly level: number;
  readonly price: Ticks;
  readonly lots: Lots;
}

/**
 * Prices of a ladder's levels from the present price: on whole ticks, rounded in our favour, and never beyond the
 * original take profit.
 */
export function ladderPrices(from: Ticks, takeProfit: Ticks, parameters: GridParameters): readonly Ticks[] {
  const sign = signOf(parameters.direction);
  return LEVELS.map((part) => {
    const price = mulDiv(from, ONE + sign * part, ONE, sign > 0 ? "up" : "down");
    return ticks(sign > 0 ? Math.min(price, takeProfit) : Math.max(price, takeProfit));
  });
}

/**
 * Thirds of a size, on whole size steps with the rest on the last one. Where a third is less than may be ordered there
 * are fewer slices, on the nearest levels; slices of one price are one. All in lots.
 */
export function ladderSlices(
  prices: readonly Ticks[],
  size: Lots,
  { step, least }: { readonly step: number; readonly least: Lots },
): readonly LadderSlice[] {
  const whole = Math.floor(size / step) * step;
  const count = Math.min(prices.length, Math.floor(whole / Math.max(least, step)));
  if (count === 0) return [];
  const part = Math.max(least, Math.floor(whole / count / step) * step);
  const slices: LadderSlice[] = [];
  for (let level = 0; level < count; level += 1) {
    const price = prices[level];
    if (price === undefined) break;
    const mine = level === count - 1 ? whole - part * level : part;
    const before = slices.at(-1);
    if (before?.price === price) slices[slices.length - 1] = { ...before, lots: lots(before.lots + mine) };
    else slices.push({ level, price, lots: lots(mine) });
  }
  return slices;
}

/**
 * Finds a ladder of an earlier life again: whoever has slices that live wants a ladder at their prices. When it was laid,
 * and how often, follows from the slices of the cycle too.
 */
export function recallLadder(rung: Rung, parameters: GridParameters): void {
  const { recovery } = rung;
  if (recovery.ladder !== undefined || recovery.isDropped) return;
  let isAny = false;
  for (const { facts } of rung.orders) if (facts.role === "ladder") isAny = true;
  if (!isAny) return;
  const slices = rung.orders.filter(({ facts }) => facts.role === "ladder");
  const laidAt = Math.min(...slices.map(({ createdAt }) => createdAt));
  recovery.stuckSince ??= millis(laidAt);
  recovery.laidAt ??= millis(Math.max(...slices.map(({ createdAt }) => createdAt)));
  const rounds = slices.map(({ facts }) => 1 + Math.floor(facts.slice / SLICES));
  recovery.attempts = Math.max(recovery.attempts, ...rounds);
  const live = slices.filter(({ state, facts }) => isLive(state) && facts.price !== undefined);
  const [first] = live;
  if (first?.facts.price === undefined) return;
  const sign = signOf(parameters.direction);
  const part = LEVELS[first.facts.slice % SLICES] ?? 0;
  const from = ticks(mulDiv(first.facts.price, ONE, ONE + sign * part, "nearest"));
  const prices = [...ladderPrices(from, takeProfitPrice(entryPrice(rung), parameters), parameters)];
  for (const { facts } of live) prices[facts.slice % SLICES] = facts.price ?? ticks(1);
  recovery.ladder = prices;
}

/** A ladder from the present price takes the take profit's place; slices of an older one go first. */
export function layLadder(rung: Rung, from: Ticks, parameters: GridParameters, view: EngineView): void {
  const { recovery } = rung;
  for (const { facts } of liveOf(rung, "ladder")) recovery.retired.add(facts.clientId);
  recovery.ladder = ladderPrices(from, takeProfitPrice(entryPrice(rung), parameters), parameters);
  recovery.isDropped = false;
  recovery.isWhole = false;
  recovery.laidAt = view.at;
  recovery.attempts += 1;
}

/** Makes the slices that rest equal to what is held (I4): what is in their way is cancelled, and confirmed, first. */
export function keepLadder(
  rung: Rung,
  sum: RungSums,
  prices: readonly Ticks[],
  isQuiet: boolean,
  parameters: GridParameters,
  view: EngineView,
): Intent[] {
  if (!view.isConfirmed) return [];
  const live = liveOf(rung, "ladder");
  const { retired } = rung.recovery;
  const inTheWay = live.filter(({ facts }) => retired.has(facts.clientId));
  if (inTheWay.length > 0 || liveOf(rung, "takeProfit").length > 0)
    return [
      ...cancels(inTheWay, "the ladder is laid anew"),
      ...cancelAll(rung, "takeProfit", "a ladder takes its place"),
    ];
  const missing = lots(sum.held - sum.takeProfitOpen);
  if (missing < 0) return cancelExcess(live, -missing);
  if (missing === 0 || isQuiet) return [];
  const sizes = view.sizes(parameters.instrument);
  const slices = besides(live, prices, missing, sizes);
  return slices.map(({ level, price, lots: size }) =>
    exit(rung, { role: "ladder", lots: size, price, slice: numberOf(rung, level) }, parameters, view),
  );
}

/** Whether all that is held, dust aside, rests in slices that the exchange has acknowledged (X34). */
export function isLadderWhole(rung: Rung, sum: RungSums, least: Lots): boolean {
  let resting = 0;
  for (const { facts, state, filled } of rung.orders)
    if (facts.role === "ladder" && state === "resting") resting += facts.lots - filled;
  return sum.held - resting < least;
}

/** What is missing beside slices that live: on the levels that have none, as the ladder would lay it; else on the last. */
function besides(
  live: readonly OrderRecord[],
  prices: readonly Ticks[],
  missing: Lots,
  sizes: { readonly step: number; readonly least: Lots },
): readonly LadderSlice[] {
  const taken = new Set(live.map(({ facts }) => facts.slice % SLICES));
  const free = prices.flatMap((price, level) => (taken.has(level) ? [] : [{ price, level }]));
  const levels = free.length > 0 ? free : [{ price: prices[SLICES - 1] ?? ticks(1), level: SLICES - 1 }];
  const slices = ladderSlices(
    levels.map(({ price }) => price),
    missing,
    sizes,
  );
  return slices.map((slice) => ({ ...slice, level: levels[slice.level]?.level ?? SLICES - 1 }));
}

/** The next number of a level in this cycle; one that a live slice bears is passed over (I1). */
function numberOf(rung: Rung, level: number): number {
  const used = new Map<number, boolean>();
  for (const { facts, state } of rung.orders)
    if (facts.role === "ladder") used.set(facts.slice, used.get(facts.slice) === true || isLive(state));
  for (let number = level; number < NUMBERS; number += SLICES) if (!used.has(number)) return number;
  for (let number = level; number < NUMBERS; number += SLICES) if (used.get(number) === false) return number;
  return level;
}
