import { z } from "zod";
import { defineCommand } from "../src/chat/command.ts";
import { outcomeReply } from "../src/chat/outcome.ts";

/** Lets engines enter again after a pause. */
export const resume = defineCommand({
  name: "resume",
  aliases: [],
  description: "Engines may enter again after a pause",
  examples: ["resume"],
  topic: "stopping",
  role: "risk",
  risk: "R3",
  approval: "none",
  schema: z.object({}),
  args: [],
  async run({ door, actor }) {
    return outcomeReply(await door.resume(actor), "Resumed", "Not resumed", "/pause stops new entries.");
  },
});
