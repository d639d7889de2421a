import {
  type BackendFactory,
  type ConnectionOptions,
  ErrorCode,
  type IQueueBackend,
  type JobJson,
  type JobProgress,
  type JobsOptions,
  type KeepJobs,
  type MinimalJob,
  type MoveToDelayedOpts,
  type MoveToWaitingChildrenOpts,
  type ParentKeyOpts,
  type RepeatableOptions,
  type RetryJobOpts,
  type RetryOptions,
} from "bullmq";
import { type Handed, handNext } from "./activation.ts";
import { addJob } from "./arrivals.ts";
import { releaseParent } from "./family.ts";
import { type Ending, finish, handAfter, keepRule } from "./finishing.ts";
import {
  awaitChildren,
  delayActive,
  putBack,
  rerun,
  rerunMany,
  retryActive,
  stillAtWork,
  type Traces,
  takeBackStalled,
} from "./handing-back.ts";
import { MemoryKeeper } from "./keeper.ts";
import type { QueueState } from "./queue-state.ts";
import { type RefusedStep, refusal } from "./refusal.ts";
import { putNextRun, putSchedule, removeSchedule } from "./schedules.ts";
import type { MemoryStore } from "./store.ts";

type AnyJob = Pick<MinimalJob<unknown, unknown>, "id" | "opts">;
type Moved = { result: Handed | []; finishedOn: number };

/**
 * BullMQ's backend without Redis: all queues of one process in memory, with the rules of BullMQ's own scripts.
 * Nothing is kept at exit and no other process sees it; a blocked event loop doesn't lose locks here as it would over Redis.
 */
class MemoryBackend extends MemoryKeeper implements IQueueBackend {
  forQueue(queueName: string, prefix?: string): IQueueBackend {
    const options = prefix === undefined ? this.options : { ...this.options, prefix };
    return new MemoryBackend(this.store, queueName, options, {}, this);
  }

  async addJob(job: JobJson, jobId: string, family: ParentKeyOpts = {}): Promise<string> {
    const added = addJob(this.store, this.queue, job, jobId, family, Date.now());
    if (typeof added === "string") return added;
    throw refusal({ code: added, parentKey: family.parentKey, command: "addJob" });
  }

  async addJobs(
    entries: { job: JobJson; jobId: string; parentKeyOpts?: ParentKeyOpts }[],
  ): Promise<string[]> {
    return Promise.all(
      entries.map(({ job, jobId, parentKeyOpts }) => this.addJob(job, jobId, parentKeyOpts)),
    );
  }

  async addFlow(
    entries: {
      jobData: JobJson;
      jobId: string;
      parentKeyOpts: ParentKeyOpts;
      prefix: string;
      queueName: string;
    }[],
  ): Promise<[Error | null, string | number][]> {
    const now = Date.now();
    const parents = new Set<string>();
    const added = entries.map(({ jobData, jobId, parentKeyOpts, prefix, queueName }) => {
      const queue = this.store.queue(`${prefix}:${queueName}`);
      if (parentKeyOpts.parentKey) parents.add(parentKeyOpts.parentKey);
      const family = { ...parentKeyOpts, deferParentRelease: true };
      return addJob(this.store, queue, jobData, jobId, family, now);
    });
    // Only now are all children there, so only now can it be said that a parent has none left to wait for.
    for (const key of parents) {
      const parent = this.store.jobAt(key);
      if (parent !== undefined && !parent.job.attachmentFailed) releaseParent(parent.queue, parent.job, now);
      if (parent !== undefined) parent.job.attachmentFailed = false;
    }
    return added.map((idOrCode) => [null, idOrCode]);
  }

  async addJobScheduler(
    id: string,
    nextMillis: number,
    data: string,
    templateOptions: JobsOptions,
    timing: RepeatableOptions,
    runOptions: JobsOptions,
  ): Promise<[string, number]> {
    const wish = { id, nextMillis, data, templateOptions, timing, runOptions };
    const put = putSchedule(this.store, this.queue, wish, Date.now());
    if (typeof put === "object") return [put.jobId, put.delay];
    throw refusal({ code: put, command: "addJobScheduler" });
  }

  async updateJobSchedulerNextMillis(
    id: string,
    nextMillis: number,
    _data: string,
    runOptions: JobsOptions,
    producerId?: string,
  ): Promise<string | null> {
    return putNextRun(this.queue, id, nextMillis, runOptions, producerId, Date.now());
  }

  async removeJobScheduler(id: string): Promise<number> {
    return removeSchedule(this.store, this.queue, id) ? 0 : 1;
  }

  async moveToActive(token: string, name?: string): Promise<Handed> {
    return handNext(this.queue, this.options, token, name, Date.now());
  }

  async moveToCompleted(
    job: AnyJob,
    returnValue: unknown,
    removeOnComplete: boolean | number | KeepJobs | undefined,
    token: string,
    fetchNext: boolean,
  ): Promise<Moved> {
    const keep = keepRule(removeOnComplete, this.options.removeOnComplete);
    const value = JSON.stringify(returnValue) ?? "null";
    return this.#finish(job, { outcome: "completed", value, token, keep, attempts: 0 }, fetchNext);
  }

