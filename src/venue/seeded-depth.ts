import type { Instrument } from "../core/instrument.ts";
import { type Lots, lots, type Side, type Ticks, ticks } from "../core/units.ts";
import type { DepthLevel } from "./exchange.ts";

/** How the market's own liquidity follows from a candle's volume. */
export interface DepthShape {
  /** Price levels on each side, one tick apart. */
  readonly levels: number;
  /** A level's mean size as a part of the candle's volume, in 1e-6: 20,000 is 2 %. */
  readonly levelSharePpm: number;
  /** Each level further out is larger by this part of the first one, in percent. */
  readonly growthPercent: number;
  /** The spread is one tick from this candle notional (quote, whole units) and a tick wider each time it halves. */
  readonly tightNotional: number;
  readonly spreadMax: number;
}

/** 40 levels of 2 % of the candle's volume each, 5 % larger per tick outward; one tick of spread from 250,000 a candle. */
export const DEPTH_SHAPE: DepthShape = {
  levels: 40,
  levelSharePpm: 20_000,
  growthPercent: 5,
  tightNotional: 250_000,
  spreadMax: 8,
};

/**
 * The market's own orders around the path's price: sizes are a hash of seed, step and price, so nothing is stored but what
 * clients took away in this step. `sell` liquidity is what a buyer meets, and the other way round.
 */
export class SeededDepth {
  readonly #instrument: Instrument;
  readonly #shape: DepthShape;
  readonly #seed: number;
  readonly #taken = new Map<number, number>();
  #step = 0;
  #spread = 1;
  #base = 1;
  #candleLots = -1;
  #bid = ticks(0);
  #ask = ticks(0);
  #priceStep = 1;
  #lotStep = 1;
  #centerPrice = ticks(0);
  #isRising = false;

  constructor(instrument: Instrument, seed: number, shape: DepthShape) {
    this.#instrument = instrument;
    this.#shape = shape;
    this.#seed = seed | 0;
  }

  get bid(): Ticks {
    return this.#bid;
  }

  get ask(): Ticks {
    return this.#ask;
  }

  /** How far apart its levels are, in ticks. */
  get priceStep(): number {
    return this.#priceStep;
  }

  /** The first price beyond its orders of a side. */
  endOf(side: Side): number {
    const reach = this.#shape.levels * this.#priceStep;
    return side === "sell" ? this.#ask + reach : this.#bid - reach;
  }

  /** A coarser tick or lot: its prices and sizes are multiples of these from now on. */
  setSteps(priceStep: number, lotStep: number): void {
    this.#priceStep = priceStep;
    this.#lotStep = lotStep;
    this.center(this.#centerPrice, this.#isRising);
  }

  /** The first price of the orders' raster at or beyond `price`, away from the market. */
  rasterFrom(side: Side, price: number): Ticks {
    const steps = price / this.#priceStep;
    return ((side === "sell" ? Math.ceil(steps) : Math.floor(steps)) * this.#priceStep) as Ticks;
  }

  /** A new step: everything that was taken is there again, sized by the candle's volume. */
  renew(candleLots: Lots, price: Ticks): void {
    this.#step = (this.#step + 1) | 0;
    if (this.#taken.size > 0) this.#taken.clear();
    if (candleLots === this.#candleLots) return;
    this.#candleLots = candleLots;
    const share = Math.floor((candleLots * this.#shape.levelSharePpm) / 1_000_000);
    this.#base = Math.max(this.#instrument.lotsMin, share);
    const { kind, unit } = this.#instrument;
    const notional = (candleLots * (kind === "inverse" ? unit : price * unit)) / 1e8;
    let spread = 1;
    let least = this.#shape.tightNotional;
    while (notional < least && spread < this.#shape.spreadMax) {
      least /= 2;
      spread += 1;
    }
    this.#spread = spread;
  }

  /** Puts the best prices around a trade at `price`: a rise trades at the ask, a fall at the bid. */
  center(price: Ticks, isRising: boolean): void {
    this.#centerPrice = price;
    this.#isRising = isRising;
    const spread = this.#spread * this.#priceStep;
    if (isRising) {
      this.#ask = this.rasterFrom("sell", price);
      this.#bid = (this.#ask - spread) as Ticks;
    } else {
      this.#bid = this.rasterFrom("buy", price);
      this.#ask = (this.#bid + spread) as Ticks;
    }
  }

  /** What is left of the market's own orders of `side` at `price`. */
  left(side: Side, price: Ticks): Lots {
    if (price <= 0) return lots(0);
    const away = (side === "sell" ? price - this.#ask : this.#bid - price) / this.#priceStep;
    const levels = Math.min(Math.max(away, 0), this.#shape.levels);
    const grown = this.#base * (100 + this.#shape.growthPercent * levels);
    // Between half and one and a half times the mean.
    const size = Math.floor((grown * (512 + (this.#chance(side, price) & 1023))) / 102_400);
    const taken = this.#taken.size > 0 ? (this.#taken.get(key(side, price)) ?? 0) : 0;
    const whole = Math.max(this.#instrument.lotsMin, size);
    return lots(Math.max(0, this.#rounded(whole) - taken));
  }

  /** Takes lots away for the rest of this step. */
  take(side: Side, price: Ticks, count: Lots): void {
    const at = key(side, price);
    this.#taken.set(at, (this.#taken.get(at) ?? 0) + count);
  }

  /** The market's own levels of a side, best first, from `from` on; empty ones left out. */
  *walk(side: Side, from: Ticks): Generator<DepthLevel, void, void> {
    const by = side === "sell" ? this.#priceStep : -this.#priceStep;
    for (let level = this.first(side, from); level !== undefined; ) {
      yield level;
      level = this.first(side, (level.price + by) as Ticks);
    }
  }

  /** The best of them. */
  first(side: Side, from: Ticks): DepthLevel | undefined {
    const best = this.rasterFrom(
      side,
      side === "sell" ? Math.max(this.#ask, from) : Math.min(this.#bid, from),
    );
    const last = this.endOf(side);
    const by = side === "sell" ? this.#priceStep : -this.#priceStep;
    for (let price: number = best; (last - price) * by > 0 && price > 0; price += by) {
      const size = this.left(side, price as Ticks);
      if (size > 0) return { price: price as Ticks, lots: size };
    }
    return undefined;
  }

  /** At least one whole step of lots. */
  #rounded(size: number): number {
    const step = this.#lotStep;
    return step === 1 ? size : Math.max(step, size - (size % step));
  }

  #chance(side: Side, price: Ticks): number {
    let h = Math.imul(this.#seed ^ Math.imul(this.#step, 0x9e3779b1), 0x85ebca6b);
    h = Math.imul(h ^ (h >>> 15) ^ price ^ (side === "sell" ? 0x5bd1e995 : 0), 0xc2b2ae35);
    h = Math.imul(h ^ (h >>> 13), 0x27d4eb2f);
    return (h ^ (h >>> 16)) >>> 0;
  }
}

const key = (side: Side, price: Ticks): number => price * 2 + (side === "sell" ? 1 : 0);
