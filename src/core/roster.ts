import { type PersonRole, ROLES } from "./proposal.ts";
import type { Millis } from "./units.ts";

/** A platform on which people have accounts. */
export type ChatPlatform = "telegram" | "discord";

/** An account that chat adds. */
export interface NewAccount {
  readonly platform: ChatPlatform;
  /** The platform's own user id. */
  readonly id: string;
}

/** A role for somebody, up to what the settings say; `account`: of somebody new. */
export interface GrantRequest {
  readonly person: string;
  readonly role: PersonRole;
  readonly account?: NewAccount;
}

/** A role that is taken away, or only the account on one platform. */
export interface RevokeRequest {
  readonly person: string;
  readonly platform?: ChatPlatform;
}

/** A person as the settings name them: the role is the most that chat gives them back. */
export interface ListedPerson {
  readonly name: string;
  readonly role: PersonRole;
  readonly telegram?: string;
  readonly discord?: string;
}

/** What the settings say of people. Plain data, part of the flight recorder's header. */
export interface RosterRules {
  readonly listed: readonly ListedPerson[];
  /** The most that chat may give to somebody whom the settings don't name; absent: nobody is let in by chat. */
  readonly newPeople?: PersonRole;
  /** Who sits at the machine's terminal. */
  readonly terminal?: string;
}

/** An account of a person. */
export interface PersonAccount {
  readonly platform: ChatPlatform;
  /** The platform's own user id. */
  readonly id: string;
  /** When chat added it; undefined: it stands in the settings. */
  readonly sinceWallAt: Millis | undefined;
}

/** A person as they are now, settings and chat together. */
export interface RosterPerson {
  readonly name: string;
  /** Undefined: whatever they send is a stranger's. */
  readonly role: PersonRole | undefined;
  /** What the settings say at most. */
  readonly ceiling: PersonRole | undefined;
  /** What was last said in chat; undefined: nothing, the settings hold. */
  readonly said: PersonRole | "none" | undefined;
  readonly isListed: boolean;
  /** Those that were cut off are left out. */
  readonly accounts: readonly PersonAccount[];
}

/** Who the desk's people are; only the kernel changes it. */
export interface RosterView {
  /** By name, in any case of letters. */
  find(name: string): RosterPerson | undefined;
  /** Whose account this is; undefined: a stranger's, or one that was cut off. */
  owner(platform: ChatPlatform, id: string): RosterPerson | undefined;
  all(): readonly RosterPerson[];
  /** Whose account the settings say that this is, cut off or not: nobody else's for good. */
  listedOwner(platform: ChatPlatform, id: string): string | undefined;
  /** Names of those who have this role now, or a higher one. */
  holders(role: PersonRole): readonly string[];
  readonly rules: RosterRules;
}

/** How much a role may do; 0: no role. */
export const rankOf = (role: PersonRole | "none" | undefined): number =>
  role === undefined || role === "none" ? 0 : ROLES.indexOf(role) + 1;

/** Whether making somebody of this role (`now`) that one takes a card of two people: upwards, to risk or admin. */
export const takesCard = (role: PersonRole, now: PersonRole | undefined): boolean =>
  rankOf(role) >= rankOf("risk") && rankOf(role) > rankOf(now);

interface Told {
  /** As it was first written. */
  readonly name: string;
  said: PersonRole | "none" | undefined;
  readonly accounts: Map<ChatPlatform, { readonly id: string; readonly sinceWallAt: Millis }>;
}

/**
 * People of the settings and what chat said of them since. The settings are a ceiling: of a person's role there and the one that was
 * last said in chat the lesser holds, and whoever the settings don't name has no more than `newPeople`.
 */
export class Roster implements RosterView {
  readonly rules: RosterRules;
  /** By name in small letters. */
  readonly #told = new Map<string, Told>();
  /** Accounts that were taken from their owners, as "platform:id". */
  readonly #cut = new Set<string>();

  constructor(rules: RosterRules) {
    this.rules = rules;
  }

  find(name: string): RosterPerson | undefined {
    const key = name.toLowerCase();
    const told = this.#told.get(key);
    const listed = this.rules.listed.find((each) => each.name.toLowerCase() === key);
    if (listed === undefined && told === undefined) return undefined;
    const ceiling = listed === undefined ? this.rules.newPeople : listed.role;
    const said = told?.said;
    const own = said === undefined ? (listed === undefined ? "none" : listed.role) : said;
    const role = lesser(ceiling, own);
    return {
      name: listed?.name ?? told?.name ?? name,
      role,
      ceiling,
      said,
      isListed: listed !== undefined,
      accounts: this.#accountsOf(listed, told),
    };
  }

