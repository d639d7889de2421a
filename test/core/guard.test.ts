import { describe, expect, it } from "vitest";
import { newBook, shareOf, tell } from "../../src/core/book.ts";
import { checkOrder, type GuardState, isReducing, type Refusal } from "../../src/core/guard.ts";
import { executionCost } from "../../src/core/instrument.ts";
import type { OrderFacts } from "../../src/core/order.ts";
import { trade } from "../../src/core/position.ts";
import { lots, millis, ONE, rate, ticks, value } from "../../src/core/units.ts";
import { LINEAR } from "../support/instruments.ts";
import { entryOf, exitOf, recordOf, stopOf } from "../support/orders.ts";

const PRICE = ticks(500_000);
const usdt = (amount: number) => value(amount * ONE);

/** A healthy desk without a position: 10,000 USDT of equity, a purse of 1,000 at 3x, at most 100 lots. */
const healthy = (given: Partial<GuardState> = {}): GuardState => ({
  instrument: LINEAR,
  book: newBook("main", "BTCUSDT", "both"),
  orders: [],
  bid: PRICE,
  ask: ticks(PRICE + 1),
  riskState: "monitoring",
  isPaused: false,
  blocks: [],
  isHedgeMode: false,
  leverage: 3,
  leverageMax: 3,
  purseCap: usdt(1_000),
  positionMax: lots(100),
  equity: usdt(10_000),
  otherGross: value(0),
  grossLeverageMax: 3,
  distanceAfter: "none",
  distanceMin: rate(ONE / 5),
  ...given,
});

/** The same with `size` lots held by grid1 (and `foreign` by nobody of ours). */
function holding(size: number, given: Partial<GuardState> = {}, foreign = 0): GuardState {
  const state = healthy(given);
  const { book } = state;
  const cost = (n: number) => executionCost(LINEAR, PRICE, lots(n), "nearest");
  if (size !== 0) trade(shareOf(book, "grid1"), lots(size), cost(size), value(0));
  if (foreign !== 0) trade(book.foreign, lots(foreign), cost(foreign), value(0));
  return state;
}

const reasonOf = (facts: OrderFacts, state: GuardState): Refusal | "ok" => {
  const verdict = checkOrder(facts, state);
  return verdict.ok ? "ok" : verdict.reason;
};
const entry = (given: Partial<OrderFacts> = {}) => entryOf({ lots: lots(20), price: PRICE, ...given });
const orders = (count: number) =>
  Array.from({ length: count }, () => recordOf(entryOf({ engine: "other", lots: lots(1), price: PRICE })));

function mismatched(): GuardState {
  const state = healthy();
  for (const at of [1, 2]) tell(state.book, lots(7), millis(at), millis(at), true);
  return state;
}

