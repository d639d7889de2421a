/**
 * A venue for measuring: quotes BTCUSDT a given number of times a second, each time at another price, and tells how long
 * after a quote's frame left the order arrived that was made for it (the order's price says which). Runs as a child
 * process: argv = quotes a second; prints `{"port": N}`, then on SIGTERM the latencies by client as JSON.
 */

import { simKeys } from "../../src/cli/sim-keys.ts";
import { lots, type Millis, millis, type Ticks, ticks, value } from "../../src/core/units.ts";
import { createExchange } from "../../src/venue/built-in-exchange.ts";
import { CALM, type Weather } from "../../src/venue/faults/weather.ts";
import { BRACKETS, INSTRUMENTS } from "../../src/venue/instruments.ts";
import type { MarketPoint, MarketSource } from "../../src/venue/market-source.ts";
import { startServer } from "../../src/venue/web/server.ts";
import { BARE_KEYS, BELOW } from "./pulse-ticks.ts";

const PER_SECOND = Number(process.argv[2] ?? 500);
const MIDDLE = 600_000;
const SWING = 3_000;

/** A price that walks up and down tick by tick: no two frames within some seconds have the same. */
class SawMarket implements MarketSource {
  readonly instruments = ["BTCUSDT"];
  readonly candleMs = 60_000;
  #at = 1_746_057_600_000;
  #step = 0;

  nextAt(): Millis {
    return millis(this.#at);
  }
  next(): MarketPoint {
    const within = this.#step % (2 * SWING);
    const price: Ticks = ticks(MIDDLE + (within < SWING ? within : 2 * SWING - within));
    this.#step += 1;
    const openAt = this.#at - (this.#at % 60_000);
    const point = {
      instrument: "BTCUSDT",
      at: millis(this.#at),
      price,
      lots: lots(1),
      candleLots: lots(1_000),
      candleOpenAt: millis(openAt),
      candleCloseAt: millis(openAt + 59_999),
      isLast: false,
    };
    this.#at += 2;
    return point;
  }
}

const exchange = createExchange({
  instruments: INSTRUMENTS.filter(({ id }) => id === "BTCUSDT"),
  brackets: BRACKETS,
  market: new SawMarket(),
  accounts: ["main", "bare"].map((id) => ({ id, deposit: value(100_000_000_000_000) })),
  seed: 1,
});
const now = (): number => Number(process.hrtime.bigint()) / 1e6;
const sentAt = new Map<number, number>();
const latencies: Record<string, number[]> = {};
let lastBid = 0;
const weather: Weather = {
  ...CALM,
  frame: (seen) => {
    if (seen.stream === "btcusdt@bookTicker") {
      if (!sentAt.has(lastBid)) sentAt.set(lastBid, now());
    }
    return CALM.frame(seen);
  },
};
// The book's changes are worked out for those who follow it: here nobody does.
const NO_DEPTH = { depth: false };
exchange.listen((event) => {
  // A quote with the same bid and another ask is no new price to answer.
  if (event.type === "top" && event.bid !== lastBid) {
    lastBid = event.bid;
    sentAt.delete(event.bid);
  }
  if (event.type !== "order" || event.change !== "NEW") return;
  const sent = sentAt.get((event.order.request.price ?? 0) + BELOW);
  if (sent === undefined) return;
  const client = event.order.account;
  latencies[client] ??= [];
  latencies[client].push(now() - sent);
}, NO_DEPTH);
const { keys } = simKeys({});
const server = await startServer({
  exchange,
  keys: [
    { ...keys, account: "main" },
    { ...BARE_KEYS, account: "bare" },
  ],
  // Two market milliseconds a quote.
  speed: (PER_SECOND * 2) / 1_000,
  wall: { now: Date.now, setTimeout, clearTimeout },
  limits: { weightPerMinute: 1e9, ordersPerTenSeconds: 1e9, ordersPerMinute: 1e9 },
  weather,
});
process.stdout.write(`${JSON.stringify({ port: server.port })}\n`);
process.on("SIGTERM", () => {
  process.stdout.write(`${JSON.stringify(latencies)}\n`, () => process.exit(0));
});
