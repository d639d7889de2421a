import { expect, test } from "vitest";
import { forgedStory } from "./forged.ts";

// At full length: test/long/forged.ts.
test("1,500 forged, replayed, foreign, expired and stale taps and commands: none accepted, each in the ledger", async () => {
  const report = await forgedStory({ attempts: 1_500, seed: 1, tell: () => undefined });
  expect(report.accepted).toBe(0);
  expect(Object.values(report.audited).reduce((sum, each) => sum + each, 0)).toBe(1_500);
  for (const made of Object.values(report.kinds)) expect(made).toBeGreaterThan(50);
  expect(Object.keys(report.audited)).toEqual(
    expect.arrayContaining(["forged", "not pending", "old", "unknown", "unknown token"]),
  );
});
