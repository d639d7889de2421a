/**
 * What the pieces cost in CPU time: a turn of the desk over the news of a trading grid, and the built-in venue's orders,
 * beside the parsing of one quote's frame in the same run. `npm run bench -- costs`.
 */

import { seeded } from "../src/core/random.ts";
import { lots, ONE, rate, ticks, value } from "../src/core/units.ts";
import { Kernel } from "../src/desk/kernel/kernel.ts";
import { Grid } from "../src/engines/grid/grid.ts";
import { createExchange } from "../src/venue/built-in-exchange.ts";
import { BRACKETS, INSTRUMENTS } from "../src/venue/instruments.ts";
import { SYNTHETIC_START, syntheticMarket } from "../src/venue/synthetic-market.ts";
import { GRID, Rig } from "../test/support/rig.ts";
import { costOf, writeCosts } from "./report.ts";

const QUOTES = 4_000;
const FRAMES = 20_000;
const ORDERS = 4_000;

const FRAME = JSON.stringify({
  stream: "btcusdt@bookTicker",
  data: {
    e: "bookTicker",
    u: 400_900_217,
    s: "BTCUSDT",
    b: "50000.0",
    B: "31.21",
    a: "50000.1",
    A: "40.66",
    T: 1,
    E: 2,
  },
});
let parsed = 0;
const yardstick = costOf("JSON.parse of a best-price frame", FRAMES, () => {
  for (let count = 0; count < FRAMES; count += 1) parsed += Object.keys(JSON.parse(FRAME)).length;
});

/** A grid of twenty rungs that trades: the news of a market that goes up and down, and the fills that it leads to. */
function tradedEvents() {
  const grid = {
    ...GRID,
    ordersMax: 20,
    positionMax: lots(200),
    purse: value(100_000 * ONE),
    stopLoss: rate(ONE / 10),
  };
  const rig = new Rig({ config: { grids: [grid] } }).boot();
  const chance = seeded(7, "walk");
  let mark = 500_000;
  for (let count = 0; count < QUOTES; count += 1) {
    mark += Math.round((chance.unit() - 0.5) * 4_000 + (500_000 - mark) / 50);
    rig.quote(mark);
    for (const order of rig.exchange.orders.values()) {
      const { price, side } = order.facts;
      if (order.status !== "open" || price === undefined) continue;
      if (side === "buy" ? mark < price : mark > price) rig.feed(...rig.exchange.fill(order));
    }
    if (count % 4 === 0) rig.pass(500, true);
  }
  return { config: rig.config, grid, events: rig.turns.map(({ event }) => event) };
}

const { config, grid, events } = tradedEvents();
const fills = events.filter(({ type }) => type === "fill").length;
const turn = costOf(
  `turn of the desk (${events.length} pieces of news, ${fills} fills, 20 rungs)`,
  events.length,
  () => {
    const kernel = new Kernel(config, [new Grid(grid)]);
    for (const event of events) kernel.turn(event);
  },
);

/** Post-only orders below the market, each placed and cancelled; and market orders that take from the book. */
const [instrument] = INSTRUMENTS;
if (instrument === undefined) throw new Error("the venue has an instrument");
const exchange = createExchange({
  instruments: [instrument],
  brackets: BRACKETS,
  market: syntheticMarket({ seed: 1, instruments: [instrument], startAt: SYNTHETIC_START }),
  accounts: [{ id: "main", deposit: value(1_000_000 * ONE) }],
  seed: 1,
});
const first = exchange.nextStepAt();
if (first !== undefined) exchange.step(first);
const bid = exchange.depth(instrument.id, 1).bids[0]?.price ?? 0;
const common = { instrument: instrument.id, positionSide: "both", reduceOnly: false } as const;
const placed = costOf("venue: limit order placed and cancelled", ORDERS, () => {
  for (let count = 0; count < ORDERS; count += 1) {
    const answer = exchange.place("main", {
      ...common,
      clientId: "",
      side: "buy",
      kind: "limit",
      timeInForce: "GTX",
      price: ticks(bid - 50 - (count % 200)),
      lots: lots(10),
    });
    if (!answer.ok) throw new Error("the venue took the order");
    exchange.cancel("main", instrument.id, { orderId: answer.value.orderId });
  }
});
const taken = costOf("venue: market order matched", ORDERS, () => {
  for (let count = 0; count < ORDERS; count += 1) {
    const side = count % 2 === 0 ? "buy" : "sell";
    exchange.place("main", {
      ...common,
      clientId: "",
      side,
      kind: "market",
      timeInForce: "GTC",
      lots: lots(10),
    });
  }
});
if (parsed === 0) throw new Error("nothing was parsed");
writeCosts("costs", "What the pieces cost", [yardstick, turn, placed, taken]);
