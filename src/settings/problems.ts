import type { z } from "zod";
import { nearest } from "../core/nearest.ts";
import { refusalOf } from "./about.ts";
import type { Layers } from "./layers.ts";
import { at, type Path, pathText, type Tree } from "./path.ts";

/** What zod keeps of a schema: just enough to walk to the keys that are allowed at a path. */
interface Walkable {
  readonly def: {
    readonly type: string;
    readonly shape?: Readonly<Record<string, unknown>>;
    readonly innerType?: unknown;
    readonly element?: unknown;
    readonly in?: unknown;
  };
}

/** Words of the seeds and of other bots, and what they are called here. */
const SYNONYMS: ReadonlyMap<string, string> = new Map([
  ["pair", "symbol"],
  ["strategies", "engines"],
  ["apikeys", "binance keys in .env"],
]);

/** Every issue as one sentence that names file, line, path, value and mend. `written` is as it stands in the file. */
export function sentences(
  issues: readonly z.core.$ZodIssue[],
  layers: Layers,
  written: Tree,
  schema: z.ZodType,
): readonly { readonly path: Path; readonly text: string }[] {
  return issues.flatMap((issue) => {
    const path = issue.path.filter((part) => typeof part !== "symbol");
    if (issue.code === "unrecognized_keys") {
      const map = mapAt(schema, path);
      return issue.keys.map((key) => unknownKey([...path, key], layers, map));
    }
    const value = at(written, path);
    const said = issue.code === "invalid_type" ? `write ${article(issue.expected)}` : issue.message;
    const mend = said.endsWith("?") ? said : `${said}.`;
    const text =
      value === undefined || value === null
        ? `${layers.place(path.slice(0, -1))}: ${pathText(path)} is missing: ${mend}`
        : `${layers.place(path)}: ${pathText(path)} is ${shown(value)}: ${mend}`;
    return [{ path, text }];
  });
}

function unknownKey(path: Path, layers: Layers, map: Walkable | undefined) {
  const key = String(path.at(-1));
  const refusal = refusalOf(map, key);
  if (refusal !== undefined)
    return { path, text: `${layers.place(path)}: ${pathText(path)} is no setting: ${refusal}.` };
  const known = Object.keys(map?.def.shape ?? {});
  const near = SYNONYMS.get(plain(key)) ?? nearest(key, known);
  const mend = near === undefined ? `remove it; known here: ${known.join(", ")}` : `did you mean ${near}?`;
  return { path, text: `${layers.place(path)}: ${pathText(path)} is no setting: ${mend}${near ? "" : "."}` };
}

/** What was written, short, on one line. */
function shown(value: unknown): string {
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "a map";
  const text = typeof value === "string" ? JSON.stringify(value) : String(value);
  return text.length > 60 ? `${text.slice(0, 60)}...` : text;
}

const article = (expected: string): string =>
  expected === "array" ? 'a list with "- " before each item' : 'a map with "name: value" lines';

/** The map that a schema has at a path. */
function mapAt(schema: unknown, path: Path): Walkable | undefined {
  let node = unwrapped(schema);
  for (const part of path) {
    node = unwrapped(typeof part === "number" ? node?.def.element : node?.def.shape?.[part]);
  }
  return node;
}

function unwrapped(schema: unknown): Walkable | undefined {
  if (typeof schema !== "object" || schema === null || !("def" in schema)) return undefined;
  const node = schema as Walkable;
  if (node.def.type === "pipe") return unwrapped(node.def.in);
  return node.def.innerType === undefined ? node : unwrapped(node.def.innerType);
}

const plain = (text: string): string => text.toLowerCase().replaceAll(/[_-]/g, "");
