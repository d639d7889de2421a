import {
  type BackendFactory,
  type ConnectionOptions,
  FlowProducer,
  type IQueueBackend,
  type JobsOptions,
  type KeepJobs,
  type Processor,
  Queue,
  QueueEvents,
  Worker,
  type WorkerOptions,
} from "bullmq";
import type { QueueView } from "../desk/ports.ts";
import { memoryBackend } from "./memory/backend.ts";
import { MemoryStore } from "./memory/store.ts";
import { type QueueLog, QuietErrors } from "./queue-log.ts";
import { queueView } from "./queue-view.ts";
import { probeRedis, type QueueProbe, redisAddress } from "./redis-address.ts";
import { RedisLines } from "./redis-lines.ts";

/** A queue to put jobs into: `D` is their data, `R` their result. */
export type JobQueue<D = unknown, R = unknown> = Queue<
  D,
  R,
  string,
  D,
  R,
  string,
  IQueueBackend,
  ConnectionOptions
>;
/** Hears what becomes of a queue's jobs, in whichever process. */
export type JobEvents = QueueEvents<unknown, IQueueBackend, ConnectionOptions>;
/** Puts in trees of jobs whose parents wait for their children. */
export type JobFlows = FlowProducer<IQueueBackend, ConnectionOptions>;
/** A worker's settings; where it connects to, and under which prefix, is not its own choice. */
export type JobWorkerOptions = Omit<WorkerOptions, "connection" | "prefix">;

/** How the queues are to be opened. */
export interface QueuesOptions {
  /** REDIS_URL; without it the queues live in this process only. */
  readonly redisUrl?: string | undefined;
  /** Sets this installation's queues apart from others on the same Redis. */
  readonly prefix?: string | undefined;
  readonly log: QueueLog;
}

/** How closing went: "forced" means that a job or Redis kept it waiting too long and was cut off. */
export type Closing = "clean" | "forced";

const DEFAULT_PREFIX = "perpdesk";
const CLOSE_MS = 5_000;
/** A worker that died is noticed within this and the next interval. The same in every process, or the check is late. */
const LOCK_MS = 10_000;
const STALLED_INTERVAL_MS = 5_000;
const DAY_S = 86_400;
/** BullMQ keeps finished jobs for ever unless told otherwise. */
const KEPT_COMPLETED: KeepJobs = { age: DAY_S, count: 1_000 };
const KEPT_FAILED: KeepJobs = { age: 7 * DAY_S, count: 1_000 };
const KEPT: JobsOptions = { removeOnComplete: KEPT_COMPLETED, removeOnFail: KEPT_FAILED };

/** A worker that can also be left behind when it can't be closed. */
export class JobWorker<D = unknown, R = unknown> extends Worker<
  D,
  R,
  string,
  IQueueBackend,
  string | boolean | number | object,
  ConnectionOptions
> {
  /** Whether a processor is at work. */
  get isBusy(): boolean {
    return this.lockManager.getActiveJobCount() > 0;
  }

  /** Stops the worker's timers and its connection, whatever its job is doing. */
  async abandon(): Promise<void> {
    // Pausing ends the check for stalled jobs, whose timer would otherwise go on for one interval.
    await this.pause(true);
    await this.lockManager.close();
    await this.backend.close(true);
  }
}

/** The job queues of this process, over Redis or embedded; the same BullMQ objects either way. */
export class Queues {
  readonly kind: "embedded" | "redis";
  readonly #redisUrl: string | undefined;
  readonly #lines: RedisLines | undefined;
  readonly #producer: BackendFactory<IQueueBackend, ConnectionOptions>;
  readonly #consumer: BackendFactory<IQueueBackend, ConnectionOptions>;
  readonly #base: { readonly connection: ConnectionOptions; readonly prefix: string };
  readonly #log: QueueLog;
  readonly #errors: QuietErrors;
  readonly #workers: JobWorker[] = [];
  readonly #queues: JobQueue[] = [];
  readonly #others: { close(): Promise<void> }[] = [];
  #closing: Promise<Closing> | undefined;

  constructor({ redisUrl, prefix = DEFAULT_PREFIX, log }: QueuesOptions) {
    this.kind = redisUrl === undefined ? "embedded" : "redis";
    this.#redisUrl = redisUrl;
    this.#log = log;
    this.#errors = new QuietErrors(log);
    // Both factories make their own connections; BullMQ only asks that the option be there.
    this.#base = { connection: {}, prefix };
    this.#lines = redisUrl === undefined ? undefined : new RedisLines(redisUrl);
    const embedded = memoryBackend(new MemoryStore());
    this.#producer = this.#lines?.producer ?? embedded;
    this.#consumer = this.#lines?.consumer ?? embedded;
  }

