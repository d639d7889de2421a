import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { OperatorRequest } from "../../../src/core/event.ts";
import type { Actor } from "../../../src/core/proposal.ts";
import { millis, ticks } from "../../../src/core/units.ts";
import type { GridParameters } from "../../../src/engines/grid/parameters.ts";
import { GRID, Rig } from "../../support/rig.ts";
import { holding, one, open, told } from "../../support/scenario.ts";

const GRIDS = { waitMs: millis(1_000), ordersMax: 5 } as const;
const rigOf = (given: Partial<GridParameters> = {}): Rig =>
  new Rig({ config: { grids: [{ ...GRID, ...GRIDS, ...given }] } }).boot();
const prices = (rig: Rig): number[] => rig.exchange.open("entry").map(({ facts }) => facts.price ?? 0);
const set = (which: "stop" | "pause", price: number | undefined): OperatorRequest => ({
  type: "setPrice",
  engine: "grid1",
  which,
  price: price === undefined ? undefined : ticks(price),
});
/** What the ledger would bring back, in the order in which it was written. */
function nextLife(rig: Rig): Rig {
  const next = new Rig({ exchange: rig.exchange, config: { ...rig.config, epoch: 8, nonce: "abcd" } });
  for (const effect of rig.effects) {
    if (effect.type !== "fact" || !["setPrice", "halt", "resume", "pause"].includes(effect.kind)) continue;
    const { request, actor } = JSON.parse(JSON.stringify(effect.body)) as {
      request: OperatorRequest;
      actor: Actor;
    };
    next.ask(request, actor, true);
  }
  return next.boot();
}

