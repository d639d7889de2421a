import { describe, expect, it } from "vitest";
import { millis, rate, value } from "../../src/core/units.ts";
import { exchangeOf, MINUTE, market, START, scripted, USDT, yes } from "./scripted-market.ts";

const EIGHT_HOURS = 8 * 3_600_000;

describe("funding", () => {
  it("comes at 0, 8 and 16 o'clock at the mark of that moment: longs pay what shorts receive", () => {
    const prices = Array.from({ length: 20 }, (_, minute) => 60_000 + minute);
    const { exchange, told } = exchangeOf(
      scripted(prices, { startAt: START + EIGHT_HOURS - 10 * MINUTE, rate: rate(10_000) }),
      {
        accounts: [
          { id: "a", deposit: value(10_000 * USDT) },
          { id: "b", deposit: value(10_000 * USDT), marginMode: "isolated" },
        ],
      },
    );
    yes(exchange.place("a", market("buy", 100)));
    yes(exchange.place("b", market("sell", 50)));
    const isolated = exchange.positions("b")[0]?.isolatedWallet ?? 0;
    while (exchange.step(millis(START + EIGHT_HOURS - 1)));
    expect(exchange.balance("a").funding).toBe(0);
    told.length = 0;
    expect(exchange.nextStepAt()).toBe(START + EIGHT_HOURS);
    expect(exchange.step(millis(START + EIGHT_HOURS))).toBe(true);
    // The mark is still the last one before the hour: 60,009. 0.1 BTC x 60,009 x 0.01 %.
    expect(exchange.balance("a").funding).toBe(-0.60009 * USDT);
    expect(exchange.balance("b").funding).toBe(0.300045 * USDT);
    expect(exchange.positions("b")[0]?.isolatedWallet).toBe(isolated + 0.300045 * USDT);
    expect(
      told.flatMap((event) => (event.type === "account" ? [[event.account, event.balanceChange]] : [])),
    ).toEqual([
      ["a", -0.60009 * USDT],
      ["b", 0.300045 * USDT],
    ]);
    expect(exchange.fundingHistory("BTCUSDT", {})).toEqual([
      { at: START + EIGHT_HOURS, rate: 10_000, mark: 600_090 },
    ]);
    while (exchange.step(millis(START + 2 * EIGHT_HOURS)));
    expect(exchange.income("a", {}).filter((line) => line.type === "funding")).toHaveLength(1);
    expect(exchange.validate()).toEqual([]);
  });

  it("turns round with a negative rate", () => {
    const { exchange } = exchangeOf(scripted([60_000, 60_000, 60_000], { rate: rate(-20_000) }), {
      rules: { fundingIntervalMs: MINUTE },
    });
    yes(exchange.place("a", market("buy", 100)));
    exchange.step(millis(START + MINUTE));
    expect(exchange.balance("a").funding).toBe(1.2 * USDT);
  });
});
