import { ACCOUNT_CALLS } from "./account-calls.ts";
import { AMEND_CALLS } from "./amend-calls.ts";
import { CANDLE_CALLS } from "./candle-calls.ts";
import { CONDITIONAL_CALLS } from "./conditional-calls.ts";
import type { Fields } from "./fields.ts";
import { HISTORY_CALLS } from "./history-calls.ts";
import { MARKET_CALLS } from "./market-calls.ts";
import { ORDER_CALLS } from "./order-calls.ts";
import { type Read, Refusal } from "./refusal.ts";
import { type Reply, type Route, type Routes, type Venue, weightOf } from "./route.ts";
import { SETTING_CALLS } from "./setting-calls.ts";
import type { ApiKey } from "./signature.ts";
import { STANDING_CALLS } from "./standing-calls.ts";
import { TAPE_CALLS } from "./tape-calls.ts";

/** Every call of the protocol, by "METHOD /path". */
export const CALLS: Routes = {
  ...MARKET_CALLS,
  ...CANDLE_CALLS,
  ...TAPE_CALLS,
  ...STANDING_CALLS,
  ...ORDER_CALLS,
  ...AMEND_CALLS,
  ...CONDITIONAL_CALLS,
  ...HISTORY_CALLS,
  ...ACCOUNT_CALLS,
  ...SETTING_CALLS,
};

/** What a call came to, and whose order counts belong into the answer's headers. */
export interface Outcome {
  readonly reply: Reply;
  readonly account?: string;
}

/** Who is told when one of our own promises broke while a call was answered. */
export type OnBug = (error: unknown, call: string) => void;

/**
 * Answers one call: weight, then key and signature (`authorise`), then order count, then the call itself.
 * A broken promise of our own is reported and answered with -1000 (500).
 */
export function perform(
  venue: Venue,
  name: string,
  fields: Fields,
  address: string,
  authorise: (access: "key" | "signed") => Read<ApiKey>,
  onBug: OnBug,
): Outcome {
  const now = venue.wall.now();
  const calls = venue.calls ?? CALLS;
  const route: Route | undefined = Object.hasOwn(calls, name) ? calls[name] : undefined;
  const spent = venue.meter.spend(address, route === undefined ? 1 : weightOf(route, fields), now);
  if (spent !== undefined) return { reply: spent };
  if (route === undefined) {
    const [method, path] = name.split(" ");
    return { reply: new Refusal(-5000, `Path ${path}, Method ${method} is invalid`, 404) };
  }
  if (route.access === "public") {
    return { reply: guarded(() => route.handle(venue, fields), name, onBug) };
  }
  const key = authorise(route.access);
  if (key instanceof Refusal) return { reply: key };
  const { account } = key;
  const orders = route.orders?.(fields) ?? 0;
  const tooMany = orders > 0 ? venue.meter.order(account, orders, now) : undefined;
  if (tooMany !== undefined) return { reply: tooMany, account };
  const reply = guarded(() => route.handle(venue, fields, key), name, onBug);
  return route.orders === undefined ? { reply } : { reply, account };
}

/** Runs a handler; a broken promise of our own is reported and answered with -1000 instead of ending the server. */
export function guarded(handle: () => Reply, name: string, onBug: OnBug): Reply {
  try {
    return handle();
  } catch (error) {
    onBug(error, name);
    return new Refusal(-1000, "An unknown error occurred while processing the request.", 500);
  }
}
