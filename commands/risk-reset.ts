import { z } from "zod";
import { defineCommand } from "../src/chat/command.ts";
import { outcomeReply } from "../src/chat/outcome.ts";

/** Leaves a Shutdown: the risk state is what the conditions say, and the present equity is the peak from here on. */
export const riskReset = defineCommand({
  name: "risk_reset",
  aliases: [],
  description: "Leave Shutdown: the present equity is the new peak",
  examples: ["risk_reset"],
  role: "admin",
  risk: "R4",
  schema: z.object({}),
  args: [],
  async run({ door, actor }) {
    return outcomeReply(
      await door.resetRisk(actor),
      "Risk begins anew",
      "Not reset",
      "Engines that are paused stay so until /resume.",
    );
  },
});
