import { createHash } from "node:crypto";
import { tooMany } from "./problem.ts";

/** How often a bot may ask: per route and channel, and in all. */
export interface RateLimits {
  /** Sends, edits and deletes of messages, each per channel, in any `messageWindowMs`. */
  readonly messages: number;
  readonly messageWindowMs: number;
  /** Every other route, per second. */
  readonly others: number;
  /** All routes together but interactions, per second. */
  readonly total: number;
}

/** Discord's usual figures: 5 messages in 5 s to a channel, 50 requests a second in all. */
export const USUAL_RATES: RateLimits = { messages: 5, messageWindowMs: 5_000, others: 50, total: 50 };
const UNLIMITED: RateLimits = {
  messages: 1_000_000,
  messageWindowMs: 1_000,
  others: 1_000_000,
  total: Number.POSITIVE_INFINITY,
};
const SECOND = 1_000;

/** Fixed windows per bucket, as Discord's headers describe them. */
export class Rates {
  limits: RateLimits | "off";
  readonly #windows = new Map<string, { used: number; end: number }>();

  constructor(limits: RateLimits | "off" = USUAL_RATES) {
    this.limits = limits;
  }

  /** Counts one request and gives its rate-limit headers; throws a 429 with them when it is one too many. */
  take(
    bucket: string,
    kind: "messages" | "others" | "interaction",
    now = performance.now(),
  ): Readonly<Record<string, string>> {
    const limits = this.limits === "off" ? UNLIMITED : this.limits;
    if (kind !== "interaction") {
      const total = this.#window("", SECOND, now);
      total.used += 1;
      if (total.used > limits.total) throw tooMany((total.end - now) / SECOND, "global");
    }
    const isMessage = kind === "messages";
    const limit = isMessage ? limits.messages : limits.others;
    const window = this.#window(bucket, isMessage ? limits.messageWindowMs : SECOND, now);
    window.used += 1;
    const left = (window.end - now) / SECOND;
    const headers = {
      "x-ratelimit-limit": String(limit),
      "x-ratelimit-remaining": String(Math.max(0, limit - window.used)),
      "x-ratelimit-reset": (Date.now() / SECOND + left).toFixed(3),
      "x-ratelimit-reset-after": left.toFixed(3),
      "x-ratelimit-bucket": createHash("md5").update(bucket.replace(/ \d+$/, "")).digest("hex"),
    };
    if (window.used > limit) {
      const problem = tooMany(left);
      Object.assign(problem.headers, headers);
      throw problem;
    }
    return headers;
  }

  #window(bucket: string, span: number, now: number): { used: number; end: number } {
    const known = this.#windows.get(bucket);
    if (known !== undefined && known.end > now) return known;
    const window = { used: 0, end: now + span };
    this.#windows.set(bucket, window);
    return window;
  }
}
