import { describe, expect, it } from "vitest";
import type { Instrument } from "../../../src/core/instrument.ts";
import { millis, ONE, value } from "../../../src/core/units.ts";
import { Translation } from "../../../src/gateways/bybit/translate.ts";
import { INVERSE, LINEAR } from "../../support/instruments.ts";

const BTCUSD: Instrument = { ...INVERSE, id: "BTCUSD", unit: ONE };
const translation = (): Translation =>
  new Translation({
    account: "main",
    instruments: new Map([
      ["BTCUSDT", LINEAR],
      ["BTCUSD", BTCUSD],
    ]),
  });
const AT = millis(1_800_000_000_000);

/** An order as Bybit's order stream has it, with all its fields. */
const ORDER = {
  category: "linear",
  symbol: "BTCUSDT",
  orderType: "Limit",
  orderLinkId: "pdsk7qe000001000001abcd",
  slLimitPrice: "0",
  orderId: "f5f2d355-9a11-4af3-9b83-aa1d6ab6ddfe",
  cancelType: "UNKNOWN",
  avgPrice: "",
  stopOrderType: "",
  lastPriceOnCreated: "123747.9",
  orderStatus: "New",
  createType: "CreateByUser",
  takeProfit: "",
  cumExecValue: "0",
  tpslMode: "",
  smpType: "None",
  triggerDirection: 0,
  blockTradeId: "",
  rejectReason: "EC_NoError",
  isLeverage: "",
  price: "49000.00",
  orderIv: "",
  createdTime: "1757837618905",
  tpTriggerBy: "",
  positionIdx: 0,
  timeInForce: "PostOnly",
  leavesValue: "0",
  updatedTime: "1757837618909",
  side: "Buy",
  smpGroup: 0,
  triggerPrice: "",
  tpLimitPrice: "0",
  cumExecFee: "0",
  slTriggerBy: "",
  leavesQty: "0.010",
  closeOnTrigger: false,
  placeType: "",
  cumExecQty: "0",
  reduceOnly: false,
  qty: "0.010",
  stopLoss: "",
  smpOrderId: "",
  triggerBy: "",
} as const;

/** An execution as Bybit's execution stream has it. */
const EXECUTION = {
  category: "linear",
  symbol: "BTCUSDT",
  closedSize: "0",
  execFee: "0.0679239",
  execId: "135dbae5-cbed-5275-9290-3956bb2ed907",
  execPrice: "123498.0",
  execQty: "0.001",
  execType: "Trade",
  execValue: "123.498",
  feeRate: "0.00055",
  leavesQty: "0",
  orderId: "aee7453a-a100-465f-857a-3db780e9329a",
  orderLinkId: "mine",
  orderPrice: "123615.9",
  orderQty: "0.001",
  orderType: "Market",
  stopOrderType: "UNKNOWN",
  side: "Buy",
  execTime: "1757837580469",
  isMaker: false,
  seq: 9517074055,
  execPnl: "0",
  createType: "CreateByUser",
} as const;

const order = (change: object = {}) => translation().order({ ...ORDER, ...change }, AT);
const stop = (change: object = {}) =>
  order({
    stopOrderType: "Stop",
    orderType: "Market",
    price: "0",
    triggerPrice: "48000",
    side: "Sell",
    ...change,
  });

