import type { RequestFate } from "../../src/venue/faults/weather.ts";

/** What became of a call, as the client's program sees it. */
export type CallEnd =
  | { readonly type: "json"; readonly text: string }
  | {
      readonly type: "error";
      readonly error: Error;
      readonly bannedForS?: number;
      readonly ordersRefused?: true;
    };

/** An answer of the exchange: HTTP status, JSON text, seconds of `Retry-After`. */
export interface HttpAnswer {
  readonly status: number;
  readonly text: string;
  readonly retryAfter?: number | undefined;
}

const ID = "binanceusdm";
const WORDS: Readonly<Record<number, string>> = {
  418: "I'm a teapot",
  429: "Too Many Requests",
  502: "Bad Gateway",
};

/** Turns an HTTP answer into what ccxt makes of it: JSON, or an error whose message holds the body. */
export function readAnswer(name: string, { status, text, retryAfter }: HttpAnswer): CallEnd {
  if (status === 200) return { type: "json", text };
  if (status === 418 || status === 429) {
    const error = new Error(`${ID} ${status} ${WORDS[status]} ${text}`);
    // An order too many (-1015) is no ban: see the profile's `standing`.
    if (/"code":\s*"?-1015/.test(text)) return { type: "error", error, ordersRefused: true };
    return { type: "error", error, bannedForS: retryAfter ?? 60 };
  }
  if (/"code"/.test(text)) return { type: "error", error: new Error(`${ID} ${text}`) };
  return {
    type: "error",
    error: new Error(`${ID} ${name} (address) ${status} ${WORDS[status] ?? ""} ${text}`),
  };
}

/** No answer came within the client's patience. */
export const timedOut = (name: string, ms: number): CallEnd => ({
  type: "error",
  error: new Error(`${ID} ${name} (address) request timed out (${ms} ms)`),
});

/** The connection broke under the call. */
export const brokenOff = (name: string): CallEnd => ({
  type: "error",
  error: new Error(`${ID} ${name} (address) fetch failed: other side closed`),
});

/** What the exchange's door says instead of an answer of the exchange itself. */
export function doorAnswer({ end, retryAfterMs = 2_000 }: RequestFate): HttpAnswer {
  const retryAfter = Math.ceil(retryAfterMs / 1_000);
  switch (end) {
    case "unknownStatus":
      return { status: 503, text: body(-1007, "Timeout waiting for response from backend server.") };
    case "unavailable":
      return { status: 503, text: body(-1008, "Request throttled by system-level protection.") };
    case "rateLimited":
      return { status: 429, text: body(-1003, "Too many requests."), retryAfter };
    case "banned":
      return { status: 418, text: body(-1003, "Way too many requests; IP banned."), retryAfter };
    default:
      return { status: 502, text: "<html>Bad Gateway</html>" };
  }
}

const body = (code: number, msg: string): string => JSON.stringify({ code, msg });
