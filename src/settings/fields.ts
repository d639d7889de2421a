import { z } from "zod";
import { countOf, InexactError, moneyOf, percentText, rateOf, VALUE_STEP } from "../core/text.ts";
import { ONE, type Rate, rate, type Value } from "../core/units.ts";
import { ranged } from "./about.ts";

/** A value, or how to mend what was written. */
type Reading<T> = { readonly value: T } | { readonly mend: string };

/** One setting: reads what stands in the file, or tells how to write it. */
function field<T>(read: (written: unknown) => Reading<T>) {
  return z.unknown().transform((written, context): T => {
    const reading = read(written);
    if ("value" in reading) return reading.value;
    context.addIssue({ code: "custom", message: reading.mend });
    return z.NEVER;
  });
}

/** Numbers may come from the environment as text. */
function numberOf(written: unknown): number | undefined {
  if (typeof written === "number") return Number.isFinite(written) ? written : undefined;
  return typeof written === "string" && /^-?\d+(\.\d+)?$/.test(written) ? Number(written) : undefined;
}

/** Text of a scalar, as it was meant. */
const scalarText = (written: unknown): string | undefined =>
  typeof written === "string" ? written.trim() : typeof written === "number" ? String(written) : undefined;

const COMMA = /^-?\d+,\d+/;

/** A text of a form, e.g. a name. */
export const text = (form: RegExp, mend: string) =>
  field<string>((written) => {
    const read = scalarText(written);
    return read !== undefined && form.test(read) ? { value: read } : { mend };
  });

/** One of a few words. */
export const choice = <const T extends string>(...words: readonly T[]) => choiceBut(words, {});

/** One of a few words; of further ones it says why they are not among them. */
export const choiceBut = <const T extends string>(
  words: readonly T[],
  refused: Readonly<Record<string, string>>,
) =>
  ranged(
    field<T>((written) => {
      const word = words.find((one) => one === written);
      if (word !== undefined) return { value: word };
      const why = typeof written === "string" && Object.hasOwn(refused, written) ? refused[written] : "";
      return { mend: why || `write ${words.length > 1 ? "one of " : ""}${words.join(", ")}` };
    }),
    words.map((word) => `\`${word}\``).join(", "),
  );

/** true or false. */
export const yesNo = () =>
  ranged(
    field<boolean>((written) => {
      if (written === true || written === "true") return { value: true };
      return written === false || written === "false" ? { value: false } : { mend: "write true or false" };
    }),
    "`true`, `false`",
  );

/** A whole number within bounds, both included. */
export const whole = (least: number, most: number, hint = "") =>
  ranged(
    field<number>((written) => {
      const read = numberOf(written);
      return read !== undefined && Number.isSafeInteger(read) && read >= least && read <= most
        ? { value: read }
        : { mend: `write a whole number from ${least} to ${most}${hint}` };
    }),
    `${least} to ${most}`,
  );

/** A whole number within bounds, both included, or 0 for none. */
export const wholeOrNone = (least: number, most: number) =>
  ranged(
    field<number>((written) => {
      const read = numberOf(written);
      const fits = read !== undefined && Number.isSafeInteger(read) && read >= least && read <= most;
      return fits || read === 0
        ? { value: read }
        : { mend: `write a whole number from ${least} to ${most}, or 0 for none` };
    }),
    `0, ${least} to ${most}`,
  );

/** Any number within bounds, both included. */
export const decimalNumber = (least: number, most: number, hint = "") =>
  ranged(
    field<number>((written) => {
      const read = numberOf(written);
      return read !== undefined && read >= least && read <= most
        ? { value: read }
        : { mend: `write a number from ${least} to ${most}${hint}` };
    }),
    `${least} to ${most}`,
  );

/** From here a bare fraction is as likely a percentage that lost its sign: 0.1 is ten percent, or a tenth of one. */
const SIGN_FROM = 0.05;

