import type { EntryRaw } from "bullmq";
import { Signal } from "./signal.ts";

/** How many events a queue keeps when its settings say nothing, as BullMQ does on Redis. */
export const EVENTS_KEPT = 10_000;

/** What happened in one queue, oldest first; QueueEvents reads it from a position on. Ids are `<number>-0`. */
export class EventLog {
  readonly written = new Signal();
  #entries: EntryRaw[] = [];
  /** The number of the last event that was ever written. */
  #last = 0;

  /** The id after which only events to come will be read. */
  get position(): string {
    return `${this.#last}-0`;
  }

  append(event: string, fields: Readonly<Record<string, string | number>>, kept: number): string {
    this.#last += 1;
    const flat = ["event", event];
    for (const [name, value] of Object.entries(fields)) flat.push(name, String(value));
    this.#entries.push([this.position, flat]);
    // Trimming in tenths keeps the cost of one event small; the limit is an approximate one on Redis too.
    if (this.#entries.length > kept * 1.1) this.trim(kept);
    this.written.ring();
    return this.position;
  }

  /** Events newer than `id`, oldest first. */
  after(id: string): EntryRaw[] {
    const position = Number.parseInt(id, 10);
    const first = this.#last - this.#entries.length + 1;
    return this.#entries.slice(Math.max(0, position - first + 1));
  }

  /** Forgets all but the newest `kept` events and says how many were forgotten. */
  trim(kept: number): number {
    const forgotten = Math.max(0, this.#entries.length - kept);
    this.#entries = this.#entries.slice(forgotten);
    return forgotten;
  }

  clear(): void {
    this.#entries = [];
  }
}
