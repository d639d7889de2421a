import { nearest } from "../core/nearest.ts";
import { type Actor, hasRole } from "../core/proposal.ts";
import type { Clock, DeskDoor } from "../desk/ports.ts";
import type { AlertDesk } from "./alert-desk.ts";
import type { CardDesk } from "./card-desk.ts";
import type { AnyCommand } from "./command.ts";
import { CommandRate } from "./command-rate.ts";
import { counted, duration } from "./format.ts";
import { cut, oneLine } from "./layout.ts";
import { type ChatAudit, type ChatLog, faultText } from "./log.ts";
import type { PeopleDesk } from "./people-desk.ts";
import { pickerOf } from "./picker.ts";
import type { Theme } from "./pictures/theme.ts";
import type { Reply } from "./reply.ts";
import type { GridSetup } from "./setup.ts";
import { Strangers } from "./strangers.ts";
import { tapText } from "./tap.ts";

/** A command as a person gave it: typed words in their order, or named arguments from a form. */
export interface CommandRequest {
  /** Without a slash; aliases count. */
  readonly name: string;
  readonly input: readonly string[] | Readonly<Record<string, string>>;
  readonly actor: Actor;
  /** When it was written, if the platform says so: an old one piled up during an outage and must not act. */
  readonly sentWallAt?: number;
}

/** What the runner stands on. */
export interface RunnerParts {
  readonly registry: readonly AnyCommand[];
  readonly door: DeskDoor;
  readonly clock: Clock;
  readonly log: ChatLog;
  readonly audit: ChatAudit;
  readonly setup?: GridSetup | undefined;
  readonly alerts: AlertDesk;
  readonly cards: CardDesk;
  /** How a person's pictures look; dark unless it says so. */
  readonly themeOf?: (person: string) => Theme;
  readonly people: PeopleDesk;
  /** How many commands a minute one person has. */
  readonly commandsPerMinute: number;
  /** Commands that act are refused when they are older than this. */
  readonly commandAgeMsMax?: number;
}

/** Finds, allows, parses and runs commands. Whatever happens, the caller gets an answer and nothing is thrown. */
export class CommandRunner {
  readonly registry: readonly AnyCommand[];
  readonly #parts: RunnerParts;
  readonly #byName = new Map<string, AnyCommand>();
  readonly #rate: CommandRate;
  readonly #limited: Strangers;

