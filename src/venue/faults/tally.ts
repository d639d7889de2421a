import { type FaultKind, KINDS } from "./kinds.ts";

/** Counts what really happened, by kind. */
export class Tally {
  readonly #counts = new Map<FaultKind, number>(KINDS.map((kind) => [kind, 0]));

  /** Every kind, also those that never happened. */
  get counts(): ReadonlyMap<FaultKind, number> {
    return this.#counts;
  }

  /** One more of this kind. */
  add(kind: FaultKind): void {
    this.#counts.set(kind, (this.#counts.get(kind) ?? 0) + 1);
  }
}
