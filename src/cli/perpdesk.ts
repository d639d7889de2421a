import { ANALYZE_HELP, analyze } from "./analyze.ts";
import { UsageError } from "./arguments.ts";
import { CONFIRM_HELP, confirm } from "./confirm.ts";
import { DOCTOR_HELP, doctor } from "./doctor.ts";
import { INIT_HELP, init } from "./init.ts";
import { REPLAY_HELP, replayCommand } from "./replay.ts";
import { START_HELP, start } from "./start.ts";
import { StartError } from "./start-error.ts";
import { VENUE_HELP, venue } from "./venue.ts";
import { packageVersion } from "./version.ts";
import { WORKER_HELP, worker } from "./worker.ts";

/** A command of the command line: what it does and its help, which ends with an example. */
interface CliCommand {
  readonly help: string;
  run(args: readonly string[]): Promise<number>;
}

/** The command line's commands, by name. */
export const CLI_COMMANDS: Readonly<Record<string, CliCommand>> = {
  start: { help: START_HELP, run: start },
  init: { help: INIT_HELP, run: (args) => init(args) },
  venue: { help: VENUE_HELP, run: venue },
  replay: { help: REPLAY_HELP, run: replayCommand },
  analyze: { help: ANALYZE_HELP, run: analyze },
  worker: { help: WORKER_HELP, run: worker },
  doctor: { help: DOCTOR_HELP, run: doctor },
  confirm: { help: CONFIRM_HELP, run: confirm },
};

const HELP = `perpdesk ${packageVersion()}: a trading desk for crypto perpetual futures.

  start      run the desk (the default)
  init       ask for settings and write them to a file
  venue      run the built-in exchange alone
  replay     run a flight recording again and compare
  analyze    the figures of a trade log
  worker     take housekeeping off the desk (needs Redis)
  doctor     look whether a start would go well, and say what to mend
  confirm    confirm live trading at a terminal
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
