import { type Book, explained, isMismatched } from "../../core/book.ts";
import type { Engine } from "../../core/engine.ts";
import type {
  CloseShareEvent,
  DeskEvent,
  FillEvent,
  OperatorEvent,
  OrderReportEvent,
  TruthEvent,
} from "../../core/event.ts";
import { checkOrder } from "../../core/guard.ts";
import type { InstrumentId } from "../../core/instrument.ts";
import type { AlertIntent, Intent } from "../../core/intent.ts";
import {
  applyChange,
  type EngineId,
  isLive,
  newOrder,
  type OrderFacts,
  type OrderRecord,
} from "../../core/order.ts";
import type { Proposal } from "../../core/proposal.ts";
import { reconcile } from "../../core/reconcile.ts";
import { millis } from "../../core/units.ts";
import type { Outcome } from "../ports.ts";
import type { KernelConfig } from "./config.ts";
import { Decisions } from "./decisions.ts";
import type { Effect } from "./effect.ts";
import { guardState, quoteInput } from "./guarding.ts";
import { foreignAlert, mismatchAlert, overfillAlert, secondBotAlert } from "./messages.ts";
import { KernelState, TRUTH_EVERY_MS } from "./state.ts";
import { EngineWindow } from "./window.ts";

/** What came of one event. */
export interface Turn {
  readonly effects: readonly Effect[];
  /** The answer to a person, where one asked. */
  readonly outcome?: Outcome;
}

const CASCADE_MAX = 2_000;

/**
 * The deterministic heart of the desk: one event in, effects out (DESIGN.md section 1). No clock, chance, I/O or
 * async; the same configuration and events give the same effects and state hash, so a recording replays.
 */
export class Kernel {
  readonly state: KernelState;
  readonly #decisions: Decisions;
  #effects: Effect[] = [];
  #queue: { readonly engine: Engine | undefined; readonly intent: Intent }[] = [];