describe("an order of Bybit", () => {
  it("is one report with its own id, price, size and time", () => {
    expect(order()).toEqual([
      {
        type: "orderReport",
        source: "order",
        at: 1_757_837_618_909,
        wallAt: AT,
        account: "main",
        instrument: "BTCUSDT",
        clientId: ORDER.orderLinkId,
        venueOrderId: ORDER.orderId,
        status: "open",
        origin: "client",
        side: "buy",
        positionSide: "both",
        price: 490_000,
        lots: 10,
        isReduceOnly: false,
        createdAt: 1_757_837_618_905,
      },
    ]);
  });

  it.each([
    ["PartiallyFilled", {}, "partlyFilled", undefined],
    ["Filled", {}, "filled", undefined],
    ["Cancelled", { cancelType: "CancelByUser", rejectReason: "EC_PerCancelRequest" }, "canceled", undefined],
    ["Cancelled", {}, "canceled", undefined],
    ["Cancelled", { cancelType: "CancelByReduceOnly" }, "expired", "CancelByReduceOnly"],
    [
      "Cancelled",
      { rejectReason: "EC_PostOnlyWillTakeLiquidity" },
      "rejected",
      "EC_PostOnlyWillTakeLiquidity",
    ],
    ["Cancelled", { rejectReason: "EC_NoImmediateQtyToFill" }, "expired", "EC_NoImmediateQtyToFill"],
    ["Rejected", { rejectReason: "EC_Others" }, "rejected", "EC_Others"],
  ])("that is %s %j is %s", (orderStatus, change, status, reason) => {
    const [report, ...more] = order({ orderStatus, ...change });
    expect(more).toEqual([]);
    expect([report?.status, report?.reason]).toEqual([status, reason]);
  });

  it("that ended before it was whole tells how much was executed", () => {
    const executed = (orderStatus: string, cumExecQty: string) =>
      order({ orderStatus, cumExecQty })[0]?.executed;
    expect([executed("Cancelled", "0.004"), executed("Cancelled", "0"), executed("Filled", "0.010")]).toEqual(
      [4, undefined, undefined],
    );
  });

  it.each([
    ...["CancelByReduceOnly", "CancelByPrepareLiq", "CancelAllBeforeLiq", "CancelByPrepareAdl"],
    ...["CancelAllBeforeAdl", "CancelByAdmin", "CancelBySettle", "CancelByTpSlTsClear", "CancelBySmp"],
    "CancelByDCP",
  ])("that ended with %s was ended by the exchange, not by a person", (cancelType) => {
    expect(order({ orderStatus: "Cancelled", cancelType })).toMatchObject([
      { status: "expired", reason: cancelType },
    ]);
  });

  it("that waits for a trigger is a conditional one, and becomes an order under the same id", () => {
    const seen = (change: object) =>
      stop(change).map(({ source, status, trigger, spawnedOrderId }) => [
        source,
        status,
        trigger,
        spawnedOrderId,
      ]);
    const id = ORDER.orderId;
    expect(seen({ orderStatus: "Untriggered" })).toEqual([["conditional", "open", 480_000, undefined]]);
    expect(seen({ orderStatus: "Deactivated" })).toEqual([["conditional", "canceled", 480_000, undefined]]);
    expect(seen({ orderStatus: "Triggered" })).toEqual([["conditional", "triggered", 480_000, id]]);
    expect(seen({ orderStatus: "Filled", cumExecQty: "0.010" })).toEqual([
      ["conditional", "triggered", 480_000, id],
      ["order", "filled", undefined, undefined],
    ]);
    expect(seen({ orderStatus: "Cancelled", cumExecQty: "0.004" })).toEqual([
      ["conditional", "triggered", 480_000, id],
      ["order", "canceled", undefined, undefined],
    ]);
    expect(seen({ orderStatus: "Cancelled" })).toEqual([["conditional", "canceled", 480_000, undefined]]);
    const byReducer = { cancelType: "CancelByReduceOnly" };
    expect(seen({ orderStatus: "Deactivated", ...byReducer })).toEqual([
      ["conditional", "expired", 480_000, undefined],
    ]);
    const noMargin = { orderStatus: "Cancelled", rejectReason: "EC_Others" };
    expect(seen(noMargin)).toEqual([["conditional", "rejected", 480_000, undefined]]);
    expect(seen({ ...noMargin, cumExecQty: "0.004" })).toEqual([
      ["conditional", "triggered", 480_000, id],
      ["order", "expired", undefined, undefined],
    ]);
    expect(seen({ orderStatus: "Rejected" })).toEqual([["conditional", "rejected", 480_000, undefined]]);
  });

  it("that nobody placed is a liquidation or a deleveraging", () => {
    const origin = (createType: string) => order({ createType })[0]?.origin;
    expect(origin("CreateByLiq")).toBe("liquidation");
    expect(origin("CreateByTakeOver_PassThrough")).toBe("liquidation");
    expect(origin("CreateByAdl_PassThrough")).toBe("adl");
    expect(origin("CreateByStopOrder")).toBe("client");
  });

  it("in a symbol that is not traded here is still news, and a spot pair is no perpetual", () => {
    expect(order({ symbol: "DOGEUSDT", qty: "7" })).toMatchObject([{ instrument: "DOGEUSDT", lots: 0 }]);
    expect(order({ category: "spot" })).toMatchObject([{ instrument: "spot:BTCUSDT", lots: 0 }]);
  });

  it("with a word or a field that we don't know is an error that names it", () => {
    expect(() => order({ orderStatus: "Dancing" })).toThrow(/orderStatus.*Dancing/);
    expect(() => order({ qty: undefined })).toThrow(/"qty"/);
    expect(() => order({ qty: "0.0105" })).toThrow(/"BTCUSDT" has a size of 0.0105/);
    expect(() => order({ qty: "some" })).toThrow(/qty/);
    expect(() => order({ side: "None" })).toThrow(/side/);
  });
});

