import type { Trouble } from "../faults/weather.ts";
import type { WebAnswer } from "../web/skin.ts";
import { LIMITS } from "./limits.ts";
import { Refusal } from "./refusal.ts";

/** What Binance says when it is in trouble, or when somebody asks too much of it. */
export function troubleRefusal({ end, wallAt, retryAfterMs, address }: Trouble): Refusal {
  const seconds = Math.ceil(retryAfterMs / 1_000);
  switch (end) {
    case "unknownStatus":
      return new Refusal(
        -1007,
        "Timeout waiting for response from backend server. Send status unknown; execution status unknown.",
        503,
      );
    case "unavailable":
      return new Refusal(
        -1008,
        "Request throttled by system-level protection. Reduce-only/close-position orders are exempt. Please try again.",
        503,
      );
    case "failed":
      return new Refusal(-1000, "An unknown error occurred while processing the request.", 500);
    case "rateLimited":
      return new Refusal(
        -1003,
        `Too many requests; current limit of IP(${address}) is ${LIMITS.weightPerMinute} requests per minute. Please use the websocket for live updates to avoid polling the API.`,
        429,
        seconds,
      );
    case "banned":
      return new Refusal(
        -1003,
        `Way too many requests; IP(${address}) banned until ${wallAt + retryAfterMs}. Please use the websocket for live updates to avoid bans.`,
        418,
        seconds,
      );
  }
}

/** The same as a REST answer; a failing proxy in front answers with a web page. */
export function troubleAnswer(trouble: Trouble): WebAnswer {
  if (trouble.end === "failed") {
    const page = "<html><head><title>502 Bad Gateway</title></head><body>502 Bad Gateway</body></html>";
    return { status: 502, headers: {}, body: page };
  }
  const { status, body, retryAfter } = troubleRefusal(trouble);
  return { status, headers: retryAfter === undefined ? {} : { "Retry-After": retryAfter }, body };
}
