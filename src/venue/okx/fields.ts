import { countOf, type Step } from "../../core/text.ts";
import { type Millis, millis, type Ticks, ticks } from "../../core/units.ts";
import type { Listing } from "./listing.ts";
import { badValue, missing, noInstrument, type Read } from "./refusal.ts";

/** What a client sent with a call: names and texts. */
export type Fields = ReadonlyMap<string, string>;

/** A JSON object's plain values as fields; undefined when it is no object. */
export function fieldsOf(row: unknown): Fields | undefined {
  if (typeof row !== "object" || row === null || Array.isArray(row)) return undefined;
  const plain = Object.entries(row).filter(([, found]) => found !== null && typeof found !== "object");
  return new Map(plain.map(([name, found]) => [name, String(found)]));
}

/** A field that may be left out; empty counts as left out. */
export function optional(fields: Fields, name: string): string | undefined {
  const found = fields.get(name);
  return found === undefined || found === "" ? undefined : found;
}

/** A field that must be there with something in it. */
export const text = (fields: Fields, name: string): Read<string> => optional(fields, name) ?? missing(name);

/** What a word stands for, or that the field is wrong. */
export function word<T>(
  fields: Fields,
  name: string,
  table: Readonly<Record<string, T>>,
  fallback?: string,
): Read<T> {
  const found = optional(fields, name) ?? fallback;
  if (found === undefined) return missing(name);
  const meant = Object.hasOwn(table, found) ? table[found] : undefined;
  return meant === undefined ? badValue(name) : meant;
}

/** The instrument that `instId` names. */
export function listingOfField(fields: Fields, listings: ReadonlyMap<string, Listing>): Read<Listing> {
  const id = optional(fields, "instId");
  return id === undefined ? missing("instId") : (listings.get(id) ?? noInstrument());
}

/** The instruments that `instId`, `instFamily` or `uly` narrow a call to; all when nothing does. */
export function listingsOfFields(
  fields: Fields,
  listings: ReadonlyMap<string, Listing>,
): Read<readonly Listing[]> {
  const ids = optional(fields, "instId")?.split(",");
  const family = optional(fields, "instFamily") ?? optional(fields, "uly");
  const found = [...listings.values()].filter(
    (listing) =>
      (ids === undefined || ids.includes(listing.instrument.id)) &&
      (family === undefined || family.split(",").includes(listing.family)),
  );
  return ids !== undefined && found.length === 0 ? noInstrument() : found;
}

/** A price above zero on the tick. */
export function priceOf(fields: Fields, name: string, listing: Listing): Read<Ticks> {
  const found = text(fields, name);
  if (typeof found !== "string") return found;
  const count = countOf(found, listing.instrument.tick);
  return count === undefined || count <= 0 ? badValue(name) : ticks(count);
}

/** A whole number of steps, however written; undefined when it is none. */
export const stepsOf = (raw: string, step: Step): number | undefined => countOf(raw, step);

/** A time in milliseconds that may be left out. */
export function timeOf(fields: Fields, name: string): Read<Millis | undefined> {
  const found = optional(fields, name);
  if (found === undefined) return undefined;
  return /^\d{1,15}$/.test(found) ? millis(Number(found)) : badValue(name);
}

/** How many rows are wanted, at most `most`. */
export function limitOf(fields: Fields, most: number, usual = most): Read<number> {
  const found = optional(fields, "limit");
  if (found === undefined) return usual;
  return /^[1-9]\d{0,4}$/.test(found) ? Math.min(most, Number(found)) : badValue("limit");
}

/** Rows, newest first, as `after` (earlier than that id), `before` (newer than it) and `limit` (100 at most) cut them. */
export function paged<T>(rows: readonly T[], fields: Fields, idOf: (row: T) => number): Read<readonly T[]> {
  const limit = limitOf(fields, 100);
  if (typeof limit !== "number") return limit;
  const [after, before] = ["after", "before"].map((name) => Number(optional(fields, name) ?? Number.NaN));
  const found = rows.filter((row) => {
    const id = idOf(row);
    return !(after !== undefined && id >= after) && !(before !== undefined && id <= before);
  });
  return found.slice(0, limit);
}
