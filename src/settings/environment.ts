import { parseEnv } from "node:util";
import { mapLeaves, type Path, pathText, type Tree } from "./path.ts";

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The real environment with what `.env` adds; what is set for real wins. What is empty is not set in either: compose hands
 * on every variable that it knows, and .env.example names every one that there is.
 */
export function withEnvFile(env: Environment, envFile: string | undefined): Environment {
  const own = new Map<string, string>();
  const written = envFile === undefined ? {} : parseEnv(envFile);
  for (const [name, value] of [...Object.entries(written), ...Object.entries(env)])
    if (value !== undefined && value !== "") own.set(name, value);
  own.delete("__proto__");
  return Object.fromEntries(own);
}

/** A tree with its `${VAR}` filled in, and what could not be. */
export interface Expanded {
  readonly tree: Tree;
  readonly problems: readonly { readonly path: Path; readonly text: string }[];
}

const REFERENCE = /\$\{([^}]*)\}/g;
const NAMED = /^([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?$/s;

/**
 * Fills in `${VAR}` and `${VAR:-otherwise}`. A setting that is nothing but one reference to something empty is
 * left out, so that `${VAR:-}` makes it optional. Each variable that is missing is one problem, without a place.
 */
export function expand(tree: Tree, env: Environment): Expanded {
  const problems: { path: Path; text: string }[] = [];
  const filled = mapLeaves(tree, (leaf, path) => {
    if (leaf === null) return undefined;
    if (typeof leaf !== "string" || !leaf.includes("${")) return leaf;
    const text = leaf.replaceAll(REFERENCE, (whole, inner: string) => {
      const [, name, otherwise] = NAMED.exec(inner) ?? [];
      if (name === undefined) {
        problems.push({
          path,
          text: `${pathText(path)} refers to ${whole}: write it as \${NAME} or \${NAME:-}.`,
        });
        return "";
      }
      const set = Object.hasOwn(env, name) ? env[name] : undefined;
      if (set !== undefined && set !== "") return set;
      if (otherwise !== undefined) return otherwise;
      problems.push({
        path,
        text: `${pathText(path)} needs ${name}, which is not set: add the line ${name}=... to .env, or remove ${unit(path)}.`,
      });
      return "";
    });
    return text === "" ? undefined : text;
  });
  return { tree: filled as Tree, problems };
}

/** What makes sense to remove: a chat platform goes as a whole. */
const unit = (path: Path): string =>
  path[0] === "chat" && path.length > 2 ? `the section chat.${String(path[1])}` : "the setting";
