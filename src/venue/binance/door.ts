import type { WebAnswer, WebRequest } from "../web/skin.ts";
import { type OnBug, perform } from "./calls.ts";
import { type Read, Refusal } from "./refusal.ts";
import type { Venue } from "./route.ts";
import { type ApiKey, keyOf, refusedSignature, signedText } from "./signature.ts";

/** Answers a REST request with Binance's body, status and limit headers. */
export function answer(venue: Venue, request: WebRequest, onBug: OnBug): WebAnswer {
  const { method, path, query, body, address } = request;
  const fields = new Map([...new URLSearchParams(query), ...new URLSearchParams(body)]);
  const header = request.headers["x-mbx-apikey"];
  const authorise = (access: "key" | "signed"): Read<ApiKey> => {
    const key = keyOf(typeof header === "string" ? header : undefined, venue.keys);
    if (key instanceof Refusal || access === "key") return key;
    return refusedSignature(signedText(query, body), fields, key.secret, venue.wall.now()) ?? key;
  };
  const { reply, account } = perform(venue, `${method} ${path}`, fields, address, authorise, onBug);
  const now = venue.wall.now();
  const headers: Record<string, string | number> = {
    "X-MBX-USED-WEIGHT-1M": venue.meter.weightUsed(address, now),
  };
  if (account !== undefined) {
    const used = venue.meter.ordersUsed(account, now);
    headers["X-MBX-ORDER-COUNT-10S"] = used.tenSeconds;
    headers["X-MBX-ORDER-COUNT-1M"] = used.minute;
  }
  if (!(reply instanceof Refusal)) return { status: 200, headers, body: reply };
  if (reply.retryAfter !== undefined) headers["Retry-After"] = reply.retryAfter;
  return { status: reply.status, headers, body: reply.body };
}
