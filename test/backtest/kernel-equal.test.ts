import { describe, expect, test } from "vitest";
import { runBacktest } from "../../src/backtest/runner.ts";
import { rate } from "../../src/core/units.ts";
import { setupOf, walk } from "./markets.ts";
import { protocolRun, type Told } from "./protocol-run.ts";

/** Market time between two points of a one-minute candle's path. */
const POINT_MS = 20_000;
/** What the way to the exchange and back takes in the other run, in its market's time. */
const LATENCY_MS = 1_000;

/**
 * An execution as both can tell it: on which point of the path. When a close at the market leaves is a matter of the
 * desk's own timers, which are half a second of real time: there the point, and with it the price, may be a later one.
 */
function comparable({ at, price, fee, ...rest }: Told, from: number) {
  if (rest.role === "close") return rest;
  return { ...rest, price, fee, point: Math.floor((at - from) / POINT_MS) };
}

describe("a backtest and the desk in sim over the same candles", () => {
  test.each([
    ["buy", 11],
    ["sell", 12],
    ["sell", 14],
  ] as const)("trade the same, fill by fill: a %s grid, seed %i", async (direction, seed) => {
    const candles = walk({ seed, candles: 360, swing: 0.0016, pull: 0.0005 });
    const grid = { direction, stopLoss: rate(900_000), takeProfit: rate(250_000) };
    const sim = await protocolRun(candles, grid);
    // There the desk needs its time to start; here it starts just before that point of the path.
    const point = Math.floor((sim.firstEntryAt - sim.from) / POINT_MS) * POINT_MS;
    const changes = { startsAfterMs: point - POINT_MS / 2, latencyMs: LATENCY_MS };
    const { observer } = runBacktest(setupOf(candles, grid, changes));
    const told = observer.executions.map(({ fill, order }): Told => {
      const { at, side, price, lots, fee } = fill;
      return { at, role: order?.role ?? "none", rung: order?.rung ?? 0, side, price, lots, fee };
    });
    expect(told.map((each) => comparable(each, sim.from))).toEqual(
      sim.told.map((each) => comparable(each, sim.from)),
    );
    expect(told.length).toBeGreaterThan(100);
    expect(told.filter(({ role }) => role === "stop").length).toBeGreaterThan(0);
  });
});
