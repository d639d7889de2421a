import { type Instrument, type InstrumentId, profit } from "../core/instrument.ts";
import { type Lots, type Millis, type Ticks, type Value, value } from "../core/units.ts";
import type { VenueBalance, VenueCandle, VenuePosition } from "../venue/exchange.ts";

/** The account at the close of a candle. */
export interface Sample {
  readonly at: Millis;
  readonly equity: Value;
  /** Of the candle that closed, in ticks. */
  readonly price: Ticks;
  readonly high: Ticks;
  readonly low: Ticks;
  /** Part of its purse that the engine uses then; 1 is all of it. */
  readonly marginUse: number;
}

interface Held {
  readonly instrument: Instrument;
  readonly lots: Lots;
  readonly cost: Value;
  unrealized: number;
}

const DAY_MS = 86_400_000;

/** Follows the account's equity along the market's path: its worst fall, its days, and one sample a candle. */
export class Course {
  readonly samples: Sample[] = [];
  /** Equity at the start and at the end of every whole 24 hours since. */
  readonly days: Value[] = [];
  /** Largest fall from a peak, as a part of that peak. */
  drawdownMax = 0;
  readonly #instruments: ReadonlyMap<InstrumentId, Instrument>;
  #held: Held[] = [];
  #wallet = 0;
  #equity = 0;
  #peak = 0;
  #nextDayAt: number;

  constructor(instruments: ReadonlyMap<InstrumentId, Instrument>, at: Millis, balance: VenueBalance) {
    this.#instruments = instruments;
    this.#wallet = balance.wallet;
    this.#equity = balance.wallet;
    this.#peak = balance.wallet;
    this.#nextDayAt = at + DAY_MS;
    this.days.push(balance.wallet);
  }

  get equity(): Value {
    return value(this.#equity);
  }

  /** The wallet or what is held has changed. */
  hold(balance: VenueBalance, positions: readonly VenuePosition[]): void {
    this.#wallet = balance.wallet;
    this.#held = positions.flatMap(({ instrument: id, lots, cost, mark }): readonly Held[] => {
      const instrument = this.#instruments.get(id);
      if (instrument === undefined || lots === 0) return [];
      return [{ instrument, lots, cost, unrealized: profit(instrument, cost, lots, mark) }];
    });
    this.#count();
  }

  /** The mark price of an instrument moved. Days that ended before it are closed with the equity before it. */
  mark(id: InstrumentId, mark: Ticks, at: Millis): void {
    while (at >= this.#nextDayAt) {
      this.days.push(value(this.#equity));
      this.#nextDayAt += DAY_MS;
    }
    let isHeld = false;
    for (const held of this.#held) {
      if (held.instrument.id !== id) continue;
      held.unrealized = profit(held.instrument, held.cost, held.lots, mark);
      isHeld = true;
    }
    if (isHeld) this.#count();
  }

  /** A candle closed. */
  close(at: Millis, { close: price, high, low }: VenueCandle, marginUse: number): void {
    this.samples.push({ at, equity: value(this.#equity), price, high, low, marginUse });
  }

  #count(): void {
    let sum = this.#wallet;
    for (const { unrealized } of this.#held) sum += unrealized;
    this.#equity = sum;
    if (sum > this.#peak) this.#peak = sum;
    else this.drawdownMax = Math.max(this.drawdownMax, 1 - sum / this.#peak);
  }
}
