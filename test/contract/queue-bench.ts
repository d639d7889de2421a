import { afterEach, beforeEach } from "vitest";
import type { JobEvents, JobQueue, Queues } from "../../src/jobs/queues.ts";

/** An open set of queues and the time they live in: real, or moved by hand. */
export interface QueueBench {
  readonly queues: Queues;
  /** Lets so many milliseconds go by. */
  pass(ms: number): Promise<void>;
  /** Clears up after the queues were closed. */
  tidy(): Promise<void>;
}

/** The counts of a queue without jobs. */
export const NOTHING = {
  active: 0,
  completed: 0,
  delayed: 0,
  failed: 0,
  prioritized: 0,
  waiting: 0,
  "waiting-children": 0,
};

/** How long a test waits for something before it fails. */
const PATIENCE_MS = 10_000;
const STEP_MS = 5;

/** Gives each test of a suite its own bench, and closes it afterwards. */
export function eachWithBench(open: () => Promise<QueueBench>): () => QueueBench {
  let bench: QueueBench | undefined;
  beforeEach(async () => {
    bench = await open();
  });
  afterEach(async () => {
    if (bench === undefined) return;
    await ended(bench, bench.queues.close());
    await bench.tidy();
    bench = undefined;
  });
  return () => {
    if (bench === undefined) throw new Error("no bench outside of a test");
    return bench;
  };
}

/** Lets time go by until the condition holds. */
export async function until(bench: QueueBench, condition: () => boolean, what: string): Promise<void> {
  for (let waited = 0; !condition(); waited += STEP_MS) {
    if (waited > PATIENCE_MS) throw new Error(`waited ${PATIENCE_MS} ms in vain: ${what}`);
    await bench.pass(STEP_MS);
  }
}

/** Lets time go by until the promise has ended, and ends the same way. */
export async function ended<T>(bench: QueueBench, promise: Promise<T>): Promise<T> {
  let hasEnded = false;
  const settle = () => {
    hasEnded = true;
  };
  promise.then(settle, settle);
  await until(bench, () => hasEnded, "a promise's end");
  return promise;
}

/** A listener that is known to hear: over Redis events are lost that come before its first read has arrived. */
export async function listening(bench: QueueBench, queue: JobQueue): Promise<JobEvents> {
  const events = bench.queues.events(queue.name);
  let isHeard = false;
  const hello = () => {
    isHeard = true;
  };
  // BullMQ's types know only its own events, but it passes every name on.
  events.on("hello" as "waiting", hello);
  while (!isHeard) {
    await queue.getBackend().publishEvent({ event: "hello" }, 1_000);
    await bench.pass(STEP_MS);
  }
  return events;
}

/** The planned time (wall ms) of a scheduler's run, from the job's id. */
export function slotOf(job: { readonly id?: string | undefined }): number {
  return Number(job.id?.split(":").at(-1));
}
