import { isPair, isScalar, isMap as isYamlMap, LineCounter, parseDocument, visit } from "yaml";
import { isMap, type Path, type Tree } from "./path.ts";
import { yamlProblems } from "./yaml-problems.ts";

/** One file (or the command line) of settings with the places of its values. */
export interface Source {
  /** As it is named in messages. */
  readonly name: string;
  readonly tree: Tree;
  /** "name:line" of what stands at a path, or of the nearest thing above it. */
  place(path: Path): string;
}

/** A parsed source, or what is wrong with its text, one sentence each. */
export type ParsedSource =
  | { readonly ok: true; readonly source: Source }
  | { readonly ok: false; readonly problems: readonly string[] };

/** Keys that would reach into JavaScript's own objects. */
const FORBIDDEN_KEYS = new Set(["__proto__", "constructor", "prototype"]);

/** Reads YAML 1.2 without anchors that blow up, custom tags, duplicate or dangerous keys. Never throws. */
export function parseYaml(name: string, text: string): ParsedSource {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, schema: "core" });
  const placeOf = (offset: number | undefined): string =>
    offset === undefined ? name : `${name}:${lines.linePos(offset).line}`;
  const problems = [...yamlProblems(text, [...document.errors, ...document.warnings], placeOf)];
  visit(document, {
    Pair(_key, pair) {
      const key = isScalar(pair.key) ? pair.key : undefined;
      if (key !== undefined && FORBIDDEN_KEYS.has(String(key.value))) {
        problems.push(
          `${placeOf(key.range?.[0])} has the key "${String(key.value)}": remove it, no setting has that name.`,
        );
      }
    },
    Alias(_key, alias) {
      problems.push(
        `${placeOf(alias.range?.[0])} uses the alias *${alias.source}: write the value out instead.`,
      );
    },
  });
  if (problems.length > 0) return { ok: false, problems };
  const content: unknown = document.toJS() ?? {};
  if (!isMap(content)) {
    return {
      ok: false,
      problems: [`${name} must hold settings as "name: value" lines, not ${kindOf(content)}.`],
    };
  }
  const place = (path: Path): string => {
    for (let depth = path.length; depth > 0; depth -= 1) {
      const offset = offsetOf(document.contents, path.slice(0, depth));
      if (offset !== undefined) return placeOf(offset);
    }
    return name;
  };
  return { ok: true, source: { name, tree: content, place } };
}

/** Where the key (or the list item) at a path begins. */
function offsetOf(root: unknown, path: Path): number | undefined {
  const parent = path.slice(0, -1).reduce<unknown>((node, part) => {
    return typeof node === "object" && node !== null && "get" in node && typeof node.get === "function"
      ? node.get(part, true)
      : undefined;
  }, root);
  const last = path.at(-1);
  if (isYamlMap(parent)) {
    const pair = parent.items.find(
      (item) => isPair(item) && isScalar(item.key) && String(item.key.value) === last,
    );
    return isScalar(pair?.key) ? pair.key.range?.[0] : undefined;
  }
  if (typeof parent !== "object" || parent === null || !("items" in parent)) return undefined;
  const items = parent.items as readonly { readonly range?: readonly [number, number, number] | null }[];
  return typeof last === "number" ? items[last]?.range?.[0] : undefined;
}

const kindOf = (content: unknown): string => (Array.isArray(content) ? "a list" : `a ${typeof content}`);

/**
 * A settings file's text with one engine more, its comments kept. Lists of a file replace the shipped ones: where it has none of
 * its own, `beside` stand before the new one.
 */
export function withEngine(text: string, beside: readonly Tree[], engine: Tree): string {
  const document = parseDocument(text, { schema: "core" });
  if (document.contents === null) document.commentBefore = " Settings over config/default.yaml.";
  if (document.has("engines")) document.addIn(["engines"], engine);
  else document.set("engines", document.createNode([...beside, engine]));
  return document.toString();
}
