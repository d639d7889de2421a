import type { WakeEvent } from "../../core/event.ts";
import type { EngineId } from "../../core/order.ts";
import { type Millis, millis } from "../../core/units.ts";

/** Times at which engines asked to be woken, earliest first. */
export class Wakes {
  readonly #wakes: WakeEvent[] = [];

  add(engine: EngineId, at: Millis, tag: string, wallAt: Millis): void {
    const wake: WakeEvent = { type: "wake", at, wallAt, engine, tag };
    let index = this.#wakes.length;
    while (index > 0 && (this.#wakes[index - 1]?.at ?? 0) > at) index -= 1;
    this.#wakes.splice(index, 0, wake);
  }

  /** Lets those that are due by `at` pass, as their engines would: each is asked for again after `everyMs`. */
  pass(at: Millis, everyMs: number): void {
    for (let next = this.#wakes[0]; next !== undefined && next.at <= at; next = this.#wakes[0]) {
      this.#wakes.shift();
      this.add(next.engine, millis(at + everyMs), next.tag, at);
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
