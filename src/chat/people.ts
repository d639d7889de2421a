import type { Actor, PersonRole } from "../core/proposal.ts";
import type { QuietHours } from "./notices.ts";
import type { Theme } from "./pictures/theme.ts";

/** Somebody who may talk to the desk. A Telegram and a Discord account of one person are one person. */
export interface Person {
  readonly name: string;
  readonly role: PersonRole;
  readonly telegramId?: number;
  /** A snowflake: digits in a text, too long for a number. */
  readonly discordId?: string;
  /** How their pictures look; dark unless set. */
  readonly pictures?: Theme;
}

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

/** Who may talk to the desk, and where. Whoever and whatever is not named here gets no answer. */
export interface ChatSettings {
  readonly people: readonly Person[];
  /** Whoever sits at the machine acts as this person; an unknown name may only look. */
  readonly terminal: { readonly person: string };
  readonly quietHours?: QuietHours;
  readonly telegram?: TelegramSettings;
  readonly discord?: DiscordSettings;
}

const ON_CALL = ["risk", "admin", "trader"] as const;

/** Finds the person behind an account. */
export class People {
  readonly #byTelegram = new Map<number, Person>();
  readonly #byDiscord = new Map<string, Person>();
  readonly #byName = new Map<string, Person>();

  constructor(people: readonly Person[]) {
    for (const person of people) {
      this.#byName.set(person.name, person);
      if (person.telegramId !== undefined) this.#byTelegram.set(person.telegramId, person);
      if (person.discordId !== undefined) this.#byDiscord.set(person.discordId, person);
    }
  }

  /** The person with this Telegram user id; undefined is a stranger. */
  onTelegram(id: number): Actor | undefined {
    return acting(this.#byTelegram.get(id), "telegram");
  }

  /** The person with this Discord user id; undefined is a stranger. */
  onDiscord(id: string): Actor | undefined {
    return acting(this.#byDiscord.get(id), "discord");
  }

  /** Who sees to alerts, the nearest first: those with the role risk, then admins, then traders. */
  get onCall(): readonly Person[] {
    const all = [...this.#byName.values()];
    return ON_CALL.flatMap((role) => all.filter((person) => person.role === role));
  }

  /** How the pictures of a person look. */
  themeOf(name: string): Theme {
    return this.#byName.get(name)?.pictures ?? "dark";
  }

  /** The person at the machine: a viewer when the settings don't know the name. */
  onTerminal(name: string): Actor {
    return (
      acting(this.#byName.get(name), "terminal") ?? { person: name, role: "viewer", platform: "terminal" }
    );
  }
}

function acting(person: Person | undefined, platform: Actor["platform"]): Actor | undefined {
  return person === undefined ? undefined : { person: person.name, role: person.role, platform };
}
