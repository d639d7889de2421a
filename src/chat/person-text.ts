import type { PersonAccount, RosterPerson } from "../core/roster.ts";

const PLATFORMS = { telegram: "Telegram", discord: "Discord" } as const;

/** "Telegram 501, Discord 400000000000000001 (linked in chat)"; undefined: no account. */
export function accountsText(accounts: readonly PersonAccount[]): string | undefined {
  if (accounts.length === 0) return undefined;
  return accounts
    .map(
      ({ platform, id, sinceWallAt }) =>
        `${PLATFORMS[platform]} ${id}${sinceWallAt === undefined ? "" : " (linked in chat)"}`,
    )
    .join(", ");
}

/** "trader (settings: admin, chat: trader)": what holds, and where it comes from when the two differ. */
export function roleText({ role, ceiling, said, isListed }: RosterPerson): string {
  const now = role ?? "no role";
  if (!isListed) return `${now} (by chat; at most ${ceiling ?? "none"})`;
  return said === undefined || said === ceiling
    ? now
    : `${now} (settings: ${ceiling ?? "none"}, chat: ${said})`;
}
