import type { Clock } from "../../src/desk/ports.ts";

interface Alarm {
  readonly at: number;
  readonly call: () => void;
}

/** Time that only a test moves. */
export class ManualClock implements Clock {
  wall = 1_800_000_000_000;
  #elapsed = 0;
  #alarms: Alarm[] = [];

  now(): number {
    return this.wall;
  }

  monotonic(): number {
    return this.#elapsed;
  }

  after(ms: number, call: () => void): () => void {
    const alarm = { at: this.#elapsed + ms, call };
    this.#alarms.push(alarm);
    return () => {
      this.#alarms = this.#alarms.filter((other) => other !== alarm);
    };
  }

  /** Lets time go by; calls what is due in order and lets what it started finish. */
  async pass(ms: number): Promise<void> {
    const end = this.#elapsed + ms;
    for (;;) {
      await settled();
      const [next] = this.#alarms.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at);
      if (next === undefined) break;
      this.#alarms = this.#alarms.filter((alarm) => alarm !== next);
      this.#move(next.at);
      next.call();
    }
    this.#move(end);
    await settled();
  }

  #move(to: number): void {
    this.wall += to - this.#elapsed;
    this.#elapsed = to;
  }
}

/** Everything that is ready runs: promises resolve in turns of the event loop, without time going by. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
