import { ErrorCode, type JobJson, type ParentKeyOpts } from "bullmq";
import { deduplicated } from "./deduplication.ts";
import { childProcessed, releaseParent } from "./family.ts";
import type { QueueState } from "./queue-state.ts";
import type { MemoryStore } from "./store.ts";
import { type NewJob, type StoredJob, storedJob } from "./stored-job.ts";

/**
 * Takes a job in: delayed, prioritized, waiting, or waiting for its children.
 * Returns its id, the id of the job that stands for it already, or the code of the rule that forbids it.
 */
export function addJob(
  store: MemoryStore,
  queue: QueueState,
  json: JobJson,
  jobId: string | undefined,
  family: ParentKeyOpts,
  now: number,
): string | ErrorCode {
  if (json.parentKey !== undefined && store.jobAt(json.parentKey) === undefined) {
    return ErrorCode.ParentJobNotExist;
  }
  const counted = String(queue.nextId());
  const id = jobId === undefined || jobId === "" ? counted : jobId;
  const job: NewJob = {
    name: json.name,
    data: json.data,
    options: json.opts,
    timestamp: json.timestamp,
    parent: json.parent,
    parentKey: json.parentKey,
    schedulerId: json.repeatJobKey,
  };
  const twin = queue.jobs.get(id);
  if (twin !== undefined) return adoptTwin(store, queue, twin, job, family, now);
  const isFlowParent = family.addToWaitingChildren === true;
  const holder = deduplicated(queue, { id, job, now }, isFlowParent);
  if (holder !== undefined) return holder;
  const stored = isFlowParent ? keep(queue, id, job) : enqueue(queue, id, job);
  if (isFlowParent) {
    queue.place(stored, "waiting-children", job.timestamp);
    queue.emit("waiting-children", { jobId: id });
  }
  if (family.parentDependenciesKey) attach(store, queue, stored);
  return id;
}

/** Stores a job and puts it into the line where it belongs; the caller has seen to rules and doubles. */
export function enqueue(queue: QueueState, id: string, job: NewJob): StoredJob {
  const stored = keep(queue, id, job);
  if (stored.delay > 0) queue.toDelayed(stored, job.timestamp + stored.delay);
  else queue.toWait(stored, { front: stored.lifo && stored.priority === 0 });
  return stored;
}

/** Registers a job as a child that its parent has to wait for. */
export function attach(store: MemoryStore, queue: QueueState, child: StoredJob): void {
  const parent = child.parentKey === undefined ? undefined : store.jobAt(child.parentKey);
  parent?.job.children.set(`${queue.key}:${child.id}`, {
    queueKey: queue.key,
    id: child.id,
    outcome: "unprocessed",
    value: "",
  });
}

function keep(queue: QueueState, id: string, job: NewJob): StoredJob {
  const stored = storedJob(id, job);
  queue.jobs.set(id, stored);
  queue.emit("added", { jobId: id, name: job.name });
  return stored;
}

/** A job whose id exists already is not made again; the one that exists may get a parent by it. */
function adoptTwin(
  store: MemoryStore,
  queue: QueueState,
  twin: StoredJob,
  job: NewJob,
  family: ParentKeyOpts,
  now: number,
): string | ErrorCode {
  const parent = job.parentKey === undefined ? undefined : store.jobAt(job.parentKey);
  const otherParent =
    twin.parentKey !== undefined && twin.parentKey !== job.parentKey
      ? store.jobAt(twin.parentKey)
      : undefined;
  if (parent !== undefined && otherParent !== undefined) {
    if (family.deferParentRelease) parent.job.attachmentFailed = true;
    return ErrorCode.ParentJobCannotBeReplaced;
  }
  if (parent !== undefined) {
    twin.parent = job.parent;
    twin.parentKey = job.parentKey;
    if (twin.line === "completed") {
      childProcessed(queue, twin, parent.job);
      if (!family.deferParentRelease) releaseParent(parent.queue, parent.job, now);
    } else if (family.parentDependenciesKey) attach(store, queue, twin);
  }
  queue.emit("duplicated", { jobId: twin.id });
  return twin.id;
}
