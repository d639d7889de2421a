import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { millis, ticks, value } from "../../src/core/units.ts";
import type { DepthLevel, Exchange, OrderRequest } from "../../src/venue/exchange.ts";
import { DEPTH_SHAPE } from "../../src/venue/seeded-depth.ts";
import {
  exchangeOf,
  limit,
  MINUTE,
  market,
  reasonOf,
  runOut,
  START,
  scripted,
  USDT,
  yes,
} from "./scripted-market.ts";

/** A resting order as the slow matcher keeps it. */
interface Plain {
  readonly id: number;
  readonly side: "buy" | "sell";
  readonly price: number;
  left: number;
}

/** [maker's order id or 0 for the market itself, price, lots] */
type PlainTrade = readonly [number, number, number];

/** The obviously correct matcher: looks at everything, every time. `shown` is what the exchange shows of the other side. */
function slowMatch(
  resting: readonly Plain[],
  shown: readonly DepthLevel[],
  request: OrderRequest,
): PlainTrade[] {
  const others = resting.filter((order) => order.side !== request.side);
  const offers: { id: number; price: number; left: number }[] = others.map((order) => ({ ...order }));
  for (const level of shown) {
    const clients = others.reduce((sum, order) => sum + (order.price === level.price ? order.left : 0), 0);
    if (level.lots > clients) {
      offers.push({ id: Number.POSITIVE_INFINITY, price: level.price, left: level.lots - clients });
    }
  }
  const by = request.side === "buy" ? 1 : -1;
  offers.sort((one, two) => (one.price - two.price) * by || one.id - two.id);
  const found: PlainTrade[] = [];
  let left: number = request.lots;
  for (const offer of offers) {
    if (left === 0 || (request.price !== undefined && (offer.price - request.price) * by > 0)) break;
    const count = Math.min(left, offer.left);
    found.push([Number.isFinite(offer.id) ? offer.id : 0, offer.price, count]);
    left -= count;
  }
  if (request.timeInForce === "FOK" && left > 0) return [];
  if (request.timeInForce === "GTX" && found.length > 0) return [];
  return found;
}

const step = fc.record({
  account: fc.constantFrom("a", "b", "c"),
  side: fc.constantFrom("buy" as const, "sell" as const),
  kind: fc.constantFrom("limit" as const, "limit" as const, "limit" as const, "market" as const),
  timeInForce: fc.constantFrom(
    "GTC" as const,
    "GTC" as const,
    "IOC" as const,
    "FOK" as const,
    "GTX" as const,
  ),
  offset: fc.integer({ min: -6, max: 6 }),
  lots: fc.integer({ min: 2, max: 400 }),
  cancels: fc.nat({ max: 9 }),
});

function checkStream(
  levels: number,
  steps: readonly (typeof step extends fc.Arbitrary<infer T> ? T : never)[],
) {
  const { exchange, told } = exchangeOf(scripted([60_000, 60_000], { volume: 5_000 }), {
    depth: { ...DEPTH_SHAPE, levels },
    accounts: ["a", "b", "c"].map((id) => ({ id, deposit: value(1_000_000 * USDT) })),
  });
  const resting: Plain[] = [];
  let traded = 0;
  for (const each of steps) {
    const oldest = resting[0];
    if (each.cancels === 0 && oldest !== undefined) {
      const owner = ["a", "b", "c"].find((id) =>
        exchange.openOrders(id).some((order) => order.orderId === oldest.id),
      );
      yes(exchange.cancel(owner ?? "?", "BTCUSDT", { orderId: oldest.id }));
      resting.shift();
    }
    const request: OrderRequest =
      each.kind === "market"
        ? market(each.side, each.lots)
        : limit(each.side, 60_000 + each.offset / 10, each.lots, { timeInForce: each.timeInForce });
    const book = exchange.depth("BTCUSDT", 500);
    const expected = slowMatch(resting, each.side === "buy" ? book.asks : book.bids, request);
    told.length = 0;
    const answer = exchange.place(each.account, request);
    const makers = new Map<number, number>();
    for (const event of told) {
      if (event.type === "order" && event.trade?.isMaker)
        makers.set(event.trade.tradeId, event.order.orderId);
    }
    const actual = told.flatMap((event): PlainTrade[] =>
      event.type === "trade" ? [[makers.get(event.tradeId) ?? 0, event.price, event.lots]] : [],
    );
    expect(actual).toEqual(expected);
    traded += actual.length;
    for (const [id, , count] of expected) {
      const maker = resting.find((order) => order.id === id);
      if (maker !== undefined) maker.left -= count;
    }
    const filled = expected.reduce((sum, [, , count]) => sum + count, 0);
    if (answer.ok && each.kind === "limit" && (each.timeInForce === "GTC" || each.timeInForce === "GTX")) {
      const id = answer.value.orderId;
      resting.push({ id, side: each.side, price: request.price ?? ticks(0), left: each.lots - filled });
    }
    for (let at = resting.length - 1; at >= 0; at -= 1) if (resting[at]?.left === 0) resting.splice(at, 1);
    const open = ["a", "b", "c"].flatMap((id) => exchange.openOrders(id));
    expect(new Map(open.map((order) => [order.orderId, order.request.lots - order.filled]))).toEqual(
      new Map(resting.map((order) => [order.id, order.left])),
    );
    expect(exchange.validate()).toEqual([]);
  }
  return traded;
}

