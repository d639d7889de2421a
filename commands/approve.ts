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
  examples: ["approve k1-e1", "approve r1-e1 ladder", "approve k2-e1 123456"],
  topic: "decisions",
  role: "trader",
  risk: "R3",
  approval: "none",
  isOfCard: true,
  takesCodes: true,
  schema: z.object({
    card: cardSchema("approve"),
    way: z.string().optional(),
    code: z.string().max(16, "A code is six digits.").optional(),
  }),
  args: [
    cardArgument,
    {
      name: "way",
      description: "Of a stuck rung: close, ladder, hedge or wait",
      isRequired: false,
      choices: () => ["close", "ladder", "hedge", "wait"],
    },
    {
      name: "code",
      description: "Of your authenticator, where you are the only admin and two people should decide",
      isRequired: false,
    },
  ],
  sortWords: ([card, ...rest]) => {
    const code = rest.join(" ");
    return {
      ...(card === undefined ? {} : { card }),
      ...(code === "" ? {} : /^[\d ]+$/.test(code) ? { code } : { way: code }),
    };
  },
  async run({ args: { card, way, code }, actor, cards }) {
    const decision = way === undefined ? "approve" : wayOf(way);
    const outcome =
      decision === undefined
        ? { isOk: false, text: unreadableWay("approve", card, way) }
        : await cards.decide(card, decision, actor, code);
    return outcomeReply(outcome, "Decided", "Not done");
  },
});
