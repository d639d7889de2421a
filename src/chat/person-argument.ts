import { z } from "zod";
import { type PersonRole, ROLES } from "../core/proposal.ts";

import type { NewAccount } from "../core/roster.ts";
import type { ArgumentHelp } from "./command.ts";
import { cut, oneLine } from "./layout.ts";

/** The same form as a name in `chat.people`. */
const NAME = /^[\p{L}\p{N}][\p{L}\p{N}._-]{0,31}$/u;
const ACCOUNTS = { telegram: /^\d{1,16}$/, discord: /^\d{15,20}$/ } as const;
const EXAMPLES = "telegram:123456789 or discord:1234567890123456789";

const shown = (text: string): string => cut(oneLine(text), 40);

/** A person's name, as an argument of the command `name`. */
export const personSchema = (name: string) =>
  z.string({ error: `Say who, e.g. ${name}. /users lists everybody.` }).transform((text, context): string => {
    if (NAME.test(text)) return text;
    context.addIssue({
      code: "custom",
      message: `person "${shown(text)}" is no name; write letters, digits, . _ and -, 32 at most.`,
    });
    return z.NEVER;
  });

/** A role, in any case of letters. */
export const roleSchema = z
  .string({ error: `Say which role: ${ROLES.join(", ")}.` })
  .transform((text, context): PersonRole => {
    const role = ROLES.find((each) => each === text.toLowerCase());
    if (role !== undefined) return role;
    context.addIssue({
      code: "custom",
      message: `role "${shown(text)}" is none; say one of ${ROLES.join(", ")}.`,
    });
    return z.NEVER;
  });

/** An account as people write it: its platform and its number there. */
export const accountSchema = z.string().transform((text, context): NewAccount => {
  const [, platform, id = ""] = /^(telegram|discord):(\d+)$/i.exec(text) ?? [];
  const known = platform?.toLowerCase() as NewAccount["platform"] | undefined;
  if (known !== undefined && ACCOUNTS[known].test(id)) return { platform: known, id };
  context.addIssue({
    code: "custom",
    message: `account "${shown(text)}" can't be read; write it like ${EXAMPLES}.`,
  });
  return z.NEVER;
});

/** A platform on which people have accounts. */
export const platformSchema = z.string().transform((text, context): NewAccount["platform"] => {
  const platform = text.toLowerCase();
  if (platform === "telegram" || platform === "discord") return platform;
  context.addIssue({
    code: "custom",
    message: `platform "${shown(text)}" is neither telegram nor discord; say one of them, or leave it out.`,
  });
  return z.NEVER;
});

/** The argument that names a person. */
export const personArgument: ArgumentHelp = {
  name: "person",
  description: "Who; /users lists everybody",
  isRequired: true,
  choices: (door) =>
    door
      .roster()
      .all()
      .map(({ name }) => name),
};
