import { isPairStop, type OrderFacts, type OrderRecord, openLots } from "./order.ts";

/**
 * Lots of stops that count once with the stop that is asked for: where a rung's own stops and those of its hedged pair take
 * each other's place both rest for a moment, and only the larger of the two sums is ever meant to fire.
 */
export function replacedStops(stops: readonly OrderRecord[], asked: OrderFacts): number {
  const byRung = new Map<string, { own: number; pair: number }>();
  const count = (facts: OrderFacts, open: number): void => {
    const key = `${facts.engine}/${facts.rung}`;
    const sums = byRung.get(key) ?? { own: 0, pair: 0 };
    sums[isPairStop(facts) ? "pair" : "own"] += open;
    byRung.set(key, sums);
  };
  for (const order of stops) count(order.facts, openLots(order));
  count(asked, asked.lots);
  let twice = 0;
  for (const { own, pair } of byRung.values()) twice += Math.min(own, pair);
  return twice;
}
