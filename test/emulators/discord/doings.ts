import type { APIApplicationCommandOption, APIMessage } from "discord.js";
import type { Commands } from "./commands.ts";
import { ALL_PERMISSIONS, type Directory } from "./directory.ts";
import type { Gateway } from "./gateway.ts";
import { type Interaction, type Interactions, KIND } from "./interactions.ts";
import type { Messages } from "./messages.ts";

/** A value for one option of a slash command. */
export type OptionValue = string | number | boolean;

/** Who forges a form, and where; left out: as it was asked. */
export interface ForgedBy {
  readonly person?: string;
  readonly channel?: string;
}

/** A message by id and channel; it need not exist. */
export type MessageRef = Pick<APIMessage, "id" | "channel_id">;

type Fields = Readonly<Record<string, unknown>>;

const SUBCOMMANDS = [1, 2];
const LOCALE = "en-US";

/** The people's side: what they type, press and pick becomes interactions on the gateway. */
export class Doings {
  readonly #directory: Directory;
  readonly #messages: Messages;
  readonly #interactions: Interactions;
  readonly #commands: Commands;
  readonly #gateway: Gateway;

  constructor(
    directory: Directory,
    messages: Messages,
    interactions: Interactions,
    commands: Commands,
    gateway: Gateway,
  ) {
    this.#directory = directory;
    this.#messages = messages;
    this.#interactions = interactions;
    this.#commands = commands;
    this.#gateway = gateway;
  }

  /** A person runs a registered slash command ("name" or "name sub") with options by name. */
  slash(
    person: string,
    channel: string,
    name: string,
    options: Readonly<Record<string, OptionValue>> = {},
  ): Interaction {
    return this.#run(KIND.command, person, channel, name, options, undefined);
  }

  /** A person types into the option `focused` of a slash command and waits for suggestions. */
  autocomplete(
    person: string,
    channel: string,
    name: string,
    focused: string,
    options: Readonly<Record<string, OptionValue>>,
  ): Interaction {
    return this.#run(KIND.autocomplete, person, channel, name, options, focused);
  }

  /** A person presses a button; the id may be forged and the message foreign or gone. */
  press(person: string, message: MessageRef, customId: string): Interaction {
    return this.#component(person, message, { component_type: 2, custom_id: customId });
  }

  /** A person picks values in a select menu. */
  choose(person: string, message: MessageRef, customId: string, values: readonly string[]): Interaction {
    return this.#component(person, message, { component_type: 3, custom_id: customId, values });
  }

  /** A person fills in the modal that an interaction was answered with; with `by` somebody else does, or elsewhere: that is forged. */
  submit(interaction: Interaction, values: Readonly<Record<string, string>>, by: ForgedBy = {}): Interaction {
    const { modal, target } = interaction;
    const { person = interaction.person, channel = interaction.channel } = by;
    if (modal === undefined) throw new Error("this interaction was not answered with a modal");
    const filled = (input: Fields): Fields => ({
      type: input["type"],
      id: 2,
      custom_id: input["custom_id"],
      value: values[String(input["custom_id"])] ?? "",
    });
    const components = (modal["components"] as Fields[]).map((each, index): Fields => {
      const {
        type,
        component,
        components: inner,
      } = each as { type: number; component?: Fields; components?: Fields[] };
      if (component !== undefined) return { type, id: index + 1, component: filled(component) };
      return { type, id: index + 1, components: (inner ?? []).map(filled) };
    });
    return this.#tell(KIND.modal, person, channel, { custom_id: modal["custom_id"], components }, target);
  }

  #run(
    kind: 2 | 4,
    person: string,
    channel: string,
    name: string,
    options: Readonly<Record<string, OptionValue>>,
    focused: string | undefined,
  ): Interaction {
    const [first = "", ...path] = name.split(" ");
    const guild = this.#directory.guildOf(channel);
    const command = this.#commands.find(first, guild);
    if (command === undefined) throw new Error(`no slash command ${first} is registered here`);
    const data = {
      id: command.id,
      name: first,
      type: 1,
      options: filledIn(command.options ?? [], path, options, focused),
      ...(guild === undefined ? {} : { guild_id: guild }),
    };
    return this.#tell(kind, person, channel, data);
  }

  #component(person: string, message: MessageRef, data: Fields): Interaction {
    return this.#tell(KIND.component, person, message.channel_id, { id: 2, ...data }, message.id);
  }

  #tell(kind: 2 | 3 | 4 | 5, person: string, channel: string, data: Fields, target?: string): Interaction {
    const interaction = this.#interactions.open(kind, person, channel, target);
    const guild = this.#directory.guildOf(channel);
    const message =
      target === undefined ? undefined : (this.#messages.find(target) ?? this.#phantom(target, channel));
    const where =
      guild === undefined
        ? { user: this.#directory.user(person), context: 1 }
        : {
            guild_id: guild,
            guild: { id: guild, features: [], locale: LOCALE },
            guild_locale: LOCALE,
            member: this.#directory.member(person),
            context: 0,
          };
    const payload = {
      id: interaction.id,
      application_id: this.#directory.bot.id,
      type: kind,
      token: interaction.token,
      version: 1,
      channel_id: channel,
      channel: this.#directory.place(channel),
      locale: LOCALE,
      app_permissions: ALL_PERMISSIONS,
      entitlements: [],
      authorizing_integration_owners: guild === undefined ? { 1: person } : { 0: guild },
      attachment_size_limit: 10_485_760,
      data,
      ...where,
      ...(message === undefined ? {} : { message }),
    };
    this.#gateway.dispatch("INTERACTION_CREATE", 0, () => payload);
    return interaction;
  }

  /** A message that is gone, as an interaction would still show it. */
  #phantom(id: string, channel_id: string): APIMessage {
    return {
      id,
      channel_id,
      author: this.#directory.bot,
      content: "",
      timestamp: new Date(0).toISOString(),
      edited_timestamp: null,
      tts: false,
      mention_everyone: false,
      mentions: [],
      mention_roles: [],
      attachments: [],
      embeds: [],
      components: [],
      pinned: false,
      type: 0,
    };
  }
}

/** The options of a command as the gateway sends them: nested under the subcommand, each with its declared type. */
function filledIn(
  declared: readonly APIApplicationCommandOption[],
  path: readonly string[],
  values: Readonly<Record<string, OptionValue>>,
  focused: string | undefined,
): Fields[] {
  const [step, ...rest] = path;
  if (step !== undefined) {
    const sub = declared.find((option) => option.name === step && SUBCOMMANDS.includes(option.type));
    if (sub === undefined) throw new Error(`there is no subcommand ${step}`);
    const inner = ("options" in sub ? sub.options : undefined) ?? [];
    return [{ name: step, type: sub.type, options: filledIn(inner, rest, values, focused) }];
  }
  const missing = declared.find((option) => option.required === true && !(option.name in values));
  if (missing !== undefined && focused === undefined)
    throw new Error(`the option ${missing.name} is required`);
  return Object.entries(values).map(([name, value]) => {
    const option = declared.find((each) => each.name === name);
    if (option === undefined) throw new Error(`there is no option ${name}`);
    return { name, type: option.type, value, ...(name === focused ? { focused: true } : {}) };
  });
}
