import { type Instrument, notional } from "../core/instrument.ts";
import { countOf, moneyText, type Step, textOf } from "../core/text.ts";
import { type Lots, lots, mulDiv, type Ticks, ticks } from "../core/units.ts";
import { noticeFigures } from "./grid-figures.ts";
import { GridFindings } from "./grid-findings.ts";
import { checkPrices, checkWidths, type GridPrices, reachOf } from "./grid-prices.ts";
import { checkPurse, checkSize } from "./grid-size.ts";
import type { GridSettings } from "./settings.ts";

/** A grid's sizes and prices in the counts of its instrument. */
export interface GridCounts extends GridPrices {
  readonly quantity: Lots;
  readonly positionMax: Lots;
}

/** The counts with what is worth knowing, or every way in which the grid does not fit the instrument, one sentence each. */
export type GridLayout =
  | { readonly ok: true; readonly counts: GridCounts; readonly notices: readonly string[] }
  | { readonly ok: false; readonly problems: readonly string[] };

/**
 * Turns a grid's texts into lots and ticks and checks them against what the exchange allows and costs. `price` is the market's
 * now: it values quantity_usd (rounded to the nearest lot), the smallest notional, the purse and the width of the steps.
 * `isUnderWay`: the grid ran before, so that what only the market's move makes unfit is told and does not keep it from its positions.
 */
export function layGrid(
  grid: GridSettings,
  instrument: Instrument,
  price: Ticks,
  isUnderWay = false,
): GridLayout {
  const findings = new GridFindings(grid.name, isUnderWay);
  const counted = (setting: string, written: string, step: Step): number | undefined =>
    countOf(written, step) ??
    findings.complain(setting, written, `write a multiple of ${step.text}, the step of ${instrument.id}`);
  const priced = (setting: string, written: string | undefined): Ticks | undefined => {
    const count = written === undefined ? undefined : counted(setting, written, instrument.tick);
    if (count === undefined) return undefined;
    if (count >= instrument.priceMin && count <= instrument.priceMax) return ticks(count);
    const bounds = `${textOf(instrument.priceMin, instrument.tick)} to ${textOf(instrument.priceMax, instrument.tick)}`;
    return findings.complain(setting, written ?? "", `${instrument.id} trades from ${bounds}`);
  };
  const prices: GridPrices = {
    anchor: priced("anchor_price", grid.anchorPrice),
    priceMin: priced("lower_price", grid.lowerPrice),
    priceMax: priced("upper_price", grid.upperPrice),
    stopPrice: priced("stop_price", grid.stopPrice),
    pausePrice: priced("pause_price", grid.pausePrice),
  };
  const reach = reachOf(grid, instrument, prices, price);
  const quantity = sizeOf(grid, instrument, price, counted);
  if (quantity !== undefined && checkSize(grid, instrument, price, reach, lots(quantity), findings))
    checkPurse(grid, instrument, price, lots(quantity), findings);
  const positionMax =
    grid.maxPositionSize === undefined
      ? (quantity ?? 0) * grid.maxOrders
      : counted("max_position_size", grid.maxPositionSize, instrument.lot);
  if (quantity !== undefined && positionMax !== undefined && positionMax < quantity * grid.maxOrders) {
    const all = textOf(quantity * grid.maxOrders, instrument.lot);
    findings.complain(
      "max_position_size",
      grid.maxPositionSize ?? "",
      `${grid.maxOrders} orders need ${all}`,
    );
  }
  checkAsset(grid, instrument, findings);
  checkWidths(grid, instrument, prices.anchor ?? price, findings);
  checkOrders(grid, instrument, findings);
  checkPrices(grid, instrument, prices, price, reach, findings);
  noticeFigures(grid, instrument, findings);
  const { problems, notices } = findings;
  if (problems.length > 0 || quantity === undefined || positionMax === undefined)
    return { ok: false, problems };
  const counts = { quantity: lots(quantity), positionMax: lots(positionMax), ...prices };
  return { ok: true, counts, notices };
}

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

/** What is margined in coins has its purse in coins. */
function checkAsset(grid: GridSettings, instrument: Instrument, findings: GridFindings): void {
  if (instrument.kind !== "inverse") return;
  const mend = (setting: string): string =>
    `${instrument.id} is margined in ${instrument.settle}, write ${setting === "max_margin" ? "the purse" : "the limit"} in it as ${setting}`;
  if (grid.isMarginInUsd) findings.complain("max_margin_usd", moneyText(grid.maxMargin), mend("max_margin"));
  if (grid.isLossInUsd && grid.maxLoss !== undefined)
    findings.complain("max_loss_usd", moneyText(grid.maxLoss), mend("max_loss"));
}

/** Whether each rung has a stop that rests: its own, or with those switched off its part of the loss limit. */
export const restsStops = ({ stopLoss, maxLoss }: Pick<GridSettings, "stopLoss" | "maxLoss">): boolean =>
  stopLoss !== undefined || maxLoss !== undefined;

function checkOrders(grid: GridSettings, instrument: Instrument, findings: GridFindings): void {
  const conditionals = restsStops(grid) ? instrument.conditionalOrdersMax : Infinity;
  const ordersMax = Math.min(instrument.ordersMax, conditionals);
  if (grid.maxOrders > ordersMax)
    findings.complain(
      "max_orders",
      `${grid.maxOrders}`,
      `${instrument.id} allows ${ordersMax} orders and stops`,
    );
}
