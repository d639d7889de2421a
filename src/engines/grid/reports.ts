import type { EngineView } from "../../core/engine.ts";
import type { OrderReportEvent } from "../../core/event.ts";
import type { Intent } from "../../core/intent.ts";
import type { OrderRecord, Role } from "../../core/order.ts";
import { takenAway } from "./alerts.ts";
import type { GridParameters } from "./parameters.ts";
import { type Rung, startClosing, sums } from "./rung.ts";
import { forgetRefusals } from "./settle.ts";
import { stopFired } from "./stop-watch.ts";

/** Wall time before a take profit that the exchange ended is placed again; doubled with every further one. */
const QUIET_MS = 2_000;
const QUIET_MAX_MS = 60_000;
/**
 * Wall time before another order follows one that came to nothing: the book is empty, a price band holds it back, or the exchange
 * refuses it or ends it by itself. Each of these may be so for long.
 */
const NOBODY_MS = 500;

/** An order of a rung, or its hedge, came to nothing: the next one that does the same waits a moment. */
export function pause(rung: Rung, role: Role, { wallAt }: EngineView): void {
  const until = wallAt + NOBODY_MS;
  if (role === "close" && rung.closing !== undefined)
    rung.closing.quietUntilWall = Math.max(rung.closing.quietUntilWall, until);
  else if (role !== "stop" && role !== "entry") rung.quietUntilWall = Math.max(rung.quietUntilWall, until);
}

/** What an execution of one of its orders means for a rung, or its hedge. */
export function ofFill({ facts: { role }, state }: OrderRecord, rung: Rung): void {
  forgetRefusals(rung);
  // Its stop was told to have ended in part before this, the last of its executions, came.
  if (role === "stop" && state === "expired") startClosing(rung, "stopRefused");
}

/** What a report of one order means for its rung, or its hedge, besides the order's state. */
export function ofReport(
  { status, at }: OrderReportEvent,
  { facts: { role }, wasTaken, filled, cancelAskedWallAt }: OrderRecord,
  rung: Rung,
  parameters: GridParameters,
  view: EngineView,
): readonly Intent[] {
  if (role === "stop" && status === "triggered") stopFired(rung, at);
  if (role === "stop" && (status === "rejected" || status === "expired")) startClosing(rung, "stopRefused");
  // While a stop is missing only its own acceptance counts: until then no entry may add to what it should cover (I3).
  const isExit = role === "stop" || (role === "takeProfit" && rung.unprotectedSinceWall === undefined);
  if (isExit && status === "open") forgetRefusals(rung);
  // Knocked out by another reducer, or it would have flipped: no person wants it gone, but not at once again.
  const isClose = role === "takeProfit" || role === "ladder";
  if (isClose && status === "expired") {
    rung.quietUntilWall = view.wallAt + Math.min(QUIET_MAX_MS, QUIET_MS * 2 ** rung.expiries);
    rung.expiries += 1;
  }
  const isEndedByOthers = status === "canceled" && cancelAskedWallAt === undefined && !isClose;
  const isEnded = status === "expired" || status === "rejected" || isEndedByOthers;
  if (isEnded && filled === 0) pause(rung, role, view);
  if (status !== "canceled" || !wasTaken || sums(rung).held <= 0) return [];
  if (role !== "stop" && !isClose) return [];
  const kind = isClose ? "takeProfit" : "stop";
  rung.taken[kind] += 1;
  return [takenAway(rung, kind, parameters)];
}