  constructor(config: KernelConfig, engines: readonly Engine[]) {
    this.state = new KernelState(config, engines);
    this.#decisions = new Decisions(this.state, {
      effect: (effect) => this.#effects.push(effect),
      toEngine: (engine, event) => this.#feed(engine, event),
      place: (facts, reason) =>
        this.#queue.push({ engine: undefined, intent: { type: "place", facts, reason } }),
    });
  }

  /** Takes one event, whole. Expected trouble ends in effects; only a broken invariant of the kernel throws. */
  turn(event: DeskEvent): Turn {
    const { state } = this;
    this.#effects = [];
    this.#queue = [];
    state.advance(event);
    if (state.isBooted) this.#fireWakes();
    const outcome = this.#apply(event);
    this.#drain();
    this.#watch(event);
    this.#decisions.progress();
    this.#drain();
    return outcome === undefined ? { effects: this.#effects } : { effects: this.#effects, outcome };
  }

  #apply(event: DeskEvent): Outcome | undefined {
    const { state } = this;
    switch (event.type) {
      case "top":
      case "mark":
      case "depth":
        state.board.apply(event);
        this.#toInstrument(event.instrument, event);
        return undefined;
      case "trade":
      case "candle":
      case "prediction":
      case "instrumentChanged":
        this.#toInstrument(event.instrument, event);
        return undefined;
      case "orderReport":
        this.#report(event, true);
        return undefined;
      case "fill":
        this.#fill(event, true);
        return undefined;
      case "placeRejected":
        this.#change(event, "rejected", event.reason);
        return undefined;
      case "placeUnknown":
        this.#change(event, "outcomeLost", event.reason);
        return undefined;
      case "orderAbsent":
        this.#change(event, "absent", "the exchange does not know it");
        return undefined;
      case "cancelFailed":
        this.#change(event, "cancelRefused", event.reason);
        return undefined;
      case "truth":
        this.#truth(event);
        return undefined;
      case "operator":
        return this.#operator(event);
      case "proposalClaimed":
        return this.#decisions.claimed(event);
      case "proposalRestored":
        state.proposals.restore(event.proposal);
        return undefined;
      case "proposalExpired":
        this.#decisions.expire();
        return undefined;
      case "clockStep":
        // What people were shown may be older or younger than they think: it must be asked for anew.
        state.note(event);
        this.#decisions.voidPending("The clock moved; ask again for a new quote.");
        return undefined;
      case "engineStopped":
        state.pauseEngine(event.engine, event.reason);
        this.#toAll(event);
        return undefined;
      case "timer":
        this.#decisions.expire();
        this.#askTruth();
        for (const fill of state.dueUnclaimed()) this.#countFill(fill, undefined, true);
        this.#toAll(event);
        return undefined;
      default:
        state.note(event);
        this.#askTruth();
        this.#toAll(event);
        return undefined;
    }
  }

  #operator(event: OperatorEvent): Outcome {
    const outcome = this.#decisions.operator(event);
    this.#toAll(event);
    return outcome;
  }

  /** Refusals, lost answers and absences of an order that we sent. */
  #change(
    event: DeskEvent & { readonly clientId: string },
    change: "rejected" | "outcomeLost" | "absent" | "cancelRefused",
    reason: string,
  ): void {
    const order = this.state.orders.get(event.clientId);
    if (order === undefined) return;
    order.reason = reason;
    if (change === "rejected") this.state.counts.refused += 1;
    if (change === "outcomeLost") this.state.counts.unknown += 1;
    const moved = applyChange(order, change, event.at, event.wallAt);
    if (moved) this.#askIfUnknown(order);
    this.#toOwner(order, event);
  }

  /** Lost answers and contradicting news: only a question by the order's id may tell (I9). */
  #askIfUnknown({ state, facts, sentWallAt }: OrderRecord): void {
    if (state === "unknown") this.#effects.push({ type: "query", facts, sentWallAt });
  }

  #report(event: OrderReportEvent, isLiveNews: boolean): void {
    const { state } = this;
    const claim = state.orders.claim(event, !state.isBooted);
    switch (claim.ownership) {
      case "foreign":
        state.orders.noteForeign(event);
        if (event.origin === "liquidation") {
          const book = state.account.book(event.instrument, event.positionSide);
          // Old news in a reading, and the report that comes after its execution, have been told already.
          if (isLiveNews && explained(book) !== 0) state.liquidations.liquidated(book);
        } else if (isLiveNews && state.isBooted && event.status === "open") this.#foreign(event, "order");
        return;
      case "secondBot":
        state.secondBot = true;
        this.#alert(secondBotAlert(event));
        return;
      default:
    }
    const { order } = claim;
    if (order === undefined) return;
    const wasSending = order.state === "sending";
    const moved = state.orders.report(order, event);
    if (wasSending && order.state !== "sending" && order.state !== "rejected") state.counts.acked += 1;
    // A whole order whose fills we don't have: some execution was lost on the way.
    if (event.status === "filled" && order.filled < order.facts.lots && isLiveNews) state.lackFills(order);
    for (const fill of state.takeUnclaimed(order)) this.#countFill(fill, order, true);
    if (moved) this.#askIfUnknown(order);
    if (moved || claim.ownership === "adopted") this.#toOwner(order, event);
  }

  #fill(event: FillEvent, isLiveNews: boolean): void {
    const order = this.state.orders.ofFill(event);
    if (order === undefined && event.origin === "client" && isLiveNews && !this.#isSurelyForeign(event)) {
      // It may be a stop's order whose report is still on the way: wait a moment before calling it foreign.
      this.state.unclaimed.push(event);
      return;
    }
    this.#countFill(event, order, isLiveNews);
  }

  /** Its order has a name that is not ours, and no stop of ours is armed that could have made such an order. */
  #isSurelyForeign({ venueOrderId, instrument }: FillEvent): boolean {
    if (!this.state.orders.isForeign(venueOrderId)) return false;
    return !this.state
      .liveOrders()
      .some(({ facts }) => facts.kind === "stopMarket" && facts.instrument === instrument);
  }

  #countFill(event: FillEvent, order: OrderRecord | undefined, isLiveNews: boolean): void {
    const { state } = this;
    const result = state.account.fill(event, order, state.wallAt, isLiveNews);
    switch (result.type) {
      case "duplicate":
        return;
      case "foreign":
        if (isLiveNews) this.#foreign(event, "fill");
        return;
      case "liquidation": {
        const book = state.account.book(event.instrument, event.positionSide);
        if (isLiveNews) state.liquidations.liquidated(book);
        for (const engine of book.shares.keys()) {
          state.pauseEngine(engine, "its position was liquidated");
          this.#toEngine(engine, event);
        }
        return;
      }
      default:
        if (result.isOverfill) this.#alert(overfillAlert(event, result.order));
        this.#askIfUnknown(result.order);
        this.#toOwner(result.order, { ...event, clientId: result.order.facts.clientId });
    }
  }

  /** One reading of the account: boot, gap, periodic. The same steps each time. */
  #truth(event: TruthEvent): void {
    const { state } = this;
    const isBoot = !state.isBooted;
    const found = reconcile(event, state.orders.all(), (id) => state.orders.get(id));
    for (const report of found.reports) this.#report(report, false);
    for (const fill of found.fills) {
      const order = state.orders.ofFill(fill);
      if (isBoot && order === undefined && fill.origin === "client") state.account.skip(fill);
      else this.#countFill(fill, order, !isBoot);
    }
    state.account.read(isBoot ? { ...event, cause: "boot" } : event);
    for (const order of found.suspects) {
      this.#effects.push({ type: "query", facts: order.facts, sentWallAt: order.sentWallAt });
    }
    state.readTruth(event, found.suspects.length === 0);
    for (const book of state.account.books.values()) this.#checkMismatch(book);
    if (isBoot) this.#boot();
    else this.#toAll(event);
  }

  /** The first reading: engines rebuild themselves from their own orders, the account is configured. */
  #boot(): void {
    const { state } = this;
    state.isBooted = true;
    if (state.config.ledger === "fresh" && [...state.orders.all()].length > 0) state.ledgerDoubt = true;
    for (const grid of state.config.grids) {
      if (state.account.leverages.get(grid.instrument) !== grid.leverage) {
        this.#effects.push({
          type: "setLeverage",
          account: grid.account,
          instrument: grid.instrument,
          leverage: grid.leverage,
        });
      }
      if (state.account.marginModes.get(grid.instrument) !== "isolated") {
        this.#effects.push({
          type: "setMarginMode",
          account: grid.account,
          instrument: grid.instrument,
          mode: "isolated",
        });
      }
    }
    for (const engine of state.engines.values()) {
      const own = [...state.orders.all()].filter((order) => order.facts.engine === engine.id);
      this.#guarded(engine, () => engine.adopt(own, this.#window(engine)));
      this.#feed(engine.id, {
        type: "engineStarted",
        at: state.at,
        wallAt: state.wallAt,
        engine: engine.id,
        reason: "boot",
      });
    }
    this.#decisions.booted();
  }

  #checkMismatch(book: Book): void {
    const wrong = isMismatched(book);
    if (wrong === this.state.mismatched.has(book.key)) return;
    if (wrong) {
      this.state.mismatched.add(book.key);
      this.state.counts.mismatches += 1;
    } else this.state.mismatched.delete(book.key);
    const instrument = this.state.instrument(book.instrument);
    if (instrument !== undefined) this.#alert(mismatchAlert(book, instrument, wrong));
  }

  /** Something on the account that is not ours: said loudly, and increases stop until a person resumes. */
  #foreign(event: OrderReportEvent | FillEvent, what: "order" | "fill"): void {
    this.state.foreignActivity = true;
    const instrument = this.state.instrument(event.instrument);
    this.#alert(foreignAlert(event, instrument, what));
  }

  /** Liquidation levels, in the turn of every event that may change them. */
  #watch(event: DeskEvent): void {
    const { state } = this;
    if (!state.isBooted) return;
    if (
      event.type !== "mark" &&
      event.type !== "fill" &&
      event.type !== "exposure" &&
      event.type !== "truth" &&
      event.type !== "timer"
    )
      return;
    for (const book of state.account.books.values()) {
      if (event.type === "mark" && event.instrument !== book.instrument) continue;
      const watched = state.watched(book, quoteInput(state, book));
      // After a start the first mark price is still on its way: its absence is no danger yet.
      if (watched?.mark === undefined && state.wallAt - state.config.bootWallAt < state.config.staleMs)
        continue;
      const alert = watched === undefined ? undefined : state.liquidations.check(watched, state.at);
      if (alert !== undefined) this.#alert(alert);
    }
  }

  #askTruth(): void {
    const { state } = this;
    if (state.isReadingTruth || state.wallAt < state.truthDueWallAt) return;
    state.isReadingTruth = true;
    state.truthDueWallAt = millis(state.wallAt + TRUTH_EVERY_MS);
    this.#effects.push({ type: "readTruth", cause: state.isBooted ? "periodic" : "boot" });
  }

  #alert(alert: AlertIntent): void {
    this.#effects.push(alert);
  }

  #fireWakes(): void {
    for (const wake of this.state.dueWakes()) this.#feed(wake.engine, wake);
  }

  #toInstrument(instrument: InstrumentId, event: DeskEvent): void {
    for (const engine of this.state.engines.values()) {
      if (engine.needs.instruments.includes(instrument)) this.#feed(engine.id, event);
    }
  }

  #toAll(event: DeskEvent): void {
    for (const engine of this.state.engines.keys()) this.#feed(engine, event);
  }

  #toOwner(order: OrderRecord, event: DeskEvent): void {
    this.#toEngine(order.facts.engine, event);
  }

  #toEngine(engine: EngineId, event: DeskEvent): void {
    this.#feed(engine, event);
  }

  /** Lets an engine handle an event; what it wants is queued. Nothing reaches it before it was rebuilt. */
  #feed(id: EngineId, event: DeskEvent | CloseShareEvent): void {
    const engine = this.state.engines.get(id);
    if (engine === undefined || !this.state.isBooted) return;
    this.#guarded(engine, () => engine.handle(event, this.#window(engine)));
  }

  /** An engine that throws is stopped, loudly; its exits keep resting, the others go on. */
  #guarded(engine: Engine, act: () => readonly Intent[]): void {
    if (this.state.failed.has(engine.id)) return;
    try {
      for (const intent of act()) this.#queue.push({ engine, intent });
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      this.state.failed.set(engine.id, text);
      this.#effects.push({ type: "engineFailed", engine: engine.id, error: text });
      this.#alert({
        type: "alert",
        key: `engine:${engine.id}`,
        level: "critical",
        title: `Engine ${engine.id} stopped: a fault in its code`,
        lines: [text, "Its stops and take profits keep resting. Close its position with /close or /panic."],
      });
    }
  }

  #drain(): void {
    let steps = 0;
    for (let next = this.#queue.shift(); next !== undefined; next = this.#queue.shift()) {
      steps += 1;
      if (steps > CASCADE_MAX) {
        if (next.engine !== undefined)
          this.#guarded(next.engine, () => {
            throw new Error("it asks for orders without end");
          });
        this.#queue = [];
        return;
      }
      this.#carryOut(next.engine, next.intent);
    }
  }

  #carryOut(engine: Engine | undefined, intent: Intent): void {
    switch (intent.type) {
      case "place":
        this.#place(intent.facts, intent.reason);
        return;
      case "cancel":
        this.#cancel(intent.clientId, intent.reason);
        return;
      case "wake":
        if (engine !== undefined) this.state.addWake(engine.id, intent.at, intent.tag);
        return;
      case "ask":
        this.#effects.push({ type: "show", proposal: intent.proposal satisfies Proposal });
        return;
      case "addMargin":
      case "transfer":
        this.#effects.push({
          type: "refused",
          clientId: "",
          reason: "blocked",
          detail: `${intent.type} has no room in this desk yet`,
        });
        return;
      default:
        this.#effects.push(intent);
    }
  }

  #place(facts: OrderFacts, reason: string): void {
    const { state } = this;
    const verdict = checkOrder(facts, guardState(state, facts));
    if (!verdict.ok) {
      state.counts.guardRefused += 1;
      this.#effects.push({
        type: "refused",
        clientId: facts.clientId,
        reason: verdict.reason,
        detail: verdict.detail,
      });
      this.#feed(facts.engine, {
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
    state.counts.sent += 1;
    this.#effects.push({ type: "send", order: verdict.order, reason });
    this.#feed(facts.engine, {
      type: "approved",
      at: state.at,
      wallAt: state.wallAt,
      engine: facts.engine,
      facts,
    });
  }

  #cancel(clientId: string, reason: string): void {
    const order = this.state.orders.get(clientId);
    if (order === undefined || !isLive(order.state) || order.state === "canceling") return;
    applyChange(order, "cancelSent", this.state.at, order.updatedWallAt);
    this.#effects.push({ type: "cancel", facts: order.facts, venueOrderId: order.venueOrderId, reason });
  }

  #window(engine: Engine): EngineWindow {
    return new EngineWindow(this.state, engine.id);
  }
}
