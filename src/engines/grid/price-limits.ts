import type { EngineView } from "../../core/engine.ts";
import { ANY_QUOTE, type Quiet } from "../../core/quiet.ts";
import type { Ticks } from "../../core/units.ts";
import type { GridParameters } from "./parameters.ts";

/** The stop or the pause price that counts now: what a person set while the grid runs, else what is configured. */
function priceOf(which: "stop" | "pause", parameters: GridParameters, view: EngineView): Ticks | undefined {
  const set = view.priceSet(which);
  if (set !== undefined) return set.price;
  return which === "stop" ? parameters.stopPrice : parameters.pausePrice;
}

/** Whether a price is at or beyond a limit, on the side on which the grid loses. */
const isBeyond = (price: Ticks, limit: Ticks, { direction }: GridParameters): boolean =>
  direction === "buy" ? price <= limit : price >= limit;

/** The mark price is beyond the pause price (S1-86): no entry leaves, and none rests, until it is back. */
export function isPausedByPrice(parameters: GridParameters, view: EngineView): boolean {
  const limit = priceOf("pause", parameters, view);
  const mark = limit === undefined ? undefined : view.mark(parameters.instrument);
  return limit !== undefined && mark !== undefined && isBeyond(mark, limit, parameters);
}

/** The mark price is beyond the stop price (S1-85): all is closed. */
export function isStoppedByPrice(parameters: GridParameters, view: EngineView): boolean {
  const limit = priceOf("stop", parameters, view);
  const mark = limit === undefined ? undefined : view.mark(parameters.instrument);
  return limit !== undefined && mark !== undefined && isBeyond(mark, limit, parameters);
}

/** Mark prices that are not beyond a limit; undefined: the present one is. */
export function quietLimit(
  which: "stop" | "pause",
  parameters: GridParameters,
  view: EngineView,
): Quiet | undefined {
  const limit = priceOf(which, parameters, view);
  if (limit === undefined) return ANY_QUOTE;
  const mark = view.mark(parameters.instrument);
  if (mark === undefined || isBeyond(mark, limit, parameters)) return undefined;
  return parameters.direction === "buy"
    ? { ...ANY_QUOTE, markFrom: limit + 1 }
    : { ...ANY_QUOTE, markTo: limit - 1 };
}
