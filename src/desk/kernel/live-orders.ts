import type { InstrumentId } from "../../core/instrument.ts";
import { isLive, type OrderRecord, type PositionSide } from "../../core/order.ts";
import { ByBook } from "./by-book.ts";

/** Orders by book that were live or triggered when last looked at; finished ones fall out when a new one comes. */
export class LiveOrders {
  readonly #ofBook = new ByBook<Set<OrderRecord>>();
  /** The same, in the order in which the books came. */
  readonly #books: Set<OrderRecord>[] = [];

  /** Those of one book. */
  *of(instrument: InstrumentId, positionSide: PositionSide): Generator<OrderRecord> {
    const orders = this.#ofBook.get(instrument, positionSide);
    if (orders !== undefined) yield* alive(orders);
  }

  /** Those of one book, as a list. */
  listOf(instrument: InstrumentId, positionSide: PositionSide): OrderRecord[] {
    const found: OrderRecord[] = [];
    for (const order of this.#ofBook.get(instrument, positionSide) ?? [])
      if (isAlive(order)) found.push(order);
    return found;
  }

  /** Those of all books. */
  *all(): Generator<OrderRecord> {
    for (const orders of this.#books) yield* alive(orders);
  }

  /** An order is new, or news may have brought it back to life. */
  track(order: OrderRecord): void {
    if (!isAlive(order)) return;
    const { instrument, positionSide } = order.facts;
    const orders = this.#ofBook.get(instrument, positionSide);
    if (orders === undefined) {
      const first = new Set([order]);
      this.#ofBook.set(instrument, positionSide, first);
      this.#books.push(first);
    } else orders.add(order);
  }

  /**
   * Finished orders fall out when a new one comes, never because somebody looked: views are no part of a recording, and a replay
   * must go through the orders of a book in the same order.
   */
  dropEnded(instrument: InstrumentId, positionSide: PositionSide): void {
    const orders = this.#ofBook.get(instrument, positionSide);
    for (const order of orders ?? []) if (!isAlive(order)) orders?.delete(order);
  }
}

/** Whether an order is live, or triggered and not executed yet. */
export const isAlive = ({ state }: OrderRecord): boolean => isLive(state) || state === "triggered";

function* alive(orders: Iterable<OrderRecord>): Generator<OrderRecord> {
  for (const order of orders) if (isAlive(order)) yield order;
}
