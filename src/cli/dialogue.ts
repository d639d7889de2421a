import { createInterface } from "node:readline";
import { Writable } from "node:stream";
import { explained, isOptional, type Questionnaire } from "../settings/questions.ts";

/** Where a dialogue is held: with a person at a terminal, or with a test. */
export interface OpenTerminal {
  say(text: string): void;
  /** What was typed; undefined when nobody is there any more (Ctrl-C, Ctrl-D). A secret is not shown while it is typed. */
  ask(question: string, isSecret?: boolean): Promise<string | undefined>;
  close(): void;
}

const HOW = [
  "Enter takes what stands in [brackets].",
  "? explains the question, none leaves a setting out, back asks the one before again.",
].join(" ");

/** Asks every question that matters until its answer fits. Resolves false when the person left. */
export async function ask(questionnaire: Questionnaire, terminal: OpenTerminal): Promise<boolean> {
  terminal.say(HOW);
  for (;;) {
    const question = questionnaire.next();
    if (question === undefined) return true;
    const offered = questionnaire.offered(question);
    const typed = await terminal.ask(`${question.parameter.prompt} [${offered ?? "none"}] `);
    if (typed === undefined) return false;
    const text = typed.trim();
    if (text === "?") terminal.say(explained(question));
    else if (text === "back") {
      if (!questionnaire.back()) terminal.say("This is the first question.");
    } else {
      const answer = text === "" ? offered : text === "none" && isOptional(question) ? undefined : text;
      for (const mistake of questionnaire.answer(question, answer)) terminal.say(mistake);
    }
  }
}

/** A dialogue over two streams, line by line; what is typed ahead waits for its question. */
export function terminalOn(input: NodeJS.ReadableStream, output: NodeJS.WritableStream): OpenTerminal {
  const screen = new Screen(output);
  const lines = createInterface({ input, output: screen, terminal: screen.isTTY });
  const ahead: string[] = [];
  let waiting: ((line: string | undefined) => void) | undefined;
  let isGone = false;
  const hand = (line: string | undefined): void => {
    screen.show();
    const waiter = waiting;
    waiting = undefined;
    if (waiter !== undefined) waiter(line);
    else if (line !== undefined) ahead.push(line);
  };
  lines.on("line", (line) => hand(line));
  lines.on("SIGINT", () => lines.close());
  lines.on("close", () => {
    isGone = true;
    hand(undefined);
  });
  return {
    say: (text) => output.write(`${text}\n`),
    ask: (question, isSecret = false) => {
      const [typed] = ahead.splice(0, 1);
      if (typed === undefined && isGone) return Promise.resolve(undefined);
      if (typed !== undefined) {
        output.write(`${question}${isSecret ? "" : typed}\n`);
        return Promise.resolve(typed);
      }
      lines.setPrompt(question);
      lines.prompt();
      if (isSecret) screen.hide();
      return new Promise((resolve) => {
        waiting = resolve;
      });
    },
    close: () => lines.close(),
  };
}

/** What readline draws on: an output that shows nothing of a secret while it is typed. */
class Screen extends Writable {
  readonly isTTY: boolean;
  readonly #output: NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };
  #isHidden = false;

  constructor(output: NodeJS.WritableStream) {
    super();
    this.#output = output;
    this.isTTY = this.#output.isTTY === true;
  }

  /** How wide a line is, which readline asks for. */
  get columns(): number | undefined {
    return this.#output.columns;
  }

  hide(): void {
    this.#isHidden = true;
  }

  /** Shows again what is written; the line's end that was hidden too comes now. */
  show(): void {
    if (this.#isHidden) this.#output.write("\n");
    this.#isHidden = false;
  }

  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    if (!this.#isHidden) this.#output.write(chunk);
    done();
  }
}
