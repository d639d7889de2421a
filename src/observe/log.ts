import { pino } from "pino";
import type { TradeFields } from "../core/trade-log.ts";
import { openLogFile } from "./log-file.ts";
import { prettyLine } from "./pretty-line.ts";
import { type RecentLine, RecentLines } from "./recent-lines.ts";
import type { Redactor } from "./redactor.ts";
import { tradeLine } from "./trade-line.ts";

/** How important a line is. */
type LogLevel = "debug" | "info" | "warn" | "error";
/** What a line carries beside its message. */
export type LogFields = Readonly<Record<string, unknown>>;

/** Where the desk writes down what happens. Nothing here throws, and no secret passes. */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** A line of the trade log (GRID_TRADE, GRID_EQUITY, GRID_HEALTH); in the file before this returns. */
  trade(fields: TradeFields): void;
  /** The same log with fields that every line carries, e.g. the room. */
  child(fields: LogFields): Log;
  /** The last lines, the newest first, without those of the trade log. */
  recent(count: number): readonly RecentLine[];
  /** Writes out what waits. */
  close(): void;
}

/** How a log is made. */
export interface LogOptions {
  /** NDJSON file; undefined: none. */
  readonly file?: string | undefined;
  readonly level: LogLevel;
  readonly redactor: Redactor;
  /** Takes lines for a person (or NDJSON when it is no terminal); process.stderr when not named, null for none. */
  readonly screen?: { write(line: string): unknown; readonly isTTY?: boolean | undefined } | null | undefined;
}

/** Levels from here on are written out at once: what follows may be the end. */
const URGENT = 50;

/** Opens the log. Throws what node throws when the file can't be opened: say so and end. */
export function createLog(options: LogOptions): Log {
  const { redactor } = options;
  const screen = options.screen === undefined ? process.stderr : options.screen;
  const show = (line: string): void => {
    try {
      screen?.write(screen.isTTY === true ? prettyLine(line) : line);
    } catch {
      // A closed terminal must not end the desk.
    }
  };
  const recent = new RecentLines();
  let isFileTroubled = false;
  const file =
    options.file === undefined
      ? undefined
      : openLogFile(options.file, (reason) => {
          if (!isFileTroubled)
            show(`${JSON.stringify({ level: URGENT, msg: `the log file fails: ${reason}` })}\n`);
          isFileTroubled = true;
        });
  const logger = pino(
    { level: options.level, base: null, messageKey: "msg", timestamp: () => `,"time":${Date.now()}` },
    {
      write(raw: string) {
        const line = redactor.isIn(raw) ? withoutSecrets(raw, redactor) : raw;
        file?.write(line, isUrgent(line));
        recent.take(line);
        show(line);
      },
    },
  );
  return wrap(logger, redactor, recent, () => file?.close());
}

const isUrgent = (line: string): boolean => line.includes('"msg":"GRID_') || /^\{"level":(50|60)/.test(line);

/** The last check of a finished line, for what came around `deep`. */
function withoutSecrets(line: string, redactor: Redactor): string {
  try {
    return `${JSON.stringify(redactor.deep(JSON.parse(line)))}\n`;
  } catch {
    return `${JSON.stringify({ level: URGENT, msg: redactor.text(line.trimEnd()) })}\n`;
  }
}

function wrap(logger: pino.Logger, redactor: Redactor, recent: RecentLines, close: () => void): Log {
  const trades = logger.child({}, { level: "info" });
  const line =
    (level: LogLevel) =>
    (message: string, fields: LogFields = {}): void => {
      if (!logger.isLevelEnabled(level)) return;
      // A field of the line's own names would stand in it twice.
      const {
        level: _level,
        time: _time,
        msg: _msg,
        ...rest
      } = redactor.deep(fields) as Record<string, unknown>;
      logger[level](rest, redactor.text(message));
    };
  return {
    debug: line("debug"),
    info: line("info"),
    warn: line("warn"),
    error: line("error"),
    // Trades are the journal: they are written whatever the level.
    trade: (fields) => trades.info({ trade: redactor.deep(fields) }, redactor.text(tradeLine(fields))),
    child: (fields) => wrap(logger.child(redactor.deep(fields) as LogFields), redactor, recent, close),
    recent: (count) => recent.last(count),
    close,
  };
}
