/** Where the job queues tell their troubles; a pino logger fits. */
export interface QueueLog {
  warn(fields: Readonly<Record<string, unknown>>, message: string): void;
}

interface Heard {
  /** Monotonic ms of the line that was written last. */
  readonly at: number;
  /** How often it was heard since. */
  readonly withheld: number;
}

const QUIET_MS = 30_000;
const KINDS_MAX = 100;

/**
 * Writes each kind of error once per 30 s, with the number of those it kept back: an outage of Redis makes every object
 * report several times a second. Only messages are written; an error of Redis may carry the login command.
 */
export class QuietErrors {
  readonly #log: QueueLog;
  readonly #heard = new Map<string, Heard>();

  constructor(log: QueueLog) {
    this.#log = log;
  }

  /** A listener for the `error` events of one object; `source` names it for the reader, as in "worker health". */
  listener(source: string): (error: Error) => void {
    return (error) => this.#hear(source, error.message);
  }

  #hear(source: string, message: string): void {
    // Errors that differ in a job's number or an address' port only are of one kind.
    const kind = message.replaceAll(/\d+/g, "#");
    const now = performance.now();
    const heard = this.#heard.get(kind);
    if (heard !== undefined && now - heard.at < QUIET_MS) {
      this.#heard.set(kind, { at: heard.at, withheld: heard.withheld + 1 });
      return;
    }
    if (this.#heard.size >= KINDS_MAX) this.#heard.clear();
    this.#heard.set(kind, { at: now, withheld: 0 });
    const withheld = heard?.withheld ?? 0;
    this.#log.warn({ source, ...(withheld > 0 && { withheld }) }, `job queue: ${message}`);
  }
}
