import type { AnyCommand, ArgumentHelp, ChoiceContext } from "./command.ts";
import { cut, oneLine } from "./layout.ts";
import { type Button, PICK_MS, type Reply } from "./reply.ts";
import { tapText } from "./tap.ts";

const BUTTONS_MOST = 24;
const IN_ROW = 3;
/** Choices that are said in words, for whoever has no buttons. */
const SAID_MOST = 10;

/** What was given, by argument. */
type Given = Readonly<Record<string, string>>;

/**
 * Asks with buttons for the first argument that is missing and must be known, where there is a finite set to pick from; undefined:
 * nothing has to be asked.
 */
export function pickerOf(
  command: AnyCommand,
  given: Given,
  context: Omit<ChoiceContext, "given">,
  nowWall: number,
): Reply | undefined {
  const asked = command.args.find((each) => given[each.name] === undefined && asks(each, given, context));
  if (asked === undefined) return undefined;
  const words = wordsOf(command, given);
  const all = (asked.choices?.(context.door, { ...context, given }) ?? []).filter((each) => !/\s/.test(each));
  if (words === undefined || all.length === 0) return undefined;
  const lines = all.map((choice) => [command.name, ...words, choice].join(" "));
  const untilWallAt = nowWall + PICK_MS;
  const labelOf = (choice: string): string => asked.labelOf?.(choice, { ...context, given }) ?? choice;
  const buttons = all.flatMap((choice, at): Button[] => {
    const line = lines[at] ?? "";
    const action =
      command.risk === "R0"
        ? ({ type: "run", line } as const)
        : ({ type: "pick", line, untilWallAt } as const);
    return tapText(action) === undefined ? [] : [{ label: labelOf(choice), style: "plain", action }];
  });
  const said = all.slice(0, SAID_MOST).map((choice) => cut(oneLine(choice), 40));
  const left = all.length - said.length;
  return {
    title: `/${command.name}: which ${asked.name}?`,
    tone: "plain",
    lines: [
      `${asked.description}.`,
      `There ${all.length === 1 ? "is" : "are"} ${said.join(", ")}${left > 0 ? ` and ${left} more` : ""}.`,
    ],
    buttons: rowsOf(buttons.slice(0, BUTTONS_MOST)),
    footer: `Or type it: /${cut(lines[0] ?? "", 100)}`,
    isPrivate: command.isPrivate === true,
  };
}

const rowsOf = (buttons: readonly Button[]): readonly (readonly Button[])[] =>
  Array.from({ length: Math.ceil(buttons.length / IN_ROW) }, (_, row) =>
    buttons.slice(row * IN_ROW, (row + 1) * IN_ROW),
  );

/** Whether an argument that was left out has to be asked for. */
function asks(argument: ArgumentHelp, given: Given, context: Omit<ChoiceContext, "given">): boolean {
  if (argument.choices === undefined || argument.asks === false) return false;
  if (typeof argument.asks === "function") return argument.asks(context.door, { ...context, given });
  return argument.isRequired;
}

/** What was given as words to which one more can be added; undefined where the next word would be another argument's. */
function wordsOf(command: AnyCommand, given: Given): readonly string[] | undefined {
  const said = command.args.flatMap(({ name }) => (given[name] === undefined ? [] : [given[name]]));
  const isInOrder = command.args.slice(0, said.length).every(({ name }) => given[name] !== undefined);
  if (said.some((word) => /\s/.test(word) || word === "")) return undefined;
  return isInOrder || command.sortWords !== undefined ? said : undefined;
}

/** Remembers which picks were used: each works once, and only for as long as its list stands. */
export class Picks {
  readonly #now: () => number;
  readonly #startedWallAt: number;
  readonly #used = new Map<string, number>();

  constructor(now: () => number) {
    this.#now = now;
    this.#startedWallAt = now();
  }

  /** Uses a pick; false when it was used, has ended, or is of no list that this process drew. */
  use(line: string, untilWallAt: number): boolean {
    const now = this.#now();
    for (const [key, until] of this.#used) if (until < now) this.#used.delete(key);
    const key = `${untilWallAt} ${line}`;
    const isOurs = untilWallAt - PICK_MS >= this.#startedWallAt && untilWallAt - PICK_MS <= now;
    if (!isOurs || now > untilWallAt || this.#used.has(key)) return false;
    this.#used.set(key, untilWallAt);
    return true;
  }
}
