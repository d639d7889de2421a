import type { InstrumentId } from "../../../src/core/instrument.ts";
import { type Lots, lots, type Millis, millis, type Ticks, ticks } from "../../../src/core/units.ts";
import type { MarketPoint, MarketSource } from "../../../src/venue/market-source.ts";

const MINUTE = 60_000;

/** A market whose prices a test sets by hand: a point a second for each instrument, at the price that was set last. */
export class HandMarket implements MarketSource {
  readonly instruments: readonly InstrumentId[];
  readonly candleMs = MINUTE;
  readonly #prices: Map<InstrumentId, Ticks>;
  #at: number;
  #turn = 0;

  constructor(startAt: number, prices: Readonly<Record<InstrumentId, number>>) {
    this.#at = startAt;
    this.#prices = new Map(Object.entries(prices).map(([id, price]) => [id, ticks(price)]));
    this.instruments = [...this.#prices.keys()];
  }

  set(instrument: InstrumentId, price: Ticks): void {
    this.#prices.set(instrument, price);
  }

  nextAt(): Millis {
    return millis(this.#at);
  }

  next(): MarketPoint {
    const instrument = this.instruments[this.#turn] ?? "";
    const at = this.#at;
    this.#turn = (this.#turn + 1) % this.instruments.length;
    if (this.#turn === 0) this.#at += 1_000;
    const openAt = Math.floor(at / MINUTE) * MINUTE;
    return {
      instrument,
      at: millis(at),
      price: this.#prices.get(instrument) ?? ticks(1),
      lots: 5_000 as Lots,
      candleLots: lots(500_000),
      candleOpenAt: millis(openAt),
      candleCloseAt: millis(openAt + MINUTE - 1),
      isLast: at + 1_000 >= openAt + MINUTE,
    };
  }
}