  constructor(parts: RunnerParts) {
    this.#parts = parts;
    this.registry = parts.registry;
    this.#rate = new CommandRate(parts.clock, parts.commandsPerMinute);
    // A flood is noted by counts that add up: it must fill neither log nor ledger.
    this.#limited = new Strangers(parts.clock, ({ who, where, what, count, attempts }) => {
      parts.log("warn", `${counted(attempts, "command")} of ${who} refused: too many a minute`);
      parts.audit("refusal", who, { command: what, platform: where, reason: "rate", count, attempts });
    });
    for (const command of parts.registry) {
      for (const name of [command.name, ...command.aliases]) this.#byName.set(name, command);
    }
  }

  /** The command of this name or alias, in any case of letters. */
  find(name: string): AnyCommand | undefined {
    return this.#byName.get(name.toLowerCase());
  }

  /** Runs a command for a known person. */
  async run(request: CommandRequest): Promise<Reply> {
    const { actor } = request;
    const command = this.find(request.name);
    if (command?.isUrgent !== true && !this.#rate.take(actor.person)) return this.#tooMany(request);
    if (command === undefined) return this.#unknown(request);
    if (!hasRole(actor.role, command.role)) return this.#forbidden(command, actor);
    if (actor.barred !== undefined && ADDS_RISK.has(command.risk) && command.isOfCard !== true)
      return this.#barred(command, actor, actor.barred);
    const late = this.#late(command, request);
    if (late !== undefined) return late;
    try {
      const reply = await this.#parsed(command, request);
      this.#noted(command, request, reply);
      return reply;
    } catch (fault) {
      this.#parts.log("error", `/${command.name} of ${actor.person} failed: ${faultText(fault)}`);
      this.#refused(command.name, actor, { reason: "fault" });
      return refusal(`/${command.name} failed inside perpdesk. Trading goes on; the log has the cause.`);
    }
  }

  /** At the end: what was counted and not yet written down. */
  stop(): void {
    this.#limited.flush();
  }

  /** Picks for one argument while it is being typed; at most `max`, none when they can't be had. */
  choices(
    name: string,
    argument: string,
    typed: string,
    given: Readonly<Record<string, string>> = {},
    max = 25,
  ): readonly string[] {
    try {
      const help = this.find(name)?.args.find((each) => each.name === argument);
      const all = help?.choices?.(this.#parts.door, { ...this.#context(), given }) ?? [];
      return all.filter((each) => each.toLowerCase().includes(typed.toLowerCase())).slice(0, max);
    } catch (fault) {
      this.#parts.log("warn", `choices for ${argument} failed: ${faultText(fault)}`);
      return [];
    }
  }

  #context() {
    return { door: this.#parts.door, alerts: this.#parts.alerts, commands: this.registry };
  }

  async #parsed(command: AnyCommand, request: CommandRequest): Promise<Reply> {
    const named = nameWords(command, request.input);
    if ("problem" in named) return refusal(named.problem, usageOf(command));
    const parsed = await command.schema.safeParseAsync(named.args);
    const issue: Issue | undefined = parsed.error?.issues[0];
    const isTyped = issue !== undefined && String(issue.path[0]) in named.args;
    // What was written wrongly comes before what was left out.
    const picker = isTyped
      ? undefined
      : pickerOf(command, named.args, this.#context(), this.#parts.clock.now());
    if (picker !== undefined) return picker;
    if (!parsed.success) return refusal(issue?.message ?? "That can't be read.", usageOf(command));
    const reply = await command.run({
      args: parsed.data,
      actor: request.actor,
      door: this.#parts.door,
      commands: this.registry,
      setup: this.#parts.setup,
      alerts: this.#parts.alerts,
      cards: this.#parts.cards,
      theme: this.#parts.themeOf?.(request.actor.person) ?? "dark",
      people: this.#parts.people,
      nowWall: this.#parts.clock.now(),
    });
    const line = reply.line ?? lineOf(command, request.input);
    return line === undefined ? reply : { ...reply, line };
  }

  /** Every command stands in the ledger, with what it came to. */
  #noted(command: AnyCommand, { input, actor }: CommandRequest, { title }: Reply): void {
    const said = (isWords(input) ? input : Object.values(input)).join(" ");
    const words = command.takesCodes === true ? said.replaceAll(CODES, "[code]") : said;
    this.#parts.audit("command", actor.person, {
      command: command.name,
      platform: actor.platform,
      ...(words === "" ? {} : { words: cut(oneLine(words), WORDS_MOST) }),
      answer: title,
    });
  }

  #forbidden(command: AnyCommand, actor: Actor): Reply {
    this.#parts.log("warn", `/${command.name} refused: ${actor.person} is ${actor.role}`);
    this.#refused(command.name, actor, { reason: "role", role: actor.role, needed: command.role });
    return refusal(
      `/${command.name} needs the role ${command.role}; you are ${actor.role}. An admin gives roles with /grant, up to what the settings file says.`,
    );
  }

  #unknown({ name, actor }: CommandRequest): Reply {
    const asked = cut(oneLine(name), 40);
    this.#refused(asked, actor, { reason: "unknown" });
    const known = this.registry.filter(({ role }) => hasRole(actor.role, role));
    const near = nearest(
      asked,
      known.map((command) => command.name),
    );
    return refusal(
      `There is no command "${asked}".${near === undefined ? "" : ` Did you mean /${near}?`}`,
      LIST,
    );
  }

  #barred(command: AnyCommand, actor: Actor, why: string): Reply {
    this.#parts.log("warn", `/${command.name} of ${actor.person} refused: ${why}`);
    this.#refused(command.name, actor, { reason: "barred" });
    return refusal(why);
  }

  #tooMany({ name, actor }: CommandRequest): Reply {
    this.#limited.note(actor.person, actor.platform, cut(oneLine(name), 40));
    return refusal(
      `You have ${this.#parts.commandsPerMinute} commands a minute, and none is left; the next one in ${duration(this.#rate.waitMs(actor.person))}. What stops or closes always gets through. Nothing was done.`,
    );
  }

  #refused(command: string, { person, platform }: Actor, why: Readonly<Record<string, unknown>>): void {
    this.#parts.audit("refusal", person, { command, platform, ...why });
  }

  #late(command: AnyCommand, { sentWallAt, actor }: CommandRequest): Reply | undefined {
    const { clock, log, commandAgeMsMax = 30_000 } = this.#parts;
    if (sentWallAt === undefined || command.risk === "R0") return undefined;
    const age = clock.now() - sentWallAt;
    if (age <= commandAgeMsMax) return undefined;
    log("warn", `/${command.name} of ${actor.person} refused: it is ${duration(age)} old`);
    this.#refused(command.name, actor, { reason: "old", ageMs: age });
    return refusal(
      `Your /${command.name} was written ${duration(age)} ago, so nothing was done.`,
      "If you still want it, send it again.",
    );
  }
}

