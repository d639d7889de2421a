import { type Book, explained } from "../../core/book.ts";
import type { FillEvent } from "../../core/event.ts";
import { executionCost, type Instrument, type InstrumentId, profit } from "../../core/instrument.ts";
import { flat, type Position, trade } from "../../core/position.ts";
import {
  lots,
  type Millis,
  ONE,
  portion,
  rate,
  type Ticks,
  ticks,
  type Value,
  value,
} from "../../core/units.ts";
import type { Account } from "./account.ts";

/** What a reading shows and nothing explains is a transfer when it is more than this part of the equity. */
const UNEXPLAINED = rate(ONE / 100);

/**
 * What the account is worth, for the drawdown. The exchange tells of an execution twice, as a fill and as a wallet, and the two
 * come one after the other: wallet plus open profit would jump between them, by what was realised. So here the wallet is moved
 * by the fills themselves, from a reading on; wallets that are told explain only what no fill does. Positions are kept at the
 * exchange's average cost for the whole book, as its wallet is: engines' own costs differ from it when several share a book.
 */
export class Worth {
  readonly #asset: string;
  readonly #instruments: (id: InstrumentId) => Instrument | undefined;
  readonly #positions = new Map<string, Position>();
  #wallet: number | undefined;
  /** Since the wallet was last taken from a reading: what fills and funding moved, and what wallets were told to move by trading. */
  #moved = 0;
  #told = 0;
  #isForced = false;
  /** It was taken while executions came in: the next reading puts it right, whatever it says. */
  #isProvisional = true;
  #movedWallAt = Number.NEGATIVE_INFINITY;
  /** Before a start's reading counts: what the ledger knew, and the executions since. */
  #before: { readonly wallet: number; readonly at: Millis; moved: number; isForced: boolean } | undefined;
  /** What moved it since the ledger last heard of the wallet and can't be read from executions: funding and small rests. */
  drift = 0;
  /** Market time of the wallet that the ledger heard of last. */
  #writtenAt = Number.NEGATIVE_INFINITY;
  /** An execution of before that time was heard after it: who starts from what was written would take it for counted. */
  isWrittenEarly = false;

  constructor(asset: string, instruments: (id: InstrumentId) => Instrument | undefined) {
    this.#asset = asset;
    this.#instruments = instruments;
  }

  /** Wallet as the fills say; undefined before a reading counts. */
  get wallet(): Value | undefined {
    return this.#wallet === undefined ? undefined : value(this.#wallet);
  }

  /** What the ledger knew of the wallet at a market time. */
  restore(wallet: Value, at: Millis): void {
    this.#before = { wallet, at, moved: 0, isForced: false };
  }

  /** The wallet of this market time stands in the ledger. */
  noteWritten(at: Millis): void {
    this.#writtenAt = at;
    this.isWrittenEarly = false;
    this.drift = 0;
  }

