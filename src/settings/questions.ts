import { stringify } from "yaml";
import { type Parameter, parametersOf } from "./about.ts";
import { plainFigures } from "./grid-figures.ts";
import { layer } from "./layers.ts";
import { settledOf } from "./load.ts";
import { at, isMap, type Path, pathText, type Tree } from "./path.ts";
import { schema } from "./schema.ts";

/** One setting that a dialogue asks for. */
export interface Question {
  /** How answers name it: a grid's parameter by its own name, everything else by its path. */
  readonly id: string;
  readonly path: Path;
  readonly parameter: Parameter;
}

/** What was answered so far, as it will stand in the settings file. */
export type Answers = Tree;

const GRID = "engines[].";

/** Every question of the schema, in its order. */
export const QUESTIONS: readonly Question[] = parametersOf(schema)
  .filter(({ prompt }) => prompt !== undefined)
  .map((parameter) => {
    const isOfGrid = parameter.path.startsWith(GRID);
    const path = isOfGrid ? ["engines", 0, parameter.name] : parameter.path.split(".");
    return { id: isOfGrid ? parameter.name : parameter.path, path, parameter };
  });

/** The grid that answers go into. */
const NO_ANSWERS: Answers = { engines: [{ type: "grid" }] };

/** A dialogue about one more grid of a desk that has settings already: only the grid's own questions are asked. */
export interface OneMoreGrid {
  /** The engines that the desk has, as they stand in its settings. */
  readonly beside: readonly Tree[];
}

/** A dialogue's knowledge: what ships, what was answered, what comes next. It asks nobody itself. */
export class Questionnaire {
  readonly #shipped: Tree;
  readonly #cwd: string;
  readonly #questions: readonly Question[];
  readonly #beside: readonly Tree[];
  #answers: Answers = NO_ANSWERS;
  readonly #asked: Question[] = [];

  /** `shipped`: the settings of config/default.yaml, or what a desk has of settings where it is about one more grid. */
  constructor(shipped: Tree, cwd: string, oneMore?: OneMoreGrid) {
    this.#shipped = shipped;
    this.#cwd = cwd;
    this.#beside = oneMore?.beside ?? [];
    this.#questions =
      oneMore === undefined ? QUESTIONS : QUESTIONS.filter(({ path }) => path[0] === "engines");
  }

