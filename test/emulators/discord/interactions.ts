import { randomBytes } from "node:crypto";
import type { APIMessage, InteractionResponseType, InteractionType } from "discord.js";
import { checkChoiceList } from "./command-rules.ts";
import { checkModal } from "./component-rules.ts";
import type { Directory } from "./directory.ts";
import { checkMessage, FLAGS, type MessageBody } from "./message-rules.ts";
import type { Files, Messages } from "./messages.ts";
import { FormErrors, invalid, problems } from "./problem.ts";
import type { Snowflakes } from "./snowflake.ts";

/** Interaction types: a slash command, a press or choice, an autocompletion, a submitted modal. */
export const KIND = { command: 2, component: 3, autocomplete: 4, modal: 5 } as const;
/** Kinds of a first answer. */
export const ANSWER = { reply: 4, deferReply: 5, deferUpdate: 6, update: 7, choices: 8, modal: 9 } as const;

const CHOICES_MAX = 25;

/** One thing a person did, and all that the bot answered to it. */
export interface Interaction {
  readonly id: string;
  readonly token: string;
  readonly kind: InteractionType;
  readonly person: string;
  readonly channel: string;
  /** The message whose button was pressed. */
  readonly target: string | undefined;
  at: number;
  /** The kind of the first answer. */
  answer: InteractionResponseType | undefined;
  /** The message that `@original` means. */
  original: string | undefined;
  readonly followUps: string[];
  choices: readonly { readonly name: string; readonly value: string | number }[];
  modal: Readonly<Record<string, unknown>> | undefined;
}

/** How long a bot may take: to the first answer, and from then on, in ms. */
export interface InteractionWindows {
  readonly ackMs: number;
  readonly tokenMs: number;
}

/** Interactions and their answers, each acknowledged once and in time. */
export class Interactions {
  readonly #known = new Map<string, Interaction>();
  readonly #byToken = new Map<string, Interaction>();
  readonly #directory: Directory;
  readonly #messages: Messages;
  readonly #snowflakes: Snowflakes;
  readonly #windows: InteractionWindows;

  constructor(directory: Directory, messages: Messages, snowflakes: Snowflakes, windows: InteractionWindows) {
    this.#directory = directory;
    this.#messages = messages;
    this.#snowflakes = snowflakes;
    this.#windows = windows;
  }

  /** Files what a person did. */
  open(kind: InteractionType, person: string, channel: string, target?: string): Interaction {
    const interaction: Interaction = {
      id: this.#snowflakes.next(),
      token: `aW50${randomBytes(24).toString("base64url")}`,
      kind,
      person,
      channel,
      target,
      at: performance.now(),
      answer: undefined,
      original: undefined,
      followUps: [],
      choices: [],
      modal: undefined,
    };
    this.#known.set(interaction.id, interaction);
    this.#byToken.set(interaction.token, interaction);
    return interaction;
  }

  /** Makes an interaction older by some ms. */
  age(id: string, ms: number): void {
    const interaction = this.#known.get(id);
    if (interaction === undefined) throw new Error(`there is no interaction ${id}`);
    interaction.at -= ms;
  }

