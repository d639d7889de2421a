import { createHmac, timingSafeEqual } from "node:crypto";
import type { ApiKey } from "../binance/signature.ts";
import type { WebRequest } from "../web/skin.ts";
import { type Read, Refusal, wrong } from "./refusal.ts";

/**
 * Checks a request's X-BAPI-* headers: the key (10003), its age on the wall clock (10002: older than the window, or a
 * second ahead) and HMAC-SHA256 over timestamp, key, window and query or body (10004).
 * @see Bybit v5 "Integration Guidance", authentication
 */
export function authorised(
  request: WebRequest,
  keys: ReadonlyMap<string, ApiKey>,
  now: number,
): Read<ApiKey> {
  const header = (name: string): string => {
    const found = request.headers[name];
    return typeof found === "string" ? found : "";
  };
  const key = keys.get(header("x-bapi-api-key"));
  if (key === undefined) return new Refusal(10003, "API key is invalid.");
  const timestamp = header("x-bapi-timestamp");
  const window = header("x-bapi-recv-window") || "5000";
  if (!/^\d{1,16}$/.test(timestamp) || !/^\d{1,16}$/.test(window)) {
    return wrong("X-BAPI-TIMESTAMP and X-BAPI-RECV-WINDOW are whole milliseconds");
  }
  const sent = Number(timestamp);
  if (sent < now - Number(window) || sent >= now + 1_000) {
    return new Refusal(
      10002,
      `invalid request, please check your server timestamp or recv_window param. req_timestamp[${sent}],server_timestamp[${now}],recv_window[${window}]`,
    );
  }
  const signed = timestamp + key.apiKey + window + (request.method === "GET" ? request.query : request.body);
  return isSigned(signed, header("x-bapi-sign"), key.secret)
    ? key
    : new Refusal(10004, "error sign! please check your signature generation algorithm.");
}

/** The login of a private socket: `args` of {"op":"auth"} are key, expiry and HMAC over "GET/realtime" + expiry. */
export function loggedIn(
  args: readonly unknown[],
  keys: ReadonlyMap<string, ApiKey>,
  now: number,
): ApiKey | undefined {
  const [apiKey, expires, signature] = args.map(String);
  const key = keys.get(apiKey ?? "");
  if (key === undefined || !(Number(expires) > now)) return undefined;
  return isSigned(`GET/realtime${expires}`, signature ?? "", key.secret) ? key : undefined;
}

function isSigned(signed: string, signature: string, secret: string): boolean {
  const right = createHmac("sha256", secret).update(signed).digest();
  const given = /^[0-9a-f]{64}$/i.test(signature) ? Buffer.from(signature, "hex") : Buffer.alloc(0);
  return given.length === right.length && timingSafeEqual(given, right);
}
