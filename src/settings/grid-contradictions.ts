import { countOf, moneyText, VALUE_STEP } from "../core/text.ts";
import { ONE, type Value } from "../core/units.ts";
import type { Contradiction } from "./contradictions.ts";
import type { ExchangeId, GridSettings, Settings } from "./settings.ts";

/** Names a setting as it stands in the file, and says what it contradicts. */
type Complain = (setting: string, text: string) => void;

/** What in one grid's settings does not fit together, or does not fit the desk. */
export function gridContradictions(
  grid: GridSettings,
  index: number,
  settings: Settings,
): readonly Contradiction[] {
  const found: Contradiction[] = [];
  const complain: Complain = (setting, text) => {
    found.push({ path: ["engines", index, setting], text: `engines[${index}].${setting} ${text}.` });
  };
  checkDesk(grid, settings, complain);
  checkSize(grid, complain);
  checkLoss(grid, settings, complain);
  checkPrices(grid, complain);
  return found;
}

/** How each exchange writes the perpetuals that a desk can trade. */
const SYMBOLS: Readonly<Record<ExchangeId, { readonly form: RegExp; readonly example: string }>> = {
  binanceusdm: { form: /^[A-Z0-9]+$/, example: "BTCUSDT" },
  binancecoinm: { form: /^[A-Z0-9]+_PERP$/, example: "BTCUSD_PERP" },
  bybit: { form: /^[A-Z0-9]+$/, example: "BTCUSDT or, margined in coins, BTCUSD" },
  okx: { form: /^[A-Z0-9]+-[A-Z]+-SWAP$/, example: "BTC-USDT-SWAP or, margined in coins, BTC-USD-SWAP" },
};

function checkDesk(grid: GridSettings, settings: Settings, complain: Complain): void {
  const { form, example } = SYMBOLS[settings.exchange];
  if (!form.test(grid.symbol))
    complain("symbol", `is ${grid.symbol}, but ${settings.exchange} writes its perpetuals like ${example}`);
  if (grid.leverage > settings.risk.leverageMax)
    complain(
      "leverage",
      `is ${grid.leverage}, but risk.leverageMax is ${settings.risk.leverageMax}: lower the first`,
    );
  if (grid.recoveryMode === "hedge" && settings.account.positionMode === "oneWay")
    complain(
      "recovery_mode",
      "is hedge, but account.positionMode is oneWay, where an opposite order would only close: set account.positionMode: hedge, or recovery_mode: ladder",
    );
}

function checkSize(grid: GridSettings, complain: Complain): void {
  if (grid.size.type !== "base" || grid.maxPositionSize === undefined) return;
  const all = grid.maxOrders * (countOf(grid.size.quantity, VALUE_STEP) ?? 0);
  if (all <= (countOf(grid.maxPositionSize, VALUE_STEP) ?? 0)) return;
  complain(
    "max_position_size",
    `is ${grid.maxPositionSize}, but ${grid.maxOrders} orders of ${grid.size.quantity} are ${trimmed(all / ONE)}: raise it or lower max_orders`,
  );
}

const trimmed = (amount: number): string => amount.toFixed(8).replace(/\.?0+$/, "");

/** X8: without stops the purse has a loss limit; in live mode an admin's confirmed exception as well. */
function checkLoss(grid: GridSettings, { mode, live }: Settings, complain: Complain): void {
  const { maxLoss, maxMargin, isLossInUsd, isMarginInUsd } = grid;
  const [loss, purse] = [lossName(isLossInUsd), isMarginInUsd ? "max_margin_usd" : "max_margin"];
  if (grid.stopLoss === undefined && maxLoss === undefined) {
    complain(
      "stop_loss_enabled",
      `is false, and nothing else limits the loss: set ${lossName(isMarginInUsd)}, or stop_loss_enabled: true`,
    );
  } else if (grid.stopLoss === undefined && mode === "live" && live.gridWithoutStops === undefined) {
    complain(
      "stop_loss_enabled",
      "is false, which live mode takes only by an admin's written exception: set it to true, or write who allows it and why as live.gridWithoutStops",
    );
  }
  if (maxLoss === undefined) return;
  if (isLossInUsd !== isMarginInUsd)
    complain(loss, `counts another asset than ${purse}: write it as ${lossName(isMarginInUsd)}`);
  else if (maxLoss > maxMargin)
    complain(
      loss,
      `is ${inAsset(maxLoss, isLossInUsd)}, but the purse ${purse} is ${inAsset(maxMargin, isMarginInUsd)}: lower it to at most the purse`,
    );
}

const lossName = (isInUsd: boolean): string => (isInUsd ? "max_loss_usd" : "max_loss");
const inAsset = (amount: Value, isInUsd: boolean): string => moneyText(amount, isInUsd ? 2 : 8);

/** Prices in the order in which a losing market meets them: the far bound, the pause, the last rung, the stop. */
function checkPrices(grid: GridSettings, complain: Complain): void {
  const { lowerPrice, upperPrice, stopPrice, pausePrice, direction } = grid;
  const isBuy = direction === "buy";
  if (isAtOrOver(lowerPrice, upperPrice)) {
    complain("lower_price", `is ${lowerPrice}, but upper_price is ${upperPrice}: write a lower price`);
    return;
  }
  const [last, lastName] = isBuy ? [lowerPrice, "lower_price"] : [upperPrice, "upper_price"];
  const [first, firstName] = isBuy ? [upperPrice, "upper_price"] : [lowerPrice, "lower_price"];
  const beyond = isBuy ? "below" : "above";
  /** Whether the market, falling (for a sell grid: rising), meets the first of two prices no later than the second. */
  const isMet = (one: string | undefined, other: string | undefined): boolean =>
    isBuy ? isAtOrOver(one, other) : isAtOrOver(other, one);
  const stop = (why: string, bound: string | undefined): void =>
    complain("stop_price", `is ${stopPrice}, but ${why} ${bound}: write a price ${beyond} ${bound}`);
  if (isMet(stopPrice, last)) stop(`the stop lies beyond the last rung, at ${lastName}`, last);
  else if (isMet(stopPrice, pausePrice)) stop("a grid pauses before it stops, at pause_price", pausePrice);
  else if (isMet(stopPrice, first)) stop(`entries begin at ${firstName}`, first);
  if (isMet(pausePrice, first))
    complain(
      "pause_price",
      `is ${pausePrice}, but entries begin at ${firstName} ${first}, and none would ever leave: write a price ${beyond} ${first}`,
    );
}

/** Whether both prices are given and the first is not below the second. */
function isAtOrOver(one: string | undefined, other: string | undefined): boolean {
  if (one === undefined || other === undefined) return false;
  return (countOf(one, VALUE_STEP) ?? 0) >= (countOf(other, VALUE_STEP) ?? 0);
}
