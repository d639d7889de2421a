import { describe, expect, it } from "vitest";
import type { RecoverRungEvent } from "../../../src/core/event.ts";
import { isLive } from "../../../src/core/order.ts";
import { lots, millis, ONE, rate, ticks, value } from "../../../src/core/units.ts";
import type { GridParameters } from "../../../src/engines/grid/parameters.ts";
import { LINEAR } from "../../support/instruments.ts";
import { GRID, Rig } from "../../support/rig.ts";
import { answer, one, open, refusal, refuse, sentOf, told } from "../../support/scenario.ts";

/** S1's example times 5,000: bought at 500,000, to be sold at 505,000, and one entry only. */
const EXAMPLE: GridParameters = {
  ...GRID,
  anchor: ticks(500_000),
  takeProfit: rate(1_000_000),
  stopLoss: rate(10_000_000),
  recovery: "ladder",
  waitMs: millis(1e11),
};
const DOWN = 475_000;

/** The market's minutes go by, one second of the wall each. */
function minutes(rig: Rig, count: number): void {
  for (let n = 0; n < count; n += 1) {
    rig.exchange.at += 60_000;
    rig.exchange.wallAt += 1_000;
    rig.timer();
    rig.feed(...rig.exchange.quotes());
  }
}
function held(given: Partial<GridParameters> = {}): Rig {
  const rig = new Rig({ config: { grids: [{ ...EXAMPLE, ...given }] } }).boot();
  rig.feed(...rig.exchange.fill(one(rig, "entry")));
  return rig;
}
/** Held, and the price has fallen and stays. */
function fallen(given: Partial<GridParameters> = {}, mark = DOWN): Rig {
  const rig = held(given);
  rig.quote(mark);
  return rig;
}
const ladder = (rig: Rig): number[][] =>
  rig.exchange.open("ladder").map(({ facts, filled }) => [facts.price ?? 0, facts.lots - filled]);
const stories = (rig: Rig): string[] => told(rig).filter((each) => /recover|stuck/.test(each));
const asks = (rig: Rig): number =>
  rig.shown.filter(({ action, state }) => action.type === "recover" && state === "pending").length;
const rungs = (rig: Rig) => rig.kernel.rungs("grid1");
const THIRDS = [
  [482_125, 3],
  [489_250, 3],
  [496_375, 4],
];
const nextLife = (rig: Rig, epoch = 8): Rig => {
  const next = new Rig({ exchange: rig.exchange, config: { ...rig.config, epoch, nonce: "abcd" } });
  next.exchange.wallAt += 5_000;
  return next.boot();
};
const choose = (rig: Rig, how: RecoverRungEvent["how"]): void => {
  const of = {
    ...rig.exchange.times(),
    engine: "grid1",
    instrument: LINEAR.id,
    positionSide: "both",
  } as const;
  rig.feed({ type: "recoverRung", ...of, rung: 0, how, fixed: undefined } as never);
};

