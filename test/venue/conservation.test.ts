import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Instrument } from "../../src/core/instrument.ts";
import { stepOf } from "../../src/core/text.ts";
import { millis, rate, value } from "../../src/core/units.ts";
import type { Exchange, PositionSide, VenueEvent } from "../../src/venue/exchange.ts";
import { BRACKETS } from "../../src/venue/instruments.ts";
import { BTC, exchangeOf, limit, MINUTE, market, START, scripted, stop, USDT } from "./scripted-market.ts";

const action = fc.record({
  account: fc.constantFrom("cross", "isolated", "hedge"),
  what: fc.constantFrom(
    "limit",
    "limit",
    "market",
    "reduce",
    "stop",
    "closeAll",
    "cancel",
    "margin",
    "step",
    "step",
  ),
  side: fc.constantFrom("buy" as const, "sell" as const),
  away: fc.integer({ min: -20, max: 400 }),
  lots: fc.integer({ min: 2, max: 200 }),
  isLong: fc.boolean(),
});
type Action = typeof action extends fc.Arbitrary<infer T> ? T : never;

/** Mostly quiet, now and then far away, so that triggers and liquidations happen too. */
const price = fc.oneof(
  { weight: 5, arbitrary: fc.integer({ min: 59_600, max: 60_400 }) },
  { weight: 1, arbitrary: fc.integer({ min: 55_000, max: 65_000 }) },
);
const prices = fc.array(price, { minLength: 10, maxLength: 25 });

function act(exchange: Exchange, price: number, each: Action): void {
  const { account, side, lots } = each;
  const positionSide: PositionSide = account !== "hedge" ? "both" : each.isLong ? "long" : "short";
  const reduceOnly = account !== "hedge";
  const at = side === "buy" ? price - each.away : price + each.away;
  switch (each.what) {
    case "limit":
      exchange.place(account, limit(side, at, lots, { positionSide }));
      return;
    case "market":
      exchange.place(account, market(side, lots, { positionSide }));
      return;
    case "reduce":
      exchange.place(account, limit(side, at, lots, { positionSide, reduceOnly }));
      return;
    case "stop":
      exchange.placeConditional(
        account,
        stop(side, side === "sell" ? price - each.away : price + each.away, lots, {
          positionSide,
          reduceOnly,
        }),
      );
      return;
    case "closeAll":
      exchange.placeConditional(account, stop(side, price + each.away, "all", { positionSide }));
      return;
    case "cancel": {
      const oldest = exchange.openOrders(account)[0];
      if (oldest !== undefined) exchange.cancel(account, "BTCUSDT", { orderId: oldest.orderId });
      return;
    }
    case "margin":
      exchange.changeIsolatedMargin(account, "BTCUSDT", positionSide, value(each.away * USDT));
      return;
    default:
      exchange.step(millis(START + 10_000 * MINUTE));
  }
}

function play(path: readonly number[], actions: readonly Action[]): readonly VenueEvent[] {
  const { exchange, told } = exchangeOf(scripted([60_000, ...path], { volume: 20_000, rate: rate(50_000) }), {
    rules: {
      fundingIntervalMs: 3 * MINUTE,
      triggeredStopUnderFullTakeProfit: path.length % 2 === 0 ? "refuse" : "expireTakeProfit",
    },
    accounts: [
      { id: "cross", deposit: value(4_000 * USDT), leverage: 50 },
      { id: "isolated", deposit: value(4_000 * USDT), leverage: 25, marginMode: "isolated" },
      { id: "hedge", deposit: value(4_000 * USDT), leverage: 20, hedgeMode: true },
    ],
  });
  const check = (): void => {
    expect(exchange.validate()).toEqual([]);
    for (const account of ["cross", "isolated", "hedge"]) {
      const { wallet, start, realized, fees, funding } = exchange.balance(account);
      expect(wallet).toBe(start + realized - fees + funding);
    }
  };
  for (const each of actions) {
    act(exchange, exchange.mark("BTCUSDT").mark / 10, each);
    check();
  }
  while (exchange.step(millis(START + 10_000 * MINUTE))) check();
  return told;
}

