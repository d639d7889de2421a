import { createHmac } from "node:crypto";
import type { ApiKeys } from "../ccxt-client.ts";

/** Parameters as Binance takes them: text, numbers and truths, in the order given; undefined ones are left out. */
export type Params = Readonly<Record<string, unknown>>;

/** `a=1&b=2`, percent-encoded. Lists (batch orders) are JSON. */
export function queryOf(params: Params): string {
  const parts: string[] = [];
  for (const [name, value] of Object.entries(params)) {
    if (value === undefined) continue;
    const text = typeof value === "object" ? JSON.stringify(value) : String(value);
    parts.push(`${name}=${encodeURIComponent(text)}`);
  }
  return parts.join("&");
}

/** HMAC-SHA256 in hex, as Binance's signed calls want it. @see Binance USDT-M "SIGNED Endpoint Security" */
export const signatureOf = (text: string, { secret }: ApiKeys): string =>
  createHmac("sha256", secret).update(text).digest("hex");

/** What the socket API signs: the parameters in the order of their names, as they are. */
export const sortedText = (params: Readonly<Record<string, string | number>>): string =>
  Object.keys(params)
    .sort()
    .map((name) => `${name}=${params[name]}`)
    .join("&");