describe("S1's example: bought at 100, to be sold at 101, and the price falls to 95 and stays", () => {
  it("with the stop at 2 % the stop fires at 98 and nothing is ever stuck", () => {
    const rig = held({ stopLoss: rate(2_000_000) });
    expect(one(rig, "stop").facts.trigger).toBe(490_000);
    rig.exchange.mark = 490_000;
    rig.feed(...rig.exchange.trigger(one(rig, "stop"), false, 490_000));
    rig.quote(DOWN);
    minutes(rig, 90);
    expect([rig.exchange.position.lots, rig.exchange.open(), stories(rig)]).toEqual([0, [], []]);
  });

  it("with the stop at 10 % it gets a ladder at the check after an hour, in thirds at 1.5, 3 and 4.5 %", () => {
    const rig = fallen();
    minutes(rig, 55);
    expect([ladder(rig), open(rig, "takeProfit")]).toEqual([[], [10]]);
    minutes(rig, 10);
    expect([ladder(rig), open(rig, "takeProfit"), open(rig, "stop")]).toEqual([THIRDS, [], [10]]);
    expect(stories(rig)).toEqual(["notice recover:grid1:0"]);
    expect(rig.alerts.at(-1)?.lines).toEqual([
      "Rung 0 of grid1 gets out in 3 slices: 0.003 at 48212.5, 0.003 at 48925.0, 0.004 at 49637.5.",
      "They take the place of its take profit; its stop stays.",
    ]);
    expect(rungs(rig)).toMatchObject([
      {
        index: 0,
        price: 500_000,
        status: "holding",
        held: 10,
        entry: 500_000,
        stop: 450_000,
        stage: "ladder",
      },
    ]);
    expect(rungs(rig)[0]?.closes).toEqual(
      THIRDS.map(([price, size]) => ({ price, lots: size, isLadder: true })),
    );
    // Checks go on, and it is no further away: it is left alone.
    minutes(rig, 20);
    expect([ladder(rig), sentOf(rig, "ladder")]).toEqual([THIRDS, 3]);
    // Slice by slice it gets out; stops follow.
    for (const slice of rig.exchange.open("ladder")) rig.feed(...rig.exchange.fill(slice));
    expect([
      rig.exchange.position.lots,
      rig.exchange.open().filter(({ facts }) => facts.role !== "entry"),
    ]).toEqual([0, []]);
    expect(stories(rig).at(-1)).toBe("resolved recover:grid1:0");
    expect(rungs(rig).filter((rung) => rung.held > 0)).toEqual([]);
  });

  it("with the stop at 3 % and one that never fired it is closed at the market, no more at once than the top shows", () => {
    const rig = fallen({ stopLoss: rate(3_000_000) });
    const quotes = rig.exchange.quotes.bind(rig.exchange);
    rig.exchange.quotes = () =>
      quotes().map((event) => (event.type === "top" ? { ...event, bidLots: lots(4) } : event));
    minutes(rig, 65);
    rig.pass(3_000);
    const closes = rig.sent.filter(({ role }) => role === "close");
    expect(closes.map(({ lots: size, kind, isReduceOnly }) => [size, kind, isReduceOnly])).toEqual([
      [4, "market", true],
      [4, "market", true],
      [2, "market", true],
    ]);
    expect([rig.exchange.position.lots, rig.exchange.open(), stories(rig)]).toEqual([
      0,
      [],
      ["high recover:grid1:0", "resolved recover:grid1:0"],
    ]);
    // One slice a turn.
    for (const { effects } of rig.turns)
      expect(effects.filter((e) => e.type === "send" && e.order.role === "close").length).toBeLessThanOrEqual(
        1,
      );
  });

  it("with the stop disabled it gets a ladder while the loss is within 10 %, and is closed beyond", () => {
    const off = { stopLoss: undefined, lossMax: value(1_000 * ONE) };
    const rig = fallen(off);
    minutes(rig, 65);
    expect(ladder(rig)).toEqual(THIRDS);
    rig.quote(449_000);
    minutes(rig, 5);
    expect([rig.exchange.position.lots, rig.exchange.open("ladder")]).toEqual([0, []]);
  });

  it("with recovery none it is only told, once; take profit and stop stay, and nobody is asked", () => {
    const rig = fallen({ recovery: "none" });
    minutes(rig, 300);
    expect([open(rig, "takeProfit"), open(rig, "stop"), rig.held(), stories(rig)]).toEqual([
      [10],
      [10],
      10,
      ["info recover:grid1:0"],
    ]);
    expect(rungs(rig)[0]).toMatchObject({ stage: "stuck", attempts: 0 });
  });

  it("with aggressive it is closed within its stop's threshold too", () => {
    const rig = fallen({ recovery: "aggressive" });
    minutes(rig, 65);
    expect([rig.exchange.position.lots, rig.exchange.open(), stories(rig)[0]]).toEqual([
      0,
      [],
      "notice recover:grid1:0",
    ]);
  });

  it("with hedge in one-way mode it is refused with the reason, and a ladder is used", () => {
    const rig = fallen({ recovery: "hedge" });
    minutes(rig, 65);
    expect([ladder(rig), rig.alerts.some(({ title }) => title.includes("is not hedged"))]).toEqual([
      THIRDS,
      true,
    ]);
  });

  it("a sell grid is the mirror of it", () => {
    const rig = new Rig({
      config: { grids: [{ ...EXAMPLE, direction: "sell", anchor: ticks(501_000) }] },
    }).boot();
    rig.feed(...rig.exchange.fill(one(rig, "entry")));
    rig.quote(526_050);
    minutes(rig, 65);
    // 526,050 x 0.985, 0.97 and 0.955, rounded down; taken at 495,990 at the latest.
    expect(ladder(rig)).toEqual([
      [518_159, 3],
      [510_268, 3],
      [502_377, 4],
    ]);
  });
});

