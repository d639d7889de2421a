import type { Queues } from "./queues.ts";
import { syncSchedulers } from "./schedulers.ts";

/** Name of the queue's only job; its scheduler has the same. */
const NAME = "heartbeat";

/**
 * Tells people every `everyMs` that the desk lives. Desks that share a Redis have a queue each, named by the caller. Resolves when
 * the schedule is stored.
 */
export async function startHeartbeat(
  queues: Queues,
  queueName: string,
  everyMs: number,
  tell: () => Promise<void>,
): Promise<{ stop(): Promise<void> }> {
  const queue = queues.queue<Record<string, never>, null>(queueName);
  const worker = queues.worker<Record<string, never>, null>(queueName, async () => {
    await tell();
    return null;
  });
  await syncSchedulers(queue, [{ id: NAME, name: NAME, data: {}, timing: { everyMs } }]);
  return { stop: () => worker.close(true) };
}
