import type { Instrument } from "../core/instrument.ts";
import { invariant } from "../core/invariant.ts";
import { type Lots, lots, type Millis, millis, ONE, type Rate, type Ticks, ticks } from "../core/units.ts";
import type { FileCandle } from "./candle-file.ts";
import type { MarketPoint, MarketSource } from "./market-source.ts";

/** A funding rate that holds at one funding time. */
interface FundingLine {
  readonly at: Millis;
  readonly rate: Rate;
}

/** What `candleMarket` walks. */
interface CandleMarketSetup {
  readonly instrument: Instrument;
  readonly candles: readonly FileCandle[];
  readonly candleMs: number;
  /** Rates by time, oldest first; the newest at or before a funding time (give or take a second) holds. */
  readonly funding?: readonly FundingLine[];
}

/** Exchanges stamp their funding lines a few milliseconds late. */
const FUNDING_JITTER_MS = 1000;

/**
 * A market from candles: each is walked open (at its open time), the extreme nearer to the open (after a third), the
 * other extreme (two thirds), close (its last millisecond); at equal distance the low comes first. Prices that are
 * not on the tick go to the nearest. The volume is traded in four equal parts, the rest with the close.
 */
export function candleMarket(setup: CandleMarketSetup): MarketSource {
  const { instrument, candles, candleMs } = setup;
  invariant(candles.length > 0, "a candle market has candles");
  let at = 0;
  let corner = 0;
  let path = pathOf(instrument, candles[0], candleMs);
  return {
    instruments: [instrument.id],
    candleMs,
    nextAt: () => path?.[corner]?.at,
    next: () => {
      const point = path?.[corner];
      if (point === undefined) return undefined;
      corner += 1;
      if (corner === 4) {
        at += 1;
        corner = 0;
        path = pathOf(instrument, candles[at], candleMs);
      }
      return point;
    },
    fundingRate: (_, when) => setup.funding?.findLast((line) => line.at <= when + FUNDING_JITTER_MS)?.rate,
  };
}

/** The four points of a candle. */
function pathOf(
  instrument: Instrument,
  candle: FileCandle | undefined,
  candleMs: number,
): readonly MarketPoint[] | undefined {
  if (candle === undefined) return undefined;
  const open = onTick(instrument, candle.open);
  const high = onTick(instrument, candle.high);
  const low = onTick(instrument, candle.low);
  const close = onTick(instrument, candle.close);
  const isHighFirst = high - open < open - low;
  const volume = onLot(instrument, candle.volume);
  const quarter = Math.floor(volume / 4);
  const third = Math.floor(candleMs / 3);
  const point = (price: Ticks, after: number, traded: number, isLast: boolean): MarketPoint => ({
    instrument: instrument.id,
    at: millis(candle.openAt + after),
    price,
    lots: lots(traded),
    candleLots: volume,
    candleOpenAt: candle.openAt,
    candleCloseAt: millis(candle.openAt + candleMs - 1),
    isLast,
  });
  return [
    point(open, 0, quarter, false),
    point(isHighFirst ? high : low, third, quarter, false),
    point(isHighFirst ? low : high, 2 * third, quarter, false),
    point(close, candleMs - 1, volume - 3 * quarter, true),
  ];
}

const onTick = (instrument: Instrument, price: number): Ticks =>
  ticks(Math.max(1, Math.round((price * 10 ** instrument.tick.decimals) / instrument.tick.units)));

/** Base volume in lots, whatever part of the base asset a lot is; of an inverse instrument the file's volume already counts contracts. */
function onLot({ kind, lot, tick, unit }: Instrument, volume: number): Lots {
  if (kind === "inverse") return lots(Math.round((volume * 10 ** lot.decimals) / lot.units));
  return lots(Math.round(volume * ((ONE * tick.units) / (unit * 10 ** tick.decimals))));
}
