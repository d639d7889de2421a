import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  applyChange,
  applyFill,
  type Execution,
  endShort,
  isLive,
  newOrder,
  nextState,
  type OrderChange,
  type OrderRecord,
  type OrderState,
  openLots,
} from "../../src/core/order.ts";
import { lots, millis, value } from "../../src/core/units.ts";
import { entryOf } from "../support/orders.ts";

const CHANGES: readonly OrderChange[] = [
  "accepted",
  "partlyFilled",
  "filled",
  "cancelSent",
  "cancelRefused",
  "canceled",
  "expired",
  "rejected",
  "triggered",
  "outcomeLost",
  "absent",
];

// The whole table, one row a state; "." is stale news. Columns as in CHANGES.
const TABLE: Readonly<Record<OrderState, string>> = {
  sending: "resting resting filled canceling unknown canceled expired rejected triggered unknown rejected",
  unknown: "resting resting filled canceling unknown canceled expired rejected triggered unknown rejected",
  resting: ". . filled canceling unknown canceled expired rejected triggered . canceled",
  canceling: ". . filled . unknown canceled expired rejected triggered unknown canceled",
  triggered: ". . filled . . canceled expired rejected . . .",
  filled: ". . . . . . . . . . .",
  canceled: ". . filled . . . . . . . .",
  expired: ". . filled . . . . . . . .",
  rejected: "unknown unknown filled . . . . . . . .",
};
const STATES = Object.keys(TABLE) as readonly OrderState[];
const FINAL: readonly OrderState[] = ["filled", "canceled", "expired", "rejected"];
const T = (n: number) => millis(1_000 + n);

describe("the life of an order", () => {
  it.each(STATES.flatMap((state) => CHANGES.map((change, at) => [state, change, at] as const)))(
    "%s + %s",
    (state, change, at) => {
      const expected = TABLE[state].split(" ")[at];
      expect(nextState(state, change)).toBe(expected === "." ? undefined : expected);
    },
  );

  it("ends for good: no change but a fill, or news that contradicts a refusal, leaves a final state", () => {
    for (const state of FINAL) {
      for (const change of CHANGES) {
        const next = nextState(state, change);
        if (next === undefined) continue;
        expect(next === "filled" || (state === "rejected" && next === "unknown")).toBe(true);
      }
      expect(isLive(state)).toBe(false);
    }
  });

  it("every state can still reach an end: nothing is stuck for good", () => {
    for (const state of STATES) {
      const seen = new Set<OrderState>([state]);
      const open = [state];
      for (let next = open.pop(); next !== undefined; next = open.pop()) {
        for (const change of CHANGES) {
          const to = nextState(next, change);
          if (to !== undefined && !seen.has(to)) {
            seen.add(to);
            open.push(to);
          }
        }
      }
      expect(FINAL.some((end) => seen.has(end))).toBe(true);
    }
  });

  it("a fill may overtake the acknowledgement", () => {
    const order = newOrder(entryOf({ lots: lots(10) }), "sending", T(0), T(0));
    expect(applyFill(order, execution("t1", 4), T(1))).toBe("counted");
    expect(order.state).toBe("resting");
    expect(applyChange(order, "accepted", T(2), T(2))).toBe(false);
    expect([order.state, order.filled, openLots(order), order.updatedWallAt]).toEqual([
      "resting",
      4,
      6,
      T(2),
    ]);
  });

  it("a cancel that is refused because the order was filled asks, and the fill answers", () => {
    const order = newOrder(entryOf({ lots: lots(10) }), "sending", T(0), T(0));
    applyChange(order, "accepted", T(1), T(1));
    applyChange(order, "cancelSent", T(2), T(2));
    expect(order.state).toBe("canceling");
    applyChange(order, "cancelRefused", T(3), T(3));
    expect([order.state, openLots(order)]).toEqual(["unknown", 10]);
    applyFill(order, execution("t1", 10), T(4));
    expect([order.state, openLots(order)]).toEqual(["filled", 0]);
  });

  it("a lost answer keeps its lots reserved until it is found or proven absent", () => {
    const lost = () => {
      const order = newOrder(entryOf({ lots: lots(10) }), "sending", T(0), T(0));
      applyChange(order, "outcomeLost", T(1), T(1));
      expect([order.state, openLots(order)]).toEqual(["unknown", 10]);
      return order;
    };
    const found = lost();
    applyChange(found, "accepted", T(2), T(2));
    expect([found.state, openLots(found)]).toEqual(["resting", 10]);
    const absent = lost();
    applyChange(absent, "absent", T(2), T(2));
    expect([absent.state, openLots(absent)]).toEqual(["rejected", 0]);
  });

  it("a submit that was taken for absent and shows up after all is asked about, and holds its lots meanwhile", () => {
    const order = newOrder(entryOf({ lots: lots(10) }), "sending", T(0), T(0));
    applyChange(order, "absent", T(5), T(5));
    applyChange(order, "accepted", T(6), T(6));
    expect([order.state, openLots(order)]).toEqual(["unknown", 10]);
    applyChange(order, "accepted", T(7), T(7));
    expect([order.state, openLots(order)]).toEqual(["resting", 10]);
  });

  it("counts more than it asked for, and says so", () => {
    const order = newOrder(entryOf({ lots: lots(10) }), "sending", T(0), T(0));
    expect(applyFill(order, execution("t1", 8), T(1))).toBe("counted");
    expect(applyFill(order, execution("t2", 8), T(2))).toBe("overfill");
    expect([order.filled, order.state, openLots(order)]).toEqual([16, "filled", 0]);
    expect(() => applyFill(order, execution("t3", 0), T(3))).toThrow("a fill has lots");
  });
});

