import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { canonicalJson } from "../../src/store/canonical-json.ts";

/** The same content with the keys of every object in the opposite order. */
function reversed(content: unknown): unknown {
  if (Array.isArray(content)) return content.map(reversed);
  if (typeof content !== "object" || content === null) return content;
  return Object.fromEntries(
    Object.entries(content)
      .reverse()
      .map(([name, field]) => [name, reversed(field)]),
  );
}

describe("canonical JSON", () => {
  test("is the same text whatever the order of the keys was, and reads back as the same content", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (content) => {
        const text = canonicalJson(content);
        expect(canonicalJson(reversed(content))).toBe(text);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(content)));
      }),
    );
  });

  test("differs when the content differs", () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        const isSame = canonicalJson(a) === canonicalJson(b);
        const wouldBe =
          canonicalJson(JSON.parse(JSON.stringify(a))) === canonicalJson(JSON.parse(JSON.stringify(b)));
        expect(isSame).toBe(wouldBe);
        if (JSON.stringify(a) === JSON.stringify(b)) expect(isSame).toBe(true);
      }),
    );
    expect(canonicalJson({ a: 1 })).not.toBe(canonicalJson({ a: "1" }));
    expect(canonicalJson([1, 2])).not.toBe(canonicalJson([2, 1]));
  });

  test("leaves out what is undefined and writes -0 as 0", () => {
    expect(canonicalJson({ b: undefined, a: -0, c: [undefined] })).toBe('{"a":0,"c":[null]}');
  });

  test("refuses what has no exact JSON", () => {
    const cycle: Record<string, unknown> = {};
    cycle["self"] = cycle;
    for (const bad of [
      Number.NaN,
      1 / 0,
      1n,
      () => 1,
      Symbol("x"),
      new Date(0),
      new Map(),
      cycle,
      { a: { b: 2n } },
    ]) {
      expect(() => canonicalJson(bad)).toThrow(/canonical JSON/);
    }
  });
});
