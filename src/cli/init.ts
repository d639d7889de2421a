import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { unreachable } from "../core/invariant.ts";
import type { Clock } from "../desk/ports.ts";
import { type Environment, withEnvFile } from "../settings/environment.ts";
import { keyVariables } from "../settings/keys.ts";
import { readSources } from "../settings/load.ts";
import { at, type Tree } from "../settings/path.ts";
import { QUESTIONS, Questionnaire, settingsText } from "../settings/questions.ts";
import type { ExchangeId, Mode } from "../settings/settings.ts";
import { parseYaml } from "../settings/yaml-source.ts";
import { readArguments, UsageError } from "./arguments.ts";
import { type ChatAnswers, type ChatSetupParts, setUpChat } from "./chat-setup.ts";
import { ask, type OpenTerminal, terminalOn } from "./dialogue.ts";
import { readEnvText, writeEnv } from "./env-file.ts";
import { StartError } from "./start-error.ts";
import { systemClock } from "./system-clock.ts";

const OPTIONS = {
  out: { type: "string" },
  answers: { type: "string" },
  yes: { type: "boolean" },
  chat: { type: "boolean" },
} as const;

/** Where init runs, and who answers; a test gives both. */
interface InitPlace {
  readonly cwd: string;
  /** Opens the terminal; undefined: nobody can type here. */
  terminal(): OpenTerminal | undefined;
  say(text: string): void;
  /** The machine's environment, without what `.env` says. */
  readonly env: Environment;
  readonly clock: Clock;
  /** Other servers than the chat platforms' own, for tests. */
  readonly apis: ChatSetupParts["apis"];
}

/** Asks for settings and writes them to a file. Returns the exit code. */
export async function init(args: readonly string[], place: InitPlace = ownPlace()): Promise<number> {
  const { values } = readArguments(args, OPTIONS, 0);
  if (values.yes === true && values.answers !== undefined)
    throw new UsageError("--yes and --answers exclude each other: give one of them.");
  if (values.chat === true && (values.yes === true || values.answers !== undefined))
    throw new UsageError("--chat asks at a terminal: give it without --yes and --answers.");
  const out = values.out ?? (values.chat === true ? "my-chat.yaml" : "my.yaml");
  const path = resolve(place.cwd, out);
  if (existsSync(path)) throw taken(out);
  if (values.chat === true) return await chatAlone(path, out, place);
  const questionnaire = new Questionnaire(shipped(place.cwd), place.cwd);
  if (values.yes === true) fill(questionnaire, {}, "--yes", () => "--yes");
  else if (values.answers !== undefined) fromFile(questionnaire, values.answers, place.cwd);
  const answers =
    values.yes === true || values.answers !== undefined ? NO_CHAT : await asked(questionnaire, place);
  const [mistake] = questionnaire.mistakes();
  if (mistake !== undefined) throw new StartError(mistake);
  writeEnv(place.cwd, answers.variables);
  write(path, out, questionnaire.file(commentOf(out), answers.chat));
  place.say(farewell(questionnaire, out, answers));
  return 0;
}

/** Sets a chat up and nothing else: for a desk that has settings. */
async function chatAlone(path: string, out: string, place: InitPlace): Promise<number> {
  const { chat, variables } = await asked(undefined, place);
  if (chat === undefined) throw new StartError("No chat was set up: nothing was written.");
  writeEnv(place.cwd, variables);
  const comment = [
    `The chat of a desk, written by perpdesk init --chat. Start: npm start -- --config ${out}`,
    "A desk that has settings of its own takes the section into its file.",
  ];
  write(path, out, settingsText(comment.join("\n"), { chat }));
  const said = [
    `${out} is written.`,
    ...chatTexts(out, { chat, variables }),
    `Start: npm start -- --config ${out}`,
  ];
  place.say(said.join("\n"));
  return 0;
}

const NO_CHAT: ChatAnswers = { chat: undefined, variables: new Map() };

async function asked(questionnaire: Questionnaire | undefined, place: InitPlace): Promise<ChatAnswers> {
  const answers = await askPerson(questionnaire, place);
  if (answers === undefined) throw new StartError("Nothing was written.");
  return answers;
}

/** The settings first, if they are asked for, then the chat; undefined: the person left. */
async function askPerson(
  questionnaire: Questionnaire | undefined,
  place: InitPlace,
): Promise<ChatAnswers | undefined> {
  const terminal = place.terminal();
  if (terminal === undefined)
    throw new UsageError("init asks at a terminal, and here is none: give --answers FILE or --yes.");
  try {
    if (questionnaire !== undefined && !(await ask(questionnaire, terminal))) return undefined;
    const { clock, apis, cwd } = place;
    const env = withEnvFile(place.env, readEnvText(cwd));
    return await setUpChat({ terminal, clock, env, apis, log: () => undefined });
  } finally {
    terminal.close();
  }
}

