import { describe, expect, it } from "vitest";
import type { ConfigRefusedEvent, PlaceRejectedEvent } from "../../../src/core/event.ts";
import { millis, ONE, rate, value } from "../../../src/core/units.ts";
import { Kernel } from "../../../src/desk/kernel/kernel.ts";
import { LINEAR, ONE_BRACKET } from "../../support/instruments.ts";
import { GRID, Rig } from "../../support/rig.ts";
import {
  answer,
  changed,
  desk,
  holding,
  one,
  open,
  refusal,
  refuse,
  sentOf,
  told,
} from "../../support/scenario.ts";

/** The numbers are those of research/engines.md section 4. */
const [tier] = ONE_BRACKET;
if (tier === undefined) throw new Error("one tier");
const exits = (rig: Rig) => [open(rig, "stop"), open(rig, "takeProfit")];

describe("scenario 17: too many requests", () => {
  it("stop entries for half a minute after the last word of it; exits are still sent, people hear once", () => {
    const rig = desk({ waitMs: millis(1_000) });
    const end = refuse(rig, "takeProfit", "rateLimit", -1003);
    rig.feed(...rig.exchange.fill(one(rig, "entry")));
    rig.pass(10_000);
    expect(rig.state.blocks()).toEqual(["the exchange says that we ask too much; entries wait"]);
    expect([told(rig).filter((each) => each.includes("limits")), open(rig, "stop")]).toEqual([
      ["high limits:main"],
      [10],
    ]);
    expect([sentOf(rig, "takeProfit") > 3, sentOf(rig, "entry")]).toEqual([true, 1]);
    end();
    rig.pass(29_000);
    expect([open(rig, "takeProfit"), sentOf(rig, "entry")]).toEqual([[10], 1]);
    rig.pass(3_000);
    expect([told(rig).at(-1), sentOf(rig, "entry")]).toEqual(["resolved limits:main", 2]);
  });

  it("a ban is not over before its time and half a minute: readings go first, and people hear no false end", () => {
    const rig = desk({ waitMs: millis(1_000) });
    let said: Pick<PlaceRejectedEvent, "code" | "waitMs"> = { code: -1003, waitMs: millis(60_000) };
    const end = answer(rig, (effect) => {
      if (effect.type !== "send" || effect.order.role !== "takeProfit") return undefined;
      return [{ ...refusal(rig, effect.order.clientId, "rateLimit", -1003), ...said }];
    });
    rig.feed(...rig.exchange.fill(one(rig, "entry")));
    // From then on our own budget refuses, and says how much is left; the last word can't make the ban shorter.
    said = { code: undefined, waitMs: millis(1_000) };
    rig.pass(1_000);
    end();
    rig.pass(88_000);
    const limits = () => told(rig).filter((each) => each.includes("limits"));
    expect([limits(), sentOf(rig, "entry"), rig.state.blocks()]).toEqual([
      ["high limits:main"],
      1,
      ["the exchange says that we ask too much; entries wait"],
    ]);
    rig.pass(3_000);
    expect([limits(), sentOf(rig, "entry")]).toEqual([["high limits:main", "resolved limits:main"], 2]);
  });
});

