import type { FixedId } from "../../core/event.ts";
import { isLive, type OrderRecord, openLots, type Role } from "../../core/order.ts";
import { type Lots, lots, type Millis, type Value, value } from "../../core/units.ts";
import { nothingTold, type Told, tellAlso } from "./told.ts";

/** Why a rung is being closed at the market instead of waiting for its take profit. */
export type ClosingCause = "asked" | "stopRefused" | "stopLate" | "beyondStop";

/** A close that is under way. */
export interface Closing {
  readonly cause: ClosingCause;
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
}

/** A close that begins. */
export const newClosing = (cause: ClosingCause, keep = 0, fixed?: FixedId, by?: string): Closing => ({
  cause,
  keep: lots(keep),
  fixed,
  by,
  fixedSlices: 0,
  isRefused: false,
  quietUntilWall: 0,
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
}

/** A rung whose cycle begins. */
export const newRung = (index: number): Rung => ({
  index,
  orders: [],
  closing: undefined,
  unprotectedSinceWall: undefined,
  refusals: 0,
  taken: { stop: 0, takeProfit: 0 },
  expiries: 0,
  quietUntilWall: 0,
  isDustTold: false,
  told: nothingTold(),
  stopSeenAt: undefined,
  lost: lots(0),
});

/** Takes an earlier cycle of the same rung back into the present one. */
export function absorb(rung: Rung, past: Rung): void {
  rung.orders.unshift(...past.orders);
  tellAlso(rung.told, past.told);
  rung.lost = lots(rung.lost + past.lost);
  rung.closing ??= past.closing;
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
  let closeOpen = 0;
  let isAnyLive = false;
  for (const order of rung.orders) {
    const open = openLots(order);
    if (isLive(order.state)) isAnyLive = true;
    fees += order.fees;
    if (order.facts.role === "entry") {
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
      const executing = order.state === "triggered" ? order.facts.lots - order.filled : 0;
      stopOpen += open + executing;
      if (order.state === "resting" || executing > 0) stopArmed += open + executing;
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
    closeOpen: lots(closeOpen),
    isAnyLive,
  };
}

/** What a rung is doing, in the words people see. */
export type RungStatus = "opening" | "holding" | "closing" | "done";

/** Derives a rung's status; `done` means that the cycle is over and the rung is idle again. */
export function statusOf(rung: Rung, sum: RungSums): RungStatus {
  if (sum.held > 0) return rung.closing === undefined ? "holding" : "closing";
  if (sum.entryOpen > 0) return "opening";
  return sum.isAnyLive ? "closing" : "done";
}

/** Whether a rung waits with less than can be traded: the next entry on it takes that along. */
export function isDust(rung: Rung, least: Lots): boolean {
  const sum = sums(rung);
  return sum.held > 0 && sum.held < least && !sum.isAnyLive;
}

/** Live orders of one role, oldest first. */
export const liveOf = (rung: Rung, role: Role): readonly OrderRecord[] =>
  rung.orders.filter((order) => order.facts.role === role && isLive(order.state));

/**
 * The next slice number of a role within the cycle. After a restart orders that ended unfilled may be missing from the
 * count: a number that a live order bears is passed over, or it would be taken for the same intent (I1).
 */
export function nextSlice(rung: Rung, role: Role): number {
  const ofRole = rung.orders.filter((order) => order.facts.role === role);
  const live = new Set(ofRole.filter(({ state }) => isLive(state)).map(({ facts }) => facts.slice));
  let slice = ofRole.length % 36;
  for (let tries = 0; live.has(slice) && tries < 36; tries += 1) slice = (slice + 1) % 36;
  return slice;
}