/** Answers every question from a map, or with what is offered. Throws `StartError` at the first that does not fit. */
function fill(
  questionnaire: Questionnaire,
  answers: Tree,
  name: string,
  placeOf: (id: string) => string,
): void {
  const unused = new Set(Object.keys(answers));
  for (const id of unused) {
    if (QUESTIONS.some((question) => question.id === id)) continue;
    const known = QUESTIONS.map((question) => question.id).join(", ");
    throw new StartError(`${placeOf(id)}: "${id}" is no question: remove it; known are ${known}.`);
  }
  for (let question = questionnaire.next(); question !== undefined; question = questionnaire.next()) {
    const given = answers[question.id];
    if (typeof given === "object" && given !== null)
      throw new StartError(
        `${placeOf(question.id)}: ${question.id} is one value: write "${question.id}: value".`,
      );
    unused.delete(question.id);
    const isGiven = Object.hasOwn(answers, question.id);
    const offered = questionnaire.offered(question);
    const text = isGiven ? (given === null ? undefined : String(given)) : offered;
    const [mistake] = questionnaire.answer(question, text);
    if (mistake !== undefined) throw new StartError(`${isGiven ? placeOf(question.id) : name}: ${mistake}`);
  }
  for (const id of unused) {
    if (answers[id] === null) continue;
    throw new StartError(`${placeOf(id)}: ${id} is not asked for beside the other answers: remove it.`);
  }
}

function fromFile(questionnaire: Questionnaire, file: string, cwd: string): void {
  let text: string;
  try {
    text = readFileSync(resolve(cwd, file), "utf8");
  } catch {
    throw new StartError(
      `the answers ${file} can't be read: check the path (it was looked for from ${cwd}).`,
    );
  }
  const parsed = parseYaml(file, text);
  if (!parsed.ok) throw new StartError(parsed.problems.join("\n"));
  const { tree, place } = parsed.source;
  fill(questionnaire, tree, file, (id) => place([id]));
}

/** Nobody's file is written over, not even one that came in the meantime. */
function write(path: string, out: string, text: string): void {
  try {
    writeFileSync(path, text, { flag: "wx" });
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
    if (code === "EEXIST") throw taken(out);
    throw new StartError(`${out} can't be written (${code}): name another file with --out.`);
  }
}

const taken = (out: string): StartError =>
  new StartError(`${out} exists already and is left alone: name another file with --out.`);

const commentOf = (out: string): string =>
  [
    `Settings of a desk, written by perpdesk init. Start: npm start -- --config ${out}`,
    "What does not stand here is as in config/default.yaml; docs/settings.md explains all of it.",
    "Keys and tokens go into .env and never into this file.",
  ].join("\n");

function farewell(questionnaire: Questionnaire, out: string, answers: ChatAnswers): string {
  const mode = questionnaire.valueOf("mode") as Mode;
  return [
    `${out} is written.`,
    ...chatTexts(out, answers),
    ...questionnaire.figures(),
    keysText(mode, questionnaire.valueOf("exchange") as ExchangeId),
    `Look whether it fits the exchange: npm run --silent perpdesk -- doctor --config ${out}`,
    `Start: npm start -- --config ${out}`,
  ].join("\n");
}

/** What was done for a chat, and what its admin needs besides. */
const chatTexts = (out: string, { chat, variables }: ChatAnswers): readonly string[] => [
  ...(variables.size === 0
    ? []
    : [`The token is in .env, which only you can read (${[...variables.keys()].join(", ")}).`]),
  ...(chat === undefined ? [] : [authenticatorText(out, chat)]),
];

/** What the admin of a chat needs besides. */
const authenticatorText = (out: string, chat: Tree): string =>
  `Set up an authenticator, for what you approve alone: npm run --silent perpdesk -- totp ${String(at(chat, ["terminal", "person"]))} --config ${out}`;

/** Where keys go, which are never asked for here. */
function keysText(mode: Mode, exchange: ExchangeId): string {
  switch (mode) {
    case "sim":
    case "paper":
      return `Mode ${mode} needs no keys.`;
    case "demo":
    case "live": {
      const names = keyVariables(exchange).map((name) => `${name}=...`);
      return `Write the keys into .env where you start the desk (${names.join(", ")}), then: chmod 600 .env`;
    }
    default:
      return unreachable(mode);
  }
}

/** The shipped settings, which every file of one's own is laid over. */
function shipped(cwd: string): Tree {
  const { sources, problems } = readSources({ env: {}, cwd }, (file) => readFileSync(file, "utf8"));
  const [source] = sources;
  if (source === undefined) throw new StartError(problems.join("\n"));
  return source.tree;
}

/** This process's terminal, where somebody sits at one; both ends must be one. */
function ownPlace(): InitPlace {
  const { stdin, stdout } = process;
  return {
    cwd: process.cwd(),
    terminal: () => (stdin.isTTY && stdout.isTTY ? terminalOn(stdin, stdout) : undefined),
    say: (text) => stdout.write(`${text}\n`),
    env: process.env,
    clock: systemClock,
    apis: {},
  };
}
