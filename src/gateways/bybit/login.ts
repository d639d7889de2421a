import { createHmac } from "node:crypto";
import type { ApiKeys } from "../ccxt-client.ts";

/** For how long a login may be under way, wall milliseconds. */
const EXPIRES_MS = 10_000;

/** The first message of a private socket. @see Bybit v5 "Connect", authentication */
export function loginOf(keys: ApiKeys, now: number): object {
  const expires = now + EXPIRES_MS;
  const signature = createHmac("sha256", keys.secret).update(`GET/realtime${expires}`).digest("hex");
  return { op: "auth", args: [keys.apiKey, expires, signature] };
}
