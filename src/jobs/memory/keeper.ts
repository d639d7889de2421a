import { ErrorCode, type MinimalJob } from "bullmq";
import { promote } from "./activation.ts";
import { orphan } from "./family.ts";
import { lineOf, MemoryReader } from "./reader.ts";
import { refusal } from "./refusal.ts";
import { clean, drain, isHeld, obliterate, remove, removeChildren } from "./removal.ts";
import type { StoredJob } from "./stored-job.ts";

/** What a queue's keeper may do beside running jobs: settings, pausing, changing, tidying and removing. */
export class MemoryKeeper extends MemoryReader {
  async pause(pause: boolean): Promise<void> {
    const { queue } = this;
    if (pause) queue.meta.set("paused", "1");
    else queue.meta.delete("paused");
    queue.emit(pause ? "paused" : "resumed");
    queue.work.ring();
  }

  async setQueueMeta(values: Record<string, string | number>): Promise<number> {
    const { meta, work } = this.queue;
    const added = Object.keys(values).filter((field) => !meta.has(field)).length;
    for (const [field, value] of Object.entries(values)) meta.set(field, String(value));
    work.ring();
    return added;
  }

  async removeQueueMetaFields(fields: string[]): Promise<number> {
    const { meta, work } = this.queue;
    const removed = fields.filter((field) => meta.delete(field)).length;
    work.ring();
    return removed;
  }

  async setRateLimit(expireTimeMs: number): Promise<void> {
    this.queue.limit = { starts: Number.MAX_SAFE_INTEGER, until: Date.now() + expireTimeMs };
  }

  async removeRateLimitKey(): Promise<number> {
    const { queue } = this;
    const wasLimited = queue.limit.until > Date.now();
    queue.limit = { starts: 0, until: 0 };
    queue.work.ring();
    return wasLimited ? 1 : 0;
  }

  /** There never was such a key here, so none is removed. */
  async removeDeprecatedPriorityKey(): Promise<number> {
    return 0;
  }

  async removeDeduplicationKey(deduplicationId: string, jobId: string): Promise<number> {
    const { taken } = this.queue;
    return taken.get(deduplicationId)?.jobId === jobId && taken.delete(deduplicationId) ? 1 : 0;
  }

  async deleteDeduplicationKey(deduplicationId: string): Promise<number> {
    return this.queue.taken.delete(deduplicationId) ? 1 : 0;
  }

  async trimEvents(maxLength: number): Promise<number> {
    return this.queue.events.trim(maxLength);
  }

  async publishEvent(fields: Record<string, string | number>, maxEvents: number): Promise<string> {
    const { event = "", ...rest } = fields;
    return this.queue.events.append(String(event), rest, maxEvents);
  }

  async updateData(job: Pick<MinimalJob, "id">, data: unknown): Promise<void> {
    this.#job(job.id ?? "", "updateData").data = JSON.stringify(data);
  }

  async addLog(jobId: string, logRow: string, keepLogs?: number): Promise<number> {
    const { logs } = this.#job(jobId, "addLog");
    logs.push(logRow);
    if (keepLogs) logs.splice(0, logs.length - keepLogs);
    return logs.length;
  }

  async clearLogs(jobId: string, keepLogs = 0): Promise<void> {
    const logs = this.queue.jobs.get(jobId)?.logs;
    logs?.splice(0, Math.max(0, logs.length - keepLogs));
  }

  async promote(jobId: string): Promise<void> {
    const job = this.queue.jobs.get(jobId);
    if (job?.line !== "delayed") {
      throw refusal({ code: ErrorCode.JobNotInState, jobId, command: "promote", state: "delayed" });
    }
    promote(this.queue, job);
  }

  async changeDelay(jobId: string, delay: number): Promise<void> {
    const job = this.#job(jobId, "changeDelay");
    if (job.line !== "delayed") {
      throw refusal({ code: ErrorCode.JobNotInState, jobId, command: "changeDelay", state: "delayed" });
    }
    job.delay = delay;
    this.queue.toDelayed(job, Date.now() + delay);
  }

  async changePriority(jobId: string, priority = 0, lifo = false): Promise<void> {
    const { queue } = this;
    const job = this.#job(jobId, "changePriority");
    job.priority = priority;
    if (job.line !== "wait" && job.line !== "prioritized") return;
    queue.place(job, priority === 0 ? "wait" : "prioritized", priority, lifo);
    queue.work.ring();
  }

  async remove(jobId: string, removeChildrenToo: boolean): Promise<number> {
    const { queue } = this;
    const now = Date.now();
    const job = queue.jobs.get(jobId);
    if (job === undefined) return 1;
    if (queue.isNextRun(job)) {
      throw refusal({ code: ErrorCode.JobBelongsToJobScheduler, jobId, command: "removeJob" });
    }
    if (isHeld(this.store, job, removeChildrenToo, now)) return 0;
    remove(this.store, queue, job, removeChildrenToo, { processed: false, locked: false }, now);
    return 1;
  }

  async removeUnprocessedChildren(jobId: string): Promise<void> {
    const job = this.queue.jobs.get(jobId);
    if (job !== undefined) removeChildren(this.store, job, { processed: true, locked: true }, Date.now());
  }

  async removeChildDependency(jobId: string, parentKey: string): Promise<boolean> {
    const child = this.#job(jobId, "removeChildDependency");
    if (this.store.jobAt(parentKey) === undefined) {
      const code = ErrorCode.ParentJobNotExist;
      throw refusal({ code, jobId, parentKey, command: "removeChildDependency" });
    }
    const wasWaitedFor = child.parentKey === parentKey && orphan(this.store, this.queue, child, false);
    if (!wasWaitedFor) return false;
    child.parent = undefined;
    child.parentKey = undefined;
    return true;
  }

  async drain(delayed: boolean): Promise<void> {
    drain(this.store, this.queue, delayed);
  }

  async cleanJobsByState(state: string, timestamp: number, limit = 0): Promise<string[]> {
    return clean(this.store, this.queue, lineOf(state), timestamp, limit, Date.now());
  }

  async obliterate(opts: { force: boolean; count: number }): Promise<number> {
    const { queue } = this;
    if (!queue.isPaused()) throw new Error("Cannot obliterate non-paused queue");
    if (!opts.force && queue.line("active").size > 0) {
      throw new Error("Cannot obliterate queue with active jobs");
    }
    obliterate(this.store, queue);
    return 0;
  }

  /** A job and its place in a line are one record here, so there are no jobs that have lost their line. */
  async removeOrphanedJobs(): Promise<number> {
    return 0;
  }

  #job(jobId: string, command: string): StoredJob {
    const job = this.queue.jobs.get(jobId);
    if (job === undefined) throw refusal({ code: ErrorCode.JobNotExist, jobId, command });
    return job;
  }
}
