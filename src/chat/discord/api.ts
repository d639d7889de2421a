import { DiscordAPIError, HTTPError, RateLimitError, REST } from "discord.js";
import { faultText } from "../log.ts";
import type { Delivery } from "../room.ts";

/** How calls to Discord end. */
export type DiscordAnswer =
  | { readonly ok: true; readonly result: unknown }
  | { readonly ok: false; readonly delivery: Exclude<Delivery, { readonly type: "sent" | "edited" }> };

const UNKNOWN_MESSAGE = 10_008;
const TOO_OLD_TO_EDIT = 30_046;

/**
 * Calls Discord's REST with the bot's token, apart from the gateway: messages go out while that reconnects.
 * Errors are ours and hold no token.
 */
export class DiscordApi {
  readonly #rest: REST;
  readonly #redact: (text: string) => string;

  constructor(options: {
    readonly token: string;
    readonly apiBase: string | undefined;
    readonly redact: (text: string) => string;
    readonly callMs: number;
    readonly requestsPerSecond: number;
  }) {
    const { token, apiBase, redact, callMs, requestsPerSecond } = options;
    this.#redact = redact;
    this.#rest = new REST({
      version: "10",
      timeout: callMs,
      globalRequestsPerSecond: requestsPerSecond,
      // Our outbox tries again, with pauses: discord.js would repeat at once.
      retries: 0,
      // Waiting is the outbox's work too: something critical may come meanwhile.
      rejectOnRateLimit: ({ route }) => route.includes("/messages"),
      ...(apiBase === undefined ? {} : { api: apiBase }),
    }).setToken(token);
  }

  /** One call; never rejects. */
  async call(
    method: "get" | "post" | "patch" | "put",
    route: `/${string}`,
    body?: unknown,
  ): Promise<DiscordAnswer> {
    try {
      return { ok: true, result: await this.#rest[method](route, body === undefined ? {} : { body }) };
    } catch (fault) {
      return { ok: false, delivery: failureOf(fault, this.#redact) };
    }
  }
}

/** Translates whatever discord.js throws for a call. */
function failureOf(
  fault: unknown,
  redact: (text: string) => string,
): Exclude<Delivery, { readonly type: "sent" | "edited" }> {
  const reason = redact(faultText(fault));
  if (fault instanceof RateLimitError)
    return { type: "later", afterMs: fault.retryAfter, reason: "Discord asks to wait" };
  if (fault instanceof DiscordAPIError) {
    if (fault.code === UNKNOWN_MESSAGE || fault.code === TOO_OLD_TO_EDIT) return { type: "gone", reason };
    return fault.status === 401 || fault.status >= 500
      ? { type: "later", afterMs: undefined, reason }
      : { type: "refused", reason };
  }
  if (fault instanceof HTTPError && fault.status < 500) return { type: "refused", reason };
  return { type: "later", afterMs: undefined, reason };
}
