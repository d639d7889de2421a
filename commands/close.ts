import { z } from "zod";
import { amountOf, joined, nameOf, partSchema, slipOf } from "../src/chat/close-size.ts";
import { defineCommand } from "../src/chat/command.ts";
import { outcomeReply } from "../src/chat/outcome.ts";
import { positionArguments, sideSchema } from "../src/chat/position-argument.ts";
import { symbolsOf, unknownSymbol } from "../src/chat/symbol.ts";
import { oneWordTooMany, sortedBy } from "../src/chat/word-sort.ts";
import { ONE, rate } from "../src/core/units.ts";

const PARTS = ["25%", "50%", "75%", "100%"];

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
    extra: oneWordTooMany(
      "say a symbol, long or short, a part like 50% or an amount like 0.004BTC, and foreign, each once: close BTCUSDT long 50%.",
    ),
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
  sortWords: (words) => sortedBy(joined(words), (word) => nameOf(word.toLowerCase())),
  async run({ args, actor, door }) {
    const desk = door.snapshot();
    const symbols = symbolsOf(desk, args.symbol);
    if (symbols === undefined) return unknownSymbol(desk, args.symbol);
    const no = (text: string) => outcomeReply({ isOk: false, text }, "", "Not proposed");
    const asked = { desk, symbols, side: args.side, foreign: args.foreign };
    const wanted = args.amount === undefined ? undefined : amountOf(asked, args.amount);
    if (typeof wanted === "string") return no(wanted);
    const slip = wanted === undefined ? slipOf(asked, args.part) : undefined;
    if (slip !== undefined) return no(slip);
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
