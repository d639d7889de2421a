import { z } from "zod";
import { type Instrument, type InstrumentId, sizeUnit } from "../core/instrument.ts";
import { countOf, InexactError, rateOf, textOf } from "../core/text.ts";
import { type Lots, lots, mulDiv, ONE, type Rate, rate } from "../core/units.ts";
import type { DeskSnapshot } from "../desk/snapshot.ts";
import { direction, fullPercent, instrumentOf, quantity } from "./format.ts";
import { cut, oneLine } from "./layout.ts";
import { withoutThousands } from "./typed-number.ts";

/** A part of a position, and what was typed for it where no % stood behind the number. */
interface Part {
  readonly share: Rate;
  readonly bare?: string;
}

/** How much of a position to close: "50%", "half". A bare number from 1 to 100 is percent. */
export const partSchema = z.string().transform((text, context): Part => {
  const typed = text.trim().toLowerCase();
  const share = readPart(typed);
  if (typeof share !== "string") return { share, ...(/\d$/.test(typed) ? { bare: typed } : {}) };
  context.addIssue({ code: "custom", message: `part "${text.slice(0, 40)}" ${share}` });
  return z.NEVER;
});

/** The words of a close, with a % that stands alone put behind its number. */
export function joined(words: readonly string[]): readonly string[] {
  const whole: string[] = [];
  for (const word of words) {
    const last = whole.at(-1) ?? "";
    if (word === "%" && /^[\d.,]+$/.test(last)) whole[whole.length - 1] = `${last}%`;
    else whole.push(word);
  }
  return whole;
}

/** The words of a close may come in any order: each is known by its form. */
export function nameOf(word: string): "side" | "foreign" | "part" | "amount" | "symbol" {
  if (word === "long" || word === "short") return "side";
  if (word === "foreign") return "foreign";
  const [, , unit = ""] = AMOUNT.exec(word) ?? [];
  if (unit !== "" && (MONEY.has(unit) || ![...MONEY].some((money) => unit.endsWith(money)))) return "amount";
  return word === "all" || word === "half" || (/^[-+]?[\d.,]/.test(word) && !/[a-z]{2}/.test(word))
    ? "part"
    : "symbol";
}

/** A number with its unit. Some symbols begin with a number too: they end with what they are quoted in. */
const AMOUNT = /^([\d.,]+)([a-z]+)$/i;
const MONEY: ReadonlySet<string> = new Set(["usd", "usdt", "usdc", "busd", "fdusd"]);

/** What a close is about, as far as its words say. */
interface Asked {
  readonly desk: DeskSnapshot;
  readonly symbols: ReadonlySet<InstrumentId>;
  readonly side: "long" | "short" | undefined;
  readonly foreign: boolean;
}

/** The positions that the words fit, each with what of it can be closed. */
const heldOf = ({ desk, symbols, side, foreign }: Asked) =>
  desk.books
    .filter((book) => book.lots !== 0 && symbols.has(book.instrument))
    .filter((book) => (side ?? direction(book.lots)) === direction(book.lots))
    .map((book) => ({
      instrument: book.instrument,
      closable: Math.abs(foreign ? book.lots : book.lots - book.foreignLots),
    }));

/** An amount as lots of the one position that is meant, or why it can't be read. */
export function amountOf(
  asked: Asked,
  typed: string,
): { readonly instrument: InstrumentId; readonly lots: Lots } | string {
  const held = heldOf(asked);
  const ids = [...new Set(held.map(({ instrument }) => instrument))];
  const [id, second] = ids;
  const instrument = instrumentOf(asked.desk.instruments, id ?? "");
  if (instrument === undefined) return nothingHeld(asked);
  if (second !== undefined) return `Several positions are open; name one: ${ids.join(", ")}.`;
  const [, typedNumber = "", unit = ""] = AMOUNT.exec(typed.trim()) ?? [];
  const own = sizeUnit(instrument);
  const least = `${textOf(instrument.lotsMin, instrument.lot)}${own}`;
  const shown = `amount "${cut(oneLine(typed), 40)}"`;
  if (MONEY.has(unit.toLowerCase()) && own.toLowerCase() !== unit.toLowerCase())
    return `${shown} is money; say an amount in ${own} like ${least}, or a part like 50%.`;
  if (unit.toLowerCase() !== own.toLowerCase())
    return `${shown} is not in ${own}, which ${instrument.id} is counted in; say it like ${least}.`;
  const number = withoutThousands(typedNumber);
  if (number.includes(",")) return `${shown} has a comma; write decimals with a point, like ${least}.`;
  const closable = Math.max(...held.map((each) => each.closable));
  return countIn(instrument, number, shown, closable);
}

function nothingHeld({ symbols, side }: Asked): string {
  const [id, second] = symbols;
  const where = id === undefined || second !== undefined ? "" : ` in ${id}`;
  return `Nothing is held${side === undefined ? "" : ` ${side}`}${where}.`;
}

function countIn(
  instrument: Instrument,
  number: string,
  shown: string,
  closable: number,
): { readonly instrument: InstrumentId; readonly lots: Lots } | string {
  const { lot, id } = instrument;
  const size = countOf(number.startsWith(".") ? `0${number}` : number, lot);
  if (size !== undefined && size > 0) return { instrument: id, lots: lots(size) };
  // More than can be counted is more than anybody holds.
  if (/^0*[1-9]\d{11,}(\.\d*)?$/.test(number))
    return `${shown} is more than the ${quantity(closable, instrument)} of ours in ${id}; ask for less, or for all.`;
  return `${shown} is no multiple of ${quantity(1, instrument)} above 0; say one.`;
}

/** Why a number without a unit is rather an amount than a percentage: it is below 1, or its part is less than what can be closed. */
export function slipOf(asked: Asked, { share, bare }: Part): string | undefined {
  if (bare === undefined) return undefined;
  const [book, second] = heldOf(asked);
  const id = second === undefined ? (book?.instrument ?? "") : "";
  const instrument = instrumentOf(asked.desk.instruments, id);
  const amount =
    instrument === undefined ? "an amount with its unit" : `${bare}${sizeUnit(instrument)} for an amount`;
  const mend = `write ${amount} or 50% for a part.`;
  if (share < ONE / 100) return `part "${bare}" is a number below 1 without a unit; ${mend}`;
  if (book === undefined || instrument === undefined) return undefined;
  const { closable } = book;
  if (closable === 0 || mulDiv(closable, share, ONE, "down") > 0) return undefined;
  return `part "${bare}" is ${fullPercent(share)} of ${quantity(closable, instrument)}, which is less than ${quantity(1, instrument)}; ${mend}`;
}

/** A part of a position, or what is wrong with it. */
function readPart(text: string): Rate | string {
  if (text === "all") return rate(ONE);
  if (text === "half") return rate(ONE / 2);
  if (text.includes(",")) return "has a comma; write decimals with a point, like 12.5%.";
  const mend = "say 25%, 50%, 75%, 100% or another percentage.";
  try {
    const number = text.startsWith(".") ? `0${text}` : text;
    const part = rateOf(number.endsWith("%") ? number : `${number}%`, "part");
    if (part <= 0) return `is not above 0%; ${mend}`;
    return part > ONE ? `is more than 100%; ${mend}` : part;
  } catch (fault) {
    if (fault instanceof InexactError || fault instanceof RangeError) return `is no percentage; ${mend}`;
    throw fault;
  }
}
