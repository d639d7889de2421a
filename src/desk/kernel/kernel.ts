import type { Engine } from "../../core/engine.ts";
import type { DeskEvent, JobResultEvent, OperatorEvent, TruthEvent } from "../../core/event.ts";
import { reconcile } from "../../core/reconcile.ts";
import { millis } from "../../core/units.ts";
import type { Outcome } from "../ports.ts";
import { AccountNews } from "./account-news.ts";
import type { KernelConfig } from "./config.ts";
import { Decisions } from "./decisions.ts";
import type { Effect } from "./effect.ts";
import { EngineRoom } from "./engine-room.ts";
import { quoteInput } from "./guarding.ts";
import { healthAlert, ledgerAlert } from "./messages.ts";
import { KernelState, TRUTH_EVERY_MS } from "./state.ts";

/** What came of one event. */
export interface Turn {
  readonly effects: readonly Effect[];
  /** The answer to a person, where one asked. */
  readonly outcome?: Outcome;
}

/**
 * The deterministic heart of the desk: one event in, effects out (DESIGN.md section 1). No clock, chance, I/O or
 * async; the same configuration and events give the same effects and state hash, so a recording replays.
 */
export class Kernel {
  readonly state: KernelState;
  readonly #room: EngineRoom;
  readonly #news: AccountNews;
  readonly #decisions: Decisions;
  #effects: Effect[] = [];

  constructor(config: KernelConfig, engines: readonly Engine[]) {
    this.state = new KernelState(config, engines);
    const effect = (each: Effect): void => {
      this.#effects.push(each);
    };
    this.#room = new EngineRoom(this.state, effect);
    this.#news = new AccountNews(this.state, this.#room, effect);
    this.#decisions = new Decisions(this.state, {
      effect,
      toEngine: (engine, event) => this.#room.feed(engine, event),
      place: (facts, reason) => this.#room.want(facts, reason),
    });
  }

  /** Takes one event, whole. Expected trouble ends in effects; only a broken invariant of the kernel throws. */
  turn(event: DeskEvent): Turn {
    const { state } = this;
    this.#effects = [];
    state.advance(event);
    if (state.isBooted) this.#room.fireWakes();
    const outcome = this.#apply(event);
    this.#room.drain();
    this.#watch(event);
    this.#decisions.progress();
    if (state.isBooted) this.#room.closeStopped();
    this.#room.drain();
    return outcome === undefined ? { effects: this.#effects } : { effects: this.#effects, outcome };
  }

  #apply(event: DeskEvent): Outcome | undefined {
    const { state } = this;
    switch (event.type) {
      case "top":
      case "mark":
      case "depth":
        state.board.apply(event);
        this.#room.toInstrument(event.instrument, event);
        return undefined;
      case "trade":
      case "candle":
      case "prediction":
      case "instrumentChanged":
        this.#room.toInstrument(event.instrument, event);
        return undefined;
      case "orderReport":
        this.#news.report(event, true);
        return undefined;
      case "fill":
        this.#news.fill(event, true);
        return undefined;
      case "placeRejected":
        this.#news.change(event, "rejected", event.reason);
        return undefined;
      case "placeUnknown":
        this.#news.change(event, "outcomeLost", event.reason);
        return undefined;
      case "orderAbsent":
        this.#news.change(event, "absent", "the exchange does not know it");
        return undefined;
      case "cancelFailed":
        this.#news.change(event, "cancelRefused", event.reason);
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
      case "jobResult":
        this.#jobResult(event);
        return undefined;
      case "engineStopped":
        state.pauseEngine(event.engine, event.reason);
        this.#room.toAll(event);
        return undefined;
      case "timer":
        this.#decisions.expire();
        this.#askTruth();
        for (const fill of state.dueUnclaimed()) this.#news.countFill(fill, undefined, true);
        this.#room.toAll(event);
        return undefined;
      default:
        state.note(event);
        this.#askTruth();
        this.#room.toAll(event);
        return undefined;
    }
  }

  /** What jobs found is only looked at: a job can neither trade nor allow anything (DESIGN.md section 7). */
  #jobResult(event: JobResultEvent): void {
    if (event.job === "verify-ledger" && !event.isOk) {
      this.state.ledgerDoubt = true;
      this.#effects.push(ledgerAlert(String(event.report["problem"] ?? "")));
    }
    if (event.job !== "health" || event.isOk === this.state.isHealthy) return;
    this.state.isHealthy = event.isOk;
    this.#effects.push(healthAlert(event.isOk, String(event.report["problems"] ?? "")));
  }

  #operator(event: OperatorEvent): Outcome {
    const outcome = this.#decisions.operator(event);
    this.#room.toAll(event);
    return outcome;
  }

  /** One reading of the account: boot, gap, periodic. The same steps each time. */
  #truth(event: TruthEvent): void {
    const { state } = this;
    const isBoot = !state.isBooted;
    const found = reconcile(event, state.orders.all(), (id) => state.orders.get(id));
    this.#room.gather(() => {
      for (const report of found.reports) this.#news.report(report, false);
      for (const fill of found.fills) {
        const order = state.orders.ofFill(fill);
        if (isBoot && order === undefined && fill.origin === "client") state.account.skip(fill);
        else this.#news.countFill(fill, order, !isBoot);
      }
      state.account.read(isBoot ? { ...event, cause: "boot" } : event);
    });
    for (const order of found.suspects) {
      this.#effects.push({ type: "query", facts: order.facts, sentWallAt: order.sentWallAt });
    }
    state.readTruth(event, found.suspects.length === 0);
    for (const book of state.account.books.values()) this.#news.checkMismatch(book);
    if (isBoot) this.#boot();
    else this.#room.toAll(event);
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
    this.#room.adoptAll();
    this.#decisions.booted();
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
      if (alert !== undefined) this.#effects.push(alert);
    }
  }

  #askTruth(): void {
    const { state } = this;
    if (state.isReadingTruth || state.wallAt < state.truthDueWallAt) return;
    state.isReadingTruth = true;
    state.truthDueWallAt = millis(state.wallAt + TRUTH_EVERY_MS);
    this.#effects.push({ type: "readTruth", cause: state.isBooted ? "periodic" : "boot" });
  }
}
