import type { FixedId } from "../../core/event.ts";
import {
  type CloseCause,
  executingLots,
  isLive,
  isOpening,
  isPairStop,
  type OrderRecord,
  openLots,
  PAIR_SLICE,
  type Role,
} from "../../core/order.ts";
import { type Lots, lots, type Millis, type Ticks, type Value, value } from "../../core/units.ts";
import { nothingTold, type Told, tellAlso } from "./told.ts";

/** A close that is under way: at the market, instead of waiting for the take profit. */
export interface Closing {
  readonly cause: CloseCause;
  /** What the rung keeps; all above it is closed. */
  readonly keep: Lots;
  /** For a proposal: its orders' ids follow from it, slice by slice. */
  readonly fixed: FixedId | undefined;
  /** Who asked for it, for the trade log. */
  readonly by: string | undefined;
  fixedSlices: number;
  /** The exchange refused it as not reducing: other reducers are in its way and go first. */
  isRefused: boolean;
  /** Wall time before which it is not tried again: the account is being read. */
  quietUntilWall: number;
  /** No slice is larger than what the best price shows, and each waits for fresh news of the market (`isDue`). */
  readonly isPaced: boolean;
  isDue: boolean;
}

/** A close that begins. */
export const newClosing = (
  cause: CloseCause,
  keep = 0,
  fixed?: FixedId,
  isPaced = false,
  by?: string,
): Closing => ({
  cause,
  keep: lots(keep),
  fixed,
  by,
  fixedSlices: 0,
  isRefused: false,
  quietUntilWall: 0,
  isPaced,
  isDue: true,
});

/**
 * How a rung that is stuck gets out (seed S1, tier 3). After a restart `ladder`, `stuckSince`, `laidAt` and `attempts` follow
 * from the slices of the cycle (see `recallLadder`); a rung without any is marked anew by the next check. The rest only
 * counts what was tried and told in this life.
 */
export interface Recovery {
  /** Market time at which it was first found stuck. */
  stuckSince: Millis | undefined;
  /** Recoveries that were begun in this cycle. */
  attempts: number;
  /** Prices of the levels of the ladder that is wanted; undefined: none, the take profit is. */
  ladder: readonly Ticks[] | undefined;
  laidAt: Millis | undefined;
  /** Its slices have rested for all that is held. */
  isWhole: boolean;
  /** Client ids of slices that a newer ladder replaces. */
  readonly retired: Set<string>;
  /** A ladder failed in this life, or gave way, or the story is over: slices that live are taken back. */
  isDropped: boolean;
  /** Ladders that failed in a row. */
  failures: number;
  /** Market time at which people were last asked. */
  askedAt: Millis | undefined;
  /** A person said yes to a hedge; `unwanted`: it is taken back, the ladder takes its place. */
  hedge: "wanted" | "unwanted" | undefined;
  /** People were told that the hedge stands. */
  isHedgeTold: boolean;
  /** Who chose the way, where a person did. */
  by: string | undefined;
  /** The rung is of an earlier life: the trade log may have it as stuck, and is told how that ends. */
  isFound: boolean;
}

/** A rung that is not stuck. */
export const newRecovery = (): Recovery => ({
  stuckSince: undefined,
  attempts: 0,
  ladder: undefined,
  laidAt: undefined,
  isWhole: false,
  retired: new Set(),
  isDropped: false,
  failures: 0,
  askedAt: undefined,
  hedge: undefined,
  isHedgeTold: false,
  by: undefined,
  isFound: false,
});

/** One lattice index with the orders of its present cycle. All else is derived from the orders. */
export interface Rung {
  readonly index: number;
  readonly orders: OrderRecord[];
  closing: Closing | undefined;
  /** Wall time at which held lots were first without an acknowledged stop (I3). */
  unprotectedSinceWall: Millis | undefined;
  /** Refused exits in a row; a few are the race with a fill, many are trouble. */
  refusals: number;
  /** People were told of this trouble. */
  isTroubleTold: boolean;
  /** Exits that somebody else cancelled in this cycle: placed again once, then a person is asked. */
  readonly taken: { stop: number; takeProfit: number };
  /** Take profits that the exchange itself ended, and the wall time until which none is placed again. */
  expiries: number;
  quietUntilWall: number;
  /** People were told that what it holds is too small to be traded. */
  isDustTold: boolean;
  /** What the trade log has of it already. */
  readonly told: Told;
  /** Market time at which the price was first seen beyond its stop. */
  stopSeenAt: Millis | undefined;
  /** Lots that a liquidation or deleveraging took from it. */
  lost: Lots;
  recovery: Recovery;
  /** The other leg of a hedged pair: its orders in the opposite book, for as long as this cycle. */
  leg: Rung | undefined;
  /** Of such a leg: the least that can be traded, when it was last looked at. What holds less is no leg any more. */
  least: Lots;
}

