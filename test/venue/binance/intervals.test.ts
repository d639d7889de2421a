import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { lots, millis, ticks } from "../../../src/core/units.ts";
import { joinCandles, picked } from "../../../src/venue/binance/interval-candles.ts";
import { INTERVAL_OF, INTERVALS, type Interval } from "../../../src/venue/binance/intervals.ts";
import type { VenueCandle } from "../../../src/venue/exchange.ts";

const DAY = 86_400_000;
const at = (text: string): number => Date.parse(`${text}T00:00:00Z`);
const interval = (name: string): Interval => INTERVAL_OF[name] as Interval;

/** A candle for each day from `first` on; each volume is one lot more than the one before. */
const days = (first: string, count: number): readonly VenueCandle[] =>
  Array.from({ length: count }, (_, day) => ({
    openAt: millis(at(first) + day * DAY),
    closeAt: millis(at(first) + (day + 1) * DAY - 1),
    open: ticks(100 + day),
    high: ticks(110 + day),
    low: ticks(90 - day),
    close: ticks(101 + day),
    volume: lots(day + 1),
  }));

describe("Binance's candle intervals", () => {
  it("begin weeks on Mondays and months on their first day", () => {
    expect(interval("1w").openOf(at("2025-05-04"))).toBe(at("2025-04-28"));
    expect(interval("1w").openOf(at("2025-05-05"))).toBe(at("2025-05-05"));
    expect(interval("1M").openOf(at("2024-02-29"))).toBe(at("2024-02-01"));
    expect(interval("1M").nextOf(at("2024-12-01"))).toBe(at("2025-01-01"));
  });

  it("hold every moment in exactly one candle each", () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...INTERVALS),
        fc.integer({ min: 0, max: at("2100-01-01") }),
        (each, now) => {
          const openAt = each.openOf(now);
          const next = each.nextOf(openAt);
          expect(openAt).toBeLessThanOrEqual(now);
          expect(next).toBeGreaterThan(now);
          expect([each.openOf(openAt), each.openOf(next - 1), each.openOf(next)]).toEqual([
            openAt,
            openAt,
            next,
          ]);
        },
      ),
      { seed: 20_250_501 },
    );
  });

  it("join days into weeks and months without losing volume or extremes", () => {
    const found = joinCandles(days("2025-01-30", 35), interval("1M"));
    expect(found).toEqual([
      {
        openAt: at("2025-01-01"),
        closeAt: at("2025-02-01") - 1,
        open: 100,
        high: 111,
        low: 89,
        close: 102,
        volume: 3,
      },
      {
        openAt: at("2025-02-01"),
        closeAt: at("2025-03-01") - 1,
        open: 102,
        high: 139,
        low: 61,
        close: 130,
        volume: 462,
      },
      {
        openAt: at("2025-03-01"),
        closeAt: at("2025-04-01") - 1,
        open: 130,
        high: 144,
        low: 56,
        close: 135,
        volume: 165,
      },
    ]);
    expect(joinCandles(days("2025-01-30", 35), interval("1w")).map(({ openAt }) => openAt)).toEqual(
      ["2025-01-27", "2025-02-03", "2025-02-10", "2025-02-17", "2025-02-24", "2025-03-03"].map(at),
    );
  });

  it("are picked from their start, or the newest", () => {
    const all = days("2025-01-01", 10);
    const starts = (query: Parameters<typeof picked>[1]): readonly number[] =>
      picked(all, query).map(({ openAt }) => (openAt - at("2025-01-01")) / DAY);
    expect(starts({ limit: 2 })).toEqual([8, 9]);
    expect(starts({ from: millis(at("2025-01-03")), limit: 2 })).toEqual([2, 3]);
    expect(starts({ to: millis(at("2025-01-03")), limit: 2 })).toEqual([1, 2]);
    expect(starts({})).toHaveLength(10);
  });
});
