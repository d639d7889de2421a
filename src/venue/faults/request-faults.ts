import type { FaultBeing } from "./fault.ts";
import { isListCall } from "./lists.ts";
import type { Tally } from "./tally.ts";
import type { Trigger } from "./trigger.ts";
import { TriggerList } from "./trigger-list.ts";
import type { RequestEnd, RequestFate, RequestSeen } from "./weather.ts";

type RequestFault = FaultBeing<"request">;

const END_OF = {
  requestLost: "neverArrives",
  answerLost: "answerLost",
  unknownStatus: "unknownStatus",
  unavailable: "unavailable",
  failed: "failed",
  hang: "hangs",
  heldRequest: "answered",
  rateLimited: "rateLimited",
  banned: "banned",
  partialAnswer: "partial",
  emptyAnswer: "empty",
  staleAnswer: "stale",
} as const satisfies Record<Exclude<RequestFault["kind"], "latency">, RequestEnd>;

/** The name under which a connection that asks to become a WebSocket meets the weather. */
export const CONNECT = "CONNECT";

/** A trouble that lasts: everything meets it until it is over. */
interface Spell {
  readonly end: Extract<RequestEnd, "rateLimited" | "banned" | "unavailable" | "partial">;
  readonly from: number;
  readonly until: number;
  /** Only this protocol; all when undefined. */
  readonly venue: string | undefined;
}

/** What becomes of requests under the faults that are aimed at them. */
export class RequestFaults {
  readonly triggers = new TriggerList<RequestFault>();
  readonly #tally: Tally;
  #spells: Spell[] = [];

  constructor(tally: Tally) {
    this.#tally = tally;
  }

  /** The exchange goes down now: everything is refused, and after that lists lack items for a moment. */
  goDown(wallAt: number, downMs: number, partialMs: number, venue: string | undefined): void {
    const up = wallAt + downMs;
    this.#spells.push({ end: "unavailable", from: wallAt, until: up, venue });
    this.#spells.push({ end: "partial", from: up, until: up + partialMs, venue });
  }

  /** Delays add up; of the faults that decide how a request ends, the first that strikes does. */
  fate(seen: RequestSeen): RequestFate {
    const spell = this.#spellOn(seen);
    if (spell !== undefined) return spell;
    const { skin, name, wallAt } = seen;
    let delayMs = 0;
    let answerDelayMs = 0;
    let fate: Pick<RequestFate, "end" | "retryAfterMs"> | undefined;
    for (const trigger of this.triggers.at(wallAt)) {
      const { fault } = trigger;
      const isDecider = fault.kind !== "latency";
      if ((isDecider && fate !== undefined) || !trigger.isOpen(wallAt)) continue;
      if (!trigger.isAimedAt(skin, name) || !canMeet(trigger, name) || !trigger.strike(wallAt)) continue;
      this.#tally.add(fault.kind);
      if (fault.kind === "latency") {
        delayMs += trigger.draw(fault.fields.requestMs);
        answerDelayMs += trigger.draw(fault.fields.answerMs);
        continue;
      }
      if (fault.kind === "heldRequest") delayMs += trigger.draw(fault.fields.seconds, 1_000);
      fate = { end: END_OF[fault.kind] };
      if (fault.kind === "rateLimited" || fault.kind === "banned") {
        const retryAfterMs = trigger.draw(fault.fields.seconds, 1_000);
        const { end } = fate as { readonly end: "rateLimited" | "banned" };
        this.#spells.push({ end, from: wallAt, until: wallAt + retryAfterMs, venue: fault.venue });
        fate = { end, retryAfterMs };
      }
    }
    return { delayMs, answerDelayMs, end: "answered", ...fate };
  }

  #spellOn({ skin, name, wallAt }: RequestSeen): RequestFate | undefined {
    if (this.#spells.length === 0) return undefined;
    this.#spells = this.#spells.filter(({ until }) => wallAt < until);
    const met = this.#spells.find(
      ({ end, from, venue }) =>
        wallAt >= from &&
        (venue === undefined || venue === skin) &&
        (end === "unavailable" || (end === "partial" ? isListCall(name) : name !== CONNECT)),
    );
    if (met === undefined) return undefined;
    const { end, until } = met;
    return {
      delayMs: 0,
      answerDelayMs: 0,
      end,
      ...(end === "partial" ? {} : { retryAfterMs: until - wallAt }),
    };
  }
}

/** Lists alone come back partial, empty or stale; connections meet only what names them. */
function canMeet(trigger: Trigger<RequestFault>, name: string): boolean {
  const { kind } = trigger.fault;
  if (name === CONNECT) return trigger.names(CONNECT);
  const isRewriting = kind === "partialAnswer" || kind === "emptyAnswer" || kind === "staleAnswer";
  return !isRewriting || isListCall(name);
}
