import { type Instrument, type InstrumentId, sizeUnit } from "./instrument.ts";
import type { EngineId } from "./order.ts";
import { digitsOf, moneyText, percentText, textOf } from "./text.ts";
import { ONE, type Rate, rate, type Value } from "./units.ts";

/** Limits that people may tighten while the desk runs: of the whole account, and of one engine. */
export type LimitName =
  | "drawdown_warning"
  | "drawdown_emergency"
  | "drawdown_shutdown"
  | "exposure"
  | "liquidation_buffer"
  | "purse"
  | "position";

/**
 * One limit and how far people may move it. The counts are what the limit is made of: a `Rate` of drawdowns and of the buffer, times
 * of the equity of the exposure, a `Value` of a purse, `Lots` of a position.
 */
export interface LimitTerm {
  /** How people name it: "exposure", "purse:grid-btc". */
  readonly key: string;
  readonly name: LimitName;
  readonly engine?: EngineId;
  /** What the engine trades. */
  readonly instrument?: InstrumentId;
  /** What the settings say, or a rule that binds every desk: chat never goes beyond it. */
  readonly settings: number;
  /** The tightest that it can be set to: the other end of what the settings themselves may say. */
  readonly tightest: number;
}

/** What a person set it to, who and when. */
export interface LimitSet {
  readonly value: number;
  readonly by: string;
  readonly wallAt: number;
}

/** A limit as it is in force. */
export interface LimitView extends LimitTerm {
  /** The stricter one of what the settings say and what a person set. */
  readonly now: number;
  /** Undefined: nobody did, or the settings are as strict. */
  readonly set: LimitSet | undefined;
}

/** The least drawdown that a step can be at; the least and the most that the settings take of the others. */
export const LIMIT_ENDS = {
  drawdown: ONE / 200,
  exposure: 0.1,
  buffer: (9 * ONE) / 10,
  purseUsd: 100 * ONE,
  purseCoins: ONE / 10_000,
} as const;

/** How far below a state's threshold the drawdown must be before the state falls (X27). */
const FALL_MARGIN = rate(ONE / 40);

/** The drawdown at which a state begins to end: below a threshold that a person made small, half of it. */
export const calmBelow = (threshold: Rate): Rate =>
  rate(threshold - Math.min(FALL_MARGIN, Math.floor(threshold / 2)));

/** Whether one value of a limit allows less than another one. The buffer alone grows stricter when it grows. */
export const isTighter = ({ name }: Pick<LimitTerm, "name">, one: number, other: number): boolean =>
  name === "liquidation_buffer" ? one > other : one < other;

/** A limit's value as people read and write it: "3%", "1.5x", "500.00 USDT", "0.050 BTC". */
export function limitText(
  { name }: Pick<LimitTerm, "name">,
  value: number,
  asset: string,
  instrument: Instrument | undefined,
): string {
  switch (name) {
    case "exposure":
      return `${value}x`;
    case "purse":
      return `${moneyText(value as Value, digitsOf(asset))} ${asset}`;
    case "position":
      return instrument === undefined
        ? "unknown"
        : `${textOf(value, instrument.lot)} ${sizeUnit(instrument)}`;
    default:
      return percentText(value, 4).replace(/\.?0+%$/, "%");
  }
}
