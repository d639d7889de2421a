import type { WallClock } from "./wall.ts";

/** A server's own view of the wall clock: what it set is forgotten when the server closes. */
export class ServerWall implements WallClock {
  readonly #wall: WallClock;
  readonly #timers = new Set<unknown>();

  constructor(wall: WallClock) {
    this.#wall = wall;
  }

  now(): number {
    return this.#wall.now();
  }

  setTimeout(run: () => void, delayMs: number): unknown {
    const timer = this.#wall.setTimeout(() => {
      this.#timers.delete(timer);
      run();
    }, delayMs);
    this.#timers.add(timer);
    return timer;
  }

  clearTimeout(timer: unknown): void {
    this.#timers.delete(timer);
    this.#wall.clearTimeout(timer);
  }

  /** Nothing that was to happen later happens any more. */
  close(): void {
    for (const timer of this.#timers) this.#wall.clearTimeout(timer);
    this.#timers.clear();
  }

  /** The exchange's own clock, which is off by as much as `skewMs` says. */
  skewed(skewMs: (wallAt: number) => number): WallClock {
    return {
      now: () => {
        const right = this.now();
        return right + skewMs(right);
      },
      setTimeout: (run, delayMs) => this.setTimeout(run, delayMs),
      clearTimeout: (timer) => this.clearTimeout(timer),
    };
  }
}
