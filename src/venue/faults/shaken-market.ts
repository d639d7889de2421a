import type { InstrumentId } from "../../core/instrument.ts";
import { type Millis, type Rate, type Ticks, ticks } from "../../core/units.ts";
import type { MarketPoint, MarketSource } from "../market-source.ts";

interface Shock {
  readonly percent: number;
  readonly from: number;
  readonly fadeMs: number;
}

/** Any market, whose prices can be made to jump: a shock moves all later points of its instrument, and fades. */
export class ShakenMarket implements MarketSource {
  readonly instruments: readonly InstrumentId[];
  readonly candleMs: number;
  readonly #source: MarketSource;
  readonly #shocks = new Map<InstrumentId, readonly Shock[]>();

  constructor(source: MarketSource) {
    this.#source = source;
    this.instruments = source.instruments;
    this.candleMs = source.candleMs;
  }

  /**
   * Moves an instrument's price by percent (above -100) at its next point; the move fades over `fadeMs` of market time, or
   * stays when that is 0. False for an instrument that this market doesn't have, and once it ended.
   */
  shock(instrument: InstrumentId, percent: number, fadeMs: number): boolean {
    const from = this.nextAt();
    if (from === undefined || !this.instruments.includes(instrument)) return false;
    const lasting = (this.#shocks.get(instrument) ?? []).filter((shock) => partLeft(shock, from) > 0);
    this.#shocks.set(instrument, [...lasting, { percent, from, fadeMs }]);
    return true;
  }

  nextAt(): Millis | undefined {
    return this.#source.nextAt();
  }

  next(): MarketPoint | undefined {
    const point = this.#source.next();
    const shocks = point && this.#shocks.get(point.instrument);
    if (point === undefined || shocks === undefined) return point;
    const factor = shocks.reduce(
      (all, shock) => all * (1 + (shock.percent / 100) * partLeft(shock, point.at)),
      1,
    );
    const { mark, price } = point;
    return {
      ...point,
      price: moved(price, factor),
      ...(mark === undefined ? {} : { mark: moved(mark, factor) }),
    };
  }

  fundingRate(instrument: InstrumentId, at: Millis): Rate | undefined {
    return this.#source.fundingRate?.(instrument, at);
  }
}

const moved = (price: Ticks, factor: number): Ticks => ticks(Math.max(1, Math.round(price * factor)));

const partLeft = ({ from, fadeMs }: Shock, at: number): number =>
  fadeMs === 0 ? 1 : Math.max(0, 1 - Math.max(0, at - from) / fadeMs);
