import { createReadStream, readdirSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import type { TradeFields } from "../core/trade-log.ts";

/**
 * One line of a log. `other`: a line of the log that is none of the trade log. `torn`: the last one, cut off, as a kill or a
 * full disk leaves it. `foreign`: no line of a log at all.
 */
export type LogLine =
  | { readonly type: "trade"; readonly fields: TradeFields; readonly wallAt: number | undefined }
  | { readonly type: "other" | "torn" | "foreign"; readonly number: number };

/** Longer texts without a line end are no log. */
const LINE_MAX = 4_000_000;

/** Reads a log of NDJSON, plain or gzip, line by line. Rejects when it can't be read. */
export async function* logLines(source: AsyncIterable<Buffer>): AsyncGenerator<LogLine> {
  let number = 0;
  for await (const { text, isCut } of linesOf(unpacked(source))) {
    number += 1;
    if (text.trim() === "") continue;
    yield lineOf(text, number, isCut);
  }
}

/** A log file's lines. Rejects with node's error when it can't be opened or read. */
export const logFileLines = (path: string): AsyncGenerator<LogLine> => logLines(createReadStream(path));

/**
 * A log file and what was rotated away from it, oldest first: NAME.1, NAME-20261129, each also with .gz, as logrotate
 * names them. Only files that exist.
 */
export function logFiles(path: string): readonly string[] {
  const name = basename(path);
  const folder = dirname(path);
  const found: { readonly path: string; readonly at: number }[] = [];
  for (const other of namesIn(folder)) {
    if (!other.startsWith(name) || !/^([.-]\d+(\.gz)?)?$/.test(other.slice(name.length))) continue;
    const at = other === name ? Number.POSITIVE_INFINITY : statSync(join(folder, other)).mtimeMs;
    found.push({ path: join(folder, other), at });
  }
  return found.sort((a, b) => a.at - b.at || (a.path < b.path ? 1 : -1)).map((each) => each.path);
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function lineOf(text: string, number: number, isCut: boolean): LogLine {
  const isObject = text.startsWith("{");
  // Most lines are none of ours: they need not be parsed.
  if (isObject && !isCut && !text.includes('"GRID_')) return { type: "other", number };
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch {
    return { type: isObject && isCut ? "torn" : "foreign", number };
  }
  if (typeof content !== "object" || content === null || Array.isArray(content))
    return { type: "foreign", number };
  const { trade, msg, time } = content as Record<string, unknown>;
  if (typeof trade !== "object" || trade === null || !/^GRID_[A-Z]+ \|/.test(String(msg)))
    return { type: "other", number };
  const fields = Object.entries(trade).filter(
    (field): field is [string, string | number] =>
      typeof field[1] === "string" || typeof field[1] === "number",
  );
  return {
    type: "trade",
    fields: Object.fromEntries(fields),
    wallAt: typeof time === "number" ? time : undefined,
  };
}

/** `isCut`: the text ends without the end of a line. */
async function* linesOf(
  source: AsyncIterable<Buffer>,
): AsyncGenerator<{ readonly text: string; readonly isCut: boolean }> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of source) {
    const parts = `${rest}${decoder.decode(chunk, { stream: true })}`.split("\n");
    rest = parts.pop() ?? "";
    for (const text of parts) yield { text, isCut: false };
    if (rest.length > LINE_MAX) {
      yield { text: "not a log", isCut: true };
      return;
    }
  }
  if (rest !== "") yield { text: rest, isCut: true };
}

/** What is packed with gzip is unpacked; a gzip file that is cut off ends where it is cut. */
async function* unpacked(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const chunks = source[Symbol.asyncIterator]();
  const first = await chunks.next();
  if (first.done === true) return;
  const whole = again(first.value, chunks);
  if (first.value[0] !== 0x1f || first.value[1] !== 0x8b) {
    yield* whole;
    return;
  }
  const packed = Readable.from(whole);
  const plain = createGunzip();
  packed.on("error", (error) => plain.destroy(error));
  try {
    yield* packed.pipe(plain);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "Z_BUF_ERROR")) throw error;
  }
}

async function* again(first: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield first;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
}
