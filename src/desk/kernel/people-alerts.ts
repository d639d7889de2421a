import type { AlertIntent } from "../../core/intent.ts";
import type { PersonRole } from "../../core/proposal.ts";
import { type ChatPlatform, rankOf } from "../../core/roster.ts";
import type { Millis } from "../../core/units.ts";

interface Added {
  readonly platform: ChatPlatform;
  readonly id: string;
  readonly wallAt: Millis;
}

/** A platform as people write it. */
export const platformName = (platform: ChatPlatform): string =>
  platform === "telegram" ? "Telegram" : "Discord";

/** Somebody may do more than before, or less. */
export const grantedAlert = (
  name: string,
  before: PersonRole | undefined,
  role: PersonRole,
  by: string,
  account: Added | undefined,
): AlertIntent => ({
  type: "alert",
  key: `granted:${name}`,
  level: rankOf(role) > rankOf(before) ? "high" : "notice",
  title: `${name} is ${role} now`,
  lines: [
    `Said by ${by}; before: ${before ?? "no role"}.`,
    ...(account === undefined
      ? []
      : [`Acts with the ${platformName(account.platform)} account ${account.id}.`]),
    `If that was not meant: /revoke ${name}.`,
  ],
});

/** A person has one more account. */
export const linkedAlert = (name: string, { platform, id }: Added): AlertIntent => ({
  type: "alert",
  key: `linked:${name}`,
  level: "high",
  title: `A ${platformName(platform)} account was linked to ${name}`,
  lines: [
    `The account ${id} acts as ${name} from now on; for 24 hours it does nothing that adds risk.`,
    `If that was not ${name}: /revoke ${name} ${platform}.`,
  ],
});

/** Somebody may do nothing more, or not from one account. */
export const revokedAlert = (name: string, platform: ChatPlatform | undefined, by: string): AlertIntent => ({
  type: "alert",
  key: `revoked:${name}`,
  level: "notice",
  title:
    platform === undefined
      ? `${name} has no role any more`
      : `The ${platformName(platform)} account of ${name} was cut off`,
  lines: [`Said by ${by}.`],
});
