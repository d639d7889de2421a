import type { Book } from "../../core/book.ts";
import { bookCost, explained } from "../../core/book.ts";
import type { Engine } from "../../core/engine.ts";
import type { DeskEvent, FillEvent, TruthEvent } from "../../core/event.ts";
import type { Instrument, InstrumentId, MarginBracket } from "../../core/instrument.ts";
import type { EngineId, OrderRecord } from "../../core/order.ts";
import type { RiskState } from "../../core/proposal.ts";
import { Roster } from "../../core/roster.ts";
import { type Millis, millis } from "../../core/units.ts";
import { Board } from "../../market/board.ts";
import type { LockView } from "../snapshot.ts";
import { Account } from "./account.ts";
import { AccountConfig } from "./account-config.ts";
import { canonicalOf } from "./canonical.ts";
import { Circuit } from "./circuit.ts";
import type { KernelConfig } from "./config.ts";
import { Countdowns } from "./countdowns.ts";
import { type Counts, noCounts } from "./counts.ts";
import type { Effect } from "./effect.ts";
import { EngineFacts } from "./engine-facts.ts";
import { EntryRefusals } from "./entry-refusals.ts";
import { EquityLines } from "./equity-lines.ts";
import { HeardFills } from "./heard-fills.ts";
import { Instruments } from "./instruments.ts";
import { Interruptions, type ReadingMarks } from "./interruptions.ts";
import { LiquidationAlerts, type WatchedBook } from "./liquidation-alerts.ts";
import { Locks } from "./locks.ts";
import { FOREIGN_SEEN } from "./messages.ts";
import { NamelessFills } from "./nameless-fills.ts";
import { Orders } from "./orders.ts";
import { Proposals } from "./proposals.ts";
import { backing, liquidationOf, marginRatio, type QuoteInput } from "./quote.ts";
import { RecoveryAsks } from "./recovery-asks.ts";
import { RecoveryProgress } from "./recovery-progress.ts";
import { RiskFigures } from "./risk-figures.ts";
import { Wakes } from "./wakes.ts";
import { Worth } from "./worth.ts";

/** The account is read again this often (wall), by a timer of the desk's own. */
const TRUTH_EVERY_MS = 180_000;
/** A reading that has not come back after this long (wall) is asked for again. */
export const TRUTH_LOST_MS = 60_000;
/** After a gap, or when an execution seems lost, the account is read at most this often (wall). */
const TRUTH_RETRY_MS = 2_000;
/** Readings are dear: after so many doubts in a row each further one waits twice as long, up to this (wall). */
const DOUBTS_FREE = 3;
const DOUBTS_FORGOTTEN_MS = 60_000;
const TRUTH_SLOWEST_MS = 10_000;
/** Readings that were asked for and are remembered. */
const TRUTHS_KEPT = 16;
/** An execution of an order that nobody knows is foreign after this long (wall). */
const UNCLAIMED_MS = 2_000;

/** All that the kernel knows: market, account, orders, proposals, and why increases are blocked. */
export class KernelState {
  readonly config: KernelConfig;
  readonly engines = new Map<EngineId, Engine>();
  readonly failed = new Map<EngineId, string>();
  readonly board = new Board();
  readonly orders: Orders;
  readonly account: Account;
  readonly proposals: Proposals;
  /** Who may do what, by the settings and by what was said in chat. */
  readonly roster: Roster;
  readonly risk: RiskFigures;
  readonly liquidations = new LiquidationAlerts();
  readonly instruments: Instruments;
  readonly circuit = new Circuit();
  readonly entryRefusals = new EntryRefusals();
  readonly accountConfig: AccountConfig;
  readonly interruptions = new Interruptions();
  readonly wakes = new Wakes();
  readonly facts = new EngineFacts();
  readonly locks = new Locks();
  readonly countdowns = new Countdowns();
  readonly recoveryAsks = new RecoveryAsks();
  readonly recoveryProgress = new RecoveryProgress();
  readonly equityLines = new EquityLines();
  readonly counts: Counts = noCounts();
  readonly mismatched = new Set<string>();
  /** What was told of executions by the stream and by answers to questions. */
  readonly heard = new HeardFills();
  /** Executions that the start found, and whose order no list shows. */
  readonly nameless = new NamelessFills();
  /** Executions whose order is not known yet. */
  readonly unclaimed: FillEvent[] = [];
  /** Engines whose entries are paused, with the reason; "*" pauses all. */
  readonly paused = new Map<EngineId | "*", string>();
  at: Millis = millis(0);
  wallAt: Millis = millis(0);
  /** The last timer's reading of a clock that never jumps; undefined: it was not told. */
  monotonicMs: number | undefined;
  riskState: RiskState = "monitoring";
  isBooted = false;
  /** Two readings after the start agreed: no list hides an order of ours. */
  isConfirmed = false;
  /** They did, or it took too long: a stop that seems to be missing is placed. */
  mayProtect = false;
  /** What the last health check said. */
  isHealthy = true;
  isReadingTruth = false;
  truthDueWallAt: Millis = millis(0);
  truthAskedWallAt: Millis = millis(0);
  /** The last readings that were asked for, oldest first: an older one may answer after a younger was asked for. */
  readonly #truthsAsked: { readonly wallAt: Millis; readonly at: Millis }[] = [];
  secondBot = false;
  foreignActivity = false;
  ledgerDoubt: boolean;
  /** What a flat-only start found on the account; undefined: nothing, or it may be adopted. */
  foundAtStart: string | undefined;
  lastAccountWallAt: Millis | undefined;
  #doubts = 0;
  #doubtedWallAt = 0;

