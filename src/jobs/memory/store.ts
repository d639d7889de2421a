import { QueueState } from "./queue-state.ts";
import type { StoredJob } from "./stored-job.ts";

/** A worker, queue or listener that is attached to the store, as `getWorkers` lists it. */
export interface Attached {
  readonly id: number;
  name: string;
}

/** All queues of one process; every Queue, Worker and QueueEvents that shall meet is given the same store. */
export class MemoryStore {
  readonly attached = new Set<Attached>();
  readonly #queues = new Map<string, QueueState>();
  #lastAttached = 0;

  queue(key: string): QueueState {
    const known = this.#queues.get(key);
    if (known !== undefined) return known;
    const queue = new QueueState(key);
    this.#queues.set(key, queue);
    return queue;
  }

  /** The job with the key `<queue key>:<job id>`; ids may contain colons, so every split is tried. */
  jobAt(key: string): { readonly queue: QueueState; readonly job: StoredJob } | undefined {
    for (let at = key.lastIndexOf(":"); at > 0; at = key.lastIndexOf(":", at - 1)) {
      const queue = this.#queues.get(key.slice(0, at));
      const job = queue?.jobs.get(key.slice(at + 1));
      if (queue !== undefined && job !== undefined) return { queue, job };
    }
    return undefined;
  }

  attach(name: string): Attached {
    this.#lastAttached += 1;
    const attached = { id: this.#lastAttached, name };
    this.attached.add(attached);
    return attached;
  }
}
