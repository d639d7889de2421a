import { z } from "zod";
import { defineCommand } from "../src/chat/command.ts";
import { outcomeReply } from "../src/chat/outcome.ts";

/** The exchange takes entries and take profits back again when the desk falls silent, as the settings have it. */
export const deadmanArm = defineCommand({
  name: "deadman_arm",
  aliases: [],
  description: "Arm the exchange's countdown again; a restart keeps it so",
  examples: ["deadman_arm"],
  topic: "safety",
  role: "risk",
  risk: "R1",
  approval: "none",
  schema: z.object({}),
  args: [],
  async run({ door, actor }) {
    return outcomeReply(await door.armCountdown(actor), "Armed", "Not armed", "/deadman shows it.");
  },
});
