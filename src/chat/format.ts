import { type Instrument, type InstrumentId, sizeUnit } from "../core/instrument.ts";
import { digitsOf, moneyText, percentText, textOf } from "../core/text.ts";
import { type Lots, ONE, type Rate, type Ticks, type Value } from "../core/units.ts";
import { partOf } from "../engines/grid/ratio.ts";

/** What stands where a number is not known. Never 0. */
export const UNKNOWN = "unknown";

/** A plain decimal with commas between the thousands: "97123.40" is "97,123.40". */
export function grouped(plain: string): string {
  const [, sign = "", whole = "", fraction = ""] = /^(-?)(\d+)(\.\d+)?$/.exec(plain) ?? [];
  return whole === "" ? plain : `${sign}${whole.replace(/\B(?=(\d{3})+$)/g, ",")}${fraction}`;
}

/** Money with its asset: "10,012.34 USDT". */
export const money = (amount: Value | undefined, asset: string, digits = digitsOf(asset)): string =>
  amount === undefined ? UNKNOWN : `${grouped(moneyText(amount, digits))} ${asset}`;

/** Gain or loss with its sign: "+0.77 USDT". */
export const gain = (amount: Value | undefined, asset: string, digits = digitsOf(asset)): string =>
  amount === undefined ? UNKNOWN : `${amount > 0 ? "+" : ""}${money(amount, asset, digits)}`;

/** Gain or loss with its sign and without its asset, for tables whose head names it: "+0.77". */
export const bareGain = (amount: Value | undefined, asset: string): string =>
  amount === undefined ? UNKNOWN : `${amount > 0 ? "+" : ""}${grouped(moneyText(amount, digitsOf(asset)))}`;

/** A price in the instrument's own digits: "97,123.4". */
export const price = (at: Ticks | undefined, instrument: Instrument | undefined): string =>
  at === undefined || instrument === undefined ? UNKNOWN : grouped(textOf(at, instrument.tick));

/** A size without its direction: "0.010 BTC", for inverse instruments in contracts. */
export function quantity(size: Lots | number, instrument: Instrument | undefined): string {
  if (instrument === undefined) return UNKNOWN;
  const text = grouped(textOf(Math.abs(size), instrument.lot));
  return `${text} ${sizeUnit(instrument)}`;
}

/** A rate in percent: "34.10%". */
export const percent = (part: Rate | undefined, digits = 2): string =>
  part === undefined ? UNKNOWN : percentText(part, digits);

/** A rate in percent with all the digits that it has: "50%", "0.002%". */
export const fullPercent = (part: Rate): string => percentText(part, 6).replace(/\.?0+%$/, "%");

/** A part of a whole in percent, "-" where there is no whole: "34%". */
export const partText = (part: number, whole: number): string =>
  whole === 0 ? "-" : percent(partOf(part, whole), 0);

/** A factor: "1.62". */
export const ratio = (part: Rate | undefined): string =>
  part === undefined ? UNKNOWN : (part / ONE).toFixed(2);

/** "long", "short" or "flat", by the sign of a position. */
export const direction = (size: Lots | number): "long" | "short" | "flat" =>
  size === 0 ? "flat" : size > 0 ? "long" : "short";

/** Time of day for people: "14:03:20 UTC". */
export const clockTime = (wallAt: number): string => `${new Date(wallAt).toISOString().slice(11, 19)} UTC`;

/** Day and time for people: "2026-05-02 14:03 UTC". */
export const dayTime = (wallAt: number): string =>
  `${new Date(wallAt).toISOString().slice(0, 16).replace("T", " ")} UTC`;

const UNITS: readonly (readonly [number, string])[] = [
  [86_400_000, "d"],
  [3_600_000, "h"],
  [60_000, "min"],
  [1_000, "s"],
];

/** A span in its two largest units: "1 h 5 min", "45 s"; under a second "350 ms". */
export function duration(ms: number | undefined): string {
  if (ms === undefined) return UNKNOWN;
  const left = Math.max(0, Math.round(ms));
  if (left < 1_000) return `${left} ms`;
  const first = UNITS.findIndex(([size]) => left >= size);
  const [size, name] = UNITS[first] ?? [1_000, "s"];
  const [nextSize, nextName] = UNITS[first + 1] ?? [0, ""];
  const rest = nextSize === 0 ? 0 : Math.floor((left % size) / nextSize);
  return `${Math.floor(left / size)} ${name}${rest > 0 ? ` ${rest} ${nextName}` : ""}`;
}

/** A number of milliseconds as a health figure: "12 ms". */
export const latency = (ms: number | undefined): string =>
  ms === undefined ? UNKNOWN : `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;

/** "1 order", "3 orders". */
export const counted = (count: number, noun: string): string =>
  `${grouped(String(count))} ${noun}${count === 1 ? "" : "s"}`;

/** The instrument with this id; undefined when the desk doesn't trade it. */
export const instrumentOf = (instruments: readonly Instrument[], id: InstrumentId): Instrument | undefined =>
  instruments.find((each) => each.id === id);
