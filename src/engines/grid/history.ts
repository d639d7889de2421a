import { readClientId } from "../../core/ids.ts";
import { isOpening, type OrderRecord } from "../../core/order.ts";
import { type Lots, lots, type Millis, type Side } from "../../core/units.ts";
import { newRung, sums } from "./rung.ts";

/** One cycle of a rung, as its orders tell it. */
export interface Cycle {
  readonly rung: number;
  readonly orders: readonly OrderRecord[];
  /** Lots that another rung's exits sold while nobody could cancel them. */
  readonly lost: Lots;
}

/** An engine's history. */
interface Cycles {
  /** One for each rung that is not idle. */
  readonly present: readonly Cycle[];
  /** Those that are over, oldest first: executions that come to light later may bring one back. */
  readonly past: readonly Cycle[];
}

/**
 * Sorts an engine's orders, as found on the exchange, into rungs and cycles. The present cycle of a rung is all orders
 * since it was last flat with nothing live.
 */
export function collectCycles(orders: readonly OrderRecord[], direction: Side): Cycles {
  const losses = overCloses(orders, direction);
  const lostIn = (cycle: readonly OrderRecord[], until: number): Lots => {
    const [first] = cycle;
    if (first === undefined) return lots(0);
    const own = losses.filter(
      ({ rung, at }) => rung === first.facts.rung && at >= first.createdAt && at < until,
    );
    return lots(own.reduce((sum, loss) => sum + loss.lots, 0));
  };
  const byRung = new Map<number, OrderRecord[]>();
  const past: Cycle[] = [];
  for (const order of [...orders].sort(byAge)) {
    const { rung } = order.facts;
    const isFirst = isOpening(order.facts);
    const cycle = byRung.get(rung) ?? [];
    const lost = isFirst && cycle.length > 0 ? lostIn(cycle, order.createdAt) : lots(0);
    if (isFirst && cycle.length > 0 && isOver(cycle, lost)) {
      past.push({ rung, orders: cycle, lost });
      byRung.set(rung, [order]);
    } else {
      cycle.push(order);
      byRung.set(rung, cycle);
    }
  }
  const present: Cycle[] = [];
  for (const [rung, cycle] of byRung) {
    const lost = lostIn(cycle, Number.POSITIVE_INFINITY);
    (isOver(cycle, lost) ? past : present).push({ rung, orders: cycle, lost });
  }
  return { present, past };
}

/** Lots that a rung lost, and when. */
interface Loss {
  readonly rung: number;
  readonly at: Millis;
  readonly lots: number;
}

/**
 * Who paid when both exits of a rung were executed, as happens while the desk is dead: the rung that held lots and
 * was nearest to its exit, the same one as in a life that sees it happen. Later lives find the same from the same orders.
 */
function overCloses(orders: readonly OrderRecord[], direction: Side): readonly Loss[] {
  const executed = orders.flatMap(({ facts, filled, firstFillAt, lastFillAt }) => {
    const isEntry = isOpening(facts);
    const at = isEntry ? firstFillAt : lastFillAt;
    if (at === undefined || filled === 0) return [];
    return [{ at, rung: facts.rung, size: isEntry ? filled : -filled }];
  });
  executed.sort((a, b) => a.at - b.at || b.size - a.size);
  const held = new Map<number, number>();
  const losses: Loss[] = [];
  const sign = direction === "buy" ? 1 : -1;
  for (const { at, rung, size } of executed) {
    const rest = (held.get(rung) ?? 0) + size;
    held.set(rung, Math.max(0, rest));
    let over = Math.max(0, -rest);
    for (const victim of [...held.keys()].sort((a, b) => (a - b) * sign)) {
      const part = Math.min(over, held.get(victim) ?? 0);
      if (part <= 0) continue;
      held.set(victim, (held.get(victim) ?? 0) - part);
      losses.push({ rung: victim, at, lots: part });
      over -= part;
    }
  }
  return losses;
}

/** Whether nothing of a cycle is held or live any more. */
function isOver(cycle: readonly OrderRecord[], lost: Lots): boolean {
  const rung = newRung(0);
  rung.orders.push(...cycle);
  rung.lost = lost;
  const sum = sums(rung);
  return sum.held <= 0 && !sum.isAnyLive;
}

/** Oldest first; orders of one moment by the generation in their ids, which counts up. */
const byAge = (a: OrderRecord, b: OrderRecord): number =>
  a.createdAt - b.createdAt || generationOf(a) - generationOf(b);

const generationOf = ({ facts }: OrderRecord): number => readClientId(facts.clientId)?.generation ?? 0;
