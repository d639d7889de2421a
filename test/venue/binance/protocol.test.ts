import { createHmac } from "node:crypto";
import ccxt from "ccxt";
import { afterEach, describe, expect, it } from "vitest";
import { KEY, type Served, serveVenue } from "./served-venue.ts";

const BTC = "BTC/USDT:USDT";
const sign = (text: string): string => createHmac("sha256", KEY.secret).update(text).digest("hex");

describe("keys, clocks and limits", () => {
  let venue: Served;
  afterEach(() => venue.close());

  it("lets in only who signs with the right secret", async () => {
    venue = await serveVenue();
    const wrong = await venue.client({ secret: "guessed" });
    await expect(wrong.fetchBalance()).rejects.toThrow(/-1022/);
    await expect(wrong.fetchBalance()).rejects.toBeInstanceOf(ccxt.AuthenticationError);
    const unknown = await venue.client({ apiKey: "nobody" });
    await expect(unknown.fetchBalance()).rejects.toThrow(/-2015/);
    const bare = await fetch(`${venue.server.url}/fapi/v3/balance?timestamp=1&signature=00`);
    expect([bare.status, await bare.json()]).toEqual([401, { code: -2014, msg: "API-key format invalid." }]);
    const right = await venue.client();
    expect((await right.fetchBalance())["USDT"]?.total).toBe(10_000);
  });

  it("counts query and body together as what was signed", async () => {
    venue = await serveVenue();
    const query = "symbol=BTCUSDT&side=BUY&type=LIMIT&timeInForce=GTC";
    const body = `quantity=0.01&price=49000&timestamp=${Date.now()}`;
    const post = (signature: string): Promise<Response> =>
      fetch(`${venue.server.url}/fapi/v1/order?${query}`, {
        method: "POST",
        headers: { "X-MBX-APIKEY": KEY.apiKey, "Content-Type": "application/x-www-form-urlencoded" },
        body: `${body}&signature=${signature}`,
      });
    expect((await post(sign(query + body))).status).toBe(200);
    expect((await post(sign(`${query}&${body}`))).status).toBe(400);
    expect(venue.exchange.openOrders("main")).toHaveLength(1);
  });

  it("refuses a request that is too old or from the future, by the wall clock", async () => {
    venue = await serveVenue();
    const client = await venue.client();
    venue.wall.ahead = 11_000;
    await expect(client.fetchBalance()).rejects.toThrow(/-1021.*outside of the recvWindow/);
    await expect(client.fetchBalance()).rejects.toBeInstanceOf(ccxt.InvalidNonce);
    venue.wall.ahead = -2_000;
    await expect(client.fetchBalance()).rejects.toThrow(/-1021.*ahead of the server/);
    venue.wall.ahead = 9_000;
    expect((await client.fetchBalance({ recvWindow: 10_000 }))["USDT"]?.total).toBe(10_000);
  });

  it("tells the weight used and the orders counted, and starts anew each minute", async () => {
    venue = await serveVenue();
    venue.wall.ahead = 60_000 - (Date.now() % 60_000);
    const client = await venue.client({ options: { recvWindow: 60_000 } });
    client.nonce = () => venue.wall.now();
    await client.loadMarkets();
    await client.fetchBalance();
    const weight = (): unknown => client.last_response_headers?.["X-Mbx-Used-Weight-1m"];
    expect(weight()).toBe("6");
    await client.createOrder(BTC, "limit", "buy", 0.01, 49_000);
    await client.createOrder(BTC, "limit", "buy", 0.01, 49_000);
    expect(client.last_response_headers).toMatchObject({
      "X-Mbx-Used-Weight-1m": "6",
      "X-Mbx-Order-Count-10s": "2",
      "X-Mbx-Order-Count-1m": "2",
    });
    venue.wall.ahead += 60_000;
    await client.fetchTime();
    expect(weight()).toBe("1");
  });

  it("answers 429 above the weight limit, 418 to one who goes on, and lets him in again after the ban", async () => {
    venue = await serveVenue({ limits: { weightPerMinute: 10, warningsBeforeBan: 2, banMs: 90_000 } });
    venue.wall.ahead = 60_000 - (Date.now() % 60_000);
    const ask = async (): Promise<readonly [number, string | null]> => {
      const answer = await fetch(`${venue.server.url}/fapi/v1/ticker/bookTicker`);
      await answer.text();
      return [answer.status, answer.headers.get("retry-after")];
    };
    expect([await ask(), await ask()]).toEqual([
      [200, null],
      [200, null],
    ]);
    const warned = await ask();
    expect(warned[0]).toBe(429);
    expect(Number(warned[1])).toBeGreaterThan(50);
    const client = await venue.client();
    await expect(client.fetchTime()).rejects.toBeInstanceOf(ccxt.DDoSProtection);
    expect(await ask()).toEqual([418, "90"]);
    venue.wall.ahead += 61_000;
    expect((await ask())[0]).toBe(418);
    venue.wall.ahead += 30_000;
    expect((await ask())[0]).toBe(200);
  });

  it("answers 429 with -1015 when an account sends too many orders, and goes on with other calls", async () => {
    venue = await serveVenue({ limits: { ordersPerTenSeconds: 3 } });
    venue.wall.ahead = 10_000 - (Date.now() % 10_000);
    const client = await venue.client({ options: { recvWindow: 60_000 } });
    client.nonce = () => venue.wall.now();
    await client.loadMarkets();
    const order = { symbol: BTC, type: "limit" as const, side: "buy" as const, amount: 0.01, price: 49_000 };
    await client.createOrders([order, order]);
    await expect(client.createOrders([order, order])).rejects.toThrow(/-1015/);
    await client.createOrder(BTC, "limit", "buy", 0.01, 49_000);
    await expect(client.createOrder(BTC, "limit", "buy", 0.01, 49_000)).rejects.toThrow(/-1015/);
    expect(await client.fetchOpenOrders(BTC)).toHaveLength(3);
    venue.wall.ahead += 10_000;
    await client.createOrder(BTC, "limit", "buy", 0.01, 49_000);
  });

  it("says what a key may do", async () => {
    venue = await serveVenue({
      keys: [{ ...KEY, permissions: { withdrawals: true, ipRestricted: false } }],
    });
    const client = await venue.client();
    expect(await client.sapiGetAccountApiRestrictions()).toMatchObject({
      ipRestrict: false,
      enableWithdrawals: true,
      enableInternalTransfer: false,
      enableFutures: true,
      enableReading: true,
    });
  });

  it("shows every field of Binance's account, position and order answers", async () => {
    venue = await serveVenue();
    const client = await venue.client();
    await client.loadMarkets();
    const order = (await client.createOrder(BTC, "market", "buy", 0.01)).info;
    await client.createOrder(BTC, "limit", "buy", 0.02, 49_000);
    const account = (await client.fetchBalance()).info;
    const [position] = await client.fapiPrivateV3GetPositionRisk();
    const missing = (found: object, keys: string): string[] =>
      keys.split(" ").filter((key) => !(key in found));
    expect(
      missing(
        order,
        "clientOrderId cumQty executedQty orderId avgPrice origQty price reduceOnly side positionSide status stopPrice closePosition symbol timeInForce type origType updateTime workingType priceProtect priceMatch selfTradePreventionMode goodTillDate cumQuote time",
      ),
    ).toEqual([]);
    expect(
      missing(
        account,
        "totalInitialMargin totalMaintMargin totalWalletBalance totalUnrealizedProfit totalMarginBalance totalPositionInitialMargin totalOpenOrderInitialMargin totalCrossWalletBalance totalCrossUnPnl availableBalance maxWithdrawAmount assets positions",
      ),
    ).toEqual([]);
    expect(
      missing(
        position,
        "symbol positionSide positionAmt entryPrice breakEvenPrice markPrice unRealizedProfit liquidationPrice isolatedMargin notional marginAsset isolatedWallet initialMargin maintMargin positionInitialMargin openOrderInitialMargin adl bidNotional askNotional updateTime",
      ),
    ).toEqual([]);
    expect("leverage" in position).toBe(false);
    expect(position.openOrderInitialMargin).toBe(account.totalOpenOrderInitialMargin);
    expect(position.initialMargin).toBe(account.totalInitialMargin);
    const [v2] = await client.fapiPrivateV2GetPositionRisk({ symbol: "BTCUSDT" });
    expect(v2).toMatchObject({ leverage: "20", marginType: "cross", positionAmt: "0.010" });
    const v2account = await client.fapiPrivateV2GetAccount();
    expect(v2account["positions"].map((each: { symbol: string }) => each.symbol)).toEqual([
      "BTCUSDT",
      "ETHUSDT",
    ]);
  });

  it("pages through trades by id, time and limit", async () => {
    venue = await serveVenue();
    const client = await venue.client();
    await client.loadMarkets();
    const times: number[] = [];
    for (let count = 0; count < 5; count += 1) {
      await client.createOrder(BTC, "market", "buy", 0.002);
      times.push(venue.exchange.now());
      venue.move(500_000);
    }
    const trades = (params: object): Promise<{ id: string }[]> =>
      client.fapiPrivateGetUserTrades({ symbol: "BTCUSDT", ...params });
    const ids = (await trades({})).map((trade) => trade.id);
    expect(ids).toHaveLength(5);
    const page = async (params: object): Promise<string[]> => (await trades(params)).map((trade) => trade.id);
    expect(await page({ limit: 2 })).toEqual(ids.slice(3));
    expect(await page({ fromId: ids[1], limit: 2 })).toEqual(ids.slice(1, 3));
    expect(await page({ startTime: times[2], limit: 2 })).toEqual(ids.slice(2, 4));
    expect(await page({ startTime: times[1], endTime: times[2] })).toEqual(ids.slice(1, 3));
    const [second] = await client.fapiPrivateGetAllOrders({ symbol: "BTCUSDT" });
    expect(await page({ orderId: second.orderId })).toEqual([ids[0]]);
  });
});
