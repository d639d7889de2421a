import { describe, expect, it } from "vitest";
import type { RiskState } from "../../src/core/proposal.ts";
import { seeded } from "../../src/core/random.ts";
import { millis, ONE, rate } from "../../src/core/units.ts";
import { conditionOf, FALL_MS, RiskLadder, type RiskReading, rankOf } from "../../src/risk/ladder.ts";
import type { LiquidationLevel } from "../../src/risk/liquidation.ts";

const percent = (part: number) => rate(Math.round((part * ONE) / 100));
const at = (drawdown: number | undefined, level: LiquidationLevel = "LOW"): RiskReading => ({
  drawdown: drawdown === undefined ? undefined : percent(drawdown),
  level,
});
const minutes = (count: number) => millis(count * 60_000);
const LEVELS: readonly LiquidationLevel[] = ["LOW", "MEDIUM", "HIGH", "EXTREME", "CRITICAL"];

describe("the condition of a reading", () => {
  it.each<[number | undefined, LiquidationLevel, RiskState]>([
    [0, "LOW", "monitoring"],
    [4.999999, "MEDIUM", "monitoring"],
    [5, "LOW", "warning"],
    [0, "HIGH", "warning"],
    [9.999999, "LOW", "warning"],
    [10, "LOW", "emergency"],
    [0, "EXTREME", "emergency"],
    [6, "EXTREME", "emergency"],
    [12, "HIGH", "emergency"],
    [15, "LOW", "shutdown"],
    [0, "CRITICAL", "shutdown"],
    [undefined, "LOW", "emergency"],
    [undefined, "CRITICAL", "shutdown"],
  ])("%s % with %s is %s", (drawdown, level, state) => {
    expect(conditionOf(at(drawdown, level))).toBe(state);
  });
});

describe("the ladder", () => {
  it("begins in Monitoring and goes up at once, over a state where need be (S0-56 to S0-59)", () => {
    const ladder = new RiskLadder();
    expect(ladder.state).toBe("monitoring");
    expect([5, 10].map((each, n) => ladder.read(at(each), minutes(n)))).toEqual(["warning", "emergency"]);
    expect(new RiskLadder().read(at(17), minutes(0))).toBe("shutdown");
    expect(new RiskLadder().read(at(0, "EXTREME"), minutes(0))).toBe("emergency");
  });

  it("comes down one state at a time, each after a quarter of an hour 2.5 points below it (S0-60, S0-61)", () => {
    const ladder = new RiskLadder();
    ladder.read(at(10), minutes(0));
    expect(ladder.read(at(7.6), minutes(60))).toBe("emergency");
    expect(ladder.read(at(7.5), minutes(61))).toBe("emergency");
    expect(ladder.read(at(7.4), millis(minutes(76) - 1))).toBe("emergency");
    expect(ladder.read(at(7.4), minutes(76))).toBe("warning");
    expect(ladder.read(at(2.6), minutes(200))).toBe("warning");
    // Straight to nothing: the next state has a quarter of an hour of its own.
    expect(ladder.read(at(0), minutes(201))).toBe("warning");
    expect(ladder.read(at(0), minutes(215))).toBe("warning");
    expect(ladder.read(at(0), minutes(216))).toBe("monitoring");
  });

  it("keeps to smaller drawdowns that a person set, and leaves them after half of a small one (X27)", () => {
    const ladder = new RiskLadder();
    ladder.limit({ warning: percent(1), emergency: percent(2), shutdown: percent(6) });
    expect([0.9, 1, 2].map((each, n) => ladder.read(at(each), minutes(n)))).toEqual([
      "monitoring",
      "warning",
      "emergency",
    ]);
    expect(ladder.steady()).toBeUndefined();
    expect([10, 30].map((minute) => ladder.read(at(1.1), minutes(minute)))).toEqual([
      "emergency",
      "emergency",
    ]);
    expect([31, 46].map((minute) => ladder.read(at(1), minutes(minute)))).toEqual(["emergency", "warning"]);
    expect(ladder.refusal("monitoring")).toBe("conditions");
    expect([47, 62].map((minute) => ladder.read(at(0.5), minutes(minute)))).toEqual([
      "warning",
      "monitoring",
    ]);
    expect(ladder.steady()).toMatchObject({ from: 0, to: percent(1) - 1 });
    expect(ladder.read(at(6), minutes(63))).toBe("shutdown");
  });

  it("at once from Emergency to a calm account takes half an hour, not a quarter", () => {
    const ladder = new RiskLadder();
    ladder.read(at(12), minutes(0));
    const seen = [1, 16, 17, 30, 31].map((minute) => ladder.read(at(0), minutes(minute)));
    expect(seen).toEqual(["emergency", "warning", "warning", "warning", "monitoring"]);
  });

  it("a moment of worse within the quarter of an hour begins it anew", () => {
    const ladder = new RiskLadder();
    ladder.read(at(5), minutes(0));
    ladder.read(at(1), minutes(1));
    ladder.read(at(2.6), minutes(15));
    ladder.read(at(1), minutes(15));
    expect(ladder.read(at(1), minutes(29))).toBe("warning");
    expect(ladder.read(at(1), minutes(30))).toBe("monitoring");
  });

  it("never leaves Shutdown by itself (S0-62)", () => {
    const ladder = new RiskLadder();
    ladder.read(at(15), minutes(0));
    for (let day = 1; day < 30; day += 1) expect(ladder.read(at(0), minutes(day * 1_440))).toBe("shutdown");
    ladder.reset(at(0));
    expect(ladder.state).toBe("monitoring");
  });

  it("a reset gives what the reading calls for, not less", () => {
    const ladder = new RiskLadder();
    ladder.read(at(15), minutes(0));
    ladder.reset(at(0, "EXTREME"));
    expect(ladder.state).toBe("emergency");
  });

  it("begins the quarter of an hour anew after a restart", () => {
    const ladder = new RiskLadder();
    ladder.restore("emergency", "monitoring");
    expect([ladder.state, ladder.last]).toEqual(["emergency", undefined]);
    expect([0, 14, 15].map((minute) => ladder.read(at(2), minutes(minute)))).toEqual([
      "emergency",
      "emergency",
      "warning",
    ]);
  });
});

