import type { Clock } from "../../src/desk/ports.ts";
import type { Timeline } from "./timeline.ts";

/** A computer that desks run on: its wall clock may be off and may be set; its address is what the exchange counts by. */
export class Machine {
  readonly address: string;
  readonly timeline: Timeline;
  readonly #bootedAt: number;
  /** Its wall clock minus the true one, milliseconds. */
  offsetMs = 0;

  constructor(timeline: Timeline, address: string) {
    this.timeline = timeline;
    this.address = address;
    this.#bootedAt = timeline.now;
  }

  get monotonic(): number {
    return this.timeline.now - this.#bootedAt;
  }
}

/** One run of a program: when it is killed its timers and sockets die with it, and answers find nobody. */
export class Process {
  readonly machine: Machine;
  readonly clock: Clock;
  readonly #atDeath: (() => void)[] = [];
  #isDead = false;

  constructor(machine: Machine) {
    this.machine = machine;
    this.clock = {
      now: () => machine.timeline.now + machine.offsetMs,
      monotonic: () => machine.monotonic,
      after: (ms, call) =>
        machine.timeline.after(ms, () => {
          if (!this.#isDead) call();
        }),
    };
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  /** Something that the operating system does when the process is gone. */
  atDeath(act: () => void): void {
    this.#atDeath.push(act);
  }

  /** As `kill -9` does. */
  kill(): void {
    if (this.#isDead) return;
    this.#isDead = true;
    for (const act of this.#atDeath) act();
  }
}
