import type { YAMLError, YAMLWarning } from "yaml";

/** What the reader of YAML found wrong, and where it noticed. */
type Fault = Pick<YAMLError | YAMLWarning, "code" | "message" | "pos">;

/** A place in a text, and what is wrong there with its mend. */
interface Found {
  readonly at: number;
  readonly text: string;
}

/**
 * What keeps a text from being YAML, one sentence each with place and mend. Whatever follows from a first mistake is left out: one
 * bracket that is missing makes the reader complain about every line below. `placeOf` names an offset as "file:line".
 */
export function yamlProblems(
  text: string,
  faults: readonly Fault[],
  placeOf: (offset: number) => string,
): readonly string[] {
  const [first] = faults;
  if (first === undefined) return [];
  const twice = faults.filter(({ code }) => code === "DUPLICATE_KEY");
  const found =
    first.code === "DUPLICATE_KEY" ? twice.map((fault) => told(text, fault)) : [told(text, first)];
  return found.map(({ at, text: said }) => `${placeOf(at)} is not valid YAML: ${said}.`);
}

function told(text: string, { code, message, pos: [at] }: Fault): Found {
  const open = /flow|closing/i.test(message) ? unpaired(text) : undefined;
  return open ?? { at, text: sentenceOf(text, code, message, at) };
}

function sentenceOf(text: string, code: Fault["code"], message: string, at: number): string {
  const line = text.slice(text.lastIndexOf("\n", at - 1) + 1).split("\n", 1)[0] ?? "";
  switch (code) {
    case "DUPLICATE_KEY":
      return `"${/^["']?([^"':\s,}]*)/.exec(text.slice(at))?.[1] ?? ""}" stands there a second time; remove one of the two`;
    case "TAB_AS_INDENT":
      return "a line begins with a tab; write spaces in front of it";
    case "BAD_INDENT":
      return OTHER_COLUMN;
    case "MULTILINE_IMPLICIT_KEY":
      return NO_COLON;
    case "MISSING_CHAR":
      return message.startsWith("Implicit map keys") ? NO_COLON : OTHER_COLUMN;
    case "BLOCK_IN_FLOW":
      return "a comma is missing between { and }, or [ and ]; write one behind each value";
    case "BLOCK_AS_IMPLICIT_KEY":
      if (/^\s*-[^\s-]/.test(line)) return "a list item has no space behind its -; write one";
      return message.startsWith("A block sequence")
        ? OTHER_COLUMN
        : 'a value goes on as another "name: value"; check the spaces in front of the next line, or put a text with a colon in quotes';
    case "BAD_SCALAR_START":
      return `a value can't begin with ${text[at] ?? "this"}; put it in quotes`;
    case "TAG_RESOLVE_FAILED":
      return "a value begins with !; remove that word, or put the value in quotes";
    case "MULTIPLE_DOCS":
      return "a second document begins with ---; remove that line";
    case "BAD_DQ_ESCAPE":
      return 'a \\ stands in a text between ""; write it twice, or use single quotes';
    default:
      return `${(message.split("\n", 1)[0] ?? message).replace(/[.:]\s*$/, "")}; look at this line and the one above it`;
  }
}

const OTHER_COLUMN =
  "a line begins at another column than those it belongs to; give it as many spaces as they have";
const NO_COLON = 'a line is no "name: value"; write a colon and a space behind the name';

const CLOSES: Readonly<Record<string, string>> = { "[": "]", "{": "}" };

/** A bracket or a quote without its other half: the innermost that is open where that shows. */
function unpaired(text: string): Found | undefined {
  const open: { readonly char: string; readonly at: number }[] = [];
  const left = (char: string, at: number): Found => ({
    at,
    text: `a ${char} is not closed; write the ${CLOSES[char] ?? char} that is missing`,
  });
  let at = 0;
  while (at < text.length) {
    const char = text[at] ?? "";
    const isBegun = /^$|[\s[{,:]/.test(text[at - 1] ?? "");
    if (char === "#" && isBegun) {
      const end = text.indexOf("\n", at);
      at = end < 0 ? text.length : end;
    } else if ((char === '"' || char === "'") && isBegun) {
      const end = quoteEnd(text, at);
      if (end === undefined) return left(char, at);
      at = end;
    } else if (char in CLOSES && (isBegun || open.length > 0)) open.push({ char, at });
    else if (
      (char === "]" || char === "}") &&
      (isBegun || open.length > 0 || /[\]}]/.test(text[at - 1] ?? ""))
    ) {
      const last = open.pop();
      if (last === undefined) return { at, text: `a ${char} closes nothing; remove it` };
      if (CLOSES[last.char] !== char) return left(last.char, last.at);
    }
    at += 1;
  }
  const last = open.at(-1);
  return last === undefined ? undefined : left(last.char, last.at);
}

/** Where a quoted text ends; undefined: nowhere, or only below another "name:", which is where somebody forgot it. */
function quoteEnd(text: string, from: number): number | undefined {
  const quote = text[from] ?? "";
  const pattern = quote === '"' ? /"(?:[^"\\]|\\[\s\S])*"/y : /'(?:[^']|'')*'/y;
  pattern.lastIndex = from;
  const found = pattern.exec(text)?.[0];
  if (found === undefined || /\n\s*[A-Za-z][\w.]*: /.test(found)) return undefined;
  return from + found.length - 1;
}
