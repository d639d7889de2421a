import type { EngineId } from "../../core/order.ts";
import type { RungView } from "../../core/recovery.ts";
import type { RungKey } from "./recovery-asks.ts";
import type { KernelState } from "./state.ts";
import { EngineWindow } from "./window.ts";

/** An engine's rungs as people see them; none for a name that is not there, or whose engine has a fault. */
export function rungsOf(state: KernelState, id: EngineId): readonly RungView[] {
  const engine = state.engines.get(id);
  return engine === undefined || state.failed.has(id) ? [] : engine.rungs(new EngineWindow(state, id));
}

/** One rung; undefined: it is idle. */
export const rungOf = (state: KernelState, { engine, rung }: RungKey): RungView | undefined =>
  rungsOf(state, engine).find(({ index }) => index === rung);

/** Rungs that are stuck, of all engines. */
export const stuckRungs = (state: KernelState): readonly (RungKey & { readonly view: RungView })[] =>
  [...state.engines.keys()].flatMap((engine) =>
    rungsOf(state, engine)
      .filter(({ held, stuckSince }) => held > 0 && stuckSince !== undefined)
      .map((view) => ({ engine, rung: view.index, view })),
  );
