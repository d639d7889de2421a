import type { QueueView } from "../desk/ports.ts";
import type { JobQueue } from "./queues.ts";

/** A queue as people see it. Rejects while the backend does not answer. */
export async function queueView(queue: JobQueue): Promise<QueueView> {
  const counts = await queue.getJobCounts(
    "waiting",
    "prioritized",
    "delayed",
    "active",
    "completed",
    "failed",
  );
  const of = (name: string): number => counts[name] ?? 0;
  const schedulers = await queue.getJobSchedulers();
  const runs = schedulers.flatMap(({ next }) => (next === undefined ? [] : [next]));
  const [failed] = of("failed") === 0 ? [] : await queue.getFailed(0, 0);
  return {
    name: queue.name,
    waiting: of("waiting") + of("prioritized") + of("delayed"),
    active: of("active"),
    completed: of("completed"),
    failed: of("failed"),
    nextWallAt: runs.length === 0 ? undefined : Math.min(...runs),
    lastFailure: failed?.failedReason,
  };
}
