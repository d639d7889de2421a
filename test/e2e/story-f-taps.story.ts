import { expect, test } from "vitest";
import { MOMENTS, percentiles, tapStory } from "./tap-story.ts";

// At full length: test/long/taps.ts.
test("eight racing taps on each of 24 cards and a kill -9 at each moment: one execution each, and every decision is told", {
  timeout: 500_000,
}, async () => {
  const lines: string[] = [];
  const report = await tapStory({
    rounds: 24,
    kills: 4,
    seed: 1,
    limits: "raised",
    tell: (line) => lines.push(line),
  });
  expect(report.lostDecisions, lines.join("\n")).toEqual([]);
  expect(report).toMatchObject({
    rounds: 24,
    executions: 24,
    doubles: 0,
    // What died with its card open, before the claim and after it was asked once more.
    proposals: 27,
    taps: 27 * 8,
    kills: Object.fromEntries(MOMENTS.map((moment) => [moment, 1])),
    afterKill: { carriedOut: 1, askedAgain: 1 },
  });
  // A tap that won and died was never told so.
  expect(report.tapsWon + report.tapsTooLate).toBeGreaterThanOrEqual(23);
  expect(percentiles(report.tapMs).p99).toBeLessThan(5_000);
  expect(report.turnsReplayed).toBeGreaterThan(300);
});
