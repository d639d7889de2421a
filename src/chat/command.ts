import type { z } from "zod";
import type { Actor, PersonRole } from "../core/proposal.ts";
import type { DeskDoor } from "../desk/ports.ts";
import type { AlertDesk } from "./alert-desk.ts";
import type { CardDesk } from "./card-desk.ts";
import type { PeopleDesk } from "./people-desk.ts";
import type { Theme } from "./pictures/theme.ts";
import type { Reply } from "./reply.ts";
import type { GridSetup } from "./setup.ts";

/** R0 reads; R1 only reduces activity; R2 reduces risk with market impact; R3 adds risk; R4 account-wide. */
type RiskClass = "R0" | "R1" | "R2" | "R3" | "R4";

/**
 * Who has to agree before it acts. `none`: it acts when it is said; else the command alone changes nothing. C: a card asks, and the one who asked may approve it; P: a card
 * asks another person where there is one; 2P: two people, never the asker alone.
 */
type Approval = "none" | "C" | "P" | "2P";

/** What a command may use: the desk, who calls, and the other commands (for help). */
interface CommandContext<Arguments> {
  readonly args: Arguments;
  readonly actor: Actor;
  readonly door: DeskDoor;
  readonly commands: readonly AnyCommand[];
  /** The dialogue about one more grid; undefined where the desk has no settings to add it to. */
  readonly setup: GridSetup | undefined;
  readonly alerts: AlertDesk;
  readonly cards: CardDesk;
  /** How this person's pictures look. */
  readonly theme: Theme;
  readonly people: PeopleDesk;
  /** Wall time of the call, milliseconds. */
  readonly nowWall: number;
}

/** What choices may depend on besides the desk. */
export interface ChoiceContext {
  readonly door: DeskDoor;
  readonly alerts: AlertDesk;
  readonly commands: readonly AnyCommand[];
  /** What was given already, by argument. */
  readonly given: Readonly<Record<string, string>>;
}

/** One argument as a person sees it, in order. */
export interface ArgumentHelp {
  readonly name: string;
  readonly description: string;
  readonly isRequired: boolean;
  /** A finite set to pick from, computed when asked. */
  readonly choices?: (door: DeskDoor, context: ChoiceContext) => readonly string[];
  /** What a choice's button says; left out: the choice itself. */
  readonly labelOf?: (choice: string, context: ChoiceContext) => string;
  /**
   * Whether buttons ask for it when it is left out and there are choices; left out: where it is required. False: never, since a tap
   * on a name would decide what nobody has looked at.
   */
  readonly asks?: false | ((door: DeskDoor, context: ChoiceContext) => boolean);
}

/** What a command is about, in the order of /help. No name of a topic is a command's. */
export const TOPICS = {
  look: "Look",
  results: "Results",
  engines: "Grids",
  closing: "Close and cancel",
  decisions: "Cards",
  stopping: "Stop and go on",
  safety: "Risk and account",
  notices: "Alerts",
  people: "People",
  desk: "Desk",
} as const;

/** One of them. */
export type Topic = keyof typeof TOPICS;

/** One chat command, the same on every platform: no platform's word appears in it. */
export interface Command<Schema extends z.ZodType = z.ZodType> {
  /** Lower case letters, digits and underscore: fits Telegram and Discord. */
  readonly name: string;
  readonly aliases: readonly string[];
  readonly description: string;
  readonly examples: readonly string[];
  readonly topic: Topic;
  readonly role: PersonRole;
  readonly risk: RiskClass;
  readonly approval: Approval;
  /** True: the answer names the account's money, so in a group only the caller gets it. */
  readonly isPrivate?: boolean;
  /** True: it stops or closes, so it gets through however many commands its caller gave before. */
  readonly isUrgent?: boolean;
  /** True: what it risks is its card's affair, and is looked at there. */
  readonly isOfCard?: boolean;
  /** True: codes may stand among its words, which nobody keeps. */
  readonly takesCodes?: boolean;
  /** Parses `{ [argument name]: text }`. */
  readonly schema: Schema;
  readonly args: readonly ArgumentHelp[];
  /** Gives typed words their argument names where the order is free; left out: by position in `args`. */
  readonly sortWords?: (words: readonly string[]) => Readonly<Record<string, string>>;
  run(context: CommandContext<z.output<Schema>>): Promise<Reply>;
}

/** A command whose argument type is not known here. */
// biome-ignore lint/suspicious/noExplicitAny: the registry holds commands of every argument type; `runCommand` parses first
export type AnyCommand = Command<any>;

/** Keeps the argument type of a definition. */
export const defineCommand = <Schema extends z.ZodType>(command: Command<Schema>): Command<Schema> => command;
