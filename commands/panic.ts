import { z } from "zod";
import { defineCommand } from "../src/chat/command.ts";
import { outcomeReply } from "../src/chat/outcome.ts";

/** Pauses at once, and closes at the market all that the desk's engines hold; a foreign part stays. Seconds to take it back. */
export const panic = defineCommand({
  name: "panic",
  aliases: [],
  description: "Pause at once, close all that the engines hold; for seconds a card takes it back",
  examples: ["panic"],
  topic: "stopping",
  role: "trader",
  risk: "R2",
  isUrgent: true,
  approval: "none",
  schema: z.object({}),
  args: [],
  async run({ door, actor }) {
    const outcome = await door.panic(actor);
    return outcomeReply(outcome, "Panic", "Panic not carried out", "/positions shows what is left.");
  },
});
