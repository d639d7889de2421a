import { describe, expect, it } from "vitest";
import { millis, rate } from "../../../src/core/units.ts";
import { bracketsOf, instrumentOf } from "../../../src/gateways/bybit/instruments.ts";
import { MarketBooks } from "../../../src/gateways/bybit/market-books.ts";
import { MarketMarks } from "../../../src/gateways/bybit/market-marks.ts";
import { LINEAR } from "../../support/instruments.ts";
import { openBybitRig } from "./rig.ts";

const AT = millis(1_800_000_000_000);
const instruments = new Map([["BTCUSDT", LINEAR]]);
const FEES = { maker: rate(20_000), taker: rate(55_000) };

describe("an instrument of Bybit", () => {
  /** A row of `instruments-info` as Bybit documents it. */
  const ROW = {
    symbol: "BTCUSDT",
    contractType: "LinearPerpetual",
    status: "Trading",
    baseCoin: "BTC",
    quoteCoin: "USDT",
    launchTime: "1584230400000",
    deliveryTime: "0",
    priceScale: "2",
    leverageFilter: { minLeverage: "1", maxLeverage: "100.00", leverageStep: "0.01" },
    priceFilter: { minPrice: "0.10", maxPrice: "1999999.80", tickSize: "0.10" },
    lotSizeFilter: {
      maxOrderQty: "1190.000",
      minOrderQty: "0.001",
      qtyStep: "0.001",
      postOnlyMaxOrderQty: "1190.000",
      maxMktOrderQty: "500.000",
      minNotionalValue: "5",
    },
    fundingInterval: 480,
    settleCoin: "USDT",
  };
  const TIER = {
    id: 1,
    symbol: "BTCUSDT",
    riskLimitValue: "2000000",
    maintenanceMargin: "0.005",
    initialMargin: "0.01",
    isLowestRisk: 1,
    maxLeverage: "100.00",
    mmDeduction: "",
  };

  it("has its steps, limits and fees", () => {
    const { instrument, status } = instrumentOf(ROW, [TIER], FEES, "bybit");
    expect({ ...instrument, tick: instrument.tick.text, lot: instrument.lot.text }).toEqual({
      id: "BTCUSDT",
      venue: "bybit",
      kind: "linear",
      base: "BTC",
      quote: "USDT",
      settle: "USDT",
      tick: "0.1",
      lot: "0.001",
      unit: 10_000,
      priceMin: 1,
      priceMax: 19_999_998,
      lotsMin: 1,
      lotsMax: 1_190_000,
      marketLotsMax: 500_000,
      notionalMin: 500_000_000,
      ordersMax: 500,
      conditionalOrdersMax: 10,
      makerFee: 20_000,
      takerFee: 55_000,
      liquidationFee: 55_000,
    });
    expect(status).toBe("trading");
  });

  it("in the inverse form counts contracts of one dollar", () => {
    const row = {
      ...ROW,
      symbol: "BTCUSD",
      contractType: "InversePerpetual",
      quoteCoin: "USD",
      settleCoin: "BTC",
      lotSizeFilter: {
        ...ROW.lotSizeFilter,
        maxOrderQty: "25000000",
        minOrderQty: "1",
        qtyStep: "1",
        maxMktOrderQty: "5000000",
        minNotionalValue: "",
      },
    };
    const { instrument } = instrumentOf(row, [TIER], FEES, "bybit");
    expect(instrument).toMatchObject({
      kind: "inverse",
      settle: "BTC",
      unit: 1e8,
      notionalMin: 1e8,
      lotsMin: 1,
    });
  });

  it("says when it ends, and is refused when it is no perpetual", () => {
    const status = (change: object) => instrumentOf({ ...ROW, ...change }, [TIER], FEES, "bybit").status;
    expect(status({ deliveryTime: "1800000000000" })).toBe("closeOnly");
    expect(status({ status: "Closed" })).toBe("gone");
    expect(() => status({ contractType: "LinearFutures" })).toThrow(/no perpetual but LinearFutures/);
    const { tickSize: _none, ...filter } = ROW.priceFilter;
    expect(() => status({ priceFilter: filter })).toThrow(/tickSize/);
  });

  it("has the same tiers whether Bybit writes fractions or percent, with or without deductions", () => {
    const second = {
      ...TIER,
      id: 2,
      riskLimitValue: "10000000",
      maintenanceMargin: "0.01",
      initialMargin: "0.02",
      isLowestRisk: 0,
      maxLeverage: "50.00",
      mmDeduction: "10000",
    };
    const expected = [
      { floor: 0, cap: 2e14, maintenance: 500_000, deduction: 0, leverageMax: 100 },
      { floor: 2e14, cap: 1e15, maintenance: 1_000_000, deduction: 1e12, leverageMax: 50 },
    ];
    expect(bracketsOf([second, TIER])).toEqual(expected);
    expect(bracketsOf([TIER, { ...second, mmDeduction: "" }])).toEqual(expected);
    const percent = (tier: typeof TIER, maintenanceMargin: string, initialMargin: string) => ({
      ...tier,
      maintenanceMargin,
      initialMargin,
    });
    expect(bracketsOf([percent(TIER, "0.5", "1"), percent(second, "1", "2")])).toEqual(expected);
    expect(() => bracketsOf([percent(TIER, "0.5", "7")])).toThrow(/does not fit the leverage/);
    expect(() => bracketsOf([])).toThrow(/no tiers/);
  });
});