const execution = (tradeId: string, count: number, price = 100): Execution => ({
  tradeId,
  lots: lots(count),
  cost: value(count * price),
  fee: value(count),
  realized: value(-count),
  at: T(10),
});

type News = { readonly change: OrderChange } | { readonly fill: Execution };

/** What became of an order of `sum(parts)` lots, as the exchange told it in its own order. */
interface Life {
  readonly lots: number;
  readonly news: readonly News[];
  readonly end: End;
}
type End = "filled" | "canceled" | "expired" | "rejected" | "resting";

const lives: fc.Arbitrary<Life> = fc
  .record({
    parts: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 }),
    prices: fc.array(fc.integer({ min: 90, max: 110 }), { minLength: 5, maxLength: 5 }),
    end: fc.constantFrom<End>("filled", "canceled", "expired", "rejected", "resting"),
    isStop: fc.boolean(),
    isCancelRefused: fc.boolean(),
  })
  .map(({ parts, prices, end, isStop, isCancelRefused }) => {
    const whole = parts.reduce((sum, part) => sum + part, 0);
    const told = end === "rejected" ? [] : end === "filled" ? parts : parts.slice(0, -1);
    const fills = told.map((part, at) => ({ fill: execution(`t${at}`, part, prices[at] ?? 100) }));
    const isTriggered = isStop && end !== "resting";
    const news: News[] = [
      { change: "accepted" },
      ...(isTriggered ? [{ change: "triggered" } as const] : []),
      ...(isCancelRefused && end === "filled" ? [{ change: "cancelRefused" } as const] : []),
      ...fills,
      ...(end === "filled" || end === "resting" ? [] : [{ change: end } as const]),
    ];
    return { lots: whole, news, end };
  });

function live(life: Life, news: readonly News[]): OrderRecord {
  const order = newOrder(entryOf({ lots: lots(life.lots) }), "sending", T(0), T(0));
  let isAsked = false;
  for (const [at, item] of news.entries()) {
    if ("fill" in item) applyFill(order, item.fill, T(at));
    else applyChange(order, item.change, T(at), T(at));
    if (order.state === "unknown") isAsked = true;
  }
  // What only a question may decide was asked: the exchange's answer comes last and says how it stands.
  if (isAsked && life.end !== "filled")
    applyChange(order, life.end === "resting" ? "accepted" : life.end, T(99), T(99));
  return order;
}

const outcome = (order: OrderRecord) => ({
  state: order.state,
  filled: order.filled,
  cost: order.cost,
  fees: order.fees,
  realized: order.realized,
  trades: [...order.tradeIds].sort(),
  open: openLots(order),
});

describe("an order's news (I5)", () => {
  it("any reordering and any number of copies of the same news end in the same order", () => {
    const shuffled = lives.chain((life) =>
      fc.record({
        life: fc.constant(life),
        order: fc.shuffledSubarray([...life.news], { minLength: life.news.length }),
        copies: fc.array(fc.nat(life.news.length - 1), { maxLength: 6 }),
      }),
    );
    fc.assert(
      fc.property(shuffled, ({ life, order, copies }) => {
        const doubled = [...order, ...copies.flatMap((at) => life.news[at] ?? [])];
        const expected = outcome(live(life, life.news));
        expect(expected.state).toBe(life.end);
        expect(outcome(live(life, doubled))).toEqual(expected);
      }),
      { numRuns: 1_000 },
    );
  });

  it.each(["canceled", "expired"] as const)(
    "%s with an execution that was not heard of, it lives for that much until it is",
    (end) => {
      const order = newOrder(entryOf({ lots: lots(10) }), "sending", T(0), T(0));
      applyChange(order, "accepted", T(1), T(1));
      applyFill(order, execution("t1", 2), T(2));
      endShort(order, end, lots(5));
      expect([order.state, openLots(order)]).toEqual(["resting", 3]);
      applyFill(order, execution("t2", 3), T(3));
      expect([order.state, order.filled, openLots(order)]).toEqual([end, 5, 0]);
    },
  );

  it("copies of an execution are counted once, whatever comes between", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(4), { minLength: 1, maxLength: 20 }), (picks) => {
        const order = newOrder(entryOf({ lots: lots(100) }), "sending", T(0), T(0));
        const verdicts = picks.map((pick) => applyFill(order, execution(`t${pick}`, pick + 1), T(1)));
        const distinct = [...new Set(picks)];
        expect(order.filled).toBe(distinct.reduce((sum, pick) => sum + pick + 1, 0));
        expect(verdicts.filter((verdict) => verdict === "counted")).toHaveLength(distinct.length);
        expect(verdicts.filter((verdict) => verdict === "duplicate")).toHaveLength(
          picks.length - distinct.length,
        );
      }),
    );
  });
});
