import { freeAtRemoval } from "./deduplication.ts";
import { orphan } from "./family.ts";
import { minuteCounts, type QueueState } from "./queue-state.ts";
import type { MemoryStore } from "./store.ts";
import { isLocked, type Line, type StoredJob } from "./stored-job.ts";

/** Which jobs stay when a family is taken out. */
interface Spared {
  /** Leave jobs alone that have run already. */
  readonly processed: boolean;
  /** Leave jobs alone that a worker holds. */
  readonly locked: boolean;
}

/** Whether a worker holds the job, or with `children` one of its descendants that is still waited for. */
export function isHeld(store: MemoryStore, job: StoredJob, children: boolean, now: number): boolean {
  if (isLocked(job, now)) return true;
  if (!children) return false;
  return [...job.children].some(([key, child]) => {
    const found = child.outcome === "unprocessed" ? store.jobAt(key) : undefined;
    return found !== undefined && isHeld(store, found.job, children, now);
  });
}

/** Takes a job out of its queue, with its children if asked. */
export function remove(
  store: MemoryStore,
  queue: QueueState,
  job: StoredJob,
  withChildren: boolean,
  spared: Spared,
  now: number,
): void {
  if (spared.locked && isLocked(job, now)) return;
  if (spared.processed && job.line === "failed") return;
  orphan(store, queue, job, false);
  if (withChildren) removeChildren(store, job, spared, now);
  const prev = job.line ?? "unknown";
  queue.leave(job);
  freeAtRemoval(queue, job);
  queue.jobs.delete(job.id);
  queue.emit("removed", { jobId: job.id, prev });
}

/** Takes a job's children out of their queues. */
export function removeChildren(store: MemoryStore, job: StoredJob, spared: Spared, now: number): void {
  for (const [key, child] of [...job.children]) {
    if (spared.processed && child.outcome !== "unprocessed") continue;
    const found = store.jobAt(key);
    if (found !== undefined) remove(store, found.queue, found.job, true, spared, now);
  }
}

/** Empties the lines of jobs that nobody has begun, but leaves every scheduler its next run. */
export function drain(store: MemoryStore, queue: QueueState, alsoDelayed: boolean): void {
  const lines: Line[] = ["wait", "prioritized"];
  if (alsoDelayed) lines.push("delayed");
  for (const line of lines) {
    for (const id of queue.line(line).ids()) {
      const job = queue.jobs.get(id);
      if (job !== undefined && !queue.isNextRun(job)) wipe(store, queue, job);
    }
  }
}

/** Removes up to `limit` (0 = all) jobs of a line that are not younger than `until` (wall ms), oldest first. */
export function clean(
  store: MemoryStore,
  queue: QueueState,
  line: Line,
  until: number,
  limit: number,
  now: number,
): string[] {
  const cleaned: string[] = [];
  for (const id of queue.line(line).ids()) {
    if (limit > 0 && cleaned.length >= limit) break;
    const job = queue.jobs.get(id);
    if (job === undefined || queue.isNextRun(job) || ageMark(job, line) > until) continue;
    if (line === "active" && isLocked(job, now)) continue;
    wipe(store, queue, job);
    cleaned.push(id);
  }
  queue.emit("cleaned", { count: cleaned.length });
  return cleaned;
}

/** Destroys all that a queue holds: jobs, schedulers, settings, counts, events. */
export function obliterate(store: MemoryStore, queue: QueueState): void {
  queue.schedules.clear();
  for (const job of [...queue.jobs.values()]) wipe(store, queue, job);
  queue.taken.clear();
  queue.afterActive.clear();
  queue.silent.clear();
  queue.events.clear();
  queue.meta.clear();
  queue.limit = { starts: 0, until: 0 };
  queue.stalledCheckFrom = 0;
  Object.assign(queue.finished.completed, minuteCounts());
  Object.assign(queue.finished.failed, minuteCounts());
}

/** Takes a job out without an event, as emptying a queue does. */
export function wipe(store: MemoryStore, queue: QueueState, job: StoredJob): void {
  orphan(store, queue, job, true);
  queue.leave(job);
  freeAtRemoval(queue, job);
  queue.jobs.delete(job.id);
}

/** The time (wall ms) by which a job's age is judged in the line where it stands. */
function ageMark(job: StoredJob, line: Line): number {
  if (line === "prioritized") return job.timestamp;
  if (line === "delayed") return job.processedOn ?? job.timestamp;
  return job.finishedOn ?? job.processedOn ?? job.timestamp;
}