describe("a ladder", () => {
  it("is laid only once the take profit is confirmed gone; what that filled meanwhile is not laid", () => {
    const rig = fallen();
    const profit = one(rig, "takeProfit");
    minutes(rig, 55);
    const end = answer(rig, (effect) =>
      effect.type === "cancel" && effect.facts.role === "takeProfit" ? [] : undefined,
    );
    minutes(rig, 8);
    expect([ladder(rig), open(rig, "takeProfit")]).toEqual([[], [10]]);
    rig.feed(...rig.exchange.fill(profit, 4));
    end();
    rig.feed(...rig.exchange.cancel(profit.facts));
    minutes(rig, 1);
    expect([ladder(rig).map(([, size]) => size), open(rig, "stop"), rig.held()]).toEqual([[2, 2, 2], [6], 6]);
  });

  it("never rests beside the take profit, nor for more than is held, through partial fills of its slices (I4)", () => {
    const rig = fallen();
    rig.watch = () => {
      const closes = [...rig.state.orders.all()].filter(
        ({ facts, state }) => (facts.role === "ladder" || facts.role === "takeProfit") && isLive(state),
      );
      const size = closes.reduce((sum, order) => sum + order.facts.lots - order.filled, 0);
      expect(size).toBeLessThanOrEqual(rig.held());
    };
    minutes(rig, 65);
    const [first] = rig.exchange.open("ladder");
    if (first !== undefined) rig.feed(...rig.exchange.fill(first, 2));
    minutes(rig, 1);
    expect([ladder(rig), open(rig, "stop"), rig.held()]).toEqual([
      [
        [482_125, 1],
        [489_250, 3],
        [496_375, 4],
      ],
      [8],
      8,
    ]);
    expect(rig.refused).toEqual([]);
  });

  it("of which a slice is refused is given up: take profit again, alarm, tried at the next checks, three times at most", () => {
    const rig = fallen();
    minutes(rig, 55);
    const end = answer(rig, (effect) =>
      effect.type === "send" && effect.order.role === "ladder" && effect.order.price === 489_250
        ? [refusal(rig, effect.order.clientId, "other", -1)]
        : undefined,
    );
    minutes(rig, 8);
    expect([ladder(rig), open(rig, "takeProfit"), open(rig, "stop"), sentOf(rig, "ladder")]).toEqual([
      [],
      [10],
      [10],
      3,
    ]);
    expect(stories(rig)).toEqual(["high recover:grid1:0"]);
    minutes(rig, 30);
    expect([sentOf(rig, "ladder"), stories(rig).length, open(rig, "takeProfit")]).toEqual([9, 3, [10]]);
    expect(rig.alerts.at(-1)?.lines[1]).toContain("three times");
    end();
    // A person may try again.
    choose(rig, "ladder");
    expect([ladder(rig), rungs(rig)[0]?.attempts]).toEqual([THIRDS, 4]);
  });

  it("whose slice never came to rest is given up at the next check", () => {
    const rig = fallen();
    minutes(rig, 55);
    const end = answer(rig, (effect) =>
      effect.type === "send" && effect.order.role === "ladder" && effect.order.price === 496_375
        ? []
        : undefined,
    );
    minutes(rig, 8);
    expect(ladder(rig)).toHaveLength(2);
    end();
    minutes(rig, 12);
    expect(stories(rig)[0]).toBe("high recover:grid1:0");
    minutes(rig, 10);
    expect([ladder(rig), open(rig, "stop")]).toEqual([THIRDS, [10]]);
  });

  it("is laid anew when the price has left it behind, its old slices gone first", () => {
    const rig = fallen();
    minutes(rig, 65);
    rig.quote(460_000);
    minutes(rig, 5);
    expect(ladder(rig)).toEqual([
      [466_900, 3],
      [473_800, 3],
      [480_700, 4],
    ]);
    expect([rig.refused, rungs(rig)[0]?.attempts, open(rig, "stop")]).toEqual([[], 2, [10]]);
  });

  it("of which a person cancels a slice gets it back once", () => {
    const rig = fallen();
    minutes(rig, 65);
    const [, second] = rig.exchange.open("ladder");
    if (second !== undefined) rig.feed(...rig.exchange.cancel(second.facts));
    minutes(rig, 1);
    expect(ladder(rig).sort()).toEqual(THIRDS);
  });

  it("goes with a close that a person asked for, and with a stop that fires", () => {
    const asked = fallen();
    minutes(asked, 65);
    asked.propose("k1-e7");
    asked.decide("k1-e7");
    minutes(asked, 1);
    expect([asked.exchange.position.lots, asked.exchange.open(), asked.refused]).toEqual([0, [], []]);
    const stopped = fallen();
    minutes(stopped, 65);
    stopped.exchange.mark = 450_000;
    stopped.feed(...stopped.exchange.trigger(one(stopped, "stop"), false, 450_000));
    minutes(stopped, 1);
    expect([stopped.exchange.position.lots, stopped.exchange.open()]).toEqual([0, []]);
  });
});

