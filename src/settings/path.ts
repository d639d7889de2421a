/** Where a setting stands in the file, e.g. ["engines", 0, "take_profit"]. */
export type Path = readonly (string | number)[];

/** A path as people write it: engines[0].take_profit. */
export function pathText(path: Path): string {
  return path.reduce<string>(
    (text, part) => (typeof part === "number" ? `${text}[${part}]` : text === "" ? part : `${text}.${part}`),
    "",
  );
}

/** Whether `path` is `parent` or lies below it. */
export const isWithin = (path: Path, parent: Path): boolean =>
  parent.length <= path.length && parent.every((part, at) => part === path[at]);

/** A tree of maps and lists as YAML gives it. */
export type Tree = Readonly<Record<string, unknown>>;

/** Whether a part of a tree is a map. */
export const isMap = (node: unknown): node is Tree =>
  typeof node === "object" && node !== null && !Array.isArray(node);

/** What stands at a path; undefined when nothing does. */
export function at(tree: unknown, path: Path): unknown {
  let node: unknown = tree;
  for (const part of path) {
    if (Array.isArray(node) && typeof part === "number") node = node[part];
    else if (isMap(node) && typeof part === "string" && Object.hasOwn(node, part)) node = node[part];
    else return undefined;
  }
  return node;
}

/** The same tree with every leaf replaced; a leaf that becomes undefined is left out of its map. */
export function mapLeaves(
  node: unknown,
  leaf: (value: unknown, path: Path) => unknown,
  path: Path = [],
): unknown {
  if (Array.isArray(node)) return node.map((item, index) => mapLeaves(item, leaf, [...path, index]));
  if (!isMap(node)) return leaf(node, path);
  const entries = Object.entries(node).map(
    ([key, item]) => [key, mapLeaves(item, leaf, [...path, key])] as const,
  );
  return Object.fromEntries(entries.filter(([, item]) => item !== undefined));
}
