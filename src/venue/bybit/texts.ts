import type { Instrument } from "../../core/instrument.ts";
import { textOf } from "../../core/text.ts";
import { type Lots, mulDiv, ONE, type Rate, type Ticks, type Value } from "../../core/units.ts";
import { money } from "../binance/texts.ts";
import type { PositionSide } from "../exchange.ts";

/** A price with the digits of its tick; nothing is "". */
export const maybePrice = (price: Ticks | undefined, instrument: Instrument): string =>
  price === undefined ? "" : textOf(price, instrument.tick);

/** Money without the zeros nobody reads, as Bybit writes it: "0", "12.5". */
export const amount = (steps: Value | number): string => {
  const text = money(steps as Value);
  return text.includes(".") ? text.replace(/\.?0+$/, "") || "0" : text;
};

/** A rate without trailing zeros: 0.00055. */
export const plainRate = (part: Rate): string => amount(part);

/** What one unit cost on average, up to eight digits; undefined without a size. Both kinds of contracts. */
export function averageText(cost: Value, size: Lots, instrument: Instrument): string | undefined {
  if (size === 0 || cost === 0) return undefined;
  const worth = Math.abs(cost);
  const held = Math.abs(size);
  const steps =
    instrument.kind === "inverse"
      ? mulDiv(held * instrument.unit, ONE, worth, "nearest")
      : mulDiv(worth, 10 ** instrument.lot.decimals, held * instrument.lot.units, "nearest");
  return amount(steps);
}

/** Bybit's word for the way of a trade. */
export const SIDE = { buy: "Buy", sell: "Sell" } as const;
/** Bybit's number for a position side. */
export const POSITION_IDX = { both: 0, long: 1, short: 2 } as const satisfies Record<PositionSide, number>;
/** Bybit's word for a time in force. */
export const TIME_IN_FORCE = { GTC: "GTC", IOC: "IOC", FOK: "FOK", GTX: "PostOnly" } as const;
