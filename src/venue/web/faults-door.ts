import type { FaultPlan } from "../faults/plan.ts";
import { readPlan } from "../faults/reading.ts";
import type { WebAnswer } from "./skin.ts";
import type { WallClock } from "./wall.ts";

/** Where a running venue's faults are steered, from this machine alone. */
export const FAULTS_PATH = "/control/faults";

/**
 * The hand on a running venue's faults: POST adds a plan (JSON, as in a faults file; its times count from now), GET tells how
 * often each kind struck, DELETE takes away what was added here.
 */
export class FaultsDoor {
  readonly #plan: FaultPlan;
  readonly #wall: WallClock;
  #added: (() => void)[] = [];

  constructor(plan: FaultPlan, wall: WallClock) {
    this.#plan = plan;
    this.#wall = wall;
  }

  answer(method: string, body: string): WebAnswer {
    if (method === "GET") return answer(200, { counts: Object.fromEntries(this.#plan.counts) });
    if (method === "DELETE") {
      for (const remove of this.#added) remove();
      this.#added = [];
      return answer(200, { counts: Object.fromEntries(this.#plan.counts) });
    }
    if (method !== "POST")
      return answer(405, { problems: [`${method} ${FAULTS_PATH}: use GET, POST or DELETE.`] });
    const reading = readPlan(parsed(body));
    if (!reading.ok) return answer(400, { problems: reading.problems });
    const now = this.#wall.now();
    for (const fault of reading.faults) this.#added.push(this.#plan.add(fault, now));
    return answer(200, { added: reading.faults.length });
  }
}

const answer = (status: number, body: object): WebAnswer => ({ status, headers: {}, body });

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
