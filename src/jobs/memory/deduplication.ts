import type { DeduplicationOptions } from "bullmq";
import type { QueueState } from "./queue-state.ts";
import type { NewJob, StoredJob } from "./stored-job.ts";

/** A job that wants in although another with its deduplication id may be under way. */
interface Newcomer {
  readonly id: string;
  readonly job: NewJob;
  readonly now: number;
}

/** The job that holds a deduplication id at `now` (wall ms). */
export function holderOf(queue: QueueState, deduplicationId: string, now: number): string | undefined {
  const taken = queue.taken.get(deduplicationId);
  if (taken === undefined) return undefined;
  if (taken.until === undefined || taken.until > now) return taken.jobId;
  queue.taken.delete(deduplicationId);
  return undefined;
}

/**
 * Gives the newcomer its deduplication id and returns undefined, or returns the id of the job that has it already.
 * With `keepLastIfActive` the newcomer is kept to be run once the active job ends; with `replace` it takes the place of a delayed one.
 */
export function deduplicated(
  queue: QueueState,
  newcomer: Newcomer,
  isFlowParent: boolean,
): string | undefined {
  const options = newcomer.job.options.deduplication;
  if (options === undefined) return undefined;
  const holder = holderOf(queue, options.id, newcomer.now);
  if (holder === undefined || isStale(queue, options.id, holder)) {
    queue.afterActive.delete(options.id);
    take(queue, options, newcomer.id, newcomer.now);
    return undefined;
  }
  if (options.replace && !isFlowParent) return replaced(queue, options, holder, newcomer);
  if (keptForLater(queue, options, holder, newcomer)) return holder;
  if (options.extend && (options.ttl ?? 0) > 0) take(queue, options, holder, newcomer.now);
  tell(queue, options.id, holder, newcomer.id);
  if (options.reschedule && !isFlowParent) reschedule(queue, holder, newcomer);
  return holder;
}

/** Frees the deduplication id of a job that has ended, unless the id was taken for a fixed time. */
export function freeAtEnd(queue: QueueState, job: StoredJob): void {
  const taken = job.deduplicationId === undefined ? undefined : queue.taken.get(job.deduplicationId);
  if (job.deduplicationId === undefined || taken === undefined) return;
  if (taken.until === undefined && taken.jobId === job.id) queue.taken.delete(job.deduplicationId);
}

/** Frees the deduplication id of a job that is taken out of the queue. */
export function freeAtRemoval(queue: QueueState, job: StoredJob): void {
  if (job.deduplicationId === undefined) return;
  if (queue.taken.get(job.deduplicationId)?.jobId !== job.id) return;
  queue.taken.delete(job.deduplicationId);
  queue.afterActive.delete(job.deduplicationId);
}

/** The newest job that came in while its active predecessor ran; it holds the deduplication id from now on. */
export function keptSince(queue: QueueState, job: StoredJob, now: number): Omit<Newcomer, "now"> | undefined {
  const options = job.deduplicationId === undefined ? undefined : queue.afterActive.get(job.deduplicationId);
  if (job.deduplicationId === undefined || options === undefined) return undefined;
  queue.afterActive.delete(job.deduplicationId);
  const deduplication = options.job.options.deduplication ?? { id: job.deduplicationId };
  take(queue, deduplication, options.id, now);
  return options;
}

function take(queue: QueueState, options: DeduplicationOptions, jobId: string, now: number): void {
  const ttl = options.keepLastIfActive ? 0 : (options.ttl ?? 0);
  queue.taken.set(options.id, { jobId, until: ttl > 0 ? now + ttl : undefined });
}

/** A holder without a time limit that is gone left its id behind; only an outage of the process could do that. */
function isStale(queue: QueueState, deduplicationId: string, holder: string): boolean {
  return queue.taken.get(deduplicationId)?.until === undefined && !queue.jobs.has(holder);
}

function replaced(
  queue: QueueState,
  options: DeduplicationOptions,
  holder: string,
  newcomer: Newcomer,
): string | undefined {
  const delayed = queue.jobs.get(holder);
  if (delayed?.line !== "delayed") {
    keptForLater(queue, options, holder, newcomer);
    return holder;
  }
  queue.leave(delayed);
  queue.jobs.delete(holder);
  queue.emit("removed", { jobId: holder, prev: "delayed" });
  tell(queue, options.id, newcomer.id, holder);
  queue.afterActive.delete(options.id);
  const until = queue.taken.get(options.id)?.until;
  const keepsTime = !options.keepLastIfActive && !options.extend && (options.ttl ?? 0) > 0;
  if (keepsTime) queue.taken.set(options.id, { jobId: newcomer.id, until });
  else take(queue, options, newcomer.id, newcomer.now);
  return undefined;
}

function keptForLater(
  queue: QueueState,
  options: DeduplicationOptions,
  holder: string,
  newcomer: Newcomer,
): boolean {
  if (!options.keepLastIfActive || queue.jobs.get(holder)?.line !== "active") return false;
  queue.afterActive.set(options.id, { id: newcomer.id, job: newcomer.job });
  queue.taken.set(options.id, { jobId: holder, until: undefined });
  tell(queue, options.id, holder, newcomer.id);
  return true;
}

function reschedule(queue: QueueState, holder: string, newcomer: Newcomer): void {
  const delayed = queue.jobs.get(holder);
  if (delayed?.line !== "delayed") return;
  delayed.delay = newcomer.job.options.delay ?? 0;
  queue.toDelayed(delayed, newcomer.job.timestamp + delayed.delay);
}

function tell(queue: QueueState, deduplicationId: string, jobId: string, deduplicatedJobId: string): void {
  queue.emit("deduplicated", { jobId, deduplicationId, deduplicatedJobId });
}
