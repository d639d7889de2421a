import { describe, expect, it } from "vitest";
import { seeded } from "../../src/core/random.ts";
import { ONE, rate, value } from "../../src/core/units.ts";
import { drawdownOf, EquityPeak, shiftedPeak } from "../../src/risk/drawdown.ts";

const usd = (amount: number) => value(Math.round(amount * ONE));
const percent = (part: number) => rate(Math.round((part * ONE) / 100));

describe("the drawdown", () => {
  it("is one less equity over peak, rounded towards danger; nothing at the peak and above it", () => {
    expect(drawdownOf(usd(8_500), usd(10_000))).toBe(percent(15));
    expect(drawdownOf(value(2), value(3))).toBe(33_333_334);
    expect([drawdownOf(usd(5), usd(5)), drawdownOf(usd(6), usd(5)), drawdownOf(value(0), value(0))]).toEqual([
      0, 0, 0,
    ]);
    // More is owed than is there.
    expect(drawdownOf(usd(-1_000), usd(10_000))).toBe(percent(110));
    expect(drawdownOf(usd(-1), value(0))).toBe(ONE);
  });

  it("counts from the highest equity seen; an older peak counts after a restart, a lower one does not", () => {
    const peak = new EquityPeak();
    expect(peak.value).toBeUndefined();
    expect([100, 120, 90].map((each) => peak.see(usd(each)))).toEqual([0, 0, percent(25)]);
    const next = new EquityPeak();
    next.restore(usd(120));
    expect([next.see(usd(90)), next.see(usd(130)), next.value]).toEqual([percent(25), 0, usd(130)]);
  });

  it("begins anew when an admin says so", () => {
    const peak = new EquityPeak();
    peak.see(usd(100));
    peak.see(usd(80));
    peak.reset(usd(80));
    expect([peak.see(usd(80)), peak.see(usd(76))]).toEqual([0, percent(5)]);
  });
});

describe("money that comes and goes", () => {
  it("at the peak moves the peak by its amount", () => {
    expect(shiftedPeak(usd(100), usd(100), usd(-20))).toBe(usd(80));
    expect(shiftedPeak(usd(100), usd(100), usd(50))).toBe(usd(150));
  });

  it("changes no drawdown, whatever it is", () => {
    const chance = seeded(7, "transfers");
    for (let n = 0; n < 5_000; n += 1) {
      const peak = usd(100 + chance.below(1_000_000));
      const equity = value(Math.max(ONE, Math.floor(peak * (0.3 + 0.7 * chance.unit()))));
      const amount = value(Math.floor(equity * (chance.unit() * 3 - 0.95)));
      const after = shiftedPeak(peak, equity, amount);
      const [was, is] = [drawdownOf(equity, peak), drawdownOf(value(equity + amount), after)];
      expect(Math.abs(is - was)).toBeLessThanOrEqual(21);
    }
  });

  it("there and back again leaves the peak where it was", () => {
    const there = shiftedPeak(usd(100), usd(87.5), usd(-17.5));
    expect(there).toBe(usd(80));
    expect(shiftedPeak(there, usd(70), usd(17.5))).toBe(usd(100));
  });

  it("all of it: an account that is empty has no peak, and begins with what comes next", () => {
    expect(shiftedPeak(usd(100), usd(90), usd(-90))).toBe(0);
    expect(shiftedPeak(value(0), value(0), usd(500))).toBe(usd(500));
  });
});

describe("what is written of the peak", () => {
  const written = () => {
    const peak = new EquityPeak();
    peak.see(usd(1_000));
    expect(peak.isDue(rate(0))).toBe(true);
    peak.noteWritten();
    return peak;
  };

  it("is not every tick of a rise", () => {
    const peak = written();
    peak.see(usd(1_004.99));
    expect(peak.isDue(rate(0))).toBe(false);
    peak.see(usd(1_005));
    expect(peak.isDue(rate(0))).toBe(true);
    peak.noteWritten();
    expect(peak.isDue(percent(14))).toBe(false);
  });

  it("is exact as soon as there is a drawdown to speak of, and when it became lower", () => {
    const peak = written();
    peak.see(usd(1_001));
    expect([peak.isDue(rate(999_999)), peak.isDue(percent(1))]).toEqual([false, true]);
    peak.noteWritten();
    peak.moved(usd(1_001), usd(-1));
    expect([peak.value, peak.isDue(rate(0))]).toEqual([usd(1_000), true]);
  });

  it("over any walk of the equity: few lines, and never further from the truth than half a percent", () => {
    const chance = seeded(11, "walk");
    const peak = new EquityPeak();
    let equity = 10_000;
    let lines = 0;
    for (let n = 0; n < 20_000; n += 1) {
      equity *= 1 + (chance.unit() - 0.499) * 0.002;
      const drawdown = peak.see(usd(equity));
      if (peak.isDue(drawdown)) {
        lines += 1;
        peak.noteWritten();
      }
      const [real, known] = [peak.value ?? 0, peak.written ?? 0];
      expect(known).toBeGreaterThan(real * (1 - 0.005));
      if (drawdown >= percent(1)) expect(known).toBe(real);
    }
    expect(lines).toBeLessThan(400);
  });
});
