/** Discord's tree of what is wrong with a body: fields and positions lead to `_errors`. */
export interface ErrorTree {
  [field: string]: ErrorTree | { readonly code: string; readonly message: string }[];
}

/** Something Discord would not do, as it says so: HTTP status, JSON error code, message and, for a body, what is wrong where. */
export class Problem extends Error {
  readonly status: number;
  readonly code: number;
  readonly errors: ErrorTree | undefined;
  readonly headers: Readonly<Record<string, string>>;
  readonly extra: Readonly<Record<string, unknown>>;

  constructor(
    status: number,
    code: number,
    message: string,
    more: {
      readonly errors?: ErrorTree;
      readonly headers?: Readonly<Record<string, string>>;
      readonly extra?: Readonly<Record<string, unknown>>;
    } = {},
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.errors = more.errors;
    this.headers = more.headers ?? {};
    this.extra = more.extra ?? {};
  }

  /** The body of the answer. */
  get body(): Readonly<Record<string, unknown>> {
    const errors = this.errors === undefined ? {} : { errors: this.errors };
    return { message: this.message, code: this.code, ...this.extra, ...errors };
  }
}

/** A 429: `retry_after` in seconds, for one route or for all. */
export function tooMany(seconds: number, scope: "user" | "shared" | "global" = "user"): Problem {
  const isGlobal = scope === "global";
  const after = Math.max(0.001, Math.round(seconds * 1_000) / 1_000);
  return new Problem(429, 0, "You are being rate limited.", {
    extra: { retry_after: after, global: isGlobal },
    headers: {
      "retry-after": String(Math.ceil(after)),
      "x-ratelimit-scope": scope,
      ...(isGlobal ? { "x-ratelimit-global": "true" } : {}),
    },
  });
}

/** The refusals that many routes share, by Discord's JSON error codes. */
export const problems = {
  unauthorized: () => new Problem(401, 0, "401: Unauthorized"),
  unknownRoute: () => new Problem(404, 0, "404: Not Found"),
  unknownChannel: () => new Problem(404, 10003, "Unknown Channel"),
  unknownMessage: () => new Problem(404, 10008, "Unknown Message"),
  unknownUser: () => new Problem(404, 10013, "Unknown User"),
  unknownGuild: () => new Problem(404, 10004, "Unknown Guild"),
  unknownWebhook: () => new Problem(404, 10015, "Unknown Webhook"),
  unknownInteraction: () => new Problem(404, 10062, "Unknown interaction"),
  alreadyAcknowledged: () => new Problem(400, 40060, "Interaction has already been acknowledged."),
  missingAccess: () => new Problem(403, 50001, "Missing Access"),
  foreignMessage: () => new Problem(403, 50005, "Cannot edit a message authored by another user"),
  emptyMessage: () => new Problem(400, 50006, "Cannot send an empty message"),
  closedToMessages: () => new Problem(403, 50007, "Cannot send messages to this user"),
  missingPermissions: () => new Problem(403, 50013, "Missing Permissions"),
  invalidWebhookToken: () => new Problem(401, 50027, "Invalid Webhook Token"),
  tooLarge: () => new Problem(413, 40005, "Request entity too large"),
};

/** Collects what is wrong with a body and refuses it as a whole with 50035 and the path of each mistake. */
export class FormErrors {
  readonly #tree: ErrorTree = {};
  readonly #prefix: readonly (string | number)[];
  #count = 0;

  /** All paths begin with `prefix`: ["data"] in an interaction's answer. */
  constructor(prefix: readonly (string | number)[] = []) {
    this.#prefix = prefix;
  }

  /** Notes one mistake at a path such as ["embeds", 0, "title"]. */
  add(path: readonly (string | number)[], code: string, message: string): void {
    this.#count += 1;
    let node: ErrorTree = this.#tree;
    for (const step of [...this.#prefix, ...path]) {
      const next = node[step];
      if (next !== undefined && !Array.isArray(next)) node = next;
      else {
        const child: ErrorTree = {};
        node[step] = child;
        node = child;
      }
    }
    const errors = node["_errors"];
    if (Array.isArray(errors)) errors.push({ code, message });
    else node["_errors"] = [{ code, message }];
  }

  /** A text must be given and its length in characters must lie between two bounds; absent is fine when `min` is 0. */
  length(path: readonly (string | number)[], value: unknown, min: number, max: number): void {
    if (value === undefined || value === null) {
      if (min > 0) this.add(path, "BASE_TYPE_REQUIRED", "This field is required");
      return;
    }
    if (typeof value !== "string") {
      this.add(path, "STRING_TYPE_CONVERT", "Could not interpret value as string.");
      return;
    }
    this.count(path, [...value].length, min, max);
  }

  /** A count must lie between two bounds. */
  count(path: readonly (string | number)[], count: number, min: number, max: number): void {
    if (count >= min && count <= max) return;
    if (min > 0) this.add(path, "BASE_TYPE_BAD_LENGTH", `Must be between ${min} and ${max} in length.`);
    else this.add(path, "BASE_TYPE_MAX_LENGTH", `Must be ${max} or fewer in length.`);
  }

  /** The refusal for all that was noted. */
  get problem(): Problem {
    return new Problem(400, 50035, "Invalid Form Body", { errors: this.#tree });
  }

  /** Throws the refusal if anything was noted. */
  refuse(): void {
    if (this.#count > 0) throw this.problem;
  }
}

/** A refusal for one mistake. */
export function invalid(path: readonly (string | number)[], code: string, message: string): Problem {
  const errors = new FormErrors();
  errors.add(path, code, message);
  return errors.problem;
}
