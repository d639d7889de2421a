import type { WakeEvent } from "../../core/event.ts";
import type { EngineId } from "../../core/order.ts";
import type { Millis } from "../../core/units.ts";

/** Times at which engines asked to be woken, earliest first. */
export class Wakes {
  readonly #wakes: WakeEvent[] = [];

  add(engine: EngineId, at: Millis, tag: string, wallAt: Millis): void {
    const wake: WakeEvent = { type: "wake", at, wallAt, engine, tag };
    let index = this.#wakes.length;
    while (index > 0 && (this.#wakes[index - 1]?.at ?? 0) > at) index -= 1;
    this.#wakes.splice(index, 0, wake);
  }

  /** Lets those that are due by a market time pass without a word: each is asked for again for when `next` says. */
  pass(at: Millis, next: (wake: WakeEvent) => Millis): void {
    for (let wake = this.#wakes[0]; wake !== undefined && wake.at <= at; wake = this.#wakes[0]) {
      this.#wakes.shift();
      this.add(wake.engine, next(wake), wake.tag, at);
    }
  }

  /** Those that are due by a market time, oldest first; they are forgotten. */
  due(at: Millis, wallAt: Millis): readonly WakeEvent[] {
    const [first] = this.#wakes;
    // Asked in every turn: most of them find nothing.
    if (first === undefined || first.at > at) return NONE;
    let count = 0;
    while (count < this.#wakes.length && (this.#wakes[count]?.at ?? 0) <= at) count += 1;
    return this.#wakes.splice(0, count).map((wake) => ({ ...wake, wallAt }));
  }

  /** For the state hash. */
  canonical(): unknown {
    return this.#wakes.map(({ engine, at, tag }) => [engine, at, tag]);
  }
}

const NONE: readonly WakeEvent[] = [];
