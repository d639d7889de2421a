import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hashText, type Random, seeded } from "../../src/core/random.ts";

const draw = (random: Random, count = 50): readonly number[] =>
  Array.from({ length: count }, () => random.below(1_000_000));
const seeds = fc.maxSafeInteger();

describe("seeded chance", () => {
  it("gives the same stream for the same seed and label", () => {
    fc.assert(
      fc.property(seeds, fc.string(), (seed, label) => {
        expect(draw(seeded(seed, label))).toEqual(draw(seeded(seed, label)));
      }),
    );
  });

  it("gives another stream for another seed or label", () => {
    fc.assert(
      fc.property(seeds, seeds, (a, b) => {
        fc.pre(a !== b);
        expect(draw(seeded(a))).not.toEqual(draw(seeded(b)));
      }),
      { examples: [[12, -13]] },
    );
    expect(draw(seeded(1, "a"))).not.toEqual(draw(seeded(1, "b")));
  });

  it("is the same on every machine and for good", () => {
    expect(draw(seeded(42, "golden"), 5)).toMatchInlineSnapshot(`
      [
        471799,
        957571,
        823270,
        365320,
        47191,
      ]
    `);
    expect(hashText("grid1")).toMatchInlineSnapshot(`95329949`);
  });

  it("a fork neither disturbs its parent nor depends on how much the parent has drawn", () => {
    fc.assert(
      fc.property(seeds, fc.nat(30), (seed, before) => {
        const plain = draw(seeded(seed));
        const parent = seeded(seed);
        const head = draw(parent, before);
        const fork = draw(parent.fork("child"));
        const tail = draw(parent, 50 - before);
        expect([...head, ...tail]).toEqual(plain);
        expect(fork).toEqual(draw(seeded(seed).fork("child")));
        expect(fork).not.toEqual(plain);
        expect(fork).not.toEqual(draw(seeded(seed).fork("sibling")));
      }),
    );
  });

  it("stays below its bound and reaches every number under it", () => {
    fc.assert(
      fc.property(seeds, fc.integer({ min: 1, max: 12 }), (seed, bound) => {
        const random = seeded(seed);
        const seen = new Set<number>();
        for (let at = 0; at < 400; at += 1) seen.add(random.below(bound));
        expect([...seen].every((n) => Number.isInteger(n) && n >= 0 && n < bound)).toBe(true);
        expect(seen.size).toBe(bound);
      }),
      { numRuns: 50, seed: 7 },
    );
  });

  it("is spread evenly: each tenth of the unit range gets about a tenth", () => {
    const random = seeded(3, "even");
    const tenths = new Array<number>(10).fill(0);
    for (let at = 0; at < 20_000; at += 1) {
      const slot = Math.floor(random.unit() * 10);
      tenths[slot] = (tenths[slot] ?? 0) + 1;
    }
    for (const count of tenths) expect(Math.abs(count - 2_000)).toBeLessThan(200);
  });

  it("refuses a seed or a bound that is no whole number", () => {
    expect(() => seeded(0.5)).toThrow("a seed is a whole number");
    for (const bad of [0, -1, 0.5, 2 ** 32 + 1]) {
      expect(() => seeded(1).below(bad)).toThrow("a bound is from 1 to 2^32");
    }
  });
});
