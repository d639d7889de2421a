import { type Book, bookKey, explained, newBook, shareOf, spread, tell } from "../../core/book.ts";
import type { BalanceEvent, ExposureOfBook, FillEvent, TruthEvent } from "../../core/event.ts";
import {
  executionCost,
  type Instrument,
  type InstrumentId,
  notional,
  profit,
} from "../../core/instrument.ts";
import { applyFill, type EngineId, type OrderRecord, type PositionSide } from "../../core/order.ts";
import { trade } from "../../core/position.ts";
import { lots, type Millis, signOf, type Ticks, type Value, value } from "../../core/units.ts";

/** What became of an execution. */
export type FillResult =
  | { readonly type: "own"; readonly order: OrderRecord; readonly isOverfill: boolean }
  | { readonly type: "foreign" | "liquidation" | "duplicate" };

/** Trade ids that are remembered per account, so that a doubled execution is counted once. */
const TRADES_KEPT = 20_000;

/** Money, books and configuration of one account, as the exchange and our own fills tell them. */
export class Account {
  readonly books = new Map<string, Book>();
  readonly exposures = new Map<string, ExposureOfBook>();
  readonly leverages = new Map<InstrumentId, number>();
  readonly marginModes = new Map<InstrumentId, "isolated" | "cross">();
  isHedgeMode: boolean | undefined;
  wallet: Value | undefined;
  funding: Value = value(0);
  realized: Value = value(0);
  fees: Value = value(0);
  fills = 0;
  readonly #name: string;
  readonly #asset: string;
  readonly #instruments: ReadonlyMap<InstrumentId, Instrument>;
  /** Trades that own no order of ours and were counted (or came before the first reading). */
  readonly #otherTrades = new Set<string>();

  constructor(name: string, asset: string, instruments: ReadonlyMap<InstrumentId, Instrument>) {
    this.#name = name;
    this.#asset = asset;
    this.#instruments = instruments;
  }

  book(instrument: InstrumentId, positionSide: PositionSide): Book {
    const key = bookKey(this.#name, instrument, positionSide);
    let book = this.books.get(key);
    if (book === undefined) {
      book = newBook(this.#name, instrument, positionSide);
      this.books.set(key, book);
    }
    return book;
  }

  exposure(book: Book): ExposureOfBook | undefined {
    return this.exposures.get(book.key);
  }

  /** Counts an execution once, for its engine, for the whole book (liquidation) or as foreign. */
  fill(event: FillEvent, order: OrderRecord | undefined, wallAt: Millis, isLive: boolean): FillResult {
    const instrument = this.#instruments.get(event.instrument);
    if (instrument === undefined) return { type: "foreign" };
    const book = this.book(event.instrument, event.positionSide);
    const size = lots(event.lots * signOf(event.side));
    const cost = executionCost(instrument, event.price, size, "nearest");
    const key = `${event.instrument}:${event.tradeId}`;
    if (order !== undefined) {
      const verdict = applyFill(
        order,
        { ...event, cost: notional(instrument, event.price, event.lots, "nearest") },
        wallAt,
      );
      if (verdict === "duplicate") return { type: "duplicate" };
      // It was taken for foreign before its order was known.
      if (this.#otherTrades.delete(key)) {
        trade(book.foreign, lots(-size), value(-cost), value(-event.fee));
      }
      const part = order.facts.engine === "foreign" ? book.foreign : shareOf(book, order.facts.engine);
      trade(part, size, cost, event.fee);
      if (isLive) this.#count(event);
      return { type: "own", order, isOverfill: verdict === "overfill" };
    }
    if (this.#otherTrades.has(key)) return { type: "duplicate" };
    this.#remember(key);
    if (event.origin !== "client") {
      spread(book, size, cost, event.fee);
      if (isLive) this.#count(event);
      return { type: "liquidation" };
    }
    trade(book.foreign, size, cost, event.fee);
    return { type: "foreign" };
  }

  /** Marks a foreign execution as known without counting it: it is in the first reading's position already. */
  skip(event: FillEvent): void {
    this.#remember(`${event.instrument}:${event.tradeId}`);
  }

  /** The books of a reading. At boot what our fills don't explain is foreign, by definition (X35). */
  read(event: TruthEvent): void {
    const { truth } = event;
    this.isHedgeMode = truth.isHedgeMode;
    this.expose(truth.books);
    const seen = new Set<string>();
    for (const told of truth.books) {
      const book = this.book(told.instrument, told.positionSide);
      seen.add(book.key);
      if (event.cause === "boot") this.#setForeign(book, told);
      tell(book, told.lots, event.at, event.wallAt, true);
    }
    for (const book of this.books.values()) {
      if (seen.has(book.key)) continue;
      if (event.cause === "boot") this.#setForeign(book, undefined);
      tell(book, lots(0), event.at, event.wallAt, true);
    }
    const wallet = truth.wallets.find(({ asset }) => asset === this.#asset);
    if (wallet !== undefined) this.wallet = wallet.wallet;
  }

  /** Risk figures of all books: one that is missing is flat. */
  expose(books: readonly ExposureOfBook[]): void {
    this.exposures.clear();
    for (const told of books) {
      if (told.lots !== 0) this.exposures.set(bookKey(this.#name, told.instrument, told.positionSide), told);
      if (told.leverage !== undefined) this.leverages.set(told.instrument, told.leverage);
    }
  }

  balance(event: BalanceEvent): void {
    if (event.asset === this.#asset) this.wallet = event.wallet;
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

  /** An engine's virtual position in a book. */
  share(instrument: InstrumentId, positionSide: PositionSide, engine: EngineId) {
    return shareOf(this.book(instrument, positionSide), engine);
  }

  #setForeign(book: Book, told: ExposureOfBook | undefined): void {
    const instrument = this.#instruments.get(book.instrument);
    const rest = lots((told?.lots ?? 0) - (explained(book) - book.foreign.lots));
    book.foreign.lots = rest;
    const price = told?.entry ?? told?.mark;
    book.foreign.cost =
      instrument === undefined || price === undefined
        ? value(0)
        : executionCost(instrument, price, rest, "nearest");
  }

  #count(event: FillEvent): void {
    this.fills += 1;
    this.realized = value(this.realized + event.realized);
    if (event.feeAsset === this.#asset) this.fees = value(this.fees + event.fee);
  }

  #remember(key: string): void {
    this.#otherTrades.add(key);
    if (this.#otherTrades.size <= TRADES_KEPT) return;
    const oldest = this.#otherTrades.values().next().value;
    if (oldest !== undefined) this.#otherTrades.delete(oldest);
  }
}