describe("matching", () => {
  it("gives exactly the trades that a slow and simple matcher gives, with and without the market's own depth", () => {
    let traded = 0;
    fc.assert(
      fc.property(
        fc.constantFrom(0, 40),
        fc.array(step, { minLength: 20, maxLength: 40 }),
        (levels, steps) => {
          traded += checkStream(levels, steps);
        },
      ),
      { numRuns: 150 },
    );
    expect(traded).toBeGreaterThan(500);
  });

  it("never shows a crossed book, and does fill what the price passes", () => {
    let fills = 0;
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 59_800, max: 60_200 }), { minLength: 2, maxLength: 30 }),
        fc.array(fc.tuple(fc.boolean(), fc.integer({ min: 1, max: 150 }), fc.integer({ min: 2, max: 900 })), {
          maxLength: 12,
        }),
        (prices, orders) => {
          const { exchange, told } = exchangeOf(scripted([60_000, ...prices], { volume: 8_000 }), {
            accounts: [{ id: "a", deposit: value(1_000_000 * USDT) }],
          });
          for (const [isBuy, away, count] of orders) {
            exchange.place("a", limit(isBuy ? "buy" : "sell", 60_000 + (isBuy ? -away : away), count));
          }
          runOut(exchange);
          let bid = 0;
          let ask = Number.POSITIVE_INFINITY;
          for (const event of told) {
            if (event.type === "top") {
              expect(event.bid).toBeLessThan(event.ask);
              bid = event.bid;
              ask = event.ask;
            }
          }
          for (const { request } of exchange.openOrders("a")) {
            const price = request.price ?? 0;
            if (request.side === "buy") expect(price).toBeLessThanOrEqual(bid);
            else expect(price).toBeGreaterThanOrEqual(ask);
          }
          for (const trade of exchange.trades("a", {})) {
            fills += 1;
            expect(trade.isMaker).toBe(true);
          }
          expect(exchange.validate()).toEqual([]);
        },
      ),
      { numRuns: 150 },
    );
    expect(fills).toBeGreaterThan(200);
  });

  it("fills a resting order only once the price has passed it by a tick, at its own price, as maker", () => {
    const { exchange } = exchangeOf(scripted([60_000, 59_990, 59_989.9]));
    const order = yes(exchange.place("a", limit("buy", 59_990, 10)));
    exchange.step(millis(START + MINUTE));
    expect(exchange.trades("a", {})).toEqual([]);
    exchange.step(millis(START + 2 * MINUTE));
    expect(exchange.trades("a", {})).toMatchObject([
      { orderId: order.orderId, price: 599_900, lots: 10, isMaker: true, fee: 599.9 * 0.0002 * USDT },
    ]);
  });

  it("fills orders on the way in the order of their prices, whatever the order they came in", () => {
    const { exchange } = exchangeOf(scripted([60_000, 59_900]));
    for (const price of [59_920, 59_980, 59_950]) yes(exchange.place("a", limit("buy", price, 10)));
    runOut(exchange);
    expect(exchange.trades("a", {}).map((trade) => trade.price)).toEqual([599_800, 599_500, 599_200]);
  });

  it("gives a large order only a level's size per step, keeps the book uncrossed meanwhile, and fills the rest later", () => {
    const { exchange } = exchangeOf(scripted([60_000, ...Array(20).fill(59_980)], { volume: 1_000 }));
    yes(exchange.place("a", limit("buy", 59_990, 100)));
    const held: number[] = [];
    while (exchange.step(millis(START + 100 * MINUTE))) {
      held.push(exchange.positions("a")[0]?.lots ?? 0);
      expect(exchange.validate()).toEqual([]);
    }
    // 2 % of 1,000 lots, give or take half.
    expect(held[0]).toBeGreaterThanOrEqual(10);
    expect(held[0]).toBeLessThanOrEqual(30);
    expect(held.at(-1)).toBe(100);
  });

  it("walks a market order through the levels, charges the taker fee and expires what the book can't give", () => {
    const { exchange } = exchangeOf(scripted([60_000], { volume: 1_000 }), {
      accounts: [{ id: "a", deposit: value(10_000_000 * USDT) }],
    });
    const asks = exchange.depth("BTCUSDT", 100).asks;
    const all = asks.reduce((sum, level) => sum + level.lots, 0);
    const order = yes(exchange.place("a", market("buy", all + 5)));
    expect(order).toMatchObject({ status: "expired", filled: all });
    expect(exchange.trades("a", {}).map(({ price, lots }) => ({ price, lots }))).toEqual(asks);
    expect(reasonOf(exchange.place("a", market("buy", 5)))).toBe("noLiquidity");
  });

  it("refuses what the filters forbid, each for its own reason", () => {
    const { exchange } = exchangeOf(scripted([60_000]));
    const why = (request: OrderRequest): string => reasonOf(exchange.place("a", request));
    expect(why({ ...limit("buy", 60_000, 5), instrument: "NOPE" })).toBe("unknownInstrument");
    expect(why(limit("buy", 59_000, 0))).toBe("quantityZero");
    expect(why(limit("buy", 59_000, 2_000_000))).toBe("quantityAboveMax");
    expect(why(limit("buy", 59_000, 1))).toBe("notionalTooSmall");
    expect(why(limit("buy", 63_001, 5))).toBe("priceTooFarAbove");
    expect(why(limit("sell", 56_999, 5))).toBe("priceTooFarBelow");
    expect(why(limit("buy", 1, 5))).toBe("priceOutOfRange");
    expect(why(limit("buy", 60_000.1, 5, { timeInForce: "GTX" }))).toBe("wouldTakePostOnly");
    expect(why(limit("buy", 60_000.1, 60_000, { timeInForce: "FOK" }))).not.toBe("accepted");
    expect(why(limit("buy", 59_000, 4_000))).toBe("marginInsufficient");
    expect(why(limit("buy", 59_000, 5, { positionSide: "long" }))).toBe("positionSideMismatch");
    expect(why(limit("buy", 59_000, 5, { clientId: "x" }))).toBe("accepted");
    expect(why(limit("buy", 59_000, 5, { clientId: "x" }))).toBe("duplicateClientId");
    yes(exchange.cancel("a", "BTCUSDT", { clientId: "x" }));
    expect(reasonOf(exchange.cancel("a", "BTCUSDT", { clientId: "x" }))).toBe("unknownOrder");
    expect(why(limit("buy", 59_000, 5, { clientId: "x" }))).toBe("accepted");
  });
});

describe("the exchange's memory", () => {
  const threeDays = 3 * 86_400_000;
  const orderOf = (exchange: Exchange, clientId: string): string | undefined =>
    exchange.order("a", "BTCUSDT", { clientId })?.status;

  it("forgets an unfilled cancelled order after three days, and a filled one never", () => {
    const { exchange } = exchangeOf(scripted(Array(4 * 1440 + 10).fill(60_000)));
    yes(exchange.place("a", limit("buy", 59_000, 5, { clientId: "gone" })));
    yes(exchange.cancel("a", "BTCUSDT", { clientId: "gone" }));
    yes(exchange.place("a", market("buy", 5, { clientId: "kept" })));
    while (exchange.step(millis(START + threeDays - 1)));
    expect(orderOf(exchange, "gone")).toBe("canceled");
    while (exchange.step(millis(START + threeDays)));
    expect(orderOf(exchange, "gone")).toBeUndefined();
    expect(orderOf(exchange, "kept")).toBe("filled");
    expect(exchange.orderHistory("a", {}).map((order) => order.clientId)).toEqual(["kept"]);
  });
});
