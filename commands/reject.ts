import { z } from "zod";
import { cardArgument, cardSchema, unreadableWay } from "../src/chat/card-argument.ts";
import { defineCommand } from "../src/chat/command.ts";
import { outcomeReply } from "../src/chat/outcome.ts";

/** Says no to a card by its name. */
export const reject = defineCommand({
  name: "reject",
  aliases: ["deny"],
  description: "Reject a card by its name",
  examples: ["reject k1-e1"],
  role: "trader",
  risk: "R1",
  isUrgent: true,
  approval: "none",
  schema: z.object({ card: cardSchema("reject"), more: z.string().optional() }),
  args: [cardArgument],
  sortWords: ([card, ...more]) => ({
    ...(card === undefined ? {} : { card }),
    ...(more.length === 0 ? {} : { more: more.join(" ") }),
  }),
  async run({ args: { card, more }, actor, cards }) {
    const outcome =
      more === undefined
        ? await cards.decide(card, "reject", actor)
        : { isOk: false, text: unreadableWay("reject", card, more) };
    return outcomeReply(outcome, "Decided", "Not done");
  },
});
