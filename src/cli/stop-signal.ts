import { installCrashGuard } from "../observe/crash-guard.ts";
import type { Log } from "../observe/log.ts";
import type { Redactor } from "../observe/redactor.ts";
import { StartError } from "./start-error.ts";

/** What the ways to stop need. */
interface StopSignalParts {
  readonly log: Log;
  readonly redactor: Redactor;
  /** The process, or a stand-in that emits the same events. */
  readonly process?: Pick<NodeJS.Process, "on" | "off" | "exit" | "stdin" | "stdout" | "stderr">;
  /** Milliseconds that never jump; the machine's unless set. */
  readonly monotonic?: () => number;
}

/** Signals so near to the first one are the same one. */
const SAME_MS = 500;

/** One promise for all the ways to stop. */
interface StopSignal {
  /** Resolves with the reason: a signal's name, "fatal: ..." or what `stop` was told. */
  readonly asked: Promise<string>;
  stop(reason: string): void;
}

/**
 * Hears every way to stop: Ctrl-C, a termination, the end of the terminal, a fatal error. A second Ctrl-C or termination ends the
 * process at once, but for one that comes with the first: npm hands on what the terminal has sent already. A terminal that goes may
 * say so twice, and its going must not cut a clean end short.
 */
export function stopSignal({
  log,
  redactor,
  process: target = process,
  monotonic = () => performance.now(),
}: StopSignalParts): StopSignal {
  let stop: (reason: string) => void = () => undefined;
  const asked = new Promise<string>((resolve) => {
    stop = resolve;
  });
  let first: number | undefined;
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    target.on(signal, () => {
      const now = monotonic();
      if (first !== undefined && now - first >= SAME_MS) target.exit(1);
      first ??= now;
      stop(signal);
    });
  }
  target.on("SIGHUP", () => stop("SIGHUP"));
  // What is read from or printed to a terminal that is gone fails: that is no fault of the desk.
  for (const stream of [target.stdin, target.stdout, target.stderr]) stream.on("error", () => undefined);
  installCrashGuard({ log, redactor, process: target, onFatal: (reason) => stop(`fatal: ${reason}`) });
  return { asked, stop };
}

/** Waits for a part of the start, but no longer than nobody asks to stop: that is a `StartError`. Orders come only after all parts. */
export async function unlessStopped<T>(work: Promise<T>, asked: Promise<string> | undefined): Promise<T> {
  if (asked === undefined) return work;
  const stopped = asked.then((reason): never => {
    throw new StartError(`The start was ended before the desk ran (${reason}): no order was sent.`);
  });
  return Promise.race([work, stopped]);
}
