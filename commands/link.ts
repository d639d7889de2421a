import { z } from "zod";
import { defineCommand } from "../src/chat/command.ts";
import { duration } from "../src/chat/format.ts";
import { isLinkCode, LINK_MS } from "../src/chat/link-code.ts";

/** Makes a one-time code on an account that the desk knows; typed on another account, it says whose that is. */
export const link = defineCommand({
  name: "link",
  aliases: [],
  description: "Join your Telegram and Discord accounts by a one-time code",
  examples: ["link 123456", "link 7K2M-Q9XT-HB4R"],
  topic: "people",
  role: "viewer",
  risk: "R4",
  approval: "none",
  isPrivate: true,
  takesCodes: true,
  schema: z.object({
    code: z
      .string({
        error:
          "Say /link and the six digits of your authenticator: you get a code, to be typed on your other account.",
      })
      .max(40, "No code is so long."),
  }),
  args: [
    {
      name: "code",
      description: "Of your authenticator; on the other account the code that you got",
      isRequired: true,
    },
  ],
  sortWords: (words) => (words.length === 0 ? {} : { code: words.join(" ") }),
  async run({ args: { code }, actor, people }) {
    if (isLinkCode(code))
      return {
        title: "Not linked",
        tone: "warning",
        lines: [
          `You are ${actor.person} here already. Type it on the account that the desk does not know yet; it still holds.`,
        ],
        isPrivate: true,
      };
    const outcome = await people.linkCode(actor, code);
    if (!outcome.isOk) return { title: "Not done", tone: "warning", lines: [outcome.text], isPrivate: true };
    return {
      title: "A code for your other account",
      tone: "good",
      lines: [
        `Type there: /link ${outcome.text}`,
        `It works once, within ${duration(LINK_MS)}. Whoever types it first is ${actor.person}: show it to nobody.`,
      ],
      footer: "Everybody is told of it. The new account does nothing that adds risk for 24 hours.",
      isPrivate: true,
      isSecret: true,
    };
  },
});
