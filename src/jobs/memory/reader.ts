import type { DependenciesOpts, DependencyOpts, JobJson, JobState, JobType } from "bullmq";
import { limitedForMs } from "./activation.ts";
import { MemoryConnection } from "./connection.ts";
import { holderOf } from "./deduplication.ts";
import { childrenOf } from "./family.ts";
import { type Child, jobJson, type Line } from "./stored-job.ts";

/** How many children one page has when the caller doesn't say, as over Redis. */
const CHILDREN_A_PAGE = 20;

/** A page of a job's children. */
interface ChildPage {
  readonly entries: readonly [string, Child][];
  /** Where the next page begins; 0 = this was the last one. */
  readonly next: number;
}

/** What can be asked about a queue, its jobs and its schedulers without changing anything. */
export class MemoryReader extends MemoryConnection {
  async getState(jobId: string): Promise<JobState | "unknown"> {
    const line = this.queue.jobs.get(jobId)?.line;
    return line === undefined ? "unknown" : line === "wait" ? "waiting" : line;
  }

  async isFinished(jobId: string, returnValue?: boolean): Promise<number | [number, string]> {
    const job = this.queue.jobs.get(jobId);
    const [state, value]: [number, string] =
      job === undefined
        ? [-1, `Missing key for job ${this.toKey(jobId)}. isFinished`]
        : job.line === "completed"
          ? [1, job.returnvalue ?? "null"]
          : job.line === "failed"
            ? [2, job.failedReason ?? ""]
            : [0, ""];
    return returnValue ? [state, value] : state;
  }

  async isMaxed(): Promise<boolean> {
    return this.queue.isMaxed();
  }

  async isJobInState(state: string, jobId: string): Promise<boolean> {
    return this.queue.line(lineOf(state)).has(jobId);
  }

  async getJobData(jobId: string): Promise<JobJson | undefined> {
    const job = this.queue.jobs.get(jobId);
    return job === undefined ? undefined : jobJson(job);
  }

  async getDeduplicationJobId(deduplicationId: string): Promise<string | null> {
    return holderOf(this.queue, deduplicationId, Date.now()) ?? null;
  }

  async getJobLogs(
    jobId: string,
    start: number,
    end: number,
    asc: boolean,
  ): Promise<{ logs: string[]; count: number }> {
    const logs = this.queue.jobs.get(jobId)?.logs ?? [];
    return { logs: page(asc ? logs : logs.toReversed(), start, end), count: logs.length };
  }

  async getRateLimitTtl(maxJobs?: number): Promise<number> {
    const { queue } = this;
    const now = Date.now();
    const max = maxJobs ?? queue.meta.get("max");
    if (max !== undefined) return limitedForMs(queue, Number(max), now);
    // -2 is how Redis says "no such key".
    return queue.limit.until > now ? queue.limit.until - now : -2;
  }

  async getCounts(types: JobType[], delayedTimestamp?: number): Promise<number[]> {
    const { queue } = this;
    return types.map((type) => {
      if (type === "repeat") return queue.schedules.size;
      const line = queue.line(lineOf(type));
      return type === "delayed" && delayedTimestamp !== undefined
        ? line.countBelow(delayedTimestamp)
        : line.size;
    });
  }

  async getCountsPerPriority(priorities: number[]): Promise<number[]> {
    const { queue } = this;
    return priorities.map((priority) =>
      priority === 0 ? queue.line("wait").size : queue.line("prioritized").countOf(priority),
    );
  }

  async getRanges(types: JobType[], start = 0, end = 1, asc = false): Promise<[string][]> {
    const ranges = types.map((type) => {
      const ids = type === "repeat" ? this.#scheduleIds() : this.queue.line(lineOf(type)).ids();
      if (!asc) return page(ids.toReversed(), start, end);
      // Redis keeps these two as lists, newest first, and BullMQ turns what it gets for them around.
      const isList = type === "wait" || type === "waiting" || type === "active";
      return isList ? page(ids, start, end).toReversed() : page(ids, start, end);
    });
    // BullMQ declares each range as a one-element tuple although it holds any number of ids.
    return ranges as unknown as [string][];
  }

