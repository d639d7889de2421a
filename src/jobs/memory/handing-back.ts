import { ErrorCode, type RetryOptions } from "bullmq";
import { promote, promoteDue, type WorkerSettings } from "./activation.ts";
import { unsettle } from "./family.ts";
import { letGo } from "./finishing.ts";
import type { QueueState } from "./queue-state.ts";
import type { MemoryStore } from "./store.ts";
import { isLocked, type StoredJob } from "./stored-job.ts";

/** What a failed try leaves on the job for the next one. */
export type Traces = Readonly<Partial<Pick<StoredJob, "failedReason" | "stacktrace">>>;

/** Sends an active job away until `due` (wall ms), counting the try unless `skipAttempt`. */
export function delayActive(
  queue: QueueState,
  jobId: string,
  delayed: {
    readonly token: string;
    readonly delay: number;
    readonly due: number;
    readonly skipAttempt: boolean;
  },
  traces: Traces,
): ErrorCode | undefined {
  const job = queue.jobs.get(jobId);
  if (job === undefined) return ErrorCode.JobNotExist;
  const refused = letGo(queue, job, delayed.token);
  if (refused !== undefined) return refused;
  Object.assign(job, traces);
  if (!delayed.skipAttempt) job.attemptsMade += 1;
  job.delay = delayed.delay;
  queue.toDelayed(job, delayed.due);
  return undefined;
}

/** Lets an active job be tried again at once. */
export function retryActive(
  queue: QueueState,
  jobId: string,
  token: string,
  front: boolean,
  traces: Traces,
  now: number,
): ErrorCode | undefined {
  promoteDue(queue, now);
  const job = queue.jobs.get(jobId);
  if (job === undefined) return ErrorCode.JobNotExist;
  const refused = letGo(queue, job, token);
  if (refused !== undefined) return refused;
  Object.assign(job, traces);
  job.attemptsMade += 1;
  queue.toWait(job, { front: front && job.priority === 0, prev: "active" });
  return undefined;
}

/** Puts an active job back as the next to be served, without counting the try. */
export function putBack(queue: QueueState, jobId: string, token: string): ErrorCode | undefined {
  const job = queue.jobs.get(jobId);
  if (job === undefined) return ErrorCode.JobNotExist;
  const refused = letGo(queue, job, token);
  if (refused === ErrorCode.JobNotInState) return undefined;
  if (refused !== undefined) return refused;
  queue.toWait(job, { front: true, prev: "active" });
  return undefined;
}

/** Makes an active job wait for its children (or one of them); false if there is none to wait for. */
export function awaitChildren(
  queue: QueueState,
  jobId: string,
  token: string,
  childKey: string | undefined,
  now: number,
): boolean | ErrorCode {
  const job = queue.jobs.get(jobId);
  if (job === undefined) return ErrorCode.JobNotExist;
  const children = [...job.children];
  if (children.some(([, child]) => child.outcome === "failed")) return ErrorCode.JobHasFailedChildren;
  const waits = children.some(
    ([key, child]) => child.outcome === "unprocessed" && (childKey === undefined || childKey === key),
  );
  if (!waits) return false;
  const refused = letGo(queue, job, token);
  if (refused !== undefined) return refused;
  queue.place(job, "waiting-children", now);
  queue.emit("waiting-children", { jobId, prev: "active" });
  return true;
}

/** Runs a finished job once more. */
export function rerun(
  store: MemoryStore,
  queue: QueueState,
  jobId: string,
  from: "completed" | "failed",
  options: RetryOptions,
): ErrorCode | undefined {
  const job = queue.jobs.get(jobId);
  if (job === undefined) return ErrorCode.JobNotExist;
  if (job.line !== from) return ErrorCode.JobNotInState;
  if (options.resetAttemptsMade) job.attemptsMade = 0;
  if (options.resetAttemptsStarted) job.attemptsStarted = 0;
  forgetEnd(job);
  unsettle(store, queue, job);
  queue.toWait(job, { front: job.lifo && job.priority === 0, prev: from });
  return undefined;
}

/** Makes up to `count` jobs of a line ready that finished, or are due, by `until` (wall ms); 1 if there may be more. */
export function rerunMany(
  store: MemoryStore,
  queue: QueueState,
  from: "completed" | "failed" | "delayed",
  count: number,
  until: number,
): 0 | 1 {
  const ids = queue.line(from).upTo(until, count);
  for (const id of ids) {
    const job = queue.jobs.get(id);
    if (job === undefined) continue;
    if (from === "delayed") promote(queue, job);
    else rerun(store, queue, id, from, {});
  }
  return ids.length >= count ? 1 : 0;
}

/**
 * Takes active jobs back from workers that have shown no sign of life since the last check and whose lock ran out.
 * A job that stalls too often fails at its next start, except a scheduler's run. Returns the ids of the jobs taken back.
 */
export function takeBackStalled(queue: QueueState, worker: WorkerSettings, now: number): string[] {
  // Several workers share one check per interval, or a job would be found stalled after a fraction of it.
  if (queue.stalledCheckFrom > now) return [];
  queue.stalledCheckFrom = now + (worker.stalledInterval ?? 0);
  const takenBack: string[] = [];
  for (const id of queue.silent) {
    const job = queue.jobs.get(id);
    if (job?.line !== "active" || isLocked(job, now)) continue;
    job.lock = undefined;
    job.stalledCounter += 1;
    const isScheduled = job.schedulerId !== undefined && queue.schedules.has(job.schedulerId);
    if (job.stalledCounter > (worker.maxStalledCount ?? 1) && !isScheduled) {
      job.deferredFailure = "job stalled more than allowable limit";
    }
    queue.place(job, "wait", 0, true);
    queue.emit("waiting", { jobId: id, prev: "active" });
    queue.emit("stalled", { jobId: id });
    takenBack.push(id);
  }
  queue.silent.clear();
  for (const id of queue.line("active").ids()) queue.silent.add(id);
  queue.work.ring();
  return takenBack;
}

/** A sign of life from the worker that holds a job: its lock runs from now on. False if it doesn't hold it. */
export function stillAtWork(queue: QueueState, jobId: string, token: string, until: number): boolean {
  const job = queue.jobs.get(jobId);
  if (job?.lock?.token !== token) return false;
  job.lock = { token, until };
  queue.silent.delete(jobId);
  return true;
}

function forgetEnd(job: StoredJob): void {
  job.finishedOn = undefined;
  job.processedOn = undefined;
  job.returnvalue = undefined;
  job.failedReason = undefined;
}
