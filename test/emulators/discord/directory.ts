import type {
  APIChannel,
  APIDMChannel,
  APIGuildMember,
  APITextChannel,
  APIUser,
  GatewayGuildCreateDispatchData,
} from "discord.js";
import { problems } from "./problem.ts";
import type { Snowflakes } from "./snowflake.ts";

/** A person on Discord; ids are snowflakes as text. */
export interface DiscordPerson {
  readonly id: string;
  readonly name: string;
  readonly isBot?: boolean;
  /** False: takes no private messages from the bot. */
  readonly takesDms?: boolean;
}

/** A guild (server) with its members; everyone when `members` is left out. */
export interface DiscordGuild {
  readonly id: string;
  readonly name: string;
  readonly members?: readonly string[];
  /** False: the bot has not been added. */
  readonly hasBot?: boolean;
  /** False: it was added without the scope applications.commands. */
  readonly takesCommands?: boolean;
}

/** A text channel of a guild, and what the bot may do there. */
export interface DiscordChannel {
  readonly id: string;
  readonly name: string;
  readonly guild: string;
  readonly access?: "write" | "read" | "none";
  /** The channel that it is a thread of. */
  readonly parent?: string;
}

/** Enough permissions for whoever uses commands; what a person may do in the desk is the desk's own affair. */
export const ALL_PERMISSIONS = "2147483647";
const NO_FLAGS: number = 0;
const JOINED = "2024-01-01T00:00:00.000000+00:00";

/** The people, guilds, channels and private channels of the emulated Discord. */
export class Directory {
  readonly bot: APIUser;
  /** Whether adding the bot needs a grant of a code, which no link alone gives. */
  needsCodeGrant = false;
  readonly #people = new Map<string, DiscordPerson>();
  readonly #guilds = new Map<string, DiscordGuild>();
  readonly #channels = new Map<string, DiscordChannel>();
  readonly #dms = new Map<string, string>();
  readonly #joined = new Set<string>();
  readonly #snowflakes: Snowflakes;

  constructor(
    bot: APIUser,
    people: readonly DiscordPerson[],
    guilds: readonly DiscordGuild[],
    channels: readonly DiscordChannel[],
    snowflakes: Snowflakes,
  ) {
    this.bot = bot;
    this.#snowflakes = snowflakes;
    for (const person of people) this.#people.set(person.id, person);
    for (const channel of channels) this.#channels.set(channel.id, channel);
    for (const guild of guilds) {
      this.#guilds.set(guild.id, guild);
      if (guild.hasBot !== false) this.#joined.add(guild.id);
    }
  }

