import { execFileSync } from "node:child_process";
import { describe, expect, test } from "vitest";
import { runBacktest } from "../../src/backtest/runner.ts";
import type { BacktestSetup } from "../../src/backtest/setup.ts";
import { seeded } from "../../src/core/random.ts";
import { lots, millis, ONE, rate, value } from "../../src/core/units.ts";
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

/** A grid and a market that differ from seed to seed. */
function caseOf(seed: number): readonly [BacktestSetup, BacktestSetup] {
  const chance = seeded(seed, "case");
  const candles = walk({
    seed,
    candles: 500,
    swing: 0.0003 + 0.003 * chance.unit(),
    pull: 0.002 * chance.unit(),
    volume: chance.below(3) === 0 ? 0.2 : 40,
    still: chance.below(2) === 0 ? 0.5 : 0,
  });
  const direction = chance.below(2) === 0 ? "buy" : "sell";
  const quantity = lots(2 + chance.below(12));
  const ordersMax = 3 + chance.below(23);
  const grid: Partial<GridParameters> = {
    direction,
    quantity,
    ordersMax,
    positionMax: lots(quantity * ordersMax),
    step: rate(40_000 + chance.below(200_000)),
    takeProfit: rate(80_000 + chance.below(300_000)),
    stopLoss: chance.below(4) === 0 ? undefined : rate(500_000 + chance.below(600_000)),
    waitMs: millis(chance.below(3) * 45_000),
    purse: value((chance.below(3) === 0 ? 300 : 5_000) * ONE),
  };
  const changes = {
    seed,
    ...(chance.below(3) === 0 ? { latencyMs: 1 + chance.below(30_000) } : {}),
    rules: {
      triggeredStopUnderFullTakeProfit: chance.below(2) === 0 ? "refuse" : "expireTakeProfit",
    } as const,
  };
  return [setupOf(candles, grid, changes), setupOf(candles, grid, { ...changes, feedsAll: true })];
}

describe("quotes that are left out", () => {
  const seen = { left: 0, fed: 0, executions: 0, stops: 0 };

  test.each(Array.from({ length: 16 }, (_, index) => index + 1))("change nothing: seed %i", (seed) => {
    const [leaving, feeding] = caseOf(seed);
    const [left, fed] = [runBacktest(leaving), runBacktest(feeding)];
    expect(left.observer.executions).toEqual(fed.observer.executions);
    expect(left.stateHash).toBe(fed.stateHash);
    expect(left.observer.course).toEqual(fed.observer.course);
    seen.left += left.turns;
    seen.fed += fed.turns;
    seen.executions += left.observer.executions.length;
    seen.stops += left.observer.executions.filter(({ how }) => STOPPED.includes(how)).length;
  });

  test("are many, and the grids of these seeds do trade and do stop", () => {
    expect(seen.executions).toBeGreaterThan(500);
    expect(seen.stops).toBeGreaterThan(10);
    expect(seen.left).toBeLessThan(seen.fed * 0.95);
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
