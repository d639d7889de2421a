import type { InstrumentId } from "../../src/core/instrument.ts";
import { lots, type Millis, millis, ticks } from "../../src/core/units.ts";
import type { MarketPoint, MarketSource } from "../../src/venue/market-source.ts";

const MINUTE_MS = 60_000;
const STEP_MS = 5_000;

/** Where a market stands, and how widely it sways about that. */
export interface Level {
  /** In ticks. */
  price: number;
  readonly sway: number;
}

/** A market that sways about a level in waves of hours and minutes; a story moves the level. The same story gives the same prices. */
export class CourseMarket implements MarketSource {
  readonly instruments: readonly InstrumentId[];
  readonly candleMs = MINUTE_MS;
  readonly levels: ReadonlyMap<InstrumentId, Level>;
  #at: number;
  #turn = 0;

  constructor(startAt: number, levels: Readonly<Record<InstrumentId, Level>>) {
    this.#at = startAt;
    this.levels = new Map(Object.entries(levels));
    this.instruments = [...this.levels.keys()];
  }

  nextAt(): Millis {
    return millis(this.#at);
  }

  next(): MarketPoint {
    const instrument = this.instruments[this.#turn] ?? "";
    const at = this.#at;
    this.#turn = (this.#turn + 1) % this.instruments.length;
    if (this.#turn === 0) this.#at += STEP_MS;
    const openAt = Math.floor(at / MINUTE_MS) * MINUTE_MS;
    return {
      instrument,
      at: millis(at),
      price: ticks(this.#price(instrument, at)),
      lots: lots(5_000),
      candleLots: lots(500_000),
      candleOpenAt: millis(openAt),
      candleCloseAt: millis(openAt + MINUTE_MS - 1),
      isLast: at + STEP_MS >= openAt + MINUTE_MS,
    };
  }

  #price(instrument: InstrumentId, at: number): number {
    const { price, sway } = this.levels.get(instrument) ?? { price: 1, sway: 0 };
    const wave = (minutes: number): number => Math.sin((2 * Math.PI * at) / (minutes * MINUTE_MS));
    const part = 0.55 * wave(310) + 0.25 * wave(97) + 0.14 * wave(23) + 0.06 * wave(3.7);
    return Math.round(price * (1 + sway * part));
  }
}
