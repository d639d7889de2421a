import { readClientId } from "../../src/core/ids.ts";
import type { OrderFacts } from "../../src/core/order.ts";
import type { KernelState } from "../../src/desk/kernel/state.ts";
import type { Lives } from "./lives.ts";
import type { Witness } from "./witness.ts";

/**
 * Stops that a desk could not know of when it sent one of its own: they are of lives before it, and every list since its
 * start that should have shown them may have been cut short. After seconds of such lists a second stop is right (I3).
 */
export class HiddenStops {
  readonly #witness: Witness;
  readonly #lives: Lives;
  /** By client id of the stop that left. */
  readonly #hidden = new Map<string, ReadonlySet<string>>();

  constructor(witness: Witness, lives: Lives) {
    this.#witness = witness;
    this.#lives = lives;
  }

  /** An order leaves a desk. */
  sent({ clientId, role }: OrderFacts, state: KernelState): void {
    const own = readClientId(clientId);
    if (role !== "stop" || own === undefined) return;
    const hidden = [...this.#witness.live.values()].filter(
      (other) =>
        other.own?.role === "stop" &&
        this.#lives.mayBeHidden(other.own, own) &&
        state.orders.get(other.clientId) === undefined,
    );
    if (hidden.length > 0) this.#hidden.set(clientId, new Set(hidden.map((other) => other.clientId)));
  }

  /** Whether a stop was hidden from the desk that sent the other one. */
  isHidden(sent: string, other: string): boolean {
    return this.#hidden.get(sent)?.has(other) === true;
  }
}