  /** Questions that were answered, and those that follow as far as is known now. */
  get progress(): { readonly answered: number; readonly left: number } {
    return { answered: this.#asked.length, left: this.#rest().length };
  }

  /** The next question, or undefined when all that matter are answered. */
  next(): Question | undefined {
    return this.#rest()[0];
  }

  /** What holds when nothing is answered, as text; undefined: it is left out. */
  offered({ id, path, parameter }: Question): string | undefined {
    const own = id === "symbol" ? SYMBOLS[String(this.valueOf("exchange"))] : undefined;
    const shipped = path[0] === "engines" ? undefined : at(this.#shipped, path);
    const value = own ?? parameter.standard ?? parameter.offer ?? shipped;
    return value === undefined || value === null ? undefined : String(value);
  }

  /**
   * Takes a text as the answer (undefined: left out), or says in sentences why not. An answer is refused for what it says and for
   * what it contradicts of the earlier ones.
   */
  answer(question: Question, written: string | undefined): readonly string[] {
    const said = written === "none" && !takesNone(question) ? undefined : written;
    if (said === undefined && isRequired(question)) {
      const offered = this.offered(question);
      const mend = offered === undefined ? "write a value" : `write a value, like ${offered}`;
      return [`${question.id} can't be left out: ${mend}.`];
    }
    const before = this.#answers;
    this.#answers = put(before, question.path, said === undefined ? undefined : typed(question, said));
    this.#asked.push(question);
    const mistakes = this.#due(question);
    if (mistakes.length === 0) return [];
    this.#answers = before;
    this.#asked.pop();
    return mistakes;
  }

  /** Takes the last answer back; false when there is none. */
  back(): boolean {
    const last = this.#asked.pop();
    if (last === undefined) return false;
    this.#answers = put(this.#answers, last.path, undefined);
    return true;
  }

  /** What is still wrong with all answers together. */
  mistakes(): readonly string[] {
    return this.#settled(this.#answers).mistakes.map(({ text }) => withoutPlace(text));
  }

  /** What the answers come to for the grid: its break-even, and whether recovery comes into play. */
  figures(): readonly string[] {
    return this.#settled(this.#answers).settings?.engines.slice(-1).flatMap(plainFigures) ?? [];
  }

  /** What was answered to a question, or what ships. */
  valueOf(id: string): unknown {
    const question = QUESTIONS.find((each) => each.id === id);
    if (question === undefined) return undefined;
    const { path } = question;
    return at(this.#answers, path) ?? (path[0] === "engines" ? undefined : at(this.#shipped, path));
  }

  /** The grid as it will stand in a settings file, without what holds anyway. */
  grid(): Tree {
    const grid = (this.#answers["engines"] as readonly Tree[])[0] ?? {};
    return Object.fromEntries(Object.entries(grid).filter(([name, value]) => !isStandard(name, value)));
  }

  /** The settings file: what differs from what ships, and nothing that holds anyway; `chat`: its section, found out elsewhere. */
  file(comment: string, chat?: Tree): string {
    const rest = different(this.#answers, this.#shipped);
    const tree = { ...rest, ...(chat === undefined ? {} : { chat }), engines: [this.grid()] };
    return settingsText(comment, tree);
  }

  /** Mistakes that this answer made and that no later question can mend. */
  #due(question: Question): readonly string[] {
    const rest = this.#rest();
    const filled = rest.reduce((tree, each) => put(tree, each.path, this.#filler(each)), this.#answers);
    const isOpen = (id: string): boolean => rest.some((each) => each.id === id);
    return this.#settled(filled).mistakes.flatMap(({ path, text }) => {
      const owner = QUESTIONS.find((each) => pathText(each.path) === pathText(path));
      const id = owner?.id ?? (pathText(path) === "engines" ? "max_margin_usd" : question.id);
      const waits = [id, ...(MENDED_BY[id] ?? [])].some(isOpen);
      return waits ? [] : [withoutPlace(text)];
    });
  }

  #filler(question: Question): unknown {
    const text = this.offered(question);
    return text === undefined ? undefined : typed(question, text);
  }

  /** Questions that come after the last one and matter by what is answered. */
  #rest(): readonly Question[] {
    const last = this.#asked.at(-1);
    const from = last === undefined ? 0 : this.#questions.indexOf(last) + 1;
    return this.#questions.slice(from).filter(({ id }) => this.#matters(id));
  }

  /** The answers' grid stands behind the others, so that contradictions are told of it; its place is the first all the same. */
  #settled(answers: Answers) {
    const source = (name: string, tree: Tree) => ({ name, tree, place: () => name });
    const at = this.#beside.length;
    const engines = [...this.#beside, ...(answers["engines"] as readonly Tree[])];
    const layers = layer([
      source("config/default.yaml", this.#shipped),
      source("answers", { ...answers, engines }),
    ]);
    const { settings, mistakes } = settledOf(layers, this.#cwd);
    const isOwn = (path: Path): boolean => path[0] === "engines" && path[1] === at;
    return {
      settings,
      mistakes: mistakes.map(({ path, text }) => ({
        path: isOwn(path) ? ["engines", 0, ...path.slice(2)] : path,
        text: text.replaceAll(`engines[${at}].`, "engines[0]."),
      })),
    };
  }

  /** Whether a question makes sense after the earlier answers. */
  #matters(id: string): boolean {
    const mode = this.valueOf("mode");
    const isInCoins = this.#isInCoins();
    switch (id) {
      case "market":
      case "speed":
        return mode === "sim";
      case "account.deposit":
        return mode === "sim" || mode === "paper";
      case "quantity_usd":
        return this.valueOf("quantity") === undefined;
      case "anchor_price":
        return this.valueOf("spacing") === "arithmetic";
      case "max_margin_usd":
      case "max_loss_usd":
        return !isInCoins;
      case "max_margin":
      case "max_loss":
        return isInCoins;
      case "stop_loss_percentage":
        return this.valueOf("stop_loss_enabled") !== false;
      case "live.gridWithoutStops":
        return mode === "live" && this.valueOf("stop_loss_enabled") === false;
      default:
        return true;
    }
  }

  /** Whether the symbol is margined in coins, as its exchange writes it. */
  #isInCoins(): boolean {
    return /(_PERP|-USD-SWAP|USD)$/.test(String(this.valueOf("symbol") ?? ""));
  }
}

/** A settings file with a comment above it. */
export const settingsText = (comment: string, tree: Tree): string =>
  `${comment.replaceAll(/^/gm, "# ")}\n${stringify(tree)}`;

/** What is offered to trade. */
const SYMBOLS: Readonly<Record<string, string>> = {
  binancecoinm: "BTCUSD_PERP",
  okx: "BTC-USDT-SWAP",
};

/** Mistakes at one setting that an answer to another one may still mend. */
const MENDED_BY: Readonly<Record<string, readonly string[]>> = {
  quantity: ["quantity_usd"],
  spacing: ["anchor_price"],
  stop_loss_enabled: ["max_loss_usd", "max_loss", "live.gridWithoutStops"],
  max_margin_usd: ["max_margin"],
};

/** The same tree with a value at a path, or without one. */
function put(tree: unknown, path: Path, value: unknown): Tree {
  const [part, ...rest] = path;
  if (Array.isArray(tree)) {
    const items = tree.map((item, index) => (index === part ? put(item, rest, value) : item));
    return items as unknown as Tree;
  }
  const own = isMap(tree) ? tree : {};
  const name = String(part);
  const { [name]: before, ...others } = own;
  const after = rest.length === 0 ? value : put(before, rest, value);
  return after === undefined ? others : { ...others, [name]: after };
}

/** Whether `none` is an answer of its own. */
const takesNone = ({ parameter }: Question): boolean => parameter.range.includes("`none`");

/** Settings of a grid that are asked for only where an earlier answer needs them. */
const NEEDED_WHERE_ASKED: ReadonlySet<string> = new Set([
  "quantity_usd",
  "anchor_price",
  "max_margin_usd",
  "max_margin",
]);

/** A grid has to say it: nothing holds when it is left out. Of everything else what ships holds then. */
const isRequired = ({ path, parameter }: Question): boolean => path[0] === "engines" && parameter.isRequired;

/** `none` leaves a setting out, where it may be left out and `none` is no answer of its own. */
export const isOptional = (question: Question): boolean =>
  !takesNone(question) && !isRequired(question) && !NEEDED_WHERE_ASKED.has(question.id);

/** What a setting does and which values it takes, without the marks of a page. */
export function explained({ parameter: { help, range, unit } }: Question): string {
  const values = unit === undefined ? range : `${range} (${unit})`;
  return `${help} Values: ${values}.`.replaceAll("`", "").replaceAll(/\[([^\]]+)\]\([^)]+\)/g, "docs/$1");
}

