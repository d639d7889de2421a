import { type Book, explained, isMismatched } from "../../core/book.ts";
import type { DeskEvent, FillEvent, OrderReportEvent } from "../../core/event.ts";
import { isReducing } from "../../core/guard.ts";
import { applyChange, closesAll, type EngineId, type OrderRecord } from "../../core/order.ts";
import type { Effect } from "./effect.ts";
import type { EngineRoom } from "./engine-room.ts";
import {
  adlAlert,
  foreignAlert,
  lastStopAlert,
  mismatchAlert,
  mismatchLine,
  overfillAlert,
  secondBotAlert,
} from "./messages.ts";
import { Refusals } from "./refusals.ts";
import type { KernelState } from "./state.ts";

/** Takes in what the exchange says about orders and executions, from the stream, from queries and from readings. */
export class AccountNews {
  readonly #state: KernelState;
  readonly #room: EngineRoom;
  readonly #effect: (effect: Effect) => void;
  readonly #refusals: Refusals;
  /** Processes that people were told of as second bots. */
  readonly #toldBots = new Set<string>();

  constructor(state: KernelState, room: EngineRoom, effect: (effect: Effect) => void) {
    this.#state = state;
    this.#room = room;
    this.#effect = effect;
    this.#refusals = new Refusals(state, effect);
  }

  /** Time goes by: limits end, filters are read again. */
  tick(): void {
    this.#refusals.tick();
  }

  /** Refusals, lost answers and absences of an order that we sent. */
  change(
    event: DeskEvent & { readonly clientId: string },
    change: "rejected" | "outcomeLost" | "absent" | "cancelRefused",
    reason: string,
  ): void {
    const order = this.#state.orders.get(event.clientId);
    if (order === undefined) return;
    order.reason = reason;
    if (change === "rejected") this.#state.counts.refused += 1;
    if (change === "outcomeLost") this.#state.counts.unknown += 1;
    const moved = applyChange(order, change, event.at, event.wallAt);
    if (moved) this.#askIfUnknown(order);
    if (event.type === "placeRejected") this.#refusals.refused(order, event);
    this.#room.toOwner(order, event);
  }