describe("a book of Bybit", () => {
  const books = () => new MarketBooks("bybit", instruments);
  const message = (u: number, type: string, b: readonly string[][], a: readonly string[][], levels = 1) => ({
    topic: `orderbook.${levels}.BTCUSDT`,
    type,
    ts: 1_672_304_484_978,
    data: { s: "BTCUSDT", b, a, u, seq: 7_961_638_724 },
  });
  const snapshot = (u = 10) => message(u, "snapshot", [["100.0", "1.000"]], [["100.1", "2.000"]]);

  it("follows its changes from the snapshot on, and a doubled one changes nothing", () => {
    const book = books();
    expect(book.take(snapshot(), AT)).toMatchObject({ type: "top", bid: 1_000, bidLots: 1_000, ask: 1_001 });
    const change = message(
      11,
      "delta",
      [
        ["100.0", "0"],
        ["99.9", "3.000"],
      ],
      [],
    );
    expect(book.take(change, AT)).toMatchObject({ bid: 999, bidLots: 3_000, at: 1_672_304_484_978 });
    expect(book.take(change, AT)).toBe("nothing");
    expect(book.take(message(5, "delta", [["50.0", "1"]], []), AT)).toBe("nothing");
  });

  it("that misses a change shows nothing until a fresh snapshot", () => {
    const book = books();
    expect(book.take(message(11, "delta", [["99.0", "1"]], []), AT)).toBe("nothing");
    book.take(snapshot(20), AT);
    expect(book.take(message(22, "delta", [["99.0", "1"]], []), AT)).toBe("gap");
    expect(book.take(message(23, "delta", [["98.0", "1"]], []), AT)).toBe("nothing");
    expect(book.take(snapshot(23), AT)).toMatchObject({ type: "top", bid: 1_000 });
    expect(book.take(snapshot(1), AT)).toMatchObject({ type: "top" });
    expect(book.take(message(2, "delta", [["100.2", "1"]], []), AT)).toBe("gap");
  });

  it("with prices from before the tick was made coarser keeps each of them, and shows them never better than they are", () => {
    const book = books();
    const told = book.take(
      message(
        10,
        "snapshot",
        [
          ["100.09", "1.000"],
          ["100.01", "2.000"],
          ["99.90", "4.000"],
        ],
        [["100.11", "1.5005"]],
        50,
      ),
      AT,
    );
    expect(told).toMatchObject({
      bids: [
        [1_000, 3_000],
        [999, 4_000],
      ],
      asks: [[1_002, 1_501]],
    });
    expect(book.take(message(11, "delta", [["100.09", "0"]], [], 50), AT)).toMatchObject({
      bids: [
        [1_000, 2_000],
        [999, 4_000],
      ],
    });
  });

  it("shows twenty levels of the long topic, the best first", () => {
    const book = books();
    const rows = (from: number, step: number) =>
      Array.from({ length: 30 }, (_, at) => [(from + step * at).toFixed(1), "1.000"]);
    const depth = book.take(message(5, "snapshot", rows(100, -0.1), rows(100.1, 0.1), 50), AT);
    if (typeof depth === "string" || depth.type !== "depth") throw new Error("no depth");
    expect([depth.bids.length, depth.asks.length]).toEqual([20, 20]);
    expect([depth.bids[0]?.[0], depth.bids[19]?.[0]]).toEqual([1_000, 981]);
    expect([depth.asks[0]?.[0], depth.asks[19]?.[0]]).toEqual([1_001, 1_020]);
  });
});

