import type { RejectKind } from "../../core/reject-kind.ts";
import { StreamCut } from "../stream-keeper.ts";

/** What became of a request that did not answer with success. `lost`: it may have been carried out (I1, I9). */
export type Failure =
  | {
      readonly type: "refused";
      readonly code: number | undefined;
      readonly kind: RejectKind;
      readonly reason: string;
    }
  | { readonly type: "lost"; readonly reason: string };

const KINDS: ReadonlyMap<number, RejectKind> = new Map([
  [-5022, "postOnly"],
  [-2022, "reduceOnly"],
  [-4118, "reduceOnly"],
  [-2021, "wouldTrigger"],
  [-2018, "margin"],
  [-2019, "margin"],
  [-2027, "margin"],
  [-4131, "thinMarket"],
  [-1111, "filter"],
  [-4164, "filter"],
  [-4002, "filter"],
  [-4003, "filter"],
  [-4004, "filter"],
  [-4005, "filter"],
  [-4013, "filter"],
  [-4014, "filter"],
  [-4016, "filter"],
  [-4023, "filter"],
  [-4024, "filter"],
  [-2025, "tooMany"],
  [-4045, "tooMany"],
  [-1003, "rateLimit"],
  [-1015, "rateLimit"],
  [-1008, "unavailable"],
  [-1021, "clock"],
  [-1022, "auth"],
  [-2014, "auth"],
  [-2015, "auth"],
]);

/**
 * Codes after which the exchange itself says that the outcome is not known; and the doubled client id, which says that an
 * order with our id is there: what became of it must be asked, never taken for refused.
 */
const LOST: ReadonlySet<number> = new Set([-1000, -1001, -1006, -1007, -4116]);

/** "Unknown order" and "order does not exist". */
export const isGone = (code: number | undefined): boolean => code === -2011 || code === -2013;
/** "No need to change": the exchange is already as we want it. */
export const isNoChange = (code: number | undefined): boolean => code === -4046 || code === -4059;

/**
 * Sorts an error of ccxt by the exchange's numeric code, never by its class: the classes depend on the address and
 * are wrong on the order socket. What carries no code of a refusal is lost: asking is right, repeating is not.
 */
export function failureOf(error: unknown): Failure {
  const message = error instanceof Error ? error.message : String(error);
  const found = /"code"\s*:\s*"?(-?\d+)"?/.exec(message);
  const said = /"msg"\s*:\s*"((?:[^"\\]|\\.)*)"/.exec(message)?.[1];
  if (found !== null) {
    const code = Number(found[1]);
    if (code < 0 && !LOST.has(code)) {
      return {
        type: "refused",
        code,
        kind: KINDS.get(code) ?? "other",
        reason: `${said ?? "refused"} (${code})`,
      };
    }
    return { type: "lost", reason: `${said ?? "outcome unknown"} (${code})` };
  }
  if (/ 429 | 418 |DDoSProtection/.test(message)) {
    return { type: "refused", code: -1003, kind: "rateLimit", reason: "too many requests" };
  }
  const status = statusOf(message);
  const kind = TURNED_AWAY.get(status ?? 0);
  if (kind !== undefined) return { type: "refused", code: undefined, kind, reason: `HTTP ${status}` };
  return { type: "lost", reason: plain(error) };
}

/**
 * HTTP statuses that say without any code that a request was turned away before anybody could act on it: the firewall
 * (403), no such place (404, 405), a malformed frame (411, 413, 414, 415, 431), a country that may not trade (451), no
 * valid key (401). All others prove nothing: 400 and 408 come from the servers behind it, too, and 5xx from anywhere.
 * @see Binance "General Info", HTTP return codes
 */
const TURNED_AWAY: ReadonlyMap<number, RejectKind> = new Map([
  [401, "auth"],
  [403, "unavailable"],
  [404, "other"],
  [405, "other"],
  [411, "other"],
  [413, "other"],
  [414, "other"],
  [415, "other"],
  [431, "other"],
  [451, "unavailable"],
]);

/** The status of an answer, as carriers write it: "binanceusdm POST (address) 403 Forbidden ..." or "binanceusdm 403 ...". */
function statusOf(message: string): number | undefined {
  const found = /^\w+ (?:(?:GET|POST|PUT|DELETE) \S+ )?([45]\d\d)(?= |$)/.exec(message);
  return found === null ? undefined : Number(found[1]);
}

/** What kind of trouble it was, without the address, which is signed and carries the key's signature. */
export function plain(error: unknown): string {
  if (!(error instanceof Error)) return "unknown failure";
  if (error instanceof StreamCut) return error.message;
  const cause =
    /\b(ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENOTFOUND|EPIPE|other side closed|timed out|terminated)\b/.exec(
      error.message,
    );
  const status = /\b([45]\d\d)\b(?= [A-Z])/.exec(error.message);
  const more = [cause?.[1], status === null ? undefined : `HTTP ${status[1]}`].filter(
    (part) => part !== undefined,
  );
  return more.length === 0 ? error.constructor.name : `${error.constructor.name}: ${more.join(", ")}`;
}
