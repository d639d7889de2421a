import { Telegram, TelegramError } from "telegraf";
import { faultText } from "../log.ts";
import type { Delivery } from "../room.ts";

/** What Telegram said no to, or why it could not be asked. */
export interface Trouble {
  /** `away`: no answer, or one that is not Telegram's. */
  readonly type: "flood" | "token" | "conflict" | "moved" | "same" | "gone" | "refused" | "away";
  readonly reason: string;
  readonly retryMs?: number;
  readonly movedTo?: number;
}

/** Calls the Bot API with a deadline. Errors are ours and hold no token. */
export class TelegramApi {
  readonly #telegram: Telegram;
  readonly #redact: (text: string) => string;
  readonly #callMs: number;

  constructor(options: {
    readonly token: string;
    readonly apiRoot: string | undefined;
    readonly redact: (text: string) => string;
    readonly callMs: number;
  }) {
    const { token, apiRoot, redact, callMs } = options;
    this.#telegram = new Telegram(token, apiRoot === undefined ? {} : { apiRoot });
    this.#redact = redact;
    this.#callMs = callMs;
  }

  /** One call. Gives its result, or what went wrong; never rejects. */
  async call(
    method: string,
    payload: Readonly<Record<string, unknown>>,
  ): Promise<
    { readonly ok: true; readonly result: unknown } | { readonly ok: false; readonly trouble: Trouble }
  > {
    const ask = this.#telegram.callApi.bind(this.#telegram) as unknown as BareCall;
    try {
      const result = await ask(method, { ...payload }, { signal: AbortSignal.timeout(this.#callMs) });
      return { ok: true, result };
    } catch (fault) {
      return { ok: false, trouble: troubleOf(fault, this.#redact) };
    }
  }
}

/** `callApi` for methods and arguments that telegraf's own types don't know yet. */
export type BareCall = (
  method: string,
  payload: Record<string, unknown>,
  options: { readonly signal?: AbortSignal | undefined },
) => Promise<unknown>;

/** Translates whatever telegraf throws. */
export function troubleOf(fault: unknown, redact: (text: string) => string): Trouble {
  const reason = redact(faultText(fault));
  if (!(fault instanceof TelegramError)) return { type: "away", reason };
  const { code, description, parameters } = fault;
  if (code === 429) return { type: "flood", reason, retryMs: (parameters?.retry_after ?? 1) * 1_000 };
  if (code === 401 || code === 404) return { type: "token", reason };
  if (code === 409) return { type: "conflict", reason };
  if (code >= 500) return { type: "away", reason };
  if (parameters?.migrate_to_chat_id !== undefined) {
    return { type: "moved", reason, movedTo: parameters.migrate_to_chat_id };
  }
  if (/message is not modified/i.test(description)) return { type: "same", reason };
  if (/message to edit not found|message can't be edited|MESSAGE_ID_INVALID/i.test(description)) {
    return { type: "gone", reason };
  }
  return { type: "refused", reason };
}

/** What a failed send or edit means for the outbox. */
export function deliveryOf({ type, reason, retryMs }: Trouble): Delivery {
  switch (type) {
    case "same":
      return { type: "edited" };
    case "gone":
      return { type: "gone", reason };
    case "refused":
    case "moved":
      return { type: "refused", reason };
    default:
      return { type: "later", afterMs: retryMs, reason };
  }
}
