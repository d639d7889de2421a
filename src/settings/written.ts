import { isMap, type Path, pathText, type Tree } from "./path.ts";

/** A tree of settings as lines: where each value stands, and what was written. Empty lists and maps are said, too. */
export function writtenSettings(tree: Tree): readonly { readonly path: string; readonly text: string }[] {
  return linesOf(tree, []);
}

function linesOf(node: unknown, path: Path): { path: string; text: string }[] {
  const inside: readonly (readonly [string | number, unknown])[] | undefined = Array.isArray(node)
    ? node.map((item, at) => [at, item] as const)
    : isMap(node)
      ? Object.entries(node)
      : undefined;
  if (inside === undefined) return [{ path: pathText(path), text: String(node ?? "not set") }];
  if (inside.length === 0) return [{ path: pathText(path), text: "none" }];
  return inside.flatMap(([name, item]) => linesOf(item, [...path, name]));
}
