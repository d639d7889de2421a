import { z } from "zod";
import { defineCommand } from "../src/chat/command.ts";
import { cut, oneLine } from "../src/chat/layout.ts";
import { outcomeReply } from "../src/chat/outcome.ts";
import { heldIn, positionArguments, sideSchema } from "../src/chat/position-argument.ts";
import { symbolsOf, unknownSymbol } from "../src/chat/symbol.ts";
import { withoutThousands } from "../src/chat/typed-number.ts";
import { oneWordTooMany, sortedBy } from "../src/chat/word-sort.ts";
import { countOf, VALUE_STEP } from "../src/core/text.ts";
import { value } from "../src/core/units.ts";

/** Proposes to put more money behind an isolated position; a card shows where its liquidation goes and asks. */
export const addMargin = defineCommand({
  name: "add_margin",
  aliases: [],
  description: "Propose to add margin to a position: its liquidation moves away",
  examples: ["add_margin BTCUSDT 50", "add_margin BTCUSDT short 120.5"],
  topic: "safety",
  role: "risk",
  risk: "R2",
  approval: "C",
  schema: z.object({
    symbol: z.string().optional(),
    side: sideSchema.optional(),
    amount: z.string({ error: "Say how much, e.g. add_margin BTCUSDT 50." }),
    extra: oneWordTooMany("say a symbol, long or short, and an amount, each once."),
  }),
  args: [
    ...positionArguments,
    { name: "amount", description: "How much, in the account's asset, e.g. 50", isRequired: true },
  ],
  sortWords,
  async run({ args, actor, door }) {
    const desk = door.snapshot();
    const symbols = symbolsOf(desk, args.symbol);
    if (symbols === undefined) return unknownSymbol(desk, args.symbol);
    const no = (text: string) => outcomeReply({ isOk: false, text }, "", "Not proposed");
    const { asset } = desk;
    const amount = amountOf(args.amount, asset);
    if (amount === undefined)
      return no(
        `amount "${cut(oneLine(args.amount), 40)}" is no number of ${asset} above 0 with at most 8 decimals; say one like 50.`,
      );
    const held = heldIn(door).filter((id) => args.symbol === undefined || symbols.has(id));
    const [instrument, second] = held;
    if (instrument === undefined) return no("Nothing is held there.");
    if (second !== undefined) return no(`Several positions are open; name one: ${held.join(", ")}.`);
    const outcome = await door.proposeMargin(actor, { instrument, positionSide: args.side, amount });
    return outcomeReply(outcome, "Proposed", "Not proposed");
  },
});

/** The words may come in any order. Some symbols begin with a number: of two that may be amounts the last one is. */
function sortWords(words: readonly string[]): Readonly<Record<string, string>> {
  const amount = words.findLastIndex((word) => /^[-+]?[\d.,]+([a-z]{0,5}|%)$/i.test(word));
  return sortedBy(words, (word, at) =>
    at === amount ? "amount" : /^(long|short)$/i.test(word) ? "side" : "symbol",
  );
}

/** "50", "50USDT" or "1,250.5" as a count of the asset; undefined: it is none above 0. */
function amountOf(typed: string, asset: string) {
  const [, number = "", unit = ""] = /^\+?([\d.,]+)([a-z]*)$/i.exec(typed.trim()) ?? [];
  if (unit !== "" && unit.toUpperCase() !== asset.toUpperCase()) return undefined;
  const plain = withoutThousands(number);
  const count = countOf(plain.startsWith(".") ? `0${plain}` : plain, VALUE_STEP);
  return count === undefined || count <= 0 ? undefined : value(count);
}
