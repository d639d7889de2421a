import { describe, expect, test } from "vitest";
import { type Instrument, unitOf } from "../../src/core/instrument.ts";
import { moneyOf, stepOf } from "../../src/core/text.ts";
import { lots, rate, ticks, value } from "../../src/core/units.ts";
import { layGrid } from "../../src/settings/grid-layout.ts";
import type { GridSettings } from "../../src/settings/settings.ts";
import { INSTRUMENTS } from "../../src/venue/instruments.ts";
import { INVERSE } from "../support/instruments.ts";
import { good, machine } from "./machine.ts";

const tick = stepOf("0.10");
const lot = stepOf("0.001");
const btc: Instrument = {
  id: "BTCUSDT",
  venue: "binanceusdm",
  kind: "linear",
  base: "BTC",
  quote: "USDT",
  settle: "USDT",
  tick,
  lot,
  unit: unitOf(tick, lot),
  priceMin: ticks(2_611),
  priceMax: ticks(8_094_840),
  lotsMin: lots(1),
  lotsMax: lots(1_000_000),
  marketLotsMax: lots(120_000),
  notionalMin: moneyOf("100", "notional"),
  ordersMax: 200,
  conditionalOrdersMax: 100,
  makerFee: rate(20_000),
  takerFee: rate(50_000),
  liquidationFee: rate(1_250_000),
};
/** 100,000.0 USDT. */
const price = ticks(1_000_000);

const grid: GridSettings = {
  type: "grid",
  name: "g",
  symbol: "BTCUSDT",
  direction: "buy",
  size: { type: "base", quantity: "0.004" },
  takeProfit: rate(200_000),
  gridStep: rate(100_000),
  maxOrders: 20,
  waitMs: 10_000,
  maxPositionSize: "0.08",
  maxMargin: moneyOf("5000", "purse"),
  isMarginInUsd: true,
  leverage: 3,
  stopLoss: rate(2_000_000),
  anchorPrice: undefined,
  lowerPrice: undefined,
  upperPrice: undefined,
  maxLoss: undefined,
  isLossInUsd: false,
  positionTimeoutMs: 3_600_000,
  recoveryMode: "ladder",
  stopPrice: undefined,
  pausePrice: undefined,
};

