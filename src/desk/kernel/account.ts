import { type Book, bookKey, explained, newBook, shareOf, tell } from "../../core/book.ts";
import { BookJournal, type JournalEntry } from "../../core/book-journal.ts";
import type {
  BalanceEvent,
  ExposureOfBook,
  FillEvent,
  FundingPaidEvent,
  TruthEvent,
} from "../../core/event.ts";
import {
  executionCost,
  type Instrument,
  type InstrumentId,
  notional,
  profit,
} from "../../core/instrument.ts";
import { invariant } from "../../core/invariant.ts";
import {
  applyFill,
  closesAll,
  type EngineId,
  isOpening,
  type OrderRecord,
  type PositionSide,
} from "../../core/order.ts";
import { flat, type Position, trade } from "../../core/position.ts";
import type { Taken, TakenBy } from "../../core/taken.ts";
import type { OtherPosition } from "../../core/truth.ts";
import { lots, type Millis, signOf, type Ticks, type Value, value } from "../../core/units.ts";
import { ByBook } from "./by-book.ts";
import type { FillResult } from "./fill-result.ts";
import { foreignCost } from "./foreign-cost.ts";
import { leveragesTold } from "./leverages.ts";
import { stillThere } from "./other-positions.ts";
import { Fundings, Remembered } from "./remembered.ts";
import { type Silence, Silences } from "./silences.ts";
import { Takings } from "./takings.ts";

/** Trade ids that are remembered per account, so that a doubled execution is counted once. */
const TRADES_KEPT = 20_000;

/** Money, books and configuration of one account, as the exchange and our own fills tell them. */
export class Account {
  readonly books = new Map<string, Book>();
  readonly exposures = new Map<string, ExposureOfBook>();
  /** Positions in instruments that the desk does not trade, as last read. */
  others: readonly OtherPosition[] = [];
  /** Of these the ones that the last reading did not show: a list may be cut short, so gone is what two don't show. */
  readonly #othersMissed = new Set<string>();
  readonly leverages = new Map<InstrumentId, number>();
  readonly marginModes = new Map<InstrumentId, "isolated" | "cross">();
  isHedgeMode: boolean | undefined;
  wallet: Value | undefined;
  /** Whether two agreed on it: two readings, or the stream and a reading. One alone may be of before the last executions. */
  isWalletSure = false;
  funding: Value = value(0);
  readonly fundingOf = new Map<InstrumentId, Value>();
  realized: Value = value(0);
  fees: Value = value(0);
  /** Fees that were charged in another asset (BNB at a discount): no price is at hand to count them as profit or loss. */
  readonly otherFees = new Map<string, Value>();
  fills = 0;
  readonly #name: string;
  readonly #asset: string;
  readonly #instruments: ReadonlyMap<InstrumentId, Instrument>;
  readonly #traders: ReadonlyMap<EngineId, readonly InstrumentId[]>;
  /** Trades that own no order of ours and were counted. */
  readonly #otherTrades = new Remembered(TRADES_KEPT);
  readonly #found = new ByBook<Book>();
  readonly #journals = new Map<string, BookJournal>();
  readonly #fundings = new Fundings();
  readonly #takings = new Takings();
  readonly #silences = new Silences();
  /** Wall time of the last balance that was told. */
  #walletWallAt = Number.NEGATIVE_INFINITY;
  /** Two readings agreed on what is foreign: before that, each reading says it anew. */
  #isSteady = false;
  /** By book: what was executed before this market time is in its foreign part as last set, known to us or not. */
  readonly #includedUntil = new Map<string, Millis>();

  /** `traders`: the instruments that each engine trades. */
  constructor(
    name: string,
    asset: string,
    instruments: ReadonlyMap<InstrumentId, Instrument>,
    traders: ReadonlyMap<EngineId, readonly InstrumentId[]> = new Map(),
  ) {
    this.#traders = traders;
    this.#name = name;
    this.#asset = asset;
    this.#instruments = instruments;
  }