/** What is wrong with an argument. */
interface Issue {
  readonly message: string;
  readonly path: readonly PropertyKey[];
}

/** Characters of a command's arguments that the ledger keeps. */
const WORDS_MOST = 200;
/** Classes of what adds risk or changes who may. */
const ADDS_RISK: ReadonlySet<AnyCommand["risk"]> = new Set(["R3", "R4"]);
/** Codes of an authenticator, also with a space in the middle, link codes, and what could be a secret typed by mistake. */
const CODES = /\b\d{3} ?\d{3}\b|\b[0-9A-Z]{4}(?:-[0-9A-Z]{4}){2}\b|\b[A-Z2-7]{16,}\b/gi;
const LIST = "/help lists what you may use.";

function refusal(...lines: string[]): Reply {
  return { title: "Not done", tone: "warning", lines, isPrivate: true };
}

function usageOf(command: AnyCommand): string {
  const [example] = command.examples;
  return example === undefined ? `See /help ${command.name}.` : `For example: /${example}`;
}

type Named = { readonly args: Readonly<Record<string, string>> } | { readonly problem: string };

function nameWords(command: AnyCommand, input: CommandRequest["input"]): Named {
  const names = command.args.map((each) => each.name);
  if (!isWords(input)) {
    const foreign = Object.keys(input).find((name) => !names.includes(name));
    return foreign === undefined
      ? { args: input }
      : { problem: `/${command.name} has no argument "${foreign}".` };
  }
  if (command.sortWords !== undefined) return { args: command.sortWords(input) };
  const extra = input[names.length];
  if (extra !== undefined) {
    const taken = names.length === 0 ? "takes no arguments" : `takes only ${names.join(", ")}`;
    return { problem: `/${command.name} ${taken}; leave out "${cut(oneLine(extra), 40)}".` };
  }
  return { args: Object.fromEntries(input.map((word, at) => [names[at] ?? "", word])) };
}

/** The line that draws an answer anew; undefined where the command acts, or the line is none that a button carries. */
function lineOf(command: AnyCommand, input: CommandRequest["input"]): string | undefined {
  if (command.risk !== "R0") return undefined;
  const names = command.args.map((each) => each.name);
  const words = isWords(input) ? input : names.flatMap((name) => input[name] ?? []);
  const isInOrder = isWords(input) || names.slice(0, words.length).every((name) => input[name] !== undefined);
  if ((!isInOrder && command.sortWords === undefined) || words.some((word) => word === "" || /\s/.test(word)))
    return undefined;
  const line = [command.name, ...words].join(" ");
  return tapText({ type: "page", line, page: 9_999 }) === undefined ? undefined : line;
}

function isWords(input: CommandRequest["input"]): input is readonly string[] {
  return Array.isArray(input);
}

/** Splits "/close@desk_bot BTCUSDT long" into name, addressee and words; undefined when it is no command. */
export function splitCommand(
  text: string,
):
  | { readonly name: string; readonly addressee: string | undefined; readonly words: readonly string[] }
  | undefined {
  const [first = "", ...words] = text.trim().split(/\s+/);
  const [, name, addressee] = /^\/?([A-Za-z0-9_]{1,32})(?:@([A-Za-z0-9_]{1,64}))?$/.exec(first) ?? [];
  return name === undefined ? undefined : { name: name.toLowerCase(), addressee, words: words.slice(0, 50) };
}