describe("scenario 27: margin tiers and leverage", () => {
  it("new tiers count at once: for the liquidation price, and for how much may be held at this leverage", () => {
    const rig = holding({ waitMs: millis(1_000) });
    // 500 USDT are held; at 2x the new tier allows 700.
    const small = { ...tier, cap: value(700 * ONE), leverageMax: 20 };
    const large = { ...tier, floor: value(700 * ONE), maintenance: rate(ONE / 4), leverageMax: 1 };
    rig.feed(changed(rig, { brackets: [small, large] }));
    rig.pass(40_000);
    expect([sentOf(rig, "entry"), rig.refused.at(-1)]).toMatchObject([
      1,
      { reason: "positionLimit", detail: expect.stringContaining("tier") },
    ]);
    expect([exits(rig), told(rig)]).toEqual([[[10], [10]], ["notice instrument:BTCUSDT"]]);
    rig.feed(changed(rig, {}));
    rig.pass(40_000);
    expect(sentOf(rig, "entry")).toBe(2);
    const near = holding();
    near.exchange.mark = 290_000;
    near.feed(...near.exchange.quotes());
    const before = told(near).length;
    near.feed(changed(near, { brackets: [{ ...tier, maintenance: rate(ONE / 10) }] }));
    near.feed(...near.exchange.quotes());
    expect(told(near).slice(before)).toEqual([
      "notice instrument:BTCUSDT",
      "extreme liquidation:main/BTCUSDT/both",
      // That is an emergency: the desk makes the position smaller, and the rung's stop, long passed, closes the rest.
      "extreme risk:main",
      "extreme deleverage:main/BTCUSDT/both",
      "resolved deleverage:main/BTCUSDT/both",
    ]);
  });

  it("no entry leaves before leverage and margin mode were read back as wanted (I6)", () => {
    const rig = new Rig();
    answer(rig, ({ type }) => (type === "setLeverage" ? [] : undefined));
    rig.exchange.leverage = 20;
    rig.feed({ ...rig.exchange.config() });
    rig.boot();
    rig.pass(3_000);
    expect([sentOf(rig, "entry"), rig.refused.at(-1)?.reason]).toEqual([0, "leverageNotConfirmed"]);
    const cross = new Rig();
    answer(cross, ({ type }) => (type === "setMarginMode" ? [cross.exchange.config()] : undefined));
    cross.boot();
    cross.pass(3_000);
    expect([sentOf(cross, "entry"), cross.refused.at(-1)?.reason]).toEqual([0, "marginModeNotConfirmed"]);
  });

  it("a refused setLeverage stops increases with its reason, is asked again each minute, and is told when it is over", () => {
    const rig = new Rig();
    const refused = (): ConfigRefusedEvent => ({
      type: "configRefused",
      ...rig.exchange.times(),
      account: "main",
      instrument: LINEAR.id,
      what: "leverage",
      reason: "leverage 2 is not valid (-4028)",
    });
    const end = answer(rig, ({ type }) => (type === "setLeverage" ? [refused()] : undefined));
    rig.boot();
    rig.pass(30_000);
    const asked = () => rig.effects.filter(({ type }) => type === "setLeverage").length;
    expect([sentOf(rig, "entry"), asked(), told(rig)]).toEqual([0, 1, ["high config:BTCUSDT"]]);
    expect(rig.refused.at(-1)).toMatchObject({
      reason: "leverageNotConfirmed",
      detail: "the leverage of BTCUSDT could not be set: leverage 2 is not valid (-4028)",
    });
    rig.pass(30_000);
    end();
    rig.pass(100_000);
    expect([asked(), told(rig).at(-1), sentOf(rig, "entry")]).toEqual([3, "resolved config:BTCUSDT", 1]);
  });

  it("somebody else's change of the leverage is told, stops entries, and is taken back", () => {
    const rig = desk();
    rig.exchange.leverage = 1;
    rig.feed(rig.exchange.config());
    expect([told(rig), rig.state.foreignActivity]).toEqual([["critical config:BTCUSDT"], true]);
    rig.pass(61_000);
    expect(rig.exchange.leverage).toBe(2);
  });
});

