import type { FillEvent } from "../../core/event.ts";
import type { OrderFacts } from "../../core/order.ts";
import type { Effect } from "./effect.ts";

/** Questions of one start: each costs request weight, and somebody who trades by hand may have hundreds of executions. */
const ASKED_MAX = 20;

/**
 * Executions that a start finds and whose order no list shows. The list may be old or cut short, and the order be one of an
 * earlier life, which still holds what was executed: only a question by the exchange's own id may tell whose it is (I9).
 */
export class NamelessFills {
  /** Ids of the exchange that were asked about, and whether an answer came. */
  readonly #answered = new Map<string, boolean>();

  /** The questions about these executions that were not asked before, latest first. */
  questions(fills: readonly FillEvent[]): readonly Effect[] {
    const questions: Effect[] = [];
    for (const fill of fills.toReversed()) {
      const { venueOrderId } = fill;
      if (this.#answered.size >= ASKED_MAX) break;
      if (fill.origin !== "client" || this.#answered.has(venueOrderId)) continue;
      this.#answered.set(venueOrderId, false);
      questions.push({ type: "query", facts: factsOf(fill), sentWallAt: undefined, venueOrderId });
    }
    return questions;
  }

  /** The exchange said something about an order, or that it knows none of this id. */
  answered(venueOrderId: string): void {
    if (this.#answered.has(venueOrderId)) this.#answered.set(venueOrderId, true);
  }

  /** Whether an answer is still on its way. */
  get isWaiting(): boolean {
    for (const isAnswered of this.#answered.values()) if (!isAnswered) return true;
    return false;
  }
}

/** What an execution tells of its order: enough to ask for it. */
const factsOf = (fill: FillEvent): OrderFacts => ({
  clientId: fill.clientId,
  account: fill.account,
  instrument: fill.instrument,
  positionSide: fill.positionSide,
  engine: "foreign",
  role: "close",
  rung: 0,
  slice: 0,
  side: fill.side,
  kind: "limit",
  lots: fill.lots,
  isReduceOnly: false,
  isPostOnly: false,
});
