import type { APIMessage, APIUser } from "discord.js";
import { Door, type Fault, fault } from "../telegram/door.ts";
import { Journal } from "../telegram/journal.ts";
import { Commands } from "./commands.ts";
import { type Deed, deedOf } from "./deed.ts";
import { Directory, type DiscordChannel, type DiscordGuild, type DiscordPerson } from "./directory.ts";
import { Doings, type MessageRef, type OptionValue } from "./doings.ts";
import { Gateway, INTENTS } from "./gateway.ts";
import { type Interaction, Interactions } from "./interactions.ts";
import { Messages } from "./messages.ts";
import { type RateLimits, Rates } from "./rates.ts";
import { type DiscordCall, Rest } from "./rest.ts";
import { routesOf } from "./routes.ts";
import { Snowflakes } from "./snowflake.ts";

/** What an emulated Discord starts with. */
export interface DiscordOptions {
  readonly token: string;
  readonly guilds: readonly DiscordGuild[];
  readonly channels: readonly DiscordChannel[];
  readonly users: readonly DiscordPerson[];
  /** The bot's user and application id. */
  readonly applicationId?: string;
  readonly port?: number;
  /** Limits on requests; Discord's usual ones when left out. */
  readonly rates?: RateLimits | "off";
  /** Bits of the privileged intents that the application has been granted; none when left out. */
  readonly grantedIntents?: number;
  readonly heartbeatMs?: number;
  /** How long the bot may take to its first answer (3 s), and use an interaction's token (15 min), in ms. */
  readonly ackMs?: number;
  readonly tokenMs?: number;
  /** The `retry_after` with which edits of messages older than an hour are refused, in seconds. */
  readonly oldEditRetrySeconds?: number;
}

/** An emulated Discord on loopback, REST and gateway, with the people who use it. */
export class Discord {
  readonly token: string;
  readonly journal = new Journal<DiscordCall>();
  readonly rates: Rates;
  readonly directory: Directory;
  readonly messages: Messages;
  readonly commands: Commands;
  readonly gateway: Gateway;
  readonly #interactions: Interactions;
  readonly #doings: Doings;
  readonly #rest: Rest;
  readonly #door: Door;
  readonly #faults = new Set<Fault>();

  /** Faults, each in force for its time (Infinity: until ended) and ended early by `end()`. */
  readonly fault = {
    /** Every REST call gets 429 with the seconds that are left, by default for all routes together. */
    rate429: (seconds: number, scope: "user" | "global" = "global"): Fault => {
      const set = (until: number) => () => {
        this.#rest.limitedUntil = until;
        this.#rest.limitScope = scope;
      };
      return this.#keep(fault(seconds * 1_000, set(performance.now() + seconds * 1_000), set(0)));
    },
    /** Every REST call ends with 500, carried out or not: nobody can know. */
    broken500: (ms: number): Fault => {
      const set = (isBroken: boolean) => () => {
        this.#rest.isBroken = isBroken;
      };
      return this.#keep(fault(ms, set(true), set(false)));
    },
    /** REST requests are accepted and never answered or carried out; the gateway falls silent. */
    hang: (ms: number): Fault => {
      const silence = this.fault.silence(ms);
      const hung = this.#door.hang(ms);
      const end = async (): Promise<void> => void (await Promise.all([hung.end(), silence.end()]));
      return { over: Promise.all([hung.over, silence.over]).then(() => {}), end };
    },
    /** The gateway acknowledges no heartbeat and sends nothing; REST goes on. What was missed comes after a resume. */
    silence: (ms: number): Fault => {
      const set = (isSilent: boolean) => () => {
        this.gateway.isSilent = isSilent;
      };
      return this.#keep(fault(ms, set(true), set(false)));
    },
    /** The port is closed and every connection cut, the gateway's too; afterwards it listens on the same port. */
    down: (ms: number): Fault => this.#door.down(ms),
    /** REST calls are carried out, but their answers never arrive. */
    lost: (ms: number): Fault => {
      const set = (isLossy: boolean) => () => {
        this.#rest.isLossy = isLossy;
      };
      return this.#keep(fault(ms, set(true), set(false)));
    },
  };

