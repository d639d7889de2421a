import type { Actor } from "../core/proposal.ts";
import type { NewAccount, PersonAccount, RosterPerson, RosterView } from "../core/roster.ts";
import type { Clock, Outcome } from "../desk/ports.ts";
import type { Codes } from "./codes.ts";
import { duration } from "./format.ts";
import { Links } from "./links.ts";
import type { QuietHours } from "./notices.ts";
import type { PeopleDesk } from "./people-desk.ts";
import type { Theme } from "./pictures/theme.ts";

/** A Telegram chat, or one topic of it, where the desk listens and shows cards. */
export interface TelegramPlace {
  readonly id: number;
  readonly topic?: number;
  /** Alerts are shown here. */
  readonly alerts: boolean;
  /** Answers with the account's money are given here too; left out: the caller gets them in a private message. */
  readonly accountData?: boolean;
}

/** A Discord channel where the desk listens and shows cards. */
interface DiscordPlace {
  readonly id: string;
  readonly alerts: boolean;
}

/** Telegram as configured. `apiRoot` is another server, for tests. */
export interface TelegramSettings {
  readonly token: string;
  readonly chats: readonly TelegramPlace[];
  readonly apiRoot?: string;
}

/** Discord as configured: one guild. `apiBase` is another server, for tests. */
export interface DiscordSettings {
  readonly token: string;
  readonly guild: string;
  readonly channels: readonly DiscordPlace[];
  readonly apiBase?: string;
}

/** Where the desk talks with people. Whatever is not named here gets no answer; who they are the desk's roster says. */
export interface ChatSettings {
  /** How many commands a minute one person has. */
  readonly commandsPerMinute: number;
  /** How the pictures of a person look; dark for everybody else. */
  readonly pictures?: readonly { readonly person: string; readonly theme: Theme }[];
  /** Whoever sits at the machine acts as this person; an unknown name may only look. */
  readonly terminal: { readonly person: string };
  readonly quietHours?: QuietHours;
  readonly telegram?: TelegramSettings;
  readonly discord?: DiscordSettings;
}

const BY_DUTY = ["risk", "admin", "trader", "viewer"] as const;
/** An account that chat added does nothing that adds risk for so long. */
const FRESH_MS = 86_400_000;

/** What the people stand on. */
interface PeopleParts {
  readonly roster: () => RosterView;
  readonly codes: Codes;
  readonly clock: Clock;
  /** Has the desk take a further account of the person who acts. */
  readonly link: (actor: Actor, account: NewAccount) => Promise<Outcome>;
}

/** Finds the person behind an account, as the desk knows them at this moment, and what stands in their way. */
export class People implements PeopleDesk {
  readonly #parts: PeopleParts;
  readonly #links: Links;
  /** When an account that chat added may add risk, on the clock that never jumps; by "platform:id". */
  readonly #free = new Map<string, number>();

  constructor(parts: PeopleParts) {
    this.#parts = parts;
    this.#links = new Links(parts.clock);
  }

  /** The person with this Telegram user id; undefined is a stranger. */
  onTelegram(id: number): Actor | undefined {
    return this.#acting("telegram", String(id));
  }

  /** The person with this Discord user id; undefined is a stranger. */
  onDiscord(id: string): Actor | undefined {
    return this.#acting("discord", id);
  }

  /** Everybody, in the order in which they are asked to see to alerts: those with the role risk, admins, traders; viewers are not. */
  get byDuty(): readonly RosterPerson[] {
    const all = this.#parts.roster().all();
    return BY_DUTY.flatMap((role) => all.filter((person) => person.role === role));
  }

  /** The person at the machine: a viewer when the desk doesn't know the name, or its role was taken away. */
  onTerminal(name: string): Actor {
    const known = this.#parts.roster().find(name);
    const person = known?.name ?? name;
    const barred = this.#parts.codes.lockOf(person);
    return {
      person,
      role: known?.role ?? "viewer",
      platform: "terminal",
      ...(barred === undefined ? {} : { barred }),
    };
  }

  /** From now on time counts for accounts that chat added: nothing that the wall's clock does later shortens it. */
  watch(): void {
    for (const { accounts } of this.#parts.roster().all())
      for (const account of accounts) this.#freshMs(account);
  }

  hasAuthenticator(person: string): boolean {
    return this.#parts.codes.isEnrolled(person);
  }

  async linkCode({ person, barred }: Actor, code: string): Promise<Outcome> {
    if (barred !== undefined) return { isOk: false, text: barred };
    const proof = await this.#parts.codes.check(person, code, "link");
    return proof.isOk ? { isOk: true, text: this.#links.make(person) } : proof;
  }

  /** A stranger's account says with a code whose it is; undefined: the code is none. */
  async redeem(code: string, account: NewAccount): Promise<Outcome | undefined> {
    const person = this.#links.take(code);
    if (person === undefined) return undefined;
    const { roster, link } = this.#parts;
    const role = roster().find(person)?.role;
    if (role === undefined) return { isOk: false, text: `${person} has no role. Nothing was linked.` };
    const outcome = await link({ person, role, platform: account.platform }, account);
    this.watch();
    return outcome;
  }

  /**
   * Proves that somebody who decides alone what takes two people is who they seem, with a code of their authenticator. Whoever sits at
   * the machine could set one up there: without one they need none.
   */
  async prove({ person, platform }: Actor, code: string | undefined, card: string): Promise<Outcome> {
    const { codes } = this.#parts;
    if (code !== undefined) return await codes.check(person, code, `approve ${card}`);
    const isEnrolled = codes.isEnrolled(person);
    if (platform === "terminal" && !isEnrolled) return { isOk: true, text: "At the machine." };
    return {
      isOk: false,
      text: isEnrolled
        ? `There is nobody else: say /approve ${card} CODE, with a code of your authenticator. Nothing was done.`
        : `There is nobody else, and no authenticator is set up for you: run "perpdesk totp ${person}" on the machine. Nothing was done.`,
    };
  }

  #acting(platform: "telegram" | "discord", id: string): Actor | undefined {
    const person = this.#parts.roster().owner(platform, id);
    const account = person?.accounts.find((each) => each.platform === platform);
    if (person?.role === undefined || account === undefined) return undefined;
    const barred = this.#parts.codes.lockOf(person.name) ?? this.#freshText(account);
    return {
      person: person.name,
      role: person.role,
      platform,
      ...(barred === undefined ? {} : { barred }),
    };
  }

  #freshText(account: PersonAccount): string | undefined {
    const left = this.#freshMs(account);
    return left <= 0
      ? undefined
      : `This account is new here: it does nothing that adds risk for ${duration(left)}. Nothing was done.`;
  }

  #freshMs({ platform, id, sinceWallAt }: PersonAccount): number {
    if (sinceWallAt === undefined) return 0;
    const { clock } = this.#parts;
    const key = `${platform}:${id}:${sinceWallAt}`;
    let free = this.#free.get(key);
    if (free === undefined) {
      const left = Math.min(FRESH_MS, Math.max(0, sinceWallAt + FRESH_MS - clock.now()));
      free = clock.monotonic() + left;
      this.#free.set(key, free);
    }
    return free - clock.monotonic();
  }
}
