import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { millis, rate } from "../../../src/core/units.ts";
import { Cooldown, cooldownOf } from "../../../src/engines/grid/cooldown.ts";
import { GRID, Rig } from "../../support/rig.ts";
import { desk, holding, one, open, refuse, sentOf } from "../../support/scenario.ts";

const WAIT = millis(60_000);

describe("the wait by how many rungs wait for their close (S1-15, X28)", () => {
  it.each([
    [0, 15_000],
    [3, 15_000],
    [4, 30_000],
    [7, 30_000],
    [8, 60_000],
    [15, 60_000],
    [16, 120_000],
    [24, 120_000],
  ])("%i of 24 rungs: %i of 60,000 ms", (waiting, wait) => {
    expect(cooldownOf(waiting, 24, WAIT)).toBe(wait);
  });

  it("never falls when another rung waits, is never over double, and is used: a quarter suffices while few wait", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), fc.nat(120), fc.nat(600_000), (max, waiting, ms) => {
        const [less, more] = [waiting, waiting + 1].map((n) => cooldownOf(n, max, millis(ms)));
        expect(less).toBeLessThanOrEqual(more ?? 0);
        expect(more).toBeLessThanOrEqual(2 * ms);
        expect(cooldownOf(0, max, millis(ms))).toBe(Math.floor(ms / 4));
      }),
    );
  });

  it("counts from the last entry that rests; one that is refused starts none, and a close that filled ends it", () => {
    const cooldown = new Cooldown(4, WAIT);
    const isOn = (at: number, waiting: number) => cooldown.isOn(millis(at), () => waiting);
    cooldown.rests(millis(1_000_000));
    expect([isOn(1_014_999, 0), isOn(1_015_000, 0), isOn(1_029_999, 1), isOn(1_030_000, 1)]).toEqual([
      true,
      false,
      true,
      false,
    ]);
    cooldown.wanted(millis(1_040_000));
    expect(isOn(1_041_000, 0)).toBe(true);
    cooldown.forget();
    expect(isOn(1_041_000, 0)).toBe(false);
    cooldown.wanted(millis(1_042_000));
    cooldown.closed(millis(1_042_500));
    expect(isOn(1_042_500, 4)).toBe(false);
    cooldown.wanted(millis(1_042_600));
    expect(isOn(1_100_000, 3)).toBe(true);
  });

  it("the grid places its next entry after half the wait with one of five rungs held, and at once after a close", () => {
    const rig = holding({ waitMs: millis(30_000) });
    const at = () => rig.sent.filter(({ role }) => role === "entry").length;
    // The entry was placed half a second after the entries were freed; 1 of 5 rungs waits: half of 30 s.
    rig.pass(12_000);
    expect(at()).toBe(1);
    rig.pass(4_000);
    expect([at(), sentOf(rig, "takeProfit")]).toEqual([2, 1]);
    rig.feed(...rig.exchange.fill(one(rig, "entry")));
    rig.pass(500);
    expect(at()).toBe(2);
    const [profit] = rig.exchange.open("takeProfit");
    if (profit !== undefined) rig.feed(...rig.exchange.fill(profit, 4));
    rig.pass(500);
    expect(at()).toBe(2);
    if (profit !== undefined) rig.feed(...rig.exchange.fill(profit));
    rig.pass(500);
    expect(at()).toBe(3);
    rig.feed(...rig.exchange.fill(one(rig, "entry")));
    rig.pass(2_000);
    expect(at()).toBe(3);
  });

  it("a stop that fired ends no wait, and a restart waits as the life before", () => {
    const rig = holding({ waitMs: millis(30_000) });
    rig.pass(1_000);
    rig.feed(...rig.exchange.trigger(one(rig, "stop")));
    rig.pass(1_000);
    expect(sentOf(rig, "entry")).toBe(1);
    const next = new Rig({ exchange: rig.exchange, config: { ...rig.config, epoch: 8, nonce: "abcd" } });
    next.boot();
    expect(sentOf(next, "entry")).toBe(1);
    const closed = holding({ waitMs: millis(3_600_000) });
    closed.pass(1_000);
    closed.isInstant = false;
    closed.exchange.fill(one(closed, "takeProfit"));
    const later = new Rig({
      exchange: closed.exchange,
      config: { ...closed.config, epoch: 8, nonce: "abcd" },
    });
    later.boot();
    expect(sentOf(later, "entry")).toBe(1);
  });
});

/** The grid of `desk` waits an hour between two entries. */
describe("the wait between two entries", () => {
  it("does not begin with one that the guard held back: it is asked for again half a minute later", () => {
    const rig = desk({ purse: 1 as never, step: rate(200_000) });
    rig.pass(100_000);
    expect([sentOf(rig, "entry"), rig.refused.length]).toEqual([0, 4]);
  });

  it("does not begin with one that would have taken: after 1, 2, 4, 8, 16 and then every 30 seconds", () => {
    const rig = new Rig({ config: { grids: [{ ...GRID, waitMs: 3_600_000 as never }] } });
    const end = refuse(rig, "entry", "postOnly", -5022);
    rig.boot();
    rig.pass(65_000);
    expect(sentOf(rig, "entry")).toBe(7);
    end();
    rig.pass(40_000);
    expect([open(rig, "entry"), sentOf(rig, "entry")]).toEqual([[10], 8]);
  });
});

describe("an engine that is paused because a person closed what it held", () => {
  it("takes its resting entry back at once, not only with the next price", () => {
    const rig = holding({ waitMs: 1_000 as never });
    rig.pass(2_000);
    expect(open(rig, "entry")).toEqual([10]);
    rig.feed(...rig.exchange.trade("sell", 10));
    rig.exchange.wallAt += 2_500;
    rig.timer();
    expect([rig.state.paused.has("grid1"), open(rig, "entry"), rig.exchange.open().length]).toEqual([
      true,
      [],
      0,
    ]);
  });
});
