import type { VenueEvent } from "./exchange.ts";

/** What a listener wants to hear; depth changes cost time and may be left out, always or as long as nobody asks for them. */
interface ListenOptions {
  readonly depth?: boolean | (() => boolean);
}

type Listener = (event: VenueEvent) => void;

/**
 * Delivers events in the order in which they happened, after the call that caused them is complete: a listener
 * may place orders, and what comes of those is heard after everything before.
 */
export class Outbox {
  readonly #listeners = new Map<Listener, () => boolean>();
  readonly #queue: VenueEvent[] = [];
  #isDelivering = false;

  /** Whether anybody listens; events need not be made for nobody. */
  get isHeard(): boolean {
    return this.#listeners.size > 0;
  }

  get isDepthHeard(): boolean {
    for (const wantsDepth of this.#listeners.values()) if (wantsDepth()) return true;
    return false;
  }

  listen(listener: Listener, options: ListenOptions): () => void {
    const own: Listener = (event) => listener(event);
    const { depth = true } = options;
    this.#listeners.set(own, typeof depth === "boolean" ? () => depth : depth);
    return () => {
      this.#listeners.delete(own);
    };
  }

  emit(event: VenueEvent): void {
    if (this.#listeners.size > 0) this.#queue.push(event);
  }

  /** Hands out what waits; a call from inside a listener leaves its events to the delivery that runs. */
  deliver(): void {
    if (this.#isDelivering || this.#queue.length === 0) return;
    this.#isDelivering = true;
    let done = 0;
    try {
      while (done < this.#queue.length) {
        const event = this.#queue[done];
        done += 1;
        if (event === undefined) continue;
        for (const [listener, wantsDepth] of this.#listeners) {
          if (event.type !== "depth" || wantsDepth()) listener(event);
        }
      }
    } finally {
      this.#queue.splice(0, done);
      this.#isDelivering = false;
    }
  }
}
