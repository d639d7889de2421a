import { type InexactError, rateOf } from "../core/text.ts";
import { type Millis, millis, type Rate, rate } from "../core/units.ts";
import { readMarketText } from "../venue/candle-file.ts";
import type { MarketSource } from "../venue/market-source.ts";

/** What longs paid shorts at one time. */
export interface FundingLine {
  readonly at: Millis;
  readonly rate: Rate;
}

/** The lines of a funding file with the interval that all of them lie on, or one sentence that says what to mend. */
export type FundingReading =
  | { readonly ok: true; readonly lines: readonly FundingLine[]; readonly intervalMs: number }
  | { readonly ok: false; readonly message: string };

const HOUR_MS = 3_600_000;
const USUAL_MS = 8 * HOUR_MS;
const HEADER = ["time_ms", "rate"] as const;

/** Reads a funding file: CSV, plain or gzip, header `time_ms,rate`, the rate of the whole interval. Times go to the nearest hour. */
export function readFundingFile(path: string): FundingReading {
  const read = readMarketText(path, "funding file");
  return read.ok ? parseFunding(read.text, path) : read;
}

/** Parses the text of a funding file; `name` is what the messages call it. */
function parseFunding(text: string, name: string): FundingReading {
  const rows = text.split(/\r?\n/).filter((row) => row !== "");
  const header = (rows[0] ?? "").split(",").map((column) => column.trim());
  if (HEADER.some((column, at) => header[at] !== column)) {
    const found = (rows[0] ?? "").slice(0, 80);
    return fault(`funding file ${name} must start with the header ${HEADER.join(",")}, not "${found}"`);
  }
  const lines: FundingLine[] = [];
  let interval = USUAL_MS;
  for (const [index, row] of rows.slice(1).entries()) {
    const where = `funding file ${name}, line ${index + 2}`;
    const [time = "", part = ""] = row.split(",").map((cell) => cell.trim());
    const told = Number(time);
    if (time === "" || !Number.isFinite(told) || told <= 0)
      return fault(`${where}: time_ms "${time}" is no time`);
    const at = Math.round(told / HOUR_MS) * HOUR_MS;
    const before = lines[lines.length - 1];
    if (before !== undefined && at <= before.at)
      return fault(`${where}: time goes back, sort the file by time_ms`);
    interval = divisor(interval, at);
    const counted = rateIn(part);
    if (counted === undefined) return fault(`${where}: rate "${part}" is no rate like 0.0001`);
    lines.push({ at: millis(at), rate: counted });
  }
  if (lines.length === 0) return fault(`funding file ${name} has a header but no rates`);
  return { ok: true, lines, intervalMs: interval };
}

const fault = (message: string): FundingReading => ({ ok: false, message });

const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b));

/** A rate to the nearest 1e-8: some files carry more digits. */
function rateIn(text: string): Rate | undefined {
  if (text === "" || !Number.isFinite(Number(text))) return undefined;
  try {
    return rateOf(text, "rate");
  } catch (error) {
    if ((error as InexactError).name !== "InexactError") throw error;
    return rate(Math.round(Number(text) * 1e8));
  }
}

/**
 * A market whose funding is a file's: each rate at its own time and nothing in between. Before and after the file the
 * exchange's standing rate holds every eight hours.
 */
export function fundedMarket(source: MarketSource, lines: readonly FundingLine[]): MarketSource {
  const rates = new Map(lines.map((line) => [line.at, line.rate]));
  const from = lines[0]?.at ?? 0;
  const to = lines[lines.length - 1]?.at ?? 0;
  return {
    instruments: source.instruments,
    candleMs: source.candleMs,
    nextAt: () => source.nextAt(),
    next: () => source.next(),
    fundingRate: (_, at) => {
      if (at >= from && at <= to) return rates.get(at) ?? rate(0);
      return at % USUAL_MS === 0 ? undefined : rate(0);
    },
  };
}
