import type { Random } from "../../core/random.ts";
import type { FaultBeing } from "./fault.ts";
import type { Trigger } from "./trigger.ts";

/** A fault that is carried out at a moment. */
export type InstantFault = FaultBeing<"sockets" | "exchange" | "harness">;

/** Something that goes wrong now, to be carried out by whoever `FAULT_KINDS[fault.kind].by` names. */
export interface Occurrence {
  readonly fault: InstantFault;
  /** When it first was due, wall milliseconds. */
  readonly wallAt: number;
  /** Chance for its details, its own: the same at every attempt. */
  readonly random: () => Random;
}

/** How long an occurrence that can't be carried out yet (no position to take from, no stop to cancel) is tried again. */
const PATIENCE_MS = 60_000;
const AGAIN_MS = 1_000;

interface Waiting {
  readonly trigger: Trigger<InstantFault>;
  readonly order: number;
  dueAt: number;
}

interface Retry {
  readonly occurrence: Occurrence;
  readonly trigger: Trigger<InstantFault>;
  readonly at: number;
}

/** Says which occurrences are due when. */
export class Schedule {
  readonly #waiting: Waiting[] = [];
  #retries: Retry[] = [];
  readonly #triggers = new Map<Occurrence, Trigger<InstantFault>>();
  #added = 0;
  /** What is due next, found anew after a change only: a simulation asks at every step. */
  #nextAt: number | undefined;
  #hasChanged = true;

  add(trigger: Trigger<InstantFault>): void {
    const { when } = trigger.fault;
    const isOnce = when.every === undefined;
    const stretch = isOnce && Number.isFinite(when.to) ? when.to - when.from : 0;
    const dueAt = trigger.beganAt + when.from + Math.floor(stretch > 0 ? trigger.random.unit() * stretch : 0);
    this.#waiting.push({ trigger, dueAt, order: this.#added });
    this.#added += 1;
    this.#hasChanged = true;
  }

  remove(trigger: Trigger<InstantFault>): void {
    this.#end(trigger);
    this.#retries = this.#retries.filter((each) => each.trigger !== trigger);
    this.#hasChanged = true;
  }

  /** When something is due next; undefined when nothing is. */
  nextAt(): number | undefined {
    if (this.#hasChanged) {
      const times = [...this.#waiting.map(({ dueAt }) => dueAt), ...this.#retries.map(({ at }) => at)];
      this.#nextAt = times.length === 0 ? undefined : Math.min(...times);
      this.#hasChanged = false;
    }
    return this.#nextAt;
  }

  /** What is due by now, the earliest first. Periods that nobody asked in are not caught up. */
  due(wallAt: number): readonly Occurrence[] {
    const next = this.nextAt();
    if (next === undefined || next > wallAt) return [];
    this.#hasChanged = true;
    const again = this.#retries.filter(({ at }) => at <= wallAt).map(({ occurrence }) => occurrence);
    this.#retries = this.#retries.filter(({ at }) => at > wallAt);
    const ready = this.#waiting
      .filter(({ dueAt }) => dueAt <= wallAt)
      .sort((a, b) => a.dueAt - b.dueAt || a.order - b.order);
    return [...again, ...ready.flatMap((waiting) => this.#happen(waiting, wallAt))];
  }

  /** Hears whether an occurrence could be carried out; "notYet" comes again for a minute, in its window. */
  settle(occurrence: Occurrence, outcome: "done" | "notYet" | "never", wallAt: number): void {
    const trigger = this.#triggers.get(occurrence);
    if (trigger === undefined) return;
    const { to } = occurrence.fault.when;
    const patience = Math.min(occurrence.wallAt + PATIENCE_MS, trigger.beganAt + to);
    if (outcome === "notYet" && wallAt + AGAIN_MS < patience) {
      this.#retries.push({ occurrence, trigger, at: wallAt + AGAIN_MS });
      this.#hasChanged = true;
      return;
    }
    this.#triggers.delete(occurrence);
    if (outcome !== "done") trigger.spare();
  }

  #end(trigger: Trigger<InstantFault>): void {
    const at = this.#waiting.findIndex((each) => each.trigger === trigger);
    if (at >= 0) this.#waiting.splice(at, 1);
  }

  #happen(waiting: Waiting, wallAt: number): readonly Occurrence[] {
    const { trigger, dueAt } = waiting;
    const { fault } = trigger;
    const isStruck = trigger.isOpen(dueAt) && trigger.strike(dueAt);
    const label = String(dueAt - trigger.beganAt);
    const { every } = fault.when;
    const next = every === undefined ? undefined : dueAt + every * (Math.floor((wallAt - dueAt) / every) + 1);
    if (next === undefined || next - trigger.beganAt >= fault.when.to) this.#end(trigger);
    else waiting.dueAt = next;
    if (!isStruck) return [];
    const occurrence = { fault, wallAt: dueAt, random: () => trigger.random.fork(label) };
    this.#triggers.set(occurrence, trigger);
    return [occurrence];
  }
}
