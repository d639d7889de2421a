import { z } from "zod";
import { defineCommand } from "../src/chat/command.ts";
import { accountsText, roleText } from "../src/chat/person-text.ts";

/** Who the caller is to the desk. */
export const whoami = defineCommand({
  name: "whoami",
  aliases: [],
  description: "Who you are here, and what you may do",
  examples: ["whoami"],
  topic: "people",
  role: "viewer",
  risk: "R0",
  approval: "none",
  isPrivate: true,
  schema: z.object({}),
  args: [],
  async run({ actor, door, people }) {
    const person = door.roster().find(actor.person);
    return {
      title: `You are ${actor.person}, ${actor.role}`,
      tone: "plain",
      fields: [
        { label: "Role", text: person === undefined ? actor.role : roleText(person) },
        { label: "Here", text: actor.platform },
        { label: "Accounts", text: accountsText(person?.accounts ?? []) ?? "none" },
        {
          label: "Authenticator",
          text: people.hasAuthenticator(actor.person)
            ? "set up"
            : `none; perpdesk totp ${actor.person} on the machine sets one up`,
        },
        ...(actor.barred === undefined
          ? []
          : [{ label: "In the way", text: actor.barred.replace(" Nothing was done.", "") }]),
      ],
      footer: "All your accounts and the terminal are one person: they can't approve for one another.",
      isPrivate: true,
    };
  },
});