/** A rung whose cycle begins. */
export const newRung = (index: number): Rung => ({
  index,
  orders: [],
  closing: undefined,
  unprotectedSinceWall: undefined,
  refusals: 0,
  isTroubleTold: false,
  taken: { stop: 0, takeProfit: 0 },
  expiries: 0,
  quietUntilWall: 0,
  isDustTold: false,
  told: nothingTold(),
  stopSeenAt: undefined,
  lost: lots(0),
  recovery: newRecovery(),
  leg: undefined,
  least: lots(0),
});

/** Closes what a rung holds at the market, unless it is being closed already. */
export function startClosing(rung: Rung, cause: CloseCause): void {
  if (sums(rung).held > 0) rung.closing ??= newClosing(cause);
}

/** Takes an earlier cycle of the same rung back into the present one. */
export function absorb(rung: Rung, past: Rung): void {
  rung.orders.unshift(...past.orders);
  tellAlso(rung.told, past.told);
  rung.lost = lots(rung.lost + past.lost);
  rung.closing ??= past.closing;
  rung.leg ??= past.leg;
  if (rung.recovery.stuckSince === undefined) rung.recovery = past.recovery;
}

/** What a rung's orders add up to. Lots are positive. */
export interface RungSums {
  readonly held: Lots;
  readonly entryFilled: Lots;
  readonly entryCost: Value;
  readonly exitFilled: Lots;
  readonly exitCost: Value;
  readonly fees: Value;
  readonly openedAt: Millis | undefined;
  /** Lots that live entries may still add. */
  readonly entryOpen: Lots;
  readonly takeProfitOpen: Lots;
  /** Live stops, and triggered ones whose order is still executing. */
  readonly stopOpen: Lots;
  /** Stops that the exchange has acknowledged. */
  readonly stopArmed: Lots;
  /** Of both, those of a hedged pair. */
  readonly pairStopOpen: Lots;
  readonly pairStopArmed: Lots;
  readonly closeOpen: Lots;
  readonly isAnyLive: boolean;
}

/** Adds up a rung. */
export function sums(rung: Rung): RungSums {
  let entryFilled = 0;
  let entryCost = 0;
  let exitFilled = 0;
  let exitCost = 0;
  let fees = 0;
  let openedAt: Millis | undefined;
  let entryOpen = 0;
  let takeProfitOpen = 0;
  let stopOpen = 0;
  let stopArmed = 0;
  let pairStopOpen = 0;
  let pairStopArmed = 0;
  let closeOpen = 0;
  let isAnyLive = false;
  for (const order of rung.orders) {
    const open = openLots(order);
    if (isLive(order.state)) isAnyLive = true;
    fees += order.fees;
    if (isOpening(order.facts)) {
      entryFilled += order.filled;
      entryCost += order.cost;
      entryOpen += open;
      if (order.firstFillAt !== undefined && (openedAt === undefined || order.firstFillAt < openedAt)) {
        openedAt = order.firstFillAt;
      }
      continue;
    }
    exitFilled += order.filled;
    exitCost += order.cost;
    if (order.facts.role === "takeProfit" || order.facts.role === "ladder") takeProfitOpen += open;
    else if (order.facts.role === "stop") {
      const executing = executingLots(order);
      const isArmed = order.state === "resting" || executing > 0;
      stopOpen += open + executing;
      if (isArmed) stopArmed += open + executing;
      if (isPairStop(order.facts)) {
        pairStopOpen += open + executing;
        if (isArmed) pairStopArmed += open + executing;
      }
      if (executing > 0) isAnyLive = true;
    } else closeOpen += open;
  }
  const held = entryFilled - exitFilled - rung.lost;
  return {
    held: lots(held),
    entryFilled: lots(entryFilled),
    entryCost: value(entryCost),
    exitFilled: lots(exitFilled),
    exitCost: value(exitCost),
    fees: value(fees),
    openedAt,
    entryOpen: lots(entryOpen),
    takeProfitOpen: lots(takeProfitOpen),
    stopOpen: lots(stopOpen),
    stopArmed: lots(stopArmed),
    pairStopOpen: lots(pairStopOpen),
    pairStopArmed: lots(pairStopArmed),
    closeOpen: lots(closeOpen),
    isAnyLive,
  };
}