describe("the guard", () => {
  it("lets a good entry through, unchanged", () => {
    const facts = entry();
    const verdict = checkOrder(facts, healthy());
    expect(verdict).toEqual({ ok: true, order: facts });
  });

  const refusals: readonly (readonly [Refusal, string, OrderFacts, GuardState])[] = [
    ["shutdown", "in Shutdown", entry(), healthy({ riskState: "shutdown" })],
    ["emergency", "in Emergency", entry(), healthy({ riskState: "emergency" })],
    ["paused", "while a person paused it", entry(), healthy({ isPaused: true })],
    ["blocked", "in a gap", entry(), healthy({ blocks: ["the market data is stale"] })],
    ["noMarketData", "before the first quote", entry(), healthy({ bid: undefined })],
    ["noMarketData", "with half a quote", entry(), healthy({ ask: undefined })],
    ["priceRange", "below the least price", entry({ price: ticks(0) }), healthy()],
    ["priceRange", "above the highest price", entry({ price: ticks(10_000_001) }), healthy()],
    ["priceRange", "a stop beyond it too", stopOf({ trigger: ticks(0) }), holding(5)],
    ["quantityRange", "of no lots", entry({ lots: lots(0) }), healthy()],
    ["quantityRange", "of too many lots", entry({ lots: lots(1_000_001) }), healthy()],
    [
      "quantityRange",
      "at the market, which takes fewer",
      entry({ kind: "market", lots: lots(500_001) }),
      healthy(),
    ],
    ["notionalTooSmall", "below 5 USDT", entry({ lots: lots(1), price: ticks(49_999) }), healthy()],
    ["tooManyOrders", "beside 200 others", entry(), healthy({ orders: orders(200) })],
    ["leverageNotConfirmed", "before leverage was read back", entry(), healthy({ leverage: undefined })],
    ["leverageNotConfirmed", "at 4x", entry(), healthy({ leverage: 4 })],
    ["positionModeConflict", "for LONG in one-way mode", entry({ positionSide: "long" }), healthy()],
    ["positionModeConflict", "for both in hedge mode", entry(), healthy({ isHedgeMode: true })],
    ["positionLimit", "beyond 100 lots", entry({ lots: lots(101) }), healthy()],
    ["purse", "beyond the purse", entry(), healthy({ purseCap: usdt(333) })],
    ["grossLeverage", "beyond 3x equity", entry(), healthy({ equity: usdt(333) })],
    ["grossLeverage", "with the other books", entry(), healthy({ otherGross: usdt(29_001) })],
    [
      "liquidationDistance",
      "19.99 % from liquidation",
      entry(),
      healthy({ distanceAfter: rate(19_990_000) }),
    ],
    ["liquidationDistance", "when it can't be computed", entry(), healthy({ distanceAfter: undefined })],
    ["mismatch", "while the book is unexplained", entry(), mismatched()],
    ["equityUnknown", "when equity is not known", entry(), healthy({ equity: undefined })],
    ["leverageNotConfirmed", "when it was refused", entry(), healthy({ configRefused: "max position" })],
    ["marginModeNotConfirmed", "with cross margin", entry(), healthy({ marginMode: "cross" })],
    ["closeOnly", "on a delisted instrument", entry(), healthy({ closeOnly: "it is being delisted" })],
    ["foreignAgainst", "beside a person's short", entry(), holding(0, {}, -5)],
    ["foreignAgainst", "beside the short of an engine that is gone", entry({ engine: "grid2" }), holding(-5)],
    ["positionLimit", "beyond its margin tier", entry(), healthy({ bracketMax: usdt(999) })],
    ["grossLeverage", "while another book's worth is unknown", entry(), healthy({ otherGross: undefined })],
    ["nothingToReduce", "a reducer without a position", exitOf(), healthy()],
    ["nothingToReduce", "a reducer of another engine's position", exitOf({ engine: "grid2" }), holding(5)],
    ["nothingToReduce", "a reducer that would add", exitOf({ side: "buy" }), holding(5)],
    ["reduceBudget", "more than is held", exitOf({ lots: lots(6) }), holding(5)],
  ];
  it.each(refusals)("refuses with %s: %s", (reason, _when, facts, state) => {
    const verdict = checkOrder(facts, state);
    expect(verdict.ok ? "ok" : verdict.reason).toBe(reason);
    if (!verdict.ok) expect(verdict.detail.length).toBeGreaterThan(5);
  });

  it.each([
    [
      "the purse of 333.00 USDT has 333.00 USDT free, the order needs 333.83 USDT",
      entry(),
      { purseCap: usdt(333) },
    ],
    [
      "the limit of exposure, 3x, is 30000.00 USDT; with the order it would be 30001.00 USDT",
      entry(),
      { otherGross: usdt(29_001) },
    ],
    [
      "the exchange's margin tier ends at 999.00 USDT; with the order it would be 1000.00 USDT",
      entry(),
      { bracketMax: usdt(999) },
    ],
    [
      "the position may be 0.019 BTC at most; with the order it would be 0.020 BTC",
      entry(),
      { positionMax: lots(19) },
    ],
    [
      "liquidation would be 19.99% away, it must be 20.00% at least",
      entry(),
      { distanceAfter: rate(19_990_000) },
    ],
    [
      "the order is worth 4.00 USDT, the exchange takes 5.00 USDT at least",
      entry({ lots: lots(1), price: ticks(40_000) }),
      {},
    ],
    ["price 0.0 is outside 0.1 to 1000000.0", entry({ price: ticks(0) }), {}],
  ])("says in money and sizes that people read: %s", (sentence, facts, given) => {
    expect(checkOrder(facts, healthy(given))).toMatchObject({ ok: false, detail: sentence });
  });

  it("has a test for every reason that it knows", () => {
    const all: Readonly<Record<Refusal, true>> = {
      shutdown: true,
      emergency: true,
      paused: true,
      blocked: true,
      noMarketData: true,
      priceRange: true,
      quantityRange: true,
      notionalTooSmall: true,
      tooManyOrders: true,
      leverageNotConfirmed: true,
      positionModeConflict: true,
      positionLimit: true,
      purse: true,
      grossLeverage: true,
      liquidationDistance: true,
      mismatch: true,
      equityUnknown: true,
      nothingToReduce: true,
      reduceBudget: true,
      closeOnly: true,
      foreignAgainst: true,
      marginModeNotConfirmed: true,
    };
    expect(new Set(refusals.map(([reason]) => reason))).toEqual(new Set(Object.keys(all)));
  });

  it("uses each limit to its last step: at the limit goes, one beyond does not", () => {
    // 20 lots at 50,000 are 1,000 USDT: 333.33333334 of margin at 3x and 0.5 to close.
    const need = 33_333_333_334 + 50_000_000;
    expect(reasonOf(entry(), healthy({ purseCap: value(need) }))).toBe("ok");
    expect(reasonOf(entry(), healthy({ purseCap: value(need - 1) }))).toBe("purse");
    expect(reasonOf(entry({ lots: lots(100) }), healthy({ purseCap: usdt(9_000) }))).toBe("ok");
    expect(reasonOf(entry(), healthy({ otherGross: usdt(29_000) }))).toBe("ok");
    expect(reasonOf(entry(), healthy({ otherGross: value(29_000 * ONE + 1) }))).toBe("grossLeverage");
    expect(reasonOf(entry(), healthy({ distanceAfter: rate(ONE / 5) }))).toBe("ok");
    expect(reasonOf(entry(), healthy({ orders: orders(199) }))).toBe("ok");
    expect(reasonOf(entry({ lots: lots(1), price: ticks(50_000) }), healthy())).toBe("ok");
    expect(reasonOf(exitOf({ lots: lots(5) }), holding(5))).toBe("ok");
  });
});

