import { z } from "zod";
import { rate } from "../core/units.ts";
import { about, refusing, standing } from "./about.ts";
import {
  amount,
  choice,
  choiceBut,
  decimalNumber,
  money,
  PERCENT,
  percent,
  share,
  text,
  whole,
  yesNo,
} from "./fields.ts";
import { gridOf } from "./grid-reading.ts";

const distance = () => share(rate(PERCENT / 100), rate(10 * PERCENT));
const price = () => amount("97000");

const TWO_GRIDS =
  "a grid has one direction, write two grids, one buy and one sell, with account.positionMode: hedge";

/** Names of seed S1 and of its forerunner that a grid does not have, each with its reason and the mend (S1-73, S1-87 to S1-94). */
const REFUSED = {
  strategy: "write type: grid",
  exchange: "a desk trades on one exchange, write it once at the top of the file, like exchange: binanceusdm",
  ticker: "write symbol, as the exchange spells it, like BTCUSDT",
  random_timing:
    "entries leave wait_time apart and never by chance, so that a run can be repeated; set wait_time",
  timing_range: "the time between entries is one number and no range; set wait_time",
  dynamic_profit: "every rung takes the same profit, so that a result can be foretold; set take_profit",
  profit_range: "the profit of a rung is one number and no range; set take_profit",
  volatility_adjustment:
    "a grid's parameters are fixed while it runs, whatever the market does; set grid_step",
  enable_trailing_stop: "a rung's stop stays where it is laid; set stop_loss_percentage",
  partial_fill_handling:
    "there is one rule, what is filled gets its take profit and its stop at once; remove it",
  order_size_mode: "every rung has the same size, so that a losing grid can't grow by itself; set quantity",
} as const;

