import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InvariantError } from "../../src/core/invariant.ts";
import {
  lots,
  millis,
  mulDiv,
  ONE,
  opposite,
  portion,
  type Rounding,
  rate,
  signOf,
  ticks,
  value,
} from "../../src/core/units.ts";

const ROUNDINGS: readonly Rounding[] = ["down", "up", "towardZero", "nearest"];
const safe = fc.maxSafeInteger();
const rounding = fc.constantFrom(...ROUNDINGS);

/** Floor division of big integers, then the named rounding from the exact fraction: an oracle of its own. */
function oracle(a: number, b: number, divisor: number, how: Rounding): bigint {
  let top = BigInt(a) * BigInt(b);
  let bottom = BigInt(divisor);
  if (bottom < 0n) {
    top = -top;
    bottom = -bottom;
  }
  const rest = ((top % bottom) + bottom) % bottom;
  const floor = (top - rest) / bottom;
  const ceiling = rest === 0n ? floor : floor + 1n;
  switch (how) {
    case "down":
      return floor;
    case "up":
      return ceiling;
    case "towardZero":
      return top < 0n ? ceiling : floor;
    default:
      if (rest * 2n === bottom) return top < 0n ? floor : ceiling;
      return rest * 2n > bottom ? ceiling : floor;
  }
}

const isSafe = (n: bigint): boolean => n >= -9_007_199_254_740_991n && n <= 9_007_199_254_740_991n;

describe("mulDiv", () => {
  it("is the exact fraction with the named rounding, for every sign and size", () => {
    const sizes = fc.oneof(safe, fc.integer({ min: -1_000, max: 1_000 }), fc.integer());
    fc.assert(
      fc.property(
        sizes,
        sizes,
        sizes.filter((n) => n !== 0),
        rounding,
        (a, b, divisor, how) => {
          const exact = oracle(a, b, divisor, how);
          if (isSafe(exact)) expect(BigInt(mulDiv(a, b, divisor, how))).toBe(exact);
          else expect(() => mulDiv(a, b, divisor, how)).toThrow(InvariantError);
        },
      ),
      { numRuns: 3_000 },
    );
  });

  it("crosses from numbers to big integers without a seam", () => {
    const near = fc.integer({ min: -3, max: 3 });
    fc.assert(
      fc.property(
        near,
        fc.integer({ min: 1, max: 40 }),
        fc.constantFrom(1, -1),
        rounding,
        (off, divisor, sign, how) => {
          const a = sign * (2 ** 26 + off);
          const b = 2 ** 26;
          expect(BigInt(mulDiv(a, b, divisor, how))).toBe(oracle(a, b, divisor, how));
        },
      ),
    );
  });

  it.each([
    [7, 1, 2, { down: 3, up: 4, towardZero: 3, nearest: 4 }],
    [-7, 1, 2, { down: -4, up: -3, towardZero: -3, nearest: -4 }],
    [7, 1, -2, { down: -4, up: -3, towardZero: -3, nearest: -4 }],
    [-7, -1, -3, { down: -3, up: -2, towardZero: -2, nearest: -2 }],
    [6, 1, 3, { down: 2, up: 2, towardZero: 2, nearest: 2 }],
    [0, 5, -3, { down: 0, up: 0, towardZero: 0, nearest: 0 }],
  ])("rounds %d x %d / %d as named", (a, b, divisor, expected) => {
    const found = Object.fromEntries(ROUNDINGS.map((how) => [how, mulDiv(a, b, divisor, how)]));
    expect(found).toEqual(expected);
  });

  it("refuses to divide by zero", () => {
    expect(() => mulDiv(1, 1, 0, "down")).toThrow("division by zero");
  });
});

describe("counts", () => {
  it.each([
    ["ticks", ticks],
    ["lots", lots],
    ["value", value],
    ["rate", rate],
    ["millis", millis],
  ] as const)("%s are whole and safe, or a bug", (name, brand) => {
    expect(brand(42)).toBe(42);
    expect(Object.is(brand(-0), 0)).toBe(true);
    for (const bad of [0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 53, -(2 ** 53)]) {
      expect(() => brand(bad)).toThrow(`${name} must be a safe integer, got ${bad}`);
    }
  });

  it("a portion is a rate of an amount, in whose favour the caller says", () => {
    expect(portion(value(10_001), rate(ONE / 2), "up")).toBe(5_001);
    expect(portion(value(10_001), rate(ONE / 2), "down")).toBe(5_000);
    expect(portion(value(1_000 * ONE), rate(50_000), "up")).toBe(ONE / 2);
  });

  it("a side and its opposite cancel out", () => {
    for (const side of ["buy", "sell"] as const) expect(signOf(side) + signOf(opposite(side))).toBe(0);
  });
});
