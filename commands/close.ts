import { z } from "zod";
import { defineCommand } from "../src/chat/command.ts";
import { direction, fullPercent, instrumentOf, quantity } from "../src/chat/format.ts";
import { cut, oneLine } from "../src/chat/layout.ts";
import { outcomeReply } from "../src/chat/outcome.ts";
import { positionArguments, sideSchema } from "../src/chat/position-argument.ts";
import { symbolsOf, unknownSymbol } from "../src/chat/symbol.ts";
import { oneWordTooMany, sortedBy } from "../src/chat/word-sort.ts";
import { sizeUnit } from "../src/core/instrument.ts";
import { countOf, InexactError, rateOf, textOf } from "../src/core/text.ts";
import { type Lots, lots, mulDiv, ONE, type Rate, rate } from "../src/core/units.ts";
import type { DeskDoor } from "../src/desk/ports.ts";

const PARTS = ["25%", "50%", "75%", "100%"];

/** A part of a position, and the words for it where no % stood behind the number. */
interface Part {
  readonly share: Rate;
  readonly bare?: string;
}

const partSchema = z.string().transform((text, context): Part => {
  const typed = text.trim().toLowerCase();
  const share = readPart(typed);
  if (typeof share !== "string") return { share, ...(/\d$/.test(typed) ? { bare: typed } : {}) };
  context.addIssue({ code: "custom", message: `part "${text.slice(0, 40)}" ${share}` });
  return z.NEVER;
});

const foreignSchema = z.string().transform((text, context): boolean => {
  const word = text.trim().toLowerCase();
  if (["foreign", "yes", "true"].includes(word)) return true;
  if (["no", "false", ""].includes(word)) return false;
  context.addIssue({
    code: "custom",
    message: `foreign "${text.slice(0, 40)}" is neither yes nor no; say one of them.`,
  });
  return z.NEVER;
});

/** Proposes to close a position or a part of it; somebody must approve the card. */
export const close = defineCommand({
  name: "close",
  aliases: ["fx", "forceexit", "forcesell"],
  description: "Propose to close a position; a card asks for approval",
  examples: ["close BTCUSDT", "close BTCUSDT long 50%", "close BTCUSDT 0.004BTC", "close BTCUSDT foreign"],
  topic: "closing",
  role: "trader",
  risk: "R2",
  isUrgent: true,
  approval: "C",
  schema: z.object({
    symbol: z.string().optional(),
    side: sideSchema.optional(),
    part: partSchema.default({ share: rate(ONE) }),
    foreign: foreignSchema.default(false),
    amount: z.string().optional(),
    extra: oneWordTooMany("say a symbol, long or short, a part like 50%, and foreign, each once."),
  }),
  args: [
    ...positionArguments,
    {
      name: "part",
      description: "How much of it, e.g. 50%; left out: all",
      isRequired: false,
      choices: () => PARTS,
    },
    {
      name: "foreign",
      description: "yes: also the part that is not the desk's",
      isRequired: false,
      choices: () => ["yes", "no"],
    },
    {
      name: "amount",
      description: "So much instead of a part, with its unit: 0.004BTC, or 12contracts",
      isRequired: false,
    },
  ],
  sortWords: (words) => sortedBy(words, (word) => nameOf(word.toLowerCase())),
  async run({ args, actor, door }) {
    const desk = door.snapshot();
    const symbols = symbolsOf(desk, args.symbol);
    if (symbols === undefined) return unknownSymbol(desk, args.symbol);
    const wanted = args.amount === undefined ? undefined : amountOf(desk, symbols, args.amount);
    if (typeof wanted === "string") return outcomeReply({ isOk: false, text: wanted }, "", "Not proposed");
    const slip = wanted === undefined ? slipOf(desk, symbols, args) : undefined;
    if (slip !== undefined) return outcomeReply({ isOk: false, text: slip }, "", "Not proposed");
    const named = wanted?.instrument ?? (args.symbol === undefined ? undefined : [...symbols][0]);
    const outcome = await door.proposeClose(actor, {
      instrument: named,
      positionSide: args.side,
      part: args.part.share,
      ...(wanted === undefined ? {} : { lots: wanted.lots }),
      includesForeign: args.foreign,
    });
    return outcomeReply(outcome, "Proposed", "Not proposed");
  },
});

