import type { AccountId } from "../../core/instrument.ts";

/** A request as it reaches the exchange's door, before anything is decided about it. */
export interface RequestSeen {
  /** Which protocol: "binanceusdm", "binancecoinm", "bybit", "okx". */
  readonly skin: string;
  /**
   * Method and path, e.g. "POST /fapi/v1/order", also for calls over the order socket; "CONNECT" for a connection that
   * asks to become a WebSocket.
   */
  readonly name: string;
  readonly wallAt: number;
}

/** What becomes of a request. Times are wall milliseconds. */
export interface RequestFate {
  /** How long it is on its way to the exchange; it is judged (recvWindow) when it arrives. */
  readonly delayMs: number;
  /** How long the answer is on its way back. */
  readonly answerDelayMs: number;
  readonly end: RequestEnd;
  /** When it makes sense to come back, wall milliseconds from now; with `rateLimited`, `banned` and `unavailable`. */
  readonly retryAfterMs?: number;
}

/**
 * `answered`: as it should be. `neverArrives`: not carried out, and the client hears nothing or a broken connection.
 * `answerLost`: carried out, the answer is lost with the connection. `hangs`: carried out, never answered.
 * `unknownStatus`: carried out, answered with 503 and -1007. `unavailable`: not carried out, 503 and -1008.
 * `failed`: not carried out, a 5xx without a code. `rateLimited`, `banned`: 429, 418, not carried out.
 * `partial`, `empty`: a list in the answer lacks some or all of its items. `stale`: the answer an earlier equal
 * question got.
 */
export type RequestEnd =
  | "answered"
  | "neverArrives"
  | "answerLost"
  | "hangs"
  | "unknownStatus"
  | "unavailable"
  | "failed"
  | "rateLimited"
  | "banned"
  | "partial"
  | "empty"
  | "stale";

/** The ends of which the client hears an exchange's own words. */
export interface Trouble {
  readonly end: Extract<RequestEnd, "unknownStatus" | "unavailable" | "failed" | "rateLimited" | "banned">;
  readonly wallAt: number;
  readonly retryAfterMs: number;
  /** Who asked. */
  readonly address: string;
}

/** A message that the exchange is about to push. */
export interface FrameSeen {
  readonly skin: string;
  readonly kind: "market" | "private";
  /** The stream's name as the protocol has it, e.g. "btcusdt@bookTicker"; never a listen key. */
  readonly stream: string;
  /** Whose private stream it is. */
  readonly account?: AccountId;
  readonly wallAt: number;
}

/** When each copy of a message goes out, wall milliseconds from now: [] lost, [0] as usual, [0, 40] doubled, [300] late. */
export type FrameFate = readonly number[];

/** What goes wrong between the exchange and its clients: asked once for each request and each message. */
export interface Weather {
  request(seen: RequestSeen): RequestFate;
  frame(seen: FrameSeen): FrameFate;
  /** The exchange's clock minus the true one, wall milliseconds: for `serverTime` and the age of requests. */
  skewMs(wallAt: number): number;
}

const STRAIGHT: RequestFate = { delayMs: 0, answerDelayMs: 0, end: "answered" };
const ONCE: FrameFate = [0];

/** Nothing goes wrong. */
export const CALM: Weather = {
  request: () => STRAIGHT,
  frame: () => ONCE,
  skewMs: () => 0,
};
