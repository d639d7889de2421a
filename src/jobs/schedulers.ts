import type { JobsOptions } from "bullmq";
import type { JobQueue } from "./queues.ts";

/** When a scheduled job runs: every so many milliseconds, or by a cron pattern in a time zone ("UTC", "Europe/Zurich"). */
type Timing = { readonly everyMs: number } | { readonly pattern: string; readonly tz: string };

/** A job that is to run again and again. One id makes one series of runs, over all processes. */
export interface WantedScheduler<D = unknown> {
  readonly id: string;
  /** The name under which the worker gets it. */
  readonly name: string;
  readonly data: D;
  readonly timing: Timing;
  readonly options?: Omit<JobsOptions, "jobId" | "delay" | "repeatJobKey">;
}

/** What was done with the schedulers, by id. */
export interface SchedulerChanges {
  readonly added: readonly string[];
  /** Same timing as before: the next run stays where it was. */
  readonly kept: readonly string[];
  /** Other timing than before: begun anew. */
  readonly retimed: readonly string[];
  /** No longer wanted. */
  readonly removed: readonly string[];
}

/**
 * Makes the queue's schedulers those that are wanted, and no others. Call it at start, in every process with the same list:
 * schedulers outlive the process on Redis, so one that left the configuration would run for ever.
 */
export async function syncSchedulers<D, R>(
  queue: JobQueue<D, R>,
  wanted: readonly WantedScheduler<D>[],
): Promise<SchedulerChanges> {
  const changes = {
    added: [] as string[],
    kept: [] as string[],
    retimed: [] as string[],
    removed: [] as string[],
  };
  const wantedIds = new Set(wanted.map(({ id }) => id));
  const known = new Map((await queue.getJobSchedulers()).map((scheduler) => [scheduler.key, scheduler]));
  for (const [id, scheduler] of known) {
    if (wantedIds.has(id)) continue;
    await removeScheduler(queue, id, scheduler.next);
    changes.removed.push(id);
  }
  for (const { id, name, data, timing, options = {} } of wanted) {
    const before = known.get(id);
    const repeat =
      "everyMs" in timing ? { every: timing.everyMs } : { pattern: timing.pattern, tz: timing.tz };
    const isSame =
      before?.every === repeat.every && before?.pattern === repeat.pattern && before?.tz === repeat.tz;
    // BullMQ keeps the old phase for a new interval, which can leave a gap of up to the old interval after a missed run.
    if (before !== undefined && !isSame) await removeScheduler(queue, id, before.next);
    await queue.upsertJobScheduler(id, repeat, { name, data, opts: options });
    changes[before === undefined ? "added" : isSame ? "kept" : "retimed"].push(id);
  }
  return changes;
}

/** BullMQ takes the next run away while it is delayed; one that is due already but not begun must go too. */
async function removeScheduler<D, R>(
  queue: JobQueue<D, R>,
  id: string,
  next: number | undefined,
): Promise<void> {
  await queue.removeJobScheduler(id);
  if (next === undefined) return;
  const run = await queue.getJob(`repeat:${id}:${next}`);
  if (run !== undefined && (await run.isWaiting())) await run.remove();
}
