import { z } from "zod";
import { cardArgument, cardSchema, unreadableWay } from "../src/chat/card-argument.ts";
import { defineCommand } from "../src/chat/command.ts";
import { outcomeReply } from "../src/chat/outcome.ts";

const BECAUSE = "because";

/** Says no to a card by its name, with a reason or without: the ledger keeps it with the rest of the line. */
export const reject = defineCommand({
  name: "reject",
  aliases: ["deny"],
  description: "Reject a card by its name",
  examples: ["reject k1-e1", "reject k1-e1 because the spread is too wide"],
  role: "trader",
  risk: "R1",
  isUrgent: true,
  approval: "none",
  schema: z.object({
    card: cardSchema("reject"),
    reason: z.string().max(150, "Say why in 150 characters at most.").optional(),
    more: z.string().optional(),
  }),
  args: [
    cardArgument,
    { name: "reason", description: "Why, after the word because; kept in the ledger", isRequired: false },
  ],
  sortWords: ([card, ...more]) => {
    const hasReason = more[0]?.toLowerCase() === BECAUSE && more.length > 1;
    return {
      ...(card === undefined ? {} : { card }),
      ...(hasReason ? { reason: more.slice(1).join(" ") } : {}),
      ...(hasReason || more.length === 0 ? {} : { more: more.join(" ") }),
    };
  },
  async run({ args: { card, reason, more }, actor, cards }) {
    const outcome =
      more === undefined
        ? await cards.decide(card, "reject", actor)
        : { isOk: false, text: unreadableWay("reject", card, more) };
    const next = reason === undefined ? undefined : "Your reason is in the ledger; /audit shows it.";
    return outcomeReply(outcome, "Decided", "Not done", next);
  },
});
