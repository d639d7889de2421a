import { Decimal } from "decimal.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  countOf,
  exactCount,
  InexactError,
  moneyLess,
  moneyOf,
  moneyText,
  percentText,
  rateOf,
  stepOf,
  textOf,
} from "../../src/core/text.ts";
import { ONE, rate, value } from "../../src/core/units.ts";

const Wide = Decimal.clone({ precision: 400 });
const steps = fc.constantFrom("1", "5", "0.1", "0.10", "0.01", "0.05", "0.001", "0.00000001", "25", "0.0250");
const counts = fc.oneof(fc.integer(), fc.integer({ min: -100, max: 100 }), fc.maxSafeInteger());

/** decimal.js with ample digits says how many steps a text is; undefined when that is no safe whole number. */
function oracle(text: string, step: string): number | undefined {
  const quotient = new Wide(text).div(new Wide(step));
  const isWhole = new Wide(step).mul(quotient.round()).eq(new Wide(text));
  if (!isWhole || quotient.abs().gt(Number.MAX_SAFE_INTEGER)) return undefined;
  return quotient.round().toNumber() + 0;
}

describe("counts and text", () => {
  it("a count comes back from its text unchanged, and decimal.js reads the same", () => {
    fc.assert(
      fc.property(counts, steps, (count, step) => {
        const parsed = stepOf(step);
        const text = textOf(count, parsed);
        expect(new Wide(text).eq(new Wide(step).mul(count))).toBe(true);
        const isReadable = Math.abs(count) * parsed.units <= Number.MAX_SAFE_INTEGER;
        expect(countOf(text, parsed)).toBe(isReadable ? count + 0 : undefined);
      }),
      { numRuns: 1_000, examples: [[Number.MIN_SAFE_INTEGER, "1"]] },
    );
  });

  it("reads any plain or scientific decimal as decimal.js does, or refuses what is not whole", () => {
    const digits = fc.string({ unit: fc.constantFrom(..."0123456789"), minLength: 1, maxLength: 14 });
    const shapes = fc
      .record({
        sign: fc.constantFrom("", "-"),
        whole: digits,
        fraction: fc.oneof(fc.constant(""), digits),
        zeros: fc.nat(12),
        exponent: fc.oneof(
          fc.constant(""),
          fc.integer({ min: -12, max: 6 }).map((e) => `e${e}`),
        ),
      })
      .map(
        ({ sign, whole, fraction, zeros, exponent }) =>
          `${sign}${whole}${fraction === "" ? "" : `.${fraction}${"0".repeat(zeros)}`}${exponent}`,
      );
    fc.assert(
      fc.property(shapes, steps, (text, step) => {
        const parsed = stepOf(step);
        const expected = oracle(text, step);
        const units = new Wide(text).mul(new Wide(10).pow(parsed.decimals)).abs();
        if (units.gte(Number.MAX_SAFE_INTEGER)) return;
        expect(countOf(text, parsed)).toBe(expected);
      }),
      { numRuns: 2_000 },
    );
  });

  it("refuses a text that differs from a whole number only beyond twenty digits", () => {
    const step = stepOf("0.00000001");
    expect(countOf("1.0000000000000000000000001", step)).toBeUndefined();
    expect(countOf("0.99999999999999999999999999", step)).toBeUndefined();
    expect(countOf("1.0000000000000000000000000", step)).toBe(ONE);
    expect(() => rateOf("0.0000000100000000000000000001", "rate")).toThrow("more than eight decimals");
    expect(() => rateOf("1.00000000000000000000000001%", "rate")).toThrow("more than eight decimals");
  });

  it.each([
    ["1e2", "0.1", 1_000],
    ["1E-1", "0.1", 1],
    ["-0", "0.1", 0],
    ["-0.0", "0.1", 0],
    ["007.50", "0.5", 15],
    ["5.", "0.1", 50],
    ["9007199254740991", "1", 9_007_199_254_740_991],
    ["90071992547409910", "1", undefined],
    ["0.15", "0.1", undefined],
    ["7", "5", undefined],
    ["", "1", undefined],
    ["-", "1", undefined],
    [".", "1", undefined],
    ["+5", "1", undefined],
    [" 5", "1", undefined],
    ["5 ", "1", undefined],
    ["0,8", "0.1", undefined],
    ["1_000", "1", undefined],
    ["0x10", "1", undefined],
    ["1.2.3", "0.1", undefined],
    ["--5", "1", undefined],
    ["NaN", "1", undefined],
    ["Infinity", "1", undefined],
    ["1e400", "1", undefined],
    ["１", "1", undefined],
  ])("reads %j in steps of %s as %s", (text, step, expected) => {
    expect(countOf(text, stepOf(step))).toBe(expected);
  });

  it("names field, text and step when a text is not exact", () => {
    expect(() => exactCount("0.15", stepOf("0.1"), "price")).toThrow(
      new InexactError('price "0.15" is not a whole number of 0.1'),
    );
    expect(exactCount("0.2", stepOf("0.1"), "price")).toBe(2);
  });

  it("takes only positive plain decimals for a step", () => {
    expect(stepOf("0.0250")).toEqual({ text: "0.025", decimals: 3, units: 25 });
    expect(stepOf("5")).toEqual({ text: "5", decimals: 0, units: 5 });
    for (const bad of ["0", "0.0", "-1", "1e-3", "", ".1", "abc"]) {
      expect(() => stepOf(bad)).toThrow(InexactError);
    }
  });

  it("never writes a fraction of a count", () => {
    expect(() => textOf(0.5, stepOf("1"))).toThrow("count 0.5 is not a safe integer");
  });
});

describe("money and rates", () => {
  it("money keeps eight digits and rounds the ninth half away from zero", () => {
    expect(moneyOf("1.123456785", "fee")).toBe(112_345_679);
    expect(moneyOf("-1.123456785", "fee")).toBe(-112_345_679);
    expect(moneyOf("1e-8", "fee")).toBe(1);
    expect(moneyOf("0", "fee")).toBe(0);
    expect(() => moneyOf("abc", "fee")).toThrow('fee "abc" is not a number');
    expect(() => moneyOf("", "fee")).toThrow('fee "" is not a number');
  });

  it("takes one amount from another before it rounds", () => {
    expect(moneyLess("1000.123456787", "0.123456783", "equity")).toBe(100_000_000_000);
    expect(moneyLess("0.000000004", "-0.000000001", "equity")).toBe(1);
    expect(moneyLess("5", "0", "equity")).toBe(500_000_000);
    expect(() => moneyLess("5", "", "equity")).toThrow('equity "" is not a number');
  });

  it("a rate may be written as a part or in percent", () => {
    expect(rateOf("0.008", "takeProfit")).toBe(800_000);
    expect(rateOf("0.8%", "takeProfit")).toBe(800_000);
    expect(rateOf("0.8 %", "takeProfit")).toBe(800_000);
    expect(rateOf("100%", "takeProfit")).toBe(ONE);
    expect(() => rateOf("0,8", "takeProfit")).toThrow('takeProfit "0,8" is not a number');
    expect(() => rateOf("0.000000001", "takeProfit")).toThrow("more than eight decimals");
    expect(() => rateOf("0.0000001%", "takeProfit")).toThrow("more than eight decimals");
  });

  it("people see two digits, with a sign only when it is negative", () => {
    expect(moneyText(value(123_456_789_012))).toBe("1234.57");
    expect(moneyText(value(-50_000_000), 1)).toBe("-0.5");
    expect(percentText(rate(1_234_567))).toBe("1.23%");
  });
});
