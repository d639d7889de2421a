import { countOf, type Step } from "../../core/text.ts";
import { type Millis, millis } from "../../core/units.ts";
import { type Read, Refusal, wrong } from "./refusal.ts";

/** What a client sent with a call: the query of a GET, the JSON body of a POST. */
export type Fields = Readonly<Record<string, unknown>>;

/** A text or a number as text; undefined when left out or empty. */
export function optional(fields: Fields, name: string): string | undefined {
  const found = fields[name];
  if (typeof found === "number") return String(found);
  return typeof found === "string" && found !== "" ? found : undefined;
}

/** A field that must be there. */
export function text(fields: Fields, name: string): Read<string> {
  return optional(fields, name) ?? wrong(`${name} is required`);
}

/** A yes or no: JSON's own, or its words; no when left out. */
export function flag(fields: Fields, name: string): Read<boolean> {
  const found = fields[name];
  if (found === true || found === "true") return true;
  if (found === undefined || found === false || found === "false" || found === "") return false;
  return wrong(`${name} is neither true nor false`);
}

/** A whole number from 0, or undefined when left out. */
export function whole(fields: Fields, name: string): Read<number | undefined> {
  const found = optional(fields, name);
  if (found === undefined) return undefined;
  const count = /^\d{1,16}$/.test(found) ? Number(found) : Number.NaN;
  return Number.isSafeInteger(count) ? count : wrong(`${name} "${found}" is no whole number`);
}

/** A row limit within 1..most; larger ones are cut, as Bybit does. */
export function limitOf(fields: Fields, fallback: number, most: number): Read<number> {
  const found = whole(fields, "limit");
  if (found instanceof Refusal || found === undefined) return found ?? fallback;
  return found < 1 ? wrong("limit is below 1") : Math.min(found, most);
}

/** One of Bybit's words, turned into ours. */
export function word<T>(found: string, words: Readonly<Record<string, T>>, name: string): Read<T> {
  return Object.hasOwn(words, found) ? (words[found] as T) : wrong(`${name} "${found}" is unknown`);
}

/** A decimal as a count of `step`, or undefined when left out. */
export function count(fields: Fields, name: string, step: Step): Read<number | undefined> {
  const found = optional(fields, name);
  if (found === undefined) return undefined;
  const steps = /^\d{1,16}(\.\d{1,16})?$/.test(found) ? countOf(found, step) : undefined;
  return steps === undefined || !Number.isSafeInteger(steps)
    ? wrong(`${name} "${found}" is no whole number of ${step.text}`)
    : steps;
}

/** Longest span of history in one question. */
const WEEK_MS = 7 * 86_400_000;

/** `startTime` and `endTime` in market time; a week at most, the last week when neither is sent. */
export function periodOf(fields: Fields, now: number): Read<{ readonly from: Millis; readonly to: Millis }> {
  const start = whole(fields, "startTime");
  const end = whole(fields, "endTime");
  if (start instanceof Refusal) return start;
  if (end instanceof Refusal) return end;
  const to = end ?? (start === undefined ? now : start + WEEK_MS);
  const from = start ?? Math.max(0, to - WEEK_MS);
  if (to - from > WEEK_MS) return wrong("the time between startTime and endTime is more than 7 days");
  return { from: millis(from), to: millis(to) };
}

/** One page of rows that come newest first; the cursor names how many came before. */
export function paged<T>(
  rows: readonly T[],
  fields: Fields,
  limit: number,
): Read<{ readonly page: readonly T[]; readonly nextPageCursor: string }> {
  const cursor = optional(fields, "cursor");
  const found = cursor === undefined ? ["", "0"] : /^page%3A(\d{1,9})$/.exec(encodeURIComponent(cursor));
  if (found === null) return wrong("cursor is not one of ours");
  const from = Number(found[1]);
  const page = rows.slice(from, from + limit);
  const isLast = from + limit >= rows.length;
  return { page, nextPageCursor: isLast ? "" : `page:${from + limit}` };
}
