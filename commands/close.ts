import { z } from "zod";
import { defineCommand } from "../src/chat/command.ts";
import { outcomeReply } from "../src/chat/outcome.ts";
import { symbolArgument, symbolsOf, unknownSymbol } from "../src/chat/symbol.ts";
import { InexactError, rateOf } from "../src/core/text.ts";
import { ONE, type Rate, rate } from "../src/core/units.ts";

const PARTS = ["25%", "50%", "75%", "100%"];

const partSchema = z.string().transform((text, context): Rate => {
  const part = readPart(text.trim().toLowerCase());
  if (typeof part !== "string") return part;
  context.addIssue({ code: "custom", message: `part "${text.slice(0, 40)}" ${part}` });
  return z.NEVER;
});

const sideSchema = z.string().transform((text, context): "long" | "short" => {
  const side = text.trim().toLowerCase();
  if (side === "long" || side === "short") return side;
  context.addIssue({
    code: "custom",
    message: `side "${text.slice(0, 40)}" is neither long nor short; say one of them.`,
  });
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
  examples: ["close BTCUSDT", "close BTCUSDT long 50%", "close BTCUSDT foreign"],
  role: "trader",
  risk: "R2",
  approval: "C",
  schema: z.object({
    symbol: z.string().optional(),
    side: sideSchema.optional(),
    part: partSchema.default(rate(ONE)),
    foreign: foreignSchema.default(false),
    extra: z
      .string()
      .optional()
      .superRefine((text, context) => {
        if (text === undefined) return;
        const message = `"${text.slice(0, 40)}" is one word too many; say a symbol, long or short, a part like 50%, and foreign, each once.`;
        context.addIssue({ code: "custom", message });
      }),
  }),
  args: [
    symbolArgument("Which position; left out: the only open one"),
    {
      name: "side",
      description: "long or short, where both are held",
      isRequired: false,
      choices: () => ["long", "short"],
    },
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
  ],
  sortWords,
  async run({ args, actor, door }) {
    const desk = door.snapshot();
    const symbols = symbolsOf(desk, args.symbol);
    if (symbols === undefined) return unknownSymbol(desk, args.symbol);
    const outcome = await door.proposeClose(actor, {
      instrument: args.symbol === undefined ? undefined : [...symbols][0],
      positionSide: args.side,
      part: args.part,
      includesForeign: args.foreign,
    });
    return outcomeReply(outcome, "Proposed", "Not proposed");
  },
});

/** The words of a close may come in any order: each is known by its form. */
function sortWords(words: readonly string[]): Readonly<Record<string, string>> {
  const named: Record<string, string> = {};
  for (const word of words) {
    const name = nameOf(word.toLowerCase());
    const free = name in named ? "extra" : name;
    if (!(free in named)) named[free] = word;
  }
  return named;
}

function nameOf(word: string): "side" | "foreign" | "part" | "symbol" {
  if (word === "long" || word === "short") return "side";
  if (word === "foreign") return "foreign";
  return word === "all" || word === "half" || (/^[-+]?[\d.,]/.test(word) && !/[a-z]{2}/.test(word))
    ? "part"
    : "symbol";
}

/** A part of a position, or what is wrong with it. A bare number is percent. */
function readPart(text: string): Rate | string {
  if (text === "all") return rate(ONE);
  if (text === "half") return rate(ONE / 2);
  const mend = "say 25%, 50%, 75%, 100% or another percentage.";
  try {
    const part = rateOf(text.endsWith("%") ? text : `${text}%`, "part");
    if (part <= 0) return `is not above 0%; ${mend}`;
    return part > ONE ? `is more than 100%; ${mend}` : part;
  } catch (fault) {
    if (fault instanceof InexactError || fault instanceof RangeError) return `is no percentage; ${mend}`;
    throw fault;
  }
}
