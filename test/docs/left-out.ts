/** What the plan of commands names and no command here does, with the reason. */
export interface LeftOut {
  readonly names: readonly string[];
  readonly does: string;
  readonly why: string;
}

const of = (names: string, does: string, why: string): LeftOut => ({ names: names.split(" "), does, why });

/** In the order of the plan; `names` that are commands all the same are named for what is left out of them. */
export const LEFT_OUT: readonly LeftOut[] = [
  of(
    "close",
    "Close with a limit order",
    "A rung is out when its exit has filled. One that waits at a price of its own for hours needs a state of its own, with stop, deadline and restart; until then /recover lays a ladder, and /close goes to the market in slices with a cap on slippage.",
  ),
  of(
    "set_tp trail",
    "Move a take profit, trail a stop",
    "A rung's are distances that its figures were checked against. /set_sl is /stop_price, the price at which a grid closes all it holds; /pause_price is where entries end.",
  ),
  of(
    "reduce_leverage set_leverage set_margin_mode",
    "Leverage and margin mode",
    "Settings of each engine, asked for and read back at the start; engines trade with isolated margin alone. /add_margin does for a position what less leverage would.",
  ),
  of("open", "Open a position", "Positions are opened by engines within their purses and stops."),
  of(
    "mode reload_config restart",
    "Another mode, other settings, a new start",
    "Settings are read once and checked whole, on the machine; going live asks there, with a sentence to type.",
  ),
  of(
    "stress correlation rebalance signal regime model features optimize strategy retrain model_promote model_rollback",
    "Portfolio, models and further engines",
    "They come with what they show.",
  ),
];