/** A share, as a fraction (0.008) or with its sign ("0.8%"): the same `Rate`. Bounds are included. */
export const share = (least: Rate, most: Rate) =>
  ranged(
    field<Rate>((written) => {
      const example = 'write it like "0.8%" or 0.008';
      const read = scalarText(written);
      if (read === undefined) return { mend: example };
      if (COMMA.test(read)) return { mend: `decimals take a point, not a comma: ${example}` };
      const part = tryRate(read);
      if (part === undefined) return { mend: example };
      const isBare = !read.endsWith("%");
      if (part < least || part > most) {
        const meant = part > most && isBare && part / 100 <= most ? `, or did you mean "${read}%"?` : "";
        return { mend: `it must be from ${percentOf(least)} to ${percentOf(most)}${meant}` };
      }
      if (isBare && part >= SIGN_FROM * ONE)
        return { mend: `as a fraction that is ${percentOf(part)}: write "${percentOf(part)}" or "${read}%"` };
      return { value: part };
    }),
    `${percentOf(least)} to ${percentOf(most)}`,
  );

/** A percentage whose name says so (X38): 2 and "2%" are both two percent. Bounds are included. */
export const percent = (least: Rate, most: Rate) =>
  ranged(
    field<Rate>((written) => {
      const mend = `it is in percent: write a number from ${least / PERCENT} to ${most / PERCENT}, 2 means 2 %`;
      const read = scalarText(written);
      if (read !== undefined && COMMA.test(read))
        return { mend: `decimals take a point, not a comma; ${mend}` };
      const part = read === undefined ? undefined : tryRate(read.endsWith("%") ? read : `${read}%`);
      return part !== undefined && part >= least && part <= most ? { value: part } : { mend };
    }),
    `${least / PERCENT} to ${most / PERCENT}`,
  );

/** Hundredths of a percent. Bounds are included. */
export const basisPoints = (least: number, most: number) =>
  ranged(
    field<Rate>((written) => {
      const read = numberOf(written);
      return read !== undefined && Number.isSafeInteger(read) && read >= least && read <= most
        ? { value: rate(read * (ONE / 10_000)) }
        : { mend: `write a whole number of basis points from ${least} to ${most} (10 is 0.1 %)` };
    }),
    `${least} to ${most}`,
  );

/** An amount above zero in units of an asset; kept as text until its lot is known. */
export const amount = (example: string) =>
  ranged(
    field<string>((written) => {
      const read = scalarText(written);
      if (read !== undefined && COMMA.test(read)) {
        return { mend: `decimals take a point, not a comma: write it like "${example}"` };
      }
      const count = read === undefined || read.startsWith("-") ? undefined : countOf(read, VALUE_STEP);
      return read !== undefined && count !== undefined && count > 0
        ? { value: read }
        : { mend: `write an amount above zero with at most eight decimals, like "${example}"` };
    }),
    "above 0",
  );

/** Money in whole units of the settle asset, within bounds. */
export const money = (least: number, most: number) =>
  ranged(
    field<Value>((written) => {
      const mend = `write an amount of money from ${least} to ${most}, like "${least}"`;
      const read = scalarText(written);
      if (read !== undefined && COMMA.test(read))
        return { mend: `decimals take a point, not a comma; ${mend}` };
      if (read === undefined || !/^\d+(\.\d{1,8})?$/.test(read)) return { mend };
      const value = moneyOf(read, "money");
      return value >= least * ONE && value <= most * ONE ? { value } : { mend };
    }),
    `${least} to ${most}`,
  );

/** A user, chat or channel id; wide ones must be quoted, since YAML would round them. */
export const platformId = (form: RegExp, example: string) =>
  field<string>((written) => {
    if (typeof written === "number" && !Number.isSafeInteger(written)) {
      return { mend: `put the id into quotes, like "${example}": as a number it loses its last digits` };
    }
    const read = scalarText(written);
    return read !== undefined && form.test(read)
      ? { value: read }
      : { mend: `write the id like "${example}"` };
  });

/** One percent as a rate. */
export const PERCENT = ONE / 100;

const percentOf = (part: Rate): string => percentText(part, 4).replace(/\.?0+%$/, "%");

function tryRate(written: string): Rate | undefined {
  if (!/^-?\d{1,9}(\.\d+)?(e-\d{1,2})?\s*%?$/.test(written)) return undefined;
  try {
    return rateOf(written, "rate");
  } catch (error) {
    if (error instanceof InexactError) return undefined;
    throw error;
  }
}
