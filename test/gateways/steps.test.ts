import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { exactCount, stepOf, textOf } from "../../src/core/text.ts";
import { levels, offered, quoted } from "../../src/gateways/quotes.ts";
import {
  coarser,
  commonStep,
  countAbove,
  countBelow,
  digitStep,
  exactLots,
  FinerSizeError,
  moneyUnit,
  partOf,
  sizeDigitsMax,
  smallest,
  stepsIn,
} from "../../src/gateways/steps.ts";
import { LINEAR } from "../support/instruments.ts";

const steps = fc.constantFrom("0.1", "0.01", "0.05", "0.25", "0.00001", "0.002", "0.3", "5", "10", "1");
const counts = fc.integer({ min: 0, max: 2 ** 31 });

describe("steps that changed while somebody counted in them", () => {
  it("have a common step in which whatever was counted in either of them is whole, and no finer than it must be", () => {
    fc.assert(
      fc.property(steps, steps, counts, (one, other, count) => {
        const common = commonStep(stepOf(one), stepOf(other));
        for (const step of [one, other])
          expect(countBelow(textOf(count, stepOf(step)), common, "price")).toBe(
            exactCount(textOf(count, stepOf(step)), common, "price"),
          );
        // A step and a whole multiple of it have the finer one in common.
        const large = stepOf(textOf(7, stepOf(one)));
        expect(commonStep(large, stepOf(one))).toEqual(stepOf(one));
      }),
    );
    expect(commonStep(stepOf("0.02"), stepOf("0.05")).text).toBe("0.01");
    expect(commonStep(stepOf("0.10"), stepOf("0.1"), digitStep(3)).text).toBe("0.001");
  });

  it("are told as multiples of what is counted in; made finer than that, they can't be", () => {
    const counted = { ...LINEAR, tick: stepOf("0.1"), lot: stepOf("0.001") };
    const now = { tick: stepOf("0.5"), lot: stepOf("0.010") };
    expect(coarser(now, counted)).toEqual({ priceStep: 5, lotStep: 10 });
    expect(coarser(counted, counted)).toEqual({});
    expect(stepsIn({ instrument: counted, brackets: [], priceStep: 5 }, counted)).toEqual({
      priceStep: 5,
      lotStep: 1,
    });
    const finer = { ...counted, tick: stepOf("0.05") };
    expect(stepsIn({ instrument: finer, brackets: [] }, counted)).toEqual({
      priceStep: undefined,
      lotStep: 1,
    });
    // The instrument is read finer, but what can be traded is still whole in what is counted.
    expect(stepsIn({ instrument: finer, brackets: [], priceStep: 10 }, counted).priceStep).toBe(5);
  });

  it("can be parted evenly", () => {
    expect(partOf(stepOf("0.01"), 10).text).toBe("0.001");
    expect(partOf(stepOf("0.5"), 4).text).toBe("0.125");
    expect(partOf(stepOf("0.3"), 3).text).toBe("0.1");
  });

  it("together finer than money are refused in one sentence that names the symbol and the mend", () => {
    expect(moneyUnit("BTCUSDT", { tick: stepOf("0.0001"), lot: stepOf("0.0001") })).toBe(1);
    expect(() => moneyUnit("BTCUSDT", { tick: stepOf("0.00001"), lot: stepOf("0.0001") })).toThrow(
      /symbol "BTCUSDT" is counted in prices of 0.00001 and sizes of 0.0001.*desk\.dataDir/,
    );
    expect([sizeDigitsMax(stepOf("0.1")), sizeDigitsMax(stepOf("0.000000001"))]).toEqual([7, 0]);
  });
});

describe("a number between two steps", () => {
  it("lies between the two counts beside it", () => {
    fc.assert(
      fc.property(steps, counts, fc.integer({ min: 1, max: 999 }), (text, count, thousandths) => {
        const step = stepOf(text);
        const between = textOf(count * 1_000 + thousandths, partOf(step, 1_000));
        expect([countBelow(between, step, "price"), countAbove(between, step, "price")]).toEqual([
          count,
          count + 1,
        ]);
        const exact = textOf(count, step);
        expect([countBelow(exact, step, "price"), countAbove(exact, step, "price")]).toEqual([count, count]);
      }),
    );
    expect(() => countBelow("much", stepOf("0.1"), "maxQty")).toThrow(/maxQty/);
  });

  it("as the smallest size is the next one that can be ordered; one of a single step is left to the step", () => {
    const step = stepOf("0.01");
    expect(["0", "0.001", "0.01"].map((bound) => smallest(bound, step, 10, "minQty"))).toEqual([1, 1, 1]);
    expect(["0.011", "0.02", "0.05"].map((bound) => smallest(bound, step, 10, "minQty"))).toEqual([
      20, 20, 50,
    ]);
  });

  it("is a finer size, which is never rounded but says what to count in", () => {
    const instrument = { id: "BTCUSDT", tick: stepOf("0.1"), lot: stepOf("0.01") };
    expect(exactLots("-0.05", "positionAmt", instrument)).toBe(-5);
    const told = (text: string, step = instrument.lot) => {
      try {
        return exactLots(text, "qty", instrument, step);
      } catch (error) {
        return error;
      }
    };
    const error = told("-0.0520");
    expect(error).toBeInstanceOf(FinerSizeError);
    expect(error).toMatchObject({
      symbol: "BTCUSDT",
      steps: { tick: { text: "0.1" }, lot: { text: "0.0001" } },
      message: expect.stringMatching(/symbol "BTCUSDT" has a size of -0.0520 .* start the desk again/),
    });
    // On OKX the text counts contracts, a lot of 0.01 coins may be one of them.
    expect(told("1.5", stepOf("1"))).toMatchObject({ steps: { lot: { text: "0.001" } } });
    expect(told("some")).not.toBeInstanceOf(FinerSizeError);
  });
});

describe("quotes between two ticks", () => {
  const tick = stepOf("0.5");
  const lot = stepOf("0.01");

  it("are never better than they are, and a book that was not crossed never is", () => {
    expect([quoted("100.4", "bids", tick), quoted("100.4", "asks", tick)]).toEqual([200, 201]);
    expect([quoted("100.5", "bids", tick), quoted("100.5", "asks", tick)]).toEqual([201, 201]);
    fc.assert(
      fc.property(counts, fc.integer({ min: 1, max: 100 }), (bid, spread) => {
        const shown = [textOf(bid, stepOf("0.01")), textOf(bid + spread, stepOf("0.01"))] as const;
        expect(quoted(shown[0], "bids", tick)).toBeLessThan(quoted(shown[1], "asks", tick));
      }),
    );
  });

  it("come together on one tick with all that is offered there, in order", () => {
    const raw = [
      ["100.5", "1"],
      ["100.4", "2"],
      ["100.1", "0.5"],
      ["99.9", "0.005"],
    ];
    expect(levels(raw, "bids", { tick, lot })).toEqual([
      [201, 100],
      [200, 250],
      [199, 1],
    ]);
    expect(levels(raw.toReversed(), "asks", { tick, lot })).toEqual([
      [200, 1],
      [201, 350],
    ]);
    expect(offered("0", lot)).toBe(0);
    expect(() => levels("none", "bids", { tick, lot })).toThrow("book levels are no list");
    expect(() => levels(["1"], "bids", { tick, lot })).toThrow("a book level is no pair");
  });
});
