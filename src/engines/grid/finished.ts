import type { OrderRecord } from "../../core/order.ts";
import { type Rung, statusOf, sums } from "./rung.ts";

/** Finished cycles that are remembered. */
const KEPT = 200;

/** The latest finished cycles: a lost fill of one of them may come to light at the next reading. */
export class FinishedCycles {
  readonly #rungs: Rung[] = [];

  /** A cycle is over. */
  add(rung: Rung): void {
    if (rung.orders.length === 0) return;
    this.#rungs.push(rung);
    if (this.#rungs.length > KEPT) this.#rungs.shift();
  }

  /** The ones that were over last, oldest first. */
  latest(count: number): readonly Rung[] {
    const endOf = ({ orders }: Rung): number =>
      Math.max(0, ...orders.map(({ lastFillAt }) => lastFillAt ?? 0));
    return [...this.#rungs].sort((a, b) => endOf(a) - endOf(b)).slice(-count);
  }

  /** Takes out the last cycle of a rung; given a time, only one that began then or later. */
  last(index: number, since = 0): Rung | undefined {
    const rung = this.#rungs.findLast(
      (each) => each.index === index && (each.orders[0]?.createdAt ?? 0) >= since,
    );
    if (rung !== undefined) this.#remove(rung);
    return rung;
  }

  /** Those of one rung, in the order in which they ended. */
  of(index: number): readonly Rung[] {
    return this.#rungs.filter((rung) => rung.index === index);
  }

  clear(): void {
    this.#rungs.length = 0;
  }

  /** The cycle of an order: taken out of here when the order's news mean that it is not over after all. */
  find(order: OrderRecord): { readonly rung: Rung; readonly isOver: boolean } | undefined {
    const rung = this.#rungs.find(
      ({ index, orders }) => index === order.facts.rung && orders.includes(order),
    );
    if (rung === undefined) return undefined;
    const sum = sums(rung);
    const isOver = sum.held === 0 && statusOf(rung, sum) === "done";
    if (!isOver) this.#remove(rung);
    return { rung, isOver };
  }

  /** Takes out cycles that ended by a loss which has been made good since: `missing` lots are theirs again. */
  recall(missing: number): readonly Rung[] {
    const found: Rung[] = [];
    let left = missing;
    for (const rung of [...this.#rungs].reverse()) {
      if (left <= 0) break;
      if (rung.lost <= 0) continue;
      left -= rung.lost;
      this.#remove(rung);
      found.push(rung);
    }
    return found;
  }

  #remove(rung: Rung): void {
    this.#rungs.splice(this.#rungs.indexOf(rung), 1);
  }
}
