import type { RecoverAction } from "../../core/proposal.ts";
import type { RecoveryChoice, RungView } from "../../core/recovery.ts";
import { needsHedge } from "../../engines/grid/exits.ts";
import type { GridParameters } from "../../engines/grid/parameters.ts";
import type { RungKey } from "./recovery-asks.ts";
import { rungOf, rungsOf } from "./rungs-of.ts";
import type { KernelState } from "./state.ts";
import { EngineWindow } from "./window.ts";

/**
 * The ways that there are at all: a hedge is the other book of one instrument, which only hedge mode has, and once; a ladder
 * takes the hedge back, which closes a rung at once where its own stop is passed.
 */
function offered(
  state: KernelState,
  grid: GridParameters,
  { stage, hedge, entry }: RungView,
): readonly RecoveryChoice[] {
  const window = new EngineWindow(state, grid.engine);
  if (hedge !== undefined && entry !== undefined && needsHedge(entry, grid, window)) return ["aggressive"];
  return grid.positionSide === "both" || hedge !== undefined || stage === "hedging"
    ? ["aggressive", "ladder"]
    : ["aggressive", "ladder", "hedge"];
}

/** What is asked about a rung where its engine did not ask itself, or one sentence why there is nothing to ask. */
export function recoveryOf(state: KernelState, key: RungKey): RecoverAction | string {
  const grid = state.config.grids.find(({ engine }) => engine === key.engine);
  if (grid === undefined) {
    const known = state.config.grids.map(({ engine }) => engine).join(", ");
    return `There is no engine "${key.engine}"; use one of ${known}.`;
  }
  const view = rungOf(state, key);
  if (view === undefined || view.held === 0) return `Rung ${key.rung} of ${key.engine} holds nothing.`;
  if (view.stuckSince === undefined) {
    const stuck = rungsOf(state, key.engine).filter(({ stuckSince }) => stuckSince !== undefined);
    const hint =
      stuck.length === 0 ? "nothing is" : `stuck are ${stuck.map(({ index }) => index).join(", ")}`;
    return `Rung ${key.rung} of ${key.engine} is not stuck; ${hint}. /close closes a position.`;
  }
  const { account, instrument, positionSide } = grid;
  return {
    type: "recover",
    account,
    instrument,
    positionSide,
    engine: key.engine,
    rung: key.rung,
    lots: view.held,
    stuckSince: view.stuckSince,
    ways: offered(state, grid, view),
    fallback: "wait",
    lines: [],
  };
}
