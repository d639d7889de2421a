import {
  type AutocompleteInteraction,
  type ButtonInteraction,
  type ChatInputCommandInteraction,
  type Interaction,
  MessageFlags,
  type ModalSubmitInteraction,
  Routes,
} from "discord.js";
import type { Actor } from "../../core/proposal.ts";
import { hasRole } from "../../core/proposal.ts";
import type { Clock, PlatformHealth } from "../../desk/ports.ts";
import type { Outlet } from "../board.ts";
import { cut, messagesOf, oneLine } from "../layout.ts";
import { type ChatLog, faultText, redactor } from "../log.ts";
import { Outbox } from "../outbox.ts";
import type { PaceLimits } from "../pace.ts";
import type { RoomMemory } from "../pace-memory.ts";
import type { DiscordSettings } from "../people.ts";
import { pngOf } from "../pictures/raster.ts";
import type { LineTap, Reception } from "../reception.ts";
import type { Reply } from "../reply.ts";
import { readTap } from "../tap.ts";
import { body, hidden } from "./answer.ts";
import { DiscordApi } from "./api.ts";
import { fitsDiscord, renderDiscord } from "./embed.ts";
import { reasonForm, writtenIn } from "./form.ts";
import { DiscordPrivateRoom } from "./private-room.ts";
import { DiscordRoom } from "./room.ts";
import { Session } from "./session.ts";
import { slashCommands } from "./slash.ts";

/** Times and limits of the Discord adapter; tests shrink them. Milliseconds. */
export interface DiscordTuning {
  readonly pace: PaceLimits;
  /** Without a connection for so long, the client is built anew. */
  readonly staleMs: number;
  readonly callMs: number;
  readonly backoffMsMin: number;
  readonly backoffMsMax: number;
  /** Messages older than this are followed by a new one instead of edited. */
  readonly editMsMax: number;
  /** Requests a second after which discord.js waits by itself, for messages and for answers each. */
  readonly requestsPerSecond: number;
}

/** What the adapter stands on. */
export interface DiscordParts {
  readonly settings: DiscordSettings;
  readonly tuning: DiscordTuning;
  readonly reception: () => Reception;
  readonly clock: Clock;
  readonly log: ChatLog;
  /** When its groups were written to before this life. */
  readonly memory?: RoomMemory;
}

/** The desk on Discord: slash commands, buttons, and messages in the configured channels of one guild. */
export class DiscordAdapter {
  readonly outlets: readonly Outlet[];
  readonly #parts: DiscordParts;
  readonly #api: DiscordApi;
  readonly #session: Session;
  readonly #outbox: Outbox;
  readonly #log: ChatLog;
  readonly #private = new Map<string, DiscordPrivateRoom>();
  #sent = 0;

