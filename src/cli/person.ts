import { createInterface } from "node:readline/promises";
import type { AskPerson } from "./live-confirmation.ts";

/**
 * How to ask whoever sits at this process's terminal; undefined where nobody does. What is piped in was not typed: both ends must be
 * a terminal. Ctrl-C and Ctrl-D answer with nothing.
 */
export function personAtTerminal(): AskPerson {
  const { stdin: input, stderr: output } = process;
  if (!input.isTTY || !output.isTTY) return undefined;
  return async (question) => {
    const lines = createInterface({ input, output });
    const nothing = new Promise<string>((resolve) => {
      lines.once("SIGINT", () => resolve(""));
      lines.once("close", () => resolve(""));
    });
    try {
      return await Promise.race([lines.question(question), nothing]);
    } finally {
      lines.close();
    }
  };
}
