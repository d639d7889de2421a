import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { millis, value } from "../../../src/core/units.ts";
import { EquityCurve } from "../../../src/engines/grid/equity-curve.ts";

const MINUTE = 60_000;

describe("the curve of the equity", () => {
  test("however long it gets it has few points, and the lowest and the highest equity are in it", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 0, max: 300 }), fc.integer({ min: 1, max: 10 ** 12 })), {
          minLength: 1,
          maxLength: 6_000,
        }),
        (given) => {
          const curve = new EquityCurve();
          let at = 1_700_000_000_000;
          let peak = 0;
          const first = at + (given[0]?.[0] ?? 0) * MINUTE;
          for (const [minutes, equity] of given) {
            at += minutes * MINUTE;
            peak = Math.max(peak, equity);
            curve.add(millis(at), value(equity), value(peak));
          }
          const { points } = curve;
          const all = given.map(([, equity]) => equity);
          expect(points.length).toBeLessThanOrEqual(720);
          expect(Math.min(...points.map(({ low }) => low))).toBe(Math.min(...all));
          expect(Math.max(...points.map(({ high }) => high))).toBe(Math.max(...all));
          expect([points[0]?.at, points.at(-1)?.to]).toEqual([first, at]);
          expect([points.at(-1)?.last, points.at(-1)?.peak]).toEqual([all.at(-1), peak]);
          for (const [index, point] of points.entries()) {
            expect(point.at).toBeLessThanOrEqual(point.to);
            expect(point.to).toBeLessThanOrEqual(points[index + 1]?.at ?? Number.POSITIVE_INFINITY);
          }
        },
      ),
      { numRuns: 40, seed: 31 },
    );
  });

  test("a month of minutes keeps at least half of its points", () => {
    const curve = new EquityCurve();
    for (let minute = 0; minute < 43_200; minute += 1)
      curve.add(millis(minute * MINUTE), value(minute), value(minute));
    expect(curve.points.length).toBeGreaterThanOrEqual(360);
    curve.add(millis(5), value(1), value(1));
    expect(curve.points.at(-1)?.last).toBe(43_199);
  });
});