describe("a person", () => {
  it("tightens at once, and what they tightened stays until a person loosens it", () => {
    const ladder = new RiskLadder();
    ladder.read(at(0), minutes(0));
    expect(ladder.refusal("emergency")).toBeUndefined();
    ladder.order("emergency");
    expect(ladder.read(at(0), minutes(5_000))).toBe("emergency");
    expect(ladder.refusal("monitoring")).toBeUndefined();
    ladder.order("monitoring");
    expect(ladder.read(at(0), minutes(5_001))).toBe("monitoring");
  });

  it("loosens down to what the conditions say, and no further", () => {
    const ladder = new RiskLadder();
    ladder.read(at(10), minutes(0));
    ladder.read(at(6), minutes(1));
    expect([ladder.refusal("monitoring"), ladder.refusal("warning")]).toEqual(["conditions", undefined]);
    ladder.order("warning");
    expect(ladder.state).toBe("warning");
    // It is the ladder's again: it falls by itself.
    ladder.read(at(1), minutes(2));
    expect(ladder.read(at(1), minutes(17))).toBe("monitoring");
  });

  it("does not loosen what nobody has measured yet, and does not leave Shutdown this way", () => {
    const ladder = new RiskLadder();
    ladder.restore("emergency", "monitoring");
    expect(ladder.refusal("monitoring")).toBe("unread");
    ladder.read(at(20), minutes(0));
    expect(ladder.refusal("warning")).toBe("shutdown");
    ladder.read(at(0), minutes(1));
    expect([ladder.refusal("warning"), ladder.refusal("shutdown")]).toEqual(["shutdown", undefined]);
  });

  it("who tightens does not end what the conditions call for", () => {
    const ladder = new RiskLadder();
    ladder.read(at(7), minutes(0));
    ladder.order("emergency");
    ladder.order("warning");
    expect(ladder.state).toBe("warning");
    ladder.read(at(7), minutes(1));
    expect(ladder.refusal("monitoring")).toBe("conditions");
  });
});