  book(instrument: InstrumentId, positionSide: PositionSide): Book {
    const known = this.#found.get(instrument, positionSide);
    if (known !== undefined) return known;
    const book = newBook(this.#name, instrument, positionSide);
    for (const [engine, traded] of this.#traders) if (traded.includes(instrument)) shareOf(book, engine);
    this.#found.set(instrument, positionSide, book);
    this.books.set(book.key, book);
    this.#journals.set(book.key, new BookJournal(book, this.#isSteady));
    return book;
  }

  #journal(book: Book): BookJournal {
    const journal = this.#journals.get(book.key);
    invariant(journal !== undefined, `book ${book.key} has a journal`);
    return journal;
  }

  /** Executions that own no order of ours, as far as they are remembered. */
  get unowned(): number {
    return this.#otherTrades.size;
  }

  exposure(book: Book): ExposureOfBook | undefined {
    return this.exposures.get(book.key);
  }

  /** Counts an execution once, for its engine, for the whole book (liquidation) or as foreign. */
  fill(event: FillEvent, order: OrderRecord | undefined, wallAt: Millis, isLive: boolean): FillResult {
    const instrument = this.#instruments.get(event.instrument);
    if (instrument === undefined) return { type: "foreign", changed: [] };
    const book = this.book(event.instrument, event.positionSide);
    const size = lots(event.lots * signOf(event.side));
    const cost = executionCost(instrument, event.price, size, "nearest");
    const key = `${event.instrument}:${event.tradeId}`;
    const fee = event.feeAsset === instrument.settle ? event.fee : value(0);
    const entry = { key, at: event.at, tradeId: event.tradeId, size, cost, fee };
    const journal = this.#journal(book);
    if (order !== undefined) {
      const verdict = applyFill(
        order,
        { cost: notional(instrument, event.price, event.lots, "nearest"), ...event, fee },
        wallAt,
      );
      if (verdict === "duplicate") return { type: "duplicate", changed: [] };
      if (closesAll(order.facts)) {
        const isKnown = this.#otherTrades.delete(key);
        return { type: "lastStop", order, changed: this.#ofAll(entry, event, "lastStop", isLive, isKnown) };
      }
      const { engine } = order.facts;
      const mayNet = isOpening(order.facts);
      const own = { holder: engine, mayNet, ...entry };
      this.#takings.own(book.key, engine, size, cost, fee);
      // It may have been taken for foreign before its order was known, or before it was known itself.
      const isInForeign = this.#otherTrades.delete(key) || this.#isIncluded(event, book);
      const changed = isInForeign ? journal.claim(own) : journal.add(own);
      if (mayNet) this.#takings.netted(book.key, changed);
      else this.#takings.byExit(book.key, changed, event);
      if (isLive) this.#count(event);
      return { type: "own", order, isOverfill: verdict === "overfill", changed };
    }
    if (this.#otherTrades.has(key)) return { type: "duplicate", changed: [] };
    this.#otherTrades.add(key);
    if (event.origin !== "client")
      return { type: "liquidation", changed: this.#ofAll(entry, event, event.origin, isLive) };
    const persons = { ...entry, holder: "foreign", mayNet: true } as const;
    if (!this.#isIncluded(event, book)) {
      const changed = journal.add(persons);
      this.#takings.byOthers(book.key, changed, { ...event, by: "person" });
      return { type: "foreign", changed };
    }
    // In the sum it changes nothing; what was forced after it is shared out with it.
    return { type: "duplicate", changed: this.#isSteady ? [] : journal.claim(persons) };
  }

  /** An execution that closes what everybody in the book holds, in proportion; returns whose share it changed. */
  #ofAll(
    entry: Omit<JournalEntry, "holder" | "mayNet">,
    event: FillEvent,
    by: TakenBy,
    isLive: boolean,
    isKnown = false,
  ): readonly EngineId[] {
    const book = this.book(event.instrument, event.positionSide);
    const whole = { ...entry, holder: undefined, mayNet: false };
    const isInForeign = isKnown || this.#isIncluded(event, book);
    const journal = this.#journal(book);
    const changed = isInForeign ? journal.claim(whole) : journal.add(whole);
    this.#takings.byOthers(book.key, changed, { ...event, by });
    if (isLive) this.#count(event);
    return changed;
  }

  /**
   * The books of a reading. Until two readings agree what our fills don't explain is foreign, by definition (X35): the
   * first one after a start may have been of an exchange that was just coming up itself. Returns whether it agrees.
   */
  read(event: TruthEvent, askedAt: Millis): boolean {
    const { truth } = event;
    const before = this.#foreignParts();
    this.isHedgeMode = truth.isHedgeMode;
    this.others = stillThere(this.others, truth.others, this.#othersMissed);
    this.expose(truth.books);
    const seen = new Set<string>();
    for (const told of truth.books) {
      const book = this.book(told.instrument, told.positionSide);
      seen.add(book.key);
      if (!this.#isSteady) this.#setForeign(book, told, askedAt);
      tell(book, told.lots, event.at, event.wallAt, true);
    }
    for (const book of this.books.values()) {
      if (seen.has(book.key)) continue;
      if (!this.#isSteady) this.#setForeign(book, undefined, askedAt);
      tell(book, lots(0), event.at, event.wallAt, true);
    }
    const wallet = truth.wallets.find(({ asset }) => asset === this.#asset);
    // A balance that was told since the reading began is younger than the one it read.
    if (wallet !== undefined && this.#walletWallAt < truth.startedWallAt) {
      this.isWalletSure = wallet.wallet === this.wallet;
      this.wallet = wallet.wallet;
    }
    return this.#isSteady || before === this.#foreignParts();
  }

  /** The start is over: what is foreign is counted from now on. Returns whose share a person's trades had closed. */
  steady(): readonly (readonly [Book, readonly EngineId[]])[] {
    if (this.#isSteady) return [];
    this.#isSteady = true;
    return [...this.books.values()].map((book) => [book, this.#net(book)] as const);
  }

  /** Counts a mismatch as foreign, at a price; returns whose share that closed. */
  adopt(book: Book, price: Ticks, askedAt: Millis): readonly EngineId[] {
    const instrument = this.#instruments.get(book.instrument);
    const size = book.mismatch?.lots ?? lots(0);
    if (instrument === undefined || size === 0) return [];
    trade(book.foreign, size, executionCost(instrument, price, size, "nearest"), value(0));
    book.mismatch = undefined;
    this.#includedUntil.set(book.key, askedAt);
    return this.#net(book);
  }

  #net(book: Book): readonly EngineId[] {
    const changed = this.#journal(book).net();
    this.#takings.netted(book.key, changed);
    return changed;
  }

  /** Whether a reading of the start takes from engines what no execution took. */
  readonly isTakenUnseen = (): boolean => [...this.#journals.values()].some((each) => each.isTakenUnseen);

  #foreignParts(): string {
    const parts = [...this.books.values()].filter(({ foreign }) => foreign.lots !== 0);
    return parts
      .map(({ key, foreign }) => `${key}:${foreign.lots}`)
      .sort()
      .join();
  }

  /** Funding is booked once, whoever tells of it (false: it was), and moves the wallet behind an isolated position. */
  fundingPaid({ instrument, at, amount }: FundingPaidEvent): boolean {
    if (!this.#fundings.take(instrument, at, amount)) return false;
    this.funding = value(this.funding + amount);
    this.fundingOf.set(instrument, value((this.fundingOf.get(instrument) ?? 0) + amount));
    const [only, second] = [...this.exposures].filter(([, book]) => book.instrument === instrument);
    // A wallet of 0 was not told: the payment alone is not what stands behind the position.
    const isTold = only?.[1].marginMode === "isolated" && only[1].isolatedWallet > 0;
    if (only === undefined || second !== undefined || !isTold) return true;
    const isolatedWallet = value(only[1].isolatedWallet + amount);
    // The exchange's own liquidation price is of before: our formula stands in until it is read again.
    this.exposures.set(only[0], { ...only[1], isolatedWallet, liquidation: undefined });
    return true;
  }

  /** Risk figures of all books: one that is missing is flat. Says where they differ from our executions again. */
  expose(books: readonly ExposureOfBook[]): Silence | undefined {
    this.exposures.clear();
    for (const told of books) {
      if (told.lots !== 0) this.exposures.set(bookKey(this.#name, told.instrument, told.positionSide), told);
    }
    for (const [instrument, leverage] of leveragesTold(books, this)) this.leverages.set(instrument, leverage);
    return this.#silences.look(this.books.values(), ({ key }) => this.exposures.get(key)?.lots ?? 0);
  }

  balance(event: BalanceEvent): void {
    if (event.asset !== this.#asset) return;
    this.wallet = event.wallet;
    this.#walletWallAt = event.wallAt;
  }

  /** Profit of what is held in a book at a price; undefined without one. */
  unrealized(book: Book, mark: Ticks | undefined): Value | undefined {
    const size = explained(book);
    if (size === 0) return value(0);
    const instrument = this.#instruments.get(book.instrument);
    if (mark === undefined || instrument === undefined) return undefined;
    let cost: number = book.foreign.cost;
    for (const share of book.shares.values()) cost += share.cost;
    return profit(instrument, value(cost), size, mark);
  }

  /** Wallet plus the profit of all books; undefined while any part is. */
  equity(markOf: (instrument: InstrumentId) => Ticks | undefined): Value | undefined {
    if (this.wallet === undefined) return undefined;
    let sum: number = this.wallet;
    for (const book of this.books.values()) {
      const gain = this.unrealized(book, markOf(book.instrument));
      if (gain === undefined) return undefined;
      sum += gain;
    }
    return value(sum);
  }

  /** Whether something that is not ours is held in an instrument. */
  isForeignIn(instrument: InstrumentId): boolean {
    return [...this.books.values()].some((book) => book.instrument === instrument && book.foreign.lots !== 0);
  }

  /** A book to look at; undefined: there is none so far. Looking makes none: a replay, at which nobody looks, must find the same. */
  look(instrument: InstrumentId, positionSide: PositionSide): Book | undefined {
    return this.#found.get(instrument, positionSide);
  }

  /** An engine's virtual position in a book. */
  share(instrument: InstrumentId, positionSide: PositionSide, engine: EngineId): Readonly<Position> {
    return this.look(instrument, positionSide)?.shares.get(engine) ?? NOTHING;
  }

  /** What changed an engine's virtual position otherwise than by its own orders. */
  taken(instrument: InstrumentId, positionSide: PositionSide, engine: EngineId): Taken {
    const share = this.share(instrument, positionSide, engine);
    return this.#takings.of(bookKey(this.#name, instrument, positionSide), engine, share);
  }

  #isIncluded({ at }: FillEvent, { key }: Book): boolean {
    return at < (this.#includedUntil.get(key) ?? 0);
  }

  #setForeign(book: Book, told: ExposureOfBook | undefined, askedAt: Millis): void {
    this.#includedUntil.set(book.key, askedAt);
    const instrument = this.#instruments.get(book.instrument);
    const rest = lots((told?.lots ?? 0) - (explained(book) - book.foreign.lots));
    book.foreign.lots = rest;
    book.foreign.cost = foreignCost(book, rest, told, instrument);
    this.#journal(book).rebase();
  }

  #count(event: FillEvent): void {
    this.fills += 1;
    this.realized = value(this.realized + event.realized);
    if (event.feeAsset === this.#asset) this.fees = value(this.fees + event.fee);
    else this.otherFees.set(event.feeAsset, value((this.otherFees.get(event.feeAsset) ?? 0) + event.fee));
  }
}

const NOTHING: Readonly<Position> = Object.freeze(flat());
