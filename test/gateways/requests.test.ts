import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { lots, ticks } from "../../src/core/units.ts";
import { KEY } from "../venue/binance/served-venue.ts";
import { type BinanceRig, marketOrder, openRig, order, stopOrder } from "./rig.ts";

const PLACE = "POST /fapi/v1/order";
const PLACE_STOP = "POST /fapi/v1/algoOrder";

describe("orders look on the wire as the exchange wants them", () => {
  let rig: BinanceRig;
  beforeEach(async () => {
    rig = await openRig();
    await rig.gateway.market.instruments(["BTCUSDT"]);
  });
  afterEach(() => rig.close());

  const last = (call: string) => {
    const { timestamp, signature, ...fields } = rig.wire.last(call);
    expect(Math.abs(Number(timestamp) - Date.now())).toBeLessThan(5_000);
    expect(signature).toMatch(/^[0-9a-f]{64}$/);
    return fields;
  };

  it("a post-only entry: GTX, its own client id, a window of three seconds", async () => {
    const sent = order();
    await rig.gateway.trading.place(sent);
    expect(last(PLACE)).toEqual({
      symbol: "BTCUSDT",
      side: "BUY",
      type: "LIMIT",
      timeInForce: "GTX",
      quantity: "0.010",
      price: "49000.0",
      newClientOrderId: sent.clientId,
      newOrderRespType: "RESULT",
      recvWindow: "3000",
    });
    expect(rig.gateway.trading.recvWindowMs).toBe(3_000);
  });

  it("a take profit: reduce-only, good till cancelled", async () => {
    await rig.gateway.trading.place(marketOrder());
    const sent = order({
      role: "takeProfit",
      side: "sell",
      price: ticks(510_001),
      isReduceOnly: true,
      isPostOnly: false,
    });
    expect(await rig.gateway.trading.place(sent)).toMatchObject([{ status: "open", isReduceOnly: true }]);
    expect(last(PLACE)).toEqual({
      symbol: "BTCUSDT",
      side: "SELL",
      type: "LIMIT",
      timeInForce: "GTC",
      quantity: "0.010",
      price: "51000.1",
      reduceOnly: "true",
      newClientOrderId: sent.clientId,
      newOrderRespType: "RESULT",
      recvWindow: "3000",
    });
  });

  it("a market close: no price and no time in force", async () => {
    await rig.gateway.trading.place(marketOrder());
    const sent = marketOrder({ role: "close", side: "sell", lots: lots(3), isReduceOnly: true });
    await rig.gateway.trading.place(sent);
    expect(last(PLACE)).toEqual({
      symbol: "BTCUSDT",
      side: "SELL",
      type: "MARKET",
      quantity: "0.003",
      reduceOnly: "true",
      newClientOrderId: sent.clientId,
      newOrderRespType: "RESULT",
      recvWindow: "3000",
    });
  });

  it("a stop: an algo order on the mark price, reduce-only, under our id", async () => {
    await rig.gateway.trading.place(marketOrder());
    const sent = stopOrder();
    expect(await rig.gateway.trading.place(sent)).toMatchObject([{ status: "open", source: "conditional" }]);
    expect(last(PLACE_STOP)).toEqual({
      symbol: "BTCUSDT",
      side: "SELL",
      algoType: "CONDITIONAL",
      type: "STOP_MARKET",
      quantity: "0.010",
      triggerPrice: "49000.0",
      workingType: "MARK_PRICE",
      reduceOnly: "true",
      clientAlgoId: sent.clientId,
      recvWindow: "3000",
    });
    await rig.gateway.trading.cancel(sent, undefined);
    expect(last("DELETE /fapi/v1/algoOrder")).toEqual({ clientAlgoId: sent.clientId, recvWindow: "3000" });
    await rig.gateway.trading.query(sent);
    expect(last("GET /fapi/v1/algoOrder")).toEqual({ clientAlgoId: sent.clientId, recvWindow: "3000" });
  });

  it("a cancel and a query: by client id", async () => {
    const sent = order();
    await rig.gateway.trading.place(sent);
    const named = { symbol: "BTCUSDT", origClientOrderId: sent.clientId, recvWindow: "3000" };
    await rig.gateway.trading.query(sent);
    expect(last("GET /fapi/v1/order")).toEqual(named);
    await rig.gateway.trading.cancel(sent, undefined);
    expect(last("DELETE /fapi/v1/order")).toEqual(named);
  });

  it("in hedge mode the position side says what reduces, and reduceOnly is not sent", async () => {
    expect(rig.venue.exchange.setHedgeMode("main", true).ok).toBe(true);
    await rig.gateway.trading.place(marketOrder({ positionSide: "long" }));
    expect(last(PLACE)).toMatchObject({ side: "BUY", positionSide: "LONG" });
    const close = marketOrder({ positionSide: "long", side: "sell", role: "close", isReduceOnly: false });
    expect(await rig.gateway.trading.place(close)).toMatchObject([
      { type: "orderReport", status: "filled", positionSide: "long", isReduceOnly: false },
    ]);
    expect(last(PLACE)["reduceOnly"]).toBeUndefined();
    const { truth } = await rig.gateway.account.truth(["BTCUSDT"], rig.venue.exchange.now() - 1_000);
    expect(truth.isHedgeMode).toBe(true);
    expect(truth.books).toEqual([]);
    await rig.gateway.trading.place(marketOrder({ positionSide: "short", side: "sell" }));
    const exposure = await rig.gateway.account.exposure();
    expect(exposure).toMatchObject({ books: [{ positionSide: "short", lots: -10 }] });
  });

  it("carries the key in the header alone, on private calls alone", async () => {
    await rig.gateway.trading.place(order());
    await rig.gateway.market.clockSkew();
    const asked = rig.wire.asked;
    expect(asked.find(({ call }) => call === PLACE)?.apiKey).toBe(KEY.apiKey);
    expect(asked.find(({ call }) => call === "GET /fapi/v1/time")?.apiKey).toBeUndefined();
    expect(JSON.stringify(asked.map(({ fields }) => fields))).not.toContain(KEY.secret);
  });
});

