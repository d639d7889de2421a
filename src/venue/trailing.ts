import { mulDiv, ONE, rate, type Ticks } from "../core/units.ts";
import type { ClientConditional } from "./client-order.ts";
import type { ConditionalRequest, RejectReason } from "./exchange.ts";

const CALLBACK_MIN = rate(ONE / 1000);
const CALLBACK_MAX = rate(ONE / 10);

/** What a trailing stop remembers: the best price since it became active. */
export interface Trail {
  isActive: boolean;
  best: Ticks;
}

/** What is wrong with a trailing stop: a callback outside 0.1 % to 10 %, an activation price that is already behind. */
export function checkTrailing(request: ConditionalRequest, now: Ticks): RejectReason | undefined {
  const { callback, trigger, side } = request;
  if (callback === undefined || callback < CALLBACK_MIN || callback > CALLBACK_MAX) return "callbackInvalid";
  if (trigger === 0) return undefined;
  return (side === "sell" ? trigger > now : trigger < now) ? undefined : "activationInvalid";
}

/** A new trailing stop's memory at the working price `now`; none for other kinds. */
export const trailOf = (request: ConditionalRequest, now: Ticks): Trail | undefined =>
  request.kind === "trailingStopMarket" ? { isActive: request.trigger === 0, best: now } : undefined;

/** Takes a working price in: a sell becomes active at its activation price or above and then follows the highest price. */
export function follow(order: ClientConditional, now: Ticks): void {
  const { trail, request } = order;
  if (trail === undefined) return;
  const isBetter = (one: Ticks, other: Ticks): boolean =>
    request.side === "sell" ? one > other : one < other;
  if (!trail.isActive && !isBetter(request.trigger, now)) {
    trail.isActive = true;
    trail.best = now;
  }
  if (trail.isActive && isBetter(now, trail.best)) trail.best = now;
}

/** The price at which a conditional order fires now; undefined while a trailing one is not active. */
export function triggerOf(order: ClientConditional): Ticks | undefined {
  const { trail, request } = order;
  if (trail === undefined) return request.trigger;
  if (!trail.isActive) return undefined;
  const callback = request.callback ?? CALLBACK_MAX;
  return request.side === "sell"
    ? (mulDiv(trail.best, ONE - callback, ONE, "down") as Ticks)
    : (mulDiv(trail.best, ONE + callback, ONE, "up") as Ticks);
}
