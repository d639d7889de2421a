import { describe, expect, it } from "vitest";
import type { ExposureOfBook } from "../../../src/core/event.ts";
import { millis, ONE, rate, ticks } from "../../../src/core/units.ts";
import { leveragesTold } from "../../../src/desk/kernel/leverages.ts";
import type { GridParameters } from "../../../src/engines/grid/parameters.ts";
import { Exchange } from "../../support/exchange.ts";
import { GRID, Rig } from "../../support/rig.ts";
import { one } from "../../support/scenario.ts";

const LONG: GridParameters = {
  ...GRID,
  positionSide: "long",
  anchor: ticks(500_000),
  takeProfit: rate(ONE / 100),
  waitMs: millis(3_600_000),
};

describe("leverage as positions tell it", () => {
  const told = (known: number, isHedgeMode: boolean, ...sides: readonly number[]) =>
    leveragesTold(
      sides.map((leverage) => ({ instrument: "BTCUSDT", leverage }) as ExposureOfBook),
      { leverages: new Map([["BTCUSDT", known]]), isHedgeMode },
    ).get("BTCUSDT");

  it("is the higher one of two sides, and one side alone can't lower it", () => {
    expect(told(3, true, 3, 2)).toBe(3);
    expect(told(3, true, 2, 10)).toBe(10);
    expect(told(3, true, 2, 1)).toBe(2);
    expect(told(3, true, 2)).toBeUndefined();
    expect(told(3, true, 5)).toBe(5);
    expect(told(3, false, 2)).toBe(2);
    expect(told(3, true)).toBeUndefined();
  });

  it("where the sides differ, a change is told once and not with every poll", () => {
    const rig = new Rig({ exchange: new Exchange(true), config: { grids: [LONG] } }).boot();
    rig.feed(...rig.exchange.fill(one(rig, "entry")));
    rig.pass(2_000);
    rig.feed(...rig.exchange.trade("sell", 5, "short"));
    rig.pass(4_000);
    for (let poll = 0; poll < 10; poll += 1) {
      rig.exchange.at += 2_000;
      rig.exchange.wallAt += 2_000;
      const event = rig.exchange.exposure();
      if (event.type !== "exposure") throw new Error("no exposure");
      const books = event.books.map((book) => ({
        ...book,
        leverage: book.positionSide === "short" ? 10 : 2,
      }));
      rig.feed({ ...event, books });
      rig.timer();
    }
    const changes = rig.alerts.filter(({ title }) => /changed its leverage/.test(title));
    expect(changes.map(({ title }) => title)).toEqual(["BTCUSDT: somebody changed its leverage to 10x"]);
  });
});
