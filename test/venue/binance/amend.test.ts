import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { type Client, type Heard, KEY, type Served, serveVenue, until } from "./served-venue.ts";

const BTC = "BTC/USDT:USDT";
const CHANGE = { symbol: "BTCUSDT", side: "BUY", quantity: "0.020", price: "48500.0" } as const;

describe("orders that are changed, and orders whose owner falls silent", () => {
  let venue: Served;
  let client: Client;
  beforeEach(async () => {
    venue = await serveVenue();
    client = await venue.client();
    await client.loadMarkets();
  });
  afterEach(() => venue.close());

  const rest = (id: string, price = 48_000): Promise<unknown> =>
    client.createOrder(BTC, "limit", "buy", 0.01, price, { clientOrderId: id });
  const open = (): readonly (readonly [string, number, number])[] =>
    venue.exchange
      .openOrders("main")
      .map(({ clientId, request }) => [clientId, request.price ?? 0, request.lots]);

  it("keeps an order's ids through a change, and tells it as an amendment", async () => {
    const answer = await fetch(`${venue.server.url}/fapi/v1/listenKey`, {
      method: "POST",
      headers: { "X-MBX-APIKEY": KEY.apiKey },
    });
    const { listenKey } = (await answer.json()) as { listenKey: string };
    const { heard } = await venue.listen(`/private/ws?listenKey=${listenKey}`);
    await rest("one");
    const [before] = venue.exchange.openOrders("main");
    const changed = await client.editOrder(String(before?.orderId), BTC, "limit", "buy", 0.02, 48_500);
    expect(changed).toMatchObject({ id: String(before?.orderId), clientOrderId: "one", price: 48_500 });
    expect(open()).toEqual([["one", 485_000, 20]]);
    await until(() => heard.length === 2, "both messages came");
    expect(heard.map((message) => message["o"] as Heard).map(({ c, x, X, p, q }) => [c, x, X, p, q])).toEqual(
      [
        ["one", "NEW", "NEW", "48000.0", "0.010"],
        ["one", "AMENDMENT", "NEW", "48500.0", "0.020"],
      ],
    );
    expect(client.last_response_headers).toMatchObject({ "X-Mbx-Order-Count-1m": "2" });
  });

  it("tells the history of changes, newest last, and leaves out what was refused", async () => {
    await rest("one");
    await client.fapiPrivatePutOrder({ ...CHANGE, origClientOrderId: "one", modifyId: 11 });
    await client.fapiPrivatePutOrder({ ...CHANGE, origClientOrderId: "one", price: "48600.0" });
    await expect(
      client.fapiPrivatePutOrder({ ...CHANGE, origClientOrderId: "one", quantity: "9" }),
    ).rejects.toThrow(/-2019/);
    expect(open()).toEqual([["one", 486_000, 20]]);
    const rows = await client.fapiPrivateGetOrderAmendment({ symbol: "BTCUSDT", origClientOrderId: "one" });
    expect(rows.map(({ amendment }: { amendment: unknown }) => amendment)).toEqual([
      {
        price: { before: "48000.0", after: "48500.0" },
        origQty: { before: "0.010", after: "0.020" },
        count: 1,
        modifyId: 11,
      },
      {
        price: { before: "48500.0", after: "48600.0" },
        origQty: { before: "0.020", after: "0.020" },
        count: 2,
        modifyId: 0,
      },
    ]);
  });

  it("changes several at once, and says which one it could not", async () => {
    await rest("one");
    await rest("two", 47_900);
    const batchOrders = ["one", "none", "two"].map((id) => ({ ...CHANGE, origClientOrderId: id }));
    const rows = await client.fapiPrivatePutBatchOrders({ batchOrders });
    expect(rows.map((row: { status?: string; code?: number }) => row.status ?? row.code)).toEqual([
      "NEW",
      -2013,
      "NEW",
    ]);
    expect(open()).toEqual([
      ["one", 485_000, 20],
      ["two", 485_000, 20],
    ]);
  });

  it("cancels everything on the symbol when nobody says that he is there, but not the stops", async () => {
    await rest("one");
    await client.createOrder(BTC, "market", "buy", 0.01, undefined, { triggerPrice: 51_000 });
    const answer = await client.fapiPrivatePostCountdownCancelAll({ symbol: "BTCUSDT", countdownTime: 20 });
    expect(answer).toEqual({ symbol: "BTCUSDT", countdownTime: "20" });
    await until(() => {
      venue.move(500_000);
      return open().length === 0;
    }, "the countdown ends");
    expect(venue.exchange.openConditionals("main")).toHaveLength(1);
    const [order] = venue.exchange.orderHistory("main", {});
    expect(order).toMatchObject({ status: "canceled", endReason: "countdown" });
  });

  it("cancels nothing when the countdown was stopped or pushed back in time", async () => {
    await rest("one");
    const count = (countdownTime: number): Promise<unknown> =>
      client.fapiPrivatePostCountdownCancelAll({ symbol: "BTCUSDT", countdownTime });
    await count(30);
    await count(60_000);
    await client.fapiPrivatePostCountdownCancelAll({ symbol: "ETHUSDT", countdownTime: 1 });
    const patience = Date.now() + 60;
    await until(() => Date.now() > patience, "the first countdown would have ended");
    venue.move(500_000);
    expect(open()).toHaveLength(1);
    await count(0);
    venue.move(500_000);
    expect(open()).toHaveLength(1);
  });
});
