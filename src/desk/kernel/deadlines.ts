import { applyChange } from "../../core/order.ts";
import type { Effect } from "./effect.ts";
import type { KernelState } from "./state.ts";

/** Wall time that an answer may take before the order is asked about. */
const CANCEL_MS = 5_000;
const PLACE_MS = 10_000;
/** A triggered stop that has not executed whole after this long: some news was lost. */
const TRIGGERED_MS = 10_000;
const TRIGGERED_AGAIN_MS = 60_000;

/** Whatever was asked of the exchange has an end: no order waits for ever for an answer that never comes (I9). */
export class Deadlines {
  readonly #state: KernelState;
  readonly #effect: (effect: Effect) => void;
  #doubtedWallAt = Number.NEGATIVE_INFINITY;

  constructor(state: KernelState, effect: (effect: Effect) => void) {
    this.#state = state;
    this.#effect = effect;
  }

  /** Looks at every order that waits for an answer. */
  look(): void {
    const state = this.#state;
    const { at, wallAt } = state;
    for (const order of state.orders.live()) {
      const { facts, sentWallAt } = order;
      if (order.state === "canceling" && wallAt - (order.cancelAskedWallAt ?? 0) > CANCEL_MS) {
        applyChange(order, "cancelRefused", at, order.updatedWallAt);
        this.#effect({ type: "query", facts, sentWallAt });
      } else if (order.state === "sending" && wallAt - (sentWallAt ?? 0) > PLACE_MS) {
        applyChange(order, "outcomeLost", at, order.updatedWallAt);
        state.counts.unknown += 1;
        this.#effect({ type: "query", facts, sentWallAt });
      } else if (order.state === "triggered" && order.filled < facts.lots) {
        if (wallAt - order.updatedWallAt < TRIGGERED_MS) continue;
        if (wallAt - this.#doubtedWallAt < TRIGGERED_AGAIN_MS) continue;
        this.#doubtedWallAt = wallAt;
        state.doubt();
      }
    }
  }
}
