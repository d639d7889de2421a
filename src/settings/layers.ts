import { at, isMap, type Path, type Tree } from "./path.ts";
import type { Source } from "./yaml-source.ts";

/** Several sources laid over each other: maps are merged key by key, everything else replaces. */
export interface Layers {
  readonly tree: Tree;
  /** Where a value (or, if there is none, the nearest thing above it) was written. */
  place(path: Path): string;
  /** Whether a person set it, rather than the shipped defaults. */
  isChosen(path: Path): boolean;
}

/** Lays later sources over earlier ones; the first one holds the defaults. */
export function layer(sources: readonly Source[]): Layers {
  const [defaults, ...chosen] = sources;
  const tree = sources.reduce<Tree>((below, source) => merged(below, source.tree), {});
  const writer = (path: Path): Source | undefined =>
    sources.findLast((source) => at(source.tree, path) !== undefined);
  return {
    tree,
    place: (path) => {
      for (let depth = path.length; depth > 0; depth -= 1) {
        const source = writer(path.slice(0, depth));
        if (source !== undefined) return source.place(path);
      }
      return (chosen.at(-1) ?? defaults)?.name ?? "settings";
    },
    isChosen: (path) => chosen.some((source) => at(source.tree, path) !== undefined),
  };
}

function merged(below: Tree, above: Tree): Tree {
  const result: Record<string, unknown> = { ...below };
  for (const [key, value] of Object.entries(above)) {
    const under = below[key];
    result[key] = isMap(under) && isMap(value) ? merged(under, value) : value;
  }
  return result;
}
