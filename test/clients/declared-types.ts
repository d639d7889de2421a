import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { invariant } from "../../src/core/invariant.ts";

/** How a payload falls short of its declared type: where, and what is wrong there. */
type Shortfall = string;

/** A declared type: an object with fields, or another name for a type expression. */
type Declared =
  | { readonly fields: ReadonlyMap<string, string> }
  | { readonly alias: string }
  | { readonly unreadable: string };

/**
 * The type declarations of an installed package, read from its text: what its authors say that the exchange sends.
 * Reads interfaces with plain fields, `extends Array<...>` and aliases; whatever it can't read is an error once asked for.
 */
export class DeclaredTypes {
  readonly #text: string;
  readonly #types = new Map<string, Declared>();

  constructor(text: string) {
    this.#text = text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\/\/.*$/gm, "");
    for (const found of this.#text.matchAll(/^interface ([\w$]+)( extends Array<(.+)>)? \{([\s\S]*?)\}$/gm)) {
      const [, name = "", , item, body = ""] = found;
      this.#types.set(name, item === undefined ? fieldsOf(body) : { alias: `Array<${item}>` });
    }
    for (const found of this.#text.matchAll(/^type ([\w$]+) = ([^;]+);/gm)) {
      const [, name = "", alias = ""] = found;
      this.#types.set(name, { alias });
    }
  }

  /** The type that each method of a class answers with, by method name; `wrapper` is what the answer is wrapped in. */
  methodsOf(className: string, wrapper: string): ReadonlyMap<string, string> {
    const start = this.#text.indexOf(`declare class ${className} {`);
    invariant(start >= 0, `the declarations hold a class ${className}`);
    const body = this.#text.slice(start, this.#text.indexOf("\n}", start));
    const found = body.matchAll(new RegExp(`^  (\\w+)\\(.*\\): (?:Promise<)?${wrapper}<([^<>]+)>>?;`, "gm"));
    const methods = new Map([...found].map(([, name = "", type = ""]) => [name, type]));
    invariant(methods.size > 0, `class ${className} has methods that answer with ${wrapper}`);
    return methods;
  }

  /** The members of a union of events that are told apart by `e`: the type of each by its event name. */
  eventsOf(union: string): ReadonlyMap<string, string> {
    const declared = this.#types.get(union);
    // Its members hold a `;` of their own, so the alias above ends early: it is read once more from the text.
    invariant(declared !== undefined, `the declarations hold a type ${union}`);
    const start = this.#text.indexOf(`type ${union} = `);
    const body = this.#text.slice(start, this.#text.indexOf(");", start));
    return new Map([...body.matchAll(/e: '(\w+)';\s*\} & (\w+)/g)].map(([, e = "", type = ""]) => [e, type]));
  }

  /**
   * Everything that a payload lacks of a declared type, or has of another kind; empty when it has all of it. The rows of
   * the lists at `together` are alternatives whose declaration is the sum of them, so they are read as one row.
   */
  shortfalls(
    type: string,
    payload: unknown,
    together: readonly string[] = [],
    path = "",
  ): readonly Shortfall[] {
    const members = type.split("|").map((each) => each.trim());
    if (members.length > 1) {
      const tried = members.map((each) => this.shortfalls(each, payload, together, path));
      return tried.reduce((best, each) => (each.length < best.length ? each : best));
    }
    const item = /^Array<(.*)>$/.exec(type)?.[1];
    if (item !== undefined) {
      if (!Array.isArray(payload)) return [`${path} is no list`];
      // An empty list of rows shows nothing of what its rows lack; rows without names can lack nothing.
      const hasNames = !PLAIN.has(item) && !item.startsWith("Array<");
      if (payload.length === 0 && hasNames) return [`${path} is an empty list`];
      const rows = together.includes(`${path}[]`) ? [Object.assign({}, ...payload)] : payload;
      return [...new Set(rows.flatMap((each) => this.shortfalls(item, each, together, `${path}[]`)))];
    }
    if (PLAIN.has(type)) return isPlain(type, payload) ? [] : [`${path} is ${kindOf(payload)}, not ${type}`];
    const declared = this.#types.get(type);
    invariant(declared !== undefined, `the declarations hold a type ${type}`);
    if ("alias" in declared) return this.shortfalls(declared.alias, payload, together, path);
    invariant("fields" in declared, `the fields of ${type} can be read`);
    if (typeof payload !== "object" || payload === null || Array.isArray(payload)) {
      return [`${path} is ${kindOf(payload)}, not ${type}`];
    }
    const row = payload as Record<string, unknown>;
    return [...declared.fields].flatMap(([name, kind]) =>
      Object.hasOwn(row, name)
        ? this.shortfalls(kind, row[name], together, `${path}.${name}`)
        : [`${path}.${name} is missing`],
    );
  }
}

/** The declarations of Binance's own connector for USDT-M futures. */
export function connectorTypes(): DeclaredTypes {
  const main = createRequire(import.meta.url).resolve("@binance/derivatives-trading-usds-futures");
  return new DeclaredTypes(readFileSync(main.replace(/index\.m?js$/, "index.d.ts"), "utf8"));
}

function fieldsOf(body: string): Declared {
  const lines = body.split("\n").filter((line) => line.trim() !== "");
  const fields = lines.map((line) => /^ {2}(?:readonly )?'?([\w$]+)'?\??: (.+);$/.exec(line));
  const wrong = fields.indexOf(null);
  if (wrong >= 0) return { unreadable: lines[wrong] ?? "" };
  return { fields: new Map(fields.map((each) => [each?.[1] ?? "", each?.[2] ?? ""])) };
}

const PLAIN = new Set(["string", "number", "bigint", "boolean", "object", "void"]);

const isPlain = (type: string, found: unknown): boolean =>
  type === "void" || (type === "object" ? typeof found === "object" : typeof found === type);

const kindOf = (found: unknown): string =>
  found === null ? "null" : Array.isArray(found) ? "a list" : `a ${typeof found}`;
