import type { DeskEvent, FillEvent } from "../core/event.ts";
import type { AlertIntent } from "../core/intent.ts";
import { unreachable } from "../core/invariant.ts";
import type { Proposal } from "../core/proposal.ts";
import type { TradeFields } from "../core/trade-log.ts";
import { type Millis, millis } from "../core/units.ts";
import { type GridFigures, GridMetrics } from "../engines/grid/metrics.ts";
import { AccountHands } from "./account-hands.ts";
import { AccountReader } from "./account-reader.ts";
import { CountdownKeeper } from "./countdown-keeper.ts";
import { deposedAlert, storageAlert, tradesAlert } from "./desk-alerts.ts";
import type { Effect } from "./kernel/effect.ts";
import type { Kernel } from "./kernel/kernel.ts";
import type { DeskLog } from "./log.ts";
import type { Chat, Clock, Gateway, Outcome, Store } from "./ports.ts";
import { HASH_EVERY, type Recorder, stateHash } from "./recorder.ts";
import { Router } from "./router.ts";
import { scopeOf } from "./scope.ts";
import { SteadyWall } from "./steady-wall.ts";
import { TradeJournal } from "./trade-journal.ts";

/** Wall milliseconds between two timer events, and between two readings of the risk figures. */
const TIMER_MS = 500;
const EXPOSURE_MS = 2_000;

/** What the desk is built from. */
export interface DeskParts {
  readonly kernel: Kernel;
  readonly gateway: Gateway;
  readonly store: Store;
  readonly clock: Clock;
  readonly recorder: Recorder | undefined;
  readonly chat: () => Chat | undefined;
  readonly isLeader: () => boolean;
  /** Shows or updates a proposal: stores it and makes its token. */
  readonly showProposal: (proposal: Proposal) => Promise<void>;
  readonly log: DeskLog;
  /** Genesis: market time before which this desk has no history. */
  readonly historyFrom: Millis;
  /** Has counted what the trade log of this scope holds; left out: nothing. */
  readonly metrics?: GridMetrics;
}

const URGENT: ReadonlySet<Effect["type"]> = new Set([
  "send",
  "cancel",
  "show",
  "fact",
  "setLeverage",
  "setMarginMode",
  "addMargin",
]);

/** The runtime around the kernel: an inbox, timers, and hands that carry out what a turn wants. */
export class Desk {
  readonly #parts: DeskParts;
  readonly #router: Router;
  readonly #countdowns: CountdownKeeper;
  readonly #inbox: { readonly event: DeskEvent; readonly done?: (outcome: Outcome) => void }[] = [];
  readonly #account: AccountHands;
  readonly #reader: AccountReader;
  readonly #journal: TradeJournal;
  #isTurning = false;
  /** Undefined when nothing is recorded, or nothing more can be. */
  #recorder: Recorder | undefined;
  #isStopped = false;
  #turns = 0;
  #cancelTimer: (() => void) | undefined;
  readonly #wall: SteadyWall;
  #exposureAt = Number.NEGATIVE_INFINITY;
  #facts: Promise<unknown> = Promise.resolve();
  /** Whether the latest fact is on disk. */
  #isKept: Promise<boolean> = Promise.resolve(true);

