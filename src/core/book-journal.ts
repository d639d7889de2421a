import { type Book, type Holdings, netOut, ownLots, settleOverClose, shareOf, spread } from "./book.ts";
import type { EngineId } from "./order.ts";
import { flat, type Position, trade } from "./position.ts";
import { type Lots, lots, type Millis, mulDiv, type Value, value } from "./units.ts";

/** An execution as a book counts it. `size` and `cost` are signed as `executionCost` does. */
export interface JournalEntry {
  readonly key: string;
  readonly at: Millis;
  readonly tradeId: string;
  /** An engine's name, or "foreign"; undefined: it hit the whole book (liquidation, deleveraging). */
  readonly holder: EngineId | undefined;
  /** Whether it may cancel out against the other part: true for a person's trades and for entries. */
  readonly mayNet: boolean;
  readonly size: Lots;
  readonly cost: Value;
  readonly fee: Value;
}

/** Executions that may still be reordered; older ones are settled for good. */
const KEPT = 256;

/**
 * Keeps a book's latest executions in the exchange's order. A liquidation or a person's trade is shared out over what
 * was held at that moment, so one that is heard before the fill that it ate is shared out again when that fill comes:
 * whatever the order of the news, the parts end the same (I5).
 */
export class BookJournal {
  readonly #book: Book;
  #base: Holdings;
  #entries: JournalEntry[] = [];
  /** Before an account was read twice its foreign part is a guess that must not take anything from an engine. */
  #isNetting: boolean;
  /** Until then: what was executed, in order. */
  readonly #past: JournalEntry[] = [];
  /** What that comes to. Its foreign part is what persons did, less what engines closed of it. */
  #told: Holdings = nothing();
  /** That part as it is in the base already. */
  #inBase = flat();
  /** Until then: what was held when the foreign part last became another one. */
  #foreignSince: Holdings = nothing();

  constructor(book: Book, isNetting: boolean) {
    this.#book = book;
    this.#base = copyOf(book);
    this.#isNetting = isNetting;
  }

