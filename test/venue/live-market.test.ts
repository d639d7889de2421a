import { describe, expect, test } from "vitest";
import type { MarkEvent, TopEvent, TradeEvent } from "../../src/core/market-event.ts";
import { lots, millis, rate, ticks } from "../../src/core/units.ts";
import { LiveMarket } from "../../src/venue/live-market.ts";

const AT = 1_746_057_600_000;
const of = (at: number) => ({
  venue: "binanceusdm",
  instrument: "BTCUSDT",
  at: millis(at),
  wallAt: millis(at),
});
const top = (at: number, bid: number, ask: number): TopEvent => ({
  type: "top",
  ...of(at),
  bid: ticks(bid),
  bidLots: lots(1),
  ask: ticks(ask),
  askLots: lots(1),
});
const trade = (at: number, price: number, size = 5): TradeEvent => ({
  type: "trade",
  ...of(at),
  price: ticks(price),
  lots: lots(size),
  takerSide: "buy",
});
const mark = (at: number, price: number, funding = 10_000): MarkEvent => ({
  type: "mark",
  ...of(at),
  mark: ticks(price),
  index: ticks(price),
  fundingRate: rate(funding),
  nextFundingAt: millis(AT + 28_800_000),
});
const open = () =>
  new LiveMarket({
    instrument: "BTCUSDT",
    top: top(AT, 1_000, 1_001),
    mark: mark(AT, 1_002),
    minuteLots: lots(600),
  });
/** Takes points until the market only repeats itself. */
function points(market: LiveMarket, count: number) {
  return Array.from({ length: count }, () => {
    const at = market.nextAt();
    const point = market.next();
    expect(point?.at).toBe(at);
    return { at: (point?.at ?? 0) - AT, price: point?.price, mark: point?.mark, lots: point?.lots };
  });
}

describe("a real market as the venue of a paper desk sees it", () => {
  test("stands at the bid at first, and beats while nothing happens", () => {
    expect(points(open(), 3)).toEqual([
      { at: 0, price: 1_000, mark: 1_002, lots: 0 },
      { at: 50, price: 1_000, mark: 1_002, lots: 0 },
      { at: 100, price: 1_000, mark: 1_002, lots: 0 },
    ]);
  });

  test("goes from trade to trade, one after another, none left out", () => {
    const market = open();
    points(market, 1);
    for (const [at, price] of [
      [10, 1_003],
      [10, 990],
      [12, 1_004],
    ] as const)
      market.take(trade(AT + at, price));
    expect(points(market, 4)).toEqual([
      { at: 10, price: 1_003, mark: 1_002, lots: 5 },
      { at: 10, price: 990, mark: 1_002, lots: 5 },
      { at: 12, price: 1_004, mark: 1_002, lots: 5 },
      { at: 62, price: 1_004, mark: 1_002, lots: 0 },
    ]);
  });

  test("follows quotes only where they leave the last trade behind, and never past them", () => {
    const market = open();
    points(market, 1);
    market.take(top(AT + 1, 999, 1_001));
    market.take(top(AT + 2, 1_005, 1_006));
    market.take(top(AT + 3, 1_004, 1_007));
    market.take(top(AT + 4, 900, 901));
    expect(points(market, 3).map(({ price, lots: size }) => [price, size])).toEqual([
      [1_005, 0],
      [901, 0],
      [901, 0],
    ]);
  });

  test("news that are late or early wait for a beat at most, and time never goes back", () => {
    const market = open();
    points(market, 2);
    market.take(trade(AT - 5_000, 1_010));
    market.take(trade(AT + 90_000_000, 1_011));
    expect(points(market, 2)).toEqual([
      { at: 50, price: 1_010, mark: 1_002, lots: 5 },
      { at: 100, price: 1_011, mark: 1_002, lots: 5 },
    ]);
  });

  test("tells marks and the coming funding; another instrument's news are none of its business", () => {
    const market = open();
    points(market, 1);
    market.take(mark(AT + 5, 1_050, -20_000));
    market.take(mark(AT + 6, 1_050));
    market.take({ ...trade(AT + 7, 5), instrument: "ETHUSDT" });
    expect(points(market, 2)).toEqual([
      { at: 5, price: 1_000, mark: 1_050, lots: 0 },
      { at: 55, price: 1_000, mark: 1_050, lots: 0 },
    ]);
    expect(market.fundingRate()).toBe(10_000);
  });

  test("closes a candle when its minute is over; depth follows the larger of this minute and the last", () => {
    const market = open();
    const first = market.next();
    expect([first?.candleLots, first?.candleOpenAt, first?.isLast]).toEqual([600, AT, false]);
    const seen: [number, boolean, number][] = [];
    market.take(trade(AT + 10, 1_003, 700));
    for (let at = 0; at < 60_100; ) {
      const point = market.next();
      at = (point?.at ?? 0) - AT;
      seen.push([at, point?.isLast ?? false, point?.candleLots ?? 0]);
    }
    expect(seen.filter(([, isLast]) => isLast)).toEqual([[59_999, true, 700]]);
    expect(seen.at(-1)?.[2]).toBe(700);
    expect(market.next()?.candleOpenAt).toBe(AT + 60_000);
  });
});
