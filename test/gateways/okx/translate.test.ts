import { describe, expect, it } from "vitest";
import { type Instrument, unitOf } from "../../../src/core/instrument.ts";
import { stepOf } from "../../../src/core/text.ts";
import { lots, millis, rate, ticks, value } from "../../../src/core/units.ts";
import { joined } from "../../../src/gateways/okx/holdings.ts";
import { OkxMarketWords } from "../../../src/gateways/okx/market-words.ts";
import { OkxTranslation } from "../../../src/gateways/okx/translate.ts";
import type { Contract } from "../../../src/gateways/okx/words.ts";

const BTC: Instrument = {
  id: "BTC-USDT-SWAP",
  venue: "okx",
  kind: "linear",
  base: "BTC",
  quote: "USDT",
  settle: "USDT",
  tick: stepOf("0.1"),
  lot: stepOf("0.0001"),
  unit: unitOf(stepOf("0.1"), stepOf("0.0001")),
  priceMin: ticks(1),
  priceMax: ticks(2 ** 31),
  lotsMin: lots(1),
  lotsMax: lots(1_000_000),
  marketLotsMax: lots(1_000_000),
  notionalMin: value(0),
  ordersMax: 500,
  conditionalOrdersMax: 100,
  makerFee: rate(20_000),
  takerFee: rate(50_000),
  liquidationFee: rate(50_000),
};
const CONTRACTS: ReadonlyMap<string, Contract> = new Map([
  ["BTC-USDT-SWAP", { instrument: BTC, lot: stepOf("0.01"), index: "BTC-USDT" }],
]);
const WALL = millis(1_800_000_000_000);
const words = new OkxTranslation({ account: "main", contracts: CONTRACTS });

/** A push of the `orders` channel in the shape of OKX's own documentation. */
const PUSHED = {
  accFillSz: "1.2",
  algoClOrdId: "",
  algoId: "",
  amendResult: "",
  avgPx: "50000.4",
  cTime: "1746057600000",
  cancelSource: "",
  category: "normal",
  ccy: "",
  clOrdId: "pokx7qe000001",
  code: "0",
  execType: "T",
  fee: "-0.300002",
  feeCcy: "USDT",
  fillFee: "-0.200001",
  fillFeeCcy: "USDT",
  fillPnl: "-1.5",
  fillPx: "50000.5",
  fillSz: "0.8",
  fillTime: "1746057601234",
  instId: "BTC-USDT-SWAP",
  instType: "SWAP",
  lever: "3",
  ordId: "2657625147249614848",
  ordType: "limit",
  posSide: "net",
  px: "50001",
  reduceOnly: "false",
  side: "buy",
  state: "partially_filled",
  sz: "2",
  tdMode: "isolated",
  tradeId: "293429690",
  uTime: "1746057601235",
};

const REPORT = {
  type: "orderReport",
  at: 1_746_057_601_235,
  wallAt: WALL,
  account: "main",
  instrument: "BTC-USDT-SWAP",
  source: "order",
  clientId: "pokx7qe000001",
  venueOrderId: "2657625147249614848",
  status: "partlyFilled",
  origin: "client",
  side: "buy",
  positionSide: "both",
  price: 500_010,
  lots: 200,
  isReduceOnly: false,
  createdAt: 1_746_057_600_000,
};

