import type { JobQueue, JobWorker, Queues } from "./queues.ts";
import { syncSchedulers, type WantedScheduler } from "./schedulers.ts";

/** Which rung of which engine is stuck. */
export interface StuckRung {
  readonly engine: string;
  readonly rung: number;
}

/** What the job asks the desk. */
export interface RecoveryDesk {
  /** The rungs that are stuck now, as the desk knows them. */
  stuck(): readonly StuckRung[];
  /** Asks the desk to look at one: whether people hear how far it is, or are asked again, the desk decides. */
  look(rung: StuckRung): void;
}

/** How often it is looked which rungs are stuck, and how often each of them is looked at (wall). */
export interface RecoveryPace {
  readonly deriveEveryMs: number;
  readonly lookEveryMs: number;
}

/** The running recovery job. */
export interface RecoveryJob {
  stop(): Promise<void>;
}

/** Name of the job that looks which rungs are stuck, and of those that look at one. */
const DERIVE = "derive";
const LOOK = "look";

/** What stands in a queue may come from anybody who reaches Redis: it is compared with what the desk knows, never used. */
type Data = Readonly<Record<string, unknown>>;

/**
 * One repeating job for each stuck rung, one at a time over all processes. Which there are follows from the desk alone: at the
 * start, and every little while again, the queue is made to hold just those. A job carries the name of a rung and nothing else,
 * and names that the desk does not know as stuck are ignored. Resolves when the schedule is stored.
 */
export async function startRecoveryJob(
  queues: Queues,
  name: string,
  desk: RecoveryDesk,
  pace: RecoveryPace,
): Promise<RecoveryJob> {
  const queue: JobQueue<Data, void> = queues.queue(name);
  let synced = "";
  const derive = async (): Promise<void> => {
    const wanted = schedulersOf(desk.stuck(), pace);
    const names = wanted.map(({ id }) => id).join("\n");
    if (names === synced) return;
    await syncSchedulers(queue, wanted);
    synced = names;
  };
  const worker: JobWorker<Data, void> = queues.worker(name, async (job) => {
    if (job.name === DERIVE) return await derive();
    const { engine, rung } = job.data;
    const known = desk.stuck().find((each) => each.engine === engine && each.rung === rung);
    if (known !== undefined) desk.look(known);
  });
  await queue.setGlobalConcurrency(1);
  await derive();
  return { stop: () => worker.close(true) };
}

function schedulersOf(
  stuck: readonly StuckRung[],
  { deriveEveryMs, lookEveryMs }: RecoveryPace,
): readonly WantedScheduler<Data>[] {
  return [
    { id: DERIVE, name: DERIVE, data: {}, timing: { everyMs: deriveEveryMs } },
    ...stuck.map(({ engine, rung }) => ({
      id: `${engine}/${rung}`,
      name: LOOK,
      data: { engine, rung },
      timing: { everyMs: lookEveryMs },
    })),
  ];
}
