import { type RunningDesk, startDesk } from "../main.ts";
import { createLog, type Log } from "../observe/log.ts";
import { createRedactor } from "../observe/redactor.ts";
import type { Settings } from "../settings/settings.ts";
import { duration, readArguments, speed, UsageError, venueAddress } from "./arguments.ts";
import { GridSetups } from "./grid-setup.ts";
import { personAtTerminal } from "./person.ts";
import { readSettings } from "./read-settings.ts";
import { simKeys } from "./sim-keys.ts";
import { VenueError } from "./sim-venue.ts";
import { StartError } from "./start-error.ts";
import { stopSignal } from "./stop-signal.ts";
import { readSummary, summaryText } from "./summary.ts";
import { systemClock } from "./system-clock.ts";
import { packageVersion } from "./version.ts";

const OPTIONS = {
  config: { type: "string" },
  mode: { type: "string" },
  market: { type: "string" },
  speed: { type: "string" },
  venue: { type: "string" },
  for: { type: "string" },
  json: { type: "boolean" },
} as const;

/** Runs the desk until it is told to stop. Returns the exit code. */
export async function start(args: readonly string[]): Promise<number> {
  const { values } = readArguments(args, OPTIONS, 0);
  const forMs = values.for === undefined ? undefined : duration(values.for, "--for");
  const venue = values.venue === undefined ? undefined : venueAddress(values.venue);
  if (values.speed !== undefined) speed(values.speed);
  const from = {
    configFile: values.config,
    env: process.env,
    cwd: process.cwd(),
    overrides: { mode: values.mode, market: values.market, speed: values.speed },
  };
  const loaded = await readSettings(from);
  const { settings } = loaded;
  refuseOutsideSim(settings.mode, values);
  if (venue !== undefined && settings.engines.length === 0)
    throw new UsageError("--venue needs at least one engine in the settings.");
  const keys = simKeys(process.env);
  const redactor = createRedactor([...loaded.secrets, ...keys.secrets]);
  const log = openLog(settings, redactor);
  const stopping = stopSignal({ log, redactor });
  const startedAt = Date.now();
  const output = values.json === true ? process.stderr : process.stdout;
  const running = await startDesk({
    settings,
    written: loaded.written,
    version: packageVersion(),
    log,
    redactor,
    clock: systemClock,
    venue,
    keys: keys.keys,
    setup: new GridSetups(from, (text) => log.info(text)),
    ask: personAtTerminal(),
    terminal: { output },
    stopping: stopping.asked,
  }).catch((error: unknown) => {
    if (error instanceof StartError) throw error;
    if (error instanceof VenueError) throw new StartError(error.message);
    log.error("the start failed", { error: redactor.deep(error) });
    const text = redactor.text(error instanceof Error ? error.message : String(error)).split("\n")[0];
    throw new StartError(`The start failed (${text}): ${settings.log.file} tells more.`);
  });
  for (const note of [...loaded.notes, ...running.notes]) log.warn(note);
  output.write(`${greeting(running, settings)}\n`);
  const timer = forMs === undefined ? undefined : setTimeout(() => stopping.stop("time is up"), forMs);
  const reason = await stopping.asked;
  clearTimeout(timer);
  log.info(`stopping: ${reason}`);
  const market = settings.mode !== "sim" ? settings.exchange : (values.venue ?? settings.market);
  const entriesLeft = await running.quiesce();
  const read = await readSummary(running, startedAt, market);
  const isFault = reason.startsWith("fatal");
  const cleanShutdown = await running.stop(isFault ? redactor.text(reason) : undefined);
  const summary = { ...read, entriesLeft, cleanShutdown };
  process.stdout.write(values.json === true ? `${JSON.stringify(summary)}\n` : `${summaryText(summary)}\n`);
  log.close();
  return isFault || !cleanShutdown ? 1 : 0;
}

/** Somebody who types at the terminal sees what chat shows; of the log only errors, the rest is in the file. */
const ERRORS_ONLY = {
  isTTY: false,
  write: (line: string): void => {
    if (/^\{"level":(50|60)/.test(line)) process.stderr.write(`${String(JSON.parse(line).msg)}\n`);
  },
};

function openLog(settings: Settings, redactor: ReturnType<typeof createRedactor>): Log {
  try {
    const screen = process.stdin.isTTY ? ERRORS_ONLY : process.stderr;
    return createLog({ file: settings.log.file, level: settings.log.level, redactor, screen });
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
    throw new StartError(`log.file "${settings.log.file}" can't be written (${code}); name another file.`);
  }
}

/** Where the exchange is real, nothing may lead the desk elsewhere (DESIGN.md section 7, threats). */
function refuseOutsideSim(
  mode: string,
  options: { readonly venue?: string | undefined; readonly market?: string | undefined },
): void {
  if (mode === "sim") return;
  for (const name of ["venue", "market"] as const) {
    if (options[name] === undefined) continue;
    throw new StartError(
      `--${name} is for sim mode only: in ${mode} mode the desk speaks to the real exchange, remove it.`,
    );
  }
}

function greeting(running: RunningDesk, settings: Settings): string {
  const { state } = running.desk.kernel;
  const grids = settings.engines.map((grid) => `${grid.name} (${grid.direction} ${grid.symbol})`).join(", ");
  const chats = [settings.chat.telegram && "Telegram", settings.chat.discord && "Discord", "this terminal"]
    .filter(Boolean)
    .join(", ");
  const symbol = settings.engines[0]?.symbol ?? "SYMBOL";
  return [
    `perpdesk ${state.config.version}: mode ${settings.mode}, venue ${state.config.venue}, speed ${settings.speed}x, account ${settings.account.name}.`,
    `Market: ${settings.mode === "sim" ? settings.market : settings.exchange}. Engines: ${grids || "none"}.`,
    ...running.notes,
    `Chat: ${chats}. Jobs: ${running.queue}. Log: ${settings.log.file}.`,
    `Type help, status, positions, close ${symbol} or panic. Ctrl-C ends cleanly.`,
    `Entries start in ${Math.round(state.config.entriesHoldMs / 1000)} s, when nothing can be on its way any more.`,
  ].join("\n");
}
