import type { Update } from "telegraf/types";
import { conflict, type Refusal } from "./refusal.ts";

/** An update before it has its number. */
type Without<U> = U extends unknown ? Omit<U, "update_id"> : never;
export type NewUpdate = Without<Update>;

interface Poll {
  readonly offset: number;
  readonly limit: number;
  readonly answer: (updates: Update[]) => void;
  readonly refuse: (refusal: Refusal) => void;
  readonly forget: () => void;
}

/** What `getUpdates` may ask: where to start, how many, and how long to wait in seconds. */
export interface PollRequest {
  readonly offset: number;
  readonly limit: number;
  readonly timeout: number;
  readonly allowed: readonly string[] | undefined;
}

/**
 * The queue of updates behind `getUpdates`: a real long poll, acknowledged by offset and kept until then, so that a bot that
 * dies before its next poll gets the same updates again. One reader only: a newer poll ends the one that waits with 409.
 */
export class Updates {
  #queue: Update[] = [];
  #nextId = 700_000_001;
  #poll: Poll | undefined;
  #allowed: readonly string[] = [];
  /** How often `getUpdates` was asked. */
  polls = 0;

  /** Updates not yet acknowledged. */
  get pending(): readonly Update[] {
    return this.#queue;
  }

  /** True while a reader waits for the next update. */
  get isPolled(): boolean {
    return this.#poll !== undefined;
  }

  /** Puts an update at the end of the queue under the next number and answers the waiting reader. */
  push(update: NewUpdate): number {
    const update_id = this.#nextId++;
    const kind = Object.keys(update)[0] ?? "";
    if (this.#allowed.length > 0 && !this.#allowed.includes(kind)) return update_id;
    this.#queue.push({ update_id, ...update } as Update);
    const poll = this.#poll;
    if (poll !== undefined) {
      const batch = this.#from(poll.offset, poll.limit);
      if (batch.length > 0) poll.answer(batch);
    }
    return update_id;
  }

  /** Answers with what is there at once, else with the first update within the timeout, else with nothing. */
  poll(request: PollRequest, gone: AbortSignal): Promise<Update[]> {
    this.polls += 1;
    this.#poll?.refuse(conflict());
    const { limit, timeout } = request;
    if (request.allowed !== undefined) this.#allowed = request.allowed;
    let { offset } = request;
    if (offset < 0) offset = this.#queue.at(offset)?.update_id ?? this.#queue[0]?.update_id ?? 0;
    this.#queue = this.#queue.filter((update) => update.update_id >= offset);
    const batch = this.#from(offset, limit);
    if (batch.length > 0 || timeout <= 0) return Promise.resolve(batch);
    return new Promise<Update[]>((resolve, reject) => {
      const settle = (): void => {
        clearTimeout(timer);
        gone.removeEventListener("abort", leave);
        if (this.#poll === poll) this.#poll = undefined;
      };
      const answer = (updates: Update[]): void => {
        settle();
        resolve(updates);
      };
      const leave = (): void => answer([]);
      const refuse = (refusal: Refusal): void => {
        settle();
        reject(refusal);
      };
      const poll: Poll = { offset, limit, answer, refuse, forget: settle };
      const timer = setTimeout(leave, timeout * 1_000);
      this.#poll = poll;
      gone.addEventListener("abort", leave, { once: true });
    });
  }

  /** Ends the waiting reader with a refusal. */
  end(refusal: Refusal = conflict()): void {
    this.#poll?.refuse(refusal);
  }

  /** Leaves the waiting reader without any answer for ever, as a dead line does. */
  abandon(): void {
    this.#poll?.forget();
  }

  /** Throws away what was not read yet. */
  drop(): void {
    this.#queue = [];
  }

  #from(offset: number, limit: number): Update[] {
    return this.#queue.filter((update) => update.update_id >= offset).slice(0, limit);
  }
}
