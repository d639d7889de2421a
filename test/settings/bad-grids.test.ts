import { describe, expect, test } from "vitest";
import { ticks } from "../../src/core/units.ts";
import { layGrid } from "../../src/settings/grid-layout.ts";
import { loadSettings } from "../../src/settings/load.ts";
import { INSTRUMENTS } from "../../src/venue/instruments.ts";
import { GRID, grid, machine } from "./machine.ts";

/** The market's price of BTCUSDT when the grid is set up: 100,000.0 USDT. */
const PRICE = ticks(1_000_000);

/** Everything that a start says of a settings file, from its text to the exchange's instrument. */
function saidOf(text: string, env: Readonly<Record<string, string>> = {}): readonly string[] {
  const loaded = loadSettings(machine({ "my.yaml": text }, { env }));
  if (!loaded.ok) return loaded.problems;
  return loaded.settings.engines.flatMap((engine) => {
    const instrument = INSTRUMENTS.find(({ id }) => id === engine.symbol);
    if (instrument === undefined) throw new Error(`${engine.symbol} does not ship`);
    const laid = layGrid(engine, instrument, PRICE);
    return laid.ok ? [] : laid.problems;
  });
}

/** The good grid with several lines changed or added. */
const changed = (...lines: readonly string[]): string =>
  lines.reduce((text, line) => {
    const key = line.slice(0, line.indexOf(":"));
    const at = new RegExp(`^    ${key}: .*$`, "m");
    return at.test(text) ? text.replace(at, `    ${line}`) : `${text}    ${line}\n`;
  }, GRID);
const without = (key: string): string => GRID.replace(new RegExp(`^    ${key}: .*\n`, "m"), "");
const keys = { BINANCE_FUTURES_API_KEY: "key-marker", BINANCE_FUTURES_API_SECRET: "secret-marker" };

