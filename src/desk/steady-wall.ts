import type { Clock } from "./ports.ts";

/** A clock that is set back by less than this is only late news. */
const STEP_MS = 250;

/**
 * The wall time in which the kernel lives. Where the machine's clock is set back it goes on from where it was: how long a stop is
 * missing, how old data is and when a reading is due are counted in it, and none of that may wait until the clock has caught up
 * (I3, I9). People, stores and the exchange have the machine's time: what comes in is moved ahead, what goes out is moved back.
 */
export class SteadyWall {
  readonly #clock: Clock;
  #offset: number;
  /** Milliseconds by which it is ahead of the machine's clock. */
  #ahead = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#offset = clock.now() - clock.monotonic();
  }

  /** Looks at the clocks; to be called often. A clock that is set forward again is followed. */
  look(): void {
    const found = this.#clock.now() - this.#clock.monotonic();
    const step = found - this.#offset;
    this.#offset = found;
    if (step < -STEP_MS || (step > STEP_MS && this.#ahead > 0))
      this.#ahead = Math.max(0, this.#ahead - Math.round(step));
  }

  /** An event as the kernel takes it. What it tells of a time before the clock was set back is no later than the event itself. */
  into<T extends { readonly wallAt: number }>(event: T): T {
    return this.#ahead === 0 ? event : (moved(event, this.#ahead, event.wallAt + this.#ahead) as T);
  }

  /** An effect as the rest of the world takes it. */
  outOf<T>(effect: T): T {
    return this.#ahead === 0 ? effect : (moved(effect, -this.#ahead) as T);
  }
}

/** Wall times of what was: nothing of it is later than the event that tells it. Others may lie ahead (when a card expires). */
const PAST: ReadonlySet<string> = new Set(["wallAt", "startedWallAt"]);

/** Plain data with every wall time in it moved, none of the past beyond `latest`. */
function moved(thing: unknown, by: number, latest = Number.POSITIVE_INFINITY): unknown {
  if (Array.isArray(thing)) return thing.map((each) => moved(each, by, latest));
  if (typeof thing !== "object" || thing === null) return thing;
  return Object.fromEntries(
    Object.entries(thing).map(([name, held]) => {
      if (typeof held !== "number" || !/(^w|W)allAt$/.test(name)) return [name, moved(held, by, latest)];
      return [name, PAST.has(name) ? Math.min(held + by, latest) : held + by];
    }),
  );
}