describe("a ticker of Bybit", () => {
  const ticker = (type: string, ts: number, data: object) => ({
    topic: "tickers.BTCUSDT",
    type,
    ts,
    data: { symbol: "BTCUSDT", ...data },
    cs: 1,
  });
  const WHOLE = {
    markPrice: "17217.33",
    indexPrice: "17227.36",
    nextFundingTime: "1673280000000",
    fundingRate: "-0.000212",
    bid1Price: "17215.50",
  };

  it("is a mark with its funding; a change tells only what changed", () => {
    const marks = new MarketMarks("bybit", instruments);
    expect(marks.take(ticker("delta", 1_000, { markPrice: "1.0" }), AT)).toBeUndefined();
    expect(marks.take(ticker("snapshot", 1_000, WHOLE), AT)).toEqual({
      type: "mark",
      venue: "bybit",
      instrument: "BTCUSDT",
      at: 1_000,
      wallAt: AT,
      mark: 172_173,
      index: 172_274,
      fundingRate: -21_200,
      nextFundingAt: 1_673_280_000_000,
    });
    expect(marks.take(ticker("delta", 1_100, { markPrice: "17218.00" }), AT)).toMatchObject({
      at: 1_100,
      mark: 172_180,
      index: 172_274,
    });
    marks.clear();
    expect(marks.take(ticker("delta", 1_200, { markPrice: "17219.00" }), AT)).toBeUndefined();
  });

  it("repeats a mark that stands, but not with every best price", () => {
    const marks = new MarketMarks("bybit", instruments);
    marks.take(ticker("snapshot", 1_000, WHOLE), AT);
    expect(marks.take(ticker("delta", 2_000, { bid1Price: "17216.00" }), AT)).toBeUndefined();
    expect(marks.take(ticker("delta", 6_000, { bid1Price: "17216.50" }), AT)).toMatchObject({
      at: 6_000,
      mark: 172_173,
    });
    expect(() => marks.take(ticker("snapshot", 7_000, { markPrice: "1.0" }), AT)).toThrow(/indexPrice/);
  });
});

describe("fees that Bybit does not tell", () => {
  it.each([
    ["demo", { makerFee: 20_000, takerFee: 55_000 }],
    ["live", undefined],
  ] as const)("in %s trading are the published ones, or no start", async (world, fees) => {
    const rig = await openBybitRig({ world });
    rig.wire.spoilAll("GET /v5/account/fee-rate", { type: "answer", status: 400, body: "" });
    const reading = rig.gateway.market.instruments(["BTCUSDT"]);
    if (fees === undefined) await expect(reading).rejects.toThrow();
    else expect((await reading)[0]?.instrument).toMatchObject(fees);
    await rig.close();
  });
});
