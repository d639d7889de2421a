import { isLive } from "../core/order.ts";
import type { Ticks } from "../core/units.ts";
import type { GridParameters } from "../engines/grid/parameters.ts";
import { rungsOf } from "./kernel/rungs-of.ts";
import type { KernelState } from "./kernel/state.ts";
import type { GridView } from "./snapshot.ts";

/** What a grid is set to, and its rungs, as people see them. */
export function gridView(state: KernelState, grid: GridParameters): GridView {
  const { direction, positionSide, step, quantity, takeProfit, stopLoss } = grid;
  const { ordersMax, positionMax, priceMin, priceMax, recovery } = grid;
  let ended = 0;
  let filled = 0;
  for (const { facts, filled: size, state: now } of state.orders.all()) {
    if (facts.engine !== grid.engine || facts.role !== "entry") continue;
    if (size > 0) filled += 1;
    if (size > 0 || !isLive(now)) ended += 1;
  }
  return {
    direction,
    positionSide,
    step,
    quantity,
    takeProfit,
    stopLoss,
    ordersMax,
    positionMax,
    priceMin,
    priceMax,
    stopPrice: priceNow(state, grid, "stop"),
    pausePrice: priceNow(state, grid, "pause"),
    recovery,
    entriesEnded: ended,
    entriesFilled: filled,
    rungs: rungsOf(state, grid.engine),
  };
}

/** What a person set while the grid runs, else what is configured. */
function priceNow(state: KernelState, grid: GridParameters, which: "stop" | "pause"): Ticks | undefined {
  const set = state.facts.price(grid.engine, which);
  if (set !== undefined) return set.price;
  return which === "stop" ? grid.stopPrice : grid.pausePrice;
}
