import { z } from "zod";
import { cardArgument, cardSchema, unreadableWay } from "../src/chat/card-argument.ts";
import { defineCommand } from "../src/chat/command.ts";
import { outcomeReply } from "../src/chat/outcome.ts";
import { wayOf } from "../src/chat/ways.ts";

/** Approves a card by its name, where its buttons fail or there are none. */
export const approve = defineCommand({
  name: "approve",
  aliases: [],
  description: "Approve a card by its name; of a stuck rung, one of its ways",
  examples: ["approve k1-e1", "approve r1-e1 ladder"],
  role: "trader",
  risk: "R3",
  approval: "none",
  schema: z.object({ card: cardSchema("approve"), way: z.string().optional() }),
  args: [
    cardArgument,
    {
      name: "way",
      description: "Of a stuck rung: close, ladder, hedge or wait",
      isRequired: false,
      choices: () => ["close", "ladder", "hedge", "wait"],
    },
  ],
  async run({ args: { card, way }, actor, cards }) {
    const decision = way === undefined ? "approve" : wayOf(way);
    const outcome =
      decision === undefined
        ? { isOk: false, text: unreadableWay("approve", card, way) }
        : await cards.decide(card, decision, actor);
    return outcomeReply(outcome, "Decided", "Not done");
  },
});