describe("laying a grid on its instrument", () => {
  test("the shipped grid fits the built-in exchange from 25,600 to 800,000 USDT", () => {
    const { settings } = good(machine({}));
    const instrument = INSTRUMENTS.find(({ id }) => id === "BTCUSDT");
    const shipped = settings.engines[0];
    if (instrument === undefined || shipped === undefined) throw new Error("nothing to lay");
    for (const usdt of [25_600, 60_000, 100_000, 800_000]) {
      expect(layGrid(shipped, instrument, ticks(usdt * 10))).toMatchObject({
        ok: true,
        counts: { quantity: 4, positionMax: 80, anchor: undefined },
      });
    }
  });

  test("turns texts into lots and ticks", () => {
    expect(layGrid({ ...grid, anchorPrice: "97000.5" }, btc, price)).toMatchObject({
      ok: true,
      counts: { quantity: 4, positionMax: 80, anchor: 970_005 },
    });
  });

  test("takes max_orders x quantity for a missing max_position_size, and money to the nearest lot", () => {
    const size = { type: "usd", amount: moneyOf("449", "size") } as const;
    expect(layGrid({ ...grid, size, maxPositionSize: undefined }, btc, price)).toMatchObject({
      ok: true,
      counts: { quantity: 4, positionMax: 80, anchor: undefined },
    });
  });

  test.each<[string, Partial<GridSettings>, string]>([
    [
      "a quantity below the lot",
      { size: { type: "base", quantity: "0.0004" } },
      'engine "g": quantity is 0.0004: write a multiple of 0.001, the step of BTCUSDT.',
    ],
    [
      "money for less than a lot",
      { size: { type: "usd", amount: moneyOf("5", "size") } },
      'engine "g": quantity_usd is 5.00: BTCUSDT takes at least 0.001 BTC an order.',
    ],
    [
      "a quantity above the largest",
      { size: { type: "base", quantity: "1001" }, maxOrders: 1, maxPositionSize: undefined },
      'engine "g": quantity is 1001: BTCUSDT takes at most 1000.000 BTC an order.',
    ],
    [
      "a position that is no whole lots",
      { maxPositionSize: "0.0805" },
      'engine "g": max_position_size is 0.0805: write a multiple of 0.001, the step of BTCUSDT.',
    ],
    [
      "a position smaller than its orders",
      { maxPositionSize: "0.05" },
      'engine "g": max_position_size is 0.05: 20 orders need 0.080.',
    ],
    [
      "a purse too small for one rung",
      { maxMargin: moneyOf("130", "purse") },
      'engine "g": max_margin_usd is 130.00: one order needs 133.53 of margin and fee at leverage 3: raise it or lower quantity.',
    ],
    [
      "an anchor between ticks",
      { anchorPrice: "97000.05" },
      'engine "g": anchor_price is 97000.05: write a multiple of 0.1, the step of BTCUSDT.',
    ],
    [
      "an anchor out of the world",
      { anchorPrice: "100" },
      'engine "g": anchor_price is 100: BTCUSDT trades from 261.1 to 809484.0.',
    ],
    [
      "more orders than stops",
      { maxOrders: 101, maxPositionSize: undefined },
      'engine "g": max_orders is 101: BTCUSDT allows 100 orders and stops.',
    ],
    [
      "more orders than the stops of a loss limit",
      {
        maxOrders: 101,
        maxPositionSize: undefined,
        stopLoss: undefined,
        maxLoss: moneyOf("500", "max_loss"),
      },
      'engine "g": max_orders is 101: BTCUSDT allows 100 orders and stops.',
    ],
  ])("%s is refused in one sentence", (_what, change, sentence) => {
    const layout = layGrid({ ...grid, ...change }, btc, price);
    expect(layout).toEqual({ ok: false, problems: [sentence] });
  });

  test("a contract that is margined in coins takes contracts or dollars, and its purse in coins", () => {
    const inverse = INVERSE;
    const coins = { ...grid, symbol: inverse.id, maxPositionSize: undefined, isMarginInUsd: false };
    const purse = { ...coins, maxMargin: moneyOf("0.05", "purse") };
    const contracts = { ...purse, size: { type: "base", quantity: "3" } } as const;
    expect(layGrid(contracts, inverse, price)).toMatchObject({
      ok: true,
      counts: { quantity: 3, positionMax: 60, anchor: undefined },
    });
    const dollars = { ...purse, size: { type: "usd", amount: moneyOf("250", "size") } } as const;
    // A contract is 100 dollars at any price.
    for (const at of [price, ticks(price / 2)])
      expect(layGrid(dollars, inverse, at)).toMatchObject({ ok: true, counts: { quantity: 3 } });
    expect(layGrid({ ...contracts, isMarginInUsd: true }, inverse, price)).toEqual({
      ok: false,
      problems: [
        'engine "g": max_margin_usd is 0.05: BTCUSD_PERP is margined in BTC, write the purse in it as max_margin.',
      ],
    });
    expect(layGrid({ ...contracts, maxMargin: moneyOf("0.0009", "purse") }, inverse, price)).toEqual({
      ok: false,
      problems: [
        'engine "g": max_margin is 0.00090000: one order needs 0.00100150 of margin and fee at leverage 3: raise it or lower quantity.',
      ],
    });
    const half = { ...contracts, size: { type: "base", quantity: "0.5" } } as const;
    expect(layGrid(half, inverse, price)).toEqual({
      ok: false,
      problems: ['engine "g": quantity is 0.5: write a multiple of 1, the step of BTCUSD_PERP.'],
    });
  });

  test("a notional under the exchange's least says what it would take", () => {
    const small = { ...grid, size: { type: "base", quantity: "0.001" } as const };
    expect(layGrid(small, btc, ticks(500_000))).toEqual({
      ok: false,
      problems: [
        'engine "g": quantity is 0.001: that is 50.00 USDT, BTCUSDT takes orders from 100.00, now 0.002 BTC.',
      ],
    });
    expect(layGrid(small, btc, ticks(1_030_000)).ok).toBe(true);
  });

  test("steps under two ticks are refused, two ticks are taken", () => {
    const tight = { ...grid, gridStep: rate(10_000), takeProfit: rate(10_000), maxPositionSize: undefined };
    const cheap = { ...btc, notionalMin: value(0), makerFee: rate(0), takerFee: rate(0) };
    expect(layGrid(tight, cheap, ticks(19_999))).toEqual({
      ok: false,
      problems: [
        'engine "g": grid_step is 0.0100%: at 1999.9 two ticks of 0.1 are 0.0100%: make it at least that.',
        'engine "g": take_profit is 0.0100%: at 1999.9 two ticks of 0.1 are 0.0100%: make it at least that.',
      ],
    });
    expect(layGrid(tight, cheap, ticks(20_000)).ok).toBe(true);
  });
});
