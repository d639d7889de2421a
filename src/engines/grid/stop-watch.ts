import type { OrderRecord } from "../../core/order.ts";
import type { Millis, Side, Ticks } from "../../core/units.ts";
import type { Rung } from "./rung.ts";

/**
 * Notes when the mark price was first seen beyond a rung's stop, so that the trade log can say how long the stop took
 * (S1-196). A price that comes back before the stop fired starts anew.
 */
export function watchTriggers(rungs: Iterable<Rung>, mark: Ticks, direction: Side, at: Millis): void {
  for (const rung of rungs) {
    const stop = latestStop(rung);
    if (stop?.facts.trigger === undefined) continue;
    const isBeyond = direction === "buy" ? mark <= stop.facts.trigger : mark >= stop.facts.trigger;
    if (isBeyond) rung.stopSeenAt ??= at;
    else if (stop.state === "resting") rung.stopSeenAt = undefined;
  }
}

/** The exchange told when a stop fired: it may have seen the price before us. */
export function stopFired(rung: Rung, at: Millis): void {
  if (rung.stopSeenAt === undefined || at < rung.stopSeenAt) rung.stopSeenAt = at;
}

/** The trigger that `watchTriggers` compares a rung's next mark price with; undefined: none. */
export const watchedTrigger = (rung: Rung): Ticks | undefined => latestStop(rung)?.facts.trigger;

/** The stop that was placed last; a loop, since it runs with every mark price. */
function latestStop({ orders }: Rung): OrderRecord | undefined {
  for (let place = orders.length - 1; place >= 0; place -= 1) {
    const order = orders[place];
    if (order?.facts.role === "stop") return order;
  }
  return undefined;
}
