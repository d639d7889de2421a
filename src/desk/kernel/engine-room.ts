import type { Engine } from "../../core/engine.ts";
import type { CloseShareEvent, DeskEvent } from "../../core/event.ts";
import type { InstrumentId } from "../../core/instrument.ts";
import type { Intent } from "../../core/intent.ts";
import { InvariantError } from "../../core/invariant.ts";
import {
  applyChange,
  type EngineId,
  isLive,
  newOrder,
  type OrderFacts,
  type OrderRecord,
} from "../../core/order.ts";
import type { RungView } from "../../core/recovery.ts";
import { Abandoned } from "./abandoned.ts";
import type { Effect } from "./effect.ts";
import { verdictOn } from "./guarding.ts";
import { LastStops } from "./last-stops.ts";
import type { KernelState } from "./state.ts";
import { StoppedEngines } from "./stopped-engines.ts";
import { EngineWindow } from "./window.ts";

const CASCADE_MAX = 2_000;

/** Feeds the engines and carries out what they want: every order goes through the guard here, and nowhere else. */
export class EngineRoom {
  readonly #state: KernelState;
  readonly #effect: (effect: Effect) => void;
  readonly #stopped: StoppedEngines;
  readonly #abandoned: Abandoned;
  readonly #lastStops: LastStops;
  readonly #windows = new Map<EngineId, EngineWindow>();
  /** Set while a reading is taken in: news for engines that waits until all of it is counted. */
  #waiting: { readonly id: EngineId; readonly event: DeskEvent }[] | undefined;
  /** Entries to be taken back, by client id, with the reason: those that are still on their way too. */
  readonly #recalled = new Map<string, string>();
  #queue: { readonly engine: Engine | undefined; readonly intent: Intent }[] = [];

  constructor(state: KernelState, effect: (effect: Effect) => void) {
    this.#state = state;
    this.#effect = effect;
    this.#stopped = new StoppedEngines(state);
    this.#abandoned = new Abandoned(state, this.#stopped, effect);
    this.#lastStops = new LastStops(state);
  }

