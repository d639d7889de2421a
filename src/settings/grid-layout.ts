import { type Instrument, lotsFor, notional, sizeUnit } from "../core/instrument.ts";
import { countOf, moneyText, percentText, type Step, textOf } from "../core/text.ts";
import { type Lots, lots, mulDiv, ONE, type Rate, type Ticks, ticks, value } from "../core/units.ts";
import type { GridSettings } from "./settings.ts";

/** A grid's sizes and prices in the counts of its instrument. */
interface GridCounts {
  readonly quantity: Lots;
  readonly positionMax: Lots;
  readonly anchor: Ticks | undefined;
}

/** The counts, or every way in which the grid does not fit the instrument, one sentence each. */
export type GridLayout =
  | { readonly ok: true; readonly counts: GridCounts }
  | { readonly ok: false; readonly problems: readonly string[] };

/**
 * Turns a grid's texts into lots and ticks and checks them against what the exchange allows. `price` is the market's
 * now: it values quantity_usd (rounded to the nearest lot), the smallest notional and the width of the steps.
 */
export function layGrid(grid: GridSettings, instrument: Instrument, price: Ticks): GridLayout {
  const problems: string[] = [];
  const complain = (setting: string, written: string, mend: string): undefined => {
    problems.push(`engine "${grid.name}": ${setting} is ${written}: ${mend}.`);
    return undefined;
  };
  const counted = (setting: string, written: string, step: Step): number | undefined =>
    countOf(written, step) ??
    complain(setting, written, `write a multiple of ${step.text}, the step of ${instrument.id}`);

  const anchor =
    grid.anchorPrice === undefined ? undefined : counted("anchor_price", grid.anchorPrice, instrument.tick);
  const isOutside = anchor !== undefined && (anchor < instrument.priceMin || anchor > instrument.priceMax);
  if (isOutside) {
    const bounds = `${textOf(instrument.priceMin, instrument.tick)} to ${textOf(instrument.priceMax, instrument.tick)}`;
    complain("anchor_price", grid.anchorPrice ?? "", `${instrument.id} trades from ${bounds}`);
  }
  const quantity = sizeOf(grid, instrument, price, counted);
  if (quantity !== undefined) checkQuantity(grid, instrument, price, quantity, complain);
  const positionMax =
    grid.maxPositionSize === undefined
      ? (quantity ?? 0) * grid.maxOrders
      : counted("max_position_size", grid.maxPositionSize, instrument.lot);
  if (quantity !== undefined && positionMax !== undefined && positionMax < quantity * grid.maxOrders) {
    const all = textOf(quantity * grid.maxOrders, instrument.lot);
    complain("max_position_size", grid.maxPositionSize ?? "", `${grid.maxOrders} orders need ${all}`);
  }
  if (grid.isMarginInUsd && instrument.kind === "inverse") {
    const mend = `${instrument.id} is margined in ${instrument.settle}, write the purse in it as max_margin`;
    complain("max_margin_usd", moneyText(grid.maxMargin), mend);
  }
  checkWidths(grid, instrument, anchor === undefined || isOutside ? price : ticks(anchor), complain);
  const ordersMax = Math.min(
    instrument.ordersMax,
    grid.stopLoss === undefined ? Infinity : instrument.conditionalOrdersMax,
  );
  if (grid.maxOrders > ordersMax) {
    complain("max_orders", `${grid.maxOrders}`, `${instrument.id} allows ${ordersMax} orders and stops`);
  }
  if (problems.length > 0 || quantity === undefined || positionMax === undefined)
    return { ok: false, problems };
  return {
    ok: true,
    counts: {
      quantity: lots(quantity),
      positionMax: lots(positionMax),
      anchor: anchor === undefined ? undefined : ticks(anchor),
    },
  };
}

type Complain = (setting: string, written: string, mend: string) => undefined;

function sizeOf(
  grid: GridSettings,
  instrument: Instrument,
  price: Ticks,
  counted: (setting: string, written: string, step: Step) => number | undefined,
): number | undefined {
  if (grid.size.type === "base") return counted("quantity", grid.size.quantity, instrument.lot);
  // An inverse contract is worth so many dollars at any price.
  const one = instrument.kind === "inverse" ? instrument.unit : notional(instrument, price, lots(1), "down");
  return Math.abs(mulDiv(grid.size.amount, 1, one, "nearest"));
}

function checkQuantity(
  grid: GridSettings,
  instrument: Instrument,
  price: Ticks,
  quantity: number,
  complain: Complain,
): void {
  const setting = grid.size.type === "base" ? "quantity" : "quantity_usd";
  const written = grid.size.type === "base" ? grid.size.quantity : moneyText(grid.size.amount);
  const amount = (count: number): string => `${textOf(count, instrument.lot)} ${sizeUnit(instrument)}`;
  if (quantity < instrument.lotsMin) {
    complain(setting, written, `${instrument.id} takes at least ${amount(instrument.lotsMin)} an order`);
    return;
  }
  if (quantity > instrument.lotsMax) {
    complain(setting, written, `${instrument.id} takes at most ${amount(instrument.lotsMax)} an order`);
    return;
  }
  const worth = value(Math.abs(notional(instrument, price, lots(quantity), "down")));
  if (instrument.kind !== "inverse" && worth < instrument.notionalMin) {
    const least = amount(lotsFor(instrument, price, instrument.notionalMin));
    complain(
      setting,
      written,
      `that is ${moneyText(worth)} ${instrument.quote}, ${instrument.id} takes orders from ${moneyText(instrument.notionalMin)}, now ${least}`,
    );
  }
  const margin = value(mulDiv(worth, 1, grid.leverage, "up"));
  if (margin > grid.maxMargin && grid.isMarginInUsd === (instrument.kind !== "inverse")) {
    const digits = grid.isMarginInUsd ? 2 : 8;
    complain(
      grid.isMarginInUsd ? "max_margin_usd" : "max_margin",
      moneyText(grid.maxMargin, digits),
      `one order needs ${moneyText(margin, digits)} of margin at leverage ${grid.leverage}: raise it or lower ${setting}`,
    );
  }
}

/** Steps under two ticks would round into each other. */
function checkWidths(grid: GridSettings, instrument: Instrument, price: Ticks, complain: Complain): void {
  const widths: readonly (readonly [string, Rate])[] = [
    ["grid_step", grid.gridStep],
    ["take_profit", grid.takeProfit],
  ];
  for (const [setting, part] of widths) {
    if (mulDiv(price, part, ONE, "down") >= 2) continue;
    const least = percentText(mulDiv(2, ONE, price, "up"), 4);
    complain(
      setting,
      percentText(part, 4),
      `at ${textOf(price, instrument.tick)} two ticks of ${instrument.tick.text} are ${least}: make it at least that`,
    );
  }
}
