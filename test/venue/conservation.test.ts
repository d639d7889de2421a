import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Instrument, MarginBracket } from "../../src/core/instrument.ts";
import { stepOf } from "../../src/core/text.ts";
import { lots, millis, rate, ticks, type Value, value } from "../../src/core/units.ts";
import type { Exchange, PositionSide, VenueEvent } from "../../src/venue/exchange.ts";
import { BRACKETS, bracketsFor, instrumentsOf } from "../../src/venue/instruments.ts";
import { BTC, exchangeOf, limit, MINUTE, market, START, scripted, stop, USDT } from "./scripted-market.ts";

const WHAT = [
  "limit",
  "limit",
  "market",
  "reduce",
  "stop",
  "trail",
  "closeAll",
  "cancel",
  "cancelAll",
  "amend",
  "meet",
  "countdown",
  "margin",
  "transfer",
  "leverage",
  "adl",
  "refuse",
  "tiers",
  "steps",
  "step",
  "step",
  "step",
] as const;

const action = fc.record({
  account: fc.constantFrom("cross", "isolated", "hedge"),
  what: fc.constantFrom(...WHAT),
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

/** A stage for the actions: the instrument, its tiers, and what 4,000 dollars are in its settle asset. */
interface Stage {
  readonly instrument: Instrument;
  readonly brackets: readonly MarginBracket[];
  readonly purse: Value;
}
const LINEAR: Stage = { instrument: BTC, brackets: BRACKETS["BTCUSDT"] ?? [], purse: value(4_000 * USDT) };
const [inverse] = instrumentsOf("binancecoinm");
if (inverse === undefined) throw new Error("COIN-M has instruments");
const INVERSE: Stage = {
  instrument: inverse,
  brackets: bracketsFor("binancecoinm")[inverse.id] ?? [],
  purse: value(Math.round(USDT / 15)),
};
const END = millis(START + 10_000 * MINUTE);

function act(exchange: Exchange, stage: Stage, each: Action): void {
  const { account, side, lots: count } = each;
  const { id } = stage.instrument;
  const price = exchange.mark(id).mark / 10;
  const positionSide: PositionSide = account !== "hedge" ? "both" : each.isLong ? "long" : "short";
  const reduceOnly = account !== "hedge";
  const at = side === "buy" ? price - each.away : price + each.away;
  const of = { instrument: id, positionSide };
  const beyond = side === "sell" ? price - each.away : price + each.away;
  switch (each.what) {
    case "limit":
      exchange.place(account, limit(side, at, count, of));
      return;
    case "market":
      exchange.place(account, market(side, count, of));
      return;
    case "reduce":
      exchange.place(account, limit(side, at, count, { ...of, reduceOnly }));
      return;
    case "stop":
      exchange.placeConditional(account, stop(side, beyond, count, { ...of, reduceOnly }));
      return;
    case "trail": {
      const kind = "trailingStopMarket";
      exchange.placeConditional(
        account,
        stop(side, each.isLong ? 0 : at, count, { ...of, reduceOnly, kind, callback: rate(200_000) }),
      );
      return;
    }
    case "closeAll":
      exchange.placeConditional(account, stop(side, price + each.away, "all", of));
      return;
    case "cancel":
    case "amend": {
      const oldest = exchange.openOrders(account)[0];
      if (oldest === undefined) return;
      const { orderId, request } = oldest;
      if (each.what === "cancel") exchange.cancel(account, id, { orderId });
      else {
        const moved = ticks(Math.max(1, (request.price ?? 0) + each.away - 100));
        exchange.amend(
          account,
          id,
          { orderId },
          { price: moved, ...(each.isLong ? { lots: lots(count) } : {}) },
        );
      }
      return;
    }
    case "meet": {
      // The client's own order stands before the market's at one price.
      const best = (exchange.depth(id, 1).bids[0]?.price ?? 0) / 10;
      exchange.place(account, limit("buy", best, count, of));
      exchange.place(account, limit("sell", best, count + 3, { ...of, timeInForce: "IOC" }));
      return;
    }
    case "cancelAll":
      if (each.away > 200) exchange.cancelAll(account, id);
      return;
    case "countdown":
      exchange.countdownCancelAll(
        account,
        each.isLong ? id : undefined,
        millis(exchange.now() + each.away * 1_000),
      );
      return;
    case "margin":
      exchange.changeIsolatedMargin(
        account,
        id,
        positionSide,
        value(Math.round((stage.purse * each.away) / 4_000)),
      );
      return;
    case "transfer":
      // What is not needed may leave, and money may come.
      exchange.deposit(
        account,
        value(each.isLong ? count * 1_000 : -Math.floor(exchange.balance(account).available / 3)),
      );
      return;
    case "leverage":
      exchange.setLeverage(account, id, 1 + (count % 75));
      return;
    case "adl":
      if (each.away > 300) exchange.hand.deleverage(account, id, positionSide, lots(count));
      return;
    case "refuse":
      exchange.hand.refuseStops(account, each.isLong ? "placed" : "triggered", count % 3);
      return;
    case "tiers": {
      const part = (tier: MarginBracket): MarginBracket["maintenance"] =>
        rate(Math.round(tier.maintenance * (each.isLong ? 1 : 1.5)));
      exchange.hand.setBrackets(
        id,
        stage.brackets.map((tier) => ({ ...tier, maintenance: part(tier) })),
      );
      return;
    }
    case "steps":
      exchange.hand.setPriceStep(id, each.isLong ? 1 : 10);
      exchange.hand.setLotStep(id, each.away > 300 ? 5 : 1);
      return;
    default:
      exchange.step(END);
  }
}

function play(stage: Stage, path: readonly number[], actions: readonly Action[]): readonly VenueEvent[] {
  const { instrument, purse } = stage;
  const source = scripted([60_000, ...path], { instrument, volume: 20_000, rate: rate(50_000) });
  const even = path.length % 2 === 0;
  const { exchange, told } = exchangeOf(source, {
    instruments: [instrument],
    brackets: { [instrument.id]: stage.brackets },
    rules: {
      fundingIntervalMs: 3 * MINUTE,
      triggeredStopUnderFullTakeProfit: even ? "refuse" : "expireTakeProfit",
      conditionalsSurviveCountdown: even,
      selfTrade:
        (["none", "expireMaker", "expireTaker", "expireBoth"] as const)[actions.length % 4] ?? "none",
      closeFeeInMaintenance: rate(even ? 0 : 55_000),
    },
    accounts: [
      { id: "cross", deposit: purse, leverage: 50 },
      { id: "isolated", deposit: purse, leverage: 25, marginMode: "isolated" },
      { id: "hedge", deposit: purse, leverage: 20, hedgeMode: true },
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
    act(exchange, stage, each);
    check();
  }
  const ends = actions.length % 3 === 0;
  if (ends) exchange.hand.delist(instrument.id, millis(exchange.now() + 90_000));
  while (exchange.step(END)) check();
  if (exchange.status(instrument.id) === "closed") {
    for (const account of ["cross", "isolated", "hedge"]) {
      expect(exchange.positions(account).filter((position) => position.lots !== 0)).toEqual([]);
      expect(exchange.openOrders(account)).toEqual([]);
      expect(exchange.openConditionals(account)).toEqual([]);
    }
  }
  return told;
}

describe("the exchange's accounts", () => {
  it.each([
    ["linear", LINEAR],
    ["inverse", INVERSE],
  ])(
    "keep every unit through whatever clients, the market and the exchange's hand do (%s); and all of it does happen",
    (_, stage) => {
      const seen = { trades: 0, funding: 0, liquidations: 0, triggers: 0, amendments: 0 };
      const more = {
        adl: 0,
        settlements: 0,
        selfTrades: 0,
        countdowns: 0,
        trailing: 0,
        refused: 0,
        insured: 0,
      };
      fc.assert(
        fc.property(prices, fc.array(action, { minLength: 40, maxLength: 80 }), (path, actions) => {
          for (const event of play(stage, path, actions)) {
            if (event.type === "order") {
              if (event.trade !== undefined) seen.trades += 1;
              if (event.change === "AMENDMENT") seen.amendments += 1;
              if (event.order.origin === "adl" && event.trade !== undefined) more.adl += 1;
              if (event.order.origin === "settlement" && event.trade !== undefined) more.settlements += 1;
              if (event.order.endReason === "selfTrade") more.selfTrades += 1;
              if (event.order.endReason === "countdown") more.countdowns += 1;
            }
            if (event.type === "account" && event.reason === "funding") seen.funding += 1;
            if (event.type === "account" && event.reason === "liquidation") {
              seen.liquidations += 1;
              if (event.balanceChange > 0) more.insured += 1;
            }
            if (event.type === "conditional") {
              const { status, request, rejectReason } = event.conditional;
              if (status === "triggered") seen.triggers += 1;
              if (status === "triggered" && request.kind === "trailingStopMarket") more.trailing += 1;
              if (rejectReason === "stopRefused") more.refused += 1;
            }
          }
        }),
        { numRuns: 150 },
      );
      for (const [what, count] of Object.entries({ ...seen, ...more }))
        expect([what, count > 0]).toEqual([what, true]);
    },
  );

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
    const contract: Instrument = {
      ...BTC,
      id: "BTCUSD_PERP",
      kind: "inverse",
      quote: "USD",
      settle: "BTC",
      lot: stepOf("1"),
      unit: 100 * USDT,
    };
    const { exchange } = exchangeOf(
      scripted([60_000, 60_000, 66_000], { instrument: contract, volume: 1_000_000 }),
      {
        instruments: [contract],
        brackets: { BTCUSD_PERP: BRACKETS["BTCUSDT"] ?? [] },
        accounts: [{ id: "a", deposit: value(USDT), leverage: 5, marginMode: "isolated" }],
      },
    );
    const request = { ...limit("buy", 60_500, 300), instrument: contract.id };
    exchange.place("a", request);
    const [position] = exchange.positions("a");
    expect(position).toMatchObject({ lots: 300 });
    expect((position?.cost ?? 0) / USDT).toBeCloseTo(-0.5, 4);
    expect((position?.liquidation ?? 0) / 10).toBeCloseTo(50_200, -3);
    while (exchange.step(millis(START + 9 * MINUTE)));
    exchange.place("a", { ...market("sell", 300, { reduceOnly: true }), instrument: contract.id });
    expect(exchange.balance("a").asset).toBe("BTC");
    expect(exchange.balance("a").realized / USDT).toBeCloseTo(0.5 - 30_000 / 66_000, 4);
    expect(exchange.validate()).toEqual([]);
  });
});