  /** Counts an execution; returns the engines whose share changed otherwise than by an execution of their own. */
  add(entry: JournalEntry): readonly EngineId[] {
    if (!this.#isNetting) return this.#addPast(entry);
    if (this.#isNetting) payDebts(this.#book, entry);
    const before = sizes(this.#book);
    if (insert(this.#entries, entry)) this.#apply(this.#book, entry);
    else this.#replay();
    this.#forget();
    if (entry.holder !== undefined)
      before.set(entry.holder, (before.get(entry.holder) ?? 0) + Number(entry.size));
    // Its engine hears of its own exit anyway.
    return this.#changed(before).filter((engine) => entry.mayNet || engine !== entry.holder);
  }

  /**
   * An execution that was taken for foreign before its order was known is an engine's after all. One that is older than
   * all that is kept is in the foreign part of the start: it is taken out of there. Returns as `add` does.
   */
  claim(entry: JournalEntry): readonly EngineId[] {
    if (!this.#isNetting) return this.#claimPast(entry);
    const before = sizes(this.#book);
    if (entry.holder !== undefined)
      before.set(entry.holder, (before.get(entry.holder) ?? 0) + Number(entry.size));
    const place = this.#entries.findIndex(({ key }) => key === entry.key);
    if (place >= 0) this.#entries[place] = entry;
    else {
      trade(this.#base.foreign, lots(-entry.size), value(-entry.cost), value(-entry.fee));
      count(this.#base, entry);
    }
    this.#replay();
    return this.#changed(before);
  }

  /**
   * Before an account was read twice: whether the book's foreign part stands against what engines hold, and nobody else's execution
   * is known that would say that they took it. A list that was cut short says the same.
   */
  get isTakenUnseen(): boolean {
    const { foreign } = this.#book;
    return (
      !this.#isNetting &&
      foreign.lots * ownLots(this.#book) < 0 &&
      this.#past.every(({ holder }) => holder !== "foreign")
    );
  }

  /** The book was set from a reading: what came before can't be reordered any more. */
  rebase(): void {
    this.#base = copyOf(this.#book);
    if (this.#book.foreign.lots !== this.#foreignSince.foreign.lots) this.#foreignSince = copyOf(this.#book);
    this.#inBase = { ...this.#told.foreign };
    this.#entries = [];
  }

  /**
   * From now on a foreign part that stands against the engines' closes theirs; returns whose share changed. What is
   * known of the past stays as it is underneath: when more of it comes to light, it is shared out anew.
   */
  net(): readonly EngineId[] {
    const before = sizes(this.#book);
    if (!this.#isNetting) {
      this.#netPast();
      this.#netSince();
    }
    this.rebase();
    this.#isNetting = true;
    this.#past.length = 0;
    this.#told = nothing();
    settle(this.#book);
    return this.#changed(before);
  }

  /**
   * What a person traded closed what was held at that moment, not what was bought since: the known past is gone through again, as
   * whoever saw it happen counted it. Only where that explains what is foreign: nothing becomes foreign by it, for what seems to be
   * a person's may be an engine's whose order was not listed, and would lose its stop (I3).
   */
  #netPast(): void {
    const then = nothing();
    for (const entry of this.#past) {
      countPast(then, entry);
      if (entry.holder === "foreign") netOut(then);
    }
    const { shares, foreign } = this.#book;
    const engines = new Set([...shares.keys(), ...then.shares.keys()]);
    const left = lots(foreign.lots + ownLots(this.#book) - ownLots(then));
    if (left * foreign.lots < 0 || Math.abs(left) >= Math.abs(foreign.lots)) return;
    for (const engine of engines)
      Object.assign(shareOf(this.#book, engine), then.shares.get(engine) ?? EMPTY);
    foreign.cost = value(mulDiv(foreign.cost, Math.abs(left), Math.abs(foreign.lots), "nearest"));
    foreign.lots = left;
  }

  /**
   * What is foreign since an earlier reading of the start, and nothing explains, closed what was held by then: entries that were
   * filled since are whole.
   */
  #netSince(): void {
    const { foreign, shares } = this.#book;
    const then = copyOf(this.#foreignSince);
    if (then.foreign.lots !== foreign.lots) return;
    netOut(then);
    const closed = [...this.#foreignSince.shares].map(
      ([engine, share]) => [engine, share.lots - shareOf(then, engine).lots] as const,
    );
    // Whoever has less by now got out by itself: then nobody knows whose it was.
    const isThere = closed.every(([engine, size]) => {
      const now = shares.get(engine)?.lots ?? 0;
      return size === 0 || (now * size > 0 && Math.abs(now) >= Math.abs(size));
    });
    if (!isThere) return;
    for (const [engine, size] of closed) {
      if (size === 0) continue;
      const cost = value(mulDiv(foreign.cost, Math.abs(size), Math.abs(foreign.lots), "nearest"));
      foreign.lots = lots(foreign.lots + size);
      foreign.cost = value(foreign.cost - cost);
      trade(shareOf(this.#book, engine), lots(-size), cost, value(0));
    }
  }

  /**
   * Before netting: what engines hold is told anew from all that they executed, so that a later life finds what the one
   * found that saw it happen. Who gave up lots to an earlier exit was told of that then: only a forced close changes shares.
   */
  #addPast(entry: JournalEntry): readonly EngineId[] {
    const before = sizes(this.#book);
    if (insert(this.#past, entry)) countPast(this.#told, entry);
    else this.#tellAnew();
    this.#replay();
    return entry.holder === undefined ? this.#changed(before) : [];
  }

  /** One that the past has as somebody else's stands in the part that is told, not in the base: it changes hands there. */
  #claimPast(entry: JournalEntry): readonly EngineId[] {
    const place = this.#past.findIndex(({ key }) => key === entry.key);
    if (place < 0) {
      trade(this.#base.foreign, lots(-entry.size), value(-entry.cost), value(-entry.fee));
      return this.#addPast(entry);
    }
    const before = sizes(this.#book);
    this.#past[place] = entry;
    this.#tellAnew();
    this.#replay();
    return entry.holder === undefined ? this.#changed(before) : [];
  }

  #tellAnew(): void {
    this.#told = nothing();
    for (const each of this.#past) countPast(this.#told, each);
  }

  #tellPast(): void {
    const { shares, foreign } = this.#told;
    for (const [engine, share] of shares) Object.assign(shareOf(this.#book, engine), share);
    const more = lots(foreign.lots - this.#inBase.lots);
    if (more === 0) return;
    const source = foreign.lots === 0 ? this.#inBase : foreign;
    const cost = mulDiv(Math.abs(source.cost), Math.abs(more), Math.abs(source.lots), "nearest");
    const sign = Math.sign(source.cost) * Math.sign(source.lots) * Math.sign(more);
    trade(this.#book.foreign, more, value(sign * cost), value(0));
  }

  #apply(holdings: Holdings, entry: JournalEntry): void {
    if (this.#isNetting) payDebts(holdings, entry);
    count(holdings, entry);
    const { holder, mayNet, size } = entry;
    if (!this.#isNetting) return;
    if (mayNet) netOut(holdings);
    else if (holder !== undefined && holder !== "foreign") settleOverClose(holdings, holder, size);
  }

  #replay(): void {
    const { shares, foreign } = this.#book;
    Object.assign(foreign, this.#base.foreign);
    for (const [engine, share] of shares) Object.assign(share, this.#base.shares.get(engine) ?? EMPTY);
    for (const engine of this.#base.shares.keys()) {
      if (!shares.has(engine)) shares.set(engine, { ...(this.#base.shares.get(engine) ?? EMPTY) });
    }
    if (this.#isNetting) settle(this.#book);
    else this.#tellPast();
    for (const entry of this.#entries) this.#apply(this.#book, entry);
  }

  #forget(): void {
    if (this.#entries.length <= KEPT) return;
    const oldest = this.#entries.shift();
    if (oldest === undefined) return;
    if (this.#isNetting) settle(this.#base);
    this.#apply(this.#base, oldest);
  }

  #changed(expected: ReadonlyMap<EngineId, number>): readonly EngineId[] {
    return [...this.#book.shares]
      .filter(([engine, share]) => share.lots !== (expected.get(engine) ?? 0))
      .map(([engine]) => engine)
      .sort();
  }
}

/** What stands against the book's own direction closes: exits that went too far, then what a person traded. */
function settle(holdings: Holdings): void {
  const own = ownLots(holdings);
  for (const [engine, { lots: size }] of [...holdings.shares].sort(([a], [b]) => (a < b ? -1 : 1)))
    if (own === 0 ? size < 0 : size !== 0 && size > 0 !== own > 0) settleOverClose(holdings, engine, size);
  netOut(holdings);
}

/**
 * Before an entry counts: exits that went too far have closed a person's lots, where no engine held them any more. Those
 * are gone, so that what the engine buys now is its own and gets its stop (I3).
 */
function payDebts(holdings: Holdings, { holder, mayNet }: JournalEntry): void {
  if (mayNet && holder !== "foreign") netOut(holdings);
}

/**
 * Counts an execution of the past. An exit that went too far was settled when it happened, as the first life saw it:
 * before the next entry the other engines give up what it closed of theirs, and the rest was a person's.
 */
function countPast(holdings: Holdings, entry: JournalEntry): void {
  const debts = [...holdings.shares].filter(
    ([, share]) =>
      entry.mayNet && entry.holder !== "foreign" && share.lots !== 0 && share.lots > 0 !== entry.size > 0,
  );
  for (const [engine, share] of debts) {
    settleOverClose(holdings, engine, share.lots);
    if (share.lots !== 0) trade(holdings.foreign, share.lots, share.cost, value(0));
    share.lots = lots(0);
    share.cost = value(0);
  }
  count(holdings, entry);
}

/** Adds an execution to its holder, or to all holders. */
function count(holdings: Holdings, { holder, size, cost, fee }: JournalEntry): void {
  if (holder === undefined) spread(holdings, size, cost, fee);
  else trade(holder === "foreign" ? holdings.foreign : shareOf(holdings, holder), size, cost, fee);
}

const nothing = (): Holdings => ({ shares: new Map(), foreign: flat() });

const EMPTY: Position = Object.freeze({ lots: 0, cost: 0, realized: 0, fees: 0, before: 0 }) as Position;

const copyOf = ({ shares, foreign }: Holdings): Holdings => ({
  shares: new Map([...shares].map(([engine, share]) => [engine, { ...share }])),
  foreign: { ...foreign },
});

const sizes = ({ shares }: Holdings): Map<EngineId, number> =>
  new Map([...shares].map(([engine, share]) => [engine, share.lots]));

/** Puts an execution where it belongs; whether that is the end. */
function insert(entries: JournalEntry[], entry: JournalEntry): boolean {
  let place = entries.length;
  while (place > 0 && isLater(entries[place - 1], entry)) place -= 1;
  entries.splice(place, 0, entry);
  return place === entries.length - 1;
}

/** The exchange numbers its executions: of one moment the higher number came later. */
const isLater = (a: JournalEntry | undefined, b: JournalEntry): boolean =>
  a !== undefined &&
  (a.at - b.at || a.tradeId.length - b.tradeId.length || (a.tradeId > b.tradeId ? 1 : -1)) > 0;
