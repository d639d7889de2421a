import type { OrderRecord } from "../../src/core/order.ts";
import type { Calm } from "./calm.ts";
import type { Witness } from "./witness.ts";

/** The one message of it was lost in this time around its moment, wall milliseconds. */
const NEAR_MS = 100;

/**
 * Orders of a desk that a person cancelled while the one message that says so was lost: the socket lives, positions and
 * executions are what they were, so nothing tells of it but the reading of every three minutes. An order that the desk
 * itself wanted cancelled is none of these: its request has an answer.
 */
export class UnheardCancels {
  readonly #witness: Witness;
  readonly #calm: Calm;
  readonly #limitMs: number;

  constructor(witness: Witness, calm: Calm, limitMs: number) {
    this.#witness = witness;
    this.#calm = calm;
    this.#limitMs = limitMs;
  }

  /** Whether a desk may still take an order for resting that is cancelled. */
  isExcused({ facts, state, cancelAskedWallAt }: OrderRecord, now: number): boolean {
    const at = this.#witness.canceledWall.get(facts.clientId);
    if (at === undefined || state !== "resting" || cancelAskedWallAt !== undefined) return false;
    return now - at <= this.#limitMs && this.#calm.unheard.some((lost) => Math.abs(lost - at) < NEAR_MS);
  }
}
