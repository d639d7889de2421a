import { readdirSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { UsageError } from "../../../src/cli/arguments.ts";
import { faultPlan } from "../../../src/cli/faults-file.ts";
import { StartError } from "../../../src/cli/start-error.ts";
import { FAULT_KINDS, isInstant, KINDS } from "../../../src/venue/faults/kinds.ts";
import { readPlan } from "../../../src/venue/faults/reading.ts";

const problemsOf = (...faults: readonly unknown[]): readonly string[] => {
  const reading = readPlan({ faults });
  return reading.ok ? [] : reading.problems;
};

describe("what a plan may say", () => {
  it("every kind can be written with nothing but its name and, where it happens at a moment, that", () => {
    for (const kind of KINDS) {
      const reading = readPlan({ faults: [isInstant(kind) ? { kind, at: 1 } : { kind }] });
      expect(reading, kind).toMatchObject({ ok: true, seed: 1, faults: [{ kind }] });
      const { world, bot } = FAULT_KINDS[kind];
      expect(world.length, kind).toBeGreaterThan(20);
      expect(bot.length, kind).toBeGreaterThan(8);
    }
  });

  it("times become milliseconds, a number a span, one pattern a list; what is left out is usual", () => {
    expect(
      readPlan({
        seed: 9,
        faults: [
          { kind: "latency", from: 1.5, to: 10, requestMs: 40, on: "GET *", chance: 0.5 },
          { kind: "disconnect", every: 30, venue: "bybit" },
          { kind: "messageLate", at: 2, on: ["private", "*@trade"], account: "main" },
        ],
      }),
    ).toEqual({
      ok: true,
      seed: 9,
      faults: [
        {
          kind: "latency",
          fields: { requestMs: [40, 40], answerMs: [0, 0] },
          when: { from: 1_500, to: 10_000 },
          on: ["GET *"],
          count: Number.POSITIVE_INFINITY,
          chance: 0.5,
        },
        {
          kind: "disconnect",
          fields: { sockets: "all" },
          when: { from: 0, to: Number.POSITIVE_INFINITY, every: 30_000 },
          on: [],
          count: Number.POSITIVE_INFINITY,
          chance: 1,
          venue: "bybit",
        },
        {
          kind: "messageLate",
          fields: { ms: [100, 3_000] },
          when: { from: 2_000, to: Number.POSITIVE_INFINITY },
          on: ["private", "*@trade"],
          count: 1,
          chance: 1,
          account: "main",
        },
      ],
    });
  });

  it.each([
    [{ kind: "earthquake" }, 'faults[0].kind "earthquake": write one of latency, requestLost'],
    [{ at: 1 }, "faults[0].kind is missing: write one of latency"],
    ["latency", 'faults[0] "latency": write "kind: latency".'],
    [
      { kind: "latency", slow: 3 },
      "faults[0].slow 3: latency has no such field: it has at, from, to, every, on",
    ],
    [
      { kind: "latency", requestMs: -1 },
      "faults[0].requestMs -1: write a number from 0 to 600000, or [low, high].",
    ],
    [{ kind: "latency", requestMs: [9, 3] }, "faults[0].requestMs [9,3]: write a number"],
    [{ kind: "latency", requestMs: [1, 2, 3] }, "faults[0].requestMs [1,2,3]: write a number"],
    [{ kind: "latency", requestMs: "20ms" }, 'faults[0].requestMs "20ms": write a number'],
    [{ kind: "latency", at: -1 }, "faults[0].at -1: write a number from 0 to 8640000."],
    [{ kind: "latency", at: 1, to: 3 }, "faults[0].to 3: it can't stand beside at"],
    [{ kind: "latency", from: 5, to: 5 }, "faults[0].to 5: it must be later than from 5."],
    [{ kind: "latency", every: 0 }, "faults[0].every 0: write a number from 0.001"],
    [{ kind: "latency", chance: 1.5 }, "faults[0].chance 1.5: write a number from 0.000001 to 1."],
    [{ kind: "latency", count: 0.5 }, "faults[0].count 0.5: write a whole number from 1 to 1000000."],
    [{ kind: "latency", on: 3 }, "faults[0].on 3: write a pattern or a list of them, e.g."],
    [{ kind: "latency", on: [] }, "faults[0].on []: write a pattern"],
    [{ kind: "latency", account: 7 }, "faults[0].account 7: write a name."],
    [
      { kind: "disconnect" },
      "faults[0].at is missing: disconnect happens at a moment: write at, from or every",
    ],
    [{ kind: "disconnect", at: 1, sockets: "some" }, 'faults[0].sockets "some": write one of all, private'],
    [{ kind: "disconnect", at: 1, on: "x" }, 'faults[0].on "x": disconnect is aimed at no call or stream'],
    [{ kind: "clockSkew", count: 2 }, "faults[0].count 2: a clock is off all the time: write from and to."],
    [{ kind: "clockSkew", ms: "fast" }, 'faults[0].ms "fast": write a number from -3600000 to 3600000.'],
    [{ kind: "triggerRefused", at: 1, refused: "yes" }, 'faults[0].refused "yes": write true or false.'],
  ])("%j is refused in one sentence", (fault, sentence) => {
    const problems = problemsOf(fault);
    expect(problems).toHaveLength(1);
    expect(problems[0]?.startsWith(sentence)).toBe(true);
    expect(problems[0]?.endsWith(".")).toBe(true);
  });

  it("all mistakes of a plan are told at once", () => {
    const reading = readPlan({ seed: 0.5, faults: [{ kind: "no" }, { kind: "hang", of: 1 }], more: 1 });
    expect(reading.ok ? [] : reading.problems).toEqual([
      '"more" is no part of a fault plan: it has seed and faults.',
      "seed 0.5: write a whole number.",
      expect.stringContaining('faults[0].kind "no"'),
      expect.stringContaining("faults[1].of 1: hang has no such field"),
    ]);
    expect(readPlan([])).toEqual({ ok: false, problems: ['a fault plan holds "faults:" with a list.'] });
    expect(readPlan({ faults: 3 })).toMatchObject({ ok: false });
  });
});

describe("--faults", () => {
  it("takes every example that ships, and a seed", () => {
    const files = readdirSync("config/faults");
    expect(files).toEqual(["exchange-trouble.yaml", "rough-day.yaml", "strangers.yaml"]);
    for (const file of files) expect([...faultPlan(`config/faults/${file}`).counts.values()]).toContain(0);
    expect(faultPlan("seed:7").counts.size).toBe(KINDS.length);
  });

  it("refuses what it can't use with one sentence", () => {
    const refusal = (named: string): Error => {
      try {
        faultPlan(named);
      } catch (error) {
        return error as Error;
      }
      throw new Error(`${named} was taken`);
    };
    expect(refusal("seed:x")).toEqual(
      new UsageError('--faults "seed:x": the seed must be a whole number, e.g. seed:1.'),
    );
    expect(refusal("no-such.yaml")).toEqual(
      new StartError('--faults "no-such.yaml": there is no such file; write its path, or seed:N.'),
    );
    expect(refusal("package.json").message).toContain('package.json: "name" is no part of a fault plan');
    expect(refusal("src").message).toBe('--faults "src": the system says EISDIR.');
  });
});