  async getDependencyCounts(jobId: string, types: string[]): Promise<number[]> {
    return types.map((type) => this.#children(jobId, outcomeOf(type)).length);
  }

  async getDependencies(
    jobId: string,
    opts: DependenciesOpts = {},
  ): Promise<{
    nextFailedCursor?: number;
    failed?: string[];
    nextIgnoredCursor?: number;
    ignored?: Record<string, string>;
    nextProcessedCursor?: number;
    processed?: Record<string, unknown>;
    nextUnprocessedCursor?: number;
    unprocessed?: string[];
  }> {
    const { processed, unprocessed, ignored, failed } = opts;
    const everything = { cursor: 0, count: Number.POSITIVE_INFINITY };
    const all = !processed && !unprocessed && !ignored && !failed ? everything : undefined;
    const pageOf = (outcome: Child["outcome"], wanted: DependencyOpts | undefined) =>
      (wanted ?? all) === undefined ? undefined : this.#childPage(jobId, outcome, wanted ?? everything);
    const done = pageOf("processed", processed);
    const pending = pageOf("unprocessed", unprocessed);
    const passed = pageOf("ignored", ignored);
    const lost = pageOf("failed", failed);
    const cursors = all === undefined;
    return {
      ...(done && {
        processed: Object.fromEntries(done.entries.map(([key, child]) => [key, parsed(child)])),
      }),
      ...(pending && { unprocessed: pending.entries.map(([key]) => key) }),
      ...(passed && { ignored: valuesOf(passed.entries) }),
      ...(lost && { failed: lost.entries.map(([key]) => key) }),
      ...(cursors && done && { nextProcessedCursor: done.next }),
      ...(cursors && pending && { nextUnprocessedCursor: pending.next }),
      ...(cursors && passed && { nextIgnoredCursor: passed.next }),
      ...(cursors && lost && { nextFailedCursor: lost.next }),
    };
  }

  async getProcessedChildrenValues(jobId: string): Promise<Record<string, string>> {
    return valuesOf(this.#children(jobId, "processed"));
  }

  async getIgnoredChildrenFailures(jobId: string): Promise<Record<string, string>> {
    return valuesOf(this.#children(jobId, "ignored"));
  }

  /** A page of a job's children; the key is `<queue key>:<job id>:processed` or `…:dependencies`. */
  async paginate(
    key: string,
    opts: { start: number; end: number; fetchJobs?: boolean },
  ): Promise<{
    cursor: string;
    items: { id: string; v?: unknown }[];
    total: number;
    jobs?: JobJson[];
  }> {
    const colon = key.lastIndexOf(":");
    const isProcessed = key.slice(colon) === ":processed";
    const parent = this.store.jobAt(key.slice(0, colon));
    const children = parent ? childrenOf(parent.job, isProcessed ? "processed" : "unprocessed") : [];
    const shown = page(children, opts.start, opts.end);
    const jobs = shown.flatMap(([childKey]) => this.store.jobAt(childKey)?.job ?? []);
    return {
      cursor: "0",
      items: shown.map(([id, child]) => (isProcessed ? { id, v: parsed(child) } : { id })),
      total: children.length,
      ...(opts.fetchJobs && { jobs: jobs.map(jobJson) }),
    };
  }

  async getMetrics(type: "completed" | "failed", start = 0, end = -1): Promise<[string[], string[], number]> {
    const { count, countedAt, countedCount, minutes } = this.queue.finished[type];
    const meta = [String(count), String(countedAt ?? 0), String(countedCount)];
    return [meta, page(minutes, start, end).map(String), minutes.length];
  }

  async getQueueMetaField(field: string): Promise<string | null> {
    return this.queue.meta.get(field) ?? null;
  }

  async getQueueMetaFields(fields: string[]): Promise<(string | null)[]> {
    return fields.map((field) => this.queue.meta.get(field) ?? null);
  }

  async getQueueMeta(): Promise<Record<string, string>> {
    return Object.fromEntries(this.queue.meta);
  }

  async hasQueueMetaField(field: string): Promise<boolean> {
    return this.queue.meta.has(field);
  }

  async isJobScheduler(id: string): Promise<boolean> {
    return this.queue.schedules.has(id);
  }

  async getJobScheduler(id: string): Promise<[string[] | null, string | null]> {
    const schedule = this.queue.schedules.get(id);
    return schedule === undefined
      ? [null, null]
      : [Object.entries(schedule.fields).flat(), String(schedule.next)];
  }

  async getJobSchedulerData(id: string): Promise<Record<string, string>> {
    return { ...this.queue.schedules.get(id)?.fields };
  }

  async getJobSchedulersRange(start: number, end: number, asc: boolean): Promise<string[]> {
    const ids = this.#scheduleIds();
    const shown = page(asc ? ids : ids.toReversed(), start, end);
    return shown.flatMap((id) => [id, String(this.queue.schedules.get(id)?.next ?? 0)]);
  }

  async getJobSchedulersCount(): Promise<number> {
    return this.queue.schedules.size;
  }

  /** Schedulers by their next run, soonest first. */
  #scheduleIds(): string[] {
    const byNext = [...this.queue.schedules].sort(([, one], [, other]) => one.next - other.next);
    return byNext.map(([id]) => id);
  }

  #children(jobId: string, outcome: Child["outcome"]): [string, Child][] {
    const job = this.queue.jobs.get(jobId);
    return job === undefined ? [] : childrenOf(job, outcome);
  }

  #childPage(jobId: string, outcome: Child["outcome"], wanted: DependencyOpts): ChildPage {
    const { cursor = 0, count = CHILDREN_A_PAGE } = wanted;
    const children = this.#children(jobId, outcome);
    const end = cursor + count;
    return { entries: children.slice(cursor, end), next: end < children.length ? end : 0 };
  }
}

/** The line that BullMQ means by a job type; any other name is refused by the queue. */
export function lineOf(type: string): Line {
  return (type === "waiting" ? "wait" : type) as Line;
}

/** From place `start` to place `end`, both included; negative places count from the end, as in Redis. */
function page<T>(list: readonly T[], start: number, end: number): T[] {
  return list.slice(start, end === -1 ? undefined : end + 1);
}

/** BullMQ asks for "failed" or any other name for the children that failed their parent. */
function outcomeOf(type: string): Child["outcome"] {
  return type === "processed" || type === "unprocessed" || type === "ignored" ? type : "failed";
}

function parsed(child: Child): unknown {
  return JSON.parse(child.value);
}

function valuesOf(entries: readonly [string, Child][]): Record<string, string> {
  return Object.fromEntries(entries.map(([key, child]) => [key, child.value]));
}