  /** Goes on with what is taken back and closed for engines that are stopped. */
  closeStopped(): void {
    for (const intent of this.#abandoned.step()) this.#queue.push({ engine: undefined, intent });
    for (const intent of this.#stopped.step()) this.#queue.push({ engine: undefined, intent });
  }

  /** Places and takes back the stops behind those of the engines. */
  tendLastStops(): void {
    for (const intent of this.#lastStops.step()) this.#queue.push({ engine: undefined, intent });
  }

  /** An engine's rungs as people see them; none for a name that is not there, or whose engine has a fault. */
  rungs(id: EngineId): readonly RungView[] {
    const engine = this.#state.engines.get(id);
    return engine === undefined || this.#state.failed.has(id) ? [] : engine.rungs(this.#window(engine));
  }

  /** Wants an order on behalf of the desk itself. */
  want(facts: OrderFacts, reason: string): void {
    this.#queue.push({ engine: undefined, intent: { type: "place", facts, reason } });
  }

  /** Takes all entries back that rest, or one engine's: what may still rest its engine places anew, through the guard. */
  takeEntriesBack(reason: string, engine?: EngineId): void {
    for (const { facts } of this.#state.orders.live())
      if (facts.role === "entry" && facts.engine === (engine ?? facts.engine))
        this.#recalled.set(facts.clientId, reason);
    this.takeLateBack();
  }

  /** The same with those that were on their way then, as soon as they rest. */
  takeLateBack(): void {
    for (const [clientId, reason] of this.#recalled) {
      const order = this.#state.orders.get(clientId);
      const isLeft = order !== undefined && isLive(order.state) && order.state !== "canceling";
      if (isLeft && order.state !== "resting") continue;
      this.#recalled.delete(clientId);
      if (isLeft) this.#queue.push({ engine: undefined, intent: { type: "cancel", clientId, reason } });
    }
  }

  /** Lets every engine rebuild itself from its own orders, then tells it that it runs. */
  adoptAll(): void {
    const { at, wallAt } = this.#state;
    for (const engine of this.#state.engines.values()) {
      const own = [...this.#state.orders.all()].filter((order) => order.facts.engine === engine.id);
      this.guarded(engine, () => engine.adopt(own, this.#window(engine)));
      this.feed(engine.id, { type: "engineStarted", at, wallAt, engine: engine.id, reason: "boot" });
    }
  }

  /**
   * Wakes that engines asked for and that are due by now, after the news of the turn: what each of them wants is carried out before
   * the next, or two would want with the same stale view.
   */
  fireWakes(): void {
    for (const wake of this.#state.wakes.due(this.#state.at, this.#state.wallAt)) {
      this.feed(wake.engine, wake);
      this.drain();
    }
  }

  /** Market news, to the engines that trade the instrument. */
  toInstrument(instrument: InstrumentId, event: DeskEvent): void {
    for (const engine of this.#state.engines.values()) {
      if (engine.needs.instruments.includes(instrument)) this.feed(engine.id, event);
    }
  }

  /** News for everybody. */
  toAll(event: DeskEvent): void {
    for (const engine of this.#state.engines.keys()) this.feed(engine, event);
  }

  /** Engines hear of the parts of a reading when all are counted: half of one would make them want the wrong orders. */
  gather(count: () => void): void {
    const waiting: { readonly id: EngineId; readonly event: DeskEvent }[] = [];
    this.#waiting = waiting;
    count();
    this.#waiting = undefined;
    // First they hear which orders there are at all, then what became of each.
    for (const isFirst of [true, false]) {
      for (const { id, event } of waiting) {
        if ((event.type === "approved") !== isFirst) continue;
        this.feed(id, event);
        this.drain();
      }
    }
  }

  /** News of an order, to the engine that wanted it. */
  toOwner(order: OrderRecord, event: DeskEvent): void {
    this.feed(order.facts.engine, event);
  }

  /** Lets an engine handle an event; what it wants is queued. Nothing reaches it before it was rebuilt. */
  feed(id: EngineId, event: DeskEvent | CloseShareEvent): void {
    if (!this.#state.isBooted) return;
    const engine = this.#state.engines.get(id);
    if (event.type === "closeShare" && (engine === undefined || this.#state.failed.has(id))) {
      this.#stopped.want(event);
      return;
    }
    if (this.#waiting !== undefined) {
      this.#waiting.push({ id, event });
      return;
    }
    if (engine !== undefined) this.guarded(engine, () => engine.handle(event, this.#window(engine)));
    if (event.type === "fill") this.#abandoned.heard(id, event);
    if (event.type === "orderReport") this.#abandoned.ended(id, event);
  }

  /** An engine that throws is stopped, loudly; its entries go, its exits keep resting, the others go on. */
  guarded(engine: Engine, act: () => readonly Intent[]): void {
    if (this.#state.failed.has(engine.id)) return;
    try {
      for (const intent of act()) this.#wish(engine, intent);
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      this.#state.failed.set(engine.id, text);
      this.#effect({ type: "engineFailed", engine: engine.id, error: text });
      this.#effect({
        type: "alert",
        key: `engine:${engine.id}`,
        level: "critical",
        title: `Engine ${engine.id} stopped: a fault in its code`,
        lines: [
          text,
          "Its entries are taken back; what still fills, and what lacks the stop it should have, is closed at the market.",
          "Its stops and take profits keep resting. Close the rest with /close or /panic.",
        ],
      });
    }
  }

  /**
   * News of one turn may make an engine want one order twice, for it hears of what was sent only later: the wish that
   * knows more replaces the one that still waits (I1).
   */
  #wish(engine: Engine, intent: Intent): void {
    if (intent.type === "place") {
      const { facts } = intent;
      this.#queue = this.#queue.filter(
        (other) =>
          other.engine !== engine || other.intent.type !== "place" || !isSamePlace(other.intent.facts, facts),
      );
    }
    this.#queue.push({ engine, intent });
  }

  /**
   * Carries out what engines want, until nothing is left: what they want next comes from being told of it. One that never stops
   * wanting more is stopped; what the others want is carried out all the same.
   */
  drain(): void {
    const steps = new Map<Engine | undefined, number>();
    for (const { engine } of this.#queue) steps.set(engine, (steps.get(engine) ?? 0) - 1);
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      const { engine, intent } = next;
      const count = (steps.get(engine) ?? 0) + 1;
      steps.set(engine, count);
      if (count <= CASCADE_MAX) {
        this.#carryOut(engine, intent);
        continue;
      }
      this.#queue = this.#queue.filter((other) => other.engine !== engine);
      if (engine !== undefined)
        this.guarded(engine, () => {
          throw new Error("it asks for orders without end");
        });
    }
  }

  #carryOut(engine: Engine | undefined, intent: Intent): void {
    switch (intent.type) {
      case "place":
        if (this.#isNew(engine, intent.facts)) this.#place(intent.facts, intent.reason);
        return;
      case "cancel":
        this.#cancel(intent.clientId, intent.reason);
        return;
      case "wake":
        if (engine !== undefined) this.#state.wakes.add(engine.id, intent.at, intent.tag, this.#state.wallAt);
        return;
      case "halt":
        if (engine !== undefined) this.#halt(engine.id, intent.reason);
        return;
      case "askRecovery":
        this.#state.recoveryAsks.want(intent);
        return;
      case "withdrawRecovery":
        // What is asked is taken back by itself: the next look finds the rung flat.
        return;
      case "ask":
        this.#effect({ type: "show", proposal: intent.proposal });
        return;
      case "addMargin":
      case "transfer":
      case "requestJob":
        this.#effect({
          type: "refused",
          clientId: "",
          reason: "blocked",
          detail: `${intent.type} has no room in this desk yet`,
        });
        return;
      case "logTrade": {
        const { at } = this.#state;
        this.#effect({ ...intent, fields: { Engine: engine?.id ?? "desk", At: at, ...intent.fields } });
        return;
      }
      default:
        this.#effect(intent);
    }
  }

  /** An engine closed all and waits: a fact, so that no restart sets it going again. */
  #halt(engine: EngineId, reason: string): void {
    this.#state.pauseEngine(engine, reason);
    this.#state.facts.halt(engine, reason);
    const actor = { person: engine, role: "admin", platform: "terminal" };
    const request = { type: "halt", engine, reason };
    this.#effect({ type: "fact", kind: "halt", actor: `${engine}@desk`, body: { request, actor } });
  }

  /** A second order of one name would take the first one's place, and its fills (I1): its engine has a fault. */
  #isNew(engine: Engine | undefined, { clientId }: OrderFacts): boolean {
    if (this.#state.orders.get(clientId) === undefined) return true;
    if (engine !== undefined) {
      this.guarded(engine, () => {
        throw new InvariantError(`order ${clientId} was sent before`);
      });
    }
    return false;
  }

  #place(wanted: OrderFacts, reason: string): void {
    const state = this.#state;
    const facts = state.instruments.onSteps(wanted);
    const verdict = verdictOn(state, facts);
    if (!verdict.ok) {
      const { reason: why, detail } = verdict;
      state.counts.guardRefused += 1;
      state.entryRefusals.refused(facts, why, detail, state.at);
      if (why !== "circuit" || state.circuit.heldBack(facts))
        this.#effect({ type: "refused", clientId: facts.clientId, reason: why, detail });
      this.feed(facts.engine, {
        type: "refused",
        at: state.at,
        wallAt: state.wallAt,
        engine: facts.engine,
        facts,
        reason: verdict.reason,
      });
      return;
    }
    state.orders.add(newOrder(facts, "sending", state.at, state.wallAt));
    state.circuit.sent(facts, state.wallAt);
    state.entryRefusals.approved(facts);
    state.counts.sent += 1;
    this.#effect({ type: "send", order: verdict.order, reason });
    this.feed(facts.engine, {
      type: "approved",
      at: state.at,
      wallAt: state.wallAt,
      engine: facts.engine,
      facts,
    });
  }

  #cancel(clientId: string, reason: string): void {
    const order = this.#state.orders.get(clientId);
    if (order === undefined || !isLive(order.state) || order.state === "canceling") return;
    // There is nothing to cancel any more: its fills are on their way, or the next reading brings them.
    if (order.isToldFilled) {
      this.#state.doubt();
      return;
    }
    applyChange(order, "cancelSent", this.#state.at, order.updatedWallAt);
    order.cancelAskedWallAt = this.#state.wallAt;
    this.#effect({ type: "cancel", facts: order.facts, venueOrderId: order.venueOrderId, reason });
  }

  #window(engine: Engine): EngineWindow {
    let window = this.#windows.get(engine.id);
    if (window === undefined) {
      window = new EngineWindow(this.#state, engine.id);
      this.#windows.set(engine.id, window);
    }
    return window;
  }
}

/** Whether two orders would stand for the same wish: one role, rung and slice of a book. */
const isSamePlace = (one: OrderFacts, other: OrderFacts): boolean =>
  one.role === other.role &&
  one.rung === other.rung &&
  one.slice === other.slice &&
  one.instrument === other.instrument &&
  one.positionSide === other.positionSide &&
  one.clientId !== other.clientId;
