import { type ParseArgsConfig, parseArgs } from "node:util";

/** What a person typed can't be used: one sentence, exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

/** Reads options and positionals; unknown ones are a `UsageError` that names them. */
export function readArguments<T extends NonNullable<ParseArgsConfig["options"]>>(
  args: readonly string[],
  options: T,
  positionals: number,
) {
  try {
    const read = parseArgs({ args: [...args], options, allowPositionals: true, strict: true });
    const extra = read.positionals[positionals];
    if (extra !== undefined) throw new UsageError(`"${extra}" is one argument too many; see --help.`);
    return read;
  } catch (error) {
    if (error instanceof UsageError) throw error;
    const text = error instanceof Error ? error.message.split(". ")[0] : String(error);
    throw new UsageError(`${text}; see --help.`);
  }
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Node's timers can't wait longer. */
const TIMER_MAX_MS = 24 * 86_400_000;

/** A duration such as "60s", "500ms", "10m" or "1h", in milliseconds. */
export function duration(text: string, option: string): number {
  const parts = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text);
  const ms = parts === null ? Number.NaN : Number(parts[1]) * (UNITS[parts[2] ?? ""] ?? Number.NaN);
  if (!(ms > 0)) throw new UsageError(`${option} "${text}" is no duration; write e.g. 60s, 10m or 1h.`);
  if (ms > TIMER_MAX_MS)
    throw new UsageError(`${option} "${text}" is longer than 24 days; write at most 24d.`);
  return ms;
}

/** A port from 0 to 65535; 0 takes any free one. */
export function port(text: string): number {
  const count = Number(text);
  if (!/^\d+$/.test(text) || count > 65_535)
    throw new UsageError(`--port "${text}" is no port; write a number from 0 to 65535.`);
  return count;
}

/** A speed above zero. */
export function speed(text: string): number {
  const factor = Number(text);
  if (!(factor > 0) || factor > 1_000_000)
    throw new UsageError(`--speed "${text}" is no speed; write a number above 0, e.g. 60.`);
  return factor;
}

/** A venue on this machine: only loopback addresses are taken (DESIGN.md section 7, threats). */
export function venueAddress(text: string): { readonly host: string; readonly port: number } {
  let url: URL;
  try {
    url = new URL(text);
  } catch {
    throw new UsageError(`--venue "${text}" is no address; write e.g. http://127.0.0.1:7070.`);
  }
  if (
    url.protocol !== "http:" ||
    !["127.0.0.1", "localhost", "[::1]"].includes(url.hostname) ||
    url.port === ""
  ) {
    throw new UsageError(`--venue "${text}" is not a venue on this machine; write http://127.0.0.1:PORT.`);
  }
  return { host: url.hostname === "[::1]" ? "::1" : "127.0.0.1", port: Number(url.port) };
}
