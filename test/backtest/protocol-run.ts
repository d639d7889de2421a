import { readClientId } from "../../src/core/ids.ts";
import { seeded } from "../../src/core/random.ts";
import { millis } from "../../src/core/units.ts";
import type { GridParameters } from "../../src/engines/grid/parameters.ts";
import { openBinanceCore } from "../../src/venue/binance/core.ts";
import { createExchange } from "../../src/venue/built-in-exchange.ts";
import type { FileCandle } from "../../src/venue/candle-file.ts";
import { candleMarket } from "../../src/venue/candle-walk.ts";
import { Frames } from "../../src/venue/web/frames.ts";
import { startBot } from "../simulation/bot.ts";
import { Network } from "../simulation/connection.ts";
import { Machine, Process } from "../simulation/machine.ts";
import { Disk } from "../simulation/memory-store.ts";
import { scenarioOf, WALL_START } from "../simulation/scenario.ts";
import { Timeline } from "../simulation/timeline.ts";
import { BTC, GRID25, setupOf } from "./markets.ts";

/** Market seconds a wall second: an answer after some 20 ms is less than two seconds of the market late. */
const SPEED = 60;
const KEY = { apiKey: "simulation", secret: "simulated", account: "main" };
const STRAIGHT = { delayMs: 0, answerDelayMs: 0, end: "answered" } as const;

/** One execution, as both ways of running can tell it. */
export interface Told {
  readonly at: number;
  readonly role: string;
  readonly rung: number;
  readonly side: string;
  readonly price: number;
  readonly lots: number;
  readonly fee: number;
}

/** What came of a run through the exchange's protocol. */
export interface ProtocolRun {
  readonly told: readonly Told[];
  /** Market time at which the first entry came to rest. */
  readonly firstEntryAt: number;
  readonly from: number;
}

/**
 * The desk as it is started in sim, with gateway, translation, store, timers and readings, over the exchange's own protocol
 * and these candles; only sockets and the machine's clock are simulated, and nothing goes wrong.
 */
export async function protocolRun(
  candles: readonly FileCandle[],
  grid: Partial<GridParameters>,
): Promise<ProtocolRun> {
  const timeline = new Timeline(WALL_START);
  const { deposit, seed } = setupOf(candles);
  const exchange = createExchange({
    instruments: [BTC.instrument],
    brackets: { BTCUSDT: BTC.brackets },
    market: candleMarket({ instrument: BTC.instrument, candles, candleMs: 60_000 }),
    accounts: [{ id: "main", deposit }],
    seed,
  });
  const from = exchange.now();
  const weather = { request: () => STRAIGHT, frame: () => [0], skewMs: () => 0 };
  const wall = {
    now: () => timeline.now,
    setTimeout: (run: () => void, ms: number) => timeline.after(ms, run),
    clearTimeout: (cancel: unknown) => (cancel as (() => void) | undefined)?.(),
  };
  const onBug = (error: unknown): never => {
    throw error;
  };
  const core = openBinanceCore(
    { exchange, keys: [KEY] },
    { wall, frames: new Frames(wall, weather), weather, onBug },
  );
  const network = new Network({
    timeline,
    core,
    key: KEY,
    weather,
    chance: seeded(1, "network"),
    onBug,
    met: () => undefined,
  });
  let firstEntryAt = 0;
  exchange.listen(
    (event) => {
      if (event.type === "order" && event.change === "NEW" && firstEntryAt === 0) firstEntryAt = event.at;
    },
    { depth: false },
  );
  const pump = (): void => {
    const target = millis(Math.floor(from + (timeline.now - WALL_START) * SPEED));
    while (exchange.step(target)) {
      // Until the next point is still to come.
    }
    const next = exchange.nextStepAt();
    if (next !== undefined) timeline.after(Math.max(1, (next - target) / SPEED), pump);
  };
  pump();
  startBot({
    name: "desk",
    process: new Process(new Machine(timeline, "10.0.0.1")),
    disk: new Disk(),
    network,
    scenario: {
      ...scenarioOf(1),
      instruments: [BTC.instrument],
      grids: [{ ...GRID25, ...grid }],
      deposit,
    },
    watcher: { turn: () => undefined, alert: () => undefined, card: () => undefined, log: () => undefined },
    nonce: "abcd",
    plant: undefined,
  });
  await timeline.runUntil(WALL_START + (candles.length * 60_000) / SPEED + 1_000);
  const told = exchange.trades("main", {}).map((trade): Told => {
    const order = exchange.order("main", trade.instrument, { orderId: trade.orderId });
    const id = readClientId(order?.clientId ?? "");
    const { at, side, price, lots, fee } = trade;
    return { at, role: id?.role ?? "none", rung: id?.rung ?? 0, side, price, lots, fee };
  });
  return { told, firstEntryAt, from };
}
