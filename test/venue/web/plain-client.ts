import { createHmac } from "node:crypto";
import { KEY, type Served } from "../binance/served-venue.ts";

/** What came back: status, body (a text where it is no JSON) and how long it took. */
export interface Heard {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: whatever the venue answers.
  readonly body: any;
  readonly retryAfter: string | null;
  readonly ms: number;
}

/** An order far below the market, which rests. */
export const RESTING = {
  symbol: "BTCUSDT",
  side: "BUY",
  type: "LIMIT",
  timeInForce: "GTC",
  quantity: "0.010",
  price: "49000.0",
} as const;

type Fields = Readonly<Record<string, string | number>>;

/** Fields with time and signature, as Binance wants them. */
export function signed(fields: Fields, sort = false): Record<string, string> {
  const all = Object.entries({ ...fields, timestamp: Date.now() }).map(([key, held]) => [key, String(held)]);
  if (sort) all.sort(([a = ""], [b = ""]) => (a < b ? -1 : 1));
  const text = all.map(([key, held]) => `${key}=${held}`).join("&");
  return {
    ...Object.fromEntries(all),
    signature: createHmac("sha256", KEY.secret).update(text).digest("hex"),
  };
}

/** Calls a venue with nothing but fetch; "broken" when the connection broke, "gave up" after `patienceMs`. */
export async function call(
  venue: Served,
  name: string,
  fields: Fields = {},
  patienceMs = 2_000,
): Promise<Heard | "broken" | "gave up"> {
  const [method = "GET", path = "/"] = name.split(" ");
  const isPublic = /\/(time|ping|depth)$/.test(path);
  const plain = Object.fromEntries(Object.entries(fields).map(([key, held]) => [key, String(held)]));
  const query = new URLSearchParams(isPublic ? plain : signed(fields));
  const began = performance.now();
  try {
    const answer = await fetch(`${venue.server.url}${path}?${query}`, {
      method,
      headers: { "X-MBX-APIKEY": KEY.apiKey },
      signal: AbortSignal.timeout(patienceMs),
    });
    const text = await answer.text();
    const isJson = answer.headers.get("content-type") === "application/json";
    return {
      status: answer.status,
      body: isJson ? JSON.parse(text) : text,
      retryAfter: answer.headers.get("retry-after"),
      ms: performance.now() - began,
    };
  } catch (error) {
    return error instanceof Error && error.name === "TimeoutError" ? "gave up" : "broken";
  }
}

/** Status and body, or how the call failed. */
export async function ask(
  venue: Served,
  name: string,
  fields: Fields = {},
  patienceMs?: number,
): Promise<unknown> {
  const heard = await call(venue, name, fields, patienceMs);
  return typeof heard === "string" ? heard : [heard.status, heard.body];
}
