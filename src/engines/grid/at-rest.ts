import type { EngineView } from "../../core/engine.ts";
import { isLive, isPairStop } from "../../core/order.ts";
import { hasStops } from "./loss-limit.ts";
import type { GridParameters } from "./parameters.ts";
import type { Rung } from "./rung.ts";
import type { TradeLines } from "./trade-lines.ts";

/**
 * The rungs for which `settle` may have something to do or to tell. With every timer all rungs are settled, and nearly all of them
 * hold what they should, with a take profit and a stop that rest for it: to see that takes a tenth of settling them.
 * What others took and was told may get another price for any rung; a close that is refused wants all take profits out of its way.
 */
export function restless(
  rungs: ReadonlyMap<number, Rung>,
  parameters: GridParameters,
  { isTakenTold }: Pick<TradeLines, "isTakenTold">,
  view: EngineView,
): readonly Rung[] {
  const all = [...rungs.values()];
  if (isTakenTold || view.isHalted || all.some(({ closing }) => closing?.isRefused === true)) return all;
  const isStopped = hasStops(parameters);
  return all.filter((rung) => !isAtRest(rung, isStopped));
}

/** Its entries alone were executed, and one kind of each exit rests for all that it holds; nothing else was ever the matter. */
function isAtRest(rung: Rung, isStopped: boolean): boolean {
  const { orders, closing, unprotectedSinceWall, leg, lost, refusals, recovery } = rung;
  if (closing !== undefined || unprotectedSinceWall !== undefined || leg !== undefined) return false;
  if (lost !== 0 || refusals > 0) return false;
  if (recovery.ladder !== undefined || recovery.hedge !== undefined) return false;
  let [held, stops, profits] = [0, 0, 0];
  for (const { facts, state, filled, ended } of orders) {
    if (facts.role === "entry") {
      held += filled;
      continue;
    }
    if (filled > 0 || state === "triggered" || ended !== undefined) return false;
    const isStop = facts.role === "stop";
    if ((!isStop && facts.role !== "takeProfit") || isPairStop(facts)) return false;
    if (!isLive(state)) continue;
    if (state !== "resting") return false;
    if (isStop) stops += facts.lots;
    else profits += facts.lots;
  }
  return held > 0 && profits === held && stops === (isStopped ? held : 0);
}
