import type { Instrument } from "../../core/instrument.ts";
import { countOf, type Step } from "../../core/text.ts";
import { type Millis, millis } from "../../core/units.ts";
import { allOf, badValue, missing, type Read, Refusal } from "./refusal.ts";

/** What a client sent with a call: names and texts, query and body together. */
export type Fields = ReadonlyMap<string, string>;

/** A field that must be there with something in it, else -1102 names it. */
export function text(fields: Fields, name: string): Read<string> {
  const found = fields.get(name);
  return found === undefined || found === "" ? missing(name) : found;
}

/** A field that may be left out; an empty one counts as left out. */
export function optional(fields: Fields, name: string): string | undefined {
  return fields.get(name) || undefined;
}

/** A whole number of at least `least`, or undefined when left out; anything else is -1102. */
export function whole(fields: Fields, name: string, least = 0): Read<number | undefined> {
  const found = optional(fields, name);
  if (found === undefined) return undefined;
  const count = /^-?\d{1,16}$/.test(found) ? Number(found) : Number.NaN;
  return Number.isSafeInteger(count) && count >= least ? count : missing(name);
}

/** A row limit: `fallback` when left out, -1130 outside 1..most. */
export function limitOf(fields: Fields, fallback: number, most: number): Read<number> {
  const found = whole(fields, "limit");
  if (found instanceof Refusal) return badValue("limit");
  if (found === undefined) return fallback;
  return found >= 1 && found <= most ? found : badValue("limit");
}

/** True or false as text in any case; `fallback` when left out, -1102 for anything else. */
export function flag(fields: Fields, name: string, fallback = false): Read<boolean> {
  const found = optional(fields, name)?.toLowerCase();
  if (found === undefined) return fallback;
  return found === "true" ? true : found === "false" ? false : missing(name);
}

/** One of Binance's words, turned into ours; `wrong` is what an unknown word gets. */
export function word<T>(found: string, words: Readonly<Record<string, T>>, wrong: Refusal): Read<T> {
  return Object.hasOwn(words, found) ? (words[found] as T) : wrong;
}

/** The instrument that `symbol` names: -1102 without it, -1121 for one that isn't traded here. */
export function instrumentOf(fields: Fields, instruments: ReadonlyMap<string, Instrument>): Read<Instrument> {
  const symbol = text(fields, "symbol");
  if (symbol instanceof Refusal) return symbol;
  return instruments.get(symbol) ?? new Refusal(-1121, "Invalid symbol.");
}

/** Like `instrumentOf`, but undefined when no symbol was sent. */
export function maybeInstrument(
  fields: Fields,
  instruments: ReadonlyMap<string, Instrument>,
): Read<Instrument | undefined> {
  return optional(fields, "symbol") === undefined ? undefined : instrumentOf(fields, instruments);
}

/**
 * A decimal as a count of `step`, or undefined when left out. More digits than `precision` are -1111; digits
 * within it that are no whole number of steps get `offStep`; no number at all is -1102.
 */
export function count(
  fields: Fields,
  name: string,
  step: Step,
  precision: number,
  offStep: Refusal,
): Read<number | undefined> {
  const found = optional(fields, name);
  if (found === undefined) return undefined;
  if (!/^-?\d{1,16}(\.\d{1,16})?$/.test(found)) return missing(name);
  const digits = (found.split(".")[1] ?? "").replace(/0+$/, "").length;
  if (digits > precision) {
    return new Refusal(-1111, "Precision is over the maximum defined for this asset.");
  }
  const steps = countOf(found, step);
  return steps === undefined || !Number.isSafeInteger(steps) ? offStep : steps;
}

/** Binance's rule for ids that clients make up: at most 36 of letters, digits and . : / _ - */
export function clientId(fields: Fields, name: string): Read<string> {
  const found = optional(fields, name) ?? "";
  if (found.length > 36) return new Refusal(-4015, "Client order id is not valid.");
  if (/^[.A-Z:/a-z0-9_-]*$/.test(found)) return found;
  return new Refusal(
    -1100,
    `Illegal characters found in parameter '${name}'; legal range is '^[\\.A-Z\\:/a-z0-9_-]{1,36}$'.`,
  );
}

/** The times that `startTime` and `endTime` name. */
export function periodOf(fields: Fields): Read<{ readonly from?: Millis; readonly to?: Millis }> {
  const asked = allOf({ from: whole(fields, "startTime"), to: whole(fields, "endTime") });
  if (asked instanceof Refusal) return asked;
  return {
    ...(asked.from === undefined ? {} : { from: millis(asked.from) }),
    ...(asked.to === undefined ? {} : { to: millis(asked.to) }),
  };
}
