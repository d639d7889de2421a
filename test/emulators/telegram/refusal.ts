import type { ApiError } from "telegraf/types";

/** Something Telegram would not do, as it says so: HTTP status, description and, for floods and moved groups, parameters. */
export class Refusal extends Error {
  readonly code: number;
  readonly parameters: ApiError["parameters"];

  constructor(code: number, description: string, parameters?: ApiError["parameters"]) {
    super(description);
    this.code = code;
    this.parameters = parameters;
  }

  /** The body of the answer. */
  get body(): ApiError {
    const error: ApiError = { ok: false, error_code: this.code, description: this.message };
    return this.parameters === undefined ? error : { ...error, parameters: this.parameters };
  }
}

/** A 400 with Telegram's "Bad Request: " in front. */
export function badRequest(description: string): Refusal {
  return new Refusal(400, `Bad Request: ${description}`);
}

/** The 429 of a flood, with the whole seconds to wait. */
export function tooMany(seconds: number): Refusal {
  const wait = Math.max(1, Math.ceil(seconds));
  return new Refusal(429, `Too Many Requests: retry after ${wait}`, { retry_after: wait });
}

/** The 409 of two readers on one token. */
export function conflict(): Refusal {
  return new Refusal(
    409,
    "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
  );
}
