import { EVENTS_KEPT, EventLog } from "./event-log.ts";
import { RankedIds } from "./ranked-ids.ts";
import { Signal } from "./signal.ts";
import type { Line, NewJob, StoredJob } from "./stored-job.ts";

/** A deduplication id that is taken: by which job, and until when (wall ms; undefined = until that job has ended). */
export interface Taken {
  readonly jobId: string;
  readonly until: number | undefined;
}

/** One job scheduler: its settings as texts, as BullMQ reads them, and the time (wall ms) of its next run. */
export interface Schedule {
  readonly fields: Readonly<Record<string, string>>;
  readonly next: number;
}

/** Jobs finished since counting began, and how many in each of the last minutes (newest first). */
export interface MinuteCounts {
  count: number;
  countedAt: number | undefined;
  countedCount: number;
  readonly minutes: number[];
}

const LINES: readonly Line[] = [
  "wait",
  "prioritized",
  "delayed",
  "active",
  "waiting-children",
  "completed",
  "failed",
];

/** Everything that the embedded backend knows about one queue; lost when the process ends. */
export class QueueState {
  /** `<prefix>:<name>`, as over Redis. */
  readonly key: string;
  readonly jobs = new Map<string, StoredJob>();
  readonly lines = new Map<Line, RankedIds>(LINES.map((line) => [line, new RankedIds()]));
  readonly meta = new Map<string, string>();
  readonly schedules = new Map<string, Schedule>();
  readonly taken = new Map<string, Taken>();
  /** By deduplication id: the job to make when the active one ends. */
  readonly afterActive = new Map<string, { readonly id: string; readonly job: NewJob }>();
  readonly events = new EventLog();
  /** Rings whenever a worker may find work that was not there before. */
  readonly work = new Signal();
  readonly finished = { completed: minuteCounts(), failed: minuteCounts() };
  /** Starts in the current rate-limit window, and when (wall ms) it ends. */
  limit = { starts: 0, until: 0 };
  /** Active jobs that have shown no sign of life since the last check for stalled ones. */
  readonly silent = new Set<string>();
  stalledCheckFrom = 0;
  #lastId = 0;
  #arrivals = 0;

  constructor(key: string) {
    this.key = key;
  }

  nextId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }

  line(line: Line): RankedIds {
    const ids = this.lines.get(line);
    if (ids === undefined) throw new RangeError(`unknown line of jobs "${line}"`);
    return ids;
  }

  emit(event: string, fields: Readonly<Record<string, string | number>> = {}): string {
    return this.events.append(event, fields, Number(this.meta.get("opts.maxLenEvents") ?? EVENTS_KEPT));
  }

  /** Moves a job to the end of a line, or to its front; ranks are compared before places. */
  place(job: StoredJob, line: Line, rank = 0, front = false): void {
    this.leave(job);
    this.#arrivals += 1;
    this.line(line).add(job.id, rank, front ? -this.#arrivals : this.#arrivals);
    job.line = line;
  }

  /** Takes a job out of its line. */
  leave(job: StoredJob): void {
    if (job.line !== undefined) this.line(job.line).delete(job.id);
    job.line = undefined;
  }

  /** Makes a job ready for the next free worker; `prev` is where it came from, for the event. */
  toWait(job: StoredJob, options: { readonly front?: boolean; readonly prev?: string } = {}): void {
    const { front = false, prev } = options;
    if (job.priority > 0) this.place(job, "prioritized", job.priority, front);
    else this.place(job, "wait", 0, front);
    this.emit("waiting", prev === undefined ? { jobId: job.id } : { jobId: job.id, prev });
    this.work.ring();
  }

  /** Makes a job wait until `due` (wall ms). */
  toDelayed(job: StoredJob, due: number): void {
    this.place(job, "delayed", due);
    this.emit("delayed", { jobId: job.id, delay: due });
    this.work.ring();
  }

  isPaused(): boolean {
    return this.meta.has("paused");
  }

  /** Whether as many jobs are active as the queue's own limit allows, over all workers. */
  isMaxed(): boolean {
    const concurrency = this.meta.get("concurrency");
    return concurrency !== undefined && this.line("active").size >= Number(concurrency);
  }

  /** Whether a worker would get a job now. */
  hasWork(): boolean {
    if (this.isPaused() || this.isMaxed()) return false;
    return this.line("wait").size > 0 || this.line("prioritized").size > 0;
  }

  /** When (wall ms) the next delayed job is due. */
  nextDue(): number | undefined {
    return this.line("delayed").first()?.rank;
  }

  isNextRun(job: StoredJob): boolean {
    if (job.schedulerId === undefined) return false;
    const schedule = this.schedules.get(job.schedulerId);
    return schedule !== undefined && job.id === runId(job.schedulerId, schedule.next);
  }
}

/** The id of a scheduler's run at `millis`: the same in every process, so many processes make one run. */
export function runId(schedulerId: string, millis: number): string {
  return `repeat:${schedulerId}:${millis}`;
}

/** Counting that has not begun. */
export function minuteCounts(): MinuteCounts {
  return { count: 0, countedAt: undefined, countedCount: 0, minutes: [] };
}
