import type { Fault } from "./fault.ts";
import type { Trigger } from "./trigger.ts";

/** Many faults, of which only those that may strike now are looked at. */
export class TriggerList<F extends Fault> {
  /** Not open yet; the one that opens next is the last. */
  readonly #ahead: Trigger<F>[] = [];
  /** In the order in which they were added. */
  #open: Trigger<F>[] = [];
  readonly #order = new Map<Trigger<F>, number>();
  #added = 0;

  get isEmpty(): boolean {
    return this.#order.size === 0;
  }

  add(trigger: Trigger<F>): void {
    this.#order.set(trigger, this.#added);
    this.#added += 1;
    this.#ahead.push(trigger);
    this.#ahead.sort((a, b) => opensAt(b) - opensAt(a));
  }

  remove(trigger: Trigger<F>): void {
    const at = this.#ahead.indexOf(trigger);
    if (at >= 0) this.#ahead.splice(at, 1);
    this.#open = this.#open.filter((each) => each !== trigger);
    this.#order.delete(trigger);
  }

  /** Those whose time has come and is not over. */
  at(wallAt: number): readonly Trigger<F>[] {
    let next = this.#ahead.at(-1);
    let hasChanged = this.#open.some((trigger) => trigger.isSpent(wallAt));
    while (next !== undefined && opensAt(next) <= wallAt) {
      this.#ahead.pop();
      this.#open.push(next);
      hasChanged = true;
      next = this.#ahead.at(-1);
    }
    if (!hasChanged) return this.#open;
    for (const trigger of this.#open) if (trigger.isSpent(wallAt)) this.#order.delete(trigger);
    const rank = (trigger: Trigger<F>): number => this.#order.get(trigger) ?? 0;
    this.#open = this.#open.filter((trigger) => this.#order.has(trigger)).sort((a, b) => rank(a) - rank(b));
    return this.#open;
  }
}

const opensAt = ({ beganAt, fault }: Trigger): number => beganAt + fault.when.from;
