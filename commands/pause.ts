import { z } from "zod";
import { defineCommand } from "../src/chat/command.ts";
import { outcomeReply } from "../src/chat/outcome.ts";

/** Stops new entries. Pausing twice is pausing once. */
export const pause = defineCommand({
  name: "pause",
  aliases: ["stopentry", "stopbuy"],
  description: "No new entries; stops and take profits stay",
  examples: ["pause"],
  topic: "stopping",
  role: "trader",
  risk: "R1",
  isUrgent: true,
  approval: "none",
  schema: z.object({}),
  args: [],
  async run({ door, actor }) {
    return outcomeReply(await door.pause(actor), "Paused", "Not paused", "/resume lets engines enter again.");
  },
});
