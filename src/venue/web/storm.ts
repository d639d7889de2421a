import { apply } from "../faults/apply.ts";
import { FAULT_KINDS } from "../faults/kinds.ts";
import type { FaultPlan } from "../faults/plan.ts";
import type { Occurrence } from "../faults/schedule.ts";
import type { Stage } from "../faults/stage.ts";
import type { Skin } from "./skin.ts";
import type { WallClock } from "./wall.ts";

/** How often it looks whether something is due; faults may be added at any time. */
const LOOK_MS = 20;

/** What a storm needs beside its plan. */
interface StormOptions {
  readonly wall: WallClock;
  readonly skins: readonly Skin[];
  readonly shock: Stage["shock"] | undefined;
  /** Carries out what only a harness can (restarts of the desk); false when it can't. */
  readonly harness: ((occurrence: Occurrence) => boolean) | undefined;
  readonly onBug: (error: unknown, what: string) => void;
}

/** Carries out what a plan does to sockets and exchanges, when it is due. */
export class Storm {
  readonly #plan: FaultPlan;
  readonly #options: StormOptions;
  readonly #stages: readonly Stage[];
  #timer: unknown;

  constructor(plan: FaultPlan, options: StormOptions) {
    this.#plan = plan;
    this.#options = options;
    const { shock } = options;
    this.#stages = options.skins.flatMap(({ name, exchanges, accounts = [] }) =>
      exchanges.map((exchange) => ({
        venue: name,
        exchange,
        accounts,
        ...(shock === undefined ? {} : { shock }),
      })),
    );
    this.#look();
  }

  close(): void {
    this.#options.wall.clearTimeout(this.#timer);
  }

  #look(): void {
    const { wall } = this.#options;
    const now = wall.now();
    for (const occurrence of this.#plan.due(now)) {
      this.#plan.settle(occurrence, this.#guarded(occurrence), now);
    }
    const next = this.#plan.nextDueAt() ?? Number.POSITIVE_INFINITY;
    this.#timer = wall.setTimeout(() => this.#look(), Math.min(LOOK_MS, Math.max(1, next - now)));
  }

  #guarded(occurrence: Occurrence): "done" | "notYet" | "never" {
    try {
      return this.#carryOut(occurrence);
    } catch (error) {
      this.#options.onBug(error, `fault ${occurrence.fault.kind}`);
      return "never";
    }
  }

  #carryOut(occurrence: Occurrence): "done" | "notYet" | "never" {
    const { fault } = occurrence;
    const { harness, skins } = this.#options;
    const hit = skins.filter(({ name }) => fault.venue === undefined || fault.venue === name);
    const total = (count: (skin: Skin) => number): number => hit.reduce((sum, skin) => sum + count(skin), 0);
    switch (fault.kind) {
      case "disconnect":
        return doneIf(total((skin) => skin.dropSockets(fault.fields.sockets)) > 0);
      case "halfOpen":
        return doneIf(total((skin) => skin.freezeSockets?.(fault.fields.sockets) ?? 0) > 0);
      case "exchangeRestart":
        for (const skin of hit) skin.dropSockets("all");
        return "done";
      case "listenKeyExpiry":
        for (const skin of hit) skin.expireListenKeys();
        return "done";
      default:
        if (FAULT_KINDS[fault.kind].by === "harness") return harness?.(occurrence) ? "done" : "never";
        return doneIf(this.#stages.some((stage) => apply(occurrence, stage)));
    }
  }
}

const doneIf = (isDone: boolean): "done" | "notYet" => (isDone ? "done" : "notYet");
