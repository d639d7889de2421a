import { z } from "zod";
import { cardArgument, cardSchema, unreadableWay } from "../src/chat/card-argument.ts";
import { defineCommand } from "../src/chat/command.ts";
import { outcomeReply } from "../src/chat/outcome.ts";
import { REASON_MOST } from "../src/core/reason.ts";

const BECAUSE = "because";

/** Says no to a card by its name, with a reason or without; the reason of one that they rejected already may follow. */
export const reject = defineCommand({
  name: "reject",
  aliases: ["deny"],
  description: "Reject a card by its name",
  examples: ["reject k1-e1", "reject k1-e1 because the spread is too wide"],
  topic: "decisions",
  role: "trader",
  risk: "R1",
  isUrgent: true,
  approval: "none",
  schema: z.object({
    card: cardSchema("reject"),
    reason: z.string().max(REASON_MOST, `Say why in ${REASON_MOST} characters at most.`).optional(),
    more: z.string().optional(),
  }),
  args: [
    cardArgument,
    { name: "reason", description: "Why, after the word because; the card shows it", isRequired: false },
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
    const decided =
      more === undefined
        ? await cards.decide(card, "reject", actor)
        : { isOk: false, text: unreadableWay("reject", card, more) };
    if (reason === undefined || more !== undefined) return outcomeReply(decided, "Decided", "Not done");
    const explained = await cards.explain(card, reason, actor);
    if (decided.isOk) return outcomeReply(decided, "Decided", "Not done", explained.text);
    return outcomeReply(explained.isOk ? explained : decided, "Noted", "Not done");
  },
});
