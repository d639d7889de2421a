import type { Clock } from "../../src/desk/ports.ts";
import type { WallClock } from "../../src/venue/web/wall.ts";

/** How often the event loop is asked for a turn, real milliseconds. */
const TURN_MS = 1;
/** What one turn lets pass for everybody in the world. */
const STEP_MS = 25;

interface Timer {
  readonly dueAt: number;
  readonly call: () => void;
}

/**
 * The one clock of a scenario's world, for desk, gateway and venue alike: every turn of the event loop lets 25 ms pass, however long
 * that turn really took. So seconds of the story pass in tenths of real ones, and a busy machine slows the whole world down
 * instead of making answers late: sockets of loopback look like a network of some tens of milliseconds. Every
 * deadline of desk and venue (recvWindow, I3's five seconds, readings, timers) counts in this time, none is shortened.
 */
export class TurnTime implements Clock, WallClock {
  /** Milliseconds per turn; a test may hurry through a long wait in which nothing is on its way. */
  stepMs = STEP_MS;
  #from = Date.now();
  readonly #timers = new Set<Timer>();
  readonly #ticker: NodeJS.Timeout;
  #passed = 0;
  /** How far the desk's machine's wall clock was set; the venue's and everybody else's is right. */
  deskAheadMs = 0;

  constructor() {
    this.#ticker = setInterval(() => this.#turn(), TURN_MS);
  }

  now(): number {
    return this.#from + this.#passed;
  }

  monotonic(): number {
    return this.#passed;
  }

  after(ms: number, call: () => void): () => void {
    const timer = { dueAt: this.#passed + ms, call };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  }

  setTimeout(run: () => void, delayMs: number): () => void {
    return this.after(delayMs, run);
  }

  clearTimeout(timer: unknown): void {
    if (typeof timer === "function") timer();
  }

  /** The machines sleep: the wall clocks go on, the monotonic one stands still and no timer is due meanwhile, as on Linux. */
  sleep(ms: number): void {
    this.#from += ms;
  }

  /** Nothing happens any more. */
  stop(): void {
    clearInterval(this.#ticker);
    this.#timers.clear();
  }

  #turn(): void {
    const end = this.#passed + this.stepMs;
    const due = [...this.#timers].filter(({ dueAt }) => dueAt <= end).sort((a, b) => a.dueAt - b.dueAt);
    for (const timer of due) {
      if (!this.#timers.delete(timer)) continue;
      this.#passed = Math.max(this.#passed, timer.dueAt);
      timer.call();
    }
    this.#passed = end;
  }
}