describe("the limiter holds nobody up", () => {
  it("sends forty parallel orders without a wait of their own: ccxt's default needs eight seconds", async () => {
    const rig = await openRig({
      server: { limits: { ordersPerTenSeconds: 10_000, ordersPerMinute: 10_000 } },
    });
    try {
      await rig.gateway.market.instruments(["BTCUSDT"]);
      await rig.gateway.trading.place(order({ lots: lots(1), price: ticks(490_000) }));
      const from = performance.now();
      await Promise.all(Array.from({ length: 40 }, () => rig.gateway.trading.place(order())));
      expect(performance.now() - from).toBeLessThan(4_000);
      expect(rig.wire.count(PLACE)).toBe(41);
    } finally {
      await rig.close();
    }
  });

  it("lets a close out at once behind seven hundred entries of the same minute", async () => {
    const rig = await openRig({
      server: { limits: { ordersPerTenSeconds: 10_000, ordersPerMinute: 10_000 } },
    });
    try {
      await rig.gateway.market.instruments(["BTCUSDT"]);
      await rig.gateway.trading.place(marketOrder());
      for (let batch = 0; batch < 14; batch += 1) {
        await Promise.all(
          Array.from({ length: 50 }, () => rig.gateway.trading.place(order({ lots: lots(1) }))),
        );
      }
      expect(rig.wire.count(PLACE)).toBe(701);
      const from = performance.now();
      const close = marketOrder({ role: "close", side: "sell", isReduceOnly: true });
      expect(await rig.gateway.trading.place(close)).toMatchObject([{ status: "filled" }]);
      expect(performance.now() - from).toBeLessThan(5_000);
    } finally {
      await rig.close();
    }
  });
});
