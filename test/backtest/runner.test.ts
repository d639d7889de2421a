import { execFileSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { runBacktest } from "../../src/backtest/runner.ts";
import type { BacktestSetup } from "../../src/backtest/setup.ts";
import { seeded } from "../../src/core/random.ts";
import { lots, millis, ONE, rate, ticks, value } from "../../src/core/units.ts";
import type { GridParameters } from "../../src/engines/grid/parameters.ts";
import { ROOT } from "../e2e/processes.ts";
import { START, setupOf, walk } from "./markets.ts";

const DAY = walk({ seed: 3, candles: 1_440 });

const told = (setup: BacktestSetup) => {
  const { observer, stateHash, balance } = runBacktest(setup);
  return { stateHash, balance, executions: observer.executions };
};

describe("the same files, settings and seed", () => {
  test("give the same executions and the same hash", () => {
    expect(told(setupOf(DAY))).toEqual(told(setupOf(DAY)));
  });

  test("give the same hash in a process of their own", () => {
    const here = told(setupOf(DAY)).stateHash;
    const script = `
      const { runBacktest } = await import("./src/backtest/runner.ts");
      const { setupOf, walk } = await import("./test/backtest/markets.ts");
      console.log(runBacktest(setupOf(walk({ seed: 3, candles: 1440 }))).stateHash);`;
    const there = execFileSync(
      process.execPath,
      ["--import", "tsx", "--input-type=module", "--eval", script],
      { cwd: ROOT, encoding: "utf8" },
    );
    expect(there.trim()).toBe(here);
  });

  test("another seed is another depth, and another hash", () => {
    expect(told(setupOf(DAY, {}, { seed: 2 })).stateHash).not.toBe(told(setupOf(DAY)).stateHash);
  });
});

/** A stop, or what closes a rung in its place. */
const STOPPED = ["stop", "stopRefused", "beyondStop"];

/** A grid and a market that differ from seed to seed. From seed 101 on the market is rough: positions are stuck and equity falls. */
function caseOf(seed: number): readonly [BacktestSetup, BacktestSetup] {
  const chance = seeded(seed, "case");
  const isOneOf = (count: number): boolean => chance.below(count) === 0;
  const isRough = seed > 100;
  const candles = walk({
    seed,
    candles: 500,
    swing: 0.0003 + 0.003 * chance.unit() + (isRough ? 0.004 : 0),
    pull: isRough ? 0 : 0.002 * chance.unit(),
    volume: isOneOf(3) ? 0.2 : 40,
    still: isOneOf(2) ? 0.5 : 0,
  });
  const direction = isOneOf(2) ? "buy" : "sell";
  const quantity = lots(2 + chance.below(12));
  const ordersMax = 3 + chance.below(23);
  /** So far from the market's first price, in percent: on the side on which the grid loses when below zero. */
  const priceAt = (percent: number) =>
    ticks(Math.round(600_000 * (1 + ((direction === "buy" ? 1 : -1) * percent) / 100)));
  const grid: Partial<GridParameters> = {
    direction,
    quantity,
    ordersMax,
    positionMax: lots(quantity * ordersMax),
    step: rate(40_000 + chance.below(200_000)),
    takeProfit: rate(80_000 + chance.below(300_000)),
    stopLoss: isOneOf(3) ? undefined : rate(500_000 + chance.below(isRough ? 9_000_000 : 600_000)),
    waitMs: millis(chance.below(4) * 45_000),
    purse: value((isOneOf(3) ? 300 : 5_000) * ONE),
  };
  const limits: Partial<GridParameters> = {
    recovery: (["none", "ladder", "aggressive", "hedge"] as const)[chance.below(4)] ?? "none",
    stuckAfterMs: millis(600_000 + chance.below(3_000_000)),
    stopPrice: isOneOf(4) ? priceAt(-1 - 4 * chance.unit()) : undefined,
    pausePrice: isOneOf(4) ? priceAt(-0.3 - 2 * chance.unit()) : undefined,
    lossMax: isOneOf(4) ? value(Math.round((5 + 100 * chance.unit()) * ONE)) : undefined,
    ...(isOneOf(4) ? { priceMin: ticks(590_000), priceMax: ticks(608_000) } : {}),
  };
  const changes = {
    seed,
    ...(isOneOf(3) ? { latencyMs: 1 + chance.below(isRough ? 3_000 : 30_000) } : {}),
    ...(isOneOf(isRough ? 2 : 4) ? { deposit: value(3_000 * ONE) } : {}),
    rules: {
      triggeredStopUnderFullTakeProfit: isOneOf(2) ? "refuse" : "expireTakeProfit",
    } as const,
  };
  const whole = { ...grid, ...limits };
  return [setupOf(candles, whole, changes), setupOf(candles, whole, { ...changes, feedsAll: true })];
}

describe("quotes that are left out", () => {
  const seen = { left: 0, fed: 0, executions: 0, stops: 0 };
  const ways = new Map<string, number>();

  const seeds = Array.from({ length: 16 }, (_, index) => index + 1);

  test.each([...seeds, ...seeds.map((seed) => seed + 100)])("change nothing: seed %i", (seed) => {
    const [leaving, feeding] = caseOf(seed);
    const [left, fed] = [runBacktest(leaving), runBacktest(feeding)];
    expect(left.observer.executions).toEqual(fed.observer.executions);
    expect(left.stateHash).toBe(fed.stateHash);
    expect(left.observer.course).toEqual(fed.observer.course);
    expect(left.observer.alerts).toEqual(fed.observer.alerts);
    seen.left += left.turns;
    seen.fed += fed.turns;
    seen.executions += left.observer.executions.length;
    seen.stops += left.observer.executions.filter(({ how }) => STOPPED.includes(how)).length;
    for (const { how } of left.observer.executions) ways.set(how, (ways.get(how) ?? 0) + 1);
  });

  test("are many, and the grids of these seeds do trade, stop, recover and halt", () => {
    for (const way of ["takeProfit", "stop", "ladder", "recovery", "halted"])
      expect(ways.get(way)).toBeGreaterThan(10);
    expect(seen.executions).toBeGreaterThan(500);
    expect(seen.stops).toBeGreaterThan(10);
    expect(seen.left).toBeLessThan(seen.fed * 0.95);
  });
});

describe("quotes that are left out while the equity falls", () => {
  /** Falls to a part of its price by the middle of the course, and comes back to another part by its end. */
  const fallen = (to: number, back: number) => {
    const candles = walk({ seed: 21, candles: 1_000, swing: 0.0006 });
    return candles.map((candle, at) => {
      const part = at < 500 ? 1 - ((1 - to) * at) / 500 : to + ((back - to) * (at - 500)) / 500;
      const scaled = (price: number): number => Math.round(price * part * 10) / 10;
      const { open, high, low, close } = candle;
      const prices = { open: scaled(open), high: scaled(high), low: scaled(low), close: scaled(close) };
      return { ...candle, ...prices };
    });
  };

  test.each([
    ["a warning that ends", 0.945, 1.01, "none", "monitoring"],
    ["a warning that stays", 0.95, 0.952, "none", "warning"],
    ["a warning that ladders and unanswered cards leave standing", 0.945, 1.01, "ladder", "warning"],
    ["an emergency that ends in a warning", 0.91, 0.97, "none", "warning"],
    ["an emergency in which all is closed", 0.91, 0.97, "ladder", "emergency"],
    ["a shutdown", 0.85, 0.95, "none", "shutdown"],
  ] as const)("change nothing: %s", (_, to, back, recovery, state) => {
    const grid = { stopLoss: undefined, recovery, quantity: lots(8), positionMax: lots(200) };
    const changes = { deposit: value(8_000 * ONE) };
    const [left, fed] = [{}, { feedsAll: true }].map((more) =>
      runBacktest(setupOf(fallen(to, back), grid, { ...changes, ...more })),
    );
    expect(left?.observer.executions).toEqual(fed?.observer.executions);
    expect(left?.stateHash).toBe(fed?.stateHash);
    expect(left?.observer.alerts).toEqual(fed?.observer.alerts);
    expect(left?.observer.alerts.get("risk:main")).toBeGreaterThan(0);
    expect(left?.riskState).toBe(state);
  });
});

describe("the future", () => {
  test.each([200, 711, 1_200])("that is cut off after %i candles changes nothing earlier", (count) => {
    const end = START + count * 60_000;
    const whole = told(setupOf(DAY)).executions.filter(({ fill }) => fill.at < end);
    const cut = told(setupOf(DAY.slice(0, count))).executions;
    expect(cut.length).toBeGreaterThan(20);
    expect(cut).toEqual(whole);
  });
});

describe("money", () => {
  const run = runBacktest(setupOf(walk({ seed: 9, candles: 3_000, swing: 0.002 })));
  const { balance, observer } = run;

  test("the wallet is start plus realised less fees plus funding, to the unit, with funding paid", () => {
    expect(balance.wallet).toBe(balance.start + balance.realized - balance.fees + balance.funding);
    expect(balance.funding).not.toBe(0);
    expect(balance.start).toBe(run.start);
  });

  test("fees and profits are those of the executions", () => {
    const sum = (of: "fee" | "realized") =>
      observer.executions.reduce((total, { fill }) => total + fill[of], 0);
    expect(sum("fee")).toBe(balance.fees);
    expect(sum("realized")).toBe(balance.realized);
  });

  test("the purse is used, and never beyond its end", () => {
    expect(observer.marginUseMax).toBeGreaterThan(0.05);
    expect(observer.marginUseMax).toBeLessThanOrEqual(1);
  });

  test("trades are what the executions of a rung add up to", () => {
    const { closed } = observer.ledger;
    const held = [...observer.ledger.open()].reduce(
      (lotsHeld, trade) => lotsHeld + (trade.legs.get("both") ?? 0),
      0,
    );
    const entered = closed.reduce((total, trade) => total + trade.lots, 0);
    const bought = observer.executions.reduce(
      (total, { fill, how }) => total + (how === "entry" ? fill.lots : 0),
      0,
    );
    const openEntered = [...observer.ledger.open()].reduce((total, trade) => total + trade.entered, 0);
    expect(entered + openEntered).toBe(bought);
    const signed = observer.executions.reduce(
      (total, { fill }) => total + (fill.side === "buy" ? fill.lots : -fill.lots),
      0,
    );
    expect(held).toBe(signed);
    expect(closed.length).toBeGreaterThan(100);
  });
});

describe("latency", () => {
  test("lets requests arrive later: an entry that is sent on a point is not there before", () => {
    const first = (latencyMs: number) => {
      const entry = told(setupOf(DAY, {}, { latencyMs })).executions.find(({ how }) => how === "entry");
      return entry?.fill.at ?? 0;
    };
    expect(first(0)).toBeGreaterThan(START);
    expect(first(600_000)).toBeGreaterThan(START + 600_000);
  });
});

test("a thin market fills in parts, and what an order can't get waits", () => {
  const run = runBacktest(
    setupOf(walk({ seed: 5, candles: 1_440, volume: 0.4 }), { quantity: lots(40), positionMax: lots(1_000) }),
  );
  const parts = run.observer.executions.filter(
    ({ fill, order }) => order !== undefined && fill.lots < order.lots,
  );
  expect(parts.length).toBeGreaterThan(20);
});
