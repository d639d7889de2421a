import { applyChange, type OrderRecord } from "../../core/order.ts";
import type { Effect } from "./effect.ts";
import type { KernelState } from "./state.ts";

/** Wall time that an answer may take before the order is asked about. */
const CANCEL_MS = 5_000;
const PLACE_MS = 10_000;
/** A triggered stop that has not executed whole after this long: some news was lost. */
const TRIGGERED_MS = 10_000;
const TRIGGERED_AGAIN_MS = 60_000;
/** A stop that rests on after the mark price was beyond its trigger for this long: what became of it was not heard. */
const PASSED_MS = 2_000;
const PASSED_AGAIN_MS = 10_000;

/** Whatever was asked of the exchange has an end: no order waits for ever for an answer that never comes (I9). */
export class Deadlines {
  readonly #state: KernelState;
  readonly #effect: (effect: Effect) => void;
  #doubtedWallAt = Number.NEGATIVE_INFINITY;
  /** Resting stops whose trigger the mark price has passed, with the wall time at which they are asked about. */
  #passed: ReadonlyMap<string, number> = new Map();

  constructor(state: KernelState, effect: (effect: Effect) => void) {
    this.#state = state;
    this.#effect = effect;
  }

  /** Looks at every order that waits for an answer. */
  look(): void {
    const state = this.#state;
    const { at, wallAt } = state;
    const passed = new Map<string, number>();
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
      } else if (order.state === "resting" && facts.kind === "stopMarket") {
        const dueWallAt = this.#askAboutStop(order);
        if (dueWallAt !== undefined) passed.set(facts.clientId, dueWallAt);
      }
    }
    this.#passed = passed;
  }

  /**
   * A stop whose trigger the mark price has passed was triggered: with that news lost it would seem to protect what nothing
   * protects any more (I3). Returns when it is asked about; undefined: there is no need.
   */
  #askAboutStop({ facts, sentWallAt }: OrderRecord): number | undefined {
    const { board, wallAt } = this.#state;
    const { mark } = board.of(facts.instrument);
    const { trigger, side } = facts;
    const isBeyond =
      mark !== undefined && trigger !== undefined && (side === "sell" ? mark <= trigger : mark >= trigger);
    const dueWallAt = this.#passed.get(facts.clientId);
    if (dueWallAt === undefined) return isBeyond ? wallAt + PASSED_MS : undefined;
    if (wallAt < dueWallAt) return dueWallAt;
    this.#effect({ type: "query", facts, sentWallAt });
    return isBeyond ? wallAt + PASSED_AGAIN_MS : undefined;
  }
}