describe("scenario 28: steps and delisting", () => {
  it("prices and sizes follow new steps: buys never dearer, sells never cheaper, the rest is carried", () => {
    const rig = desk({ waitMs: millis(1_000) });
    rig.ask({ type: "pause" });
    rig.feed(changed(rig, { priceStep: 50, lotStep: 4 }));
    rig.ask({ type: "resume" });
    rig.pass(2_000);
    const entry = one(rig, "entry");
    expect([(entry.facts.price ?? 0) % 50, entry.facts.lots]).toEqual([0, 8]);
    expect(entry.facts.price).toBeLessThanOrEqual(500_000);
    rig.feed(...rig.exchange.fill(entry, 6));
    const [stop, profit] = [one(rig, "stop").facts, one(rig, "takeProfit").facts];
    expect([(stop.trigger ?? 1) % 50, (profit.price ?? 1) % 50, stop.lots, profit.lots]).toEqual([
      0, 0, 4, 4,
    ]);
    expect(stop.trigger).toBeGreaterThanOrEqual(((entry.facts.price ?? 0) * 98) / 100);
    expect(profit.price).toBeGreaterThanOrEqual(((entry.facts.price ?? 0) * 1_008) / 1_000);
    // The two lots that no order could take go with the rest of the entry.
    rig.feed(...rig.exchange.fill(entry));
    rig.pass(10_000);
    expect([exits(rig), rig.held(), rig.refused]).toEqual([
      [
        [4, 4],
        [4, 4],
      ],
      8,
      [],
    ]);
  });

  it.each([
    ["a delisting is announced", { status: "closeOnly" as const }],
    ["it is gone", { status: "gone" as const }],
    ["the new tick is no multiple of ours", { priceStep: undefined }],
  ])("when %s, entries are taken back and stay away, exits go on, and it is told", (_what, given) => {
    const rig = desk({ waitMs: millis(1_000) });
    rig.feed(...rig.exchange.fill(one(rig, "entry"), 4));
    rig.feed(changed(rig, given));
    rig.pass(1_000);
    expect([open(rig, "entry"), exits(rig)]).toEqual([[], [[4], [4]]]);
    expect(told(rig)).toEqual(["critical instrument:BTCUSDT"]);
    rig.ask({ type: "resume" });
    rig.pass(40_000);
    expect([open(rig, "entry"), rig.refused.at(-1)?.reason]).toEqual([[], "closeOnly"]);
    rig.feed(...rig.exchange.fill(one(rig, "takeProfit")));
    expect(rig.held()).toBe(0);
    rig.feed(changed(rig, {}));
    rig.pass(40_000);
    expect([told(rig).at(-1), open(rig, "entry")]).toEqual(["resolved instrument:BTCUSDT", [10]]);
  });

  it("a step that outgrows a rung stops its entries and says so; a start on coarse steps knows them at once", () => {
    const rig = desk({ waitMs: millis(1_000) });
    rig.feed(changed(rig, { lotStep: 20 }), ...rig.exchange.fill(one(rig, "entry"), 4));
    rig.pass(40_000);
    expect([told(rig).slice(0, 2), rig.refused]).toEqual([
      ["notice instrument:BTCUSDT", "high size:grid1"],
      [],
    ]);
    const coarse = new Rig({
      config: { instruments: [{ instrument: LINEAR, brackets: ONE_BRACKET, priceStep: 50, lotStep: 4 }] },
    }).boot();
    expect([(one(coarse, "entry").facts.price ?? 1) % 50, one(coarse, "entry").facts.lots]).toEqual([0, 8]);
  });

  it("while stops are refused nothing increases: held lots without one are closed, and no more are bought", () => {
    const rig = desk({ waitMs: millis(1_000) });
    const end = refuse(rig, "stop", "other", -4_120);
    rig.feed(...rig.exchange.fill(one(rig, "entry")));
    rig.pass(30_000);
    expect([rig.held(), rig.exchange.position.lots, sentOf(rig, "stop"), sentOf(rig, "entry")]).toEqual([
      0, 0, 3, 1,
    ]);
    expect(told(rig)).toContain("critical circuit:BTCUSDT/stop");
    expect(rig.refused.at(-1)?.detail).toContain("the exchange refuses the stops of BTCUSDT");
    end();
    rig.ask({ type: "resume" });
    rig.pass(40_000);
    rig.feed(...rig.exchange.fill(one(rig, "entry")));
    expect(exits(rig)).toEqual([[10], [10]]);
  });

  it("a refused stop takes the entry back that rests: filled, it would meet the same refusal", () => {
    const rig = desk({ waitMs: millis(1_000) });
    rig.feed(...rig.exchange.fill(one(rig, "entry"), 4));
    expect([open(rig, "stop"), rig.exchange.open("entry").length]).toEqual([[4], 1]);
    refuse(rig, "stop", "other", -4_120);
    rig.feed(...rig.exchange.fill(one(rig, "entry"), 3));
    rig.pass(1_000);
    expect([rig.exchange.open("entry"), rig.held(), open(rig, "stop")]).toEqual([[], 7, [4]]);
  });

  it("a rung that is given up for want of a stop, and whose close is refused as well, gets its stop when one is taken", () => {
    const rig = desk();
    const endStops = refuse(rig, "stop", "unavailable", -1_008);
    const endCloses = refuse(rig, "close", "filter", -4_131);
    rig.feed(...rig.exchange.fill(one(rig, "entry")));
    rig.pass(10_000);
    expect([rig.held(), open(rig, "stop"), sentOf(rig, "close") > 0]).toEqual([10, [], true]);
    endStops();
    rig.pass(2_000);
    expect([rig.held(), open(rig, "stop")]).toEqual([10, [10]]);
    endCloses();
    rig.pass(70_000);
    expect([rig.held(), rig.exchange.open("stop"), rig.exchange.position.lots]).toEqual([0, [], 0]);
  });

  it("instruments are read again every five minutes", () => {
    const rig = desk();
    rig.pass(290_000);
    const reads = () => rig.effects.filter(({ type }) => type === "refreshInstruments").length;
    expect(reads()).toBe(0);
    rig.pass(20_000);
    expect(reads()).toBe(1);
  });
});

describe("two engines", () => {
  it("whose names end in the same id tag are refused at the start: they would take each other's orders", () => {
    const rig = new Rig();
    const names = Array.from({ length: 400 }, (_, n) => ({ ...GRID, engine: `grid${n}` }));
    const engines = names.map(({ engine }) => ({ ...rig.state.engines.get("grid1"), id: engine }));
    expect(() => new Kernel({ ...rig.config, grids: names }, engines as never)).toThrow(
      /^engines "grid\d+" and "grid\d+" share an id tag; rename one of them$/,
    );
  });
});