  /** The first answer; refuses an unknown or late one (10062), a second one (40060) and one that doesn't fit what was done (50035). */
  acknowledge(id: string, token: string, body: MessageBody, files: Files): Interaction {
    const interaction = this.#known.get(id);
    if (interaction?.token !== token) throw problems.unknownInteraction();
    if (interaction.answer !== undefined) throw problems.alreadyAcknowledged();
    if (performance.now() - interaction.at > this.#windows.ackMs) throw problems.unknownInteraction();
    const type = Number(body["type"]) as InteractionResponseType;
    if (!fits(type, interaction)) {
      throw invalid(
        ["type"],
        "INTERACTION_CALLBACK_TYPE_INVALID",
        `Type ${type} can't answer this interaction.`,
      );
    }
    const data = (body["data"] ?? {}) as MessageBody;
    this.#carryOut(interaction, type, data, files);
    interaction.answer = type;
    return interaction;
  }

  /** The interaction behind a webhook token; refuses an unknown or old one, and one not yet answered. */
  byToken(token: string): Interaction {
    const interaction = this.#byToken.get(token);
    const isOld = interaction !== undefined && performance.now() - interaction.at > this.#windows.tokenMs;
    if (interaction === undefined || isOld) throw problems.invalidWebhookToken();
    if (interaction.answer === undefined) throw problems.unknownWebhook();
    return interaction;
  }

  /** A message of an interaction, by id or as `@original`. */
  message(interaction: Interaction, id: string): APIMessage {
    const wanted = id === "@original" ? interaction.original : id;
    const isOwn = wanted === interaction.original || interaction.followUps.includes(wanted ?? "");
    const message = this.#messages.find(wanted ?? "");
    if (message === undefined || !isOwn) throw problems.unknownMessage();
    return message;
  }

  /** A further message; after a deferral the first one takes the place of the waiting one. */
  followUp(interaction: Interaction, body: MessageBody, files: Files): APIMessage {
    const waiting = this.#messages.find(interaction.original ?? "");
    if (waiting !== undefined && ((waiting.flags ?? 0) & FLAGS.loading) !== 0) {
      return this.#messages.change(waiting, body, files);
    }
    checkMessage(body, { isNew: true, fileCount: files.size });
    const message = this.#put(interaction, body, files, 0);
    interaction.followUps.push(message.id);
    return message;
  }

  #carryOut(interaction: Interaction, type: number, data: MessageBody, files: Files): void {
    const target = this.#messages.find(interaction.target ?? "");
    if (type === ANSWER.reply) {
      checkMessage(data, { isNew: true, fileCount: files.size, at: ["data"] });
      interaction.original = this.#put(interaction, data, files, 0).id;
    } else if (type === ANSWER.deferReply) {
      interaction.original = this.#put(interaction, { flags: data["flags"] }, new Map(), FLAGS.loading).id;
    } else if (type === ANSWER.deferUpdate) {
      interaction.original = interaction.target;
    } else if (type === ANSWER.update) {
      if (target === undefined) throw problems.unknownMessage();
      interaction.original = this.#messages.change(target, data, files, ["data"]).id;
    } else if (type === ANSWER.choices) {
      const choices = (data["choices"] ?? []) as Interaction["choices"];
      const errors = new FormErrors(["data"]);
      errors.count(["choices"], choices.length, 0, CHOICES_MAX);
      checkChoiceList(choices as unknown as MessageBody[], ["choices"], errors);
      errors.refuse();
      interaction.choices = choices;
    } else {
      const errors = new FormErrors(["data"]);
      checkModal(data, errors);
      errors.refuse();
      interaction.modal = data;
    }
  }

  #put(interaction: Interaction, body: MessageBody, files: Files, flags: number): APIMessage {
    const { id, kind, person, channel } = interaction;
    const bot = this.#directory.bot;
    const kept = FLAGS.ephemeral | FLAGS.suppressEmbeds | FLAGS.suppressNotifications | FLAGS.componentsV2;
    return this.#messages.put(channel, bot, body, files, {
      type: kind === KIND.command ? 20 : 19,
      flags: flags | (Number(body["flags"] ?? 0) & kept),
      webhook_id: bot.id,
      application_id: bot.id,
      interaction_metadata: {
        id,
        type: kind,
        user: this.#directory.user(person),
        authorizing_integration_owners: {},
      } as NonNullable<APIMessage["interaction_metadata"]>,
    });
  }
}

/** Which first answers go with what was done: an update needs a message, choices an autocompletion, and no modal follows a modal. */
function fits(type: number, { kind, target }: Interaction): boolean {
  if (kind === KIND.autocomplete) return type === ANSWER.choices;
  if (type === ANSWER.reply || type === ANSWER.deferReply) return true;
  if (type === ANSWER.deferUpdate || type === ANSWER.update) return target !== undefined;
  return type === ANSWER.modal && kind !== KIND.modal;
}