/** A drawdown and levels that wander, with jumps, a reading every few minutes. */
function* walks(seed: number): Generator<{ readonly reading: RiskReading; readonly minute: number }> {
  const chance = seeded(seed, "ladder");
  let drawdown = chance.unit() * 8;
  let minute = 0;
  for (let n = 0; n < 400; n += 1) {
    drawdown = Math.max(0, drawdown + (chance.unit() - 0.53) * (chance.below(20) === 0 ? 8 : 1));
    minute += chance.below(4);
    const isUnknown = chance.below(150) === 0;
    const level = chance.below(40) === 0 ? (LEVELS[chance.below(4)] ?? "LOW") : "LOW";
    yield { reading: isUnknown ? at(undefined, level) : at(drawdown, level), minute };
  }
}

/** Whether a reading is 2.5 points better than a state, told apart from the ladder's own words. */
const isCalmFor = ({ drawdown, level }: RiskReading, state: RiskState): boolean => {
  const threshold = { monitoring: 0, warning: 5, emergency: 10, shutdown: 15 }[state];
  const milder = { monitoring: 0, warning: 2, emergency: 3, shutdown: 4 }[state];
  return drawdown !== undefined && drawdown <= percent(threshold - 2.5) && LEVELS.indexOf(level) < milder;
};

describe("on 300 random courses", () => {
  const courses = Array.from({ length: 300 }, (_, seed) => [...walks(seed)]);

  it("it never misses a worse condition: after each reading it is at least as strict", () => {
    for (const course of courses) {
      const ladder = new RiskLadder();
      for (const { reading, minute } of course) {
        ladder.read(reading, minutes(minute));
        expect(rankOf(ladder.state)).toBeGreaterThanOrEqual(rankOf(conditionOf(reading)));
      }
    }
  });

  it("it never falls too soon or too far: one state, after a whole quarter of an hour that was calm for it", () => {
    let falls = 0;
    for (const course of courses) {
      const ladder = new RiskLadder();
      let changed = 0;
      for (const [n, { reading, minute }] of course.entries()) {
        const before = ladder.state;
        ladder.read(reading, minutes(minute));
        if (rankOf(ladder.state) < rankOf(before)) {
          falls += 1;
          expect(rankOf(before) - rankOf(ladder.state)).toBe(1);
          expect(minute - changed).toBeGreaterThanOrEqual(15);
          const window = course.slice(0, n + 1).filter((each) => each.minute > minute - FALL_MS / 60_000);
          for (const each of window) expect(isCalmFor(each.reading, before)).toBe(true);
        }
        if (ladder.state !== before) changed = minute;
      }
    }
    expect(falls).toBeGreaterThan(100);
  });

  it("it does come down: never longer in a state than calm for it lasts a quarter of an hour and one reading", () => {
    let held = 0;
    for (const course of courses) {
      const ladder = new RiskLadder();
      let since: number | undefined;
      for (const { reading, minute } of course) {
        const before = ladder.state;
        const state = ladder.read(reading, minutes(minute));
        const isCalm = state !== "monitoring" && state !== "shutdown" && isCalmFor(reading, state);
        if (!isCalm) since = undefined;
        else if (state !== before || since === undefined) since = minute;
        else {
          expect(minute - since).toBeLessThan(15);
          held += 1;
        }
      }
    }
    expect(held).toBeGreaterThan(100);
  });

  it("in the end, when it is calm for long enough, it is Monitoring, or Shutdown for good", () => {
    for (const course of courses) {
      const ladder = new RiskLadder();
      let last = 0;
      for (const { reading, minute } of course) {
        ladder.read(reading, minutes(minute));
        last = minute;
      }
      const isForGood = ladder.state === "shutdown";
      for (let more = 1; more <= 60; more += 1) ladder.read(at(0), minutes(last + more));
      expect(ladder.state).toBe(isForGood ? "shutdown" : "monitoring");
    }
  });
});
