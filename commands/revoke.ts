import { z } from "zod";
import { defineCommand } from "../src/chat/command.ts";
import { outcomeReply } from "../src/chat/outcome.ts";
import { personArgument, personSchema, platformSchema } from "../src/chat/person-argument.ts";

/** Takes somebody's role away at once, or only one account of theirs; never the last admin's. */
export const revoke = defineCommand({
  name: "revoke",
  aliases: [],
  description: "Take a role, or one account, away at once",
  examples: ["revoke bob", "revoke alice discord"],
  topic: "people",
  role: "admin",
  risk: "R1",
  approval: "none",
  isUrgent: true,
  schema: z.object({ person: personSchema("revoke bob"), platform: platformSchema.optional() }),
  args: [
    personArgument,
    {
      name: "platform",
      description: "telegram or discord: only the account there",
      isRequired: false,
      choices: () => ["telegram", "discord"],
    },
  ],
  async run({ args: { person, platform }, actor, door }) {
    const outcome = await door.revoke(actor, { person, ...(platform === undefined ? {} : { platform }) });
    return outcomeReply(outcome, "Roles", "Not done");
  },
});