  async moveToFailed(
    job: AnyJob,
    failedReason: string,
    removeOnFail: boolean | number | KeepJobs | undefined,
    token: string,
    fetchNext: boolean,
    fieldsToUpdate?: Record<string, unknown>,
  ): Promise<Moved> {
    const keep = keepRule(removeOnFail, this.options.removeOnFail);
    const { stacktrace } = tracesOf(fieldsToUpdate);
    const attempts = job.opts.attempts ?? 0;
    const ending: Ending = { outcome: "failed", value: failedReason, token, keep, attempts, stacktrace };
    return this.#finish(job, ending, fetchNext);
  }

  async moveToDelayed(
    jobId: string,
    timestamp: number,
    delay: number,
    token = "0",
    opts: MoveToDelayedOpts = {},
  ): Promise<Handed | []> {
    const { queue } = this;
    const delayed = { token, delay, due: timestamp + delay, skipAttempt: opts.skipAttempt ?? false };
    this.#allow(delayActive(queue, jobId, delayed, tracesOf(opts.fieldsToUpdate)), {
      jobId,
      command: "moveToDelayed",
      state: "active",
    });
    if (!opts.fetchNext || this.closing !== undefined) return [];
    const handed = handNext(queue, this.options, token, this.options.name, Date.now());
    return handed[0] === null ? [] : handed;
  }

  async moveToWaitingChildren(
    jobId: string,
    token: string,
    opts: MoveToWaitingChildrenOpts = {},
  ): Promise<boolean> {
    const childKey = opts.child && `${opts.child.queue}:${opts.child.id}`;
    const moved = awaitChildren(this.queue, jobId, token, childKey, Date.now());
    if (typeof moved === "boolean") return moved;
    throw refusal({ code: moved, jobId, command: "moveToWaitingChildren", state: "active" });
  }

  async moveJobFromActiveToWait(jobId: string, token = "0"): Promise<number> {
    const { queue } = this;
    const step = { jobId, command: "moveJobFromActiveToWait", state: "active" };
    this.#allow(putBack(queue, jobId, token), step);
    return Math.max(0, queue.limit.until - Date.now());
  }

  async retryJob(jobId: string, lifo: boolean, token = "0", opts: RetryJobOpts = {}): Promise<void> {
    const traces = tracesOf(opts.fieldsToUpdate);
    const code = retryActive(this.queue, jobId, token, lifo, traces, Date.now());
    this.#allow(code, { jobId, command: "retryJob", state: "active" });
  }

  async retryFinishedJob(job: AnyJob, state: "failed" | "completed", opts: RetryOptions = {}): Promise<void> {
    const code = rerun(this.store, this.queue, job.id ?? "", state, opts);
    this.#allow(code, { jobId: job.id, command: "reprocessJob", state });
  }

  async retryFinishedJobs(
    state: "completed" | "failed" = "failed",
    count = 1_000,
    timestamp = Date.now(),
  ): Promise<number> {
    return rerunMany(this.store, this.queue, state, count, timestamp);
  }

  async promoteJobs(count = 1_000): Promise<number> {
    return rerunMany(this.store, this.queue, "delayed", count, Number.POSITIVE_INFINITY);
  }

  async moveStalledJobsToWait(): Promise<string[]> {
    return takeBackStalled(this.queue, this.options, Date.now());
  }

  async extendLock(jobId: string, token: string, duration: number): Promise<number> {
    return stillAtWork(this.queue, jobId, token, Date.now() + duration) ? 1 : 0;
  }

  async extendLocks(jobIds: string[], tokens: string[], duration: number): Promise<string[]> {
    const until = Date.now() + duration;
    return jobIds.filter((jobId, index) => !stillAtWork(this.queue, jobId, tokens[index] ?? "", until));
  }

  async updateProgress(jobId: string, progress: JobProgress): Promise<void> {
    const { queue } = this;
    const job = queue.jobs.get(jobId);
    if (job === undefined) {
      throw refusal({ code: ErrorCode.JobNotExist, jobId, command: "updateProgress" });
    }
    job.progress = JSON.stringify(progress);
    queue.emit("progress", { jobId, data: job.progress });
  }

  #finish(job: AnyJob, ending: Ending, fetchNext: boolean): Moved {
    const queue: QueueState = this.queue;
    const now = Date.now();
    const jobId = job.id ?? "";
    const code = finish(this.store, queue, jobId, ending, this.options, now);
    this.#allow(code, { jobId, command: "moveToFinished", state: "active" });
    const asksForMore = fetchNext && this.closing === undefined;
    return { result: handAfter(queue, this.options, ending.token, asksForMore, now), finishedOn: now };
  }

  #allow(code: ErrorCode | undefined, step: Omit<RefusedStep, "code">): void {
    if (code !== undefined) throw refusal({ ...step, code });
  }
}

/** Makes BullMQ keep its queues in `store`; the connection options that BullMQ asks for are not looked at. */
export function memoryBackend(store: MemoryStore): BackendFactory<IQueueBackend, ConnectionOptions> {
  return (name, options, role) => new MemoryBackend(store, name, options, role);
}

/** The fields that BullMQ changes on a job with a failed try; what has no value is left as it was. */
function tracesOf(fields: Readonly<Record<string, unknown>> = {}): Traces {
  const { failedReason, stacktrace } = fields;
  return {
    ...(typeof failedReason === "string" && { failedReason }),
    ...(typeof stacktrace === "string" && { stacktrace }),
  };
}