  constructor(options: DiscordOptions) {
    const { token, users, guilds, channels, ackMs = 3_000, tokenMs = 15 * 60_000 } = options;
    this.token = token;
    const snowflakes = new Snowflakes();
    const name = "perpdesk";
    const id = options.applicationId ?? "100000000000000001";
    const bot: APIUser = {
      id,
      username: name,
      discriminator: "0",
      global_name: null,
      avatar: null,
      bot: true,
    };
    this.rates = new Rates(options.rates);
    this.directory = new Directory(bot, users, guilds, channels, snowflakes);
    const tell = (event: string, message: APIMessage) => this.#tell(event, message);
    this.messages = new Messages(this.directory, snowflakes, tell, options.oldEditRetrySeconds ?? 5);
    this.commands = new Commands(id, snowflakes);
    this.#interactions = new Interactions(this.directory, this.messages, snowflakes, { ackMs, tokenMs });
    const gatewayUrl = () => `ws://127.0.0.1:${this.#door.port}/gateway`;
    this.gateway = new Gateway({
      token,
      directory: this.directory,
      grantedIntents: options.grantedIntents ?? 0,
      heartbeatMs: options.heartbeatMs ?? 41_250,
      url: gatewayUrl,
    });
    const { directory, messages, commands } = this;
    const interactions = this.#interactions;
    this.#doings = new Doings(directory, messages, interactions, commands, this.gateway);
    const leave = (guild: string) => this.#leave(guild);
    const routes = routesOf({ directory, messages, interactions, commands, gatewayUrl, leave });
    this.#rest = new Rest(token, routes, this.rates, this.journal);
    this.#door = new Door(
      (visit) => this.#rest.serve(visit),
      (request, socket, head) => this.gateway.upgrade(request, socket, head),
    );
  }

  /** Starts listening. */
  async open(port = 0): Promise<void> {
    await this.#door.open(port);
  }

  /** What discord.js's `rest.api` is set to. */
  get api(): string {
    return `http://127.0.0.1:${this.#door.port}/api`;
  }

  /** All REST calls so far. */
  get calls(): readonly DiscordCall[] {
    return this.journal.entries;
  }

  /** The oldest wanted call that no earlier wait has taken; rejects after `ms`. */
  wait(wants: (call: DiscordCall) => boolean, ms?: number): Promise<DiscordCall> {
    return this.journal.wait(wants, ms);
  }

  /** Id of the private channel between the bot and a person. */
  dm(person: DiscordPerson): string {
    return this.directory.dm(person.id).id;
  }

  /** A person runs a registered slash command ("name" or "name sub") in a channel given by id. */
  slash(
    person: DiscordPerson,
    channel: string,
    name: string,
    options?: Readonly<Record<string, OptionValue>>,
  ): Deed {
    return this.#deed(this.#doings.slash(person.id, channel, name, options));
  }

  /** A person types into the option `focused` and waits for suggestions. */
  autocomplete(
    person: DiscordPerson,
    channel: string,
    name: string,
    focused: string,
    options: Readonly<Record<string, OptionValue>>,
  ): Deed {
    return this.#deed(this.#doings.autocomplete(person.id, channel, name, focused, options));
  }

  /** A person presses a button; id and message may be made up. */
  press(person: DiscordPerson, message: MessageRef, customId: string): Deed {
    return this.#deed(this.#doings.press(person.id, message, customId));
  }

  /** A person picks values in a select menu. */
  choose(person: DiscordPerson, message: MessageRef, customId: string, values: readonly string[]): Deed {
    return this.#deed(this.#doings.choose(person.id, message, customId, values));
  }

  /** A person writes a plain message; the bot hears of it if its intents say so, without the text unless that is granted. */
  say(person: DiscordPerson, channel: string, text: string): APIMessage {
    return this.messages.put(channel, this.directory.user(person.id), { content: text }, new Map());
  }

  /** The bot is added to a guild. */
  join(guild: DiscordGuild): void {
    this.directory.join(guild.id);
    this.gateway.dispatch("GUILD_CREATE", INTENTS.guilds, () => this.directory.guild(guild.id));
  }

  /** Ends all faults, cuts the gateway and stops listening. */
  async close(): Promise<void> {
    await Promise.all([...this.#faults].map((each) => each.end()));
    this.gateway.close();
    await this.#door.close();
  }

  #keep(started: Fault): Fault {
    this.#faults.add(started);
    void started.over.then(() => this.#faults.delete(started));
    return started;
  }

  #leave(guild: string): void {
    this.directory.leave(guild);
    this.gateway.dispatch("GUILD_DELETE", INTENTS.guilds, () => ({ id: guild }));
  }

  #tell(event: string, message: APIMessage): void {
    const guild = this.directory.guildOf(message.channel_id);
    const where = guild === undefined ? {} : { guild_id: guild };
    const { id, channel_id } = message;
    const isOpen =
      guild === undefined ||
      message.author.id === this.directory.bot.id ||
      message.mentions.some((each) => each.id === this.directory.bot.id);
    this.gateway.dispatch(
      event,
      guild === undefined ? INTENTS.directMessages : INTENTS.guildMessages,
      (intents) => {
        if (event === "MESSAGE_DELETE") return { id, channel_id, ...where };
        if (isOpen || (intents & INTENTS.messageContent) !== 0) return { ...message, ...where };
        return { ...message, ...where, content: "", embeds: [], attachments: [], components: [] };
      },
    );
  }

  #deed(interaction: Interaction): Deed {
    return deedOf(interaction, {
      messages: this.messages,
      journal: this.journal,
      submit: (each, values, by) => this.#doings.submit(each, values, by),
      age: (id, ms) => this.#interactions.age(id, ms),
    });
  }
}

/** Starts an emulated Discord on loopback. */
export async function createDiscord(options: DiscordOptions): Promise<Discord> {
  const discord = new Discord(options);
  await discord.open(options.port);
  return discord;
}