  constructor(config: KernelConfig, engines: readonly Engine[]) {
    this.config = config;
    for (const engine of engines) this.engines.set(engine.id, engine);
    this.instruments = new Instruments(config.instruments);
    this.accountConfig = new AccountConfig(config);
    const instruments = new Map(config.instruments.map(({ instrument }) => [instrument.id, instrument]));
    const traded = new Map(engines.map(({ id, needs }) => [id, needs.instruments]));
    this.account = new Account(config.account, config.asset, instruments, traded);
    const sides = new Map(config.grids.map(({ engine, direction }) => [engine, direction]));
    this.orders = new Orders(config.desk, config.epoch, config.nonce, traded, sides);
    this.proposals = new Proposals(config.proposals);
    this.roster = new Roster(config.people);
    this.risk = new RiskFigures(new Worth(config.asset, (id) => this.instrument(id)), config);
    this.ledgerDoubt = config.ledger === "broken";
  }

  instrument(id: InstrumentId): Instrument | undefined {
    return this.instruments.get(id);
  }

  brackets(id: InstrumentId): readonly MarginBracket[] {
    return this.instruments.brackets(id);
  }

  /** Time never goes back: late news carries its own time, the desk keeps the latest. */
  advance(event: DeskEvent): void {
    this.counts.turns += 1;
    if (event.at > this.at) this.at = event.at;
    if (event.wallAt > this.wallAt) this.wallAt = event.wallAt;
    if ("account" in event && event.type !== "gap") this.lastAccountWallAt = this.wallAt;
    if (event.type === "timer" && event.monotonicMs !== undefined) this.monotonicMs = event.monotonicMs;
  }

  /** News of the account and the system that no other part handles. */
  note(event: DeskEvent): void {
    switch (event.type) {
      case "position": {
        const book = this.account.book(event.instrument, event.positionSide);
        book.told = event.lots;
        book.toldAt = event.at;
        return;
      }
      case "exposure": {
        const found = this.account.expose(event.books);
        // Twice the same other size without a word of it: the stream is silent, though its socket lives.
        if (found === "silent") this.interruptions.silent(this.wallAt);
        if (found !== undefined) this.doubt();
        return;
      }
      case "balance":
        this.account.balance(event);
        return;
      case "fundingPaid":
        if (this.account.fundingPaid(event)) this.risk.worth.funding(event.amount, this.wallAt);
        return;
      case "accountConfig":
        if (event.isHedgeMode !== undefined) this.account.isHedgeMode = event.isHedgeMode;
        if (event.instrument === undefined) return;
        if (event.leverage !== undefined) this.account.leverages.set(event.instrument, event.leverage);
        if (event.marginMode !== undefined) this.account.marginModes.set(event.instrument, event.marginMode);
        return;
      case "gap":
        if (event.stream !== "account") return;
        this.interruptions.gap(event, this.wallAt);
        // A reading that was under way has failed or is older than the gap: read again soon.
        this.isReadingTruth = false;
        this.truthDueWallAt = millis(this.wallAt + TRUTH_RETRY_MS);
        return;
      case "resynced":
        if (event.stream !== "account") return;
        this.interruptions.resynced(this.wallAt);
        this.truthDueWallAt = this.wallAt;
        return;
      case "clockStep":
        this.interruptions.clockMoved(event.stepMs, event.against);
        this.truthDueWallAt = this.wallAt;
        return;
      default:
    }
  }

