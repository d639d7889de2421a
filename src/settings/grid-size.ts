import { type Instrument, lotsFor, notional, sizeUnit } from "../core/instrument.ts";
import { marginFor } from "../core/margin.ts";
import { countOf, moneyText, textOf, VALUE_STEP } from "../core/text.ts";
import { type Lots, type Ticks, type Value, value } from "../core/units.ts";
import type { GridFindings } from "./grid-findings.ts";
import type { Reach } from "./grid-prices.ts";
import type { GridSettings } from "./settings.ts";

/** One rung against the exchange's smallest and largest order, down to the lowest rung. Says whether it may be sized at all. */
export function checkSize(
  grid: GridSettings,
  instrument: Instrument,
  price: Ticks,
  reach: Reach,
  quantity: Lots,
  findings: GridFindings,
): boolean {
  const [setting, written] = sizeSetting(grid);
  const amount = (count: number): string => `${textOf(count, instrument.lot)} ${sizeUnit(instrument)}`;
  if (quantity < instrument.lotsMin) {
    findings.complain(
      setting,
      written,
      `${instrument.id} takes at least ${amount(instrument.lotsMin)} an order`,
    );
    return false;
  }
  if (quantity > instrument.lotsMax) {
    findings.complain(
      setting,
      written,
      `${instrument.id} takes at most ${amount(instrument.lotsMax)} an order`,
    );
    return false;
  }
  // A contract that is margined in coins is worth the same at every price.
  if (instrument.kind === "inverse") return true;
  const worthAt = (at: Ticks): Value => value(Math.abs(notional(instrument, at, quantity, "down")));
  const least = (at: Ticks): string => amount(lotsFor(instrument, at, instrument.notionalMin));
  const rule = `${instrument.id} takes orders from ${moneyText(instrument.notionalMin)}`;
  const now = worthAt(price);
  const last = worthAt(reach.lowest);
  if (now < instrument.notionalMin)
    findings.complainOfMarket(
      setting,
      written,
      `that is ${moneyText(now)} ${instrument.quote}, ${rule}, now ${least(price)}`,
    );
  else if (last < instrument.notionalMin)
    findings.complainOfMarket(
      setting,
      written,
      `on the lowest rung, ${textOf(reach.lowest, instrument.tick)}, that is ${moneyText(last)} ${instrument.quote}, ${rule}, there ${least(reach.lowest)}`,
    );
  return true;
}

/** One rung, and all of them, against the purse: margin and the fee to close, as the guard will count them (X36). */
export function checkPurse(
  grid: GridSettings,
  instrument: Instrument,
  price: Ticks,
  quantity: Lots,
  findings: GridFindings,
): void {
  if (grid.isMarginInUsd !== (instrument.kind !== "inverse")) return;
  const digits = grid.isMarginInUsd ? 2 : 8;
  const shown = (amount: Value): string => moneyText(amount, digits);
  const worth = value(Math.abs(notional(instrument, price, quantity, "up")));
  const one = marginFor(instrument, worth, grid.leverage);
  const setting = grid.isMarginInUsd ? "max_margin_usd" : "max_margin";
  if (one > grid.maxMargin) {
    const mend = `one order needs ${shown(one)} of margin and fee at leverage ${grid.leverage}: raise it or lower ${sizeSetting(grid)[0]}`;
    findings.complainOfMarket(setting, shown(grid.maxMargin), `${mend}${asMoney(grid, instrument)}`);
    return;
  }
  const fit = Math.floor(grid.maxMargin / one);
  if (fit < grid.maxOrders)
    findings.notice(
      `its purse ${setting} of ${shown(grid.maxMargin)} is enough for about ${fit} of its ${grid.maxOrders} rungs, all of them need ${shown(value(one * grid.maxOrders))} at leverage ${grid.leverage}`,
    );
}

/** Sizes that would fit as money were perhaps meant so: 100 BTC is rarely one rung. */
function asMoney(grid: GridSettings, instrument: Instrument): string {
  if (grid.size.type !== "base" || instrument.kind === "inverse") return "";
  const dollars = value(countOf(grid.size.quantity, VALUE_STEP) ?? 0);
  const isMoney =
    dollars >= instrument.notionalMin && marginFor(instrument, dollars, grid.leverage) <= grid.maxMargin;
  return isMoney ? `, or did you mean quantity_usd: ${grid.size.quantity}?` : "";
}

const sizeSetting = ({ size }: GridSettings): readonly [string, string] =>
  size.type === "base" ? ["quantity", size.quantity] : ["quantity_usd", moneyText(size.amount)];
