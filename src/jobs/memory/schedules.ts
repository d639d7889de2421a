import { ErrorCode, type JobsOptions, type RepeatableOptions, type RepeatOptions } from "bullmq";
import { enqueue } from "./arrivals.ts";
import { nextRun } from "./cadence.ts";
import { type QueueState, runId } from "./queue-state.ts";
import { wipe } from "./removal.ts";
import type { MemoryStore } from "./store.ts";

/** The options of one run carry the scheduler's own; BullMQ's job type leaves them out. */
type RunOptions = JobsOptions & { readonly repeat?: RepeatOptions };

/** What a scheduler makes, and when. */
export interface ScheduleWish {
  readonly id: string;
  /** For a cron pattern: the next run (wall ms). */
  readonly nextMillis: number;
  /** JSON. */
  readonly data: string;
  readonly templateOptions: JobsOptions;
  readonly timing: RepeatableOptions;
  readonly runOptions: RunOptions;
}

/** How many slots ahead are tried when a finished run of an earlier scheduler of that id stands in the way. */
const SLOTS_TRIED = 32;

/** Makes or changes a scheduler and its next run; the same settings again leave the next run where it was. */
export function putSchedule(
  store: MemoryStore,
  queue: QueueState,
  wish: ScheduleWish,
  now: number,
): { readonly jobId: string; readonly delay: number } | ErrorCode {
  const { id, timing } = wish;
  const known = queue.schedules.get(id);
  const isSameCadence = known !== undefined && Number(known.fields["every"]) === timing.every;
  const asked = timing.offset ?? wish.runOptions.repeat?.offset ?? 0;
  const reckoned =
    timing.every === undefined
      ? { next: wish.nextMillis, offset: asked }
      : nextRun(
          {
            every: timing.every,
            offset: asked,
            previous: isSameCadence ? known.next : undefined,
            startDate: timing.startDate,
          },
          now,
        );
  const replaced = known !== undefined && removeUnbegun(store, queue, runId(id, known.next));
  let next = replaced && timing.every !== undefined && isSameCadence ? known.next : reckoned.next;
  if (queue.jobs.has(runId(id, next))) {
    if (timing.every === undefined) return ErrorCode.SchedulerJobIdCollision;
    const free = freeSlot(queue, id, next, timing.every);
    if (free === undefined) return ErrorCode.SchedulerJobSlotsBusy;
    next = free;
  }
  const offset = replaced ? timing.offset : reckoned.offset;
  queue.schedules.set(id, { fields: fieldsOf(wish, offset, known?.fields), next });
  const delay = Math.max(0, next - now);
  queue.nextId();
  addRun(queue, id, timing.name, wish.data, { ...wish.runOptions, delay }, next, now);
  return { jobId: runId(id, next), delay };
}

/** Adds the run after the one with the id `producerId`, which has just been started; null if that one is not the latest. */
export function putNextRun(
  queue: QueueState,
  id: string,
  nextMillis: number,
  runOptions: RunOptions,
  producerId: string | undefined,
  now: number,
): string | null {
  const schedule = queue.schedules.get(id);
  if (schedule === undefined || producerId !== runId(id, schedule.next)) return null;
  const { fields } = schedule;
  const every = Number(fields["every"] ?? runOptions.repeat?.every ?? 0);
  const startDate = fields["startDate"];
  const cadence = {
    every,
    offset: Number(fields["offset"] ?? runOptions.repeat?.offset ?? 0),
    previous: schedule.next,
    startDate: startDate === undefined ? undefined : Number(startDate),
  };
  const next = every > 0 ? nextRun(cadence, now).next : nextMillis;
  const jobId = runId(id, next);
  if (queue.jobs.has(jobId)) {
    queue.emit("duplicated", { jobId });
    return null;
  }
  queue.schedules.set(id, { fields: { ...fields, ic: String(Number(fields["ic"] ?? 0) + 1) }, next });
  queue.nextId();
  const delay = Math.max(0, next - now);
  addRun(queue, id, fields["name"] ?? id, fields["data"] ?? "{}", { ...runOptions, delay }, next, now);
  return jobId;
}

/** Ends a scheduler and takes out its next run while that is delayed; false if there is none of that id. */
export function removeSchedule(store: MemoryStore, queue: QueueState, id: string): boolean {
  const schedule = queue.schedules.get(id);
  if (schedule === undefined) return false;
  queue.schedules.delete(id);
  const run = queue.jobs.get(runId(id, schedule.next));
  if (run?.line === "delayed") {
    wipe(store, queue, run);
    queue.emit("removed", { jobId: run.id, prev: "delayed" });
  }
  return true;
}

function addRun(
  queue: QueueState,
  id: string,
  name: string,
  data: string,
  options: RunOptions,
  next: number,
  now: number,
): void {
  const jobId = runId(id, next);
  enqueue(queue, jobId, { name, data, options: { ...options, jobId }, timestamp: now, schedulerId: id });
}

function removeUnbegun(store: MemoryStore, queue: QueueState, jobId: string): boolean {
  const run = queue.jobs.get(jobId);
  if (run === undefined) return false;
  const isUnbegun = run.line === "delayed" || run.line === "prioritized" || run.line === "wait";
  if (isUnbegun) wipe(store, queue, run);
  return isUnbegun;
}

function freeSlot(queue: QueueState, id: string, next: number, every: number): number | undefined {
  for (let slot = 1; slot <= SLOTS_TRIED; slot += 1) {
    if (!queue.jobs.has(runId(id, next + slot * every))) return next + slot * every;
  }
  return undefined;
}

/** A scheduler's settings as texts; the offset once fixed and the count of runs outlive a change of the rest. */
function fieldsOf(
  wish: ScheduleWish,
  offset: number | undefined | null,
  known: Readonly<Record<string, string>> | undefined,
): Record<string, string> {
  const { tz, limit, pattern, startDate, endDate, every } = wish.timing;
  const values = {
    name: wish.timing.name,
    tz,
    limit,
    pattern,
    startDate,
    endDate,
    every,
    offset: offset ?? known?.["offset"],
    opts: orNothing(JSON.stringify(wish.templateOptions)),
    data: orNothing(wish.data),
    ic: known?.["ic"] ?? 1,
  };
  const fields: Record<string, string> = {};
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined && value !== null) fields[name] = String(value);
  }
  return fields;
}

function orNothing(json: string): string | undefined {
  return json === "{}" ? undefined : json;
}
