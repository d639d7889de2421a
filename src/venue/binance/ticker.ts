import type { Instrument, InstrumentId } from "../../core/instrument.ts";
import { textOf } from "../../core/text.ts";
import { type Lots, lots, millis, type Ticks, ticks } from "../../core/units.ts";
import type { Exchange, VenueCandle } from "../exchange.ts";
import { bigMoney, lotsText, priceText } from "./texts.ts";

const MINUTE = 60_000;
const DAY = 1_440 * MINUTE;

/** What happened to one instrument in the last day of market time. */
export interface Day {
  readonly from: number;
  readonly to: number;
  readonly open: Ticks;
  readonly high: Ticks;
  readonly low: Ticks;
  readonly close: Ticks;
  readonly volume: Lots;
  /** Money that changed hands: each candle's volume at the mean of its four prices, in 1e-8; beyond 2^53 on a busy day. */
  readonly turnover: bigint;
  readonly candles: number;
}

/**
 * What a candle's volume was worth in 1e-8 of quote (of base for inverse contracts), at the mean of its four prices;
 * candle files don't say it.
 */
export function turnoverOf(candle: VenueCandle, instrument: Instrument): bigint {
  const mean = Math.round((candle.open + candle.high + candle.low + candle.close) / 4);
  if (instrument.kind === "inverse") {
    const quote = BigInt(candle.volume) * BigInt(instrument.unit) * 10n ** BigInt(instrument.tick.decimals);
    return quote / (BigInt(mean) * BigInt(instrument.tick.units));
  }
  return BigInt(mean) * BigInt(instrument.unit) * BigInt(candle.volume);
}

/** Keeps each instrument's candles of the last day of market time and sums them up when asked. */
export class DayStatistics {
  readonly #exchange: Exchange;
  readonly #candles = new Map<InstrumentId, VenueCandle[]>();

  constructor(exchange: Exchange) {
    this.#exchange = exchange;
    const from = millis(Math.max(0, exchange.now() - DAY));
    for (const { id } of exchange.instruments) {
      this.#candles.set(id, [...exchange.candles(id, MINUTE, { from })]);
    }
  }

  /** Takes in a candle as the market reports it, finished or not. */
  note(instrument: InstrumentId, candle: VenueCandle): void {
    const kept = this.#candles.get(instrument);
    if (kept === undefined) return;
    if (kept.at(-1)?.openAt === candle.openAt) kept.pop();
    kept.push(candle);
    const stale = kept.findIndex((each) => each.openAt > candle.openAt - DAY);
    // Dropped in bunches: taking off the front moves the whole list.
    if (stale > 100) kept.splice(0, stale);
  }

  /** Undefined before the first candle. */
  of(instrument: Instrument): Day | undefined {
    const kept = this.#candles.get(instrument.id);
    const last = kept?.at(-1);
    if (kept === undefined || last === undefined) return undefined;
    const first = kept.findIndex((each) => each.openAt > last.openAt - DAY);
    return daySum(kept, first, instrument);
  }

  /** The last price that the market printed; the mark before there is one. */
  lastPrice(instrument: Instrument): Ticks {
    return this.#candles.get(instrument.id)?.at(-1)?.close ?? this.#exchange.mark(instrument.id).mark;
  }
}

function daySum(candles: readonly VenueCandle[], first: number, instrument: Instrument): Day | undefined {
  const opening = candles[first];
  const closing = candles.at(-1);
  if (opening === undefined || closing === undefined) return undefined;
  let [high, low, volume, turnover] = [opening.high, opening.low, 0, 0n];
  for (let at = first; at < candles.length; at += 1) {
    const candle = candles[at];
    if (candle === undefined) continue;
    if (candle.high > high) high = candle.high;
    if (candle.low < low) low = candle.low;
    volume += candle.volume;
    turnover += turnoverOf(candle, instrument);
  }
  return {
    from: opening.openAt,
    to: closing.closeAt,
    open: opening.open,
    high,
    low,
    close: closing.close,
    volume: lots(volume),
    turnover,
    candles: candles.length - first,
  };
}

/** The texts that ticker calls and ticker streams share. */
export interface DayTexts {
  readonly change: string;
  readonly changePercent: string;
  readonly average: string;
  readonly last: string;
  readonly lastLots: string;
  readonly open: string;
  readonly high: string;
  readonly low: string;
  readonly volume: string;
  readonly turnover: string;
}

/** A day in Binance's texts; the weighted average is turnover over volume. */
export function dayTexts(day: Day, lastLots: Lots, instrument: Instrument): DayTexts {
  const change = day.close - day.open;
  return {
    change: textOf(change, instrument.tick),
    changePercent: ((change / day.open) * 100).toFixed(3),
    average: priceText(meanPrice(day, instrument), instrument),
    last: priceText(day.close, instrument),
    lastLots: lotsText(lastLots, instrument),
    open: priceText(day.open, instrument),
    high: priceText(day.high, instrument),
    low: priceText(day.low, instrument),
    volume: lotsText(day.volume, instrument),
    turnover: bigMoney(day.turnover),
  };
}

function meanPrice(day: Day, instrument: Instrument): Ticks {
  if (day.volume === 0 || day.turnover === 0n) return day.close;
  if (instrument.kind === "inverse") {
    const quote = BigInt(day.volume) * BigInt(instrument.unit) * 10n ** BigInt(instrument.tick.decimals);
    return ticks(Number(quote / (day.turnover * BigInt(instrument.tick.units))));
  }
  return ticks(Number(day.turnover / (BigInt(day.volume) * BigInt(instrument.unit))));
}