describe("a reducer", () => {
  it("leaves the desk whatever stops entries: Shutdown, pause, blocks, a mismatch, no data (I8)", () => {
    for (const given of [
      { riskState: "shutdown" },
      { riskState: "emergency" },
      { isPaused: true },
      { blocks: ["gap"] },
      { bid: undefined, ask: undefined },
      { leverage: undefined },
      { equity: undefined },
      { distanceAfter: undefined },
      { purseCap: value(0), positionMax: lots(0) },
      { orders: orders(200) },
    ] as const) {
      expect(reasonOf(exitOf({ lots: lots(5) }), holding(5, given))).toBe("ok");
      expect(reasonOf(stopOf({ lots: lots(5) }), holding(5, given))).toBe("ok");
    }
  });

  it("in Shutdown is the only thing that leaves (I8)", () => {
    const state = holding(5, { riskState: "shutdown" });
    const tried = [
      entry(),
      entry({ side: "sell" }),
      entry({ kind: "market" }),
      entry({ role: "hedge" }),
      entry({ role: "ladder" }),
      entry({ role: "close" }),
    ];
    expect(tried.map((facts) => reasonOf(facts, state))).toEqual(tried.map(() => "shutdown"));
  });

  it("shares the budget of its kind with what rests: limits and stops each up to the position (I4)", () => {
    const resting = [
      recordOf(exitOf({ lots: lots(6) }), "resting", 2),
      recordOf(stopOf({ lots: lots(3) }), "unknown"),
    ];
    const state = holding(10, { orders: resting });
    expect(reasonOf(exitOf({ lots: lots(6) }), state)).toBe("ok");
    expect(reasonOf(exitOf({ lots: lots(7) }), state)).toBe("reduceBudget");
    expect(reasonOf(stopOf({ lots: lots(7) }), state)).toBe("ok");
    expect(reasonOf(stopOf({ lots: lots(8) }), state)).toBe("reduceBudget");
  });

  it("counts a rung's own stops and those of its hedged pair once, for one kind takes the other's place", () => {
    const own = recordOf(stopOf({ lots: lots(6), rung: 3 }), "resting");
    const other = recordOf(stopOf({ lots: lots(4), rung: 4 }), "resting");
    const state = holding(10, { orders: [own, other] });
    const pair = (size: number, rung = 3) => stopOf({ lots: lots(size), rung, slice: 18 });
    expect([reasonOf(pair(6), state), reasonOf(pair(7), state)]).toEqual(["ok", "reduceBudget"]);
    expect(reasonOf(stopOf({ lots: lots(1), rung: 3, slice: 1 }), state)).toBe("reduceBudget");
    const both = holding(10, { orders: [own, other, recordOf(pair(6), "resting")] });
    expect([reasonOf(pair(4, 4), both), reasonOf(pair(5, 4), both)]).toEqual(["ok", "reduceBudget"]);
    expect(reasonOf(pair(1), both)).toBe("reduceBudget");
  });

  it("counts the margin of the other leg of a pair to the purse, and still lets its room be used (I6)", () => {
    const needed = (size: number, elsewhere: number) =>
      reasonOf(entry({ lots: lots(size) }), healthy({ purseElsewhere: usdt(elsewhere) }));
    expect([needed(20, 0), needed(20, 660), needed(20, 668)]).toEqual(["ok", "ok", "purse"]);
  });

  it("never takes from another holder: its own share and the whole book both bound it", () => {
    expect(reasonOf(exitOf({ lots: lots(10) }), holding(10, {}, 5))).toBe("ok");
    expect(reasonOf(exitOf({ lots: lots(11) }), holding(10, {}, 5))).toBe("reduceBudget");
    expect(reasonOf(exitOf({ lots: lots(6) }), holding(10, {}, -4))).toBe("ok");
    expect(reasonOf(exitOf({ lots: lots(7) }), holding(10, {}, -4))).toBe("reduceBudget");
    expect(reasonOf(exitOf({ lots: lots(1) }), holding(10, {}, -10))).toBe("nothingToReduce");
    expect(reasonOf(exitOf({ engine: "foreign", role: "close", lots: lots(5) }), holding(10, {}, 5))).toBe(
      "ok",
    );
    expect(reasonOf(exitOf({ engine: "foreign", role: "close", lots: lots(6) }), holding(10, {}, 5))).toBe(
      "reduceBudget",
    );
  });

  it("in hedge mode is told by its sides, and the reduce-only flag proves nothing there", () => {
    const facts = (side: "buy" | "sell", positionSide: "long" | "short", isReduceOnly = false) =>
      entryOf({ side, positionSide, isReduceOnly });
    expect(isReducing(facts("sell", "long"), true)).toBe(true);
    expect(isReducing(facts("buy", "short"), true)).toBe(true);
    expect(isReducing(facts("buy", "long", true), true)).toBe(false);
    expect(isReducing(facts("sell", "short", true), true)).toBe(false);
    expect(isReducing(exitOf(), false)).toBe(true);
    expect(isReducing(entryOf(), false)).toBe(false);
  });
});
