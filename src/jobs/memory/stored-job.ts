import type { JobJson, JobProgress, JobsOptions, ParentKeys } from "bullmq";

/** Where a job stands; every job stands in exactly one line. */
export type Line =
  | "wait"
  | "prioritized"
  | "delayed"
  | "active"
  | "waiting-children"
  | "completed"
  | "failed";

/** What became of a child that its parent waits for; the value is its result (JSON) or its failure's reason. */
export interface Child {
  readonly queueKey: string;
  readonly id: string;
  readonly outcome: "unprocessed" | "processed" | "ignored" | "failed";
  readonly value: string;
}

/** A job as the embedded queue holds it; texts stay texts, so a caller's later changes to its objects don't reach it. */
export interface StoredJob {
  readonly id: string;
  readonly name: string;
  /** JSON. */
  data: string;
  /** JSON. */
  readonly options: string;
  /** JSON. */
  progress: string;
  readonly timestamp: number;
  /** Milliseconds still asked for when it was last delayed; 0 once it is due. */
  delay: number;
  /** 0 = none; otherwise 1 is served first. */
  priority: number;
  readonly lifo: boolean;
  attemptsMade: number;
  attemptsStarted: number;
  stalledCounter: number;
  line: Line | undefined;
  /** The worker that works on it, and until when (wall ms) unless it says that it still does. */
  lock: { readonly token: string; readonly until: number } | undefined;
  processedOn: number | undefined;
  processedBy: string | undefined;
  finishedOn: number | undefined;
  /** JSON. */
  returnvalue: string | undefined;
  failedReason: string | undefined;
  stacktrace: string | undefined;
  /** Why it must fail as soon as a worker takes it. */
  deferredFailure: string | undefined;
  parent: ParentKeys | undefined;
  parentKey: string | undefined;
  readonly schedulerId: string | undefined;
  readonly deduplicationId: string | undefined;
  readonly children: Map<string, Child>;
  /** A child of the flow could not be attached, so the flow's end must not release this parent. */
  attachmentFailed: boolean;
  readonly logs: string[];
}

/** What a new job is made of. */
export interface NewJob {
  readonly name: string;
  /** JSON. */
  readonly data: string;
  readonly options: JobsOptions;
  readonly timestamp: number;
  readonly parent?: ParentKeys | undefined;
  readonly parentKey?: string | undefined;
  readonly schedulerId?: string | undefined;
}

/** A job that nobody has worked on yet and that stands in no line yet. */
export function storedJob(id: string, job: NewJob): StoredJob {
  const { options } = job;
  return {
    id,
    name: job.name,
    data: job.data,
    options: JSON.stringify(options),
    progress: "0",
    timestamp: job.timestamp,
    delay: options.delay ?? 0,
    priority: options.priority ?? 0,
    lifo: options.lifo ?? false,
    attemptsMade: 0,
    attemptsStarted: 0,
    stalledCounter: 0,
    line: undefined,
    lock: undefined,
    processedOn: undefined,
    processedBy: undefined,
    finishedOn: undefined,
    returnvalue: undefined,
    failedReason: undefined,
    stacktrace: undefined,
    deferredFailure: undefined,
    parent: job.parent,
    parentKey: job.parentKey,
    schedulerId: job.schedulerId,
    deduplicationId: options.deduplication?.id,
    children: new Map(),
    attachmentFailed: false,
    logs: [],
  };
}

/** The job in BullMQ's own form; fields that have no value yet are left out. */
export function jobJson(job: StoredJob): JobJson {
  const options: JobsOptions = JSON.parse(job.options);
  const progress: JobProgress = JSON.parse(job.progress);
  return {
    id: job.id,
    name: job.name,
    data: job.data,
    opts: options,
    progress,
    attemptsMade: job.attemptsMade,
    attemptsStarted: job.attemptsStarted,
    stalledCounter: job.stalledCounter,
    timestamp: job.timestamp,
    delay: job.delay,
    priority: job.priority,
    failedReason: job.failedReason ?? "",
    // "null" is what a job without a result reads as.
    returnvalue: job.returnvalue ?? "null",
    ...(job.finishedOn !== undefined && { finishedOn: job.finishedOn }),
    ...(job.processedOn !== undefined && { processedOn: job.processedOn }),
    ...(job.processedBy !== undefined && { processedBy: job.processedBy }),
    ...(job.stacktrace !== undefined && { stacktrace: job.stacktrace }),
    ...(job.deferredFailure !== undefined && { deferredFailure: job.deferredFailure }),
    ...(job.parent !== undefined && { parent: job.parent }),
    ...(job.parentKey !== undefined && { parentKey: job.parentKey }),
    ...(job.schedulerId !== undefined && { repeatJobKey: job.schedulerId }),
    ...(job.deduplicationId !== undefined && { deduplicationId: job.deduplicationId }),
  };
}

/** Whether a worker holds the job at `now` (wall ms). */
export function isLocked(job: StoredJob, now: number): boolean {
  return job.lock !== undefined && job.lock.until > now;
}
