import { createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import type { AccountId } from "../../core/instrument.ts";
import type { WebRequest } from "../web/skin.ts";
import { type Read, Refusal } from "./refusal.ts";

/** One API key: whose account it opens and what it may do. */
export interface OkxKey {
  readonly apiKey: string;
  readonly secret: string;
  readonly passphrase: string;
  readonly account: AccountId;
  /** What GET /api/v5/account/config says of it; by default reading and trading, bound to an address. */
  readonly permissions?: { readonly trade?: boolean; readonly withdraw?: boolean; readonly ip?: string };
}

/** A request is refused once its timestamp is this old, or this far ahead; wall milliseconds. */
const LIFE_MS = 30_000;

/** Checks key, passphrase, age and signature of a private request (50102 to 50113). */
export function keyOf(request: WebRequest, keys: ReadonlyMap<string, OkxKey>, now: number): Read<OkxKey> {
  const header = (name: string): string => headerOf(request.headers, name);
  const apiKey = header("ok-access-key");
  if (apiKey === "") return new Refusal(50103, 'Request header "OK-ACCESS-KEY" can not be empty.');
  const key = keys.get(apiKey);
  if (key === undefined) return new Refusal(50111, "Invalid OK-ACCESS-KEY.");
  const passphrase = header("ok-access-passphrase");
  if (passphrase === "") return new Refusal(50104, 'Request header "OK-ACCESS-PASSPHRASE" can not be empty.');
  if (passphrase !== key.passphrase)
    return new Refusal(50105, 'Request header "OK-ACCESS-PASSPHRASE" incorrect.');
  const timestamp = header("ok-access-timestamp");
  if (timestamp === "") return new Refusal(50107, 'Request header "OK-ACCESS-TIMESTAMP" can not be empty.');
  const at = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(timestamp) ? Date.parse(timestamp) : Number.NaN;
  if (Number.isNaN(at)) return new Refusal(50112, "Invalid OK-ACCESS-TIMESTAMP.");
  if (Math.abs(now - at) > LIFE_MS) return new Refusal(50102, "Timestamp request expired.");
  const sign = header("ok-access-sign");
  if (sign === "") return new Refusal(50106, 'Request header "OK-ACCESS-SIGN" can not be empty.');
  const { method, path, query, body } = request;
  const signed = timestamp + method + path + (query === "" ? "" : `?${query}`) + body;
  return isSigned(signed, sign, key.secret) ? key : new Refusal(50113, "Invalid signature.");
}

/**
 * An order that comes after its `expTime` is not carried out (50036). Plain orders only: OKX knows no such header for
 * conditional orders, whose lateness is bounded by the timestamp alone.
 */
export function lateness(request: WebRequest, now: number): Refusal | undefined {
  const until = headerOf(request.headers, "exptime");
  if (until === "" || Number(until) >= now) return undefined;
  return new Refusal(50036, "The expTime can't be earlier than the current system time.");
}

/** Checks the login message of a private socket; undefined when it opens no account. */
export function loginOf(
  args: Readonly<Record<string, unknown>>,
  keys: ReadonlyMap<string, OkxKey>,
  now: number,
): OkxKey | undefined {
  const key = keys.get(String(args["apiKey"]));
  if (key === undefined || args["passphrase"] !== key.passphrase) return undefined;
  const timestamp = String(args["timestamp"]);
  if (!(Math.abs(now - Number(timestamp) * 1_000) <= LIFE_MS)) return undefined;
  return isSigned(`${timestamp}GET/users/self/verify`, String(args["sign"]), key.secret) ? key : undefined;
}

const headerOf = (headers: IncomingHttpHeaders, name: string): string => {
  const found = headers[name];
  return typeof found === "string" ? found : "";
};

function isSigned(signed: string, sign: string, secret: string): boolean {
  const right = Buffer.from(createHmac("sha256", secret).update(signed).digest("base64"));
  const given = Buffer.from(sign);
  return given.length === right.length && timingSafeEqual(given, right);
}
