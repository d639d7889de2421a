import type { Instrument, InstrumentId } from "../../src/core/instrument.ts";
import type { Random } from "../../src/core/random.ts";
import { type Millis, millis, type Ticks, ticks } from "../../src/core/units.ts";
import type { MarketPoint, MarketSource } from "../../src/venue/market-source.ts";
import { SYNTHETIC_START, syntheticMarket } from "../../src/venue/synthetic-market.ts";

const MINUTE_MS = 60_000;

/** A move of the whole market: it goes to `size` (relative) in `rampMs` and fades in `fadeMs`, market time. */
export interface Jolt {
  readonly instrument: InstrumentId;
  readonly at: number;
  readonly size: number;
  readonly rampMs: number;
  readonly fadeMs: number;
}

/** What a simulated market is made of. */
export interface LivelySetup {
  readonly seed: number;
  readonly instruments: readonly Instrument[];
  readonly startAt: Millis;
  /** Minutes of the synthetic market that are skipped: trends and crashes begin after its first hours. */
  readonly skipMinutes: number;
  readonly jolts: readonly Jolt[];
}

/** A synthetic market, entered somewhere in its life, with jolts on top. Jolts may be added while it runs. */
export function livelyMarket(setup: LivelySetup): { readonly source: MarketSource; jolt(jolt: Jolt): void } {
  const jolts: Jolt[] = [...setup.jolts];
  const openedAt = millis(setup.startAt - setup.skipMinutes * MINUTE_MS);
  const inner = syntheticMarket({ seed: setup.seed, instruments: setup.instruments, startAt: openedAt });
  while ((inner.nextAt() ?? setup.startAt) < setup.startAt) inner.next();
  const joltOf = (instrument: InstrumentId, at: number): number =>
    jolts.reduce((sum, jolt) => (jolt.instrument === instrument ? sum + heightOf(jolt, at) : sum), 0);
  const source: MarketSource = {
    instruments: inner.instruments,
    candleMs: inner.candleMs,
    nextAt: () => inner.nextAt(),
    next: (): MarketPoint | undefined => {
      const point = inner.next();
      if (point === undefined) return undefined;
      const factor = 1 + joltOf(point.instrument, point.at);
      return factor === 1 ? point : { ...point, price: scaled(point.price, factor) };
    },
    fundingRate: (instrument, at) => inner.fundingRate?.(instrument, at),
  };
  return { source, jolt: (jolt) => jolts.push(jolt) };
}

function heightOf({ at, size, rampMs, fadeMs }: Jolt, now: number): number {
  const since = now - at;
  if (since <= 0) return 0;
  if (since < rampMs) return (size * since) / rampMs;
  const fading = since - rampMs;
  return fadeMs === 0 ? size : fading >= fadeMs ? 0 : size * (1 - fading / fadeMs);
}

const scaled = (price: Ticks, factor: number): Ticks => ticks(Math.max(1, Math.round(price * factor)));

/** A market time to begin at: half of them shortly before funding is paid (every eight hours). */
export function someStart(chance: Random): Millis {
  const day = chance.below(300) * 24 * 60;
  const minute = chance.below(2) === 0 ? 8 * 60 - 10 - chance.below(40) : chance.below(24 * 60);
  return millis(SYNTHETIC_START + (day + minute) * MINUTE_MS);
}
