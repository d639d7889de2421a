import type { CountdownEvent, OperatorRequest } from "../../core/event.ts";
import type { InstrumentId } from "../../core/instrument.ts";
import type { AlertIntent } from "../../core/intent.ts";
import { isLive, isOpening, type OrderRecord } from "../../core/order.ts";
import type { Millis } from "../../core/units.ts";
import type { CountdownView } from "../snapshot.ts";
import type { KernelConfig } from "./config.ts";
import { countdownFailedAlert, countdownSetAlert, stopWentAlert, timeText } from "./countdown-alerts.ts";
import type { Effect } from "./effect.ts";
import type { KernelState } from "./state.ts";

/** One countdown of the exchange, as far as it answered. */
interface Part {
  setWallAt: Millis | undefined;
  endsWallAt: number | undefined;
  /** It came to its end, so that its orders went, this long ago. */
  endedWallAt: number | undefined;
  problem: string | undefined;
}

/** Orders that end with one countdown end within this market time. */
const TOGETHER_MS = 2_000;
/** News of what went may come so much later (wall): a stream was cut, a reading was due. */
const NEWS_MS = 600_000;
/** Orders that somebody else ended and that are remembered. */
const GONE_KEPT = 200;
/** Where the exchange counts for the whole account. */
const ALL = "*";

/** What is known of the exchange's countdowns, whether they are wanted, and what went with one. */
export class Countdowns {
  readonly #parts = new Map<InstrumentId, Part>();
  /** Of this life: what somebody else than the desk ended, the oldest first. */
  readonly #gone: OrderRecord[] = [];
  #disarmedBy: string | undefined;
  #took: { readonly instrument: InstrumentId; readonly at: Millis } | undefined;
  #isTold = false;

  /** Whether they are to be set again and again. */
  isArmed({ countdownSeconds }: Pick<KernelConfig, "countdownSeconds">): boolean {
    return countdownSeconds !== undefined && this.#disarmedBy === undefined && this.#took === undefined;
  }

