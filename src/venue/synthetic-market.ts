import type { Instrument } from "../core/instrument.ts";
import { type Random, seeded } from "../core/random.ts";
import { lots, type Millis, millis, rate, type Ticks, ticks } from "../core/units.ts";
import { type MarketPoint, type MarketSource, mergedMarket } from "./market-source.ts";

/** Market time at which a synthetic market opens: 2025-01-01T00:00:00Z. */
export const SYNTHETIC_START = millis(1_735_689_600_000);

const CANDLE_MS = 60_000;
/** Points in a one-minute candle, five seconds apart; the last one stands on its last millisecond. */
const SUBSTEPS = 12;
const SUBSTEP_MS = CANDLE_MS / SUBSTEPS;

/** Opening prices in quote by base asset; others open at 100. */
const START_PRICES: Readonly<Record<string, number>> = { BTC: 60_000, ETH: 3_000, SOL: 150 };
/** Quote that a quiet minute trades. */
const MINUTE_NOTIONAL = 1_500_000;

/** The oscillator: a period of about 8 minutes (96 substeps), damped, driven to a standard deviation near 0.35 %. */
const PULL = 0.00428;
const DAMPING = 0.02;
const KICK = 0.000046;
/** Noise of single prices. */
const FLUTTER = 0.00006;

/** What the market is doing; `drift` is the relative move of its centre per substep. */
interface Regime {
  readonly kind: "range" | "trend" | "crash" | "rebound";
  readonly drift: number;
  readonly substeps: number;
}

/** A seeded market without end, e.g. `synthetic:3`. */
interface SyntheticSetup {
  readonly seed: number;
  readonly instruments: readonly Instrument[];
  readonly startAt?: Millis;
}

/**
 * An endless market with regimes. It ranges for two thirds of the time and always at first (90 minutes): prices swing
 * around a centre with a period of about eight minutes and a deviation of 0.35 %. Trends move the centre by 0.5 % to 2 % in
 * 30 to 90 minutes, more often back towards the opening price than away from it. Now and then the centre crashes by 4 % to 10 % within 5 to 15
 * minutes and then takes back about half of it. Only sums and products are used, so every machine gets the same prices.
 */
export function syntheticMarket(setup: SyntheticSetup): MarketSource {
  return mergedMarket(
    setup.instruments.map((instrument) =>
      oneMarket(instrument, setup.seed, setup.startAt ?? SYNTHETIC_START),
    ),
  );
}

function oneMarket(instrument: Instrument, seed: number, startAt: Millis): MarketSource {
  const chance = seeded(seed, `synthetic ${instrument.id}`);
  const fundingChance = (at: Millis): Random => seeded(seed, `funding ${instrument.id} ${at}`);
  const scale = 10 ** instrument.tick.decimals / instrument.tick.units;
  const start = (START_PRICES[instrument.base] ?? 100) * scale;
  let centre = start;
  let offset = 0;
  let speed = 0;
  let regime: Regime = { kind: "range", drift: 0, substeps: 90 * SUBSTEPS };
  let left = regime.substeps;
  let step = 0;
  let candleLots = 0;

  const timeOf = (count: number): Millis => {
    const openAt = startAt + Math.floor(count / SUBSTEPS) * CANDLE_MS;
    const within = count % SUBSTEPS;
    return millis(within === SUBSTEPS - 1 ? openAt + CANDLE_MS - 1 : openAt + within * SUBSTEP_MS);
  };
  const move = (): Ticks => {
    if (left === 0) {
      regime = nextRegime(chance, regime, centre / start);
      left = regime.substeps;
    }
    left -= 1;
    centre *= 1 + regime.drift;
    speed += -PULL * offset - DAMPING * speed + KICK * bell(chance);
    offset += speed;
    return ticks(Math.max(1, Math.round(centre * (1 + offset + FLUTTER * bell(chance)))));
  };
  return {
    instruments: [instrument.id],
    candleMs: CANDLE_MS,
    nextAt: () => timeOf(step),
    next: (): MarketPoint => {
      const at = timeOf(step);
      const within = step % SUBSTEPS;
      const price = step === 0 ? ticks(Math.round(start)) : move();
      if (within === 0) candleLots = minuteLots(instrument, chance, regime, price);
      const openAt = startAt + Math.floor(step / SUBSTEPS) * CANDLE_MS;
      const part = Math.floor(candleLots / SUBSTEPS);
      step += 1;
      return {
        instrument: instrument.id,
        at,
        price,
        lots: lots(within === SUBSTEPS - 1 ? candleLots - (SUBSTEPS - 1) * part : part),
        candleLots: lots(candleLots),
        candleOpenAt: millis(openAt),
        candleCloseAt: millis(openAt + CANDLE_MS - 1),
        isLast: within === SUBSTEPS - 1,
      };
    },
    // Between -0.01 % and 0.03 %, around Binance's usual 0.01 %.
    fundingRate: (_, at) => rate(10_000 + Math.round(10_000 * bell(fundingChance(at)))),
  };
}

/** Nearly a normal distribution of deviation 1, within -3.5 and 3.5: a sum of four even chances. */
function bell(chance: Random): number {
  return (chance.unit() + chance.unit() + chance.unit() + chance.unit() - 2) * 1.7320508;
}

/** `level`: the centre as a part of the opening price. */
function nextRegime(chance: Random, now: Regime, level: number): Regime {
  if (now.kind === "crash") {
    const substeps = (20 + chance.below(40)) * SUBSTEPS;
    return { kind: "rebound", drift: (-now.drift * now.substeps * 0.5) / substeps, substeps };
  }
  const throwOf = chance.below(100);
  if (now.kind !== "range" || throwOf < 40) {
    return { kind: "range", drift: 0, substeps: (60 + chance.below(120)) * SUBSTEPS };
  }
  if (throwOf < 92) {
    const substeps = (30 + chance.below(60)) * SUBSTEPS;
    const isHigh = level > 1;
    const goesBack = chance.below(100) < (Math.abs(level - 1) > 0.05 ? 85 : 55);
    const size = 0.005 + 0.015 * chance.unit();
    return { kind: "trend", drift: ((isHigh === goesBack ? -1 : 1) * size) / substeps, substeps };
  }
  const substeps = (5 + chance.below(10)) * SUBSTEPS;
  return { kind: "crash", drift: -(0.04 + 0.06 * chance.unit()) / substeps, substeps };
}

function minuteLots(instrument: Instrument, chance: Random, regime: Regime, price: Ticks): number {
  const busy = regime.kind === "crash" ? 6 : regime.kind === "range" ? 1 : 2;
  const notional = MINUTE_NOTIONAL * busy * (0.5 + chance.unit());
  const one = instrument.kind === "inverse" ? instrument.unit : price * instrument.unit;
  return Math.max(SUBSTEPS, Math.round((notional * 1e8) / one));
}
