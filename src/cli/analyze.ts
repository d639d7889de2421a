import { stat } from "node:fs/promises";
import { GridMetrics } from "../engines/grid/metrics.ts";
import { type LogLine, logFileLines, logLines } from "../observe/log-lines.ts";
import { readArguments, UsageError } from "./arguments.ts";
import { figuresDocument } from "./figures-document.ts";
import { figuresText } from "./figures-text.ts";
import { StartError } from "./start-error.ts";

const OPTIONS = {
  json: { type: "boolean" },
} as const;

const FILES_MAX = 10_000;

/** What the lines of all logs are. */
interface LineCounts {
  trade: number;
  other: number;
  /** Cut off, told before, or lacking what such a line must say. */
  torn: number;
  known: number;
  unusable: number;
}

/** One desk of the log. */
interface Desk {
  asset: string;
  readonly metrics: GridMetrics;
}

/** Computes the figures of logs; exit code 0 unless they can't be read or hold no trade log. */
export async function analyze(args: readonly string[]): Promise<number> {
  const { values, positionals } = readArguments(args, OPTIONS, FILES_MAX);
  if (positionals.length === 0)
    throw new UsageError("analyze needs a log, e.g. perpdesk analyze logs/perpdesk.log.");
  const desks = new Map<string, Desk>();
  const lines: LineCounts = { trade: 0, other: 0, torn: 0, known: 0, unusable: 0 };
  for (const path of await inOrder(positionals)) await read(path, desks, lines);
  if (lines.trade === 0)
    throw new StartError(
      `${positionals.map(nameOf).join(", ")}: no GRID_TRADE or GRID_EQUITY line in it; give the log of a desk that has traded.`,
    );
  const found = [...desks]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([desk, { asset, metrics }]) => ({ desk, asset, ...figuresDocument(metrics.report()) }));
  if (values.json === true) process.stdout.write(`${JSON.stringify({ lines, desks: found })}\n`);
  else process.stdout.write(`${found.map(deskText).join("\n\n")}\n${linesText(lines)}\n`);
  return 0;
}

async function read(path: string, desks: Map<string, Desk>, lines: LineCounts): Promise<void> {
  try {
    for await (const line of linesOf(path)) count(path, line, desks, lines);
  } catch (error) {
    if (error instanceof StartError) throw error;
    throw unreadable(path, error);
  }
}

function count(path: string, line: LogLine, desks: Map<string, Desk>, lines: LineCounts): void {
  if (line.type === "foreign")
    throw new StartError(
      `${nameOf(path)}: line ${line.number} is no JSON; give a log of the desk, one JSON document a line.`,
    );
  if (line.type !== "trade") {
    lines[line.type] += 1;
    return;
  }
  lines.trade += 1;
  const { Desk: name = "unnamed", Asset: asset } = line.fields;
  const desk = desks.get(String(name)) ?? { asset: "", metrics: new GridMetrics() };
  desks.set(String(name), desk);
  if (asset !== undefined) desk.asset = String(asset);
  const verdict = desk.metrics.add(line.fields);
  if (verdict.type !== "counted") lines[verdict.type] += 1;
}

/** Files by the time of their first line of the trade log; standard input last. */
async function inOrder(paths: readonly string[]): Promise<readonly string[]> {
  const dated: { readonly path: string; readonly at: number }[] = [];
  for (const path of paths) {
    if (paths.length > 1 || path !== "-") await requireFile(path);
    dated.push({ path, at: paths.length < 2 ? 0 : await firstTime(path) });
  }
  return dated.sort((a, b) => a.at - b.at).map(({ path }) => path);
}

async function firstTime(path: string): Promise<number> {
  if (path === "-") return Number.POSITIVE_INFINITY;
  try {
    for await (const line of logFileLines(path))
      if (line.type === "trade" && line.wallAt !== undefined) return line.wallAt;
  } catch (error) {
    throw unreadable(path, error);
  }
  return Number.NEGATIVE_INFINITY;
}

async function requireFile(path: string): Promise<void> {
  if (path === "-") return;
  const found = await stat(path).catch((error: unknown) => {
    throw unreadable(path, error);
  });
  if (found.isDirectory())
    throw new StartError(
      `"${path}" is a folder; name the log in it, e.g. ${path.replace(/\/+$/, "")}/perpdesk.log.`,
    );
}

const linesOf = (path: string): AsyncGenerator<LogLine> =>
  path === "-" ? logLines(process.stdin) : logFileLines(path);

function unreadable(path: string, error: unknown): StartError {
  const code = error instanceof Error && "code" in error ? String(error.code) : String(error);
  if (code === "ENOENT")
    return new StartError(`There is no file "${path}"; name a log, e.g. logs/perpdesk.log.`);
  return new StartError(`${nameOf(path)} can't be read (${code}).`);
}

const nameOf = (path: string): string => (path === "-" ? "standard input" : `"${path}"`);

function deskText({
  desk,
  asset,
  ...figures
}: ReturnType<typeof figuresDocument> & { desk: string; asset: string }): string {
  return `${desk}${asset === "" ? "" : `, money in ${asset}`}\n${figuresText(figures, asset)}`;
}

function linesText({ trade, torn, known, unusable }: LineCounts): string {
  const left = [
    ...(torn > 0 ? [`${torn} cut off`] : []),
    ...(known > 0 ? [`${known} told before`] : []),
    ...(unusable > 0 ? [`${unusable} unusable`] : []),
  ];
  return `\n${trade} lines of the trade log${left.length === 0 ? "" : `; left out: ${left.join(", ")}`}.`;
}
