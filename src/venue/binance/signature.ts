import { createHmac, timingSafeEqual } from "node:crypto";
import type { AccountId } from "../../core/instrument.ts";
import { type Fields, optional } from "./fields.ts";
import { missing, type Read, Refusal } from "./refusal.ts";

/** One API key: whose account it opens and what it may do. */
export interface ApiKey {
  readonly apiKey: string;
  readonly secret: string;
  readonly account: AccountId;
  /** What `/sapi/v1/account/apiRestrictions` says of it; by default futures only, with an IP restriction. */
  readonly permissions?: {
    readonly withdrawals?: boolean;
    readonly internalTransfer?: boolean;
    readonly ipRestricted?: boolean;
  };
}

/** The key that the X-MBX-APIKEY header names: -2014 without one, -2015 for one nobody has. */
export function keyOf(header: string | undefined, keys: ReadonlyMap<string, ApiKey>): Read<ApiKey> {
  if (header === undefined || header === "") return new Refusal(-2014, "API-key format invalid.", 401);
  return keys.get(header) ?? new Refusal(-2015, "Invalid API-key, IP, or permissions for action.", 401);
}

/**
 * Checks HMAC-SHA256 over `signed` (-1022) and the request's age on the wall clock (-1021): at most recvWindow
 * (5 s unless sent, 60 s at most) old and at most a second ahead. Undefined when all is well.
 */
export function refusedSignature(
  signed: string,
  fields: Fields,
  secret: string,
  now: number,
): Refusal | undefined {
  const signature = optional(fields, "signature");
  if (signature === undefined) return missing("signature");
  const timestamp = optional(fields, "timestamp");
  if (timestamp === undefined || !/^\d{1,16}$/.test(timestamp)) return missing("timestamp");
  const window = optional(fields, "recvWindow") ?? "5000";
  if (!/^\d{1,16}$/.test(window)) return missing("recvWindow");
  if (Number(window) > 60_000) return new Refusal(-1131, "recvWindow must be less than 60000");
  const ahead = Number(timestamp) - now;
  if (ahead >= 1000) {
    return new Refusal(-1021, "Timestamp for this request was 1000ms ahead of the server's time.");
  }
  if (-ahead > Number(window)) {
    return new Refusal(-1021, "Timestamp for this request is outside of the recvWindow.");
  }
  return isSigned(signed, signature, secret)
    ? undefined
    : new Refusal(-1022, "Signature for this request is not valid.");
}

function isSigned(signed: string, signature: string, secret: string): boolean {
  const right = createHmac("sha256", secret).update(signed).digest();
  const given = /^[0-9a-f]{64}$/i.test(signature) ? Buffer.from(signature, "hex") : Buffer.alloc(0);
  return given.length === right.length && timingSafeEqual(given, right);
}

/** What the client signed: raw query then raw body, with the signature itself taken out. */
export function signedText(query: string, body: string): string {
  return withoutSignature(query) + withoutSignature(body);
}

const withoutSignature = (part: string): string =>
  part
    .split("&")
    .filter((pair) => !pair.startsWith("signature="))
    .join("&");
