import type { OrderRecord } from "../../core/order.ts";
import { newRung, sums } from "./rung.ts";

/**
 * Sorts an engine's orders, as found on the exchange, into rungs and keeps the present cycle of each: all orders
 * since the rung was last flat with nothing live. Rungs whose last cycle is over are left out.
 */
export function collectCycles(orders: readonly OrderRecord[]): Map<number, OrderRecord[]> {
  const byRung = new Map<number, OrderRecord[]>();
  for (const order of [...orders].sort(byAge)) {
    const cycle = byRung.get(order.facts.rung) ?? [];
    if (order.facts.role === "entry" && isOver(cycle)) cycle.length = 0;
    cycle.push(order);
    byRung.set(order.facts.rung, cycle);
  }
  for (const [index, cycle] of byRung) if (isOver(cycle)) byRung.delete(index);
  return byRung;
}

/** Whether nothing of a cycle is held or live any more. */
function isOver(cycle: readonly OrderRecord[]): boolean {
  const rung = newRung(0);
  rung.orders.push(...cycle);
  const sum = sums(rung);
  return sum.held <= 0 && !sum.isAnyLive;
}

/** Oldest first; orders of one moment by their ids, whose generation counts up. */
const byAge = (a: OrderRecord, b: OrderRecord): number =>
  a.createdAt - b.createdAt || (a.facts.clientId < b.facts.clientId ? -1 : 1);
