import { z } from "zod";
import { defineCommand } from "../src/chat/command.ts";
import { outcomeReply } from "../src/chat/outcome.ts";

/** Pauses and closes at the market all that the desk's engines hold; a foreign part stays. Acts at once. */
export const panic = defineCommand({
  name: "panic",
  aliases: [],
  description: "At once: pause and close all that the engines hold",
  examples: ["panic"],
  role: "trader",
  risk: "R2",
  approval: "none",
  schema: z.object({}),
  args: [],
  async run({ door, actor }) {
    const outcome = await door.panic(actor);
    return outcomeReply(outcome, "Panic", "Panic not carried out", "/positions shows what is left.");
  },
});