  owner(platform: ChatPlatform, id: string): RosterPerson | undefined {
    if (this.#cut.has(accountKey(platform, id))) return undefined;
    const listed = this.listedOwner(platform, id);
    if (listed !== undefined) return this.find(listed);
    for (const { name, accounts } of this.#told.values())
      if (accounts.get(platform)?.id === id) return this.find(name);
    return undefined;
  }

  listedOwner(platform: ChatPlatform, id: string): string | undefined {
    return this.rules.listed.find((each) => each[platform] === id)?.name;
  }

  all(): readonly RosterPerson[] {
    const names = new Set(this.rules.listed.map(({ name }) => name.toLowerCase()));
    for (const key of this.#told.keys()) names.add(key);
    return [...names].flatMap((name) => this.find(name) ?? []);
  }

  holders(role: PersonRole): readonly string[] {
    return this.all()
      .filter((person) => rankOf(person.role) >= rankOf(role))
      .map(({ name }) => name);
  }

  /** Chat gives a role; of a new person it also says which account is theirs. */
  grant(
    name: string,
    role: PersonRole,
    account?: { readonly platform: ChatPlatform; readonly id: string; readonly wallAt: Millis },
  ): void {
    const told = this.#toldOf(name);
    told.said = role;
    if (account !== undefined) this.link(name, account);
  }

  /** Chat takes the role away, or only one account. */
  revoke(name: string, platform?: ChatPlatform): void {
    if (platform === undefined) {
      this.#toldOf(name).said = "none";
      return;
    }
    const account = this.find(name)?.accounts.find((each) => each.platform === platform);
    if (account === undefined) return;
    this.#cut.add(accountKey(platform, account.id));
    this.#told.get(name.toLowerCase())?.accounts.delete(platform);
  }

  /** One more account of a person. One that the settings give to somebody else stays theirs, and cut off where it is. */
  link(
    name: string,
    {
      platform,
      id,
      wallAt,
    }: { readonly platform: ChatPlatform; readonly id: string; readonly wallAt: Millis },
  ): void {
    const listed = this.listedOwner(platform, id) ?? name;
    if (listed.toLowerCase() !== name.toLowerCase()) return;
    this.#toldOf(name).accounts.set(platform, { id, sinceWallAt: wallAt });
    this.#cut.delete(accountKey(platform, id));
  }

  /** Everything that chat said, in a fixed order: for the state hash. */
  canonical(): unknown {
    return [
      [...this.#told.values()].map(({ name, said, accounts }) => [
        name,
        said ?? null,
        [...accounts].map(([platform, { id, sinceWallAt }]) => [platform, id, sinceWallAt]),
      ]),
      [...this.#cut],
    ];
  }

  /** The settings' account on a platform stands before one that chat added. */
  #accountsOf(listed: ListedPerson | undefined, told: Told | undefined): readonly PersonAccount[] {
    const platforms: readonly ChatPlatform[] = ["telegram", "discord"];
    return platforms.flatMap((platform): readonly PersonAccount[] => {
      const fixed = listed?.[platform];
      const added = told?.accounts.get(platform);
      if (fixed !== undefined && !this.#cut.has(accountKey(platform, fixed)))
        return [{ platform, id: fixed, sinceWallAt: added?.id === fixed ? added.sinceWallAt : undefined }];
      if (added === undefined || this.rules.listed.some((each) => each[platform] === added.id)) return [];
      return [{ platform, id: added.id, sinceWallAt: added.sinceWallAt }];
    });
  }

  #toldOf(name: string): Told {
    const key = name.toLowerCase();
    const known = this.#told.get(key);
    if (known !== undefined) return known;
    const told: Told = { name, said: undefined, accounts: new Map() };
    this.#told.set(key, told);
    return told;
  }
}

const accountKey = (platform: ChatPlatform, id: string): string => `${platform}:${id}`;

function lesser(ceiling: PersonRole | undefined, own: PersonRole | "none"): PersonRole | undefined {
  const rank = Math.min(rankOf(ceiling), rankOf(own));
  return rank === 0 ? undefined : ROLES[rank - 1];
}
