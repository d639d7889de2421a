import { type EngineId, otherSide } from "../../core/order.ts";
import { holdingLoss, wholeLoss } from "../../core/position.ts";
import { type Value, value } from "../../core/units.ts";
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
  if (mark === undefined) return undefined;
  const { before } = share;
  const own = holdingLoss(share, instrument, mark);
  if (grid.positionSide === "both") return share.lots === 0 ? undefined : { before, loss: own };
  const hedge = state.account.share(grid.instrument, otherSide(grid.positionSide), engine);
  if (share.lots === 0 && hedge.lots === 0) return undefined;
  // Its hedges count from the first one on: where the grid counts them from is its own affair, and over with this.
  return { before, loss: value(own + wholeLoss(hedge, instrument, mark)) };
}
