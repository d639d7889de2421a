import { ErrorCode, type KeepJobs } from "bullmq";
import { type Handed, handNext, type WorkerSettings } from "./activation.ts";
import { attach, enqueue } from "./arrivals.ts";
import { freeAtEnd, keptSince } from "./deduplication.ts";
import { childrenOf, orphan, tellParent } from "./family.ts";
import type { MinuteCounts, QueueState } from "./queue-state.ts";
import type { MemoryStore } from "./store.ts";
import type { StoredJob } from "./stored-job.ts";

/** How an active job ended. */
export interface Ending {
  readonly outcome: "completed" | "failed";
  /** The result as JSON, or the failure's reason. */
  readonly value: string;
  readonly token: string;
  readonly keep: KeepJobs | { readonly count: -1 };
  /** How often the job may be tried; reaching it is an event of its own. */
  readonly attempts: number;
  readonly stacktrace?: string | undefined;
}

/** How many finished jobs are dropped for their age at once. */
const DROPPED_AT_ONCE = 1_000;

/** Ends an active job: its parent, its deduplication id, counts and events are seen to. Returns a code if it may not. */
export function finish(
  store: MemoryStore,
  queue: QueueState,
  jobId: string,
  ending: Ending,
  worker: WorkerSettings,
  now: number,
): ErrorCode | undefined {
  const job = queue.jobs.get(jobId);
  if (job === undefined) return ErrorCode.JobNotExist;
  const completed = ending.outcome === "completed";
  if (completed && childrenOf(job, "unprocessed").length > 0) return ErrorCode.JobPendingChildren;
  if (completed && childrenOf(job, "failed").length > 0) return ErrorCode.JobHasFailedChildren;
  const refused = letGo(queue, job, ending.token);
  if (refused !== undefined) return refused;
  if (ending.stacktrace !== undefined) job.stacktrace = ending.stacktrace;
  queue.leave(job);
  freeAtEnd(queue, job);
  runKept(store, queue, job, now);
  tellParent(store, queue, job, { completed, value: ending.value }, now);
  job.attemptsMade += 1;
  keepOrDrop(store, queue, job, ending, now);
  queue.emit(ending.outcome, {
    jobId,
    [completed ? "returnvalue" : "failedReason"]: ending.value,
    prev: "active",
  });
  if (!completed && job.attemptsMade >= ending.attempts) {
    queue.emit("retries-exhausted", { jobId, attemptsMade: job.attemptsMade });
  }
  countFinished(queue.finished[ending.outcome], worker.metrics?.maxDataPoints, now);
  queue.work.ring();
  return undefined;
}

/** After a job has ended: the next one for the same worker, if it asks for one, or the news that there is none. */
export function handAfter(
  queue: QueueState,
  worker: WorkerSettings,
  token: string,
  fetchNext: boolean,
  now: number,
): Handed | [] {
  if (fetchNext) {
    const handed = handNext(queue, worker, token, worker.name, now);
    const [job, , limitedFor, nextDue] = handed;
    if (job !== null || limitedFor > 0 || nextDue > 0 || queue.isPaused() || queue.isMaxed()) return handed;
  }
  const busy = queue.line("wait").size + queue.line("active").size + queue.line("prioritized").size;
  if (busy === 0) queue.emit("drained");
  return [];
}

/** Takes the lock off an active job; a code if someone else holds it or the job is not active. Token "0" needs no lock. */
export function letGo(queue: QueueState, job: StoredJob, token: string): ErrorCode | undefined {
  // A lock whose time ran out still counts until another worker has the job: here the holder is known to be alive
  // (a blocked loop, a laptop that slept), while Redis must think it dead. Only the check for stalled jobs looks at the time.
  if (token !== "0" && job.lock?.token !== token) {
    return job.lock === undefined ? ErrorCode.JobLockNotExist : ErrorCode.JobLockMismatch;
  }
  if (job.line !== "active") return ErrorCode.JobNotInState;
  job.lock = undefined;
  queue.silent.delete(job.id);
  return undefined;
}

/** What is kept of finished jobs: the job's own wish, else the worker's, else everything. */
export function keepRule(
  wish: boolean | number | KeepJobs | undefined,
  workersWish: KeepJobs | undefined,
): Ending["keep"] {
  if (wish === undefined) return workersWish ?? { count: -1 };
  if (typeof wish === "object") return wish;
  if (typeof wish === "number") return { count: wish };
  return wish ? { count: 0 } : { count: -1 };
}

function runKept(store: MemoryStore, queue: QueueState, job: StoredJob, now: number): void {
  const kept = keptSince(queue, job, now);
  if (kept === undefined) return;
  queue.nextId();
  const stored = enqueue(queue, kept.id, { ...kept.job, timestamp: now });
  if (stored.parentKey !== undefined) attach(store, queue, stored);
}

function keepOrDrop(
  store: MemoryStore,
  queue: QueueState,
  job: StoredJob,
  ending: Ending,
  now: number,
): void {
  const { count, age, limit } = { age: undefined, limit: undefined, ...ending.keep };
  if (count === 0) {
    queue.jobs.delete(job.id);
    orphan(store, queue, job, false);
    return;
  }
  if (ending.outcome === "completed") job.returnvalue = ending.value;
  else job.failedReason = ending.value;
  if (ending.outcome === "failed") job.deferredFailure = undefined;
  job.finishedOn = now;
  queue.place(job, ending.outcome, now);
  const line = queue.line(ending.outcome);
  const dropped: string[] = [];
  if (age !== undefined) dropped.push(...line.upTo(now - age * 1_000, limit ?? DROPPED_AT_ONCE));
  if (count !== undefined && count > 0) {
    dropped.push(...line.upTo(Number.POSITIVE_INFINITY, line.size - count));
  }
  for (const id of dropped) drop(store, queue, id);
}

function drop(store: MemoryStore, queue: QueueState, id: string): void {
  const job = queue.jobs.get(id);
  if (job === undefined) return;
  orphan(store, queue, job, false);
  queue.leave(job);
  queue.jobs.delete(id);
}

/** One point a minute, newest first, once a worker asks for points at all. */
function countFinished(counts: MinuteCounts, points: number | undefined, now: number): void {
  if (points === undefined || points <= 0) return;
  const before = counts.count;
  counts.count += 1;
  if (counts.countedAt === undefined) {
    counts.countedAt = now;
    return;
  }
  const minutes = Math.min(Math.floor(now / 60_000) - Math.floor(counts.countedAt / 60_000), points);
  if (minutes <= 0) return;
  const idle = Array.from({ length: minutes - 1 }, () => 0);
  counts.minutes.unshift(...idle, before - counts.countedCount);
  counts.minutes.splice(points);
  counts.countedCount = before;
  counts.countedAt = now;
}
