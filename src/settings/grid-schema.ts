import { z } from "zod";
import { rate } from "../core/units.ts";
import {
  amount,
  choice,
  decimalNumber,
  money,
  PERCENT,
  percent,
  share,
  text,
  whole,
  yesNo,
} from "./fields.ts";
import type { GridSettings } from "./settings.ts";

const distance = () => share(rate(PERCENT / 100), rate(10 * PERCENT));

/** A grid under its names of seed S1 (sections 5 and 12) with the units of X38. */
export const gridSchema = z
  .strictObject({
    type: choice("grid"),
    name: text(
      /^[A-Za-z][A-Za-z0-9_-]{0,23}$/,
      "start with a letter, then letters, digits, - or _, 24 at most",
    ),
    symbol: text(/^[A-Z0-9][A-Z0-9_-]{4,29}$/, "write the exchange's symbol, like BTCUSDT"),
    direction: choice("buy", "sell"),
    quantity: amount("0.004").optional(),
    quantity_usd: money(5, 1_000_000).optional(),
    take_profit: distance(),
    grid_step: distance(),
    max_orders: whole(1, 200),
    wait_time: decimalNumber(0, 86_400, " seconds"),
    max_position_size: amount("0.08").optional(),
    max_margin_usd: money(100, 1_000_000).optional(),
    max_margin: money(0.0001, 1_000_000).optional(),
    leverage: whole(1, 3, ", higher leverage is not allowed").default(1),
    stop_loss_enabled: yesNo().default(true),
    stop_loss_percentage: percent(rate(PERCENT / 2), rate(10 * PERCENT)).default(rate(2 * PERCENT)),
    anchor_price: amount("97000").optional(),
  })
  .transform((grid, context): GridSettings => {
    if ((grid.quantity === undefined) === (grid.quantity_usd === undefined)) {
      const mend =
        grid.quantity === undefined
          ? "set quantity (base units) or quantity_usd"
          : "quantity and quantity_usd exclude each other, remove one";
      context.addIssue({ code: "custom", path: ["quantity"], message: mend });
      return z.NEVER;
    }
    const maxMargin = grid.max_margin_usd ?? grid.max_margin;
    if (maxMargin === undefined || (grid.max_margin_usd !== undefined && grid.max_margin !== undefined)) {
      const mend =
        maxMargin === undefined
          ? "set max_margin_usd, or max_margin in the asset that a contract in coins is margined in"
          : "max_margin_usd and max_margin exclude each other, remove one";
      context.addIssue({ code: "custom", path: ["max_margin_usd"], message: mend });
      return z.NEVER;
    }
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
    };
  });
