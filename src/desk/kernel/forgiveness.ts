import type { EngineId } from "../../core/order.ts";
import { holdingLoss } from "../../core/position.ts";
import type { Value } from "../../core/units.ts";
import type { KernelState } from "./state.ts";

/**
 * A halted engine goes on. Where a rest too small to be closed keeps its holding alive, the loss counts from here: what had been
 * realised before it, and what is lost. Undefined: there is nothing to forgive.
 */
export function forgiveness(
  state: KernelState,
  engine: EngineId,
): { readonly before: Value; readonly loss: Value } | undefined {
  const grid = state.config.grids.find((each) => each.engine === engine);
  const instrument = grid === undefined ? undefined : state.instrument(grid.instrument);
  if (grid === undefined || instrument === undefined) return undefined;
  const share = state.account.share(grid.instrument, grid.positionSide, engine);
  const { mark } = state.board.of(grid.instrument);
  if (share.lots === 0 || mark === undefined) return undefined;
  return { before: share.before, loss: holdingLoss(share, instrument, mark) };
}
