import { describe, expect, it } from "vitest";
import { millis } from "../../src/core/units.ts";
import { Readings } from "../../src/gateways/binance/readings.ts";
import * as payloads from "./payloads.ts";

const { perpetual, without } = payloads;

const WALL = millis(1_700_000_000_000);
const readings = new Readings({
  account: "main",
  venue: "binanceusdm",
  instruments: new Map([["BTCUSDT", perpetual("BTCUSDT", "0.10", "0.001")]]),
  brackets: new Map(),
});

describe("REST answers become the same events", () => {
  it("an order", () => {
    expect(readings.order(payloads.restOrder, WALL)).toEqual({
      type: "orderReport",
      at: 1579276756075,
      wallAt: WALL,
      account: "main",
      instrument: "BTCUSDT",
      source: "order",
      clientId: "pdsk7qe000001",
      venueOrderId: "1917641",
      status: "open",
      origin: "client",
      side: "buy",
      positionSide: "both",
      lots: 10,
      isReduceOnly: false,
      createdAt: 1579276756075,
      price: 972_001,
    });
    const { time: _time, ...answer } = payloads.restOrder;
    expect(readings.order(answer, WALL)).not.toHaveProperty("createdAt");
    const market = { ...payloads.restOrder, price: "0", type: "MARKET", status: "FILLED" };
    expect(readings.order(market, WALL)).not.toHaveProperty("price");
  });

  it("an order in a symbol that this desk does not trade: there, but not countable", () => {
    const order = { ...payloads.restOrder, symbol: "DOGEUSDT", price: "0.31234", origQty: "12.5" };
    expect(readings.order(order, WALL)).toMatchObject({
      type: "orderReport",
      source: "order",
      instrument: "DOGEUSDT",
      clientId: "pdsk7qe000001",
      status: "open",
      lots: 0,
    });
    const stop = { ...payloads.restConditional, symbol: "DOGEUSDT", triggerPrice: "0.31234" };
    expect(readings.conditional(stop, WALL)).toMatchObject({
      source: "conditional",
      instrument: "DOGEUSDT",
      clientId: "pdsk7qs000001",
      lots: 0,
    });
  });

  it.each(["", null])("a stop that closes the whole position has %j for its quantity", (quantity) => {
    const whole = { ...payloads.restConditional, quantity, closePosition: true };
    expect(readings.conditional(whole, WALL)).toMatchObject({ lots: 0, status: "open", trigger: 950_000 });
  });

  it("a forced order and its execution between two ticks: to the nearest", () => {
    const forced = { ...payloads.restOrder, clientOrderId: "autoclose-3", price: "97123.456" };
    expect(readings.order(forced, WALL)).toMatchObject({ origin: "liquidation", price: 971_235 });
    const settled = { ...payloads.restTrade, price: "97123.44000001" };
    const names = new Map([["25851813", "settlement_autoclose-9"]]);
    expect(readings.trade(settled, names, WALL)).toMatchObject({ origin: "liquidation", price: 971_234 });
    expect(() => readings.trade({ ...payloads.restTrade, price: "" }, names, WALL)).toThrow("is no price");
  });

  it.each([
    "symbol",
    "clientOrderId",
    "updateTime",
    "orderId",
    "status",
    "side",
    "positionSide",
    "origQty",
    "reduceOnly",
  ])("names the field %s of an order when it is missing", (field) => {
    expect(() => readings.order(without(payloads.restOrder, field), WALL)).toThrow(`"${field}"`);
  });

  it("a conditional order, with the order that it became once there is one", () => {
    const told = readings.conditional(payloads.restConditional, WALL);
    expect(told).toEqual({
      type: "orderReport",
      at: 1750485492079,
      wallAt: WALL,
      account: "main",
      instrument: "BTCUSDT",
      source: "conditional",
      clientId: "pdsk7qs000001",
      venueOrderId: "a2146760",
      status: "open",
      origin: "client",
      side: "sell",
      positionSide: "both",
      lots: 10,
      isReduceOnly: true,
      createdAt: 1750485492076,
      trigger: 950_000,
    });
    const fired = { ...payloads.restConditional, algoStatus: "FINISHED", actualOrderId: "981" };
    expect(readings.conditional(fired, WALL)).toEqual({
      ...told,
      status: "triggered",
      spawnedOrderId: "981",
    });
  });

  it.each(["symbol", "clientAlgoId", "algoId", "algoStatus", "side", "quantity", "createTime", "reduceOnly"])(
    "names the field %s of a conditional order when it is missing",
    (field) => {
      expect(() => readings.conditional(without(payloads.restConditional, field), WALL)).toThrow(
        `"${field}"`,
      );
    },
  );

  it("an execution, joined to its order's client id; what can't be joined is nobody's", () => {
    const fill = {
      type: "fill",
      at: 1569514978020,
      wallAt: WALL,
      account: "main",
      instrument: "BTCUSDT",
      positionSide: "short",
      tradeId: "698759s",
      venueOrderId: "25851813",
      clientId: "pdsk7qe000009",
      side: "sell",
      price: 978_190,
      lots: 2,
      fee: -7_819_010,
      feeAsset: "USDT",
      realized: -91_539_999,
      isMaker: true,
      origin: "client",
    };
    const names = (clientId: string) => new Map([["25851813", clientId]]);
    expect(readings.trade(payloads.restTrade, names("pdsk7qe000009"), WALL)).toEqual(fill);
    expect(readings.trade(payloads.restTrade, new Map(), WALL)).toEqual({ ...fill, clientId: "" });
    expect(readings.trade(payloads.restTrade, names("autoclose-3"), WALL)).toMatchObject({
      origin: "liquidation",
    });
  });

  it.each([
    "symbol",
    "orderId",
    "id",
    "time",
    "side",
    "positionSide",
    "price",
    "qty",
    "commission",
    "realizedPnl",
    "maker",
  ])("names the field %s of an execution when it is missing", (field) => {
    expect(() => readings.trade(without(payloads.restTrade, field), new Map(), WALL)).toThrow(`"${field}"`);
  });

  it("a position: averages to the nearest tick, money to 1e-8, the leverage from elsewhere", () => {
    expect(readings.position(payloads.restPosition, 3)).toEqual({
      instrument: "BTCUSDT",
      positionSide: "both",
      lots: -10,
      entry: 971_235,
      mark: 972_000,
      liquidation: 1_281_004,
      marginMode: "isolated",
      leverage: 3,
      isolatedWallet: 32_329_000_000,
      maintenanceMargin: 388_800_000,
    });
  });

  it.each(["0", "", "0.0"])("a liquidation price of '%s' is unknown, not zero", (none) => {
    const found = readings.position(
      { ...payloads.restPosition, liquidationPrice: none, entryPrice: none },
      undefined,
    );
    expect(found).toMatchObject({ liquidation: undefined, entry: undefined, leverage: undefined });
  });

  it("a position without isolated margin is a cross one", () => {
    const cross = { ...payloads.restPosition, isolatedMargin: "0.00000000", isolatedWallet: "0" };
    expect(readings.position(cross, 3)).toMatchObject({ marginMode: "cross", isolatedWallet: 0 });
  });
});
