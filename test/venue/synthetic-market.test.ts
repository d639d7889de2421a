import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { lots, millis, ticks, value } from "../../src/core/units.ts";
import { createExchange } from "../../src/venue/built-in-exchange.ts";
import type { Exchange } from "../../src/venue/exchange.ts";
import { BRACKETS, INSTRUMENTS } from "../../src/venue/instruments.ts";
import { SYNTHETIC_START, syntheticMarket } from "../../src/venue/synthetic-market.ts";
import { BTC, limit, USDT, yes } from "./scripted-market.ts";

const HOUR = 3_600_000;

function opened(seed: number, instruments = [BTC]): Exchange {
  return createExchange({
    instruments,
    brackets: BRACKETS,
    market: syntheticMarket({ seed, instruments }),
    accounts: [{ id: "a", deposit: value(10_000 * USDT), leverage: 3, marginMode: "isolated" }],
    seed,
  });
}

/** A small buy grid of its own: steps of 0.1 %, take profit 0.2 %, four entries; returns the cycles it closed in an hour. */
function gridHour(seed: number): { readonly cycles: number; readonly hash: string } {
  const exchange = opened(seed);
  const hash = createHash("sha256");
  let cycles = 0;
  exchange.listen((event) => {
    hash.update(JSON.stringify(event));
    if (event.type !== "order" || event.order.status !== "filled" || event.trade === undefined) return;
    if (event.order.request.side === "sell") {
      cycles += 1;
      return;
    }
    const rung = Number(event.order.clientId);
    yes(
      exchange.place(
        "a",
        limit("sell", Math.round(rung * 1.002) / 10, 2, { clientId: `t${rung}`, reduceOnly: true }),
      ),
    );
  });
  while (exchange.step(millis(SYNTHETIC_START + HOUR))) {
    const bid = exchange.depth("BTCUSDT", 1).bids[0]?.price ?? 0;
    const open = new Set(exchange.openOrders("a").map((order) => order.clientId));
    for (let rung = Math.floor(bid / 600); rung > Math.floor(bid / 600) - 4; rung -= 1) {
      const price = rung * 600;
      if (open.has(`${price}`) || open.has(`t${price}`)) continue;
      exchange.place("a", limit("buy", price / 10, 2, { clientId: `${price}`, timeInForce: "GTX" }));
    }
    expect(exchange.positions("a")[0]?.lots).toBeGreaterThanOrEqual(0);
  }
  expect(exchange.validate()).toEqual([]);
  return { cycles, hash: hash.digest("hex") };
}

describe("the synthetic market", () => {
  it.each([1, 2, 3, 4, 5])("gives a tight grid well over ten cycles in the first hour (seed %d)", (seed) => {
    expect(gridHour(seed).cycles).toBeGreaterThanOrEqual(20);
  });

  it("tells the very same events for the same seed, and others for another", () => {
    const [first, again, other] = [gridHour(1), gridHour(1), gridHour(2)];
    expect(again.hash).toBe(first.hash);
    expect(other.hash).not.toBe(first.hash);
  });

  it("opens BTCUSDT at 60,000, ranges first, and crashes now and then without running away", () => {
    const market = syntheticMarket({ seed: 1, instruments: [BTC] });
    const closes: number[] = [];
    const first = market.next();
    expect(first).toMatchObject({ at: SYNTHETIC_START, price: 600_000 });
    while ((market.nextAt() ?? 0) < SYNTHETIC_START + 30 * 24 * HOUR) {
      const point = market.next();
      if (point?.isLast) closes.push(point.price / 10);
    }
    const early = closes.slice(0, 90);
    expect(Math.min(...early)).toBeGreaterThan(58_500);
    expect(Math.max(...early)).toBeLessThan(61_500);
    const falls = closes.map((close, at) => 1 - close / (closes[at - 15] ?? close));
    expect(Math.max(...falls)).toBeGreaterThan(0.035);
    expect(Math.min(...closes)).toBeGreaterThan(35_000);
    expect(Math.max(...closes)).toBeLessThan(95_000);
  });

  it("walks several instruments side by side in the order of time", () => {
    const exchange = opened(1, [...INSTRUMENTS]);
    let last = 0;
    const seen = new Set<string>();
    exchange.listen((event) => {
      expect(event.at).toBeGreaterThanOrEqual(last);
      last = event.at;
      if (event.type === "trade") seen.add(event.instrument);
    });
    while (exchange.step(millis(SYNTHETIC_START + HOUR)));
    expect([...seen].sort()).toEqual(["BTCUSDT", "ETHUSDT", "SOLUSDT"]);
    for (const { id } of INSTRUMENTS) expect(exchange.candlesWalked(id)).toBe(60);
  });
});

describe("the depth stream", () => {
  it("leads from a snapshot to the book as it stands, without a hole in its numbers", () => {
    const exchange = opened(3);
    const books = { bids: new Map<number, number>(), asks: new Map<number, number>() };
    let previous: number | undefined;
    exchange.listen((event) => {
      if (event.type !== "depth") return;
      if (previous !== undefined) expect(event.previousUpdateId).toBe(previous);
      expect(event.firstUpdateId).toBe(event.previousUpdateId + 1);
      previous = event.lastUpdateId;
      for (const side of ["bids", "asks"] as const) {
        for (const level of event[side]) {
          if (level.lots === 0) books[side].delete(level.price);
          else books[side].set(level.price, level.lots);
        }
      }
    });
    while (exchange.step(millis(SYNTHETIC_START + HOUR / 4)));
    exchange.place("a", {
      ...limit("buy", 59_000, 5),
      price: ticks((exchange.depth("BTCUSDT", 1).bids[0]?.price ?? 0) - 3),
      lots: lots(7),
    });
    const now = exchange.depth("BTCUSDT", 1000);
    expect(now.lastUpdateId).toBe(previous);
    for (const side of ["bids", "asks"] as const) {
      expect(new Map(now[side].map((level) => [level.price, level.lots]))).toEqual(books[side]);
    }
  });
});