  /** An execution was counted, which made `size` lots of difference to its book: none where a reading had it already. */
  fill(event: FillEvent, book: Book, size: number, wallAt: Millis): void {
    const instrument = this.#instruments(event.instrument);
    if (instrument === undefined) return;
    const fee = event.feeAsset === this.#asset ? event.fee : 0;
    this.#movedWallAt = wallAt;
    if (this.#wallet === undefined) {
      if (this.#before === undefined || event.at <= this.#before.at) return;
      this.#before.moved += event.realized - fee;
      if (event.origin !== "client") this.#before.isForced = true;
      return;
    }
    if (event.origin !== "client") this.#isForced = true;
    if (event.at <= this.#writtenAt) this.isWrittenEarly = true;
    if (size !== 0) this.#move(execute(instrument, this.#positionOf(book), size, event.price) - fee);
  }

  /** Funding was paid or received. */
  funding(amount: Value, wallAt: Millis): void {
    this.#movedWallAt = wallAt;
    this.drift += amount;
    this.#move(amount);
  }

  /** A wallet was told, which moved by trading, funding or something that has no name. */
  told(amount: Value, wallAt: Millis): void {
    this.#movedWallAt = wallAt;
    this.#told += amount;
  }

  /** Money came or went. */
  transfer(amount: Value): void {
    if (this.#wallet !== undefined) this.#wallet += amount;
  }

  /**
   * Begins with what the start's readings say. Returns the money that came or went since the ledger last heard of the wallet:
   * what no execution explains, where all executions since then were read.
   */
  begin(account: Account, historyFrom: Millis, wallAt: Millis): Value {
    if (account.wallet === undefined) return value(0);
    this.#wallet = account.wallet;
    [this.#moved, this.#told, this.#isForced] = [0, 0, false];
    this.#isProvisional = wallAt - this.#movedWallAt < QUIET_MS || !isAsTold(account);
    this.#takeCosts(account);
    const before = this.#before;
    this.#before = undefined;
    if (before === undefined) return value(0);
    const rest = this.#wallet - before.wallet - before.moved;
    const isTransfer = !before.isForced && before.at >= historyFrom && this.#isMuch(rest, before.wallet);
    if (!isTransfer) this.drift += rest;
    return value(isTransfer ? rest : 0);
  }

  /**
   * A later reading that fits what we hold, with nothing under way since it began: its wallet counts. Returns the money that
   * came or went without a word: what neither executions, funding nor a told wallet explains.
   */
  read(account: Account, startedWallAt: Millis): Value {
    if (this.#wallet === undefined || account.wallet === undefined) return value(0);
    if (this.#movedWallAt > startedWallAt - QUIET_MS) return value(0);
    if (!isAsTold(account)) return value(0);
    const difference = account.wallet - this.#wallet - this.#takeCosts(account);
    const told = this.#told - this.#moved;
    const byTrading =
      told * difference > 0 ? Math.sign(told) * Math.min(Math.abs(told), Math.abs(difference)) : 0;
    const rest = difference - byTrading;
    const isTransfer = !this.#isForced && !this.#isProvisional && this.#isMuch(rest, this.#wallet);
    this.drift += isTransfer ? byTrading : difference;
    this.#wallet = account.wallet;
    [this.#moved, this.#told, this.#isForced, this.#isProvisional] = [0, 0, false, false];
    return value(isTransfer ? rest : 0);
  }

  /** Measures wallet plus the profit of all that is held, at the present marks; undefined while a part is unknown. */
  measure(account: Account, markOf: (id: InstrumentId) => Ticks | undefined): Value | undefined {
    if (this.#wallet === undefined) return undefined;
    let open = 0;
    for (const book of account.books.values()) {
      const position = this.#positions.get(book.key);
      const size = explained(book);
      if (size === 0 && (position === undefined || position.lots === 0)) continue;
      const instrument = this.#instruments(book.instrument);
      const mark = markOf(book.instrument);
      if (instrument === undefined || mark === undefined) return undefined;
      const held = this.#positionOf(book);
      // What was found, or lost, without an execution that we know of counts from here on.
      if (size !== held.lots) {
        this.#move(execute(instrument, held, size - held.lots, mark));
        this.#isProvisional = true;
      }
      open += profit(instrument, held.cost, held.lots, mark);
    }
    return value(this.#wallet + open);
  }

  /** All that decides, as plain data. */
  canonical(): unknown {
    const positions = [...this.#positions].sort(([a], [b]) => (a < b ? -1 : 1));
    return [
      this.#wallet ?? null,
      this.#moved,
      this.#told,
      this.#isForced,
      this.#isProvisional,
      Number.isFinite(this.#movedWallAt) ? this.#movedWallAt : null,
      this.#before ?? null,
      this.drift,
      positions.map(([key, { lots: size, cost }]) => [key, size, cost]),
    ];
  }

  /**
   * Positions at the exchange's cost, where it differs from ours by more than the rounding of its average price; returns what that
   * adds to all costs. One that it does not tell the cost of is counted from its first mark on.
   */
  #takeCosts(account: Account): number {
    let added = 0;
    for (const book of account.books.values()) {
      const told = account.exposure(book);
      const instrument = this.#instruments(book.instrument);
      if (instrument === undefined || told?.entry === undefined || told.lots !== explained(book)) continue;
      const held = this.#positionOf(book);
      const cost = executionCost(instrument, told.entry, told.lots, "nearest");
      const next = executionCost(instrument, ticks(told.entry + 1), told.lots, "nearest");
      if (held.lots === told.lots && Math.abs(cost - held.cost) <= Math.abs(next - cost)) continue;
      added += cost - held.cost;
      held.lots = told.lots;
      held.cost = cost;
    }
    return added;
  }

  #positionOf({ key }: Book): Position {
    const known = this.#positions.get(key);
    if (known !== undefined) return known;
    const fresh = flat();
    this.#positions.set(key, fresh);
    return fresh;
  }

  #move(amount: number): void {
    if (this.#wallet === undefined) return;
    this.#wallet += amount;
    this.#moved += amount;
  }

  #isMuch(amount: number, of: number): boolean {
    return Math.abs(amount) > portion(value(Math.abs(of)), UNEXPLAINED, "up");
  }
}

/** What the exchange holds in each book is what we think. */
const isAsTold = (account: Account): boolean =>
  [...account.books.values()].every((book) => (account.exposure(book)?.lots ?? 0) === explained(book));

/** Executes lots (signed) at a price; what that realised. */
function execute(instrument: Instrument, position: Position, size: number, price: Ticks): number {
  const cost = executionCost(instrument, price, lots(size), "nearest");
  return cost === 0 ? 0 : trade(position, lots(size), cost, value(0));
}

/** Wall time without news of an execution after which wallet and positions surely tell of the same moment. */
const QUIET_MS = 1_000;
