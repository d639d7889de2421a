import type { WrittenAim, WrittenFault } from "./fault.ts";
import type { FaultKind, KindBy } from "./kinds.ts";
import { FaultPlan } from "./plan.ts";

/** A fault without its time and bounds: the script says those. */
type Timeless<F, More extends string = never> = F extends unknown
  ? Omit<F, "at" | "from" | "to" | "every" | "count" | More>
  : never;

type Named<K extends FaultKind> = Extract<WrittenFault, { readonly kind: K }>;

/** Faults that a story calls for as it goes along: `script.next("POST /fapi/v1/order", "answerLost")`. */
export class Script {
  /** The weather to serve a venue with. */
  readonly plan: FaultPlan;
  readonly #now: () => number;

  /** `now` is the wall clock of the venue that is served. */
  constructor(now: () => number, plan = new FaultPlan()) {
    this.#now = now;
    this.plan = plan;
  }

  /** The next request that fits (the next few with `count`) meets this. */
  next(on: string, fault: KindBy<"request"> | Timeless<Named<KindBy<"request">>, "on">, count = 1): void {
    const written = typeof fault === "string" ? { kind: fault } : fault;
    this.#write({ ...written, on, count } as WrittenFault);
  }

  /** Something happens now, once: a disconnect, a trade by hand, a changed tick. */
  once(fault: Timeless<Named<KindBy<"sockets" | "exchange" | "harness">>>): void {
    this.#write({ ...fault, at: 0 } as WrittenFault);
  }

  /** For so many seconds every request or message that fits meets this; or a clock is off. */
  during(seconds: number, fault: Timeless<WrittenFault>): void {
    this.#write({ ...fault, from: 0, to: seconds } as WrittenFault);
  }

  /** Until the function is called. */
  always(fault: Timeless<WrittenFault>): () => void {
    return this.#write({ ...fault, from: 0 } as WrittenFault);
  }

  /** How often a kind really struck so far. */
  struck(kind: FaultKind): number {
    return this.plan.counts.get(kind) ?? 0;
  }

  #write(fault: WrittenFault & WrittenAim): () => void {
    return this.plan.write(fault, this.#now());
  }
}