  /** A reading is asked for now. */
  askTruth(): void {
    this.isReadingTruth = true;
    this.truthAskedWallAt = this.wallAt;
    this.#truthsAsked.push({ wallAt: this.wallAt, at: this.at });
    if (this.#truthsAsked.length > TRUTHS_KEPT) this.#truthsAsked.shift();
    this.truthDueWallAt = millis(this.wallAt + (this.config.truthEveryMs ?? TRUTH_EVERY_MS));
  }

  /**
   * Market time when a reading was asked for: what was executed by then is in the positions that it shows. Of one that
   * began before all that are remembered nothing is known to be in it.
   */
  truthAskedAt({ truth }: TruthEvent): Millis {
    return this.#truthsAsked.findLast(({ wallAt }) => wallAt <= truth.startedWallAt)?.at ?? millis(0);
  }

  /** A reading of the account is in: gaps end, clock doubts end, and the second one after boot frees the entries. */
  readTruth({ truth }: TruthEvent, marks: Omit<ReadingMarks, "counts">): void {
    this.isReadingTruth = false;
    const hold = millis(this.config.bootWallAt + this.config.entriesHoldMs);
    this.interruptions.read(truth.startedWallAt, { ...marks, counts: truth.startedWallAt >= hold });
    if (!marks.isConsistent) this.doubt();
    else if (!this.interruptions.isSteady) {
      const from = Math.max(hold, this.interruptions.settlesFrom, this.wallAt + 250);
      this.truthDueWallAt = millis(from);
    }
  }

  /**
   * What is held, or rests, waits for two readings that agree: the second is asked for at once, further ones at their pace,
   * for each costs request weight.
   */
  readSoon(isAtOnce: boolean): void {
    if (this.isReadingTruth) return;
    const due = isAtOnce ? this.wallAt : this.truthAskedWallAt + TRUTH_RETRY_MS;
    this.truthDueWallAt = millis(Math.min(this.truthDueWallAt, Math.max(this.wallAt + 250, due)));
  }

  /** Something does not fit what we know (an execution is missing, a reducer was refused): read the account soon. */
  doubt(): void {
    if (this.wallAt - this.#doubtedWallAt > DOUBTS_FORGOTTEN_MS) this.#doubts = 0;
    const spacing = Math.min(TRUTH_SLOWEST_MS, TRUTH_RETRY_MS * 2 ** Math.max(0, this.#doubts - DOUBTS_FREE));
    const due = Math.max(this.wallAt + TRUTH_RETRY_MS, this.truthAskedWallAt + spacing);
    if (due >= this.truthDueWallAt) return;
    this.truthDueWallAt = millis(due);
    this.#doubtedWallAt = this.wallAt;
    this.#doubts += 1;
  }

  /** Leverage and margin mode to ask for now; an account that had to be flat and isn't is left as it is. */
  configWanted(): readonly Effect[] {
    if (this.foundAtStart !== undefined) return [];
    return this.accountConfig.wanted(this.account, this.wallAt, this.interruptions.isSteady);
  }

  /** Why no order that increases may leave now; each a sentence for people. */
  blocks(): readonly string[] {
    const blocks = [...this.interruptions.blocks(this.isBooted, this.wallAt)];
    if (this.isBooted && this.account.wallet === undefined)
      blocks.push(`the exchange shows no ${this.config.asset} on the account`);
    const youngest = this.board.youngest();
    if (youngest === undefined) blocks.push("no market data yet");
    else if (this.wallAt - youngest > this.config.staleMs) blocks.push("the market data is stale");
    if (this.secondBot) blocks.push("a second bot uses our order ids on this account");
    if (this.foreignActivity) blocks.push(FOREIGN_SEEN);
    if (this.foundAtStart !== undefined) blocks.push(this.foundAtStart);
    if (this.isBooted) blocks.push(...this.accountConfig.otherMode(this.account));
    if (this.ledgerDoubt) blocks.push("the ledger is missing or broken; an admin must /resume");
    return blocks;
  }

  isPaused(engine: EngineId): boolean {
    return (
      this.paused.has("*") ||
      this.paused.has(engine) ||
      this.failed.has(engine) ||
      this.lockOf(engine) !== undefined
    );
  }

  /** What locks the instruments of an engine; undefined: nothing. */
  lockOf(engine: EngineId): LockView | undefined {
    return this.locks.of(this.engines.get(engine)?.needs.instruments ?? [], this.wallAt);
  }

  pauseEngine(engine: EngineId | "*", reason: string): void {
    if (!this.paused.has(engine)) this.paused.set(engine, reason);
  }

  /** Executions that waited for this order. */
  takeUnclaimed(order: OrderRecord): readonly FillEvent[] {
    if (this.unclaimed.length === 0) return [];
    const mine = this.unclaimed.filter(
      (fill) =>
        fill.venueOrderId === order.venueOrderId ||
        fill.venueOrderId === order.spawnedOrderId ||
        fill.clientId === order.facts.clientId,
    );
    for (const fill of mine) this.unclaimed.splice(this.unclaimed.indexOf(fill), 1);
    return mine;
  }

  /** Executions that nobody claimed in time. */
  dueUnclaimed(): readonly FillEvent[] {
    const due = this.unclaimed.filter((fill) => this.wallAt - fill.wallAt >= UNCLAIMED_MS);
    for (const fill of due) this.unclaimed.splice(this.unclaimed.indexOf(fill), 1);
    return due;
  }

  /** A book with the figures that its liquidation level depends on. */
  watched(book: Book, input: QuoteInput | undefined): WatchedBook | undefined {
    if (input === undefined) return undefined;
    const { mark } = input.quotes;
    return {
      book,
      instrument: input.instrument,
      mark,
      liquidation: liquidationOf(input),
      marginRatio: marginRatio(input, explained(book), bookCost(book), backing(input)),
      unrealized: this.account.unrealized(book, mark),
    };
  }

  /** The worst liquidation level of all books, and the instrument that it is of. */
  worstLevel() {
    return this.liquidations.worst((id) => this.instruments.closeOnly(id) !== undefined);
  }

  liveOrders(): readonly OrderRecord[] {
    return [...this.orders.live()];
  }

  /** Everything that decides what happens next, as plain data in a fixed order: for the state hash. */
  canonical(): unknown {
    return canonicalOf(this);
  }
}
