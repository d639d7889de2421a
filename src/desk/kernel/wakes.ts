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

  /** Those that are due by a market time, oldest first; they are forgotten. */
  due(at: Millis, wallAt: Millis): readonly WakeEvent[] {
    let count = 0;
    while (count < this.#wakes.length && (this.#wakes[count]?.at ?? 0) <= at) count += 1;
    return this.#wakes.splice(0, count).map((wake) => ({ ...wake, wallAt }));
  }

  /** For the state hash. */
  canonical(): unknown {
    return this.#wakes.map(({ engine, at, tag }) => [engine, at, tag]);
  }
}