  /** Lost answers and contradicting news: only a question by the order's id may tell (I9). */
  #askIfUnknown({ state, facts, sentWallAt }: OrderRecord): void {
    if (state === "unknown") this.#effect({ type: "query", facts, sentWallAt });
  }

  /** What the exchange says about an order: ours, an earlier life's, foreign, or a second bot's. */
  report(event: OrderReportEvent, isLiveNews: boolean): void {
    const state = this.#state;
    state.nameless.answered(event.venueOrderId);
    const claim = state.orders.claim(event, !state.isBooted);
    switch (claim.ownership) {
      case "foreign":
        // What answers a question of ours was told before: somebody may have accepted it since.
        if (isLiveNews && state.orders.isForeignAnswer(event)) isLiveNews = false;
        if (state.orders.noteForeign(event)) isLiveNews = true;
        if (event.origin === "adl") return;
        if (event.origin === "liquidation") {
          const book = state.account.book(event.instrument, event.positionSide);
          // Old news in a reading, and the report that comes after its execution, have been told already.
          if (isLiveNews && explained(book) !== 0) state.liquidations.liquidated(book);
        } else if (isLiveNews && state.isBooted && event.status === "open") this.#foreign(event, "order");
        return;
      case "secondBot":
        state.secondBot = true;
        if (!this.#toldBots.has(processOf(event.clientId))) this.#effect(secondBotAlert(event));
        this.#toldBots.add(processOf(event.clientId));
        return;
      default:
    }
    const { order } = claim;
    if (order === undefined) return;
    if (claim.ownership === "adopted") {
      const { at, wallAt } = state;
      const { facts } = order;
      this.#room.feed(facts.engine, { type: "approved", at, wallAt, engine: facts.engine, facts });
    }
    const wasSending = order.state === "sending";
    const wasCutWallAt = order.cutWallAt;
    const moved = state.orders.report(order, event);
    if (wasSending && order.state !== "sending" && order.state !== "rejected") state.counts.acked += 1;
    if (event.status !== "rejected") this.#proven(order);
    // A whole order whose fills we don't have: some execution was lost on the way.
    const isTold = event.status === "filled" || event.executed !== undefined;
    if (isTold && order.isToldFilled && order.filled < order.facts.lots && isLiveNews) state.doubt();
    // The exchange ended or cut a reducer by itself: somebody else's reduces too, or less is held than we think.
    const isEnded = (moved && event.status === "expired") || order.cutWallAt !== wasCutWallAt;
    if (isEnded && isReducing(order.facts, state.account.isHedgeMode ?? false) && !closesAll(order.facts))
      state.doubt();
    if (moved && order.state === "triggered" && isLiveNews) state.doubt();
    if (moved && (order.wasTaken || order.state === "expired"))
      for (const effect of state.countdowns.taken(order, state)) this.#effect(effect);
    for (const fill of state.takeUnclaimed(order)) this.countFill(fill, order, true);
    if (moved) this.#askIfUnknown(order);
    if (moved || claim.ownership === "adopted") this.#room.toOwner(order, event);
  }

  /** The exchange took an order of this life, as an answer, a question or an execution shows first. */
  #proven(order: OrderRecord): void {
    if (order.isProven || order.sentWallAt === undefined) return;
    order.isProven = true;
    this.#refusals.accepted(order);
  }

  /** An execution; one whose order is not known yet waits a moment. */
  fill(event: FillEvent, isLiveNews: boolean): void {
    if (isLiveNews) this.#state.heard.add(event);
    const order = this.#state.orders.ofFill(event);
    if (order === undefined && event.origin === "client" && isLiveNews && !this.#isSurelyForeign(event)) {
      // It may be a stop's order whose report is still on the way: wait a moment before calling it foreign.
      this.#state.unclaimed.push(event);
      return;
    }
    this.countFill(event, order, isLiveNews);
  }

  /** Its order has a name that is not ours, and no stop of ours is armed that could have made such an order. */
  #isSurelyForeign({ venueOrderId, instrument }: FillEvent): boolean {
    if (!this.#state.orders.isForeign(venueOrderId)) return false;
    return !this.#state
      .liveOrders()
      .some(({ facts }) => facts.kind === "stopMarket" && facts.instrument === instrument);
  }

  /** Counts an execution once, and tells its engine. */
  countFill(event: FillEvent, order: OrderRecord | undefined, isLiveNews: boolean): void {
    const state = this.#state;
    // It came to light by a question: what else it moved (the wallet) was not heard of either.
    if (order?.state === "unknown") state.doubt();
    const book = state.account.book(event.instrument, event.positionSide);
    const before = explained(book);
    const result = state.account.fill(event, order, state.wallAt, isLiveNews);
    if (result.type !== "duplicate") {
      const after = explained(book);
      state.circuit.retry(event.instrument, "fill");
      if (Math.abs(after) < Math.abs(before)) state.circuit.marginFreed();
      state.risk.worth.fill(event, book, after - before, state.wallAt);
    }
    if (result.type !== "duplicate" && isLiveNews && mayEndReducers(order)) state.doubt();
    switch (result.type) {
      case "duplicate":
        return;
      case "foreign":
        if (isLiveNews) this.#foreign(event, "fill", result.changed);
        this.takenFrom(book, result.changed, "a person traded against its position by hand");
        return;
      case "liquidation": {
        const what = event.origin === "adl" ? "deleveraged by the exchange (ADL)" : "liquidated";
        const engines = [...book.shares.keys()].filter(
          (engine) => isLiveNews || !this.#wentOn(engine, event),
        );
        const isNews = isLiveNews || (engines.length > 0 && event.at > state.risk.resetAt);
        if (isNews && event.origin === "liquidation") state.liquidations.liquidated(book);
        if (isNews && event.origin === "adl") this.#taken(adlAlert, event, book);
        this.takenFrom(book, engines, `its position was ${what}`);
        return;
      }
      case "lastStop": {
        state.orders.track(result.order);
        const engines = result.changed.filter((engine) => isLiveNews || !this.#wentOn(engine, event));
        if (isLiveNews || engines.length > 0) this.#taken(lastStopAlert, event, book);
        this.takenFrom(book, engines, "the last stop of its book closed its position");
        return;
      }
      default:
        state.orders.track(result.order);
        this.#proven(result.order);
        if (result.isOverfill) this.#effect(overfillAlert(event, result.order));
        this.#askIfUnknown(result.order);
        this.#room.toOwner(result.order, { ...event, clientId: result.order.facts.clientId });
        this.takenFrom(book, result.changed, result.order.facts.isReduceOnly ? BY_EXIT : BY_OTHERS);
    }
  }

  /** A start finds a forced close in the history: an engine that has sent entries since then was resumed by a person. */
  #wentOn(engine: EngineId, { instrument, at }: FillEvent): boolean {
    return [...this.#state.orders.all()].some(
      ({ facts, createdAt }) =>
        facts.engine === engine &&
        facts.instrument === instrument &&
        facts.role === "entry" &&
        createdAt > at,
    );
  }

  /** Engines lost (or got back) a part of what they held without an order of theirs: never re-entered by itself. */
  takenFrom(book: Book, engines: readonly EngineId[], reason: string): void {
    const { at, wallAt } = this.#state;
    const { instrument, positionSide } = book;
    for (const engine of engines) {
      this.#state.pauseEngine(engine, reason);
      this.#room.feed(engine, { type: "shareChanged", at, wallAt, engine, instrument, positionSide });
    }
  }

  #taken(alertOf: typeof adlAlert, event: FillEvent, book: Book): void {
    const instrument = this.#state.instrument(event.instrument);
    if (instrument !== undefined) this.#effect(alertOf(event, book, instrument));
  }

  /** Says when a book stops or starts to agree with what our executions explain. */
  checkMismatch(book: Book): void {
    const wrong = isMismatched(book);
    if (wrong === this.#state.mismatched.has(book.key)) return;
    if (wrong) {
      this.#state.mismatched.add(book.key);
      this.#state.counts.mismatches += 1;
    } else this.#state.mismatched.delete(book.key);
    const instrument = this.#state.instrument(book.instrument);
    if (instrument === undefined) return;
    this.#effect(mismatchAlert(book, instrument, wrong));
    this.#effect(mismatchLine(book, instrument, wrong, this.#state.at));
  }

  /** Something on the account that is not ours: said loudly, and increases stop until a person resumes. */
  #foreign(
    event: OrderReportEvent | FillEvent,
    what: "order" | "fill",
    closed: readonly EngineId[] = [],
  ): void {
    this.#state.foreignActivity = true;
    const instrument = this.#state.instrument(event.instrument);
    this.#effect(foreignAlert(event, instrument, what, closed));
  }
}

const BY_EXIT = "another engine's exit closed a part of its position";
const BY_OTHERS = "its book also holds what a person or a liquidation took";

/**
 * Whether an execution came upon the reducers that rest: a stop's, a person's or a forced one. The exchange ends some
 * of them then, by rules of its own, and where that news is lost nothing else tells of it.
 */
const mayEndReducers = (order: OrderRecord | undefined): boolean =>
  order === undefined || order.facts.kind === "stopMarket";

/** Epoch and nonce are the last eight characters of a client id. */
const processOf = (clientId: string): string => clientId.slice(-8);
