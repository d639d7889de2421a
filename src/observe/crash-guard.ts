import type { Log } from "./log.ts";
import type { Redactor } from "./redactor.ts";

/** What the guard needs. */
export interface CrashGuardOptions {
  readonly log: Pick<Log, "error">;
  readonly redactor: Redactor;
  /** Called once, with one sentence without secrets: stop increases, tell people, end with code 1. */
  readonly onFatal: (reason: string) => void;
  /** The process, or a stand-in that emits the same events. */
  readonly process?: Pick<NodeJS.Process, "on" | "off"> | undefined;
}

/**
 * Catches what nobody caught. A rejected promise or a thrown error is a bug of ours or of a package: it is logged
 * whole but without secrets, and the desk is told once that it can't be trusted any longer. Returns how to take the
 * guard away. Node's own report, which would print the error with all it carries, never comes.
 */
export function installCrashGuard(options: CrashGuardOptions): () => void {
  const target = options.process ?? process;
  let isFatal = false;
  const handle = (kind: string) => (error: unknown) => {
    const message = options.redactor.text(error instanceof Error ? error.message : String(error));
    options.log.error(kind, { error: options.redactor.deep(error) });
    if (isFatal) return;
    isFatal = true;
    options.onFatal(`${kind}: ${message.split("\n")[0] ?? ""}`);
  };
  const onRejection = handle("a promise was rejected and nobody cared");
  const onException = handle("an error was thrown and nobody caught it");
  target.on("unhandledRejection", onRejection);
  target.on("uncaughtException", onException);
  return () => {
    target.off("unhandledRejection", onRejection);
    target.off("uncaughtException", onException);
  };
}
