import type { QueueState } from "./queue-state.ts";
import type { MemoryStore } from "./store.ts";
import type { Child, StoredJob } from "./stored-job.ts";

/** The children of a job with one outcome, as [child key, child]. */
export function childrenOf(job: StoredJob, outcome: Child["outcome"]): [string, Child][] {
  return [...job.children].filter(([, child]) => child.outcome === outcome);
}

/** Notes a completed child's result with its parent. */
export function childProcessed(queue: QueueState, child: StoredJob, parent: StoredJob): void {
  settle(queue, child, parent, "processed", child.returnvalue ?? "null");
}

/** Lets a parent run once it waits for no child any more. */
export function releaseParent(queue: QueueState, parent: StoredJob, now: number): void {
  if (childrenOf(parent, "unprocessed").length === 0) wakeParent(queue, parent, now);
}

/** Tells a parent how its child ended; what a failure does to the parent is said in the child's own options. */
export function tellParent(
  store: MemoryStore,
  queue: QueueState,
  child: StoredJob,
  ended: { readonly completed: boolean; readonly value: string },
  now: number,
): void {
  const parent = child.parentKey === undefined ? undefined : store.jobAt(child.parentKey);
  const key = `${queue.key}:${child.id}`;
  if (parent === undefined || parent.job.children.get(key)?.outcome !== "unprocessed") return;
  const rules = child.parent;
  if (ended.completed) {
    settle(queue, child, parent.job, "processed", ended.value);
    releaseParent(parent.queue, parent.job, now);
  } else if (rules?.fpof) {
    settle(queue, child, parent.job, "failed", ended.value);
    failParent(parent.queue, parent.job, key, now);
  } else if (rules?.cpof) {
    settle(queue, child, parent.job, "ignored", ended.value);
    wakeParent(parent.queue, parent.job, now);
  } else if (rules?.idof || rules?.rdof) {
    if (rules.idof) settle(queue, child, parent.job, "ignored", ended.value);
    else parent.job.children.delete(key);
    releaseParent(parent.queue, parent.job, now);
  }
}

/** Makes a parent wait again for a child that is run once more. */
export function unsettle(store: MemoryStore, queue: QueueState, child: StoredJob): void {
  const parent = child.parentKey === undefined ? undefined : store.jobAt(child.parentKey);
  if (parent?.job.children.has(`${queue.key}:${child.id}`)) {
    settle(queue, child, parent.job, "unprocessed", "");
  }
}

/**
 * Takes a child out of what its parent waits for, and lets the parent run if it was the last one.
 * `hard` (a queue is emptied): a parent in the same queue goes too. Returns whether the parent was waiting for it.
 */
export function orphan(store: MemoryStore, queue: QueueState, child: StoredJob, hard: boolean): boolean {
  const parent = child.parentKey === undefined ? undefined : store.jobAt(child.parentKey);
  const key = `${queue.key}:${child.id}`;
  if (parent?.job.children.get(key)?.outcome !== "unprocessed") return false;
  parent.job.children.delete(key);
  const waitsForMore = childrenOf(parent.job, "unprocessed").length > 0;
  if (waitsForMore || parent.job.line !== "waiting-children") return true;
  if (hard && parent.queue === queue) {
    orphan(store, parent.queue, parent.job, hard);
    parent.queue.leave(parent.job);
    parent.queue.jobs.delete(parent.job.id);
  } else {
    parent.queue.toWait(parent.job, { front: true, prev: "waiting-children" });
  }
  return true;
}

function settle(
  queue: QueueState,
  child: StoredJob,
  parent: StoredJob,
  outcome: Child["outcome"],
  value: string,
): void {
  parent.children.set(`${queue.key}:${child.id}`, { queueKey: queue.key, id: child.id, outcome, value });
}

/** A parent whose child failed for good is sent to a worker, which fails it for the reason given. */
function failParent(queue: QueueState, parent: StoredJob, childKey: string, now: number): void {
  if (parent.line === "failed") return;
  parent.deferredFailure = `child ${childKey} failed`;
  if (parent.line === "delayed") parent.delay = 0;
  if (parent.line === "delayed" || parent.line === "waiting-children") sendOn(queue, parent, now);
}

function wakeParent(queue: QueueState, parent: StoredJob, now: number): void {
  if (parent.line === "waiting-children") sendOn(queue, parent, now);
}

function sendOn(queue: QueueState, parent: StoredJob, now: number): void {
  if (parent.delay > 0) queue.toDelayed(parent, now + parent.delay);
  else queue.toWait(parent, { front: parent.priority === 0, prev: "waiting-children" });
}
