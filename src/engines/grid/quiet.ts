import type { EngineView } from "../../core/engine.ts";
import { isLive } from "../../core/order.ts";
import { ANY_QUOTE, bothQuiet, type Quiet } from "../../core/quiet.ts";
import type { Ticks, Value } from "../../core/units.ts";
import { wakeFor } from "./checks.ts";
import { hasStops, quietLoss } from "./loss-limit.ts";
import type { GridParameters } from "./parameters.ts";
import { quietLimit } from "./price-limits.ts";
import { isNear, nearRange } from "./recovery.ts";
import { type Rung, type RungSums, sums } from "./rung.ts";
import { watchedTrigger } from "./stop-watch.ts";

/**
 * Which quotes, and which wakes meanwhile, change nothing on any rung and end nothing: no stop is seen as passed, no limit
 * of price or loss is reached, and no look at whole five minutes finds or leaves a stuck position. Undefined: something is
 * under way that time alone may move.
 */
export function quietRungs(
  rungs: Iterable<Rung>,
  parameters: GridParameters,
  hedgesMade: Value,
  view: EngineView,
): Quiet | undefined {
  const mark = view.mark(parameters.instrument);
  if (mark === undefined || !view.isConfirmed || !view.mayProtect) return undefined;
  let { markFrom, markTo, until } = ANY_QUOTE;
  for (const rung of rungs) {
    const sum = sums(rung);
    if (rung.stopSeenAt !== undefined || !isAtRest(rung, sum, parameters)) return undefined;
    const trigger = watchedTrigger(rung);
    if (trigger !== undefined && parameters.direction === "buy") markFrom = Math.max(markFrom, trigger + 1);
    else if (trigger !== undefined) markTo = Math.min(markTo, trigger - 1);
    if (sum.held <= 0) continue;
    const close = nearClose(rung, mark);
    if (close === undefined || rung.recovery.stuckSince !== undefined)
      until = Math.min(until, lookAt(rung, sum, parameters, view));
    else {
      const near = nearRange(close);
      markFrom = Math.max(markFrom, near.from);
      markTo = Math.min(markTo, near.to);
    }
  }
  const ofRungs = { ...ANY_QUOTE, markFrom, markTo, until };
  // Who halted holds nothing, and ends nothing again.
  if (view.isHalted) return ofRungs;
  const [stop, loss] = [quietLimit("stop", parameters, view), quietLoss(parameters, hedgesMade, view)];
  return stop && loss && bothQuiet(ofRungs, bothQuiet(stop, loss));
}

/** Whether a rung has just what it should have, so that no time that goes by makes `settle` want anything. */
function isAtRest(rung: Rung, sum: RungSums, parameters: GridParameters): boolean {
  const { recovery } = rung;
  // Of a hedge, or one that is wanted, two legs and the tries and their times decide.
  if (rung.leg !== undefined || recovery.hedge !== undefined) return false;
  if (rung.closing !== undefined || rung.unprotectedSinceWall !== undefined) return false;
  if (rung.refusals > 0 && !rung.isTroubleTold) return false;
  const { held, entryOpen, takeProfitOpen, stopOpen, stopArmed, closeOpen } = sum;
  if (closeOpen > 0) return false;
  if (held <= 0) return entryOpen > 0 && takeProfitOpen + stopOpen === 0 && recovery.stuckSince === undefined;
  if (stopOpen !== stopArmed || stopArmed !== (hasStops(parameters) ? held : 0)) return false;
  return takeProfitOpen === held && hasOneKind(rung);
}

/** Its closes are of the kind that it wants: a whole ladder and nothing else, or no slice at all. */
function hasOneKind({ orders, recovery }: Rung): boolean {
  const isLadder = recovery.ladder !== undefined;
  if (isLadder && !recovery.isWhole) return false;
  for (const { facts, state } of orders) {
    const isSlice = facts.role === "ladder";
    if (isSlice && !isLadder && !recovery.isDropped) return false;
    if (!isLive(state) || (!isSlice && facts.role !== "takeProfit")) continue;
    if (isSlice !== isLadder || recovery.retired.has(facts.clientId)) return false;
  }
  return true;
}

/** The price of a close that keeps a rung from being stuck at a mark price; undefined: none does. */
function nearClose({ orders }: Rung, mark: Ticks): Ticks | undefined {
  for (const { facts, state } of orders) {
    const { role, price } = facts;
    if ((role !== "takeProfit" && role !== "ladder") || !isLive(state) || price === undefined) continue;
    if (isNear(price, mark)) return price;
  }
  return undefined;
}

/** When the rung may be found stuck, or be looked at again, at the earliest. */
function lookAt(
  { recovery }: Rung,
  { openedAt }: RungSums,
  { stuckAfterMs }: GridParameters,
  view: EngineView,
): number {
  const next = wakeFor("health", view.at).at;
  return recovery.stuckSince === undefined ? Math.max(next, (openedAt ?? 0) + stuckAfterMs) : next;
}
