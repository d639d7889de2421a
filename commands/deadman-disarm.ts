import { z } from "zod";
import { defineCommand } from "../src/chat/command.ts";
import { outcomeReply } from "../src/chat/outcome.ts";

/** Asks two people to end the exchange's countdown: what rests goes on resting then when the desk falls silent. */
export const deadmanDisarm = defineCommand({
  name: "deadman_disarm",
  aliases: [],
  description: "Propose to disarm the exchange's countdown; another person approves",
  examples: ["deadman_disarm"],
  topic: "safety",
  role: "risk",
  risk: "R4",
  approval: "2P",
  schema: z.object({}),
  args: [],
  async run({ door, actor }) {
    return outcomeReply(await door.proposeDisarm(actor), "Asked", "Not asked");
  },
});
