import type { APIMessage, InteractionResponseType } from "discord.js";
import type { Journal } from "../telegram/journal.ts";
import type { ForgedBy } from "./doings.ts";
import type { Interaction } from "./interactions.ts";
import { FLAGS } from "./message-rules.ts";
import type { Messages } from "./messages.ts";
import type { DiscordCall } from "./rest.ts";

/** What a person did, seen from the tests: what the bot made of it so far. */
export interface Deed {
  readonly id: string;
  /** The kind of the first answer: 4 reply, 5 deferred reply, 6 deferred update, 7 update, 8 choices, 9 modal. */
  readonly answer: InteractionResponseType | undefined;
  /** The message that answers it, as it stands now. */
  readonly reply: APIMessage | undefined;
  readonly followUps: readonly APIMessage[];
  readonly choices: Interaction["choices"];
  readonly modal: Interaction["modal"];
  /** Waits for the first answer. */
  answered(ms?: number): Promise<Deed>;
  /** Waits for a reply with content, also one that was deferred at first. */
  replied(ms?: number): Promise<APIMessage>;
  /** Fills in the modal that was the answer; with `by` as if somebody else had been asked. */
  submit(values: Readonly<Record<string, string>>, by?: ForgedBy): Deed;
  /** Another program with the same token answers it before this one. */
  takenByAnother(): void;
  /** Lets the time pass for the bot: the interaction becomes older by some ms. */
  age(ms: number): void;
}

/** What can be done with what a person did. */
export interface DeedParts {
  readonly messages: Messages;
  readonly journal: Journal<DiscordCall>;
  readonly submit: (
    interaction: Interaction,
    values: Readonly<Record<string, string>>,
    by?: ForgedBy,
  ) => Interaction;
  readonly age: (id: string, ms: number) => void;
}

/** The tests' view of an interaction. */
export function deedOf(interaction: Interaction, parts: DeedParts): Deed {
  const { messages, journal } = parts;
  const isOurs = (call: DiscordCall) => call.interaction === interaction.id;
  const reply = (): APIMessage | undefined => messages.find(interaction.original ?? "");
  const isLoading = (message: APIMessage | undefined) => ((message?.flags ?? 0) & FLAGS.loading) !== 0;
  const deed: Deed = {
    id: interaction.id,
    get answer() {
      return interaction.answer;
    },
    get reply() {
      return reply();
    },
    get followUps() {
      return interaction.followUps.flatMap((id) => messages.find(id) ?? []);
    },
    get choices() {
      return interaction.choices;
    },
    get modal() {
      return interaction.modal;
    },
    answered: async (ms) => {
      await journal.see(isOurs, ms);
      return deed;
    },
    replied: async (ms) => {
      const call = await journal.see(
        (each) => isOurs(each) && each.message !== undefined && !isLoading(each.message),
        ms,
      );
      return reply() ?? (call.message as APIMessage);
    },
    submit: (values, by) => deedOf(parts.submit(interaction, values, by), parts),
    takenByAnother: () => {
      interaction.answer = 5;
    },
    age: (ms) => parts.age(interaction.id, ms),
  };
  return deed;
}
