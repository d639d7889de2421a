import { Decimal } from "decimal.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { TradeFields } from "../../../src/core/trade-log.ts";
import { GridMetrics } from "../../../src/engines/grid/metrics.ts";

const DAY = 86_400_000;
const START = 1_700_000_000_000;
const counted = (lines: readonly TradeFields[]): GridMetrics => {
  const metrics = new GridMetrics();
  for (const line of lines) metrics.add(line);
  return metrics;
};
const trade = (given: TradeFields): TradeFields => ({
  Engine: "a",
  Symbol: "BTCUSDT",
  Action: "TAKE_PROFIT",
  Rung: 1,
  Size: "0.010",
  Left: "0.000",
  PnL: "0.00000000",
  Fees: "0.00000000",
  At: START,
  ...given,
});
const equity = (given: TradeFields): TradeFields => ({
  Action: "EQUITY",
  At: START,
  Equity: "1000.00000000",
  Wallet: "1000.00000000",
  Transferred: "0.00000000",
  Funding: "0.00000000",
  Exposure: "0.00000000",
  Purses: "a:0.00000000/500.00000000/0.00000000",
  Epoch: 1,
  ...given,
});
const health = (given: TradeFields): TradeFields => ({
  Engine: "a",
  Symbol: "BTCUSDT",
  Rung: 1,
  StuckSince: START,
  At: START,
  ...given,
});

describe("the last trades", () => {
  it("are numbered from the beginning of the log, and 500 are kept, the newest first", () => {
    const all = Array.from({ length: 1_203 }, (_, at) =>
      trade({ Rung: at, Order: `o${at}`, Filled: "0.010" }),
    );
    const metrics = counted([...all.slice(0, 3), equity({}), ...all.slice(3)]);
    metrics.add(all[1_202] ?? {});
    const { lastTrades } = metrics.report();
    expect(lastTrades.map(({ number }) => number)).toEqual(
      Array.from({ length: 500 }, (_, at) => 1_203 - at),
    );
    expect(lastTrades.every(({ number, fields }) => fields["Rung"] === number - 1)).toBe(true);
    expect(
      counted(all.slice(0, 2))
        .report()
        .lastTrades.map(({ number }) => number),
    ).toEqual([2, 1]);
  });
});

/** Random logs, as a desk could write them: trades of some rungs in parts, equity with transfers, three starts. */
const logs = fc
  .array(
    fc.record({
      kind: fc.constantFrom("trade", "trade", "trade", "equity"),
      engine: fc.constantFrom("a", "b", "c"),
      rung: fc.integer({ min: -3, max: 3 }),
      isLast: fc.boolean(),
      action: fc.constantFrom("TAKE_PROFIT", "STOP_LOSS", "CLOSE", "LIQUIDATION"),
      money: fc.integer({ min: -10_000_000_000, max: 10_000_000_000 }),
      fees: fc.integer({ min: 0, max: 100_000_000 }),
      latency: fc.option(fc.integer({ min: 0, max: 40_000 }), { nil: undefined }),
      pause: fc.integer({ min: 0, max: DAY / 2 }),
      transfer: fc.constantFrom(0, 0, 0, 1, -1),
      isRestart: fc.boolean(),
    }),
    { maxLength: 120 },
  )
  .map((steps) => {
    const text = (count: number): string => new Decimal(count).div(1e8).toFixed(8);
    const lines: TradeFields[] = [];
    const state = { at: START, transferred: 0, funding: 0, epoch: 1, order: 0, equity: 100_000_000_000 };
    for (const step of steps) {
      state.at += step.pause;
      if (step.kind === "trade") {
        state.order += 1;
        lines.push(
          trade({
            Engine: step.engine,
            Action: step.action,
            Rung: step.rung,
            Left: step.isLast ? "0.000" : "0.003",
            PnL: text(step.money),
            Fees: text(step.fees),
            Order: `o${state.order}`,
            Filled: "0.010",
            At: state.at,
            ...(step.action !== "STOP_LOSS"
              ? {}
              : {
                  Trigger: "100.0",
                  Exit: text(10_000_000_000 - step.money / 10),
                  Slippage: text(Math.trunc(step.money / 100)),
                  ...(step.latency === undefined ? {} : { StopLatencyMs: step.latency }),
                }),
          }),
        );
        continue;
      }
      if (step.isRestart && step.transfer === 0)
        Object.assign(state, { transferred: 0, funding: 0, epoch: state.epoch + 1 });
      state.transferred += step.transfer * 5_000_000_000;
      state.funding += step.fees - 50_000_000;
      state.equity = Math.max(1, state.equity + Math.trunc(step.money / 2) + step.transfer * 5_000_000_000);
      lines.push(
        equity({
          At: state.at,
          Equity: text(state.equity),
          Transferred: text(state.transferred),
          Funding: text(state.funding),
          Epoch: state.epoch,
          Purses: `a:${text(step.fees)}/500.00000000/${text(step.fees * 2)},b:${text(step.fees * 3)}/100.00000000/${text(step.fees * 6)}`,
        }),
      );
    }
    return lines;
  });

