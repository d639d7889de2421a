import { invariant } from "../../core/invariant.ts";
import { seeded } from "../../core/random.ts";
import type { Fault, FaultBeing, WrittenFault } from "./fault.ts";
import { FAULT_KINDS, type FaultKind } from "./kinds.ts";
import { MessageFaults } from "./message-faults.ts";
import { readFault } from "./reading.ts";
import { RequestFaults } from "./request-faults.ts";
import { type InstantFault, type Occurrence, Schedule } from "./schedule.ts";
import { Tally } from "./tally.ts";
import { Trigger } from "./trigger.ts";
import type { FrameFate, FrameSeen, RequestFate, RequestSeen, Weather } from "./weather.ts";

/** What a plan is made of. */
export interface PlanOptions {
  readonly faults?: readonly Fault[];
  /** Of everything that chance decides: the same seed and the same questions give the same fates. */
  readonly seed?: number;
  /** Wall time from which its seconds count; the time of the first question unless set. */
  readonly startAt?: number;
}

/**
 * What goes wrong and when, as data: the weather between an exchange and its clients, and what is done to the
 * exchange. Pure: time is what each question says, chance is seeded.
 */
export class FaultPlan implements Weather {
  readonly #seed: number;
  readonly #tally = new Tally();
  readonly #requests = new RequestFaults(this.#tally);
  readonly #messages = new MessageFaults(this.#tally);
  readonly #schedule = new Schedule();
  #clocks: Trigger<FaultBeing<"clock">>[] = [];
  readonly #skewed = new Set<Trigger>();
  #unstarted: readonly Fault[];
  #startAt: number | undefined;
  #added = 0;

  constructor({ faults = [], seed = 1, startAt }: PlanOptions = {}) {
    this.#seed = seed;
    this.#unstarted = faults;
    if (startAt !== undefined) this.#start(startAt);
  }

  /** What really happened so far, for every kind: requests and messages struck, occurrences carried out. */
  get counts(): ReadonlyMap<FaultKind, number> {
    return this.#tally.counts;
  }

  /** Adds a fault whose times count from now on; the function takes it away again. */
  add(fault: Fault, wallAt: number): () => void {
    this.#start(wallAt);
    return this.#open(fault, wallAt);
  }

  /** Like `add`, for a fault as people write it. Throws `InvariantError` for one that can't be read. */
  write(written: WrittenFault, wallAt: number): () => void {
    const reading = readFault(written, "fault");
    if (reading.ok) return this.add(reading.fault, wallAt);
    invariant(false, reading.problems.join(" "));
  }

  request(seen: RequestSeen): RequestFate {
    this.#start(seen.wallAt);
    return this.#requests.fate(seen);
  }

  frame(seen: FrameSeen): FrameFate {
    this.#start(seen.wallAt);
    return this.#messages.fate(seen);
  }

  skewMs(wallAt: number): number {
    this.#start(wallAt);
    let skew = 0;
    for (const trigger of this.#clocks) {
      if (!trigger.isOpen(wallAt)) continue;
      const { fields, when } = trigger.fault;
      skew += fields.ms + (fields.driftMsPerSecond * (wallAt - trigger.beganAt - when.from)) / 1_000;
      if (!this.#skewed.has(trigger)) this.#tally.add("clockSkew");
      this.#skewed.add(trigger);
    }
    return Math.round(skew);
  }

  /** When an occurrence is due next, wall milliseconds; undefined when none is. */
  nextDueAt(): number | undefined {
    return this.#schedule.nextAt();
  }

  /**
   * What is to be done now to sockets, to the exchange or by the harness, each told once; tell with `settle` what came
   * of it. A restart of the exchange is down for requests from this moment.
   */
  due(wallAt: number): readonly Occurrence[] {
    this.#start(wallAt);
    const found = this.#schedule.due(wallAt);
    for (const { fault, random } of found) {
      if (fault.kind !== "exchangeRestart") continue;
      const chance = random();
      const downMs = span(fault.fields.seconds, chance.unit());
      this.#requests.goDown(wallAt, downMs, span(fault.fields.partialSeconds, chance.unit()), fault.venue);
    }
    return found;
  }

  /** Tells what came of an occurrence: done ones count, those that can't be done yet come again for up to a minute. */
  settle(occurrence: Occurrence, outcome: "done" | "notYet" | "never", wallAt: number): void {
    if (outcome === "done") this.#tally.add(occurrence.fault.kind);
    this.#schedule.settle(occurrence, outcome, wallAt);
  }

  #start(wallAt: number): void {
    if (this.#startAt !== undefined) return;
    this.#startAt = wallAt;
    for (const fault of this.#unstarted) this.#open(fault, wallAt);
    this.#unstarted = [];
  }

  #open(fault: Fault, wallAt: number): () => void {
    const chance = seeded(this.#seed, `fault ${this.#added} ${fault.kind}`);
    this.#added += 1;
    const trigger = new Trigger(fault, chance, wallAt);
    const { by } = FAULT_KINDS[fault.kind];
    if (by === "request") return hold(this.#requests.triggers, trigger as Trigger<FaultBeing<"request">>);
    if (by === "message") return hold(this.#messages.triggers, trigger as Trigger<FaultBeing<"message">>);
    if (by !== "clock") return hold(this.#schedule, trigger as Trigger<InstantFault>);
    this.#clocks.push(trigger as Trigger<FaultBeing<"clock">>);
    return () => {
      this.#clocks = this.#clocks.filter((each) => each.fault !== fault);
    };
  }
}

function hold<T>(holder: { add(each: T): void; remove(each: T): void }, trigger: T): () => void {
  holder.add(trigger);
  return () => holder.remove(trigger);
}

const span = ([low, high]: readonly [number, number], part: number): number =>
  Math.round((low + (high - low) * part) * 1_000);
