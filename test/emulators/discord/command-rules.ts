import { FormErrors } from "./problem.ts";

type Fields = Readonly<Record<string, unknown>>;
type Path = readonly (string | number)[];

const NAME = /^[-_'\p{L}\p{N}\p{sc=Deva}\p{sc=Thai}]{1,32}$/u;
const COMMANDS_MAX = 100;
const OPTIONS_MAX = 25;
const CHOICES_MAX = 25;
const COMMAND_LENGTH_MAX = 8_000;
const CHAT_INPUT = 1;
const SUBCOMMANDS = [1, 2];

/** Checks the slash commands that a bot registers together: names, lengths, order and number of options and choices. */
export function checkCommands(commands: unknown): asserts commands is Fields[] {
  const errors = new FormErrors();
  if (!Array.isArray(commands)) {
    errors.add([], "LIST_TYPE_CONVERT", "Could not interpret value as list.");
    errors.refuse();
    return;
  }
  if (commands.length > COMMANDS_MAX) {
    errors.add([], "BASE_TYPE_MAX_LENGTH", `Must be ${COMMANDS_MAX} or fewer in length.`);
  }
  const names = new Set<string>();
  for (const [index, command] of (commands as Fields[]).entries()) {
    const { name, type = CHAT_INPUT } = command;
    if (names.has(`${type} ${name}`)) {
      errors.add([index], "APPLICATION_COMMANDS_DUPLICATE_NAME", "Application command names must be unique");
    }
    names.add(`${type} ${name}`);
    if (type !== CHAT_INPUT) {
      errors.length([index, "name"], name, 1, 32);
      continue;
    }
    checkNamed(command, [index], errors);
    checkOptions(command["options"], [index, "options"], errors);
    if (lengthOf(command) > COMMAND_LENGTH_MAX) {
      errors.add(
        [index],
        "APPLICATION_COMMAND_TOO_LARGE",
        `Command exceeds maximum size (${COMMAND_LENGTH_MAX})`,
      );
    }
  }
  errors.refuse();
}

function checkNamed(named: Fields, at: Path, errors: FormErrors): void {
  const name = String(named["name"] ?? "");
  errors.length([...at, "name"], named["name"], 1, 32);
  if (!NAME.test(name) || name !== name.toLowerCase()) {
    errors.add([...at, "name"], "APPLICATION_COMMAND_INVALID_NAME", "Command name is invalid");
  }
  errors.length([...at, "description"], named["description"], 1, 100);
}

function checkOptions(options: unknown, at: Path, errors: FormErrors): void {
  if (options === undefined || options === null) return;
  const list = Array.isArray(options) ? (options as Fields[]) : [];
  errors.count(at, list.length, 0, OPTIONS_MAX);
  const names = new Set<unknown>();
  let isOptionalSeen = false;
  for (const [index, option] of list.entries()) {
    const here = [...at, index];
    checkNamed(option, here, errors);
    if (names.has(option["name"])) {
      errors.add(here, "APPLICATION_COMMAND_OPTIONS_NAME_ALREADY_EXISTS", "Option name already exists");
    }
    names.add(option["name"]);
    const type = Number(option["type"]);
    if (!(type >= 1 && type <= 11))
      errors.add([...here, "type"], "BASE_TYPE_CHOICES", "Value must be one of {1-11}.");
    if (option["required"] === true && isOptionalSeen) {
      errors.add(
        at,
        "APPLICATION_COMMAND_OPTIONS_REQUIRED_INVALID",
        "Required options must be placed before non-required options",
      );
    }
    if (option["required"] !== true && !SUBCOMMANDS.includes(type)) isOptionalSeen = true;
    checkChoices(option, here, errors);
    checkOptions(option["options"], [...here, "options"], errors);
  }
}

function checkChoices(option: Fields, at: Path, errors: FormErrors): void {
  const choices = Array.isArray(option["choices"]) ? (option["choices"] as Fields[]) : [];
  errors.count([...at, "choices"], choices.length, 0, CHOICES_MAX);
  if (choices.length > 0 && option["autocomplete"] === true) {
    errors.add(
      at,
      "APPLICATION_COMMAND_AUTOCOMPLETE_CHOICES",
      "Options with autocomplete cannot have choices",
    );
  }
  checkChoiceList(choices, [...at, "choices"], errors);
}

/** Checks choices, of an option or of an autocompletion: names and text values of 1 to 100 characters. */
export function checkChoiceList(choices: readonly Fields[], at: Path, errors: FormErrors): void {
  for (const [index, choice] of choices.entries()) {
    errors.length([...at, index, "name"], choice["name"], 1, 100);
    if (typeof choice["value"] === "string") errors.length([...at, index, "value"], choice["value"], 0, 100);
  }
}

/** The characters that count towards a command's size: names, descriptions and text values, of options and choices too. */
function lengthOf(fields: Fields): number {
  const own = ["name", "description", "value"].reduce((sum, name) => {
    const value = fields[name];
    return sum + (typeof value === "string" ? [...value].length : 0);
  }, 0);
  return ["options", "choices"].reduce((sum, name) => {
    const list = Array.isArray(fields[name]) ? (fields[name] as Fields[]) : [];
    return sum + list.reduce((inner, each) => inner + lengthOf(each), 0);
  }, own);
}
