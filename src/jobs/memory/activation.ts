import type { JobJson, WorkerOptions } from "bullmq";
import type { QueueState } from "./queue-state.ts";
import { jobJson, type StoredJob } from "./stored-job.ts";

/**
 * What a worker is handed: a job and its id, or null and "" with the milliseconds to wait because of a rate limit,
 * and the time (wall ms) of the next delayed job; 0 = none.
 */
export type Handed = [job: JobJson | null, id: string, limitedForMs: number, nextDue: number];

/** The settings of a worker that matter for what it may take. */
export type WorkerSettings = Partial<
  Pick<
    WorkerOptions<unknown>,
    | "limiter"
    | "lockDuration"
    | "maxStalledCount"
    | "metrics"
    | "name"
    | "removeOnComplete"
    | "removeOnFail"
    | "stalledInterval"
  >
>;

/** How long a worker holds a job without a sign of life when its settings say nothing (ms), as in BullMQ. */
const LOCK_MS = 30_000;
/** How many due jobs are made ready at once. */
const PROMOTED_AT_ONCE = 1_000;

/** Hands the next job to a worker and locks it, or says how long there is nothing for it. */
export function handNext(
  queue: QueueState,
  worker: WorkerSettings,
  token: string,
  name: string | undefined,
  now: number,
): Handed {
  promoteDue(queue, now);
  const limit = limitOf(queue, worker);
  const limitedFor = limit === undefined ? 0 : limitedForMs(queue, limit.max, now);
  if (limitedFor > 0) return [null, "", limitedFor, 0];
  if (queue.isPaused() || queue.isMaxed()) return [null, "", 0, 0];
  const next = queue.line("wait").first() ?? queue.line("prioritized").first();
  const job = next === undefined ? undefined : queue.jobs.get(next.id);
  if (job === undefined) return [null, "", 0, queue.nextDue() ?? 0];
  if (limit !== undefined && job.deferredFailure === undefined) countStart(queue, limit.duration, now);
  queue.place(job, "active");
  if (token !== "0") job.lock = { token, until: now + (worker.lockDuration ?? LOCK_MS) };
  job.processedOn = now;
  if (name !== undefined) job.processedBy = name;
  job.attemptsStarted += 1;
  queue.emit("active", { jobId: job.id, prev: "waiting" });
  return [jobJson(job), job.id, 0, 0];
}

/** Makes delayed jobs ready whose time has come. */
export function promoteDue(queue: QueueState, now: number): void {
  for (const id of queue.line("delayed").upTo(now, PROMOTED_AT_ONCE)) {
    const job = queue.jobs.get(id);
    if (job !== undefined) promote(queue, job);
  }
}

/** Makes one delayed job ready, whenever it was due. */
export function promote(queue: QueueState, job: StoredJob): void {
  job.delay = 0;
  queue.toWait(job, { prev: "delayed" });
}

/** Milliseconds until a worker may start a job again under a limit of `max` starts; 0 = now. */
export function limitedForMs(queue: QueueState, max: number, now: number): number {
  if (queue.limit.until <= now || queue.limit.starts < max) return 0;
  return queue.limit.until - now;
}

/** The queue's own limit goes before the worker's. */
function limitOf(
  queue: QueueState,
  worker: WorkerSettings,
): { readonly max: number; readonly duration: number } | undefined {
  const max = queue.meta.get("max");
  const duration = worker.limiter?.duration ?? Number(queue.meta.get("duration") ?? 0);
  if (max !== undefined) return { max: Number(max), duration };
  return worker.limiter === undefined ? undefined : { max: worker.limiter.max, duration };
}

function countStart(queue: QueueState, durationMs: number, now: number): void {
  if (queue.limit.until <= now) queue.limit = { starts: 0, until: now + durationMs };
  queue.limit.starts += 1;
}
