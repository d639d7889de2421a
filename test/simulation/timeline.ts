import { setImmediate as macrotask } from "node:timers/promises";

/** Something that will happen; `cancel` takes it back. */
interface Entry {
  readonly at: number;
  readonly order: number;
  run: (() => void) | undefined;
}

/**
 * The one queue of a simulated world: wall milliseconds that pass only by its entries. Equal times go in the order in
 * which they were asked for. After each entry everything that waits on promises runs to its end before the next one.
 */
export class Timeline {
  readonly #heap: Entry[] = [];
  #now: number;
  #order = 0;
  #steps = 0;

  constructor(startAt: number) {
    this.#now = startAt;
  }

  /** True wall time of the world, whole milliseconds. */
  get now(): number {
    return this.#now;
  }

  /** Entries that were run so far. */
  get steps(): number {
    return this.#steps;
  }

  /** Runs something after `ms`; returns how to take it back. */
  after(ms: number, run: () => void): () => void {
    this.#order += 1;
    const entry: Entry = { at: this.#now + Math.max(0, Math.ceil(ms)), order: this.#order, run };
    this.#push(entry);
    return () => {
      entry.run = undefined;
    };
  }

  /** Runs all entries up to and including a time. Rejects with what an entry throws. */
  async runUntil(until: number): Promise<void> {
    for (let entry = this.#heap[0]; entry !== undefined && entry.at <= until; entry = this.#heap[0]) {
      this.#pop();
      if (entry.run === undefined) continue;
      this.#now = entry.at;
      this.#steps += 1;
      entry.run();
      await macrotask();
    }
    this.#now = Math.max(this.#now, until);
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let at = heap.length;
    heap.push(entry);
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = heap[above];
      if (parent === undefined || isSooner(parent, entry)) break;
      heap[at] = parent;
      at = above;
    }
    heap[at] = entry;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (last === undefined || heap.length === 0) return;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      let child = heap[below];
      if (child === undefined) break;
      const right = heap[below + 1];
      if (right !== undefined && isSooner(right, child)) {
        child = right;
        below += 1;
      }
      if (isSooner(last, child)) break;
      heap[at] = child;
      at = below;
    }
    heap[at] = last;
  }
}

const isSooner = (one: Entry, other: Entry): boolean =>
  one.at < other.at || (one.at === other.at && one.order < other.order);
