import type { Book } from "../../core/book.ts";
import { bookCost, explained } from "../../core/book.ts";
import type { Engine } from "../../core/engine.ts";
import type { DeskEvent, FillEvent, TruthEvent, WakeEvent } from "../../core/event.ts";
import type { Instrument, InstrumentId, MarginBracket } from "../../core/instrument.ts";
import { type EngineId, isLive, type OrderRecord } from "../../core/order.ts";
import type { RiskState } from "../../core/proposal.ts";
import { type Millis, millis } from "../../core/units.ts";
import { Board } from "../../market/board.ts";
import { Account } from "./account.ts";
import type { KernelConfig } from "./config.ts";
import { LiquidationAlerts, type WatchedBook } from "./liquidation-alerts.ts";
import { Orders } from "./orders.ts";
import { Proposals } from "./proposals.ts";
import { backing, liquidationOf, marginRatio, type QuoteInput } from "./quote.ts";

/** The account is read again this often (wall), by a timer of the desk's own. */
export const TRUTH_EVERY_MS = 180_000;
/** After a gap, or when an execution seems lost, the account is read at most this often (wall). */
const TRUTH_RETRY_MS = 2_000;
/** An execution of an order that nobody knows is foreign after this long (wall). */
const UNCLAIMED_MS = 2_000;

/** Counts since the process started. */
export interface Counts {
  turns: number;
  sent: number;
  acked: number;
  refused: number;
  guardRefused: number;
  unknown: number;
  mismatches: number;
}

/** All that the kernel knows: market, account, orders, proposals, and why increases are blocked. */
export class KernelState {
  readonly config: KernelConfig;
  readonly engines = new Map<EngineId, Engine>();
  readonly failed = new Map<EngineId, string>();
  readonly board = new Board();
  readonly orders: Orders;
  readonly account: Account;
  readonly proposals: Proposals;
  readonly liquidations = new LiquidationAlerts();
  readonly counts: Counts = {
    turns: 0,
    sent: 0,
    acked: 0,
    refused: 0,
    guardRefused: 0,
    unknown: 0,
    mismatches: 0,
  };
  readonly mismatched = new Set<string>();
  /** Executions whose order is not known yet. */
  readonly unclaimed: FillEvent[] = [];
  /** Engines whose entries are paused, with the reason; "*" pauses all. */
  readonly paused = new Map<EngineId | "*", string>();
  at: Millis = millis(0);
  wallAt: Millis = millis(0);
  riskState: RiskState = "monitoring";
  isBooted = false;
  /** What the last health check said. */
  isHealthy = true;
  isReadingTruth = false;
  truthDueWallAt: Millis = millis(0);
  secondBot = false;
  foreignActivity = false;
  ledgerDoubt: boolean;
  lastAccountWallAt: Millis | undefined;
  #consistentReadings = 0;
  #accountGap: string | undefined;
  /** A gap ends with a reading that began at this wall time or later; never while the stream is down. */
  #gapEndsFrom = 0;
  #clockDoubt: string | undefined;
  readonly #wakes: WakeEvent[] = [];
  readonly #instruments: ReadonlyMap<
    InstrumentId,
    { readonly instrument: Instrument; readonly brackets: readonly MarginBracket[] }
  >;

  constructor(config: KernelConfig, engines: readonly Engine[]) {
    this.config = config;
    for (const engine of engines) this.engines.set(engine.id, engine);
    this.#instruments = new Map(config.instruments.map((info) => [info.instrument.id, info]));
    const instruments = new Map(config.instruments.map(({ instrument }) => [instrument.id, instrument]));
    this.account = new Account(config.account, config.asset, instruments);
    this.orders = new Orders(config.desk, config.epoch, config.nonce, [...this.engines.keys()]);
    this.proposals = new Proposals(config.proposals);
    this.ledgerDoubt = config.ledger === "broken";
  }

  instrument(id: InstrumentId): Instrument | undefined {
    return this.#instruments.get(id)?.instrument;
  }

  brackets(id: InstrumentId): readonly MarginBracket[] {
    return this.#instruments.get(id)?.brackets ?? [];
  }

  /** Time never goes back: late news carries its own time, the desk keeps the latest. */
  advance(event: DeskEvent): void {
    this.counts.turns += 1;
    if (event.at > this.at) this.at = event.at;
    if (event.wallAt > this.wallAt) this.wallAt = event.wallAt;
    if ("account" in event) this.lastAccountWallAt = this.wallAt;
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
      case "exposure":
        this.account.expose(event.books);
        return;
      case "balance":
        this.account.balance(event);
        return;
      case "fundingPaid":
        this.account.funding = (this.account.funding + event.amount) as typeof this.account.funding;
        return;
      case "accountConfig":
        if (event.isHedgeMode !== undefined) this.account.isHedgeMode = event.isHedgeMode;
        if (event.instrument === undefined) return;
        if (event.leverage !== undefined) this.account.leverages.set(event.instrument, event.leverage);
        if (event.marginMode !== undefined) this.account.marginModes.set(event.instrument, event.marginMode);
        return;
      case "gap":
        if (event.stream !== "account") return;
        this.#accountGap = event.reason;
        this.#gapEndsFrom = event.isReading
          ? Math.max(this.#gapEndsFrom, this.wallAt)
          : Number.POSITIVE_INFINITY;
        // A reading that was under way has failed or is older than the gap: read again soon.
        this.isReadingTruth = false;
        this.truthDueWallAt = millis(this.wallAt + TRUTH_RETRY_MS);
        return;
      case "resynced":
        if (event.stream !== "account") return;
        this.#gapEndsFrom = this.wallAt;
        this.truthDueWallAt = this.wallAt;
        return;
      case "clockStep":
        this.#clockDoubt = `the clock moved by ${Math.round(event.stepMs)} ms against ${event.against === "exchange" ? "the exchange" : "itself"}`;
        this.truthDueWallAt = this.wallAt;
        return;
      default:
    }
  }

