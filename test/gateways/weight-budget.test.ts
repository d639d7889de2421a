import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BINANCE_WEIGHTS, type Urgency, WeightBudget } from "../../src/gateways/weight-budget.ts";

const MINUTE = 60_000;
const ALL: readonly Urgency[] = ["close", "entry", "read"];

function budget() {
  let now = 10 * MINUTE;
  const kept = new WeightBudget(BINANCE_WEIGHTS, () => now);
  return {
    kept,
    allowed: () => ALL.filter((urgency) => kept.may(urgency)),
    pass: (ms: number) => {
      now += ms;
    },
  };
}

describe("the request budget", () => {
  it("keeps a reserve for closes: readings stop at 70 %, entries at 80 %, closes at the limit", () => {
    const { kept, allowed } = budget();
    expect(allowed()).toEqual(["close", "entry", "read"]);
    kept.told(1_680);
    expect(allowed()).toEqual(["close", "entry"]);
    kept.told(1_920);
    expect(allowed()).toEqual(["close"]);
    expect(kept.why("entry")).toBe(
      "1920 of 2400 request weight of this minute is used; the rest is for closes",
    );
    kept.told(2_400);
    expect(allowed()).toEqual([]);
  });

  it("starts afresh with every minute of the clock", () => {
    const { kept, allowed, pass } = budget();
    kept.told(2_400);
    pass(MINUTE - 1);
    expect(allowed()).toEqual([]);
    pass(1);
    expect(allowed()).toEqual(ALL);
    expect(kept.used).toBe(0);
  });

  it("is not talked down by an older answer that comes late", () => {
    const { kept } = budget();
    kept.told(900);
    kept.told(300);
    expect(kept.used).toBe(900);
  });

  it("sends nothing during a ban, whatever is left of the weight, and goes on right after it", () => {
    const { kept, allowed, pass } = budget();
    kept.banned(7);
    expect(allowed()).toEqual([]);
    expect(kept.waitMs).toBe(7_000);
    expect(kept.why("close")).toBe("the exchange wants no requests for another 7000 ms");
    pass(6_999);
    expect(allowed()).toEqual([]);
    pass(1);
    expect(allowed()).toEqual(ALL);
  });

  it("takes a ban without a length for a minute, and never shortens one", () => {
    const { kept, pass } = budget();
    kept.banned(120);
    kept.banned(undefined);
    expect(kept.waitMs).toBe(120_000);
    pass(120_000);
    kept.banned(undefined);
    expect(kept.waitMs).toBe(60_000);
  });

  it("holds back entries alone for ten seconds when the exchange takes no more orders", () => {
    const { kept, allowed, pass } = budget();
    kept.ordersRefused();
    expect(allowed()).toEqual(["close", "read"]);
    expect(kept.why("entry")).toBe("the exchange wants no more orders just now");
    pass(10_000);
    expect(allowed()).toEqual(ALL);
  });

  it("never lets a reading out where an entry may not, nor an entry where a close may not", () => {
    const deeds = fc.oneof(
      fc.record({ what: fc.constant("told" as const), amount: fc.integer({ min: 0, max: 3_000 }) }),
      fc.record({ what: fc.constant("pass" as const), amount: fc.integer({ min: 0, max: 90_000 }) }),
      fc.record({ what: fc.constant("ban" as const), amount: fc.integer({ min: 0, max: 100 }) }),
    );
    fc.assert(
      fc.property(fc.array(deeds, { maxLength: 30 }), (all) => {
        const { kept, pass } = budget();
        for (const { what, amount } of all) {
          if (what === "told") kept.told(amount);
          else if (what === "pass") pass(amount);
          else kept.banned(amount);
          if (kept.may("read")) expect(kept.may("entry")).toBe(true);
          if (kept.may("entry")) expect(kept.may("close")).toBe(true);
          if (kept.waitMs > 0) expect(kept.may("close")).toBe(false);
          else expect(kept.may("close")).toBe(kept.used < 2_400);
        }
      }),
    );
  });
});
