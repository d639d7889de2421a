import { expect, test } from "vitest";
import { killStory } from "./kills.ts";

test("Story C: a bot that is killed again and again carries every rung on", {
  timeout: 400_000,
}, async () => {
  const lines: string[] = [];
  const report = await killStory({
    kills: 6,
    seed: 1,
    marketSeed: 1,
    speed: 60,
    tell: (line) => lines.push(line),
  });
  expect(report.violations, lines.join("\n")).toEqual([]);
  expect(report.kills).toBe(6);
  expect(report.mismatches).toBe(0);
  expect(report.last).toMatchObject({ mismatches: 0, cleanShutdown: true });
  expect(Number(report.last["position"])).toBe(report.venuePosition);
  expect(report.last["venuePosition"]).toBe(report.last["position"]);
  // The twins: it did trade, rungs were held at kills, and desk and venue were really compared.
  expect(report.fills).toBeGreaterThanOrEqual(6);
  expect(report.rungsAtKills).toBeGreaterThanOrEqual(1);
  expect(report.rungsCarriedOn + report.rungsClosedMeanwhile).toBe(report.rungsAtKills);
  expect(report.comparisons).toBeGreaterThanOrEqual(3);
  expect(report.recordings).toBeGreaterThanOrEqual(3);
  expect(report.turnsReplayed).toBeGreaterThan(1_000);
});
