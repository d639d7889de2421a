import { CoinMClient } from "binance";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { KEY } from "../binance/served-venue.ts";
import { type ServedCoinm, serveCoinm } from "./served-coinm.ts";

describe("the package binance's COIN-M client and the venue agree", () => {
  let venue: ServedCoinm;
  let client: CoinMClient;
  beforeEach(async () => {
    venue = await serveCoinm();
    client = new CoinMClient({
      api_key: KEY.apiKey,
      api_secret: KEY.secret,
      baseUrl: venue.served.server.url,
      disableTimeSync: true,
    });
  });
  afterEach(() => venue.close());

  it("about an order's life, a position and a stop in the algo service", async () => {
    const symbol = "ETHUSD_PERP";
    const resting = await client.submitNewOrder({
      symbol,
      side: "BUY",
      type: "LIMIT",
      timeInForce: "GTC",
      quantity: 8,
      price: 2_400,
    });
    expect(await client.getAllOpenOrders({ symbol })).toMatchObject([
      { orderId: resting.orderId, pair: "ETHUSD" },
    ]);
    await client.cancelOrder({ symbol, orderId: resting.orderId });
    expect(venue.eth.openOrders("main")).toEqual([]);
    await client.submitNewOrder({ symbol, side: "BUY", type: "MARKET", quantity: 8 });
    const [held] = (await client.getPositions({ pair: "ETHUSD" })).filter(
      (each) => Number(each.positionAmt) !== 0,
    );
    const [own] = venue.eth.positions("main").filter((each) => each.lots !== 0);
    expect(held).toMatchObject({
      symbol,
      positionAmt: String(own?.lots),
      leverage: "20",
      marginType: "cross",
    });
    await client.submitNewAlgoOrder({
      symbol,
      side: "SELL",
      algoType: "CONDITIONAL",
      type: "STOP_MARKET",
      triggerPrice: "2300",
      quantity: "8",
      reduceOnly: "true",
      workingType: "MARK_PRICE",
    });
    expect(await client.getOpenAlgoOrders({})).toMatchObject([{ symbol, triggerPrice: "2300.00" }]);
    venue.move(229_000, symbol);
    expect(venue.eth.positions("main").filter((each) => each.lots !== 0)).toEqual([]);
    expect(await client.getOpenAlgoOrders({})).toEqual([]);
    expect(venue.eth.validate()).toEqual([]);
  });
});