  constructor(parts: DeskParts) {
    this.#parts = parts;
    this.#wall = new SteadyWall(parts.clock);
    this.#recorder = parts.recorder;
    this.#account = new AccountHands({
      gateway: parts.gateway,
      state: parts.kernel.state,
      clock: parts.clock,
      log: parts.log,
      leads: () => this.#router.leads(),
      emit: (event) => this.emit(event),
    });
    this.#reader = new AccountReader(parts, (event) => this.emit(event));
    this.#journal = new TradeJournal(
      parts.kernel.state.config,
      parts.metrics ?? new GridMetrics(),
      (fields) => parts.log.trade(fields),
    );
    this.#countdowns = new CountdownKeeper({
      countdown: parts.gateway.countdown,
      state: parts.kernel.state,
      clock: parts.clock,
      isLeader: parts.isLeader,
      emit: (event) => this.emit(event),
    });
    this.#router = new Router({
      trading: parts.gateway.trading,
      clock: parts.clock,
      emit: (event) => this.emit(event),
      marketNow: () => parts.kernel.state.at,
      isLeader: parts.isLeader,
      placed: (placement) => parts.log.placement(placement),
      deposed: (reason) => this.#deposed(reason),
    });
  }

  get kernel(): Kernel {
    return this.#parts.kernel;
  }

  /** Orders, and added margin, whose answer is still on its way. */
  get inFlight(): number {
    return this.#router.inFlight + this.#account.inFlight;
  }

  /** The figures of the trade log. */
  get metrics(): GridFigures {
    return this.#journal.report();
  }

  /** Takes an event in; it is handled at once, after those before it. */
  emit(event: DeskEvent): void {
    if (this.#isStopped) return;
    this.#inbox.push({ event });
    this.#work();
  }

  /** Takes a person's event in and answers when its facts are on disk. */
  async ask(event: DeskEvent): Promise<Outcome> {
    if (this.#isStopped) return { isOk: false, text: "The desk is shutting down." };
    const outcome = await new Promise<Outcome>((done) => {
      this.#inbox.push({ event, done });
      try {
        this.#work();
      } catch (error) {
        // Answered by the turn itself, or by the next one when an earlier event's turn was the one that failed.
        this.#parts.log.error("a turn failed", { event: event.type, error: String(error) });
      }
    });
    await this.#facts;
    return outcome;
  }

  /** Starts the timers; the first one reads the account. */
  start(): void {
    this.#tick();
  }

  /** Takes no further events; what was sent may still be answered, which the next start will read. */
  stop(): void {
    this.#isStopped = true;
    this.#cancelTimer?.();
    this.#router.stop();
    const { kernel } = this.#parts;
    this.#recording((recorder) => recorder.hash(this.hash(), kernel.state.counts.turns));
    this.#recording((recorder) => recorder.close());
  }

  /** The exchange's countdowns end, for what rests is to rest on without this process. Never rejects. */
  endCountdowns(): Promise<void> {
    return this.#countdowns.end();
  }

  /** The hash of the kernel's state now. */
  hash(): string {
    return stateHash(this.#parts.kernel.state.canonical());
  }

  /** All facts that were handed to the ledger are on disk. */
  async settled(): Promise<void> {
    await this.#facts;
  }

  #tick(): void {
    if (this.#isStopped) return;
    const { clock, kernel } = this.#parts;
    this.#wall.look();
    const wallAt = millis(Math.round(clock.now()));
    const monotonicMs = Math.round(clock.monotonic());
    try {
      this.emit({ type: "timer", at: kernel.state.at, wallAt, monotonicMs });
      if (monotonicMs - this.#exposureAt >= EXPOSURE_MS && kernel.state.isBooted) {
        this.#exposureAt = monotonicMs;
        this.#reader.exposure();
      }
      this.#recording((recorder) => recorder.flush());
      this.#router.leads();
      this.#countdowns.tick();
    } finally {
      // Whatever went wrong in this turn: the next one comes.
      if (!this.#isStopped) this.#cancelTimer = clock.after(TIMER_MS, () => this.#tick());
    }
  }

  #work(): void {
    if (this.#isTurning) return;
    this.#isTurning = true;
    try {
      for (let next = this.#inbox.shift(); next !== undefined; next = this.#inbox.shift()) {
        try {
          const event = this.#wall.into(next.event);
          const { effects, outcome } = this.#parts.kernel.turn(event);
          this.#record(event, effects);
          this.#router.together(effects, (effect) => this.#carryOut(this.#wall.outOf(effect)));
          if (next.event.type === "fill") this.#noteFill(next.event);
          next.done?.(outcome ?? { isOk: true, text: "Done." });
        } finally {
          // Heard only when the turn failed: whoever asked is not left waiting.
          next.done?.(FAILED);
        }
      }
    } finally {
      this.#isTurning = false;
    }
  }

  #noteFill(fill: FillEvent): void {
    const order = this.#parts.kernel.state.orders.get(fill.clientId);
    if (order?.facts.role === "entry" && order.filled === fill.lots) this.#parts.log.entryFilled();
  }

  #record(event: DeskEvent, effects: readonly Effect[]): void {
    const { kernel } = this.#parts;
    this.#turns += 1;
    if (this.#recorder === undefined) return;
    const isUrgent =
      event.type === "operator" ||
      event.type === "proposalClaimed" ||
      effects.some((e) => URGENT.has(e.type));
    this.#recording((recorder) => {
      recorder.turn(event, effects, isUrgent);
      if (this.#turns % HASH_EVERY === 0) recorder.hash(stateHash(kernel.state.canonical()), this.#turns);
    });
  }

  /** A recording that can't be written ends there, told once: stops and closes must still leave. */
  #recording(work: (recorder: Recorder) => void): void {
    const recorder = this.#recorder;
    if (recorder === undefined) return;
    try {
      work(recorder);
    } catch (error) {
      this.#recorder = undefined;
      this.#storageTrouble("the recording could not be written and ends here", error);
    }
  }

  #carryOut(effect: Effect): void {
    const { log, gateway, store } = this.#parts;
    switch (effect.type) {
      case "send":
        this.#router.send(effect.order);
        return;
      case "cancel":
        this.#router.cancel(effect.facts, effect.venueOrderId);
        return;
      case "query":
        this.#router.query(effect.facts, effect.sentWallAt, effect.venueOrderId);
        return;
      case "readTruth":
        this.#reader.truth(effect.cause);
        return;
      case "setLeverage":
      case "setMarginMode":
        this.#account.configure(effect);
        return;
      case "addMargin":
        this.#account.addMargin(effect, this.#isKept);
        return;
      case "refreshInstruments":
        gateway.market
          .refresh()
          .catch((error: unknown) => log.warn("the instruments could not be read", { error: String(error) }));
        return;
      case "alert":
        this.#alert(effect);
        return;
      case "show":
        this.#keep(this.#parts.showProposal(effect.proposal), "a proposal could not be stored");
        return;
      case "fact": {
        const body = { ...effect.body, scope: scopeOf(this.kernel.state.config) };
        const written = store.ledger.append(effect.kind, effect.actor, body);
        this.#isKept = written.then(
          () => true,
          () => false,
        );
        this.#keep(written, "the ledger could not be written");
        return;
      }
      case "logTrade":
      case "logEquity":
        this.#noteTrade(effect.fields);
        return;
      case "refused":
        log.info("the guard refused an order", { ...effect });
        return;
      case "engineFailed":
        log.error(`engine ${effect.engine} stopped`, { error: effect.error });
        return;
      default:
        unreachable(effect);
    }
  }

  /** People hear of it at once, not with the first stop that does not leave. */
  #deposed(reason: string): void {
    this.#parts.log.error("nothing is sent any more", { reason });
    this.#parts.chat()?.alert(deposedAlert(this.kernel.state.config.account));
  }

  #alert(alert: AlertIntent): void {
    this.#parts.log.warn(`${alert.level.toUpperCase()}: ${alert.title}`, {
      key: alert.key,
      lines: alert.lines,
    });
    this.#parts.chat()?.alert(alert);
  }

  /** Writes a line of the trade log. Of trades people hear: one silent story per engine, what it closed last and made so far. */
  #noteTrade(line: TradeFields): void {
    const fields = this.#journal.write(line, this.#parts.kernel.state.at);
    // What others closed is no trade of ours: its own alert tells it, louder.
    if (fields?.["Order"] === undefined) return;
    const name = String(fields["Engine"] ?? "");
    const engine = this.#parts.kernel.state.engines.get(name)?.snapshot();
    if (engine === undefined) return;
    this.#parts.chat()?.alert(tradesAlert(name, engine, fields, this.#parts.kernel.state.config.asset));
  }

  /** Things that must reach the disk, one after another; a failure is an alert, never a crash. */
  #keep(work: Promise<unknown>, trouble: string): void {
    this.#facts = Promise.all([this.#facts, work]).catch((error: unknown) =>
      this.#storageTrouble(trouble, error),
    );
  }

  #storageTrouble(trouble: string, error: unknown): void {
    const text = error instanceof Error ? error.message : String(error);
    this.#parts.log.error(trouble, { error: text });
    this.#parts.chat()?.alert(storageAlert(trouble, text));
  }
}

/** What whoever asked is told of a turn that failed. */
const FAILED: Outcome = { isOk: false, text: "The desk met a fault of its own; its log says which." };
