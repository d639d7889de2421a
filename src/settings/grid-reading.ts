import { z } from "zod";
import type { WrittenGrid } from "./grid-schema.ts";
import type { GridSettings } from "./settings.ts";

/** Pairs of settings of which exactly one, or at most one, is set: in dollars and in coins, in units and in money. */
type Pair = readonly [keyof WrittenGrid, keyof WrittenGrid];

/** A grid's parameters as settings; what is missing or excludes another is an issue at its place. */
export function gridOf(grid: WrittenGrid, context: z.RefinementCtx): GridSettings {
  const complain = (setting: keyof WrittenGrid, message: string): void =>
    context.addIssue({ code: "custom", path: [setting], message });
  const isSet = (setting: keyof WrittenGrid): boolean => grid[setting] !== undefined;
  const exclude = ([one, other]: Pair): void => {
    if (isSet(one) && isSet(other)) complain(one, `${one} and ${other} exclude each other, remove one`);
  };
  const before = context.issues.length;
  exclude(["quantity", "quantity_usd"]);
  exclude(["max_margin_usd", "max_margin"]);
  exclude(["max_loss_usd", "max_loss"]);
  if (!isSet("quantity") && !isSet("quantity_usd"))
    complain("quantity", "set quantity (base units) or quantity_usd");
  const maxMargin = grid.max_margin_usd ?? grid.max_margin;
  if (maxMargin === undefined)
    complain(
      "max_margin_usd",
      "set max_margin_usd, or max_margin in the asset that a contract in coins is margined in",
    );
  if (grid.spacing === "arithmetic" && !isSet("anchor_price"))
    complain(
      "spacing",
      "equal distances are laid from a price: set anchor_price, or write spacing: geometric",
    );
  if (grid.spacing === "geometric" && isSet("anchor_price"))
    complain(
      "spacing",
      "equal percentages are laid from no price: remove anchor_price, or write spacing: arithmetic",
    );
  if (maxMargin === undefined || context.issues.length > before) return z.NEVER;
  return {
    type: "grid",
    name: grid.name,
    symbol: grid.symbol,
    direction: grid.direction,
    size:
      grid.quantity_usd === undefined
        ? { type: "base", quantity: grid.quantity ?? "" }
        : { type: "usd", amount: grid.quantity_usd },
    takeProfit: grid.take_profit,
    gridStep: grid.grid_step,
    maxOrders: grid.max_orders,
    waitMs: Math.round(grid.wait_time * 1_000),
    maxPositionSize: grid.max_position_size,
    maxMargin,
    isMarginInUsd: grid.max_margin_usd !== undefined,
    leverage: grid.leverage,
    stopLoss: grid.stop_loss_enabled ? grid.stop_loss_percentage : undefined,
    anchorPrice: grid.anchor_price,
    lowerPrice: grid.lower_price,
    upperPrice: grid.upper_price,
    maxLoss: grid.max_loss_usd ?? grid.max_loss,
    isLossInUsd: grid.max_loss_usd !== undefined,
    positionTimeoutMs: grid.position_timeout_minutes * 60_000,
    recoveryMode: grid.recovery_mode,
    stopPrice: grid.stop_price,
    pausePrice: grid.pause_price,
  };
}
