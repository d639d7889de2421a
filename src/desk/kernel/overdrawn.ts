import { type EngineId, openLots } from "../../core/order.ts";
import { signOf } from "../../core/units.ts";
import { purseUse } from "./purse-use.ts";
import type { KernelState } from "./state.ts";

/**
 * Engines whose resting entries could bring them beyond their purse or position limit. The guard lets no such entry through; one
 * rests where the settings were tightened between two lives, where the exchange's leverage became lower, or where another bot
 * sent it under the engine's name (I6).
 */
export function overdrawn(state: KernelState): readonly EngineId[] {
  const { limits } = state.risk;
  return state.config.grids
    .filter((grid) => {
      const { engine, instrument, positionSide, direction } = grid;
      const entries = state
        .liveOrders()
        .filter(({ facts }) => facts.engine === engine && facts.role === "entry");
      if (entries.length === 0) return false;
      if (purseUse(state, grid).used > limits.purse(engine)) return true;
      const held = state.account.share(instrument, positionSide, engine).lots * signOf(direction);
      const open = entries
        .filter(({ facts }) => facts.positionSide === positionSide)
        .reduce((sum, order) => sum + openLots(order), 0);
      return held + open > limits.position(engine);
    })
    .map(({ engine }) => engine);
}
