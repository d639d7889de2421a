import { isTighter, type LimitView, limitText } from "../core/limit.ts";
import { countOf, InexactError, moneyOf, rateOf } from "../core/text.ts";
import { ONE } from "../core/units.ts";
import type { DeskSnapshot } from "../desk/snapshot.ts";
import type { ArgumentHelp, ChoiceContext } from "./command.ts";
import { grouped, instrumentOf } from "./format.ts";
import { cut, oneLine } from "./layout.ts";
import { withoutThousands } from "./typed-number.ts";

/** A limit's value in one desk. */
const limitValue = (desk: DeskSnapshot, limit: LimitView, value: number): string =>
  limitText(limit, value, desk.asset, instrumentOf(desk.instruments, limit.instrument ?? ""));

/** The limit that a person names; an engine may be left out where there is only one. */
export function limitOf({ limits }: DeskSnapshot, typed: string): LimitView | undefined {
  const name = typed.toLowerCase();
  const found = limits.filter((limit) => limit.key.toLowerCase() === name || limit.name === name);
  return found.length === 1 ? found[0] : undefined;
}

/** What follows a limit's name when it is none. */
export const noLimit = ({ limits }: DeskSnapshot, typed: string): string =>
  `limit "${cut(oneLine(typed), 40)}" is none; say one of ${limits.map(({ key }) => key).join(", ")}.`;

const EXAMPLES = {
  exposure: "a number of times the equity like 1.5",
  purse: "an amount of money like 500",
  position: "a size like 0.05",
  rest: "a percentage like 3%",
} as const;

/** A typed value as a count of the limit, or what is wrong with it. */
export function readLimit(desk: DeskSnapshot, limit: LimitView, typed: string): number | string {
  if (typed.toLowerCase() === "settings") return limit.settings;
  const read = tryRead(desk, limit, withoutThousands(typed));
  if (read !== undefined && read > 0) return read;
  const { name } = limit;
  const example =
    name === "exposure" || name === "purse" || name === "position" ? EXAMPLES[name] : EXAMPLES.rest;
  const point = typed.includes(",") ? ", with a point before decimals" : "";
  return `${limit.key} "${cut(oneLine(typed), 40)}" can't be read; say ${example}${point}, or settings.`;
}

function tryRead(desk: DeskSnapshot, { name, instrument }: LimitView, typed: string): number | undefined {
  try {
    switch (name) {
      case "exposure": {
        const [, times] = /^(\d{1,3}(?:\.\d{1,2})?)x?$/i.exec(typed) ?? [];
        return times === undefined ? undefined : Number(times);
      }
      case "purse":
        return /^\d{1,9}(\.\d{1,8})?$/.test(typed) ? moneyOf(typed, name) : undefined;
      case "position": {
        const lot = instrumentOf(desk.instruments, instrument ?? "")?.lot;
        return lot === undefined || !/^\d{1,9}(\.\d{1,8})?$/.test(typed) ? undefined : countOf(typed, lot);
      }
      default:
        return /^\d{1,3}(\.\d{1,4})?%?$/.test(typed)
          ? rateOf(typed.endsWith("%") ? typed : `${typed}%`, name)
          : undefined;
    }
  } catch (fault) {
    if (fault instanceof InexactError) return undefined;
    throw fault;
  }
}

/** The argument that names a limit. */
export const limitArgument: ArgumentHelp = {
  name: "name",
  description: "Which limit; left out: all of them",
  isRequired: false,
  choices: (door) => door.snapshot().limits.map(({ key }) => key),
  asks: false,
};

/** Parts of the way from what is in force to the tightest that buttons offer. */
const STEPS = [0.25, 0.5, 0.75] as const;

/** The argument that says what a limit becomes: some tighter values to pick from, and what the settings say. */
export const limitValueArgument: ArgumentHelp = {
  name: "value",
  description: "What it becomes, or settings for what they say; left out: show it",
  isRequired: false,
  choices: (door, context) => valuesOf(door.snapshot(), context),
  asks: (_door, { given }) => given["name"] !== undefined && given["value"] === undefined,
};

function valuesOf(desk: DeskSnapshot, { given }: ChoiceContext): readonly string[] {
  const limit = limitOf(desk, given["name"] ?? "");
  if (limit === undefined) return [];
  const { now, settings, tightest } = limit;
  const tighter = STEPS.map((part) => rounded(limit, now + (tightest - now) * part))
    .filter((each) => isTighter(limit, each, now) && !isTighter(limit, each, tightest))
    .map((each) => bare(desk, limit, each));
  return [...new Set(tighter), ...(now === settings ? [] : ["settings"])];
}

/** A value that people would type: of few digits. */
function rounded({ name }: LimitView, value: number): number {
  if (name === "exposure") return Math.round(value * 10) / 10;
  if (name === "position") return Math.round(value);
  const step = name === "purse" ? 10 ** Math.max(0, Math.floor(Math.log10(value)) - 1) : ONE / 1_000;
  return Math.round(value / step) * step;
}

const bare = (desk: DeskSnapshot, limit: LimitView, value: number): string =>
  limitValue(desk, limit, value).replace(/ .*$/, "").replace(/\.00$/, "");

/** "500.00 USDT" with commas between the thousands. */
export const shownLimit = (desk: DeskSnapshot, limit: LimitView, value: number): string => {
  const [amount = "", ...unit] = limitValue(desk, limit, value).split(" ");
  return [grouped(amount), ...unit].join(" ");
};