/** A peak that moves as the equity does when money comes or goes; `now` is what there is after that. */
function peakAfter(peak: Decimal, now: Decimal, amount: Decimal): Decimal {
  const before = now.minus(amount);
  if (!now.gt(0)) return now.mul(0);
  if (!before.gt(0)) return Decimal.max(0, peak.plus(amount));
  return Decimal.max(now, peak.mul(now).div(before).toDecimalPlaces(8, Decimal.ROUND_UP));
}

/** The same figures once more, in decimals and as plainly as can be. */
function naive(lines: readonly TradeFields[]) {
  const D = Decimal.clone({ precision: 60, rounding: Decimal.ROUND_HALF_UP });
  const of = (line: TradeFields, name: string) => new D(String(line[name] ?? 0));
  const trades = lines.filter(({ Action }) => Action !== "EQUITY");
  const closed: { engine: string; rung: string; net: Decimal }[] = [];
  const open = new Map<string, Decimal>();
  for (const line of trades) {
    const rung = `${line["Engine"]}:${line["Rung"]}`;
    const net = (open.get(rung) ?? new D(0)).plus(of(line, "PnL")).minus(of(line, "Fees"));
    if (of(line, "Left").gt(0)) open.set(rung, net);
    else {
      open.delete(rung);
      closed.push({ engine: String(line["Engine"]), rung, net });
    }
  }
  const sum = (parts: readonly Decimal[]) => parts.reduce((all, part) => all.plus(part), new D(0));
  const ratio = (part: Decimal, whole: Decimal) =>
    whole.isZero()
      ? undefined
      : Decimal.min(part.div(whole).mul(1e8).toDecimalPlaces(0), Number.MAX_SAFE_INTEGER).toNumber();
  const steps = (amount: Decimal) => amount.mul(1e8).toDecimalPlaces(0).toNumber();
  const nets = closed.map(({ net }) => net);
  const wins = nets.filter((net) => net.gt(0));
  const losses = nets.filter((net) => !net.gt(0));
  const profitable = (name: "engine" | "rung") => {
    const names = [...new Set(closed.map((each) => each[name]))];
    const good = names.filter((each) =>
      sum(
        trades
          .filter(
            (line) =>
              (name === "engine" ? `${line["Engine"]}` : `${line["Engine"]}:${line["Rung"]}`) === each,
          )
          .map((line) => of(line, "PnL").minus(of(line, "Fees"))),
      ).gt(0),
    );
    return ratio(new D(good.length), new D(names.length));
  };
  let [moved, funding, peak, worst] = [
    new D(0),
    new D(0),
    undefined as Decimal | undefined,
    undefined as number | undefined,
  ];
  let utilization: number | undefined;
  let before: TradeFields | undefined;
  for (const line of lines.filter(({ Action }) => Action === "EQUITY")) {
    const isNew = before === undefined || before["Epoch"] !== line["Epoch"];
    const since = (name: string) =>
      of(line, name).minus(isNew || before === undefined ? 0 : of(before, name));
    moved = moved.plus(since("Transferred"));
    funding = funding.plus(since("Funding"));
    const [equityNow, amount] = [of(line, "Equity"), since("Transferred")];
    const shifted =
      peak === undefined || amount.isZero() ? (peak ?? equityNow) : peakAfter(peak, equityNow, amount);
    peak = Decimal.max(shifted, of(line, "Equity"));
    before = line;
    if (peak.gt(0)) worst = Math.max(worst ?? 0, ratio(peak.minus(of(line, "Equity")), peak) ?? 0);
    const purses = String(line["Purses"])
      .split(",")
      .map((purse) => (purse.split(":")[1] ?? "").split("/").map((text) => new D(text)));
    const now = ratio(
      sum(purses.map(([used]) => used ?? new D(0))),
      sum(purses.map(([, cap]) => cap ?? new D(0))),
    );
    if (now !== undefined) utilization = Math.max(utilization ?? 0, now);
  }
  const stops = trades.filter(({ Action }) => Action === "STOP_LOSS");
  const latencies = stops
    .flatMap((line) => (line["StopLatencyMs"] === undefined ? [] : [Number(line["StopLatencyMs"])]))
    .sort((a, b) => a - b);
  const average = (parts: readonly Decimal[]) => sum(parts).div(parts.length);
  return {
    totalTrades: nets.length,
    winRate: ratio(new D(wins.length), new D(nets.length)),
    averageProfitPerTrade: nets.length === 0 ? undefined : steps(average(nets)),
    maxDrawdown: worst,
    pnl: steps(sum(trades.map((line) => of(line, "PnL")))),
    fees: steps(sum(trades.map((line) => of(line, "Fees")))),
    funding: steps(funding),
    transferred: steps(moved),
    utilizationMax: utilization,
    profitFactor: ratio(sum(wins), sum(losses).neg()),
    rewardToRisk:
      wins.length === 0 || losses.length === 0 ? undefined : ratio(average(wins), average(losses).neg()),
    profitableEngines: profitable("engine"),
    profitableRungs: profitable("rung"),
    stops: stops.length,
    latencyP50Ms: latencies[Math.ceil(latencies.length / 2) - 1],
    latencyMaxMs: latencies.at(-1),
    slippage: steps(sum(stops.map((line) => of(line, "Slippage")))),
    days: [...new Set(trades.map((line) => new Date(Number(line["At"])).toISOString().slice(0, 10)))]
      .sort()
      .map((day) => [
        day,
        steps(
          sum(
            trades
              .filter((line) => new Date(Number(line["At"])).toISOString().startsWith(day))
              .map((line) => of(line, "PnL").minus(of(line, "Fees"))),
          ),
        ),
      ]),
  };
}

