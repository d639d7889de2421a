/**
 * What one turn of an engine takes: a grid that holds a hundred rungs hears prices, executions and timers, and settles what it has.
 * Each turn is timed in every one of several runs over the same news and counts with its least, so that what else the machine
 * does is left out; beside it what the engine keeps of each turn. `npm run bench -- engine-turn`.
 */

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { DeskEvent } from "../src/core/event.ts";
import { seeded } from "../src/core/random.ts";
import { lots, millis, ONE, rate, value } from "../src/core/units.ts";
import { Kernel } from "../src/desk/kernel/kernel.ts";
import { Grid } from "../src/engines/grid/grid.ts";
import { GRID, Rig } from "../test/support/rig.ts";
import { writeBenchmark } from "./report.ts";

const RUNGS = 100;
const QUOTES = 4_000;
const RUNS = 12;
const QUIET_TURNS = 100_000;
const STRETCHES = 5;
const START = 500_000;

const grid = {
  ...GRID,
  ordersMax: RUNGS,
  step: rate(50_000),
  waitMs: millis(0),
  positionMax: lots(10 * RUNGS),
  purse: value(1_000_000 * ONE),
  stopLoss: rate(ONE / 5),
};

/** The market falls through all rungs, then goes up and down; the news that this makes, and from which on all rungs are held. */
function news() {
  const rig = new Rig({ config: { grids: [grid], grossLeverageMax: 100 } }).boot();
  const chance = seeded(7, "walk");
  const held = (): number => rig.state.engines.get(grid.engine)?.snapshot().rungsHeld ?? 0;
  const move = (mark: number): void => {
    rig.quote(mark);
    for (const order of rig.exchange.orders.values()) {
      const { price, side } = order.facts;
      if (order.status !== "open" || price === undefined) continue;
      if (side === "buy" ? mark < price : mark > price) rig.feed(...rig.exchange.fill(order));
    }
  };
  let mark = START;
  for (; held() < RUNGS - 1 && mark > START * 0.8; mark -= 50) {
    move(mark);
    rig.pass(500, true);
  }
  if (held() < RUNGS - 1) throw new Error(`the market fell and only ${held()} rungs are held`);
  const from = rig.turns.length;
  const low = mark;
  for (let count = 0; count < QUOTES; count += 1) {
    mark += Math.round((chance.unit() - 0.5) * 1_200 + (low - mark) / 20);
    move(mark);
    if (count % 4 === 0) rig.pass(500, true);
  }
  return { config: rig.config, events: rig.turns.map(({ event }) => event), from, rungs: held() };
}

const { config, events, from, rungs } = news();

/** Runs all news; nanoseconds of every turn of the engine once all rungs are held. */
function timed(): { readonly kernel: Kernel; readonly nanos: readonly number[] } {
  const engine = new Grid(grid);
  const handle = engine.handle.bind(engine);
  const nanos: number[] = [];
  let isCounting = false;
  engine.handle = (event, view) => {
    const before = process.hrtime.bigint();
    const intents = handle(event, view);
    if (isCounting) nanos.push(Number(process.hrtime.bigint() - before));
    return intents;
  };
  const kernel = new Kernel(config, [engine]);
  events.forEach((event, at) => {
    isCounting = at >= from;
    kernel.turn(event);
  });
  isCounting = false;
  return { kernel, nanos };
}

let { kernel, nanos: alone } = timed();
let least = alone;
for (let run = 1; run < RUNS; run += 1) {
  const again = timed();
  kernel = again.kernel;
  alone = again.nanos;
  least = least.map((one, at) => Math.min(one, again.nanos[at] ?? one));
}

const inMillis = (nanos: readonly number[]): readonly number[] => nanos.map((each) => each / 1e6);

setFlagsFromString("--expose-gc");
const collect = runInNewContext("gc") as () => void;
/** Bytes that are kept of a turn, over many in which nothing is traded. Code that is compiled meanwhile counts as well. */
function keptBytes(): number {
  const last = (type: "mark" | "timer"): DeskEvent => {
    const found = events.findLast((event) => event.type === type);
    if (found === undefined) throw new Error(`the market told a ${type}`);
    return found;
  };
  const [mark, timer] = [last("mark"), last("timer")];
  const quiet = (count: number): number => {
    for (let turn = 0; turn < count; turn += 1) kernel.turn(turn % 4 === 3 ? timer : mark);
    collect();
    return process.memoryUsage().heapUsed;
  };
  const before = quiet(QUIET_TURNS);
  return (quiet(QUIET_TURNS) - before) / QUIET_TURNS;
}

const kept =
  Array.from({ length: STRETCHES }, keptBytes).sort((a, b) => a - b)[Math.floor(STRETCHES / 2)] ?? 0;
const note = `${rungs} rungs held at the end. Kept of a turn, over ${QUIET_TURNS.toLocaleString("en")} without a trade, the middle one of ${STRETCHES} such stretches: ${kept.toFixed(2)} bytes.`;
await writeBenchmark(
  "engine-turn",
  "A turn of an engine",
  {
    [`grid of ${RUNGS} rungs, each turn with the least of ${RUNS} runs`]: inMillis(least),
    "the last of these runs alone, with whatever else the machine did": inMillis(alone),
  },
  [],
  [note],
);
