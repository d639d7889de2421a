import type { VenueEvent } from "./exchange.ts";

/**
 * What a listener wants to hear; depth changes cost time and may be left out, always or as long as nobody asks for them. The
 * tape is public trades and candles that are still forming.
 */
interface ListenOptions {
  readonly depth?: boolean | (() => boolean);
  readonly tape?: boolean;
}

interface Wishes {
  readonly listener: Listener;
  readonly depth: () => boolean;
  readonly tape: boolean;
}

type Listener = (event: VenueEvent) => void;

/**
 * Delivers events in the order in which they happened, after the call that caused them is complete: a listener
 * may place orders, and what comes of those is heard after everything before.
 */
export class Outbox {
  readonly #listeners = new Set<Wishes>();
  readonly #queue: VenueEvent[] = [];
  #isDelivering = false;

  /** Whether anybody listens; events need not be made for nobody. */
  get isHeard(): boolean {
    return this.#listeners.size > 0;
  }

  get isDepthHeard(): boolean {
    for (const { depth } of this.#listeners) if (depth()) return true;
    return false;
  }

  get isTapeHeard(): boolean {
    for (const { tape } of this.#listeners) if (tape) return true;
    return false;
  }

  listen(listener: Listener, options: ListenOptions): () => void {
    const { depth = true, tape = true } = options;
    const own: Wishes = { listener, depth: typeof depth === "boolean" ? () => depth : depth, tape };
    this.#listeners.add(own);
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
        for (const { listener, depth, tape } of this.#listeners) {
          if (event.type === "depth" ? depth() : tape || !isTape(event)) listener(event);
        }
      }
    } finally {
      if (done === this.#queue.length) this.#queue.length = 0;
      else this.#queue.splice(0, done);
      this.#isDelivering = false;
    }
  }
}

const isTape = (event: VenueEvent): boolean =>
  event.type === "trade" || (event.type === "candle" && !event.isClosed);