describe("a restart in the middle of a recovery", () => {
  it("finds the ladder by its slices, whole or not, and goes on", () => {
    const rig = fallen();
    minutes(rig, 65);
    const [first] = rig.exchange.open("ladder");
    if (first !== undefined) rig.exchange.fill(first);
    const stuckSince = rungs(rig)[0]?.stuckSince;
    const next = nextLife(rig);
    minutes(next, 1);
    expect([ladder(next), open(next, "takeProfit"), open(next, "stop"), sentOf(next, "ladder")]).toEqual([
      THIRDS.slice(1),
      [],
      [7],
      0,
    ]);
    const found = rungs(next).find(({ index }) => index === 0);
    expect(found).toMatchObject({ stage: "ladder", attempts: 1, held: 7 });
    expect(found?.stuckSince).toBeGreaterThanOrEqual(stuckSince ?? 0);
  });

  it("at any step of the laying: each lot ends in one close and one stop", () => {
    const probe = fallen();
    minutes(probe, 55);
    for (let steps = 0; steps <= 14; steps += 1) {
      const rig = fallen();
      minutes(rig, 55);
      rig.isInstant = false;
      rig.exchange.at += 600_000;
      rig.timer();
      for (let n = 0; n < steps; n += 1) if (!rig.deliver()) rig.serve();
      const next = nextLife(rig);
      minutes(next, 12);
      const closes = [...ladder(next).map(([, size]) => size ?? 0), ...open(next, "takeProfit")];
      expect([closes.reduce((a, b) => a + b, 0), open(next, "stop")]).toEqual([10, [10]]);
      expect(ladder(next)).toEqual(THIRDS);
    }
  });

  it("finds a position that is closed slice by slice at the next check", () => {
    const rig = fallen({ recovery: "aggressive" });
    minutes(rig, 55);
    rig.isInstant = false;
    rig.exchange.at += 600_000;
    rig.timer();
    const next = nextLife(rig);
    minutes(next, 6);
    expect([next.exchange.position.lots, next.exchange.open()]).toEqual([0, []]);
  });
});

describe("a position that stays stuck", () => {
  it("is asked about two hours after it was found stuck, with one card, which is withdrawn when it is out", () => {
    const rig = fallen();
    minutes(rig, 65);
    const from = stories(rig).length;
    minutes(rig, 115);
    expect([asks(rig), stories(rig).slice(from)]).toEqual([0, []]);
    minutes(rig, 10);
    expect([asks(rig), rungs(rig)[0]?.stage]).toEqual([1, "asked"]);
    expect(rig.shown.at(-1)?.action).toMatchObject({
      fallback: "aggressive",
      ways: ["aggressive", "ladder"],
    });
    minutes(rig, 100);
    expect(asks(rig)).toBe(1);
    // The grid asks again; the card of the first time is still open.
    minutes(rig, 30);
    expect(asks(rig)).toBe(1);
    choose(rig, "aggressive");
    minutes(rig, 1);
    expect([rig.exchange.position.lots, rig.shown.at(-1)?.state, stories(rig).slice(from)]).toEqual([
      0,
      "expired",
      ["resolved recover:grid1:0"],
    ]);
  });

  it("is asked about again soon after a restart: the question of the life before is void", () => {
    const rig = fallen();
    minutes(rig, 190);
    const next = nextLife(rig);
    minutes(next, 6);
    expect(asks(next)).toBe(1);
  });

  it("that comes back by itself is forgotten", () => {
    const rig = fallen();
    minutes(rig, 55);
    const end = refuse(rig, "ladder", "other", -1);
    minutes(rig, 8);
    end();
    rig.quote(500_000);
    minutes(rig, 10);
    expect([ladder(rig), open(rig, "takeProfit")]).toEqual([[], [10]]);
    expect(rungs(rig)[0]).toMatchObject({ stage: "none", stuckSince: undefined, attempts: 0 });
    expect(stories(rig).at(-1)).toBe("resolved recover:grid1:0");
    // Nobody is asked about it, and no deadline closes it beside its take profit.
    minutes(rig, 140);
    rig.pass(601_000);
    expect([asks(rig), rig.held(), open(rig, "takeProfit"), open(rig, "stop")]).toEqual([0, 10, [10], [10]]);
    // When it gets stuck again it is a new story.
    rig.quote(DOWN);
    minutes(rig, 10);
    expect([ladder(rig), rungs(rig)[0]?.stage]).toEqual([THIRDS, "ladder"]);
  });

  it("what a person chose for a rung that holds nothing any more does nothing", () => {
    const rig = fallen();
    rig.feed(...rig.exchange.trigger(one(rig, "stop"), false, 450_000));
    choose(rig, "aggressive");
    choose(rig, "ladder");
    expect([rig.exchange.open(), sentOf(rig, "close"), sentOf(rig, "ladder")]).toEqual([[], 0, 0]);
  });
});
