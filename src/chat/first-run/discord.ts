import {
  type ChatInputCommandInteraction,
  Client,
  Events,
  GatewayIntentBits,
  type Interaction,
  MessageFlags,
  Routes,
} from "discord.js";
import { body } from "../discord/answer.ts";
import { DiscordApi } from "../discord/api.ts";
import { renderDiscord } from "../discord/embed.ts";
import { shieldPackets } from "../discord/shield.ts";
import { type ChatLog, faultText, redactor } from "../log.ts";
import type { Ears, FoundPlace, SetupBot } from "./first-run.ts";
import { spoken, TEST_MESSAGE } from "./test-message.ts";

const CALL_MS = 10_000;
/** View Channels, Send Messages, Embed Links, Read Message History. */
const PERMISSIONS = 84_992;

/** What opening a bot needs. */
export interface DiscordBotOptions {
  readonly token: string;
  /** Another REST API; left out: Discord's. */
  readonly apiBase: string | undefined;
  readonly log: ChatLog;
}

/** Asks Discord whose the token is: the bot, or one sentence on what to mend. Never rejects. */
export async function openDiscordBot(options: DiscordBotOptions): Promise<SetupBot | string> {
  const redact = redactor([options.token]);
  const api = new DiscordApi({ ...options, redact, callMs: CALL_MS, requestsPerSecond: 50 });
  const me = await api.call("get", "/users/@me");
  if (!me.ok) return refusedText(me.delivery.reason);
  const own = await api.call("get", "/applications/@me");
  if (!own.ok) return refusedText(own.delivery.reason);
  const { username } = me.result as { readonly username: string };
  const application = own.result as { readonly id: string; readonly bot_require_code_grant?: boolean };
  if (application.bot_require_code_grant === true)
    return "Nobody can add this bot to a server: switch Requires OAuth2 Code Grant off in the developer portal, under Bot.";
  return new DiscordBot({ ...options, redact, api, username, application: application.id });
}

interface Parts extends DiscordBotOptions {
  readonly redact: (text: string) => string;
  readonly api: DiscordApi;
  readonly username: string;
  readonly application: string;
}

/** The commands of the first run; the desk puts its own in their place. */
const COMMANDS = [
  {
    name: "iam",
    description: "Say that you sit at the desk's terminal",
    options: [{ name: "code", description: "As the terminal shows it", type: 3, required: true }],
  },
  { name: "here", description: "Let alerts and cards come into this channel" },
];