  /** Ids of the guilds that the bot is in. */
  get joined(): readonly string[] {
    return [...this.#joined];
  }

  /** Whether the bot may register commands in a guild. */
  takesCommands(guild: string): boolean {
    return this.#guilds.get(guild)?.takesCommands !== false;
  }

  /** Adds the bot to a guild. */
  join(guild: string): void {
    if (!this.#guilds.has(guild)) throw new Error(`the emulated Discord has no guild ${guild}`);
    this.#joined.add(guild);
  }

  /** The bot leaves a guild; refuses one that it isn't in. */
  leave(guild: string): void {
    if (!this.#joined.delete(guild)) throw problems.unknownGuild();
  }

  /** A person as the API shows them; strangers are made up, because anyone can meet the bot in a guild. */
  user(id: string): APIUser {
    if (id === this.bot.id) return this.bot;
    const { name, isBot } = this.#people.get(id) ?? { name: `stranger ${id}`, isBot: false };
    const username = name.toLowerCase().replaceAll(/[^a-z0-9_.]/g, "_");
    const user: APIUser = { id, username, discriminator: "0", global_name: name, avatar: null };
    return isBot === true ? { ...user, bot: true } : user;
  }

  /** True when the person is known. */
  has(id: string): boolean {
    return this.#people.has(id) || id === this.bot.id;
  }

  /** A person as member of a guild. */
  member(id: string): APIGuildMember & { permissions: string } {
    const user = this.user(id);
    return {
      user,
      nick: null,
      avatar: null,
      roles: [],
      joined_at: JOINED,
      deaf: false,
      mute: false,
      flags: NO_FLAGS,
      permissions: ALL_PERMISSIONS,
    };
  }

  /** The private channel with a person, made when first asked for. */
  dm(person: string): APIDMChannel {
    const known = [...this.#dms].find(([, owner]) => owner === person)?.[0];
    const id = known ?? this.#snowflakes.next();
    this.#dms.set(id, person);
    return {
      id,
      type: 1,
      name: null,
      flags: NO_FLAGS,
      last_message_id: null,
      recipients: [this.user(person)],
    };
  }

  /** The guild of a channel; undefined for a private channel. */
  guildOf(channel: string): string | undefined {
    return this.#channels.get(channel)?.guild;
  }

  /** A channel as the bot sees it; refuses one that doesn't exist, or that the bot may not see (50001). */
  channel(id: string): APITextChannel | APIDMChannel {
    const channel = this.place(id);
    const { access = "write", guild = "" } = this.#channels.get(id) ?? {};
    if (channel.type !== 1 && (access === "none" || !this.#joined.has(guild))) throw problems.missingAccess();
    return channel;
  }

  /** A channel, seen or not. */
  place(id: string): APITextChannel | APIDMChannel {
    const person = this.#dms.get(id);
    if (person !== undefined) return this.dm(person);
    const channel = this.#channels.get(id);
    if (channel === undefined) throw problems.unknownChannel();
    const { name, guild, parent } = channel;
    if (parent !== undefined) return threadOf(id, name, guild, parent);
    return {
      id,
      type: 0,
      name,
      guild_id: guild,
      position: 0,
      permission_overwrites: [],
      nsfw: false,
      parent_id: null,
      last_message_id: null,
      topic: null,
      rate_limit_per_user: 0,
      flags: NO_FLAGS,
    };
  }

  /** A channel that the bot may write to; refuses like `channel`, with 50013 where it may only read, and 50007 for closed private messages. */
  writable(id: string): APIChannel {
    const channel = this.channel(id);
    if (this.#channels.get(id)?.access === "read") throw problems.missingPermissions();
    const person = this.#dms.get(id);
    if (person !== undefined && this.#people.get(person)?.takesDms === false)
      throw problems.closedToMessages();
    return channel;
  }

  /** A guild as the gateway announces it, with the channels that the bot may see; undefined when the bot isn't in it. */
  guild(id: string): GatewayGuildCreateDispatchData | undefined {
    const guild = this.#guilds.get(id);
    if (guild === undefined || !this.#joined.has(id)) return undefined;
    const channels = [...this.#channels.values()]
      .filter((channel) => channel.guild === id && channel.access !== "none")
      .map((channel) => this.place(channel.id) as APITextChannel);
    const everyone = guild.members ?? [...this.#people.keys()];
    const members = [...everyone, this.bot.id].map((person) => this.member(person));
    return announced(guild, channels, members);
  }
}

function announced(
  { id, name }: DiscordGuild,
  channels: APITextChannel[],
  members: APIGuildMember[],
): GatewayGuildCreateDispatchData {
  const colors = { primary_color: 0, secondary_color: null, tertiary_color: null };
  const role = { id, name: "@everyone", color: 0, colors, hoist: false, position: 0, managed: false };
  return {
    id,
    name,
    icon: null,
    splash: null,
    discovery_splash: null,
    owner_id: members[0]?.user.id ?? id,
    afk_channel_id: null,
    afk_timeout: 300,
    verification_level: 0,
    default_message_notifications: 0,
    explicit_content_filter: 0,
    roles: [{ ...role, permissions: ALL_PERMISSIONS, mentionable: false, flags: NO_FLAGS }],
    emojis: [],
    features: [],
    mfa_level: 0,
    application_id: null,
    system_channel_id: null,
    system_channel_flags: NO_FLAGS,
    rules_channel_id: null,
    vanity_url_code: null,
    description: null,
    banner: null,
    premium_tier: 0,
    preferred_locale: "en-US" as GatewayGuildCreateDispatchData["preferred_locale"],
    public_updates_channel_id: null,
    nsfw_level: 0,
    premium_progress_bar_enabled: false,
    stickers: [],
    joined_at: JOINED,
    large: false,
    unavailable: false,
    member_count: members.length,
    voice_states: [],
    members,
    channels,
    threads: [],
    presences: [],
    stage_instances: [],
    guild_scheduled_events: [],
    soundboard_sounds: [],
    hub_type: null,
    safety_alerts_channel_id: null,
    incidents_data: null,
  };
}

/** A public thread, with what an interaction tells of one; typed as the channel that the rest of the emulator knows. */
function threadOf(id: string, name: string, guild: string, parent: string): APITextChannel {
  const thread = {
    id,
    type: 11,
    name,
    guild_id: guild,
    parent_id: parent,
    owner_id: parent,
    message_count: 0,
    member_count: 1,
    total_message_sent: 0,
    rate_limit_per_user: 0,
    last_message_id: null,
    flags: NO_FLAGS,
    thread_metadata: {
      archived: false,
      auto_archive_duration: 1_440,
      archive_timestamp: JOINED,
      locked: false,
    },
  };
  return thread as unknown as APITextChannel;
}