describe("bounds (X14)", () => {
  it("entries keep within them, both included, and go up to them", () => {
    const low = rigOf({ priceMin: ticks(498_000) });
    for (let n = 0; n < 8; n += 1) {
      const [entry] = low.exchange.open("entry");
      if (entry !== undefined) low.feed(...low.exchange.fill(entry));
      low.pass(3_000);
    }
    const bought = low.sent.filter(({ role }) => role === "entry").map(({ price }) => price ?? 0);
    expect(bought.every((price) => price >= 498_000)).toBe(true);
    expect(bought.length).toBeGreaterThan(1);
    expect(prices(low)).toEqual([]);
    const high = rigOf({ priceMax: ticks(480_000) });
    expect(prices(high)).toEqual([expect.any(Number)]);
    expect(prices(high)[0]).toBeLessThanOrEqual(480_000);
    expect(prices(high)[0]).toBeGreaterThan(478_000);
  });

  it("whatever the bounds and the price: never outside, and inside whenever a rung lies there", () => {
    fc.assert(
      fc.property(
        fc.constantFrom("buy" as const, "sell" as const),
        fc.integer({ min: 480_000, max: 520_000 }),
        fc.integer({ min: 0, max: 20_000 }),
        (direction, priceMin, width) => {
          const rig = rigOf({
            direction,
            priceMin: ticks(priceMin),
            priceMax: ticks(priceMin + width),
            anchor: ticks(500_000),
          });
          const [price] = prices(rig);
          if (price !== undefined) {
            expect(price).toBeGreaterThanOrEqual(priceMin);
            expect(price).toBeLessThanOrEqual(priceMin + width);
          }
          // Rungs lie at whole thousands; a buyer's are passive below the bid, a seller's above the ask.
          const first =
            direction === "buy"
              ? Math.floor(Math.min(500_000, priceMin + width) / 1_000) * 1_000
              : Math.ceil(Math.max(500_001, priceMin) / 1_000) * 1_000;
          const isInside = first >= priceMin && first <= priceMin + width;
          expect(price).toBe(isInside ? first : undefined);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("an entry that an earlier life left outside of them is taken back", () => {
    const rig = rigOf();
    const [before] = prices(rig);
    const grids = [{ ...GRID, ...GRIDS, priceMax: ticks((before ?? 0) - 1) }];
    const next = new Rig({
      exchange: rig.exchange,
      config: { ...rig.config, grids, epoch: 8, nonce: "abcd" },
    }).boot();
    next.pass(5_000);
    expect(prices(next)).toHaveLength(1);
    expect(prices(next)[0]).toBeLessThan(before ?? 0);
  });
});

describe("the pause price (S1-86)", () => {
  it.each([
    ["buy", 495_000, 494_900, 500_000],
    ["sell", 505_000, 505_100, 500_000],
  ] as const)(
    "%s: beyond it entries are taken back and none leaves; exits stay; with the price it goes on by itself",
    (direction, pausePrice, beyond, back) => {
      const rig = holding({ direction, pausePrice: ticks(pausePrice), waitMs: millis(1_000) });
      rig.pass(5_000);
      expect(open(rig, "entry")).toEqual([10]);
      rig.quote(beyond);
      rig.pass(10_000);
      expect([open(rig, "entry"), open(rig, "stop"), open(rig, "takeProfit"), told(rig)]).toEqual([
        [],
        [10],
        [10],
        [],
      ]);
      rig.quote(back);
      rig.pass(5_000);
      expect([open(rig, "entry"), rig.state.paused.size]).toEqual([[10], 0]);
    },
  );

  it("can be set, moved and removed while the grid runs, and outlives a restart", () => {
    const rig = rigOf();
    expect(rig.ask(set("pause", 501_000))).toEqual({
      isOk: true,
      text: "grid1: with BTCUSDT at or below 50100.0 (mark price) no entry leaves, and none rests; it goes on when the price is back.",
    });
    rig.pass(2_000);
    expect(prices(rig)).toEqual([]);
    const next = nextLife(rig);
    next.pass(5_000);
    expect(prices(next)).toEqual([]);
    expect(next.ask(set("pause", undefined))?.text).toBe("grid1 has no pause price now.");
    next.pass(5_000);
    expect(prices(next)).toHaveLength(1);
    const third = nextLife(next);
    third.pass(5_000);
    expect(prices(third)).toHaveLength(1);
  });
});

describe("the stop price (S1-85)", () => {
  const stopped = (given: Partial<GridParameters> = {}): Rig => {
    const rig = holding({ stopPrice: ticks(496_000), waitMs: millis(1_000), ...given });
    rig.pass(3_000);
    rig.feed(...rig.exchange.fill(one(rig, "entry")));
    rig.pass(3_000);
    return rig;
  };

  it("crossed by the mark price it closes all rungs, takes entries back, pauses loudly and stays so", () => {
    const rig = stopped();
    expect([rig.held(), open(rig, "entry")]).toEqual([20, [10]]);
    rig.quote(496_001);
    expect([rig.held(), told(rig)]).toEqual([20, []]);
    rig.quote(496_000);
    rig.pass(1_000);
    expect([rig.exchange.position.lots, rig.exchange.open(), told(rig)]).toEqual([
      0,
      [],
      ["critical halt:grid1"],
    ]);
    expect(rig.sent.filter(({ role }) => role === "close").map(({ lots }) => lots)).toEqual([10, 10]);
    rig.quote(500_000);
    rig.pass(30_000);
    expect([open(rig, "entry"), rig.state.paused.get("grid1"), rig.facts("halt").length]).toEqual([
      [],
      "its stop price was crossed at 49600.0",
      1,
    ]);
    const next = nextLife(rig);
    next.pass(5_000);
    expect([open(next, "entry"), told(next)]).toEqual([[], []]);
    next.ask({ type: "resume" });
    next.pass(3_000);
    expect(open(next, "entry")).toEqual([10]);
    const third = nextLife(next);
    third.pass(3_000);
    expect(open(third, "entry")).toEqual([10]);
  });

  it("closes what fills while its entry is taken back, and what is still held after a kill in the middle", () => {
    const rig = stopped();
    const entry = one(rig, "entry");
    rig.isInstant = false;
    rig.quote(496_000);
    while (rig.news.length > 0) rig.deliver();
    const late = rig.exchange.fill(entry);
    rig.isInstant = true;
    rig.feed(...late);
    rig.pass(1_000);
    expect([rig.exchange.position.lots, rig.exchange.open()]).toEqual([0, []]);

    const killed = stopped();
    killed.isInstant = false;
    killed.quote(496_000);
    while (killed.news.length > 0) killed.deliver();
    killed.exchange.mark = 500_000;
    killed.exchange.bid = 500_000;
    killed.exchange.ask = 500_001;
    const next = nextLife(killed);
    next.pass(2_000);
    expect([next.exchange.position.lots, next.exchange.open(), next.state.paused.has("grid1")]).toEqual([
      0,
      [],
      true,
    ]);
  });

  it("is set by a person; one that is crossed already, or of an engine that is not there, is refused and no fact", () => {
    const rig = stopped({ stopPrice: undefined });
    expect([rig.ask(set("stop", 500_000)), rig.ask({ ...set("stop", 1), engine: "x" } as never)]).toEqual([
      {
        isOk: false,
        text: "The mark price 50000.0 is beyond a stop price of 50000.0 already: name one below it, or close with /close BTCUSDT.",
      },
      { isOk: false, text: 'There is no engine "x"; use one of grid1.' },
    ]);
    expect(rig.ask(set("stop", 499_000))?.isOk).toBe(true);
    expect(rig.facts("setPrice")).toHaveLength(1);
    rig.quote(499_000);
    rig.pass(1_000);
    expect([rig.exchange.position.lots, rig.state.paused.has("grid1")]).toEqual([0, true]);
    expect(rig.ask({ type: "halt", engine: "grid1", reason: "" })?.isOk).toBe(false);
  });

  it("resumed beyond it, it closes all again; with the price moved away it trades", () => {
    const rig = stopped();
    rig.quote(496_000);
    rig.pass(1_000);
    rig.ask({ type: "resume" });
    rig.pass(1_000);
    expect([open(rig, "entry"), told(rig).length]).toEqual([[], 2]);
    rig.ask(set("stop", 400_000));
    rig.ask({ type: "resume" });
    rig.pass(3_000);
    expect([open(rig, "entry"), told(rig).length]).toEqual([[10], 2]);
  });
});