/** The values of a setting that takes one of a few words; none for every other. */
export function picksOf({ parameter: { range } }: Question): readonly string[] {
  return /^`[^`]+`(, `[^`]+`)+$/.test(range) ? range.replaceAll("`", "").split(", ") : [];
}

/** A typed answer as YAML holds it: yes and no, numbers, and texts; amounts and prices stay texts, so that no digit is lost. */
function typed({ parameter: { range, unit } }: Question, written: string): unknown {
  const isYesNo = range === "`true`, `false`";
  if (isYesNo && /^(true|yes|y)$/i.test(written)) return true;
  if (isYesNo && /^(false|no|n)$/i.test(written)) return false;
  const isExact = unit === "base units" || unit === "price" || unit === "settle asset";
  const isNumber = /^-?\d/.test(written) && String(Number(written)) === written;
  return isNumber && !isExact ? Number(written) : written;
}

function isStandard(name: string, value: unknown): boolean {
  const standard = QUESTIONS.find(({ id }) => id === name)?.parameter.standard;
  return standard !== undefined && standard === String(value);
}

/** The parts of a tree that a lower one says otherwise, lists left out. */
function different(tree: Tree, below: unknown): Tree {
  const entries = Object.entries(tree).flatMap(([key, value]): [string, unknown][] => {
    const under = isMap(below) ? below[key] : undefined;
    if (Array.isArray(value)) return [];
    if (!isMap(value)) return String(value) === String(under) ? [] : [[key, value]];
    const inner = different(value, under);
    return Object.keys(inner).length === 0 ? [] : [[key, inner]];
  });
  return Object.fromEntries(entries);
}

/** Sentences begin with the place that a mistake stands at; answers have none. */
const withoutPlace = (text: string): string =>
  text.replace(/^(answers|config\/default\.yaml)(:\d+)?: /, "").replaceAll("engines[0].", "");