  /** The stop that went with one, as a sentence: none is set until a start without countdowns has forgotten it. */
  get tookText(): string | undefined {
    if (this.#took === undefined) return undefined;
    return `a stop of ${this.#took.instrument} went with it at ${timeText(this.#took.at)}`;
  }

  arm(): void {
    this.#disarmedBy = undefined;
    this.#took = undefined;
  }

  disarm(by: string): void {
    this.#disarmedBy = by;
  }

  tookStop(instrument: InstrumentId, at: Millis): void {
    this.#took = { instrument, at };
  }

  /** What the exchange made of a request; an alert where people must know. */
  told(event: CountdownEvent, { config, wallAt }: KernelState): AlertIntent | undefined {
    const { seconds, askedWallAt, problem } = event;
    const part = this.#part(event.instrument ?? ALL);
    part.problem = problem;
    if (problem !== undefined) {
      const left = (part.endsWallAt ?? wallAt) - wallAt;
      // There is time for further tries.
      if (this.#isTold || (seconds > 0 && left > seconds * 500)) return undefined;
      this.#isTold = true;
      return countdownFailedAlert(config, event, part.endsWallAt);
    }
    if (part.endsWallAt !== undefined && part.endsWallAt < askedWallAt) part.endedWallAt = part.endsWallAt;
    part.setWallAt = seconds === 0 ? undefined : askedWallAt;
    part.endsWallAt = seconds === 0 ? undefined : askedWallAt + seconds * 1_000;
    if (!this.#isTold || [...this.#parts.values()].some((each) => each.problem !== undefined))
      return undefined;
    this.#isTold = false;
    return countdownSetAlert(config, seconds);
  }

  /** Somebody else than the desk ended an order. Stops and others at once, at a countdown's end: it was the countdown. */
  taken(order: OrderRecord, state: KernelState): readonly Effect[] {
    if (!this.isArmed(state.config)) return NONE;
    this.#gone.push(order);
    if (this.#gone.length > GONE_KEPT) this.#gone.shift();
    const together = this.#gone.filter((other) => isTogether(order, other));
    const stop = together.find(isStop);
    if (stop === undefined || together.every(isStop) || !this.#hasEnded(order, state.wallAt)) return NONE;
    return this.#noteStop(stop, state);
  }

  /**
   * What a start finds: a rung that is held, whose stop was cancelled at one moment with an entry or a take profit and not replaced.
   * The desk itself cancels a stop only when nothing is held any more. A start that wants no countdown forgets what an earlier one
   * took: whoever wants one again says so on the machine.
   */
  booted(state: KernelState): readonly Effect[] {
    if (state.config.countdownSeconds === undefined && this.#took !== undefined) {
      this.arm();
      return [ownFact(state.config, { type: "armCountdown" })];
    }
    if (!this.isArmed(state.config)) return NONE;
    const plain: OrderRecord[] = [];
    const rungs = new Map<string, HeldRung>();
    for (const order of state.orders.all()) {
      if (!isStop(order)) {
        if (order.state === "canceled") plain.push(order);
      }
      const { engine, instrument, positionSide, rung } = order.facts;
      const key = `${engine}/${instrument}/${positionSide}/${rung}`;
      const held = rungs.get(key) ?? { lots: 0, filledAt: 0, isCovered: false, gone: undefined };
      rungs.set(key, held);
      count(held, order);
    }
    for (const { lots, filledAt, isCovered, gone } of rungs.values()) {
      if (lots <= 0 || isCovered || gone === undefined || gone.updatedAt < filledAt) continue;
      if (plain.some((other) => isTogether(gone, other))) return this.#noteStop(gone, state);
    }
    return NONE;
  }

  /** The countdowns as people see them. */
  view(config: KernelConfig): CountdownView {
    const { countdownSeconds = 0 } = config;
    const by = this.#disarmedBy === undefined ? undefined : `${this.#disarmedBy} disarmed it`;
    return {
      seconds: countdownSeconds,
      isArmed: this.isArmed(config),
      why: this.tookText ?? by,
      parts: [...this.#parts].map(([instrument, { setWallAt, endsWallAt, problem }]) => ({
        instrument: instrument === ALL ? undefined : instrument,
        setWallAt,
        endsWallAt,
        problem,
      })),
    };
  }

  canonical(): unknown {
    return [
      this.#disarmedBy ?? null,
      this.#took ?? null,
      [...this.#parts].sort(([a], [b]) => (a < b ? -1 : 1)),
    ];
  }

  #part(name: string): Part {
    const found = this.#parts.get(name);
    if (found !== undefined) return found;
    const part = { setWallAt: undefined, endsWallAt: undefined, endedWallAt: undefined, problem: undefined };
    this.#parts.set(name, part);
    return part;
  }

  /** Whether the countdown of an order may have come to its end lately. */
  #hasEnded({ facts }: OrderRecord, wallAt: Millis): boolean {
    const { endsWallAt, endedWallAt } = this.#parts.get(ALL) ?? this.#part(facts.instrument);
    const isOver = endsWallAt !== undefined && endsWallAt <= wallAt;
    return isOver || (endedWallAt !== undefined && wallAt - endedWallAt < NEWS_MS);
  }

  #noteStop(
    { facts: { instrument }, updatedAt: at }: OrderRecord,
    { config }: KernelState,
  ): readonly Effect[] {
    this.tookStop(instrument, at);
    return [
      ownFact(config, { type: "countdownTookStop", instrument, at }),
      stopWentAlert(config, instrument, at),
    ];
  }
}

/** A fact that no person asked for; the next start recalls it. */
function ownFact({ desk }: KernelConfig, request: OperatorRequest): Effect {
  const actor = { person: desk, role: "admin", platform: "terminal" };
  return { type: "fact", kind: request.type, actor: `${desk}@desk`, body: { request, actor } };
}

/** A rung as its orders tell it. */
interface HeldRung {
  lots: number;
  /** When its last entry filled, market time. */
  filledAt: number;
  isCovered: boolean;
  /** The latest stop that ended without a fill of its own. */
  gone: OrderRecord | undefined;
}

function count(rung: HeldRung, order: OrderRecord): void {
  const isEntry = isOpening(order.facts);
  rung.lots += isEntry ? order.filled : -order.filled;
  if (isEntry) rung.filledAt = Math.max(rung.filledAt, order.lastFillAt ?? 0);
  if (!isStop(order)) return;
  if (isLive(order.state) || order.state === "triggered") rung.isCovered = true;
  if (
    (order.state === "canceled" || order.state === "expired") &&
    order.updatedAt >= (rung.gone?.updatedAt ?? 0)
  )
    rung.gone = order;
}

const isStop = ({ facts }: OrderRecord): boolean => facts.kind === "stopMarket";

const isTogether = (one: OrderRecord, other: OrderRecord): boolean =>
  one.facts.instrument === other.facts.instrument && Math.abs(one.updatedAt - other.updatedAt) <= TOGETHER_MS;

const NONE: readonly Effect[] = [];
