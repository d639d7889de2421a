import { existsSync } from "node:fs";
import { hasRole } from "../../core/proposal.ts";
import type { Settings } from "../../settings/settings.ts";
import { readTotpSecrets, totpFile } from "../totp-file.ts";
import { about, type Finding } from "./finding.ts";

/**
 * The secrets of people's authenticators: for their owner alone, and whose there are. One that others may read, or that is damaged,
 * rejects with the sentence that mends it.
 */
export function authenticators({ chat, desk }: Pick<Settings, "chat" | "desk">): readonly Finding[] {
  const { ok, note } = about("authenticators");
  const file = totpFile(desk.dataDir);
  const enrolled = [...readTotpSecrets(file).keys()];
  const without = chat.people
    .filter(({ name, role }) => hasRole(role, "risk") && !enrolled.includes(name))
    .map(({ name }) => name);
  const found = existsSync(file)
    ? `${file} is for you alone, with those of ${enrolled.length === 0 ? "nobody" : enrolled.join(", ")}.`
    : "nobody has one yet.";
  // At the terminal alone nobody links accounts, and sim risks nothing.
  const isWanted = chat.telegram !== undefined || chat.discord !== undefined;
  if (without.length === 0 || !isWanted) return [ok(found)];
  const mend = without.map((name) => `perpdesk totp ${name}`).join(", ");
  return [
    ...(existsSync(file) ? [ok(found)] : []),
    note(
      `${without.join(", ")} can't link accounts, nor approve alone what takes two people: set one up with ${mend}.`,
    ),
  ];
}
