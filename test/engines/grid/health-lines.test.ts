import { describe, expect, it } from "vitest";
import type { TradeFields } from "../../../src/core/trade-log.ts";
import { millis, rate, ticks } from "../../../src/core/units.ts";
import { GridMetrics } from "../../../src/engines/grid/metrics.ts";
import type { GridParameters } from "../../../src/engines/grid/parameters.ts";
import { GRID, Rig } from "../../support/rig.ts";
import { one } from "../../support/scenario.ts";

/** Bought at 50,000.0, to be sold at 50,500.0; one entry only, and stuck after an hour. */
function stuck(given: Partial<GridParameters>): Rig {
  const grid = {
    ...GRID,
    anchor: ticks(500_000),
    takeProfit: rate(1_000_000),
    stopLoss: rate(10_000_000),
    waitMs: millis(1e11),
    ...given,
  };
  const rig = new Rig({ config: { grids: [grid] } }).boot();
  rig.feed(...rig.exchange.fill(one(rig, "entry")));
  rig.quote(475_000);
  pass(rig, Math.ceil(grid.stuckAfterMs / 60_000) + 6);
  return rig;
}
function pass(rig: Rig, minutes: number): void {
  for (let n = 0; n < minutes; n += 1) {
    rig.exchange.at += 60_000;
    rig.exchange.wallAt += 1_000;
    rig.timer();
    rig.feed(...rig.exchange.quotes());
  }
}
const health = (rig: Rig): TradeFields[] =>
  rig.turns
    .flatMap(({ effects }) => effects)
    .flatMap((effect) => (effect.type === "logTrade" ? [effect.fields] : []))
    .filter(({ Action }) => /^(STUCK|RECOVER)/.test(String(Action)));

describe("what the trade log tells of a stuck position", () => {
  it("is that it was found, what is tried, and that it is out", () => {
    const rig = stuck({ recovery: "ladder" });
    for (const slice of rig.exchange.open("ladder")) rig.feed(...rig.exchange.fill(slice));
    pass(rig, 1);
    const lines = health(rig);
    expect(lines).toMatchObject([
      { Action: "STUCK", Engine: "grid1", Rung: 0, Size: "0.010", Entry: "50000.0", LossMax: "0.10000000" },
      { Action: "RECOVERY_BEGIN", How: "ladder" },
      { Action: "RECOVERED", How: "ladder", LossMax: "0.10000000" },
    ]);
    expect(Number(lines[0]?.["CloseNow"])).toBeLessThan(-25);
    expect(Number(lines[2]?.["PnL"])).toBeLessThan(0);
    expect(Number(lines[2]?.["Loss"])).toBeGreaterThan(0);
    expect(new Set(lines.map(({ StuckSince }) => StuckSince)).size).toBe(1);
    const metrics = new GridMetrics();
    for (const line of lines) metrics.add(line);
    expect(metrics.report().recovery).toMatchObject({
      stuck: 1,
      open: 0,
      ended: 1,
      recovered: 1,
      attempts: 1,
    });
  });

  it("is its end too where the price comes back into reach by itself", () => {
    const rig = stuck({ recovery: "none" });
    rig.quote(500_000);
    pass(rig, 6);
    expect(health(rig).map(({ Action, How }) => [Action, How])).toEqual([
      ["STUCK", undefined],
      ["RECOVERED", "back"],
    ]);
  });
});