  constructor(parts: DiscordParts) {
    const { settings, tuning, clock } = parts;
    const { token, apiBase, channels, guild } = settings;
    const { pace: limits, editMsMax, ...times } = tuning;
    const redact = redactor([token]);
    const log: ChatLog = (level, text) => parts.log(level, redact(text));
    this.#parts = parts;
    this.#log = log;
    const { callMs, requestsPerSecond } = tuning;
    this.#api = new DiscordApi({ token, apiBase, redact, callMs, requestsPerSecond });
    this.#outbox = new Outbox({
      clock,
      log,
      limits,
      memory: parts.memory,
      backoffMsMin: times.backoffMsMin,
      backoffMsMax: times.backoffMsMax,
    });
    const onWritten = (): void => {
      this.#sent += 1;
    };
    this.outlets = channels.map(({ id, alerts }) => ({
      room: new DiscordRoom({ api: this.#api, channel: id, showsAlerts: alerts, editMsMax, onWritten }),
      outbox: this.#outbox,
    }));
    this.#session = new Session({
      ...times,
      token,
      apiBase,
      guild,
      clock,
      log,
      redact,
      onReady: (application) => this.#detach(this.#announce(application)),
      onInteraction: (interaction) => this.#detach(this.#take(interaction)),
    });
  }

  /** Where a person is written to alone. */
  privateOutlet(user: string): Outlet {
    const { editMsMax } = this.#parts.tuning;
    const onWritten = (): void => {
      this.#sent += 1;
    };
    const room =
      this.#private.get(user) ?? new DiscordPrivateRoom({ api: this.#api, user, editMsMax, onWritten });
    this.#private.set(user, room);
    return { room, outbox: this.#outbox };
  }

  /** Begins; returns at once, whether Discord is there or not. */
  start(): void {
    this.#session.start();
  }

  /** Stops listening; what waits to be written is left to `drained`. */
  stop(): Promise<void> {
    return this.#session.stop();
  }

  /** Settles when nothing is left to write. */
  drained(): Promise<void> {
    return this.#outbox.drained();
  }

  /** Gives up what was not written. */
  close(): void {
    this.#outbox.close();
  }

  /** How Discord is doing. */
  health(): PlatformHealth {
    const { isConnected, lastError } = this.#session;
    return { platform: "discord", isConnected, lastError, messagesSent: this.#sent };
  }

  /** Puts the commands into the guild's menu. */
  async #announce(application: string): Promise<void> {
    const commands = slashCommands(this.#parts.reception().runner.registry);
    const route = Routes.applicationGuildCommands(application, this.#parts.settings.guild);
    const answer = await this.#api.call("put", route, commands);
    if (!answer.ok) this.#log("warn", `the slash commands were not set: ${answer.delivery.reason}`);
  }

  async #take(interaction: Interaction): Promise<void> {
    const isHere = this.#isHere(interaction) || isSeeing(interaction);
    const { id, bot } = interaction.user;
    const actor = isHere && !bot ? this.#parts.reception().people.onDiscord(id) : undefined;
    if (actor !== undefined) return await this.#serve(interaction, actor);
    const mayLink = isHere && !bot && interaction.isChatInputCommand() && interaction.commandName === "link";
    if (mayLink && (await this.#redeemed(interaction))) return;
    const where = whereText(interaction);
    const what = interaction.isButton() ? "a tap" : "a command";
    if (!interaction.isAutocomplete()) this.#parts.reception().stranger(`discord:${id}`, where, what);
    if (!isHere || bot || !interaction.isButton()) return;
    await interaction.reply(hidden("This desk doesn't know you. Nothing was done."));
  }

  /** A stranger's code says whose account this is; true: that is all that is to be said of it. */
  async #redeemed(interaction: ChatInputCommandInteraction): Promise<boolean> {
    const [given] = interaction.options.data;
    if (given === undefined) return false;
    const account = { platform: "discord", id: interaction.user.id } as const;
    const reception = this.#parts.reception();
    const reply = await reception.redeem(String(given.value ?? ""), account, whereText(interaction));
    if (reply !== undefined)
      await interaction.reply({ ...body(renderDiscord(reply)), flags: MessageFlags.Ephemeral });
    return true;
  }

  /** A thread counts as the channel that it belongs to. */
  #isHere({ guildId, channelId, channel }: Interaction): boolean {
    const { guild, channels } = this.#parts.settings;
    const place = channel?.isThread() === true ? channel.parentId : channelId;
    return guildId === guild && channels.some((each) => each.id === place);
  }

  async #serve(interaction: Interaction, actor: Actor): Promise<void> {
    if (interaction.isAutocomplete()) await this.#complete(interaction);
    else if (interaction.isChatInputCommand()) await this.#command(interaction, actor);
    else if (interaction.isButton()) await this.#button(interaction, actor);
    else if (interaction.isModalSubmit()) await this.#explained(interaction, actor);
    // The desk shows no menus.
    else this.#parts.reception().forged(actor);
  }

  async #complete(interaction: AutocompleteInteraction): Promise<void> {
    const { name, value } = interaction.options.getFocused(true);
    const others = interaction.options.data.filter((each) => each.name !== name);
    const given = Object.fromEntries(others.map((each) => [each.name, String(each.value ?? "")]));
    const choices = this.#parts.reception().runner.choices(interaction.commandName, name, value, given);
    await interaction.respond(
      choices.map((each) => ({ name: each.slice(0, 100), value: each.slice(0, 100) })),
    );
  }

  /** Acknowledged at once; what only the caller may see is ephemeral. */
  async #command(interaction: ChatInputCommandInteraction, actor: Actor): Promise<void> {
    const reception = this.#parts.reception();
    const command = reception.runner.find(interaction.commandName);
    const isOpen = command !== undefined && command.isPrivate !== true && hasRole(actor.role, command.role);
    if (
      !(await this.#acknowledged(
        interaction.deferReply(isOpen ? {} : { flags: MessageFlags.Ephemeral }),
        actor,
      ))
    )
      return;
    const given = interaction.options.data.map(({ name, value }) => [name, String(value ?? "")] as const);
    const reply = await reception.command({
      name: interaction.commandName,
      input: Object.fromEntries(given),
      actor,
      // A resumed session brings what was missed.
      sentWallAt: interaction.createdTimestamp,
    });
    const [first = reply, ...more] = pagesOf(reply);
    const flags = isOpen && reply.isPrivate !== true ? {} : ({ flags: MessageFlags.Ephemeral } as const);
    if (isOpen && reply.isPrivate === true) {
      // What was begun in the open can't become private: it is taken away and said again.
      await interaction.deleteReply();
      await interaction.followUp({ ...body(renderDiscord(first)), ...(await this.#files(reply)), ...flags });
    } else {
      await interaction.editReply({ ...body(renderDiscord(first)), ...(await this.#files(reply)) });
    }
    for (const page of more) await interaction.followUp({ ...body(renderDiscord(page)), ...flags });
    this.#sent += 1 + more.length;
  }

  /**
   * Discord tells people after three seconds that nothing came of it, and hands on after an outage what is older: only
   * what it still takes an answer to is done.
   */
  async #acknowledged(answer: Promise<unknown>, actor: Actor): Promise<boolean> {
    try {
      await answer;
      return true;
    } catch (fault) {
      this.#parts.reception().late(actor);
      this.#log("warn", `Discord took no answer any more: ${faultText(fault)}`);
      return false;
    }
  }

  async #button(interaction: ButtonInteraction, actor: Actor): Promise<void> {
    const reception = this.#parts.reception();
    const tap = reception.read(interaction.customId, actor);
    if (tap === undefined) {
      await interaction.reply(hidden("This button is not one of this desk. Nothing was done."));
    } else if (tap.type === "see") {
      await interaction.reply(hidden(reception.see(tap, actor).text));
    } else if (tap.type === "why") {
      const { isOk, text } = await reception.mayExplain(tap.card, actor);
      const shown = isOk ? interaction.showModal(reasonForm(tap.card)) : interaction.reply(hidden(text));
      await this.#acknowledged(shown, actor);
    } else if (tap.type === "run") {
      await this.#redraw(interaction, tap, actor);
    } else {
      if (!(await this.#acknowledged(interaction.deferUpdate(), actor))) return;
      const { channelId: chat, message } = interaction;
      const place = { platform: "discord", chat, message: message.id } as const;
      const { text } = await reception.decide({ actor, decision: tap.decision, token: tap.token, place });
      await interaction.followUp(hidden(text));
    }
  }

  /** Somebody sent the form on why they rejected a card. */
  async #explained(interaction: ModalSubmitInteraction, actor: Actor): Promise<void> {
    const reception = this.#parts.reception();
    const tap = reception.read(interaction.customId, actor);
    const written = writtenIn(interaction);
    if (tap?.type !== "why" || written === undefined) {
      if (tap !== undefined) reception.forged(actor);
      await interaction.reply(hidden("This form is not one of this desk. Nothing was kept."));
      return;
    }
    const told = interaction.deferReply({ flags: MessageFlags.Ephemeral });
    if (!(await this.#acknowledged(told, actor))) return;
    const { text } = await reception.explain(tap.card, written, actor);
    const { embeds, components } = hidden(text);
    await interaction.editReply({ embeds, components });
  }

  /** A Refresh button draws its own message anew, unless that would show money to everybody. */
  async #redraw(interaction: ButtonInteraction, tap: LineTap, actor: Actor): Promise<void> {
    const reception = this.#parts.reception();
    const isPrivate = reception.runner.find(tap.line.split(" ")[0] ?? "")?.isPrivate === true;
    const isEphemeral = interaction.message.flags.has(MessageFlags.Ephemeral);
    const told =
      isPrivate && !isEphemeral
        ? interaction.deferReply({ flags: MessageFlags.Ephemeral })
        : interaction.deferUpdate();
    if (!(await this.#acknowledged(told, actor))) return;
    const reply = await reception.press(tap, actor);
    // The picture of before goes with the text of before.
    const files = { attachments: [], ...(await this.#files(reply)) };
    await interaction.editReply({ ...body(renderDiscord(pagesOf(reply)[0] ?? reply)), ...files });
  }

  /** The picture of an answer as a file of its message; without it where it can't be drawn. */
  async #files({ picture }: Reply): Promise<PictureFiles> {
    if (picture === undefined) return {};
    try {
      const description = cut(oneLine(picture.caption), 200);
      return { files: [{ attachment: await pngOf(picture.svg), name: "perpdesk.png", description }] };
    } catch (fault) {
      this.#log("warn", `a picture could not be drawn: ${faultText(fault)}`);
      return {};
    }
  }

  #detach(work: Promise<unknown>): void {
    work.catch((fault: unknown) => this.#log("warn", `an answer on Discord failed: ${faultText(fault)}`));
  }
}

/** In private only the buttons that see to an alert are heard, on the bot's own messages: it asks people there. */
const isSeeing = (interaction: Interaction): boolean =>
  interaction.guildId === null &&
  interaction.isButton() &&
  interaction.message.author.id === interaction.applicationId &&
  readTap(interaction.customId)?.type === "see";

/** The files of a message, as discord.js takes them. */
interface PictureFiles {
  readonly files?: { attachment: Buffer; name: string; description: string }[];
}

const whereText = ({ guildId, channelId }: Interaction): string =>
  `discord guild ${guildId ?? "none"} channel ${channelId ?? "none"}`;

const pagesOf = (reply: Reply): readonly Reply[] => messagesOf(reply, fitsDiscord);