/** When the first order of a cycle was made. */
export const startOf = ({ orders }: Rung): number => Math.min(...orders.map(({ createdAt }) => createdAt));

/** What a rung is doing, in the words people see. */
export type RungStatus = "opening" | "holding" | "closing" | "done";

/** Derives a rung's status; `done` means that the cycle is over and the rung is idle again. */
export function statusOf(rung: Rung, sum: RungSums): RungStatus {
  if (sum.held > 0) return rung.closing === undefined ? "holding" : "closing";
  if (sum.entryOpen > 0) return "opening";
  return sum.isAnyLive || isLegOpen(rung) ? "closing" : "done";
}

/** Whether the other leg of a rung's pair holds something, or something of it lives. */
export const isLegOpen = ({ leg }: Rung): boolean => leg !== undefined && isUnfinished(leg);

/** Whether something of a leg is held, a rest too small to be traded aside, or lives. */
export function isUnfinished(leg: Rung): boolean {
  const { held, isAnyLive } = sums(leg);
  return isAnyLive || isLegHeld(leg, held);
}

/** Whether what a leg holds is more than a rest too small to be traded. */
export const isLegHeld = (leg: Rung, held: Lots): boolean => held > 0 && held >= leg.least;

/** A rung as plain data, for the state hash: its orders, and what it keeps in mind beside them. */
export const canonicalRung = (rung: Rung, status: RungStatus): unknown => [
  rung.index,
  status,
  rung.orders.map(({ facts, state, filled }) => [facts.clientId, state, filled]),
  rung.lost,
  rung.closing === undefined
    ? null
    : [
        rung.closing.cause,
        rung.closing.keep,
        rung.closing.isRefused,
        rung.closing.isPaced,
        rung.closing.isDue,
      ],
  [rung.taken.stop, rung.taken.takeProfit, rung.expiries, rung.refusals],
  rung.recovery.stuckSince === undefined && rung.recovery.ladder === undefined
    ? null
    : { ...rung.recovery, retired: [...rung.recovery.retired].sort() },
  ...(rung.leg === undefined ? [] : [canonicalLeg(rung.leg)]),
];

const canonicalLeg = (leg: Rung): unknown => canonicalRung(leg, statusOf(leg, sums(leg)));

/** Whether a rung waits with less than can be traded: the next entry on it takes that along. */
export function isDust(rung: Rung, least: Lots): boolean {
  if (isLegOpen(rung)) return false;
  // Nearly always something lives: no need to add up.
  for (const { state } of rung.orders) if (isLive(state)) return false;
  const sum = sums(rung);
  return sum.held > 0 && sum.held < least && !sum.isAnyLive;
}

/** Whether a rung waits for a close that rests: its take profit, or a slice of a ladder. */
export function isWaiting(rung: Rung): boolean {
  for (const { facts, state } of rung.orders) {
    if ((facts.role === "takeProfit" || facts.role === "ladder") && isLive(state)) return true;
  }
  return false;
}

/** Whether the exchange refused a stop of a rung when it fired, or left a rest of it, and what is held lacks a stop since. */
export function isStopEnded(rung: Rung): boolean {
  const hasEnded = rung.orders.some(
    ({ facts, state }) => facts.role === "stop" && (state === "rejected" || state === "expired"),
  );
  if (!hasEnded) return false;
  const { held, stopOpen } = sums(rung);
  return held > stopOpen;
}

/** Live orders of one role, oldest first. */
export const liveOf = (rung: Rung, role: Role): readonly OrderRecord[] =>
  rung.orders.filter((order) => order.facts.role === role && isLive(order.state));

/**
 * The next slice number of a role within the cycle. After a restart orders that ended unfilled may be missing from the
 * count: a number that a live order bears is passed over, or it would be taken for the same intent (I1).
 */
export function nextSlice(rung: Rung, role: Role, isPair = false): number {
  const ofRole = rung.orders.filter(({ facts }) => facts.role === role && isPairStop(facts) === isPair);
  const live = new Set(ofRole.filter(({ state }) => isLive(state)).map(({ facts }) => facts.slice));
  // Stops have half of the numbers each: a rung's own, and those of its hedged pair.
  const first = isPair ? PAIR_SLICE : 0;
  const count = role === "stop" ? PAIR_SLICE : 36;
  let number = ofRole.length % count;
  for (let tries = 0; live.has(first + number) && tries < count; tries += 1) number = (number + 1) % count;
  return first + number;
}