describe("the exchange's accounts", () => {
  it("keep every unit through trades, fees, funding, triggers and liquidations; and all of these do happen", () => {
    const seen = { trades: 0, funding: 0, liquidations: 0, triggers: 0, amendments: 0 };
    fc.assert(
      fc.property(prices, fc.array(action, { minLength: 30, maxLength: 60 }), (path, actions) => {
        for (const event of play(path, actions)) {
          if (event.type === "order" && event.trade !== undefined) seen.trades += 1;
          if (event.type === "order" && event.change === "AMENDMENT") seen.amendments += 1;
          if (event.type === "account" && event.reason === "funding") seen.funding += 1;
          if (event.type === "account" && event.reason === "liquidation") seen.liquidations += 1;
          if (event.type === "conditional" && event.conditional.status === "triggered") seen.triggers += 1;
        }
      }),
      { numRuns: 150 },
    );
    for (const [what, count] of Object.entries(seen)) expect([what, count > 0]).toEqual([what, true]);
  });

  it("add up over both sides of a trade: what one client gains the other loses, the fees apart", () => {
    const { exchange } = exchangeOf(scripted([60_000, 60_000]), {
      accounts: [
        { id: "a", deposit: value(10_000 * USDT) },
        { id: "b", deposit: value(10_000 * USDT) },
      ],
      depth: { levels: 0, levelSharePpm: 0, growthPercent: 0, tightNotional: 1, spreadMax: 1 },
    });
    exchange.place("a", limit("buy", 59_990, 100));
    exchange.place("b", limit("sell", 59_990, 100));
    exchange.place("b", limit("buy", 60_010, 100));
    exchange.place("a", limit("sell", 60_010, 100));
    const [a, b] = [exchange.balance("a"), exchange.balance("b")];
    expect(a.realized).toBe(2 * USDT);
    expect(b.realized).toBe(-2 * USDT);
    expect(a.fees).toBe((5_999 + 0) * 0.0002 * USDT + 6_001 * 0.0005 * USDT);
    expect(exchange.positions("a")[0]?.lots).toBe(0);
  });

  it("hold for inverse contracts too, which gain less base asset the higher the price goes", () => {
    const inverse: Instrument = {
      ...BTC,
      id: "BTCUSD_PERP",
      kind: "inverse",
      quote: "USD",
      settle: "BTC",
      lot: stepOf("1"),
      unit: 100 * USDT,
    };
    const { exchange } = exchangeOf(
      scripted([60_000, 60_000, 66_000], { instrument: inverse, volume: 1_000_000 }),
      {
        instruments: [inverse],
        brackets: { BTCUSD_PERP: BRACKETS["BTCUSDT"] ?? [] },
        accounts: [{ id: "a", deposit: value(USDT), leverage: 5, marginMode: "isolated" }],
      },
    );
    const request = { ...limit("buy", 60_500, 300), instrument: inverse.id };
    exchange.place("a", request);
    const [position] = exchange.positions("a");
    expect(position).toMatchObject({ lots: 300 });
    expect((position?.cost ?? 0) / USDT).toBeCloseTo(-0.5, 4);
    expect((position?.liquidation ?? 0) / 10).toBeCloseTo(50_200, -3);
    while (exchange.step(millis(START + 9 * MINUTE)));
    exchange.place("a", { ...market("sell", 300, { reduceOnly: true }), instrument: inverse.id });
    expect(exchange.balance("a").asset).toBe("BTC");
    expect(exchange.balance("a").realized / USDT).toBeCloseTo(0.5 - 30_000 / 66_000, 4);
    expect(exchange.validate()).toEqual([]);
  });
});
