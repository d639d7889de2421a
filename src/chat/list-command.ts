import { z } from "zod";
import { InexactError, rateOf } from "../core/text.ts";
import { ONE, type Rate, rate } from "../core/units.ts";
import { type Command, defineCommand } from "./command.ts";
import { cut, oneLine } from "./layout.ts";
import { outcomeReply } from "./outcome.ts";

const schema = z.object({
  min: z
    .string()
    .optional()
    .transform((text, context): Rate => {
      const least = leastOf(text);
      if (least !== undefined) return least;
      const message = `min "${cut(oneLine(text ?? ""), 40)}" is no percentage from 0 to 1000; say one like 2%.`;
      context.addIssue({ code: "custom", message });
      return z.NEVER;
    }),
});

function leastOf(text: string | undefined): Rate | undefined {
  if (text === undefined) return rate(0);
  try {
    const least = rateOf(text.endsWith("%") ? text : `${text}%`, "min");
    return least >= 0 && least <= 10 * ONE ? least : undefined;
  } catch (fault) {
    if (fault instanceof InexactError || fault instanceof RangeError) return undefined;
    throw fault;
  }
}

/** A command that proposes to close all positions that lose, or gain, at least so much of their entry price. */
export const listCommand = (what: "losers" | "winners"): Command<typeof schema> =>
  defineCommand({
    name: `close_${what}`,
    aliases: [],
    description: `Propose to close all positions that ${what === "losers" ? "lose" : "gain"}; another person approves`,
    examples: [`close_${what}`, `close_${what} 2%`],
    topic: "closing",
    role: "risk",
    risk: "R2",
    approval: "P",
    schema,
    args: [
      {
        name: "min",
        description: "Only from so much of the entry price on, e.g. 2%",
        isRequired: false,
      },
    ],
    async run({ args, actor, door }) {
      return outcomeReply(
        await door.proposeList(actor, { what, least: args.min }),
        "Proposed",
        "Not proposed",
      );
    },
  });
