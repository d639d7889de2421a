import type { JobWorker, Queues } from "./queues.ts";
import { syncSchedulers } from "./schedulers.ts";

/** What a health check found; plain data, safe to report as an event. */
export type HealthReport = Readonly<Record<string, string | number | boolean | null>>;

/** Looks at the desk from outside; never rejects: what can't be measured is null. */
export type HealthCheck = (queueLagMs: number) => Promise<HealthReport>;

/** Name of the queue and of its only job. */
const HEALTH_QUEUE = "health";
const SCHEDULER = "health-check";

/** The running health job. */
export interface HealthJob {
  stop(): Promise<void>;
}

/**
 * Checks the desk's health every `everyMs` through the queue and reports it. Nothing that safety depends on waits for
 * it: liquidation watch, reconciling and stops are the desk's own. Resolves when the schedule is stored.
 */
export async function startHealthJob(
  queues: Queues,
  everyMs: number,
  check: HealthCheck,
  onReport: (report: HealthReport, isOk: boolean) => void,
): Promise<HealthJob> {
  const queue = queues.queue<Record<string, never>, HealthReport>(HEALTH_QUEUE);
  const worker: JobWorker<Record<string, never>, HealthReport> = queues.worker(HEALTH_QUEUE, async (job) => {
    // BullMQ forgets a job's delay when it becomes due; the scheduler's own time of the run stays.
    const dueAt = job.opts.prevMillis ?? job.timestamp + (job.opts.delay ?? 0);
    const report = await check(Math.max(0, Date.now() - dueAt));
    onReport(report, report["problems"] === "");
    return report;
  });
  await syncSchedulers(queue, [{ id: SCHEDULER, name: "check", data: {}, timing: { everyMs } }]);
  return { stop: () => worker.close(true) };
}
