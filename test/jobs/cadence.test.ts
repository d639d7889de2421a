import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nextRun } from "../../src/jobs/memory/cadence.ts";

const every = fc.integer({ min: 1, max: 86_400_000 });
const start = fc.integer({ min: 1_600_000_000_000, max: 1_900_000_000_000 });
const lateness = fc.array(fc.integer({ min: 0, max: 200_000_000 }), { minLength: 1, maxLength: 20 });

describe("a scheduler's cadence", () => {
  it("runs first at once, or at its start date if that is still to come", () => {
    const cadence = { every: 1_000, offset: 0, previous: undefined };
    expect(nextRun({ ...cadence, startDate: undefined }, 5_300)).toEqual({ next: 5_300, offset: 300 });
    expect(nextRun({ ...cadence, startDate: 9_200 }, 5_300)).toEqual({ next: 9_200, offset: 200 });
    expect(nextRun({ ...cadence, startDate: 1_000 }, 5_300)).toEqual({ next: 5_300, offset: 300 });
    expect(nextRun({ every: 1_000, offset: 250, previous: undefined, startDate: undefined }, 5_300)).toEqual({
      next: 6_250,
      offset: 250,
    });
  });

  it("never leaves its phase, never plans a run in the past, and never lets a whole interval go by unused", () => {
    fc.assert(
      fc.property(every, start, lateness, (every, start, late) => {
        const first = nextRun({ every, offset: 0, previous: undefined, startDate: undefined }, start);
        let previous = first.next;
        for (const ms of late) {
          const now = previous + ms;
          const { next } = nextRun({ every, offset: first.offset, previous, startDate: undefined }, now);
          expect((next - first.next) % every).toBe(0);
          expect(next).toBeGreaterThanOrEqual(now);
          expect(next).toBeGreaterThan(previous);
          expect(next - now).toBeLessThanOrEqual(every);
          previous = next;
        }
      }),
    );
  });
});
