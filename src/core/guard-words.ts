import { type Instrument, sizeUnit } from "./instrument.ts";
import { digitsOf, moneyText, textOf } from "./text.ts";
import { type Ticks, value } from "./units.ts";

/** The guard's numbers as people read them, for one instrument. */
export interface GuardWords {
  /** Without its direction: "0.010 BTC". */
  size(lots: number): string;
  price(at: Ticks): string;
  /** In the settle asset, or in the quote asset of an inverse instrument's least notional: "75.12 USDT". */
  money(amount: number, asset?: string): string;
}

/** How the guard speaks of an instrument: its refusals are read in the log, in /status and on cards. */
export const guardWords = (instrument: Instrument): GuardWords => ({
  size: (lots) => `${textOf(Math.abs(lots), instrument.lot)} ${sizeUnit(instrument)}`,
  price: (at) => textOf(at, instrument.tick),
  money: (amount, asset = instrument.settle) => `${moneyText(value(amount), digitsOf(asset))} ${asset}`,
});
