import type { Instrument } from "../../core/instrument.ts";
import type { DepthEvent, TopEvent } from "../../core/market-event.ts";
import type { Step } from "../../core/text.ts";
import { type Millis, millis, type Ticks, ticks } from "../../core/units.ts";
import { type BookLevel, OrderBook } from "../../market/order-book.ts";
import { object, type Payload, PayloadError, text, whole } from "../binance/fields.ts";
import { type BookSideName, levels, merged } from "../quotes.ts";
import { partOf } from "../steps.ts";

/** Levels of a depth event; the topic follows fifty. */
const DEPTH_SHOWN = 20;
/**
 * Changes name their level by its price: books are kept a thousand times finer than our tick, so that prices from before
 * it was changed stay levels of their own.
 */
const FINER = 1_000;

/** What a book message came to: an event, nothing new, or a hole that only a fresh subscription mends. */
export type BookNews = TopEvent | DepthEvent | "nothing" | "gap";

/** Keeps the books of the topics `orderbook.1.SYMBOL` and `orderbook.50.SYMBOL` from snapshots and changes. */
export class MarketBooks {
  readonly #venue: string;
  readonly #instruments: ReadonlyMap<string, Instrument>;
  readonly #books = new Map<string, OrderBook>();
  readonly #fineTicks = new Map<string, Step>();

  constructor(venue: string, instruments: ReadonlyMap<string, Instrument>) {
    this.#venue = venue;
    this.#instruments = instruments;
  }

  /** Forgets everything: the socket broke. */
  clear(): void {
    this.#books.clear();
  }

  #fineTick({ id, tick }: Instrument): Step {
    const known = this.#fineTicks.get(id) ?? partOf(tick, FINER);
    this.#fineTicks.set(id, known);
    return known;
  }

  /** Takes a message of a book topic. Throws `PayloadError` when it can't be read. */
  take(raw: Payload, wallAt: Millis): BookNews {
    const topic = text(raw, "topic");
    const told = object(raw["data"], "data");
    const instrument = this.#instruments.get(text(told, "s"));
    if (instrument === undefined) return "nothing";
    const book = this.#books.get(topic) ?? new OrderBook();
    this.#books.set(topic, book);
    const update = whole(told, "u");
    const steps = { tick: this.#fineTick(instrument), lot: instrument.lot };
    const sides = { bids: levels(told["b"], "bids", steps), asks: levels(told["a"], "asks", steps) };
    const kind = text(raw, "type");
    if (kind === "snapshot") {
      if (book.snapshot({ lastUpdateId: update, ...sides }) === "gap") return "gap";
    } else if (kind === "delta") {
      // A doubled or late message; the ids of a topic count up by one.
      if (book.lastUpdateId !== undefined && update <= book.lastUpdateId) return "nothing";
      const ids = { firstUpdateId: update, lastUpdateId: update, previousUpdateId: update - 1 };
      const answer = book.change({ ...ids, ...sides });
      if (answer === "gap") return "gap";
      if (answer !== "applied") return "nothing";
    } else throw new PayloadError(`a book message is of the unknown type "${kind}"`);
    const of = { venue: this.#venue, instrument: instrument.id, at: millis(whole(raw, "ts")), wallAt };
    return topic.startsWith("orderbook.1.") ? topOf(book, of) : depthOf(book, of);
  }
}

/** The best levels of a side in our own ticks, bids down and asks up. */
function best(book: OrderBook, side: BookSideName, count: number): readonly BookLevel[] {
  const whole = (fine: Ticks): Ticks =>
    ticks(side === "bids" ? Math.floor(fine / FINER) : Math.ceil(fine / FINER));
  return merged(book[side](count).map(([price, size]) => [whole(price), size] as const));
}

type Of = Pick<TopEvent, "venue" | "instrument" | "at" | "wallAt">;

function topOf(book: OrderBook, of: Of): BookNews {
  const [bid] = best(book, "bids", 1);
  const [ask] = best(book, "asks", 1);
  if (bid === undefined || ask === undefined) return "nothing";
  if (bid[0] >= ask[0]) return "gap";
  return { type: "top", ...of, bid: bid[0], bidLots: bid[1], ask: ask[0], askLots: ask[1] };
}

function depthOf(book: OrderBook, of: Of): BookNews {
  const [bids, asks] = [best(book, "bids", DEPTH_SHOWN), best(book, "asks", DEPTH_SHOWN)];
  const [bid, ask] = [bids[0], asks[0]];
  if (bid !== undefined && ask !== undefined && bid[0] >= ask[0]) return "gap";
  return { type: "depth", ...of, bids, asks };
}