class DiscordBot implements SetupBot {
  readonly name: string;
  readonly placeHint = "Where should alerts and cards come? Run /here in that channel of the server.";
  readonly lateHint =
    "Nothing has come yet: when you type / on your server, the commands iam and here are shown under the bot's name; if they are not, reload Discord, or add the bot there again.";
  readonly #parts: Parts;
  readonly #client: Client;
  readonly #guilds = new Set<string>();
  #isOver = false;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.name = parts.username;
    const { apiBase } = parts;
    this.#client = new Client({
      intents: [GatewayIntentBits.Guilds],
      allowedMentions: { parse: [], repliedUser: false },
      rest: { timeout: CALL_MS, ...(apiBase === undefined ? {} : { api: apiBase }) },
    });
  }

  codeHint(code: string): string {
    return `Who are you? On your server run /iam with the code ${code} (only the bot reads it; it works once, for ten minutes).`;
  }

  listen(ears: Ears): void {
    const client = this.#client;
    const { token, log, redact } = this.#parts;
    shieldPackets(client, (fault) => log("warn", `Discord: ${redact(faultText(fault))}`));
    client.on(Events.Error, (fault) => log("warn", `Discord: ${redact(faultText(fault))}`));
    client.on(Events.ClientReady, (ready) => {
      if (ready.guilds.cache.size === 0) ears.trouble(this.#inviteText("The bot is in no server yet"));
      for (const { id } of ready.guilds.cache.values()) this.#detach(this.#enter(id, ears));
    });
    client.on(Events.GuildCreate, ({ id }) => this.#detach(this.#enter(id, ears)));
    client.on(Events.ShardDisconnect, ({ code }) => ears.trouble(closedText(code)));
    client.on(Events.InteractionCreate, (interaction) => this.#detach(this.#take(interaction, ears)));
    client.login(token).catch((fault: unknown) => ears.trouble(refusedText(redact(faultText(fault)))));
  }

  async test(place: FoundPlace): Promise<string | undefined> {
    const allowed_mentions = { parse: [] };
    const message = { ...renderDiscord(TEST_MESSAGE), allowed_mentions };
    const sent = await this.#parts.api.call("post", Routes.channelMessages(place.id), message);
    if (sent.ok) return undefined;
    const { reason } = sent.delivery;
    if (/Missing Access/i.test(reason))
      return `The bot can't see ${place.name}: give it View Channel there, and run /here again.`;
    return /Missing Permissions/i.test(reason)
      ? `The bot may not write in ${place.name}: give it Send Messages and Embed Links there, and run /here again.`
      : `Discord did not take the test message (${reason}): run /here again.`;
  }

  async close(): Promise<void> {
    this.#isOver = true;
    const { api, application } = this.#parts;
    const taken = [...this.#guilds].map((id) =>
      api.call("put", Routes.applicationGuildCommands(application, id), []),
    );
    await Promise.all(taken);
    await this.#client.destroy();
  }

  /** Puts the commands into a server. */
  async #enter(guild: string, ears: Ears): Promise<void> {
    const { api, application } = this.#parts;
    const put = await api.call("put", Routes.applicationGuildCommands(application, guild), COMMANDS);
    if (put.ok) {
      this.#guilds.add(guild);
      ears.trouble(undefined);
    } else if (/Missing Access/i.test(put.delivery.reason))
      ears.trouble(this.#inviteText("The bot may have no commands on your server"));
    else ears.trouble(refusedText(put.delivery.reason));
  }

  #inviteText(what: string): string {
    const { application } = this.#parts;
    const scopes = "scope=bot+applications.commands";
    return `${what}: open https://discord.com/oauth2/authorize?client_id=${application}&${scopes}&permissions=${PERMISSIONS} and add it; it goes on by itself then.`;
  }

  async #take(interaction: Interaction, ears: Ears): Promise<void> {
    if (this.#isOver || !interaction.isChatInputCommand() || interaction.guildId === null) return;
    const { user, channel, channelId, guildId } = interaction;
    const isThread = channel?.isThread() === true;
    const id = isThread ? (channel.parentId ?? channelId) : channelId;
    const name =
      channel !== null && "name" in channel && channel.name !== null ? `#${channel.name}` : "that channel";
    ears.heard({
      account: user.id,
      name: user.globalName ?? user.username,
      text: interaction.commandName === "iam" ? (interaction.options.getString("code") ?? "") : "/here",
      isHidden: interaction.commandName === "iam",
      place: { id, guild: guildId, name, isPrivate: false },
      answer: (text) => this.#answer(interaction, text, ears),
    });
  }

  async #answer(interaction: ChatInputCommandInteraction, text: string, ears: Ears): Promise<void> {
    try {
      await interaction.reply({ ...body(renderDiscord(spoken(text))), flags: MessageFlags.Ephemeral });
    } catch (fault) {
      const reason = this.#parts.redact(faultText(fault));
      this.#parts.log("warn", `an answer on Discord failed: ${reason}`);
      if (/already been acknowledged/i.test(reason)) ears.trouble(TWO_BOTS);
    }
  }

  #detach(work: Promise<void>): void {
    const { log, redact } = this.#parts;
    work.catch((fault: unknown) => log("warn", `Discord: ${redact(faultText(fault))}`));
  }
}

const TWO_BOTS =
  "Another program answers with the same Discord token: stop it (a desk that runs?), or make a bot of its own in the developer portal for this one.";

/** Why the gateway closed, as it can be mended. */
function closedText(code: number): string {
  if (code === 4014 || code === 4013)
    return "Discord refuses what the bot wants to hear: it needs the intent Guilds alone, so update perpdesk.";
  return code === 4004
    ? refusedText("401")
    : `Discord closed the connection (${code}): check the network of this machine, and begin again.`;
}

const refusedText = (reason: string): string =>
  /\b401\b|unauthori[sz]ed|TokenInvalid|invalid token/i.test(reason)
    ? "Discord does not know this token: make a new one in the developer portal, under Bot, with Reset Token."
    : `Discord does not answer (${reason}): check the network of this machine.`;
