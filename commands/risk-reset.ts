import { z } from "zod";
import { defineCommand } from "../src/chat/command.ts";
import { outcomeReply } from "../src/chat/outcome.ts";

const MISSING = "Say in a few words what led to it: it stands on the card and in the ledger.";

/** Asks to leave a Shutdown: approved by another admin, the risk state begins anew and the present equity is the peak. */
export const riskReset = defineCommand({
  name: "risk_reset",
  aliases: [],
  description: "Propose to leave Shutdown; another admin approves",
  examples: ["risk_reset funding spike, positions are closed"],
  topic: "safety",
  role: "admin",
  risk: "R4",
  approval: "2P",
  schema: z.object({
    cause: z.string(MISSING).trim().min(3, MISSING).max(200, "Say it in 200 characters at most."),
  }),
  args: [{ name: "cause", description: "What led to it, in a few words", isRequired: true }],
  sortWords: (words) => (words.length === 0 ? {} : { cause: words.join(" ") }),
  async run({ args, door, actor }) {
    return outcomeReply(
      await door.resetRisk(actor, args.cause),
      "Asked",
      "Not asked",
      "Engines that are paused stay so until /resume.",
    );
  },
});
