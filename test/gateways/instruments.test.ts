import { existsSync, readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { stepOf, textOf } from "../../src/core/text.ts";
import { rate } from "../../src/core/units.ts";
import type { Payload } from "../../src/gateways/binance/fields.ts";
import { bracketsOf, instrumentOf, symbolsOf } from "../../src/gateways/binance/instruments.ts";
import { brackets, symbol, without } from "./payloads.ts";

/** What Binance tells of its symbols, when the market data lies beside the checkout. */
const PUBLISHED = "../shared/data/ref/binance-usdm-exchangeInfo-20251224.json";
const FEES = { maker: rate(20_000), taker: rate(50_000) };

/** The symbol with one filter's fields changed; undefined takes the filter away. */
function withFilter(name: string, change: Payload | undefined): Payload {
  const filters = (symbol["filters"] as readonly Payload[]).flatMap((filter) =>
    filter["filterType"] !== name ? [filter] : change === undefined ? [] : [{ ...filter, ...change }],
  );
  return { ...symbol, filters };
}
const read = (raw: Payload) => instrumentOf(raw, [], FEES, "binanceusdm").instrument;

describe("an instrument is read from exchangeInfo", () => {
  it("with all its steps and limits as counts", () => {
    expect(read(symbol)).toEqual({
      id: "BTCUSDT",
      venue: "binanceusdm",
      kind: "linear",
      base: "BTC",
      quote: "USDT",
      settle: "USDT",
      tick: stepOf("0.10"),
      lot: stepOf("0.001"),
      unit: 10_000,
      priceMin: 5_568,
      priceMax: 45_297_640,
      lotsMin: 1,
      lotsMax: 1_000_000,
      marketLotsMax: 120_000,
      notionalMin: 10_000_000_000,
      ordersMax: 200,
      conditionalOrdersMax: 10,
      makerFee: 20_000,
      takerFee: 50_000,
      liquidationFee: 1_250_000,
    });
  });

  it.each(["PRICE_FILTER", "LOT_SIZE", "MARKET_LOT_SIZE", "MIN_NOTIONAL", "MAX_NUM_ORDERS"])(
    "and names the filter %s when it is missing",
    (name) => {
      expect(() => read(withFilter(name, undefined))).toThrow(`filter ${name} of BTCUSDT is missing`);
    },
  );

  it("takes 200 conditional orders for granted where no filter names another number, as on USDT-M", () => {
    expect(read(withFilter("MAX_NUM_ALGO_ORDERS", undefined)).conditionalOrdersMax).toBe(200);
  });

  it.skipIf(!existsSync(PUBLISHED))("each of those that Binance publishes (needs ../shared/data)", () => {
    const { symbols } = JSON.parse(readFileSync(PUBLISHED, "utf8")) as {
      symbols: readonly Record<string, unknown>[];
    };
    const refused = symbols.flatMap((each) => {
      try {
        instrumentOf(each, [], FEES, "binanceusdm");
        return [];
      } catch (fault) {
        return [`${each["symbol"]}: ${String(fault)}`];
      }
    });
    expect([symbols.length > 0, refused]).toEqual([true, []]);
  });

  it.each(["symbol", "baseAsset", "quoteAsset", "marginAsset", "liquidationFee"])(
    "and names the field %s when it is missing",
    (field) => {
      expect(() => read(without(symbol, field))).toThrow(`field "${field}" is missing`);
    },
  );

  it("a bound that lies between two steps is rounded down to one that can be sent", () => {
    const odd = { tickSize: "0.05", minPrice: "0.07", maxPrice: "809484.33" };
    expect(read(withFilter("PRICE_FILTER", odd))).toMatchObject({ priceMin: 1, priceMax: 16_189_686 });
    expect(read(withFilter("LOT_SIZE", { maxQty: "1000.0009" })).lotsMax).toBe(1_000_000);
  });

  it("a lowest price of 0 means no filter, and still no order at 0", () => {
    expect(read(withFilter("PRICE_FILTER", { minPrice: "0" })).priceMin).toBe(1);
  });

  it("bounds on the step come back exactly, whatever the step", () => {
    const steps = fc.constantFrom("0.1", "0.01", "0.05", "0.25", "0.00001", "0.0001", "5", "0.002", "0.3");
    fc.assert(
      fc.property(steps, fc.integer({ min: 1, max: 2 ** 40 }), (tickSize, count) => {
        const maxPrice = textOf(count, stepOf(tickSize));
        // A step finer than 1e-8 together with the lot is refused elsewhere: here the lot is whole.
        const filters = (
          withFilter("PRICE_FILTER", { tickSize, maxPrice })["filters"] as readonly Payload[]
        ).map((filter) =>
          filter["filterType"] === "LOT_SIZE" ? { ...filter, stepSize: "1", minQty: "1" } : filter,
        );
        expect(read({ ...symbol, filters }).priceMax).toBe(count);
      }),
    );
  });
});

describe("margin tiers are read from leverageBracket", () => {
  it("lowest first, from numbers, the last one open at the top", () => {
    expect(bracketsOf(brackets)).toEqual([
      { floor: 0, cap: 5_000_000_000_000, maintenance: 400_000, deduction: 0, leverageMax: 125 },
      {
        floor: 5_000_000_000_000,
        cap: 60_000_000_000_000,
        maintenance: 500_000,
        deduction: 5_000_000_000,
        leverageMax: 100,
      },
      {
        floor: 60_000_000_000_000,
        cap: Number.MAX_SAFE_INTEGER,
        maintenance: 50_000_000,
        deduction: 29_705_000_000_000,
        leverageMax: 1,
      },
    ]);
  });

  it.each(["notionalFloor", "notionalCap", "maintMarginRatio", "cum", "initialLeverage"])(
    "and name the field %s when it is missing",
    (field) => {
      const [first] = brackets["brackets"] as readonly Payload[];
      expect(() => bracketsOf({ brackets: [without(first ?? {}, field)] })).toThrow(
        `field "${field}" is missing`,
      );
    },
  );

  it("an answer without tiers is an error, not an account without risk", () => {
    expect(() => bracketsOf({ symbol: "BTCUSDT" })).toThrow("brackets is no list");
    expect(() => symbolsOf({})).toThrow("symbols is no list");
    expect(() => symbolsOf([])).toThrow("exchangeInfo is no object");
  });
});
