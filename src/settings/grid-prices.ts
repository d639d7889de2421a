import type { Instrument } from "../core/instrument.ts";
import { percentText, textOf } from "../core/text.ts";
import { mulDiv, ONE, type Rate, type Ticks, ticks } from "../core/units.ts";
import type { GridFindings } from "./grid-findings.ts";
import type { GridSettings } from "./settings.ts";

/** The prices that a grid is given, in ticks. */
export interface GridPrices {
  readonly anchor: Ticks | undefined;
  readonly priceMin: Ticks | undefined;
  readonly priceMax: Ticks | undefined;
  readonly stopPrice: Ticks | undefined;
  readonly pausePrice: Ticks | undefined;
}

/** Where entries may come to lie: down to the lower bound, or as many steps from the market as rungs may be open. */
export interface Reach {
  readonly lowest: Ticks;
  readonly highest: Ticks;
}

/** The farthest entries of a grid that starts at `price`. */
export function reachOf(grid: GridSettings, instrument: Instrument, prices: GridPrices, price: Ticks): Reach {
  const { priceMin = instrument.priceMin, priceMax = instrument.priceMax } = prices;
  const start = Math.min(priceMax, Math.max(priceMin, price));
  const end = steps(grid, prices.anchor, start, grid.maxOrders);
  if (grid.direction === "buy")
    return { lowest: prices.priceMin ?? ticks(Math.max(priceMin, end)), highest: ticks(start) };
  return {
    lowest: prices.priceMin ?? ticks(start),
    highest: prices.priceMax ?? ticks(Math.min(priceMax, end)),
  };
}

/** The price that lies so many steps on the losing side of another, at least one tick. */
function steps(grid: GridSettings, anchor: Ticks | undefined, from: number, count: number): number {
  const away = grid.direction === "buy" ? -count : count;
  if (anchor !== undefined) return Math.max(1, from + away * mulDiv(anchor, grid.gridStep, ONE, "up"));
  const end = from * (1 + grid.gridStep / ONE) ** away;
  return Math.max(1, grid.direction === "buy" ? Math.floor(end) : Math.ceil(end));
}

/** How many steps lie between two prices. */
function stepsBetween(grid: GridSettings, anchor: Ticks | undefined, low: number, high: number): number {
  if (anchor !== undefined)
    return Math.floor((high - low) / Math.max(1, mulDiv(anchor, grid.gridStep, ONE, "up")));
  return Math.floor(Math.log(high / low) / Math.log1p(grid.gridStep / ONE));
}

/** Steps under two ticks would round into each other. */
export function checkWidths(
  grid: GridSettings,
  instrument: Instrument,
  price: Ticks,
  findings: GridFindings,
): void {
  const widths: readonly (readonly [string, Rate])[] = [
    ["grid_step", grid.gridStep],
    ["take_profit", grid.takeProfit],
  ];
  for (const [setting, part] of widths) {
    if (mulDiv(price, part, ONE, "down") >= 2) continue;
    const least = percentText(mulDiv(2, ONE, price, "up"), 4);
    findings.complain(
      setting,
      percentText(part, 4),
      `at ${textOf(price, instrument.tick)} two ticks of ${instrument.tick.text} are ${least}: make it at least that`,
    );
  }
}

/** Bounds, pause price and stop price against the market and against each other. */
export function checkPrices(
  grid: GridSettings,
  instrument: Instrument,
  prices: GridPrices,
  price: Ticks,
  reach: Reach,
  findings: GridFindings,
): void {
  const { anchor, priceMin, priceMax, stopPrice, pausePrice } = prices;
  const isBuy = grid.direction === "buy";
  const shown = (count: number): string => textOf(count, instrument.tick);
  const isCrossed = (bound: number): boolean => (isBuy ? price <= bound : price >= bound);
  const side = isBuy ? "below" : "above";

  if (priceMin !== undefined && priceMax !== undefined && priceMin < priceMax) {
    const fit = stepsBetween(grid, anchor, priceMin, priceMax);
    if (fit < 1)
      findings.complain(
        "upper_price",
        shown(priceMax),
        `from lower_price ${shown(priceMin)} that is less than one grid_step of ${percentText(grid.gridStep)}, make room for more rungs`,
      );
    else if (fit < grid.maxOrders)
      findings.notice(`about ${fit} of its ${grid.maxOrders} rungs fit between lower_price and upper_price`);
  }
  const last = isBuy ? priceMin : priceMax;
  if (last !== undefined && (isBuy ? price < last : price > last))
    findings.notice(
      `the market at ${shown(price)} is ${side} ${isBuy ? "lower_price" : "upper_price"} ${shown(last)}, no entry leaves until it is back`,
    );
  if (pausePrice !== undefined && isCrossed(pausePrice))
    findings.complainOfMarket(
      "pause_price",
      shown(pausePrice),
      `the market at ${shown(price)} is beyond it, and no entry would leave: for a ${grid.direction} grid write a price ${side} the market`,
    );
  if (stopPrice === undefined) return;
  if (isCrossed(stopPrice))
    findings.complainOfMarket(
      "stop_price",
      shown(stopPrice),
      `the market at ${shown(price)} is beyond it, and all would be closed at once: for a ${grid.direction} grid write a price ${side} the market`,
    );
  else if (last === undefined && (isBuy ? stopPrice >= reach.lowest : stopPrice <= reach.highest)) {
    const before = stepsBetween(grid, anchor, Math.min(price, stopPrice), Math.max(price, stopPrice));
    findings.notice(
      `stop_price ${shown(stopPrice)} comes before the last rung: about ${Math.max(1, before)} of its ${grid.maxOrders} rungs lie before it`,
    );
  }
}