/** The words of a close may come in any order: each is known by its form. */
function nameOf(word: string): "side" | "foreign" | "part" | "amount" | "symbol" {
  if (word === "long" || word === "short") return "side";
  if (word === "foreign") return "foreign";
  if (AMOUNT.test(word) && !/(usd|usdt|usdc|busd|fdusd)$/.test(word)) return "amount";
  return word === "all" || word === "half" || (/^[-+]?[\d.,]/.test(word) && !/[a-z]{2}/.test(word))
    ? "part"
    : "symbol";
}

/** A number with its unit. Some symbols begin with a number too: they end with what they are quoted in. */
const AMOUNT = /^(\d+(?:\.\d+)?|\.\d+)([a-z]+)$/i;

/** An amount as lots of the one position that is meant, or why it can't be read. */
function amountOf(
  desk: Snapshot,
  symbols: ReadonlySet<string>,
  typed: string,
): { readonly instrument: string; readonly lots: Lots } | string {
  const held = new Set(
    desk.books
      .filter(({ lots: size, instrument }) => size !== 0 && symbols.has(instrument))
      .map(({ instrument }) => instrument),
  );
  const [id, second] = held;
  const instrument = instrumentOf(desk.instruments, id ?? "");
  if (instrument === undefined) return "Nothing is held there.";
  if (second !== undefined) return `Several positions are open; name one: ${[...held].join(", ")}.`;
  const [, number = "", unit = ""] = AMOUNT.exec(typed.trim()) ?? [];
  const own = sizeUnit(instrument);
  const shown = cut(oneLine(typed), 40);
  if (unit.toLowerCase() !== own.toLowerCase())
    return `amount "${shown}" is not in ${own}, which ${instrument.id} is counted in; say it like ${textOf(instrument.lotsMin, instrument.lot)}${own}.`;
  const size = countOf(number.startsWith(".") ? `0${number}` : number, instrument.lot);
  if (size === undefined || size <= 0)
    return `amount "${shown}" is no multiple of ${textOf(1, instrument.lot)} ${own} above 0; say one.`;
  return { instrument: instrument.id, lots: lots(size) };
}

/** Why a number without a unit is rather an amount than a percentage: it is below 1, or its part is less than what can be closed. */
function slipOf(
  desk: Snapshot,
  symbols: ReadonlySet<string>,
  {
    part,
    side,
    foreign,
  }: { readonly part: Part; readonly side?: string | undefined; readonly foreign: boolean },
): string | undefined {
  const { share, bare } = part;
  if (bare === undefined) return undefined;
  const [book, second] = desk.books.filter(
    ({ instrument, lots: size }) =>
      size !== 0 && symbols.has(instrument) && (side ?? direction(size)) === direction(size),
  );
  const instrument =
    second === undefined ? instrumentOf(desk.instruments, book?.instrument ?? "") : undefined;
  const amount =
    instrument === undefined ? "an amount with its unit" : `${bare}${sizeUnit(instrument)} for an amount`;
  const mend = `write ${amount} or 50% for a part.`;
  if (share < ONE / 100) return `part "${bare}" is a number below 1 without a unit; ${mend}`;
  if (book === undefined || instrument === undefined) return undefined;
  const held = Math.abs(foreign ? book.lots : book.lots - book.foreignLots);
  if (held === 0 || mulDiv(held, share, ONE, "down") > 0) return undefined;
  return `part "${bare}" is ${fullPercent(share)} of ${quantity(held, instrument)}, which is less than ${quantity(1, instrument)}; ${mend}`;
}

type Snapshot = ReturnType<DeskDoor["snapshot"]>;

/** A part of a position, or what is wrong with it. A bare number from 1 to 100 is percent. */
function readPart(text: string): Rate | string {
  if (text === "all") return rate(ONE);
  if (text === "half") return rate(ONE / 2);
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
