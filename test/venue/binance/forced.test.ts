import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { lots, millis } from "../../../src/core/units.ts";
import { type Client, type Heard, KEY, type Served, serveVenue, until } from "./served-venue.ts";

const BTC = "BTC/USDT:USDT";

describe("what the exchange does on its own", () => {
  let venue: Served;
  let client: Client;
  let own: { readonly heard: Heard[] };
  beforeEach(async () => {
    venue = await serveVenue();
    client = await venue.client();
    await client.loadMarkets();
    const answer = await fetch(`${venue.server.url}/fapi/v1/listenKey`, {
      method: "POST",
      headers: { "X-MBX-APIKEY": KEY.apiKey },
    });
    const { listenKey } = (await answer.json()) as { listenKey: string };
    own = await venue.listen(`/private/ws?listenKey=${listenKey}`);
  });
  afterEach(() => venue.close());

  const orders = (): Heard[] =>
    own.heard
      .filter((message) => message["e"] === "ORDER_TRADE_UPDATE")
      .map((message) => message["o"] as Heard);

  it("tells everybody of a liquidation once, and its owner in his history", async () => {
    const { heard } = await venue.listen("/market/stream?streams=btcusdt@forceOrder/!forceOrder@arr");
    await client.setMarginMode("isolated", BTC);
    await client.setLeverage(100, BTC);
    await client.createOrder(BTC, "market", "buy", 0.02);
    venue.move(480_000);
    await until(() => heard.length === 2, "both streams told it");
    expect(heard.map(({ stream }) => stream)).toEqual(["btcusdt@forceOrder", "!forceOrder@arr"]);
    const { o, ...head } = (heard[0]?.["data"] ?? {}) as Heard;
    expect(head).toMatchObject({ e: "forceOrder", ps: "BTCUSDT", st: 1 });
    expect(o).toMatchObject({ s: "BTCUSDT", S: "SELL", q: "0.020", z: "0.020", X: "FILLED" });
    const [forced, ...more] = await client.fetchMyLiquidations(BTC);
    expect(more).toEqual([]);
    expect(forced?.info).toMatchObject({ origType: "LIQUIDATION", side: "SELL", executedQty: "0.020" });
    expect(forced?.info.clientOrderId).toMatch(/^autoclose-/);
    const adl = await client.fapiPrivateGetForceOrders({ symbol: "BTCUSDT", autoCloseType: "ADL" });
    expect(adl).toEqual([]);
  });

  it("ranks profit in the queue, and takes from its head when it has to", async () => {
    await client.createOrder(BTC, "market", "buy", 0.02);
    const place = async (): Promise<unknown[]> =>
      (await client.fapiPrivateV3GetPositionRisk()).map(({ adl }: { adl: string }) => Number(adl));
    venue.move(499_000);
    expect(await place()).toEqual([0]);
    venue.move(505_000);
    expect(await place()).toEqual([4]);
    venue.exchange.hand.deleverage("main", "BTCUSDT", "both", lots(20));
    await until(() => orders().some(({ c, X }) => c === "adl_autoclose" && X === "FILLED"), "it is told");
    expect(orders().at(-1)).toMatchObject({
      c: "adl_autoclose",
      x: "CALCULATED",
      o: "MARKET",
      n: "0.00000000",
    });
    const adl = await client.fapiPrivateGetForceOrders({ symbol: "BTCUSDT", autoCloseType: "ADL" });
    expect(adl).toMatchObject([{ clientOrderId: "adl_autoclose", executedQty: "0.020" }]);
    expect(await client.fetchPositions()).toEqual([]);
  });

  it("announces the end of a contract, refuses to open more of it, and settles what is left", async () => {
    const { heard } = await venue.listen("/market/ws/!contractInfo");
    await client.createOrder(BTC, "market", "buy", 0.02);
    const endsAt = millis(venue.exchange.now() + 5_000);
    venue.exchange.hand.delist("BTCUSDT", endsAt);
    await expect(client.createOrder(BTC, "market", "buy", 0.02)).rejects.toThrow(/-4140/);
    const info = async (): Promise<unknown> =>
      (await client.fapiPublicGetExchangeInfo())["symbols"].find(
        ({ symbol }: { symbol: string }) => symbol === "BTCUSDT",
      );
    expect(await info()).toMatchObject({ status: "SETTLING", deliveryDate: endsAt });
    for (let second = 0; second < 7; second += 1) venue.move(500_000);
    expect(await info()).toMatchObject({ status: "CLOSE" });
    await until(() => heard.length >= 2, "both changes were told");
    expect(heard.map(({ s, cs, dt }) => [s, cs, dt]).at(-1)).toEqual(["BTCUSDT", "CLOSE", endsAt]);
    await until(() => orders().some(({ c }) => /^settlement_autoclose-/.test(String(c))), "it is settled");
    expect(await client.fetchPositions()).toEqual([]);
    await expect(client.createOrder(BTC, "market", "buy", 0.02)).rejects.toThrow(/-4141|-4140/);
  });

  it("tells a coarser tick in its filters", async () => {
    venue.exchange.hand.setPriceStep("BTCUSDT", 50);
    venue.exchange.hand.setLotStep("BTCUSDT", 2);
    await client.loadMarkets(true);
    expect(client.market(BTC).precision).toMatchObject({ price: 5, amount: 0.002 });
    await expect(
      client.fapiPrivatePostOrder({
        symbol: "BTCUSDT",
        side: "BUY",
        type: "LIMIT",
        timeInForce: "GTC",
        price: "49001.0",
        quantity: "0.010",
      }),
    ).rejects.toThrow(/-4014/);
  });
});