  /** Which backend is in use, for the line that is printed at start; never with a password. */
  describe(): string {
    if (this.#redisUrl === undefined) return "embedded queue (no Redis): one process, nothing kept at exit";
    const address = redisAddress(this.#redisUrl);
    return address.ok ? `Redis at ${address.host}:${address.port}` : "Redis at an unreadable REDIS_URL";
  }

  /** Whether the backend answers. Ask before making any queue: BullMQ waits for a Redis that was never there. */
  probe(): Promise<QueueProbe> {
    return this.#redisUrl === undefined ? Promise.resolve({ ok: true }) : probeRedis(this.#redisUrl);
  }

  /** A queue to put jobs into. While Redis is away, adding rejects at once. */
  queue<D = unknown, R = unknown>(name: string): JobQueue<D, R> {
    const options = { ...this.#base, defaultJobOptions: KEPT };
    const queue = new Queue<D, R, string, D, R, string, IQueueBackend, ConnectionOptions>(
      name,
      options,
      this.#producer,
    );
    queue.on("error", this.#errors.listener(`queue ${name}`));
    this.#others.push(queue);
    this.#queues.push(queue as unknown as JobQueue);
    return queue;
  }

  /** What each of this process's queues holds; undefined when the backend does not answer within `timeoutMs`. */
  async views(timeoutMs: number): Promise<readonly QueueView[] | undefined> {
    let views: readonly QueueView[] | undefined;
    const asked = Promise.all(this.#queues.map(queueView)).then((found) => {
      views = found;
    });
    await endsWithin(asked, timeoutMs);
    return views;
  }

  /** Works on a queue's jobs with a function, or with a file in a sandbox of its own (URL). Jobs may be run twice: be idempotent. */
  worker<D = unknown, R = unknown>(
    name: string,
    processor: Processor<D, R> | URL,
    options: JobWorkerOptions = {},
  ): JobWorker<D, R> {
    const settings: WorkerOptions = {
      lockDuration: LOCK_MS,
      stalledInterval: STALLED_INTERVAL_MS,
      removeOnComplete: KEPT_COMPLETED,
      removeOnFail: KEPT_FAILED,
      ...options,
      ...this.#base,
    };
    const worker = new JobWorker<D, R>(name, processor, settings, this.#consumer);
    worker.on("error", this.#errors.listener(`worker ${name}`));
    this.#workers.push(worker as unknown as JobWorker);
    return worker;
  }

  /** Hears what happens in a queue, from now on. */
  events(name: string): JobEvents {
    const events: JobEvents = new QueueEvents(name, this.#base, this.#consumer);
    events.on("error", this.#errors.listener(`events of ${name}`));
    this.#others.push(events);
    return events;
  }

  /** Puts in trees of jobs. */
  flows(): JobFlows {
    const flows: JobFlows = new FlowProducer(this.#base, this.#producer);
    flows.on("error", this.#errors.listener("flows"));
    this.#others.push(flows);
    return flows;
  }

  /**
   * Lets running jobs finish and closes everything; ends after `timeoutMs` and a moment in any case, also while Redis is away.
   * A job that was cut off is run again by the next worker (over Redis). Safe to call twice.
   */
  close(timeoutMs = CLOSE_MS): Promise<Closing> {
    this.#closing ??= this.#close(timeoutMs);
    return this.#closing;
  }

  async #close(timeoutMs: number): Promise<Closing> {
    const end = performance.now() + timeoutMs;
    const left = () => Math.max(0, end - performance.now());
    const isClean = await endsWithin(this.#closeInOrder(left), timeoutMs);
    if (!isClean) {
      this.#log.warn({ timeoutMs }, `job queue: closing took over ${timeoutMs / 1_000} s; cut off`);
      await endsWithin(settled(this.#workers.map((worker) => worker.abandon())), 500);
    }
    this.#lines?.cut();
    return isClean ? "clean" : "forced";
  }

  /** Workers first: what they finish is still to be told. While Redis is away BullMQ's patient closing would never end. */
  async #closeInOrder(leftMs: () => number): Promise<void> {
    const isUp = this.#lines?.areUp ?? true;
    if (!isUp) {
      await settled(this.#workers.map((worker) => worker.pause(true)));
      while (this.#workers.some((worker) => worker.isBusy) && leftMs() > 0) await sleep(20);
    }
    await settled(this.#workers.map((worker) => worker.close(!isUp)));
    if (!isUp) this.#lines?.cut();
    const others = settled(this.#others.map((other) => other.close()));
    // A listener's closing may wait for a goodbye from Redis, which nobody sends now; it has stopped listening all the same.
    if (isUp) await others;
  }
}

/** Opens the job queues: over Redis if `redisUrl` is given, else embedded in this process. Never waits; ask `probe()`. */
export function openQueues(options: QueuesOptions): Queues {
  return new Queues(options);
}

async function settled(promises: readonly Promise<unknown>[]): Promise<void> {
  await Promise.allSettled(promises);
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Whether a promise ends in time; what it brings is not looked at. */
async function endsWithin(promise: Promise<unknown>, ms: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<false>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  const ended = promise.then(
    () => true,
    () => true,
  );
  const inTime = await Promise.race([ended, late]);
  clearTimeout(timer);
  return inTime;
}
