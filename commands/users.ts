import { z } from "zod";
import { defineCommand } from "../src/chat/command.ts";
import { accountsText, roleText } from "../src/chat/person-text.ts";

/** Everybody whom the desk knows: role, accounts, and whether they have an authenticator. */
export const users = defineCommand({
  name: "users",
  aliases: [],
  description: "Everybody whom the desk knows, with role and accounts",
  examples: ["users"],
  topic: "people",
  role: "admin",
  risk: "R0",
  approval: "none",
  isPrivate: true,
  schema: z.object({}),
  args: [],
  async run({ door, people }) {
    const all = door.roster().all();
    const { newPeople, terminal } = door.roster().rules;
    return {
      title: all.length === 1 ? "1 person" : `${all.length} people`,
      tone: "plain",
      lines: all.map((person) => {
        const sits = person.name === terminal ? "the terminal" : undefined;
        const ways = [sits, accountsText(person.accounts)].filter((way) => way !== undefined);
        const code = people.hasAuthenticator(person.name) ? "; authenticator" : "";
        return `${person.name}: ${roleText(person)}; ${ways.join(", ") || "no account"}${code}`;
      }),
      buttons: [[{ label: "Refresh", style: "plain", action: { type: "run", line: "users" } }]],
      footer:
        newPeople === undefined
          ? "Chat lets nobody else in (chat.newPeople)."
          : `/grant lets others in, as ${newPeople} at most (chat.newPeople).`,
      isPrivate: true,
    };
  },
});