describe("OKX's payloads in our words", () => {
  it("reads an execution and the order around it from one push", () => {
    // A forced close has no number there: its execution is counted when it is read.
    expect(words.pushedOrder({ ...PUSHED, tradeId: "0" }, WALL).map(({ type }) => type)).toEqual([
      "orderReport",
    ]);
    expect(words.pushedOrder(PUSHED, WALL)).toEqual([
      {
        type: "fill",
        at: 1_746_057_601_234,
        wallAt: WALL,
        account: "main",
        instrument: "BTC-USDT-SWAP",
        clientId: "pokx7qe000001",
        venueOrderId: "2657625147249614848",
        origin: "client",
        side: "buy",
        positionSide: "both",
        tradeId: "293429690b",
        price: 500_005,
        lots: 80,
        fee: 20_000_100,
        feeAsset: "USDT",
        realized: -150_000_000,
        isMaker: false,
      },
      REPORT,
    ]);
  });

  it("reads the same execution from the history, with a client id that is joined where OKX gives none", () => {
    const row = {
      billId: "77",
      clOrdId: "",
      execType: "M",
      fee: "0.0001",
      feeCcy: "USDT",
      fillPnl: "0",
      fillPx: "50000.5",
      fillSz: "0.8",
      fillTime: "1746057601234",
      instId: "BTC-USDT-SWAP",
      ordId: "26",
      posSide: "short",
      side: "sell",
      subType: "104",
      tradeId: "293429690",
      ts: "1746057601299",
    };
    expect(words.fill(row, new Map([["26", "stop1"]]), WALL)).toEqual({
      type: "fill",
      at: 1_746_057_601_234,
      wallAt: WALL,
      account: "main",
      instrument: "BTC-USDT-SWAP",
      positionSide: "short",
      tradeId: "293429690s",
      venueOrderId: "26",
      clientId: "stop1",
      side: "sell",
      price: 500_005,
      lots: 80,
      // A rebate is a fee below zero.
      fee: -10_000,
      feeAsset: "USDT",
      realized: 0,
      isMaker: true,
      origin: "liquidation",
    });
    expect(words.fill({ ...row, instId: "XRP-USDT-SWAP" }, new Map(), WALL)).toBeUndefined();
  });

  it("tells who ended an order: its owner, the exchange, or that it never rested", () => {
    const ended = (cancelSource: string) => words.order({ ...PUSHED, state: "canceled", cancelSource }, WALL);
    expect([ended("1").status, ended("20").status, ended("").status]).toEqual([
      "canceled",
      "canceled",
      "canceled",
    ]);
    // With how much of it was executed all the same.
    expect([ended("1").executed, words.order(PUSHED, WALL).executed]).toEqual([120, undefined]);
    expect(ended("31")).toMatchObject({ status: "rejected", reason: "post-only, and it would have taken" });
    expect(ended("17")).toMatchObject({ status: "expired", reason: "cancelled by OKX (17)" });
    const forced = words.order({ ...PUSHED, clOrdId: "", category: "partial_liquidation" }, WALL);
    expect(forced).toMatchObject({ origin: "liquidation", clientId: forced.venueOrderId });
    expect(words.order({ ...PUSHED, clOrdId: "", category: "adl" }, WALL).origin).toBe("adl");
    expect(() => words.order({ ...PUSHED, state: "thinking" }, WALL)).toThrow(/"thinking"/);
  });

  it("joins the order of a triggered stop to the stop's own client id", () => {
    const spawned = { ...PUSHED, clOrdId: "", algoClOrdId: "stop1", algoId: "9", state: "live", tradeId: "" };
    expect(words.pushedOrder(spawned, WALL)).toEqual([{ ...REPORT, clientId: "stop1", status: "open" }]);
  });

  it("reads an order in an instrument that is not traded here, without counting it", () => {
    const [report, ...more] = words.pushedOrder({ ...PUSHED, instId: "XRP-USDT-SWAP", sz: "7.77" }, WALL);
    expect(more).toEqual([]);
    const { price: _price, ...rest } = REPORT;
    expect(report).toEqual({ ...rest, instrument: "XRP-USDT-SWAP", lots: 0 });
  });

  const ALGO = {
    algoClOrdId: "stop1",
    algoId: "581878926302093312",
    cTime: "1746057600000",
    failCode: "",
    instId: "BTC-USDT-SWAP",
    ordId: "",
    ordIdList: [],
    ordType: "conditional",
    posSide: "net",
    reduceOnly: "true",
    side: "sell",
    slOrdPx: "-1",
    slTriggerPx: "49000",
    slTriggerPxType: "mark",
    state: "live",
    sz: "0.1",
    tpTriggerPx: "",
    triggerPx: "",
    uTime: "1746057600500",
  };

  it("carries a stop from resting to the order that it became, or to its failure", () => {
    const report = {
      type: "orderReport",
      at: 1_746_057_600_500,
      wallAt: WALL,
      account: "main",
      instrument: "BTC-USDT-SWAP",
      source: "conditional",
      clientId: "stop1",
      venueOrderId: "a581878926302093312",
      status: "open",
      origin: "client",
      side: "sell",
      positionSide: "both",
      lots: 10,
      trigger: 490_000,
      isReduceOnly: true,
      createdAt: 1_746_057_600_000,
    };
    expect(words.algo(ALGO, WALL)).toEqual(report);
    expect(words.algo({ ...ALGO, state: "effective", ordIdList: ["31", "32"], ordId: "32" }, WALL)).toEqual({
      ...report,
      status: "triggered",
      spawnedOrderId: "31",
    });
    expect(words.algo({ ...ALGO, state: "order_failed", failCode: "51008" }, WALL)).toEqual({
      ...report,
      status: "rejected",
      reason: "51008",
    });
    // One that closes the whole position has no size.
    expect(words.algo({ ...ALGO, sz: "", closeFraction: "1" }, WALL).lots).toBe(0);
  });

  const POSITION = {
    avgPx: "50000.44",
    instId: "BTC-USDT-SWAP",
    lever: "3",
    liqPx: "33501.26",
    margin: "16.66681333",
    markPx: "50010.06",
    mgnMode: "isolated",
    mmr: "0.200004",
    pos: "-0.1",
    posSide: "net",
    upl: "-0.01",
  };

  it("reads a book's risk, and a missing liquidation price as missing", () => {
    const book = {
      instrument: "BTC-USDT-SWAP",
      positionSide: "both",
      lots: -10,
      entry: 500_004,
      mark: 500_101,
      liquidation: 335_013,
      marginMode: "isolated",
      leverage: 3,
      isolatedWallet: 1_666_681_333,
      maintenanceMargin: 20_000_400,
    };
    expect(words.book(POSITION)).toEqual(book);
    expect(words.book({ ...POSITION, liqPx: "", posSide: "short", pos: "0.1" })).toEqual({
      ...book,
      positionSide: "short",
      liquidation: undefined,
    });
    expect(() => words.book({ ...POSITION, markPx: "" })).toThrow(/markPx/);
    const cross = words.book({ ...POSITION, mgnMode: "cross", margin: "", pos: "-0.3" });
    expect(cross).toMatchObject({ marginMode: "cross", isolatedWallet: 0 });
    // Both at once in one instrument: one book, whose liquidation price nobody knows.
    const both = joined([words.book(POSITION), cross].filter((each) => each !== undefined));
    expect(both).toEqual([
      {
        ...book,
        lots: -40,
        liquidation: undefined,
        marginMode: "cross",
        maintenanceMargin: 40_000_800,
      },
    ]);
  });

  it("tells marks only together with their index and funding", () => {
    const market = new OkxMarketWords("okx", CONTRACTS);
    const read = (channel: string, id: string, row: object) => market.read(channel, id, row as never, WALL);
    const mark = { instId: "BTC-USDT-SWAP", markPx: "50010.06", ts: "1746057600001" };
    expect(read("mark-price", "BTC-USDT-SWAP", mark)).toBeUndefined();
    expect(read("index-tickers", "BTC-USDT", { instId: "BTC-USDT", idxPx: "50008.81" })).toBeUndefined();
    expect(read("mark-price", "BTC-USDT-SWAP", mark)).toBeUndefined();
    const funding = { fundingRate: "0.0001875391284828", fundingTime: "1746086400000" };
    expect(read("funding-rate", "BTC-USDT-SWAP", funding)).toBeUndefined();
    const of = { venue: "okx", instrument: "BTC-USDT-SWAP", wallAt: WALL };
    expect(read("mark-price", "BTC-USDT-SWAP", mark)).toEqual({
      type: "mark",
      ...of,
      at: 1_746_057_600_001,
      mark: 500_101,
      index: 500_088,
      fundingRate: 18_754,
      nextFundingAt: 1_746_086_400_000,
    });
    const book = {
      asks: [
        ["50000.2", "1.5", "0", "3"],
        ["50000.4", "2", "0", "1"],
      ],
      bids: [["50000.1", "0.01", "0", "1"]],
      ts: "1746057600002",
    };
    expect(read("bbo-tbt", "BTC-USDT-SWAP", book)).toEqual({
      type: "top",
      ...of,
      at: 1_746_057_600_002,
      bid: 500_001,
      bidLots: 1,
      ask: 500_002,
      askLots: 150,
    });
    expect(read("books5", "BTC-USDT-SWAP", book)).toMatchObject({
      type: "depth",
      bids: [[500_001, 1]],
      asks: [
        [500_002, 150],
        [500_004, 200],
      ],
    });
    expect(read("bbo-tbt", "BTC-USDT-SWAP", { ...book, bids: [] })).toBeUndefined();
    expect(read("bbo-tbt", "XRP-USDT-SWAP", book)).toBeUndefined();
  });
});
