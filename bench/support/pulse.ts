import type { Engine, EngineView } from "../../src/core/engine.ts";
import type { DeskEvent } from "../../src/core/event.ts";
import type { Intent } from "../../src/core/intent.ts";
import { lots, ticks, value } from "../../src/core/units.ts";
import { BELOW } from "./pulse-ticks.ts";

/** How a pulse beats. */
export interface PulseOptions {
  readonly instrument: string;
  /** A place on every so manieth quote. */
  readonly every: number;
  /** Most orders in all. */
  readonly most: number;
}

/** Places a passive order on every nth quote and takes it back: the shortest way through the whole desk. */
export class Pulse implements Engine {
  readonly id = "pulse";
  readonly account = "main";
  readonly needs;
  readonly #options: PulseOptions;
  #seen = 0;
  placed = 0;
  #isStopped = false;

  constructor(options: PulseOptions) {
    this.#options = options;
    this.needs = {
      instruments: [options.instrument],
      feeds: ["top" as const],
      timeframesMs: [],
      warmupBars: 0,
    };
  }

  handle(event: DeskEvent, view: EngineView): readonly Intent[] {
    if (event.type === "orderReport")
      return event.status === "open" ? [{ type: "cancel", clientId: event.clientId, reason: "bench" }] : [];
    if (event.type !== "top" || !view.mayIncrease || this.#isStopped || this.placed >= this.#options.most)
      return [];
    this.#seen += 1;
    if (this.#seen % this.#options.every !== 0) return [];
    this.placed += 1;
    return [
      {
        type: "place",
        reason: "bench",
        facts: {
          clientId: view.newId("entry", this.placed % 1_000, 0),
          account: "main",
          instrument: this.#options.instrument,
          positionSide: "both",
          engine: this.id,
          role: "entry",
          rung: this.placed % 1_000,
          slice: 0,
          side: "buy",
          kind: "limit",
          price: ticks(event.bid - BELOW),
          lots: lots(4),
          isReduceOnly: false,
          isPostOnly: true,
        },
      },
    ];
  }

  /** Places no more. */
  stop(): void {
    this.#isStopped = true;
  }

  adopt(): readonly Intent[] {
    return [];
  }

  rungs() {
    return [];
  }

  snapshot() {
    return {
      summary: "",
      rungsHeld: 0,
      rungsOpening: 0,
      cycles: 0,
      stops: 0,
      realized: value(0),
      state: null,
    };
  }
}