  /** A reading of the account is in: gaps end, clock doubts end, and the second one after boot frees the entries. */
  readTruth(event: TruthEvent, isConsistent: boolean): void {
    this.isReadingTruth = false;
    if (event.truth.startedWallAt >= this.#gapEndsFrom) this.#accountGap = undefined;
    this.#clockDoubt = undefined;
    const hold = millis(this.config.bootWallAt + this.config.entriesHoldMs);
    if (isConsistent && (this.#consistentReadings === 0 || event.truth.startedWallAt >= hold)) {
      this.#consistentReadings += 1;
    }
    if (this.#consistentReadings < 2) this.truthDueWallAt = millis(Math.max(hold, this.wallAt + 250));
  }

  /** An order is whole but some of its executions never came: read the account. */
  lackFills(): void {
    this.truthDueWallAt = millis(Math.min(this.truthDueWallAt, this.wallAt + TRUTH_RETRY_MS));
  }

  /** Why no order that increases may leave now; each a sentence for people. */
  blocks(): readonly string[] {
    const blocks: string[] = [];
    if (!this.isBooted) blocks.push("the account has not been read yet");
    else if (this.#consistentReadings < 2)
      blocks.push("entries wait until the account was read twice after the start");
    if (this.#accountGap !== undefined)
      blocks.push(`the account stream is interrupted (${this.#accountGap})`);
    const youngest = this.board.youngest();
    if (youngest === undefined) blocks.push("no market data yet");
    else if (this.wallAt - youngest > this.config.staleMs) blocks.push("the market data is stale");
    if (this.#clockDoubt !== undefined) blocks.push(this.#clockDoubt);
    if (this.secondBot) blocks.push("a second bot uses our order ids on this account");
    if (this.foreignActivity)
      blocks.push("orders or fills that are not ours were seen on the account; /resume accepts them");
    if (this.ledgerDoubt) blocks.push("the ledger is missing or broken; an admin must /resume");
    return blocks;
  }

  isPaused(engine: EngineId): boolean {
    return this.paused.has("*") || this.paused.has(engine) || this.failed.has(engine);
  }

  pauseEngine(engine: EngineId | "*", reason: string): void {
    if (!this.paused.has(engine)) this.paused.set(engine, reason);
  }

  addWake(engine: EngineId, at: Millis, tag: string): void {
    const wake: WakeEvent = { type: "wake", at, wallAt: this.wallAt, engine, tag };
    let index = this.#wakes.length;
    while (index > 0 && (this.#wakes[index - 1]?.at ?? 0) > at) index -= 1;
    this.#wakes.splice(index, 0, wake);
  }

  /** Wakes that are due by now, oldest first; at most one of an engine and tag in a turn. */
  dueWakes(): readonly WakeEvent[] {
    let count = 0;
    while (count < this.#wakes.length && (this.#wakes[count]?.at ?? 0) <= this.at) count += 1;
    return this.#wakes.splice(0, count).map((wake) => ({ ...wake, wallAt: this.wallAt }));
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

  liveOrders(): readonly OrderRecord[] {
    return [...this.orders.all()].filter((order) => isLive(order.state) || order.state === "triggered");
  }

  /** Everything that decides what happens next, as plain data in a fixed order: for the state hash. */
  canonical(): unknown {
    return {
      at: this.at,
      wallAt: this.wallAt,
      turns: this.counts.turns,
      counts: this.counts,
      risk: this.riskState,
      paused: [...this.paused].sort(),
      blocks: this.blocks(),
      wallet: this.account.wallet ?? null,
      realized: this.account.realized,
      fees: this.account.fees,
      funding: this.account.funding,
      fills: this.account.fills,
      books: [...this.account.books.values()]
        .sort((a, b) => (a.key < b.key ? -1 : 1))
        .map((book) => [
          book.key,
          [...book.shares].sort(([a], [b]) => (a < b ? -1 : 1)),
          book.foreign,
          book.told ?? null,
          book.mismatch ?? null,
          this.liquidations.level(book),
        ]),
      orders: this.liveOrders().map((o) => [o.facts.clientId, o.state, o.filled, o.cost]),
      proposals: this.proposals.all().map(({ id, state }) => [id, state]),
      engines: [...this.engines.values()].map((engine) => [engine.id, engine.snapshot()]),
      failed: [...this.failed],
      wakes: this.#wakes.map(({ engine, at, tag }) => [engine, at, tag]),
    };
  }
}
