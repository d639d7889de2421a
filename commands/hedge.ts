import { z } from "zod";
import { defineCommand } from "../src/chat/command.ts";
import { gridOf, gridsOf, isGrid } from "../src/chat/grid-argument.ts";
import { cut, oneLine } from "../src/chat/layout.ts";
import { outcomeReply } from "../src/chat/outcome.ts";
import { oneWordTooMany, sortedBy } from "../src/chat/word-sort.ts";
import { InexactError, rateOf } from "../src/core/text.ts";
import { ONE, type Rate, rate } from "../src/core/units.ts";
import type { DeskDoor } from "../src/desk/ports.ts";

const PARTS = ["25%", "50%", "75%", "100%"];

const partSchema = z.string().transform((text, context): Rate => {
  const part = readPart(text);
  if (part !== undefined) return part;
  const message = `part "${cut(oneLine(text), 40)}" is no percentage from 1 to 100; say one like 50%.`;
  context.addIssue({ code: "custom", message });
  return z.NEVER;
});

/** Proposes to hedge the losing rungs of one grid, or a part of them; another person approves. */
export const hedge = defineCommand({
  name: "hedge",
  aliases: [],
  description: "Propose to hedge losing rungs of a grid; another person approves",
  examples: ["hedge BTCUSDT", "hedge BTCUSDT 50%", "hedge grid-btc 25%"],
  topic: "closing",
  role: "risk",
  risk: "R3",
  approval: "P",
  isOfCard: true,
  schema: z.object({
    symbol: z.string().optional(),
    part: partSchema.default(rate(ONE)),
    extra: oneWordTooMany("say a symbol or a grid, and a part like 50%, each once."),
  }),
  args: [
    {
      name: "symbol",
      description: "Which symbol, or which grid of it; left out: the only one",
      isRequired: false,
      choices: (door) => namesOf(door),
      asks: (door) => gridsOf(door.snapshot()).length > 1,
    },
    {
      name: "part",
      description: "How much of what loses, in whole rungs, e.g. 50%; left out: all",
      isRequired: false,
      choices: () => PARTS,
    },
  ],
  sortWords: (words) => sortedBy(words, (word) => (/^[-+\d.,]+%?$/.test(word) ? "part" : "symbol")),
  async run({ args, actor, door }) {
    const desk = door.snapshot();
    const found = gridOf(desk, args.symbol);
    if (!isGrid(found)) return { ...found, title: "Not proposed" };
    const outcome = await door.proposeHedge(actor, { engine: found.engine, part: args.part });
    return outcomeReply(outcome, "Proposed", "Not proposed");
  },
});

/** Symbols with one grid, and the grids of symbols with several. */
function namesOf(door: DeskDoor): readonly string[] {
  const grids = gridsOf(door.snapshot());
  return grids.map(({ engine, instrument }) =>
    grids.filter((each) => each.instrument === instrument).length > 1 ? engine : instrument,
  );
}

function readPart(text: string): Rate | undefined {
  try {
    const part = rateOf(text.endsWith("%") ? text : `${text}%`, "part");
    return part >= ONE / 100 && part <= ONE ? part : undefined;
  } catch (fault) {
    if (fault instanceof InexactError || fault instanceof RangeError) return undefined;
    throw fault;
  }
}
