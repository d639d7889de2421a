import type { InstrumentId } from "../core/instrument.ts";
import type { MarkEvent, TopEvent, TradeEvent } from "../core/market-event.ts";
import { type Lots, lots, type Millis, millis, type Rate, type Ticks } from "../core/units.ts";
import type { MarketPoint, MarketSource } from "./market-source.ts";

/** How a real market stands when it is joined. */
interface LiveStart {
  readonly instrument: InstrumentId;
  readonly top: TopEvent;
  readonly mark: MarkEvent;
  /** What the last whole minute traded: the seeded depth follows from it. */
  readonly minuteLots: Lots;
}

/** While nothing happens, a point that changes nothing comes this often, so that news are taken soon after they came. */
const BEAT_MS = 50;
const CANDLE_MS = 60_000;

/**
 * A real market as it happens, for paper trading: the path goes from trade to trade, and where quotes leave the last trade behind,
 * to the quote. So a resting order fills only when somebody really traded beyond its price or offered to.
 */
export class LiveMarket implements MarketSource {
  readonly instruments: readonly InstrumentId[];
  readonly candleMs = CANDLE_MS;
  readonly #queue: {
    readonly at: Millis;
    readonly price: Ticks;
    readonly mark: Ticks;
    readonly size: Lots;
  }[] = [];
  /** The price and mark that the last news led to. */
  #price: Ticks;
  #mark: Ticks;
  #fundingRate: Rate;
  /** Where the venue stands: what was taken last. */
  #at: Millis;
  #standing: { readonly price: Ticks; readonly mark: Ticks };
  #candleOpenAt: number;
  #candleLots = 0;
  #minuteLots: number;
  #isOpen = false;

  constructor({ instrument, top, mark, minuteLots }: LiveStart) {
    this.instruments = [instrument];
    this.#price = top.bid;
    this.#mark = mark.mark;
    this.#fundingRate = mark.fundingRate;
    this.#standing = { price: this.#price, mark: this.#mark };
    this.#at = millis(Math.max(top.at, mark.at));
    this.#candleOpenAt = openOf(this.#at);
    this.#minuteLots = Math.max(1, minuteLots);
  }

  /** Takes news of the real market in; news of another instrument are none of its business. */
  take(event: TopEvent | TradeEvent | MarkEvent): void {
    if (event.instrument !== this.instruments[0]) return;
    switch (event.type) {
      case "top":
        if (this.#price < event.bid) this.#go(event.at, event.bid, lots(0));
        else if (this.#price > event.ask) this.#go(event.at, event.ask, lots(0));
        return;
      case "trade":
        this.#go(event.at, event.price, event.lots);
        return;
      case "mark":
        this.#fundingRate = event.fundingRate;
        if (this.#mark === event.mark) return;
        this.#mark = event.mark;
        this.#go(event.at, this.#price, lots(0));
    }
  }

  nextAt(): Millis | undefined {
    const [news] = this.#queue;
    if (!this.#isOpen) return this.#at;
    // The exchange's clock may run ahead of this machine's: news wait for a beat at most.
    const beat = this.#at + BEAT_MS;
    return millis(Math.max(this.#at, Math.min(beat, news?.at ?? beat)));
  }

  next(): MarketPoint | undefined {
    const at = this.nextAt() ?? this.#at;
    if (this.#isOpen && openOf(at) > this.#candleOpenAt) {
      const closing = this.#point(millis(this.#candleOpenAt + CANDLE_MS - 1), lots(0), true);
      this.#candleOpenAt = openOf(at);
      this.#minuteLots = Math.max(1, this.#candleLots);
      this.#candleLots = 0;
      return closing;
    }
    const news = this.#isOpen ? this.#queue.shift() : undefined;
    this.#isOpen = true;
    this.#at = at;
    if (news !== undefined) this.#standing = news;
    this.#candleLots += news?.size ?? 0;
    return this.#point(at, news?.size ?? lots(0), false);
  }

  /** What the real exchange said last that longs will pay. */
  fundingRate(): Rate {
    return this.#fundingRate;
  }

  #go(at: Millis, price: Ticks, size: Lots): void {
    this.#price = price;
    this.#queue.push({ at, price, mark: this.#mark, size });
  }

  #point(at: Millis, size: Lots, isLast: boolean): MarketPoint {
    return {
      instrument: this.instruments[0] ?? "",
      at,
      price: this.#standing.price,
      mark: this.#standing.mark,
      lots: size,
      candleLots: lots(Math.max(this.#minuteLots, this.#candleLots)),
      candleOpenAt: millis(this.#candleOpenAt),
      candleCloseAt: millis(this.#candleOpenAt + CANDLE_MS - 1),
      isLast,
    };
  }
}

const openOf = (at: number): number => Math.floor(at / CANDLE_MS) * CANDLE_MS;
