import type { Engine } from "../../core/engine.ts";
import type {
  AccountConfigEvent,
  BalanceEvent,
  ClockStepEvent,
  DeskEvent,
  JobResultEvent,
  OperatorEvent,
} from "../../core/event.ts";
import type { InstrumentChangedEvent } from "../../core/market-event.ts";
import type { EngineId } from "../../core/order.ts";
import type { RungView } from "../../core/recovery.ts";
import { type Value, value } from "../../core/units.ts";
import type { Outcome } from "../ports.ts";
import { AccountNews } from "./account-news.ts";
import type { KernelConfig } from "./config.ts";
import { Deadlines } from "./deadlines.ts";
import { Decisions } from "./decisions.ts";
import type { Effect } from "./effect.ts";
import { EngineRoom } from "./engine-room.ts";
import { quoteInput } from "./guarding.ts";
import { leveragesTold } from "./leverages.ts";
import { configChangedAlert, healthAlert, ledgerAlert, skewAlert, transferAlert } from "./messages.ts";
import { Reading } from "./reading.ts";
import { RiskWatch } from "./risk-watch.ts";
import { KernelState, TRUTH_LOST_MS } from "./state.ts";

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
  readonly #reading: Reading;
  readonly #deadlines: Deadlines;
  readonly #risk: RiskWatch;
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
      toAll: (event) => this.#room.toAll(event),
      place: (facts, reason) => this.#room.want(facts, reason),
      riskRefusal: (event) => this.#risk.refusal(event),
      riskGranted: (event) => this.#risk.granted(event),
      riskOutlook: (drawdowns) => this.#risk.outlook(drawdowns),
      limitsMoved: (mayExceed) => {
        this.#risk.judge();
        if (mayExceed) this.#room.takeEntriesBack("a limit was tightened");
      },
      riskAccepted: (actor) => this.#risk.accepted(actor),
    });
    this.#risk = new RiskWatch(this.state, {
      effect,
      toEngine: (engine, event) => this.#room.feed(engine, event),
      toAll: (event) => this.#room.toAll(event),
      isClosing: (book) => this.#decisions.isClosing(book),
    });
    this.#reading = new Reading(this.state, this.#room, this.#news, this.#decisions, effect);
    this.#deadlines = new Deadlines(this.state, effect);
  }

  /** Takes one event, whole. Expected trouble ends in effects; only a broken invariant of the kernel throws. */
  turn(event: DeskEvent): Turn {
    const { state } = this;
    this.#effects = [];
    state.advance(event);
    const knewForeign = state.foreignActivity;
    const outcome = this.#apply(event);
    // Before what engines want is carried out: the guard goes by the state that this very event leads to.
    this.#watch(event);
    this.#risk.look(event);
    this.#room.drain();
    if (state.isBooted) this.#room.fireWakes();
    this.#decisions.progress();
    this.#risk.act();
    if (state.isBooted) this.#room.closeStopped();
    this.#room.drain();
    if (state.foreignActivity && !knewForeign) this.#noteForeign(event);
    const line = state.equityLines.due(state, event);
    if (line !== undefined) this.#effects.push(line);
    return outcome === undefined ? { effects: this.#effects } : { effects: this.#effects, outcome };
  }

  /** An engine's rungs as people see them: worked out for this question, outside of any turn. */
  rungs(engine: EngineId): readonly RungView[] {
    return this.#room.rungs(engine);
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
        this.#room.toInstrument(event.instrument, event);
        return undefined;
      case "instrumentChanged":
        this.#instrumentChanged(event);
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
        if (event.venueOrderId !== undefined) {
          state.orders.foreignAbsent(event.venueOrderId);
          state.nameless.answered(event.venueOrderId);
        }
        this.#news.change(event, "absent", "the exchange does not know it");
        return undefined;
      case "cancelFailed":
        this.#news.change(event, "cancelRefused", event.reason);
        return undefined;
      case "truth":
        this.#reading.take(event);
        return undefined;
      case "accountConfig":
        this.#configTold(event);
        return undefined;
      case "exposure":
        // Some exchanges tell leverage with positions: what somebody changed must be heard before it counts.
        for (const [instrument, leverage] of leveragesTold(event.books, state.account))
          if (leverage !== state.account.leverages.get(instrument))
            this.#configTold({ ...event, type: "accountConfig", instrument, leverage });
        this.#noted(event);
        return undefined;
      case "configRefused": {
        const alert = state.accountConfig.refused(event);
        if (alert !== undefined) this.#effects.push(alert);
        return undefined;
      }
      case "countdown": {
        const alert = state.countdowns.told(event, state);
        if (alert !== undefined) this.#effects.push(alert);
        return undefined;
      }
      case "marginAnswered":
        this.#decisions.margins.answered(event);
        return undefined;
      case "operator":
        return this.#operator(event);
      case "proposalClaimed":
        return this.#decisions.claimed(event);
      case "proposalRestored":
        state.proposals.restore(event.proposal);
        return undefined;
      case "riskRestored":
        this.#risk.restore(event);
        return undefined;
      case "proposalExpired":
        this.#decisions.ends.expire();
        return undefined;
      case "proposalUnshown":
        this.#decisions.ends.unshown(event.id);
        return undefined;
      case "clockStep":
        this.#clockMoved(event);
        return undefined;
      case "jobResult":
        this.#jobResult(event);
        return undefined;
      case "engineStopped":
        state.pauseEngine(event.engine, event.reason);
        this.#room.toAll(event);
        return undefined;
      case "timer":
        this.#decisions.ends.expire();
        this.#askTruth();
        for (const fill of state.dueUnclaimed()) this.#news.countFill(fill, undefined, true);
        if (state.isBooted) {
          this.#reading.tick();
          this.#deadlines.look();
          this.#news.tick();
          this.#room.takeLateBack();
          this.#room.tendLastStops();
          this.#effects.push(...state.configWanted());
        }
        this.#room.toAll(event);
        return undefined;
      case "balance": {
        const before = state.account.wallet;
        state.note(event);
        this.#moved(event, before);
        this.#room.toAll(event);
        return undefined;
      }
      default:
        this.#noted(event);
        return undefined;
    }
  }

  #noted(event: DeskEvent): void {
    this.state.note(event);
    this.#askTruth();
    this.#room.toAll(event);
  }

  /** What jobs found is only looked at: a job can neither trade nor allow anything (DESIGN.md section 7). */
  #jobResult(event: JobResultEvent): void {
    if (event.job === "verify-ledger" && !event.isOk) {
      this.state.ledgerDoubt = true;
      this.#effects.push(ledgerAlert(String(event.report["problem"] ?? "")));
    }
    if (event.job === "recovery") this.#lookAtStuck(event);
    const skewMs = event.job === "health" ? event.report["skewMs"] : undefined;
    if (typeof skewMs === "number" && this.state.interruptions.skewTold(skewMs))
      this.#effects.push(skewAlert(this.state.config.account, undefined));
    if (event.job !== "health" || event.isOk === this.state.isHealthy) return;
    this.state.isHealthy = event.isOk;
    this.#effects.push(healthAlert(event.isOk, String(event.report["problems"] ?? "")));
  }

  /** What people were shown may be older or younger than they think: it must be asked for anew, once. */
  #clockMoved(event: ClockStepEvent): void {
    const { state } = this;
    const isKnown = event.against === "exchange" && state.interruptions.isSkewed;
    state.note(event);
    if (isKnown) return;
    if (event.against === "exchange") this.#effects.push(skewAlert(state.config.account, event.stepMs));
    this.#decisions.ends.voidPending("The clock moved; ask again for a new quote.");
  }

  /** The job names a rung; what is so is worked out here. */
  #lookAtStuck({ report }: JobResultEvent): void {
    this.#decisions.lookAtStuck();
    const [engine, rung] = [report["engine"], report["rung"]];
    if (typeof engine !== "string" || typeof rung !== "number") return;
    this.#effects.push(...this.state.recoveryProgress.look(this.state, { engine, rung }));
  }

  /** New rules of an instrument: prices, sizes and margin follow; one that takes no increases stops its engines. */
  #instrumentChanged(event: InstrumentChangedEvent): void {
    const { state } = this;
    const alert = state.instruments.change(event);
    state.circuit.retry(event.instrument, "filters");
    if (alert !== undefined) this.#effects.push(alert);
    const reason = state.instruments.closeOnly(event.instrument);
    for (const engine of state.engines.values()) {
      if (reason !== undefined && engine.needs.instruments.includes(event.instrument))
        state.pauseEngine(engine.id, reason);
    }
    this.#room.toInstrument(event.instrument, event);
  }

  #configTold(event: AccountConfigEvent): void {
    const { state } = this;
    const said = state.accountConfig.told(event, state.account, state.isBooted);
    state.note(event);
    if (said === "foreign") {
      state.foreignActivity = true;
      this.#effects.push(configChangedAlert(event));
    } else if (said !== undefined) this.#effects.push(said);
    this.#room.toAll(event);
  }

  /** Money that leaves the account otherwise than by trading: whoever sent it away may send the rest as well. */
  #moved(event: BalanceEvent, before: Value | undefined): void {
    const { state } = this;
    if (event.asset !== state.config.asset || before === undefined) return;
    const amount = value(event.wallet - before);
    if (amount === 0) return;
    this.#risk.moved(event, amount);
    if (event.cause !== "transfer") return;
    state.equityLines.transferred(amount);
    if (amount < 0) state.foreignActivity = true;
    this.#effects.push(transferAlert(event, amount));
  }

  /** No restart accepts what only a person may: the next start knows. */
  #noteForeign(event: DeskEvent): void {
    if (event.type === "operator" && event.isReplayed) return;
    const { desk } = this.state.config;
    const actor = { person: desk, role: "admin", platform: "terminal" };
    const body = { request: { type: "foreignSeen" }, actor };
    this.#effects.push({ type: "fact", kind: "foreignSeen", actor: `${desk}@desk`, body });
  }

  #operator(event: OperatorEvent): Outcome {
    const outcome = this.#decisions.operator(event);
    this.#room.toAll(event);
    return outcome;
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
    const isUnderWay = state.isReadingTruth && state.wallAt - state.truthAskedWallAt < TRUTH_LOST_MS;
    if (isUnderWay || state.wallAt < state.truthDueWallAt) return;
    state.askTruth();
    this.#effects.push({ type: "readTruth", cause: state.isBooted ? "periodic" : "boot" });
  }
}