describe("an execution of Bybit", () => {
  const read = (change: object = {}, profits?: ReadonlyMap<string, never>) =>
    translation().execution({ ...EXECUTION, ...change }, AT, profits);

  it("is a fill with its fee in the coin that it settles in", () => {
    expect(read()).toEqual({
      type: "fill",
      at: 1_757_837_580_469,
      wallAt: AT,
      account: "main",
      instrument: "BTCUSDT",
      positionSide: "both",
      tradeId: `${EXECUTION.execId}b`,
      venueOrderId: EXECUTION.orderId,
      clientId: "mine",
      side: "buy",
      price: 1_234_980,
      lots: 1,
      fee: 6_792_390,
      feeAsset: "USDT",
      realized: 0,
      isMaker: false,
      origin: "client",
    });
    const inverse = { category: "inverse", symbol: "BTCUSD", execQty: "3", execPrice: "60000.1" };
    expect(read(inverse)).toMatchObject({ lots: 3, feeAsset: "BTC", instrument: "BTCUSD" });
  });

  it("tells its profit itself, or the log does; else it counts as nothing, and the execution still counts", () => {
    const closing = { closedSize: "0.001", execPnl: undefined };
    expect(read({ closedSize: "0.001", execPnl: "-1.5" })?.realized).toBe(-150_000_000);
    const profits = new Map([[EXECUTION.execId, value(7)]]);
    expect(translation().execution({ ...EXECUTION, ...closing }, AT, profits)?.realized).toBe(7);
    expect(read(closing)?.realized).toBe(0);
    expect(read({ closedSize: "", execPnl: undefined })?.realized).toBe(0);
  });

  it("of funding is no fill but a payment: what the fee says, turned around", () => {
    const funding = { ...EXECUTION, execType: "Funding", execFee: "-0.10232512", orderType: "UNKNOWN" };
    expect(translation().execution(funding, AT)).toBeUndefined();
    expect(translation().funding(funding, AT)).toMatchObject({ instrument: "BTCUSDT", amount: 10_232_512 });
    expect(translation().funding(EXECUTION, AT)).toBeUndefined();
  });

  it("finds its book by its order, or in hedge mode by what it closed", () => {
    const hedged = translation();
    const bookOf = (change: object) => hedged.execution({ ...EXECUTION, ...change }, AT)?.positionSide;
    expect(bookOf({})).toBe("both");
    hedged.order({ ...ORDER, positionIdx: 2 }, AT);
    expect(bookOf({ orderId: ORDER.orderId })).toBe("short");
    expect(bookOf({ side: "Buy" })).toBe("long");
    expect(bookOf({ side: "Sell" })).toBe("short");
    expect(bookOf({ side: "Sell", closedSize: "0.001" })).toBe("long");
    expect(bookOf({ side: "Buy", closedSize: "0.001" })).toBe("short");
  });

  it("tells a liquidation and a deleveraging by its type", () => {
    expect(read({ execType: "BustTrade" })?.origin).toBe("liquidation");
    expect(read({ execType: "AdlTrade" })?.origin).toBe("adl");
    expect(read({ execType: "UNKNOWN" })).toBeUndefined();
    expect(read({ execType: "SessionSettlePnL" })).toBeUndefined();
  });
});

describe("a position of Bybit", () => {
  /** A row of `position/list` as Bybit documents it, for a contract of ours. */
  const POSITION = {
    positionIdx: 0,
    riskId: 1,
    riskLimitValue: "150",
    symbol: "BTCUSD",
    side: "Sell",
    size: "300",
    avgPrice: "27464.50441675",
    positionValue: "0.01092319",
    tradeMode: 0,
    positionStatus: "Normal",
    autoAddMargin: 1,
    leverage: "10",
    positionBalance: "0.00139186",
    markPrice: "28224.50",
    liqPrice: "",
    bustPrice: "999999.00",
    positionMM: "0.0000015",
    positionIM: "0.00010923",
    unrealisedPnl: "-0.00029413",
    updatedTime: "1697673600012",
  } as const;

  it("is a book with its figures; an empty liquidation price is unknown, not zero", () => {
    expect(translation().exposure(POSITION, "cross")).toEqual({
      instrument: "BTCUSD",
      positionSide: "both",
      lots: -300,
      entry: 274_645,
      mark: 282_245,
      liquidation: undefined,
      marginMode: "cross",
      leverage: 10,
      isolatedWallet: 0,
      maintenanceMargin: 150,
    });
    const isolated = translation().exposure({ ...POSITION, liqPrice: "31000.50" }, "isolated");
    expect(isolated).toMatchObject({ liquidation: 310_005, isolatedWallet: 139_186 });
  });

  it("in a symbol that is not traded here is worth what it settles in", () => {
    const other = (symbol: string, settleCoin: string) =>
      translation().other({ ...POSITION, symbol }, settleCoin);
    expect(other("BTCUSDT-26DEC25", "USDT")).toEqual({
      symbol: "BTCUSDT-26DEC25",
      size: "300",
      asset: "USDT",
      notional: 1_092_319,
    });
    expect(other("BTC-26DEC25", "USDC")?.asset).toBe("USDC");
    expect(other("ETHPERP", "USDC")?.asset).toBe("USDC");
    expect(other("ETHUSDZ25", "")?.asset).toBe("ETH");
    expect(other("BTCUSD", "")).toBeUndefined();
  });

  it("that is flat has neither side nor entry", () => {
    const flat = { ...POSITION, side: "", size: "0", avgPrice: "0", positionValue: "0", leverage: "" };
    expect(translation().exposure(flat, "cross")).toMatchObject({
      lots: 0,
      entry: undefined,
      leverage: undefined,
    });
    expect(translation().exposure({ ...flat, symbol: "NEWUSD" }, "cross")).toBeUndefined();
  });
});
