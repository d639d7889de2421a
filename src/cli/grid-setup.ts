import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { resolve } from "node:path";
import type { GridSetup, SetupStage } from "../chat/setup.ts";
import { layer } from "../settings/layers.ts";
import { type LoadOptions, loadSettings, readSources } from "../settings/load.ts";
import type { Tree } from "../settings/path.ts";
import { explained, isOptional, picksOf, Questionnaire } from "../settings/questions.ts";
import { withEngine } from "../settings/yaml-source.ts";

/** What a grid has to agree with. Everything else stays out: it may name secrets. */
const BINDING: ReadonlySet<string> = new Set([
  "mode",
  "carrier",
  "exchange",
  "market",
  "speed",
  "account",
  "engines",
  "risk",
  "live",
]);

/** Sets grids up in chat over the settings that a desk was started with (S1-20, S1-72 to S1-86). */
export class GridSetups implements GridSetup {
  readonly #options: LoadOptions;
  readonly #people = new Map<string, Questionnaire>();

  readonly #note: (text: string) => void;

  /** `options`: what the desk's own settings were loaded by; `note` writes into the log what was saved by whom. */
  constructor(options: LoadOptions, note: (text: string) => void) {
    this.#options = options;
    this.#note = note;
  }

  stage(person: string): SetupStage {
    const questionnaire = this.#of(person);
    const question = questionnaire.next();
    if (question === undefined) {
      return {
        type: "complete",
        settings: Object.entries(questionnaire.grid()).map(([name, value]) => [name, String(value)]),
        figures: questionnaire.figures(),
        mistakes: questionnaire.mistakes(),
      };
    }
    const { answered, left } = questionnaire.progress;
    return {
      type: "asks",
      question: {
        id: question.id,
        prompt: question.parameter.prompt ?? question.id,
        help: explained(question),
        offered: questionnaire.offered(question),
        picks: picksOf(question),
        isOptional: isOptional(question),
        number: answered + 1,
        of: answered + left,
      },
    };
  }

  answer(person: string, text: string | undefined): readonly string[] {
    const questionnaire = this.#of(person);
    const question = questionnaire.next();
    return question === undefined ? ["All questions are answered."] : questionnaire.answer(question, text);
  }

  back(person: string): boolean {
    return this.#of(person).back();
  }

  again(person: string): void {
    this.#people.delete(person);
  }

  save(person: string): { readonly isOk: boolean; readonly text: string } {
    const questionnaire = this.#of(person);
    const [mistake] = questionnaire.mistakes();
    if (questionnaire.next() !== undefined)
      return { isOk: false, text: "Not all questions are answered yet: go on with /grid_setup." };
    if (mistake !== undefined) return { isOk: false, text: mistake };
    const grid = questionnaire.grid();
    const file = `with-${String(grid["name"])}.yaml`;
    const path = resolve(this.#options.cwd, file);
    if (existsSync(path))
      return {
        isOk: false,
        text: `${file} exists already and was left alone: rename it, or give the grid another name.`,
      };
    let text: string;
    try {
      text = this.#withGrid(grid);
      const loaded = loadSettings({
        ...this.#options,
        configFile: file,
        readFile: (name) => (name === path ? text : readFileSync(name, "utf8")),
      });
      if (!loaded.ok) return { isOk: false, text: loaded.problems[0] ?? "The settings do not fit together." };
      writeFileSync(path, text, { flag: "wx", mode: 0o600 });
    } catch (error) {
      const code = error instanceof Error && "code" in error ? String(error.code) : "unknown error";
      return { isOk: false, text: `${file} can't be written (${code}); nothing was saved.` };
    }
    this.again(person);
    this.#note(`${person} set up the grid ${String(grid["name"])}: ${file} was written`);
    return {
      isOk: true,
      text: `Written to ${file}. The desk that runs is as it was: restart it with --config ${file}, and the grid begins.`,
    };
  }

  /** The desk's own file, its comments kept, with one engine more. */
  #withGrid(grid: Tree): string {
    const { configFile, cwd } = this.#options;
    const own = configFile === undefined ? "" : readFileSync(resolve(cwd, configFile), "utf8");
    return withEngine(own, this.#beside(), grid);
  }

  #of(person: string): Questionnaire {
    const known = this.#people.get(person);
    if (known !== undefined) return known;
    const tree = this.#tree();
    const made = new Questionnaire(tree, this.#options.cwd, { beside: this.#beside(tree) });
    this.#people.set(person, made);
    return made;
  }

  /** What the desk's settings say, read again: a file that was changed since counts from the next restart on, as this does. */
  #tree(): Tree {
    const readFile = this.#options.readFile ?? ((path: string) => readFileSync(path, "utf8"));
    const { sources } = readSources(this.#options, readFile);
    const own = layer(sources).tree;
    const chosen = Object.entries(own).filter(([name]) => BINDING.has(name));
    return { ...sources[0]?.tree, ...Object.fromEntries(chosen) };
  }

  #beside(tree: Tree = this.#tree()): readonly Tree[] {
    const { engines } = tree;
    return Array.isArray(engines) ? (engines as readonly Tree[]) : [];
  }
}
