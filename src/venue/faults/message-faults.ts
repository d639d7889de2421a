import type { FaultBeing } from "./fault.ts";
import type { Tally } from "./tally.ts";
import type { Trigger } from "./trigger.ts";
import { TriggerList } from "./trigger-list.ts";
import type { FrameFate, FrameSeen } from "./weather.ts";

type MessageFault = FaultBeing<"message">;

const ONCE: FrameFate = [0];
const LOST: FrameFate = [];
const DEPTH = /depth|orderbook|^books/i;

/** What one stream goes through. */
interface Stream {
  /** Until then its messages wait in line behind a late one. */
  heldUntil: number;
  /** When messages that are being overtaken arrive. */
  overtaken: number[];
  /** How many more order-book updates are missing. */
  gap: number;
}

/** What becomes of pushed messages under the faults that are aimed at them. */
export class MessageFaults {
  readonly triggers = new TriggerList<MessageFault>();
  readonly #streams = new Map<string, Stream>();
  readonly #tally: Tally;

  constructor(tally: Tally) {
    this.#tally = tally;
  }

  /** The first fault that strikes decides; a stream that lags keeps its order. */
  fate(seen: FrameSeen): FrameFate {
    if (this.triggers.isEmpty && this.#streams.size === 0) return ONCE;
    const { wallAt } = seen;
    const key = `${seen.skin} ${seen.account ?? ""} ${seen.stream}`;
    const stream = this.#streams.get(key);
    if (stream !== undefined && stream.gap > 0) {
      stream.gap -= 1;
      return LOST;
    }
    const struck = this.triggers.at(wallAt).find((trigger) => meets(trigger, seen) && trigger.strike(wallAt));
    const queueMs = Math.max(0, (stream?.heldUntil ?? 0) - wallAt);
    const fate = struck === undefined ? undefined : this.#strike(struck, key, wallAt, queueMs);
    if (fate !== undefined) return fate;
    if (stream !== undefined) this.#overtake(key, stream, wallAt + queueMs, wallAt);
    return queueMs === 0 ? ONCE : [queueMs];
  }

  #strike(trigger: Trigger<MessageFault>, key: string, wallAt: number, queueMs: number): FrameFate {
    const { fault } = trigger;
    const stream = this.#streams.get(key) ?? { heldUntil: 0, overtaken: [], gap: 0 };
    // Counted when another message passes it.
    if (fault.kind !== "messagesReordered") this.#tally.add(fault.kind);
    switch (fault.kind) {
      case "messageLost":
        return LOST;
      case "messageDoubled":
        return [queueMs, queueMs + trigger.draw(fault.fields.afterMs)];
      case "messagesReordered": {
        const delayMs = queueMs + trigger.draw(fault.fields.byMs);
        stream.overtaken.push(wallAt + delayMs);
        this.#streams.set(key, stream);
        return [delayMs];
      }
      case "messageLate": {
        const delayMs = Math.max(queueMs, trigger.draw(fault.fields.ms));
        stream.heldUntil = wallAt + delayMs;
        this.#streams.set(key, stream);
        return [delayMs];
      }
      case "depthGap":
        stream.gap = Math.round(fault.fields.messages) - 1;
        this.#streams.set(key, stream);
        return LOST;
    }
  }

  #overtake(key: string, stream: Stream, arrivesAt: number, wallAt: number): void {
    for (const due of stream.overtaken) if (due > arrivesAt) this.#tally.add("messagesReordered");
    stream.overtaken = stream.overtaken.filter((due) => due <= arrivesAt && due > wallAt);
    const isOver = stream.overtaken.length === 0 && stream.gap === 0 && stream.heldUntil <= wallAt;
    if (isOver) this.#streams.delete(key);
  }
}

function meets(trigger: Trigger<MessageFault>, seen: FrameSeen): boolean {
  const { fault } = trigger;
  return (
    trigger.isOpen(seen.wallAt) &&
    (fault.account === undefined || fault.account === seen.account) &&
    trigger.isAimedAt(seen.skin, seen.stream, seen.kind) &&
    (fault.kind !== "depthGap" || (seen.kind === "market" && DEPTH.test(seen.stream)))
  );
}