/** What is wrong, the file, and the one sentence. */
const BAD: readonly (readonly [what: string, text: string, sentence: string])[] = [
  // Names of seed S1 that stand elsewhere here.
  [
    "the exchange inside a grid",
    grid("exchange: lighter"),
    "my.yaml:12: engines[0].exchange is no setting: a desk trades on one exchange, write it once at the top of the file, like exchange: binanceusdm.",
  ],
  [
    "a ticker",
    grid("ticker: BTC"),
    "my.yaml:12: engines[0].ticker is no setting: write symbol, as the exchange spells it, like BTCUSDT.",
  ],
  ["a strategy", grid("strategy: grid"), "my.yaml:12: engines[0].strategy is no setting: write type: grid."],
  // What S1 took out, each for its own reason.
  [
    "random_timing",
    grid("random_timing: true"),
    "my.yaml:12: engines[0].random_timing is no setting: entries leave wait_time apart and never by chance, so that a run can be repeated; set wait_time.",
  ],
  [
    "timing_range",
    grid("timing_range: 0.5"),
    "my.yaml:12: engines[0].timing_range is no setting: the time between entries is one number and no range; set wait_time.",
  ],
  [
    "dynamic_profit",
    grid("dynamic_profit: true"),
    "my.yaml:12: engines[0].dynamic_profit is no setting: every rung takes the same profit, so that a result can be foretold; set take_profit.",
  ],
  [
    "profit_range",
    grid("profit_range: 0.5"),
    "my.yaml:12: engines[0].profit_range is no setting: the profit of a rung is one number and no range; set take_profit.",
  ],
  [
    "volatility_adjustment",
    grid("volatility_adjustment: true"),
    "my.yaml:12: engines[0].volatility_adjustment is no setting: a grid's parameters are fixed while it runs, whatever the market does; set grid_step.",
  ],
  [
    "enable_trailing_stop",
    grid("enable_trailing_stop: true"),
    "my.yaml:12: engines[0].enable_trailing_stop is no setting: a rung's stop stays where it is laid; set stop_loss_percentage.",
  ],
  [
    "partial_fill_handling",
    grid("partial_fill_handling: wait"),
    "my.yaml:12: engines[0].partial_fill_handling is no setting: there is one rule, what is filled gets its take profit and its stop at once; remove it.",
  ],
  [
    "order_size_mode",
    grid("order_size_mode: martingale"),
    "my.yaml:12: engines[0].order_size_mode is no setting: every rung has the same size, so that a losing grid can't grow by itself; set quantity.",
  ],
  [
    "both directions at once",
    grid("direction: both"),
    'my.yaml:5: engines[0].direction is "both": a grid has one direction, write two grids, one buy and one sell, with account.positionMode: hedge.',
  ],
  // Values of the wrong scale (X38).
  [
    "a take profit in percent without its sign",
    grid("take_profit: 0.8"),
    'my.yaml:7: engines[0].take_profit is 0.8: it must be from 0.01% to 10%, or did you mean "0.8%"?',
  ],
  [
    "a step in percent without its sign",
    grid("grid_step: 0.2"),
    'my.yaml:8: engines[0].grid_step is 0.2: it must be from 0.01% to 10%, or did you mean "0.2%"?',
  ],
  [
    "a step that is ten percent or a tenth of one",
    grid("grid_step: 0.1"),
    'my.yaml:8: engines[0].grid_step is 0.1: as a fraction that is 10%: write "10%" or "0.1%".',
  ],
  [
    "a stop as a fraction",
    grid("stop_loss_percentage: 0.02"),
    "my.yaml:12: engines[0].stop_loss_percentage is 0.02: it is in percent: write a number from 0.5 to 10, 2 means 2 %.",
  ],
  [
    "a stop in basis points",
    grid("stop_loss_percentage: 200"),
    "my.yaml:12: engines[0].stop_loss_percentage is 200: it is in percent: write a number from 0.5 to 10, 2 means 2 %.",
  ],
  [
    "a timeout in seconds",
    grid("position_timeout_minutes: 3600"),
    "my.yaml:12: engines[0].position_timeout_minutes is 3600: write a whole number from 5 to 1440 minutes.",
  ],
  [
    "a timeout in hours",
    grid("position_timeout_minutes: 1"),
    "my.yaml:12: engines[0].position_timeout_minutes is 1: write a whole number from 5 to 1440 minutes.",
  ],
  [
    "S1's example, whose orders come to more than its largest position",
    changed("quantity: 100", "max_orders: 25", "max_position_size: 1000"),
    "my.yaml:12: engines[0].max_position_size is 1000, but 25 orders of 100 are 2500: raise it or lower max_orders.",
  ],
  [
    "dollars as a quantity of coins",
    grid("quantity: 150"),
    'engine "g": max_margin_usd is 500.00: one order needs 15007500.00 of margin and fee at leverage 1: raise it or lower quantity, or did you mean quantity_usd: 150?',
  ],
  // Words and numbers that are none.
  [
    "an unknown recovery",
    grid("recovery_mode: martingale"),
    'my.yaml:12: engines[0].recovery_mode is "martingale": write one of aggressive, ladder, hedge, none.',
  ],
  [
    "an unknown spacing",
    grid("spacing: fibonacci"),
    'my.yaml:12: engines[0].spacing is "fibonacci": write one of arithmetic, geometric.',
  ],
  [
    "a price below zero",
    grid("stop_price: -1"),
    'my.yaml:12: engines[0].stop_price is -1: write an amount above zero with at most eight decimals, like "97000".',
  ],
  [
    "a price with a comma",
    grid('pause_price: "97,5"'),
    'my.yaml:12: engines[0].pause_price is "97,5": decimals take a point, not a comma: write it like "97000".',
  ],
  [
    "no purse",
    without("max_margin_usd"),
    "my.yaml:2: engines[0].max_margin_usd is missing: set max_margin_usd, or max_margin in the asset that a contract in coins is margined in.",
  ],
  [
    "no size",
    without("quantity"),
    "my.yaml:2: engines[0].quantity is missing: set quantity (base units) or quantity_usd.",
  ],
  [
    "two loss limits",
    changed("max_loss_usd: 50", "max_loss: 0.1"),
    "my.yaml:12: engines[0].max_loss_usd is 50: max_loss_usd and max_loss exclude each other, remove one.",
  ],
  // Settings that contradict each other.
  [
    "equal distances from nowhere",
    grid("spacing: arithmetic"),
    'my.yaml:12: engines[0].spacing is "arithmetic": equal distances are laid from a price: set anchor_price, or write spacing: geometric.',
  ],
  [
    "equal percentages from a price",
    changed("spacing: geometric", "anchor_price: 97000"),
    'my.yaml:12: engines[0].spacing is "geometric": equal percentages are laid from no price: remove anchor_price, or write spacing: arithmetic.',
  ],
  [
    "no stops and no loss limit",
    grid("stop_loss_enabled: false"),
    "my.yaml:12: engines[0].stop_loss_enabled is false, and nothing else limits the loss: set max_loss_usd, or stop_loss_enabled: true.",
  ],
  [
    "a loss limit above the purse",
    grid("max_loss_usd: 501"),
    "my.yaml:12: engines[0].max_loss_usd is 501.00, but the purse max_margin_usd is 500.00: lower it to at most the purse.",
  ],
  [
    "a loss limit in another asset than the purse",
    grid("max_loss: 0.01"),
    "my.yaml:12: engines[0].max_loss counts another asset than max_margin_usd: write it as max_loss_usd.",
  ],
  [
    "a hedge in one-way mode",
    grid("recovery_mode: hedge"),
    "my.yaml:12: engines[0].recovery_mode is hedge, but account.positionMode is oneWay, where an opposite order would only close: set account.positionMode: hedge, or recovery_mode: ladder.",
  ],
  [
    "two directions on one symbol in one-way mode",
    `${GRID}${GRID.replace("engines:\n", "").replace("name: g", "name: h").replace("direction: buy", "direction: sell")}`,
    'my.yaml:15: engines[1].direction is sell, but "g" already buys BTCUSDT: in one-way mode engines on a symbol share a direction, use another symbol, another account or hedge mode.',
  ],
  [
    "bounds that are turned around",
    changed("lower_price: 101000", "upper_price: 90000"),
    "my.yaml:12: engines[0].lower_price is 101000, but upper_price is 90000: write a lower price.",
  ],
  [
    "a stop among the rungs of a buy grid",
    changed("lower_price: 90000", "stop_price: 92000"),
    "my.yaml:13: engines[0].stop_price is 92000, but the stop lies beyond the last rung, at lower_price 90000: write a price below 90000.",
  ],
  [
    "a stop among the rungs of a sell grid",
    changed("direction: sell", "upper_price: 110000", "stop_price: 105000"),
    "my.yaml:13: engines[0].stop_price is 105000, but the stop lies beyond the last rung, at upper_price 110000: write a price above 110000.",
  ],
  [
    "a stop before the pause",
    changed("stop_price: 95000", "pause_price: 94000"),
    "my.yaml:12: engines[0].stop_price is 95000, but a grid pauses before it stops, at pause_price 94000: write a price below 94000.",
  ],
  [
    "a pause from the first rung on",
    changed("upper_price: 99000", "pause_price: 99500"),
    "my.yaml:13: engines[0].pause_price is 99500, but entries begin at upper_price 99000, and none would ever leave: write a price below 99000.",
  ],
  // What the exchange does not take, or what can't pay.
  [
    "a stop that the market is beyond",
    grid("stop_price: 105000"),
    'engine "g": stop_price is 105000.0: the market at 100000.0 is beyond it, and all would be closed at once: for a buy grid write a price below the market.',
  ],
  [
    "a pause on the wrong side of the market",
    changed("direction: sell", "pause_price: 95000"),
    'engine "g": pause_price is 95000.0: the market at 100000.0 is beyond it, and no entry would leave: for a sell grid write a price above the market.',
  ],
  [
    "a bound between ticks",
    grid("lower_price: 90000.05"),
    'engine "g": lower_price is 90000.05: write a multiple of 0.1, the step of BTCUSDT.',
  ],
  [
    "a bound out of the world",
    grid("upper_price: 900000"),
    'engine "g": upper_price is 900000: BTCUSDT trades from 261.1 to 809484.0.',
  ],
  [
    "bounds without room for a step",
    changed("lower_price: 90000", "upper_price: 90100"),
    'engine "g": upper_price is 90100.0: from lower_price 90000.0 that is less than one grid_step of 0.20%, make room for more rungs.',
  ],
  [
    "a take profit that can't pay its fees",
    grid("take_profit: 0.0004"),
    'engine "g": take_profit is 0.0400%: the fees of an entry and its take profit on BTCUSDT are 0.04%, make it more than they cost.',
  ],
  [
    "rungs that are too small at the last of them",
    changed("quantity: 0.001", "max_orders: 10"),
    'engine "g": quantity is 0.001: on the lowest rung, 98021.8, that is 98.02 USDT, BTCUSDT takes orders from 100.00, there 0.002 BTC.',
  ],
  [
    "rungs that are too small at the lower bound",
    changed("quantity: 0.002", "lower_price: 45000"),
    'engine "g": quantity is 0.002: on the lowest rung, 45000.0, that is 90.00 USDT, BTCUSDT takes orders from 100.00, there 0.003 BTC.',
  ],
  [
    "a purse that one rung with its fee is too much for",
    changed("quantity: 0.005", "max_margin_usd: 500"),
    'engine "g": max_margin_usd is 500.00: one order needs 500.25 of margin and fee at leverage 1: raise it or lower quantity.',
  ],
];

