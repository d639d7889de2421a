import type { APIMessage } from "discord.js";
import type { Answer, Visit } from "../telegram/door.ts";
import type { Journal } from "../telegram/journal.ts";
import { parseMultipart } from "../telegram/multipart.ts";
import type { Files } from "./messages.ts";
import { Problem, problems, tooMany } from "./problem.ts";
import type { Rates } from "./rates.ts";
import type { Call, Route } from "./routes.ts";

/** One REST call: what was asked, and what came of it. Tokens are not in it. */
export interface DiscordCall {
  /** Method and template, such as "POST /channels/:channel/messages". */
  readonly route: string;
  readonly params: Readonly<Record<string, string>>;
  readonly body: unknown;
  readonly files: Files;
  /** When it came, in ms since the epoch. */
  readonly at: number;
  readonly status: number;
  /** The message that was sent, edited or deleted, as it was after the call. */
  readonly message?: APIMessage;
  /** Id of the interaction that was answered. */
  readonly interaction?: string;
  readonly error?: Readonly<Record<string, unknown>>;
}

/** The REST side: finds the route, checks token and limits, runs it and writes down what came of it. */
export class Rest {
  readonly #token: string;
  readonly #routes: readonly Route[];
  readonly #rates: Rates;
  readonly #journal: Journal<DiscordCall>;
  /** True: calls are carried out, but not answered. */
  isLossy = false;
  /** True: every call ends with 500. */
  isBroken = false;
  /** Until when every call is refused with 429, in ms of the monotonic clock, and in whose name. */
  limitedUntil = 0;
  limitScope: "user" | "global" = "global";

  constructor(token: string, routes: readonly Route[], rates: Rates, journal: Journal<DiscordCall>) {
    this.#token = token;
    this.#routes = routes;
    this.#rates = rates;
    this.#journal = journal;
  }

  /** Answers one request; undefined when the answer is to be lost. */
  async serve(visit: Visit): Promise<Answer | undefined> {
    const path = decodeURIComponent(visit.url.pathname).replace(/^\/api(\/v\d+)?/, "");
    let call: Omit<DiscordCall, "status"> = {
      route: `${visit.method} ${path}`,
      params: {},
      body: undefined,
      files: new Map(),
      at: Date.now(),
    };
    let headers: Readonly<Record<string, string>> = {};
    try {
      const found = this.#find(visit.method, path);
      if (found === undefined) throw problems.unknownRoute();
      const { route, params } = found;
      const { body, files } = bodyOf(visit);
      const { token: _, ...shown } = params;
      const name = `${route.method} ${route.path}`;
      call = { route: name, params: shown, body, files, at: call.at };
      if (route.kind !== "interaction" && visit.headers.authorization !== `Bot ${this.#token}`)
        throw problems.unauthorized();
      if (this.isBroken) throw new Problem(500, 0, "500: Internal Server Error");
      const left = this.limitedUntil - performance.now();
      if (left > 0) throw tooMany(left / 1_000, this.limitScope);
      const major = params["channel"] ?? params["guild"] ?? params["application"] ?? "0";
      headers = this.#rates.take(`${name} ${major}`, route.kind);
      const request: Call = { params, query: visit.url.searchParams, body, files };
      const { status, body: result, message, interaction } = route.run(request);
      const shownMessage = message === undefined ? {} : { message };
      this.#journal.record({
        ...call,
        status,
        ...shownMessage,
        ...(interaction === undefined ? {} : { interaction: interaction.id }),
      });
      if (this.isLossy) return undefined;
      return result === undefined ? { status, headers } : { status, headers, body: result };
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      this.#journal.record({ ...call, status: error.status, error: error.body });
      return { status: error.status, headers: { ...headers, ...error.headers }, body: error.body };
    }
  }

  #find(
    method: string,
    path: string,
  ): { readonly route: Route; readonly params: Call["params"] } | undefined {
    const steps = path.split("/");
    for (const route of this.#routes) {
      const template = route.path.split("/");
      if (route.method !== method || template.length !== steps.length) continue;
      if (!template.every((step, index) => step.startsWith(":") || step === steps[index])) continue;
      const named = template.flatMap((step, index) =>
        step.startsWith(":") ? [[step.slice(1), steps[index] ?? ""] as const] : [],
      );
      return { route, params: Object.fromEntries(named) };
    }
    return undefined;
  }
}

function bodyOf(visit: Visit): { readonly body: unknown; readonly files: Files } {
  const type = visit.headers["content-type"] ?? "";
  if (visit.body.length === 0) return { body: undefined, files: new Map() };
  try {
    if (!type.includes("multipart/form-data"))
      return { body: JSON.parse(visit.body.toString("utf8")), files: new Map() };
    const form = parseMultipart(visit.body, type);
    const json = form.fields.get("payload_json");
    return {
      body: json === undefined ? Object.fromEntries(form.fields) : JSON.parse(json),
      files: form.files,
    };
  } catch {
    throw new Problem(400, 50109, "The request body contains invalid JSON.");
  }
}
