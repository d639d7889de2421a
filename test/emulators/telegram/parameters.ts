import type { Visit } from "./door.ts";
import { type FormFile, parseMultipart } from "./multipart.ts";
import { badRequest } from "./refusal.ts";

/** The arguments of one Bot API call, however they came: query, JSON, urlencoded or multipart. */
export class Parameters {
  readonly values: Readonly<Record<string, unknown>>;
  readonly files: ReadonlyMap<string, FormFile>;

  constructor(values: Readonly<Record<string, unknown>>, files: ReadonlyMap<string, FormFile> = new Map()) {
    this.values = values;
    this.files = files;
  }

  /** A value as text, numbers too; undefined when absent or empty. */
  text(name: string): string | undefined {
    const value = this.values[name];
    if (typeof value === "number") return String(value);
    return typeof value === "string" && value !== "" ? value : undefined;
  }

  /** A whole number, also one written as text; undefined when absent or not a whole number. */
  integer(name: string): number | undefined {
    const text = this.text(name);
    return text !== undefined && /^-?\d+$/.test(text) ? Number(text) : undefined;
  }

  /** A switch: true, "true" and 1 are on. */
  flag(name: string): boolean {
    const value = this.values[name];
    return value === true || /^(true|1|yes)$/i.test(this.text(name) ?? "");
  }

  /** An object or list, also one written as JSON text; a text that isn't JSON is refused. */
  json(name: string): unknown {
    const value = this.values[name];
    if (typeof value !== "string" || value === "") return value === "" || value === null ? undefined : value;
    try {
      return JSON.parse(value) as unknown;
    } catch {
      throw badRequest(`can't parse ${name.replaceAll("_", " ")} JSON object`);
    }
  }

  /** An uploaded file, sent under its own name or as `attach://NAME`; undefined when the value is a URL, a file id or absent. */
  file(name: string): FormFile | undefined {
    const attached = /^attach:\/\/(.+)$/.exec(this.text(name) ?? "")?.[1];
    return this.files.get(attached ?? name);
  }
}

/** Reads the arguments out of a request; a body that isn't what its content type says is refused. */
export function parametersOf(visit: Visit): Parameters {
  const query = Object.fromEntries(visit.url.searchParams);
  const type = visit.headers["content-type"] ?? "";
  if (visit.body.length === 0) return new Parameters(query);
  if (/^multipart\/form-data/i.test(type)) {
    const form = parseForm(visit.body, type);
    return new Parameters({ ...query, ...Object.fromEntries(form.fields) }, form.files);
  }
  const text = visit.body.toString("utf8");
  if (/^application\/json/i.test(type)) return new Parameters({ ...query, ...parseObject(text) });
  return new Parameters({ ...query, ...Object.fromEntries(new URLSearchParams(text)) });
}

function parseForm(body: Buffer, type: string) {
  try {
    return parseMultipart(body, type);
  } catch (error) {
    throw badRequest(
      `can't parse multipart/form-data body: ${error instanceof Error ? error.message : error}`,
    );
  }
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null) return value as Readonly<Record<string, unknown>>;
  } catch {
    // answered below
  }
  throw badRequest("can't parse body JSON object: expected an object");
}
