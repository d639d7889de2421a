import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";

/** The project's folder. */
export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** A file of the project as text. */
export const read = (path: string): string => readFileSync(join(ROOT, path), "utf8");

/** All files below a folder with one of these endings, with forward slashes. */
export function filesUnder(folder: string, ending: string): readonly string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .map((name) =>
      relative(ROOT, join(ROOT, folder, name))
        .split(sep)
        .join("/"),
    )
    .filter((path) => path.endsWith(ending) && statSync(join(ROOT, path)).isFile())
    .sort();
}

/** What people read: README, changelog and docs; reports of measurements are written by programs. */
export const PAGES: readonly string[] = [
  "README.md",
  "CHANGELOG.md",
  ...filesUnder("docs", ".md").filter((path) => !path.startsWith("docs/evidence/")),
];

/** All sources below some folders as one text. */
export const sources = (...folders: readonly string[]): string =>
  folders
    .flatMap((folder) => filesUnder(folder, ".ts"))
    .map(read)
    .join("\n");

/** Every match's first group, each once, sorted. */
export function found(text: string, pattern: RegExp): readonly string[] {
  return [...new Set([...text.matchAll(pattern)].map((match) => match[1] ?? ""))].sort();
}

/** The part of a page under a heading, up to the next heading of the same or a higher level. */
export function section(page: string, heading: string): string {
  const lines = read(page).split("\n");
  const from = lines.indexOf(heading);
  if (from < 0) throw new Error(`${page} has no heading "${heading}"`);
  const level = /^#+/.exec(heading)?.[0].length ?? 1;
  const end = lines.findIndex((line, at) => at > from && new RegExp(`^#{1,${level}} `).test(line));
  return lines.slice(from + 1, end < 0 ? undefined : end).join("\n");
}

/** A table's rows as cells, without its head. */
export function rows(text: string): readonly (readonly string[])[] {
  return text
    .split("\n")
    .filter((line) => line.startsWith("|"))
    .map((line) =>
      line
        .slice(1, -1)
        .split("|")
        .map((cell) => cell.trim()),
    )
    .filter((cells, at, all) => !isRule(cells) && !isRule(all[at + 1] ?? []));
}

const isRule = (cells: readonly string[]): boolean =>
  cells.length > 0 && cells.every((cell) => /^-+$/.test(cell));

/** The texts that stand in backticks, without blocks of code. */
export const ticked = (text: string): readonly string[] =>
  [...text.replaceAll(/^ *```[\s\S]*?^ *```$/gm, "").matchAll(/`([^`\n]+)`/g)].map((m) => m[1] ?? "");

/** The anchor that a heading gets on the usual sites. */
export const anchor = (heading: string): string =>
  heading
    .replace(/^#+ /, "")
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
    .replaceAll(" ", "-");
