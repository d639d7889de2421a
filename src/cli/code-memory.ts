import type { CodeFact, CodeMemory } from "../chat/codes.ts";
import type { AlertIntent } from "../core/intent.ts";
import type { RosterView } from "../core/roster.ts";
import type { Ledger } from "../desk/ports.ts";

const USED = "codeUsed";
const WRONG = "codeWrong";

/**
 * Which one-time codes were given, kept in the audit ledger: the number of the step, never the code. They count for every desk on
 * this database, since a person has one authenticator for all.
 */
export const codeMemory = (ledger: Ledger): CodeMemory => ({
  async load() {
    return (await ledger.read([USED, WRONG])).map(({ kind, actor, body, wallAt }): CodeFact => {
      if (kind === WRONG) return { type: "wrong", person: actor, wallAt };
      const { step } = JSON.parse(body) as { readonly step: number };
      return { type: "used", person: actor, step };
    });
  },
  async save(fact, purpose) {
    if (fact.type === "used") await ledger.append(USED, fact.person, { step: fact.step, purpose });
    else await ledger.append(WRONG, fact.person, { purpose });
  },
});

/** Somebody gave five wrong codes: they are not who they seem, or their clock is wrong. */
export const lockedAlert = (person: string): AlertIntent => ({
  type: "alert",
  key: `codes:${person}`,
  level: "high",
  title: `Five wrong codes of ${person}`,
  lines: [
    `For an hour ${person} does nothing that adds risk, from no account.`,
    `If it was not ${person}, somebody has an account of theirs: /users, then /revoke ${person} telegram or discord.`,
  ],
});

/** What a person should know at the start of a desk from which chat took all admins that its settings name. */
export function adminNotes(roster: RosterView): readonly string[] {
  const listed = roster.rules.listed.filter(({ role }) => role === "admin").map(({ name }) => name);
  if (listed.length === 0 || roster.holders("admin").length > 0) return [];
  return [
    `Nobody is admin: chat took the role from ${listed.join(", ")}. Write an admin of another name into chat.people.`,
  ];
}
