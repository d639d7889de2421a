import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Figures } from "../../src/observe/figures.ts";
import { LatencyRecorder } from "../../src/observe/latency.ts";

describe("the latency recorder", () => {
  test("knows nothing before the first sample", () => {
    const none = { count: 0, p50: undefined, p99: undefined, p999: undefined, max: undefined };
    expect(new LatencyRecorder().report()).toEqual({ recent: none, total: none, slowCount: 0, slow: [] });
  });

  test("is exact for the last 1,000 and within one percent since the start", () => {
    const sample = fc.array(fc.double({ min: 0.01, max: 5_000, noNaN: true }), {
      minLength: 1,
      maxLength: 1_500,
    });
    fc.assert(
      fc.property(sample, (samples) => {
        const recorder = new LatencyRecorder();
        for (const ms of samples) recorder.record(ms, 0);
        const nearestRank = (all: readonly number[], share: number): number =>
          [...all].sort((a, b) => a - b)[Math.max(0, Math.ceil(all.length * share) - 1)] ?? 0;
        const { recent, total, slowCount } = recorder.report();
        const last = samples.slice(-1_000);
        expect([recent.count, recent.p50, recent.p99, recent.p999, recent.max]).toEqual([
          last.length,
          nearestRank(last, 0.5),
          nearestRank(last, 0.99),
          nearestRank(last, 0.999),
          Math.max(...last),
        ]);
        expect(total.count).toBe(samples.length);
        for (const [got, share] of [
          [total.p50, 0.5],
          [total.p99, 0.99],
          [total.p999, 0.999],
        ] as const) {
          const exact = nearestRank(samples, share);
          expect(Math.abs((got ?? 0) - exact)).toBeLessThanOrEqual(exact * 0.0101);
        }
        expect(slowCount).toBe(samples.filter((ms) => ms > 50).length);
      }),
      { numRuns: 60 },
    );
  });

  test("lists what was too slow with its cause, the latest hundred", () => {
    const recorder = new LatencyRecorder(50);
    let asked = 0;
    const cause = (name: string) => () => {
      asked += 1;
      return name;
    };
    recorder.record(50, 1, cause("in time"));
    for (let at = 0; at < 120; at += 1) recorder.record(51 + at, at, cause(`reason ${at}`));
    recorder.record(Number.NaN, 1, cause("no number"));
    const { slow, slowCount, total } = recorder.report();
    expect([slowCount, slow.length, total.count, asked]).toEqual([120, 100, 121, 120]);
    expect(slow[0]).toEqual({ ms: 71, wallAt: 20, cause: "reason 20" });
    expect(slow.at(-1)).toEqual({ ms: 170, wallAt: 119, cause: "reason 119" });
  });
});

describe("the desk's figures", () => {
  test("count nothing as unknown, not as zero", () => {
    const report = new Figures().report();
    expect(report).toMatchObject({
      sent: 0,
      executionRate: undefined,
      fillRate: undefined,
    });
  });

  test("tell execution rate, fill rate and placement time", () => {
    const figures = new Figures();
    for (let at = 0; at < 200; at += 1) figures.orderSent();
    for (let at = 0; at < 190; at += 1) figures.orderAnswered("acknowledged");
    for (let at = 0; at < 8; at += 1) figures.orderAnswered("postOnlyRefused");
    figures.orderAnswered("refused");
    figures.orderAnswered("unknown");
    expect(figures.report().executionRate).toBe(99_000_000);
    figures.settleUnknown("acknowledged");
    figures.placed(12, 1);
    figures.placed(80, 2, () => "rate limiter");
    for (let at = 0; at < 4; at += 1) figures.entryPlaced();
    figures.entryFilled();
    const report = figures.report();
    expect(report).toMatchObject({
      sent: 200,
      acknowledged: 191,
      postOnlyRefused: 8,
      refused: 1,
      unknown: 0,
      executionRate: 99_500_000,
      entriesPlaced: 4,
      entriesFilled: 1,
      fillRate: 25_000_000,
    });
    expect(report.placement.slow).toEqual([{ ms: 80, wallAt: 2, cause: "rate limiter" }]);
    expect(report.placement.recent).toEqual({ count: 2, p50: 12, p99: 80, p999: 80, max: 80 });
  });
});