describe("a bad grid is one clear sentence", () => {
  test.each(BAD)("%s", (_what, text, sentence) => {
    expect(saidOf(text)).toEqual([sentence]);
  });

  test("there are forty and more, and the good grid that they are made from is good", () => {
    expect(BAD.length).toBeGreaterThanOrEqual(40);
    expect(new Set(BAD.map(([, , sentence]) => sentence)).size).toBe(BAD.length);
    expect(saidOf(GRID)).toEqual([]);
    for (const [what, , sentence] of BAD) {
      expect(sentence, what).toMatch(/[.?]$/);
      expect(sentence.length, what).toBeLessThan(240);
    }
  });

  test("in live mode stops are switched off by an admin's written exception alone", () => {
    const bare = changed("stop_loss_enabled: false", "max_loss_usd: 100");
    expect(saidOf(bare)).toEqual([]);
    expect(saidOf(`mode: live\n${bare}`, keys)).toEqual([
      "my.yaml:13: engines[0].stop_loss_enabled is false, which live mode takes only by an admin's written exception: set it to true, or write who allows it and why as live.gridWithoutStops.",
    ]);
    const why = "live: { gridWithoutStops: 'Ann, 2026-05-02: range is bounded by options' }\n";
    expect(saidOf(`mode: live\n${why}${bare}`, keys)).toEqual([]);
  });

  test("S1's own file fits with its names, null prices and an exchange's size", () => {
    const s1 = changed(
      "quantity: 0.004",
      "max_orders: 25",
      "max_margin_usd: 5000",
      "max_position_size: 1",
      "stop_loss_enabled: true",
      "stop_loss_percentage: 2.0",
      "position_timeout_minutes: 60",
      "recovery_mode: ladder",
      "stop_price: null",
      "pause_price: null",
    );
    expect(saidOf(s1)).toEqual([]);
  });
});
