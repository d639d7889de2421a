import type { Refusal } from "../../core/guard.ts";
import type { EngineId, OrderFacts } from "../../core/order.ts";
import type { Millis } from "../../core/units.ts";

/** A grid that goes on wanting an entry asks for it again every half minute of market time: one that is silent wants none. */
const FRESH_MS = 120_000;

/** Reasons that people see elsewhere already: the risk state, a pause, a book that does not add up. */
const TOLD: ReadonlySet<Refusal | "circuit"> = new Set([
  "shutdown",
  "emergency",
  "paused",
  "mismatch",
  "circuit",
]);

/** Why the guard lets no entry of an engine through, for as long as the engine asks for one. Nothing is decided by it. */
export class EntryRefusals {
  readonly #last = new Map<EngineId, { readonly detail: string; readonly at: Millis }>();

  /** The guard refused an order. */
  refused({ engine, role }: OrderFacts, reason: Refusal | "circuit", detail: string, at: Millis): void {
    if (role !== "entry") return;
    if (TOLD.has(reason)) this.#last.delete(engine);
    else this.#last.set(engine, { detail, at });
  }

  /** The guard let one through. */
  approved({ engine, role }: OrderFacts): void {
    if (role === "entry") this.#last.delete(engine);
  }

  /** Why the last entry that an engine wanted was refused, as a sentence without its end; undefined: none was, of late. */
  of(engine: EngineId, at: Millis): string | undefined {
    const last = this.#last.get(engine);
    return last === undefined || at - last.at > FRESH_MS ? undefined : last.detail;
  }
}
