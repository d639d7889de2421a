import { describe, expect, it } from "vitest";
import { KINDS } from "../../../src/venue/faults/kinds.ts";
import { FaultPlan } from "../../../src/venue/faults/plan.ts";
import { seededFaults } from "../../../src/venue/faults/seeded-faults.ts";
import type { RequestFate } from "../../../src/venue/faults/weather.ts";
import { ask, push, START } from "./questions.ts";

describe("plans from a seed", () => {
  const profile = { calmFrom: 3_600 };
  const ALL = { calmFrom: 36_000, density: 1 };

  /** Everything a plan says to one long row of questions. */
  function storyOf(seed: number): { readonly text: string; readonly plan: FaultPlan } {
    const plan = new FaultPlan({ seed, faults: seededFaults(seed, profile), startAt: START });
    const said: unknown[] = [];
    for (let second = 0; second < 3_900; second += 1) {
      const wallAt = START + second * 1_000;
      const due = plan.due(wallAt);
      for (const each of due) plan.settle(each, second % 3 === 0 ? "done" : "notYet", wallAt);
      said.push(
        due.map(({ fault }) => fault.kind),
        ask(plan, second),
        ask(plan, second, "GET /fapi/v1/openOrders"),
        push(plan, second * 1_000),
        push(plan, second * 1_000 + 1, { kind: "market", stream: "btcusdt@depth" }),
        plan.skewMs(wallAt),
      );
    }
    return { text: JSON.stringify(said), plan };
  }

  it("the same seed and the same questions get the same fates; another seed others", () => {
    const once = storyOf(3);
    expect(storyOf(3).text).toBe(once.text);
    expect([...storyOf(3).plan.counts]).toEqual([...once.plan.counts]);
    expect(storyOf(4).text).not.toBe(once.text);
  });

  it("in ten hours every kind comes up, nothing is out of bounds, and leaving one out changes no other", () => {
    const faults = seededFaults(1, ALL);
    expect(new Set(faults.map(({ kind }) => kind))).toEqual(new Set(KINDS));
    for (const { when } of faults) {
      expect(when.from).toBeGreaterThanOrEqual(0);
      expect(when.to).toBeLessThan(ALL.calmFrom * 1_000);
    }
    const without = seededFaults(1, { ...ALL, kinds: KINDS.filter((kind) => kind !== "hang") });
    expect(without).toEqual(faults.filter(({ kind }) => kind !== "hang"));
    expect(seededFaults(1, { ...ALL, density: 2 }).length).toBeGreaterThan(faults.length * 1.9);
    expect(() => seededFaults(1, { calmFrom: 300 })).toThrow("calm begins after more than 300 seconds");
  });

  it("strikes while it lasts, leaves most alone, and then it is calm for good", () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const { plan, text } = storyOf(seed);
      const before = [...plan.counts.values()].reduce((sum, count) => sum + count, 0);
      expect(before).toBeGreaterThan(100);
      const orders = (JSON.parse(text) as readonly unknown[]).filter((_, index) => index % 6 === 1);
      const fine = (orders as readonly RequestFate[]).filter(({ end }) => end === "answered").length;
      expect(fine / orders.length).toBeGreaterThan(0.85);
      for (let second = profile.calmFrom; second < profile.calmFrom + 300; second += 1) {
        expect(ask(plan, second)).toEqual({ delayMs: 0, answerDelayMs: 0, end: "answered" });
        expect(ask(plan, second, "GET /fapi/v1/openOrders").end).toBe("answered");
        expect(push(plan, second * 1_000)).toEqual([0]);
        expect(plan.skewMs(START + second * 1_000)).toBe(0);
        expect(plan.due(START + second * 1_000)).toEqual([]);
      }
      expect(plan.nextDueAt()).toBeUndefined();
    }
  });
});
