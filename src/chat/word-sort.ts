import { z } from "zod";

/**
 * Sorts typed words into arguments by their form. Of two words for one argument the first stays, and the second becomes
 * `extra`, which a schema refuses with `oneWordTooMany`: nobody knows which of them was meant.
 */
export function sortedBy(
  words: readonly string[],
  nameOf: (word: string, at: number) => string,
): Readonly<Record<string, string>> {
  const named: Record<string, string> = {};
  for (const [at, word] of words.entries()) {
    const name = nameOf(word, at);
    const free = name in named ? "extra" : name;
    if (!(free in named)) named[free] = word;
  }
  return named;
}

/** Refuses a word that was understood as nothing, with what may be said. */
export const oneWordTooMany = (mend: string) =>
  z
    .string()
    .optional()
    .superRefine((text, context) => {
      if (text === undefined) return;
      context.addIssue({ code: "custom", message: `"${text.slice(0, 40)}" is one word too many; ${mend}` });
    });
