import { UsageError } from "./arguments.ts";
import {
  ANALYZE_HELP,
  AUDIT_HELP,
  BACKTEST_HELP,
  CONFIRM_HELP,
  DOCTOR_HELP,
  INIT_HELP,
  REPLAY_HELP,
  START_HELP,
  TOTP_HELP,
  VENUE_HELP,
  WATCHDOG_HELP,
  WORKER_HELP,
} from "./help.ts";
import { StartError } from "./start-error.ts";
import { packageVersion } from "./version.ts";

/** A command of the command line: what it does and its help, which ends with an example. */
interface CliCommand {
  readonly help: string;
  run(args: readonly string[]): Promise<number>;
}

/** The command line's commands, by name. Each is loaded when it is asked for: a backtest needs no exchange client. */
export const CLI_COMMANDS: Readonly<Record<string, CliCommand>> = {
  start: { help: START_HELP, run: async (args) => (await import("./start.ts")).start(args) },
  init: { help: INIT_HELP, run: async (args) => (await import("./init.ts")).init(args) },
  venue: { help: VENUE_HELP, run: async (args) => (await import("./venue.ts")).venue(args) },
  backtest: { help: BACKTEST_HELP, run: async (args) => (await import("./backtest.ts")).backtest(args) },
  replay: { help: REPLAY_HELP, run: async (args) => (await import("./replay.ts")).replayCommand(args) },
  analyze: { help: ANALYZE_HELP, run: async (args) => (await import("./analyze.ts")).analyze(args) },
  audit: { help: AUDIT_HELP, run: async (args) => (await import("./audit.ts")).audit(args) },
  watchdog: { help: WATCHDOG_HELP, run: async (args) => (await import("./watchdog.ts")).watchdog(args) },
  worker: { help: WORKER_HELP, run: async (args) => (await import("./worker.ts")).worker(args) },
  doctor: { help: DOCTOR_HELP, run: async (args) => (await import("./doctor.ts")).doctor(args) },
  confirm: { help: CONFIRM_HELP, run: async (args) => (await import("./confirm.ts")).confirm(args) },
  totp: { help: TOTP_HELP, run: async (args) => (await import("./totp.ts")).totp(args) },
};

const HELP = `perpdesk ${packageVersion()}: a trading desk for crypto perpetual futures.

  start      run the desk (the default)
  init       ask for settings and write them to a file
  venue      run the built-in exchange alone
  backtest   run an engine over old candles at full speed
  replay     run a flight recording again and compare
  analyze    the figures of a trade log
  audit      check the audit ledger, also against a hash that was posted
  watchdog   speak up in the chats when the desk gives no sign of life
  worker     take housekeeping off the desk (needs Redis)
  doctor     look whether a start would go well, and say what to mend
  confirm    confirm live trading at a terminal
  totp       set up the authenticator of a person
  version    print the version

"perpdesk COMMAND --help" tells more, with an example.`;

/** Runs one command; returns its exit code: 0 done, 1 failed, 2 unusable arguments. */
export async function main(argv: readonly string[]): Promise<number> {
  const [name = "start", ...rest] = argv[0]?.startsWith("-") === false ? argv : ["start", ...argv];
  if (argv[0] === "--help" || argv[0] === "-h" || name === "help") {
    process.stdout.write(`${HELP}\n`);
    return 0;
  }
  if (argv[0] === "--version" || name === "version") {
    process.stdout.write(`${packageVersion()}\n`);
    return 0;
  }
  const command = Object.hasOwn(CLI_COMMANDS, name) ? CLI_COMMANDS[name] : undefined;
  if (command === undefined) {
    process.stderr.write(
      `perpdesk has no command "${name}"; it has ${Object.keys(CLI_COMMANDS).join(", ")}.\n`,
    );
    return 2;
  }
  if (rest.includes("--help") || rest.includes("-h")) {
    process.stdout.write(`${command.help}\n`);
    return 0;
  }
  try {
    return await command.run(rest);
  } catch (error) {
    if (error instanceof UsageError) {
      process.stderr.write(`${error.message}\n`);
      return 2;
    }
    if (error instanceof StartError) {
      process.stderr.write(`${error.message}\n`);
      return 1;
    }
    throw error;
  }
}
