import { z } from "zod";
import { defineCommand } from "../src/chat/command.ts";
import { outcomeReply } from "../src/chat/outcome.ts";
import { accountSchema, personArgument, personSchema, roleSchema } from "../src/chat/person-argument.ts";
import { ROLES } from "../src/core/proposal.ts";

/** Gives somebody a role, up to what the settings say: viewer and trader at once, risk and admin by a card of two people. */
export const grant = defineCommand({
  name: "grant",
  aliases: [],
  description: "Give a role; risk and admin take two people",
  examples: ["grant bob trader", "grant carol viewer telegram:123456789"],
  topic: "people",
  role: "admin",
  risk: "R4",
  approval: "2P",
  schema: z.object({
    person: personSchema("grant bob trader"),
    role: roleSchema,
    account: accountSchema.optional(),
  }),
  args: [
    personArgument,
    { name: "role", description: ROLES.join(", "), isRequired: true, choices: () => ROLES },
    {
      name: "account",
      description: "Of somebody new: telegram:ID or discord:ID",
      isRequired: false,
    },
  ],
  async run({ args: { person, role, account }, actor, door }) {
    const outcome = await door.grant(actor, {
      person,
      role,
      ...(account === undefined ? {} : { account }),
    });
    return outcomeReply(outcome, "Roles", "Not done");
  },
});
