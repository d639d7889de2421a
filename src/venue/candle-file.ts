import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { type Millis, millis } from "../core/units.ts";

/** One line of a candle file: prices and volume as the file's numbers, not yet on any step. */
export interface FileCandle {
  readonly openAt: Millis;
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
  /** In the base asset. */
  readonly volume: number;
}

/** What can be wrong with a candle file. */
type CandleFault = "unreadable" | "badHeader" | "badNumber" | "badRange" | "backwardTime" | "gap" | "empty";

/** The candles and their length, or one sentence that names the file, the line and the mend. */
export type CandleReading =
  | { readonly ok: true; readonly candles: readonly FileCandle[]; readonly candleMs: number }
  | { readonly ok: false; readonly fault: CandleFault; readonly message: string };

const COLUMNS = ["open_time_ms", "open", "high", "low", "close", "volume"] as const;
const MINUTE_MS = 60_000;

/**
 * Reads a candle file: CSV, plain or gzip, header `open_time_ms,open,high,low,close,volume` (further columns are
 * fine). The length of a candle is the distance of the first two; every further one must follow at just that.
 */
export function readCandleFile(path: string): CandleReading {
  const read = readMarketText(path, "candle file");
  return read.ok ? parseCandles(read.text, path) : fault("unreadable", read.message);
}

/** The text of a market file, plain or gzip, or one sentence why it can't be read that calls it `what`. */
export function readMarketText(
  path: string,
  what: string,
): { readonly ok: true; readonly text: string } | { readonly ok: false; readonly message: string } {
  try {
    const bytes = readFileSync(path);
    const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
    return { ok: true, text: (isGzip ? gunzipSync(bytes) : bytes).toString("utf8") };
  } catch (error) {
    return { ok: false, message: `${what} ${path} can't be read: ${whyUnreadable(error)}` };
  }
}

/** The system's reason in words, with the mend. */
function whyUnreadable(error: unknown): string {
  const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
  if (code === "ENOENT") return "it does not exist, check the path";
  if (code === "EISDIR") return "it is a folder, name a CSV file in it";
  if (code === "EACCES") return "this user may not, change its permissions";
  const why = error instanceof Error ? error.message : String(error);
  return `${why} (${code}), name a whole CSV file, plain or gzip`;
}

const fault = (kind: CandleFault, message: string): CandleReading => ({ ok: false, fault: kind, message });

/** Parses the text of a candle file; `name` is what the messages call it. */
export function parseCandles(text: string, name: string): CandleReading {
  const lines = text.split(/\r?\n/);
  if (lines[lines.length - 1] === "") lines.pop();
  const header = (lines[0] ?? "").split(",").map((column) => column.trim());
  const missing = COLUMNS.find((column, at) => header[at] !== column);
  if (missing !== undefined) {
    return fault(
      "badHeader",
      `candle file ${name} must start with the header ${COLUMNS.join(",")}, not "${(lines[0] ?? "").slice(0, 80)}"`,
    );
  }
  const candles: FileCandle[] = [];
  let candleMs = MINUTE_MS;
  for (let at = 1; at < lines.length; at += 1) {
    const read = parseLine(lines[at] ?? "", `candle file ${name}, line ${at + 1}`);
    if ("fault" in read) return { ok: false, ...read };
    const before = candles[candles.length - 1];
    if (candles.length === 1 && before !== undefined && read.openAt > before.openAt) {
      candleMs = read.openAt - before.openAt;
    }
    const wrong = before && checkTime(before.openAt, read.openAt, candleMs, name, at + 1);
    if (wrong !== undefined) return wrong;
    candles.push(read);
  }
  if (candles.length === 0) return fault("empty", `candle file ${name} has a header but no candles`);
  return { ok: true, candles, candleMs };
}

function checkTime(
  before: Millis,
  openAt: Millis,
  candleMs: number,
  name: string,
  line: number,
): CandleReading | undefined {
  if (openAt <= before) {
    const words = `${timeText(openAt)} does not come after ${timeText(before)}`;
    return fault("backwardTime", `candle file ${name}, line ${line}: time goes back, ${words}`);
  }
  if (openAt === before + candleMs) return undefined;
  const words = `the candle after ${timeText(before)} is ${timeText(openAt)}, not ${candleMs / 1000} s later`;
  return fault(
    "gap",
    `candle file ${name}, line ${line}: there is a gap, ${words}; fill it or cut the file there`,
  );
}

const timeText = (at: number): string => new Date(at).toISOString().replace(".000Z", "Z");

type LineFault = { readonly fault: CandleFault; readonly message: string };

function parseLine(line: string, where: string): FileCandle | LineFault {
  const cells = line.split(",");
  const numbers: number[] = [];
  for (const [at, column] of COLUMNS.entries()) {
    const text = (cells[at] ?? "").trim();
    const count = text === "" ? Number.NaN : Number(text);
    const isFit = Number.isFinite(count) && (column === "volume" ? count >= 0 : count > 0);
    if (!isFit || (column === "open_time_ms" && !Number.isSafeInteger(count))) {
      return { fault: "badNumber", message: `${where}: ${column} "${text}" is not a fitting number` };
    }
    numbers.push(count);
  }
  const [openAt = 0, open = 0, high = 0, low = 0, close = 0, volume = 0] = numbers;
  if (openAt > 8.64e15)
    return { fault: "badNumber", message: `${where}: open_time_ms "${openAt}" is no time` };
  if (high < low) return { fault: "badRange", message: `${where}: high ${high} is below low ${low}` };
  if (open > high || open < low || close > high || close < low) {
    return {
      fault: "badRange",
      message: `${where}: open or close lies outside of low ${low} to high ${high}`,
    };
  }
  return { openAt: millis(openAt), open, high, low, close, volume };
}
