import { describe, expect, it } from "vitest";
import { millis } from "../../src/core/units.ts";
import { AccountReading } from "../../src/gateways/binance/account-reading.ts";
import { COINM, USDM } from "../../src/gateways/binance/dialect.ts";
import type { Readings } from "../../src/gateways/binance/readings.ts";
import type { ExchangeClient } from "../../src/gateways/exchange-client.ts";
import { NoBudgetError } from "../../src/gateways/exchange-client.ts";
import { BINANCE_WEIGHTS, WeightBudget } from "../../src/gateways/weight-budget.ts";

const DAY = 86_400_000;
const NOW = 1_796_000_000_000;
/** Answers take this long. */
const ROUND_TRIP_MS = 80;
/** Request weight of one page of a history. */
const WEIGHTS = { fapi: [5, 5, 5], dapi: [20, 5, 20] } as const;
const LISTS = ["allOrders", "allAlgoOrders", "userTrades"] as const;

/** An account with so many orders a day in each symbol, at an exchange that counts weight as Binance does. */
function account(dialect: typeof USDM | typeof COINM, ordersPerDay: number, days: number) {
  let now = NOW;
  let minute = -1;
  let used = 0;
  let usedMost = 0;
  const asked = new Map<string, number>();
  const budget = new WeightBudget(BINANCE_WEIGHTS, () => now);
  const from = NOW - days * DAY;
  const page = ({ startTime, endTime, limit }: Record<string, number>, spacing: number): object[] => {
    const rows: object[] = [];
    const first = Math.max(0, Math.ceil(((startTime ?? 0) - from) / spacing));
    for (let id = first; rows.length < (limit ?? 0); id += 1) {
      const at = from + id * spacing;
      if (at > Math.min(endTime ?? 0, NOW)) break;
      rows.push({ orderId: id, algoId: id, id, side: "BUY", time: at, createTime: at, clientOrderId: "" });
    }
    return rows;
  };
  const call = async (name: string, params: object): Promise<unknown> => {
    if (!budget.may("read")) throw new NoBudgetError(budget.why("read"));
    now += ROUND_TRIP_MS;
    asked.set(name, (asked.get(name) ?? 0) + 1);
    if (Math.floor(now / 60_000) !== minute) used = 0;
    minute = Math.floor(now / 60_000);
    const at = LISTS.findIndex((list) => name.endsWith(list));
    used += WEIGHTS[dialect.family][at] ?? 40;
    usedMost = Math.max(usedMost, used);
    budget.told(used);
    if (name === dialect.modeCall) return { dualSidePosition: false };
    return at < 0 ? [] : page(params as Record<string, number>, DAY / ordersPerDay);
  };
  const row = (each: object) => each;
  const reading = new AccountReading({
    account: "main",
    client: { budget, call, now: () => now } as unknown as ExchangeClient,
    clock: {
      now: () => now,
      monotonic: () => now,
      after: (ms, then) => {
        now += ms;
        queueMicrotask(then);
        return () => undefined;
      },
    },
    dialect,
    readings: { order: row, conditional: row, trade: row } as unknown as Readings,
    marketNow: () => NOW,
  });
  return {
    read: (symbols: readonly string[]) => reading.truth(symbols, millis(from), false),
    took: () => now - NOW,
    asked: (end: string) => [...asked].find(([name]) => name.endsWith(end))?.[1] ?? 0,
    usedMost: () => usedMost,
  };
}

describe("an account's history that is more than a minute's request weight", () => {
  it.each([
    ["COIN-M, 150 orders a day", COINM, 150, 1],
    ["USDT-M, twelve symbols", USDM, 50, 12],
  ])(
    "(%s) is read whole, and leaves a part of each minute to the rest",
    async (_what, dialect, ordersPerDay, symbols) => {
      const exchange = account(dialect, ordersPerDay, 88);
      const { truth } = await exchange.read(Array.from({ length: symbols }, (_, at) => `S${at}`));
      expect(truth.fills.length).toBe(symbols * (88 * ordersPerDay + 1));
      expect(exchange.usedMost()).toBeLessThanOrEqual(0.7 * BINANCE_WEIGHTS.perMinute);
      expect(exchange.took()).toBeGreaterThan(60_000);
      expect(exchange.took()).toBeLessThan(10 * 60_000);
      // What was read first is old by then.
      expect(exchange.asked("openOrders")).toBe(2);
    },
  );

  it("a short one asks once, and waits for nothing", async () => {
    const exchange = account(USDM, 50, 5);
    await exchange.read(["S0", "S1"]);
    expect([exchange.asked("openOrders"), exchange.asked("userTrades")]).toEqual([1, 2]);
    expect(exchange.took()).toBeLessThan(2_000);
  });
});
