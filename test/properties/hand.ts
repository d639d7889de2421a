import type { DeskEvent } from "../../src/core/event.ts";
import type { Random } from "../../src/core/random.ts";
import type { Exchange } from "../support/exchange.ts";
import type { Rig } from "../support/rig.ts";

/**
 * Takes the market to a price: limits that it passes and stops that it reaches execute, whole or in part; all of them whole
 * without a `chance`.
 */
export function reach(exchange: Exchange, mark: number, chance?: Random): DeskEvent[] {
  const one = (of: number): boolean => chance?.below(of) === 0;
  const some = (most: number): number => 1 + (chance?.below(most) ?? 0);
  Object.assign(exchange, { mark, bid: mark, ask: mark + 1 });
  const news: DeskEvent[] = [];
  for (const order of exchange.open()) {
    exchange.at += 1;
    const { kind, side, price = 0, trigger = 0 } = order.facts;
    const isBuy = side === "buy";
    if (kind === "limit" && (isBuy ? exchange.ask <= price : exchange.bid >= price)) {
      const left = order.facts.lots - order.filled;
      news.push(...exchange.fill(order, one(3) ? some(left) : left));
    }
    if (kind === "stopMarket" && (isBuy ? mark >= trigger : mark <= trigger)) {
      exchange.depth = one(8) ? some(order.facts.lots) : Number.POSITIVE_INFINITY;
      news.push(...exchange.trigger(order, one(12)));
      exchange.depth = Number.POSITIVE_INFINITY;
    }
  }
  return news;
}

/** Time goes by on both clocks, and the desk's timer comes. */
export function wait(rig: Rig, ms: number, wallMs = ms): void {
  rig.exchange.at += ms;
  rig.exchange.wallAt += wallMs;
  rig.turn({ type: "timer", ...rig.exchange.times() });
}

export const quote = (rig: Rig): void => {
  for (const event of rig.exchange.quotes()) rig.turn(event);
};

/** Everything that is on its way arrives, the account is read where news was lost, and quiet seconds pass until `isDone`. */
export function calmDown(rig: Rig, isLossy: boolean, isDone: () => boolean): void {
  rig.settle();
  if (isLossy) {
    const of = { stream: "account", account: "main" } as const;
    for (let n = 0; n < 3; n += 1) {
      wait(rig, 100);
      rig.turn({ type: "gap", ...rig.exchange.times(), ...of, reason: "news was lost" });
      rig.turn({ type: "resynced", ...rig.exchange.times(), ...of });
      rig.settle();
    }
  }
  for (let n = 0; n < 100 && (n < 3 || !isDone()); n += 1) {
    wait(rig, 3_000, 1_000);
    quote(rig);
    rig.settle();
  }
}