const parameters = z.strictObject({
  type: about(choice("grid"), { help: "What kind of engine it is." }),
  name: about(
    text(/^[A-Za-z][A-Za-z0-9_-]{0,23}$/, "start with a letter, then letters, digits, - or _, 24 at most"),
    {
      range: "a letter, then letters, digits, `-`, `_`, 24 at most",
      help: "Its name. Keep it: after a restart the engine knows its orders by it.",
      prompt: "What is the grid called?",
      offer: "grid",
    },
  ),
  symbol: about(text(/^[A-Z0-9][A-Z0-9_-]{4,29}$/, "write the exchange's symbol, like BTCUSDT"), {
    range: "the exchange's symbol",
    help: "What it trades, as the exchange writes it: `BTCUSDT`, `BTCUSD_PERP`, `BTC-USDT-SWAP`.",
    prompt: "What does it trade?",
    offer: "BTCUSDT",
  }),
  direction: about(choiceBut(["buy", "sell"], { both: TWO_GRIDS }), {
    help: "`buy` goes long and takes profit above, `sell` goes short and takes profit below. Engines on one symbol share a direction, unless `account.positionMode` is `hedge`.",
    prompt: "Which direction, buy (long) or sell (short)?",
    offer: "buy",
  }),
  quantity: about(amount("0.004").optional(), {
    unit: "base units",
    help: "Size of one rung, a whole number of the symbol's steps; contracts, where they are margined in coins. Either this or `quantity_usd`.",
    prompt: "Size of one rung, in base units (contracts, where margined in coins)?",
  }),
  quantity_usd: about(money(5, 1_000_000).optional(), {
    unit: "USDT",
    help: "Size of one rung in money, turned into the nearest size at the first price after each start.",
    prompt: "Size of one rung (USD)?",
    offer: "150",
  }),
  take_profit: about(distance(), {
    unit: "share",
    help: "Distance of a rung's take profit from its entry. It must be more than the fees of both.",
    prompt: "Take profit from entry?",
    offer: "0.8%",
  }),
  grid_step: standing(distance(), "0.2%", {
    unit: "share",
    help: "Distance between two rungs.",
    prompt: "Distance between two rungs?",
  }),
  spacing: about(choice("arithmetic", "geometric").optional(), {
    help: "`arithmetic`: equal distances, a `grid_step` of `anchor_price` each. `geometric`: each rung is `grid_step` above the one below. Left out: arithmetic where there is an `anchor_price`, else geometric.",
    prompt: "Equal distances (arithmetic) or equal percentages (geometric)?",
    offer: "geometric",
  }),
  anchor_price: about(price().optional(), {
    unit: "price",
    help: "Rungs lie at equal distances from this price. Left out: each rung is `grid_step` above the one below.",
    prompt: "From which price are the distances laid?",
  }),
  lower_price: about(price().optional(), {
    unit: "price",
    help: "No entry is placed below this price. Left out: no bound.",
    prompt: "Lowest price of an entry?",
  }),
  upper_price: about(price().optional(), {
    unit: "price",
    help: "No entry is placed above this price. Left out: no bound.",
    prompt: "Highest price of an entry?",
  }),
  max_orders: about(whole(1, 200), {
    unit: "rungs",
    help: "Rungs that may be open at once.",
    prompt: "How many rungs may be open at once?",
    offer: "25",
  }),
  wait_time: about(decimalNumber(0, 86_400, " seconds"), {
    unit: "seconds of the market",
    help: "Least time between two entries.",
    prompt: "Least time between two entries (seconds)?",
    offer: "10",
  }),
  max_margin_usd: about(money(100, 1_000_000).optional(), {
    unit: "USDT",
    help: "The purse: the most margin this engine may use. For contracts that settle in USDT.",
    prompt: "Maximum margin to allocate (USD)?",
    offer: "5000",
  }),
  max_margin: about(money(0.0001, 1_000_000).optional(), {
    unit: "settle asset",
    help: "The same for contracts that are margined in coins, in coins. One of the two is required, never both.",
    prompt: "Maximum margin to allocate (coins)?",
    offer: "0.05",
  }),
  max_position_size: about(amount("0.08").optional(), {
    unit: "base units",
    help: "Most that may be held and be on order together. Left out: `max_orders` times the quantity. It may not be less than that.",
    prompt: "Maximum position size per asset?",
  }),
  leverage: standing(whole(1, 3, ", higher leverage is not allowed"), "1", {
    unit: "times",
    help: "Leverage that is set on the exchange for the symbol.",
    prompt: "Leverage?",
  }),
  stop_loss_enabled: standing(yesNo(), "true", {
    help: "Whether each rung has a stop. Switched off it needs `max_loss_usd` or `max_loss`, and in `live` also `live.gridWithoutStops`.",
    prompt: "Does each rung have a stop?",
  }),
  stop_loss_percentage: standing(percent(rate(PERCENT / 2), rate(10 * PERCENT)), "2", {
    unit: "percent",
    help: "Distance of a rung's stop from its entry.",
    prompt: "Stop loss % from entry?",
  }),
  max_loss_usd: about(money(1, 1_000_000).optional(), {
    unit: "USDT",
    help: "The purse's own loss limit: the most it may lose, open losses included. Then all is closed and the grid waits. Not more than `max_margin_usd`.",
    prompt: "Most that this grid may lose (USD)?",
  }),
  max_loss: about(money(0.0001, 1_000_000).optional(), {
    unit: "settle asset",
    help: "The same for contracts that are margined in coins, in coins. Not more than `max_margin`.",
    prompt: "Most that this grid may lose (coins)?",
  }),
  position_timeout_minutes: standing(whole(5, 1_440, " minutes"), "60", {
    unit: "minutes of the market",
    help: "A rung that is held longer than this is stuck when its take profit is missing or more than 3 % away from the mark price.",
    prompt: "Time before position considered stuck?",
  }),
  recovery_mode: standing(choice("aggressive", "ladder", "hedge", "none"), "ladder", {
    help: "What is done with a stuck rung whose loss is still within its stop: `aggressive` closes it at the market, `ladder` in three steps above the price (below, for a sell grid), `hedge` asks to hold the opposite beside it (hedge mode only), `none` only reports it.",
    prompt: "How are stuck positions handled (aggressive, ladder, hedge, none)?",
  }),
  stop_price: about(price().optional(), {
    unit: "price",
    help: "Emergency: when the mark price crosses it, everything is closed and the grid pauses. Below all rungs for a buy grid, above all for a sell grid.",
    prompt: "Emergency stop price?",
  }),
  pause_price: about(price().optional(), {
    unit: "price",
    help: "No entry is placed while the price is beyond it: below it for a buy grid, above it for a sell grid. What is held keeps its take profits and stops.",
    prompt: "Price beyond which no entry is placed?",
  }),
});

/** A grid under its names of seed S1 (sections 5 and 12) with the units of X38. */
export const gridSchema = refusing(parameters, REFUSED).transform(gridOf);

/** What the map of one grid's parameters hands on, before they are compared with each other. */
export type WrittenGrid = z.output<typeof parameters>;
