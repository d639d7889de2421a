import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { VenueEvent } from "../../../src/venue/exchange.ts";
import { type Client, type Served, serveVenue } from "./served-venue.ts";

const BTC = "BTC/USDT:USDT";

describe("the market's past as clients can ask for it", () => {
  let venue: Served;
  let client: Client;
  let trades: Extract<VenueEvent, { type: "trade" }>[];
  beforeEach(async () => {
    venue = await serveVenue();
    client = await venue.client();
    await client.loadMarkets();
    trades = [];
    venue.exchange.listen((event) => {
      if (event.type === "trade" && event.instrument === "BTCUSDT") trades.push(event);
    });
  });
  afterEach(() => venue.close());

  it("lists public trades as they happened, a client's own among them", async () => {
    venue.move(500_100);
    await client.createOrder(BTC, "market", "sell", 0.01);
    venue.move(499_900);
    const shown = await client.fetchTrades(BTC);
    const plain = trades.map((trade) => [
      String(trade.tradeId),
      trade.at,
      trade.takerSide,
      trade.price / 10,
      trade.lots / 1_000,
    ]);
    expect(plain.length).toBeGreaterThan(2);
    expect(
      shown.map(({ id, timestamp, side, price, amount }) => [id, timestamp, side, price, amount]),
    ).toEqual(plain);
    const second = trades[1];
    const rows = await client.fapiPublicGetAggTrades({
      symbol: "BTCUSDT",
      fromId: second?.tradeId,
      limit: 1,
    });
    expect(rows).toMatchObject([
      { a: second?.tradeId, f: second?.tradeId, l: second?.tradeId, T: second?.at },
    ]);
    const old = await client.fapiPublicGetHistoricalTrades({ symbol: "BTCUSDT", limit: 2 });
    expect(old.map(({ id }: { id: number }) => id)).toEqual(trades.slice(-2).map(({ tradeId }) => tradeId));
  });

  it("keeps candles of the mark and of the index, which is the mark, from when it opened", async () => {
    for (const price of [500_000, 500_500, 499_500, 500_200]) venue.move(price);
    const openAt = Math.floor(venue.exchange.now() / 60_000) * 60_000;
    const candle = [openAt, 50_000, 50_050, 49_950, 50_020, 0];
    expect(await client.fetchMarkOHLCV(BTC, "1m")).toEqual([candle]);
    expect(await client.fetchIndexOHLCV(BTC, "1m")).toEqual([candle]);
    expect(await client.fetchPremiumIndexOHLCV(BTC, "1m")).toEqual([[openAt, 0, 0, 0, 0, 0]]);
    const weeks = await client.fetchOHLCV(BTC, "1w");
    // 2025-05-01 is a Thursday.
    expect(weeks.map(([at, ...prices]) => [at, prices.slice(0, 4)])).toEqual([
      [Date.parse("2025-04-28T00:00:00Z"), [50_000, 50_050, 49_950, 50_020]],
    ]);
  });

  it("tells open interest: what clients hold of each other and of the market", async () => {
    const open = async (): Promise<unknown> =>
      (await client.fapiPublicGetOpenInterest({ symbol: "BTCUSDT" }))["openInterest"];
    expect(await open()).toBe("0.000");
    await client.createOrder(BTC, "market", "buy", 0.02);
    expect(await open()).toBe("0.020");
    await client.createOrder(BTC, "market", "sell", 0.005);
    expect(await open()).toBe("0.015");
  });
});
