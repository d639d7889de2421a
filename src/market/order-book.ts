import type { Lots, Ticks } from "../core/units.ts";

/** One price with what rests there; zero lots in a change removes the level. */
export type BookLevel = readonly [Ticks, Lots];

/** A whole book as a REST snapshot tells it. */
export interface BookSnapshot {
  readonly lastUpdateId: number;
  readonly bids: readonly BookLevel[];
  readonly asks: readonly BookLevel[];
}

/** A change of a book: covers the update ids from `firstUpdateId` to `lastUpdateId`, follows `previousUpdateId`. */
export interface BookChange {
  readonly firstUpdateId: number;
  readonly lastUpdateId: number;
  readonly previousUpdateId: number;
  readonly bids: readonly BookLevel[];
  readonly asks: readonly BookLevel[];
}

/**
 * What became of a change: it counts, it is older than the book, it waits for a snapshot, or one before it is missing:
 * then the book is empty and a snapshot younger than what was held is needed.
 */
export type BookAnswer = "applied" | "stale" | "held" | "gap";

/** Changes held for a snapshot that does not come are bounded: ten seconds at the fastest stream. */
const HELD_MOST = 4_000;

/** Levels of one side, the best last: most changes are near it, and the end of an array is cheap to change. */
class BookSide {
  readonly prices: number[] = [];
  readonly lots: number[] = [];
  readonly #sign: 1 | -1;

  /** +1 for bids (the best is the highest), -1 for asks. */
  constructor(sign: 1 | -1) {
    this.#sign = sign;
  }

  clear(): void {
    this.prices.length = 0;
    this.lots.length = 0;
  }

  set(price: number, count: number): void {
    const at = this.#find(price);
    const isThere = this.prices[at] === price;
    if (count === 0) {
      if (!isThere) return;
      this.prices.splice(at, 1);
      this.lots.splice(at, 1);
    } else if (isThere) this.lots[at] = count;
    else if (at === this.prices.length) {
      this.prices.push(price);
      this.lots.push(count);
    } else {
      this.prices.splice(at, 0, price);
      this.lots.splice(at, 0, count);
    }
  }

  best(count: number): readonly BookLevel[] {
    const found: BookLevel[] = [];
    for (let at = this.prices.length - 1; at >= 0 && found.length < count; at -= 1) {
      found.push([this.prices[at] as Ticks, this.lots[at] as Lots]);
    }
    return found;
  }

  /** The first index whose price is as good or better. */
  #find(price: number): number {
    let low = 0;
    let high = this.prices.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (((this.prices[middle] ?? 0) - price) * this.#sign < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/**
 * A book kept from a snapshot and a stream of changes, by Binance's rules: changes are held until the snapshot, the
 * first one that counts covers its id, and each must follow the one before. A book with a gap shows nothing rather
 * than something old. @see Binance USDT-M "How to manage a local order book correctly"
 */
export class OrderBook {
  readonly #bids = new BookSide(1);
  readonly #asks = new BookSide(-1);
  readonly #held: BookChange[] = [];
  #lastUpdateId: number | undefined;
  #isFirst = true;

  /** The id up to which the book is known; undefined while it waits for a snapshot. */
  get lastUpdateId(): number | undefined {
    return this.#lastUpdateId;
  }

  /** Takes a snapshot and the held changes that follow it. "gap": the snapshot is older than what is held. */
  snapshot(told: BookSnapshot): BookAnswer {
    this.#bids.clear();
    this.#asks.clear();
    for (const [price, count] of told.bids) this.#bids.set(price, count);
    for (const [price, count] of told.asks) this.#asks.set(price, count);
    this.#lastUpdateId = told.lastUpdateId;
    this.#isFirst = true;
    const held = this.#held.splice(0);
    for (const change of held) if (this.change(change) === "gap") return "gap";
    return "applied";
  }

  /** Takes a change of the stream. After "gap" the book is empty until the next snapshot. */
  change(told: BookChange): BookAnswer {
    const known = this.#lastUpdateId;
    if (known === undefined) {
      if (this.#held.length >= HELD_MOST) this.#held.shift();
      this.#held.push(told);
      return "held";
    }
    if (told.lastUpdateId < known) return "stale";
    const follows = this.#isFirst
      ? told.firstUpdateId <= known + 1 || told.previousUpdateId === known
      : told.previousUpdateId === known;
    if (!follows) {
      this.#lose(told);
      return "gap";
    }
    for (const [price, count] of told.bids) this.#bids.set(price, count);
    for (const [price, count] of told.asks) this.#asks.set(price, count);
    this.#lastUpdateId = told.lastUpdateId;
    this.#isFirst = false;
    return "applied";
  }

  /** The best `count` bids, best first. */
  bids(count: number): readonly BookLevel[] {
    return this.#bids.best(count);
  }

  /** The best `count` asks, best first. */
  asks(count: number): readonly BookLevel[] {
    return this.#asks.best(count);
  }

  /** What came after a hole is held: the next snapshot may reach it. */
  #lose(told: BookChange): void {
    this.#bids.clear();
    this.#asks.clear();
    this.#lastUpdateId = undefined;
    this.#held.push(told);
  }
}