describe("the figures of a trade log", () => {
  it("are those of a plain recomputation in decimals, on any log", () => {
    fc.assert(
      fc.property(logs, (lines) => {
        const report = counted(lines).report();
        expect({
          totalTrades: report.totalTrades,
          winRate: report.winRate,
          averageProfitPerTrade: report.averageProfitPerTrade,
          maxDrawdown: report.maxDrawdown,
          pnl: report.trades.pnl,
          fees: report.trades.fees,
          funding: report.equity.funding,
          transferred: report.equity.transferred,
          utilizationMax: report.equity.utilizationMax,
          profitFactor: report.trades.profitFactor,
          rewardToRisk: report.trades.rewardToRisk,
          profitableEngines: report.profitableEngines,
          profitableRungs: report.profitableRungs,
          stops: report.stops.count,
          latencyP50Ms: report.stops.latencyP50Ms,
          latencyMaxMs: report.stops.latencyMaxMs,
          slippage: report.stops.slippage,
          days: report.days.map(({ name, net }) => [name, net]),
        }).toEqual(naive(lines));
      }),
      { numRuns: 200 },
    );
  });

  it("are unknown, not zero, while nothing was counted", () => {
    expect(new GridMetrics().report()).toMatchObject({
      totalTrades: 0,
      winRate: undefined,
      averageProfitPerTrade: undefined,
      maxDrawdown: undefined,
      currentExposure: undefined,
      marginUtilization: undefined,
      stuckPositionsCount: 0,
      recoverySuccessRate: undefined,
      positionMismatchIncidents: 0,
      profitableEngines: undefined,
      from: undefined,
    });
  });

  it("tell reward to risk per engine, and which engines and rungs are profitable (S0-35, S0-36)", () => {
    const lines = [
      trade({ PnL: "0.00000300" }),
      trade({ PnL: "0.00000100", Rung: 2 }),
      trade({ PnL: "-0.00000100", Rung: 2, Action: "STOP_LOSS" }),
      trade({ Engine: "b", PnL: "-0.00000050", Action: "STOP_LOSS" }),
    ];
    const report = counted(lines).report();
    expect(report).toMatchObject({ profitableEngines: 50_000_000, profitableRungs: 33_333_333 });
    expect(report.engines).toMatchObject([
      { name: "a", trades: 3, wins: 2, net: 300, rewardToRisk: 200_000_000 },
      { name: "b", trades: 1, wins: 0, net: -50, rewardToRisk: undefined },
    ]);
    expect(report.rungs.map(({ name }) => name)).toEqual(["a:1", "a:2", "b:1"]);
  });

  it("count a rung that is closed in parts as one trade, with the money of all parts", () => {
    const report = counted([
      trade({ Left: "0.007", PnL: "1.00000000", Fees: "0.10000000" }),
      trade({ Left: "0.001", PnL: "-3.00000000", Fees: "0.10000000" }),
    ]).report();
    expect([report.totalTrades, report.trades.net]).toEqual([0, -220_000_000]);
    const whole = counted([
      trade({ Left: "0.007", PnL: "1.00000000", Fees: "0.10000000" }),
      trade({ Left: "0.000", PnL: "2.00000000", Fees: "0.10000000" }),
    ]).report();
    expect([whole.totalTrades, whole.averageProfitPerTrade]).toEqual([1, 280_000_000]);
  });

  it("leave out what is told again, and count only the rest of an order that is told further", () => {
    const metrics = counted([
      trade({
        Order: "x",
        Size: "0.004",
        Filled: "0.004",
        Left: "0.006",
        PnL: "0.40000000",
        Fees: "0.01000000",
      }),
    ]);
    const again = trade({
      Order: "x",
      Size: "0.004",
      Filled: "0.004",
      Left: "0.006",
      PnL: "0.40000000",
      Fees: "0.01000000",
    });
    expect(metrics.add(again)).toEqual({ type: "known" });
    const further = trade({
      Order: "x",
      Size: "0.010",
      Filled: "0.010",
      PnL: "1.10000000",
      Fees: "0.03000000",
    });
    expect(metrics.add(further)).toMatchObject({
      type: "counted",
      fields: { Size: "0.00600000", PnL: "0.70000000", Fees: "0.02000000" },
    });
    expect(metrics.add(further)).toEqual({ type: "known" });
    expect(metrics.report()).toMatchObject({ totalTrades: 1, trades: { pnl: 110_000_000, fees: 3_000_000 } });
  });

  it("do not call a withdrawal a loss, or a deposit a gain", () => {
    const metrics = counted([
      equity({}),
      equity({ Equity: "800.00000000", Transferred: "-200.00000000" }),
      equity({ Equity: "760.00000000", Transferred: "-200.00000000" }),
      equity({ Equity: "1760.00000000", Transferred: "800.00000000" }),
    ]);
    expect(metrics.report()).toMatchObject({
      maxDrawdown: 5_000_000,
      equity: {
        equity: 176_000_000_000,
        // Five percent down before the deposit, and after it: what came has lost nothing.
        peak: 185_263_157_895,
        transferred: 80_000_000_000,
        drawdown: 5_000_000,
      },
    });
  });

  it("keep their peak over a restart, and begin anew on another account", () => {
    const lines = [equity({ Equity: "1100.00000000" }), equity({ Epoch: 2, Equity: "990.00000000" })];
    expect(counted(lines).report().equity).toMatchObject({ peak: 110_000_000_000, drawdown: 10_000_000 });
    const other = [
      equity({ Equity: "1100.00000000" }),
      { Action: "NEW_ACCOUNT", At: START },
      equity({ Epoch: 2, Equity: "990.00000000" }),
    ];
    expect(counted(other).report().equity).toMatchObject({
      peak: 99_000_000_000,
      drawdown: 0,
      drawdownMax: 0,
      minutes: 1,
    });
  });

  it("begin anew with an account of the built-in exchange: trades, their numbers, recoveries and mismatches too", () => {
    const first = [
      trade({ PnL: "5.00000000" }),
      trade({ Rung: 2, Order: "b", PnL: "-3.00000000" }),
      health({ Action: "STUCK", Rung: 3, CloseNow: "-3.00000000" }),
      health({ Action: "MISMATCH", PositionSide: "both" }),
      equity({}),
    ];
    const second = [
      { Action: "NEW_ACCOUNT", At: START },
      trade({ At: START + 1, PnL: "2.00000000" }),
      equity({ Epoch: 2 }),
    ];
    expect(counted([...first, ...second]).report()).toEqual(counted(second).report());
    expect(counted([...first, ...second]).report()).toMatchObject({
      totalTrades: 1,
      from: START,
      lastTrades: [{ number: 1 }],
      positionMismatchIncidents: 0,
    });
  });

  it("follow stuck positions until they end: in time and not too dear is recovered", () => {
    const stuck = (rung: number, given: TradeFields = {}) =>
      health({ Action: "STUCK", Rung: rung, CloseNow: "-3.00000000", ...given });
    const ends = (rung: number, given: TradeFields) => health({ Action: "RECOVERED", Rung: rung, ...given });
    const metrics = counted([
      stuck(1),
      stuck(1),
      health({ Action: "RECOVERY_BEGIN", Rung: 1, How: "ladder" }),
      ends(1, {
        How: "ladder",
        At: START + DAY,
        PnL: "-1.00000000",
        Loss: "0.02000000",
        LossMax: "0.02000000",
      }),
      ends(1, { How: "ladder", At: START + DAY }),
      stuck(2),
      ends(2, { How: "takeProfit", At: START + DAY + 1 }),
      stuck(3),
      ends(3, { How: "aggressive", Loss: "0.03000000", LossMax: "0.02000000", PnL: "-4.00000000" }),
      stuck(4),
      stuck(5, { StuckSince: START + DAY }),
    ]);
    expect(metrics.report().recovery).toEqual({
      stuck: 5,
      open: 2,
      overdue: 1,
      ended: 3,
      recovered: 1,
      successRate: 25_000_000,
      attempts: 1,
      byHow: [
        {
          how: "aggressive",
          count: 1,
          recovered: 0,
          share: 33_333_333,
          net: -400_000_000,
          closedAtOnce: -300_000_000,
        },
        {
          how: "ladder",
          count: 1,
          recovered: 1,
          share: 33_333_333,
          net: -100_000_000,
          closedAtOnce: -300_000_000,
        },
        { how: "takeProfit", count: 1, recovered: 0, share: 33_333_333, net: 0, closedAtOnce: -300_000_000 },
      ],
    });
    expect(metrics.report()).toMatchObject({ stuckPositionsCount: 2, recoverySuccessRate: 25_000_000 });
  });

  it("count a stuck position once when the end is told by a life that knows less of its beginning", () => {
    const metrics = counted([
      health({ Action: "STUCK", CloseNow: "-3.00000000" }),
      health({ Action: "RECOVERED", How: "hedge", StuckSince: START + 60_000, At: START + DAY / 2 }),
      health({ Action: "RECOVERED", How: "hedge", StuckSince: START + 60_000, At: START + DAY / 2 }),
    ]);
    expect(metrics.report().recovery).toMatchObject({
      stuck: 1,
      open: 0,
      ended: 1,
      recovered: 1,
      byHow: [{ how: "hedge", count: 1, recovered: 1, closedAtOnce: -300_000_000 }],
    });
  });

  it("count the two legs of a hedged pair as two trades, whichever is told first", () => {
    const metrics = counted([
      trade({ Action: "CLOSE", Leg: "hedge", Left: "0.004", PnL: "3.00000000", Order: "h1" }),
      trade({ Action: "CLOSE", Left: "0", PnL: "-5.00000000", Order: "c1" }),
      trade({ Action: "CLOSE", Leg: "hedge", Left: "0", PnL: "1.00000000", Order: "h2" }),
    ]);
    expect(metrics.report()).toMatchObject({ totalTrades: 2 });
  });

  it("keep one case of a rung over starts that mark it anew, and end one whose end nobody saw", () => {
    const metrics = new GridMetrics();
    const add = (given: TradeFields): string => metrics.add(health({ Opened: START - 1_000, ...given })).type;
    const later = { StuckSince: START + 600, At: START + 600 };
    expect([
      add({ Action: "STUCK" }),
      add({ Action: "STUCK", ...later }),
      add({ Action: "RECOVERY_BEGIN", How: "aggressive" }),
      add({ Action: "RECOVERY_BEGIN", How: "aggressive", ...later }),
    ]).toEqual(["counted", "known", "counted", "known"]);
    const next = { Opened: START + 5_000, StuckSince: START + 9_000, At: START + 9_000 };
    const again = { ...next, StuckSince: START + 12_000, At: START + 12_000 };
    expect([
      add({ Action: "STUCK", ...next }),
      add({ Action: "RECOVERED", How: "back", ...next, At: START + 10_000 }),
      add({ Action: "RECOVERED", How: "back", ...next, At: START + 10_000 }),
      add({ Action: "STUCK", ...again }),
    ]).toEqual(["counted", "counted", "known", "counted"]);
    expect(metrics.report().recovery).toMatchObject({
      stuck: 3,
      open: 1,
      ended: 2,
      recovered: 1,
      attempts: 1,
      byHow: [
        { how: "back", count: 1, recovered: 1 },
        { how: "unknown", count: 1, recovered: 0 },
      ],
    });
  });

  it("count every time that a book did not add up, and once only when a log is read twice", () => {
    const wrong = {
      Engine: "desk",
      Action: "MISMATCH",
      Symbol: "BTCUSDT",
      PositionSide: "both",
      Size: "0.001",
    };
    const metrics = counted([
      { ...wrong, At: 1 },
      { ...wrong, At: 1 },
      { ...wrong, Action: "MATCHED", At: 2 },
      { ...wrong, At: 3 },
    ]);
    expect(metrics.report().positionMismatchIncidents).toBe(2);
  });

  it.each([
    ["no money", trade({ PnL: "much" })],
    ["no engine", trade({ Engine: "" })],
    ["a time beyond all days", trade({ At: 9_000_000_000_000_000 })],
    ["no equity", equity({ Equity: "unknown" })],
    ["purses written otherwise", equity({ Purses: "a:1/2" })],
    ["no position that is stuck", health({ Action: "STUCK", StuckSince: "since noon" })],
    ["no time of a mismatch", { Action: "MISMATCH", Symbol: "BTCUSDT" }],
  ])("pass over a line with %s", (_what, line) => {
    const metrics = new GridMetrics();
    expect(metrics.add(line)).toEqual({ type: "unusable" });
    expect(metrics.report()).toEqual(new GridMetrics().report());
  });
});
