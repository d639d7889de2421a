import { describe, expect, it } from "vitest";
import { value } from "../../src/core/units.ts";
import type { VenueEvent } from "../../src/venue/exchange.ts";
import { exchangeOf, limit, market, runOut, scripted, USDT, yes } from "./scripted-market.ts";

const words = (told: readonly VenueEvent[]): string[] =>
  told.flatMap((event): string[] => {
    switch (event.type) {
      case "order":
        return [`${event.order.origin} ${event.change} ${event.order.status}`];
      case "account":
        return event.reason === "order" ? [] : [`account ${event.reason}`];
      case "marginCall":
        return ["margin call"];
      default:
        return [];
    }
  });

describe("liquidation", () => {
  it("isolated: a falling price calls for margin, then takes the position at the formula's price, and nothing else", () => {
    const { exchange, told } = exchangeOf(scripted([60_000, 59_000, 54_290, 54_000]), {
      accounts: [{ id: "a", deposit: value(10_000 * USDT), leverage: 10, marginMode: "isolated" }],
    });
    yes(exchange.place("a", market("buy", 100)));
    yes(exchange.place("a", limit("buy", 58_000, 2, { clientId: "far" })));
    exchange.cancel("a", "BTCUSDT", { clientId: "far" });
    yes(exchange.place("a", limit("sell", 61_000, 40, { clientId: "tp", reduceOnly: true })));
    const [position] = exchange.positions("a");
    const crossBefore = exchange.balance("a").crossWallet;
    const liquidation = position?.liquidation ?? 0;
    expect(position).toMatchObject({ lots: 100, marginMode: "isolated", leverage: 10 });
    expect(liquidation).toBeGreaterThan(542_000);
    expect(liquidation).toBeLessThan(544_500);
    told.length = 0;
    runOut(exchange);
    const forced = told.flatMap((event) =>
      event.type === "order" && event.order.origin === "liquidation" ? [event] : [],
    );
    expect(words(told)).toEqual([
      "margin call",
      "client EXPIRED expired",
      "liquidation NEW new",
      "liquidation CALCULATED filled",
      "account liquidation",
    ]);
    expect(forced[0]?.order.clientId).toMatch(/^autoclose-\d{13,}$/);
    const fill = forced[1]?.trade;
    // It trades at the bid the very moment the mark has passed the price, which is rounded towards the mark.
    expect(fill).toMatchObject({ price: liquidation - 1, lots: 100, side: "sell" });
    expect(fill?.fee).toBe(Math.round(((liquidation - 1) / 10) * 0.1 * 0.0125 * USDT));
    expect(exchange.positions("a")[0]).toMatchObject({ lots: 0, isolatedWallet: 0, liquidation: undefined });
    // The fee was more than was left: the insurance fund paid the rest, the cross wallet lost nothing.
    expect(exchange.balance("a").crossWallet).toBe(crossBefore);
    expect(exchange.income("a", {}).map((line) => line.type)).toContain("insurance");
    expect(exchange.validate()).toEqual([]);
  });

  it("isolated: a gap far through the price still costs no more than the position's own wallet", () => {
    const { exchange } = exchangeOf(scripted([60_000, { price: 40_000, mark: 60_000 }, 40_000]), {
      accounts: [{ id: "a", deposit: value(10_000 * USDT), leverage: 10, marginMode: "isolated" }],
    });
    yes(exchange.place("a", market("buy", 100)));
    const before = exchange.balance("a").crossWallet;
    runOut(exchange);
    expect(exchange.positions("a")[0]?.lots).toBe(0);
    expect(exchange.balance("a").wallet).toBe(before);
    expect(exchange.validate()).toEqual([]);
  });

  it("cross: the whole wallet stands behind the position; when it is gone all orders go and the wallet ends at or above zero", () => {
    const { exchange, told } = exchangeOf(scripted([60_000, 57_000, 50_000]), {
      accounts: [{ id: "a", deposit: value(1_000 * USDT), leverage: 20 }],
    });
    yes(exchange.place("a", market("buy", 200)));
    yes(exchange.place("a", limit("sell", 61_000, 100, { reduceOnly: true })));
    expect(exchange.positions("a")[0]?.liquidation).toBeGreaterThan(552_000);
    runOut(exchange);
    expect(exchange.positions("a")[0]?.lots).toBe(0);
    expect(exchange.openOrders("a")).toEqual([]);
    const { wallet, crossWallet } = exchange.balance("a");
    expect(wallet).toBe(crossWallet);
    expect(wallet).toBeGreaterThanOrEqual(0);
    expect(wallet).toBeLessThan(30 * USDT);
    expect(words(told).filter((line) => line.startsWith("liquidation"))).toEqual([
      "liquidation NEW new",
      "liquidation CALCULATED filled",
    ]);
  });

  it("does not touch a position that stays a tick above its price", () => {
    const open = exchangeOf(scripted([60_000]), {
      accounts: [{ id: "a", deposit: value(10_000 * USDT), leverage: 3, marginMode: "isolated" }],
    });
    yes(open.exchange.place("a", market("buy", 100)));
    const liquidation = open.exchange.positions("a")[0]?.liquidation ?? 0;
    const run = (low: number): number => {
      const { exchange } = exchangeOf(scripted([60_000, low]), {
        accounts: [{ id: "a", deposit: value(10_000 * USDT), leverage: 3, marginMode: "isolated" }],
      });
      yes(exchange.place("a", market("buy", 100)));
      runOut(exchange);
      return exchange.positions("a")[0]?.lots ?? -1;
    };
    expect(run((liquidation + 1) / 10)).toBe(100);
    expect(run((liquidation - 1) / 10)).toBe(0);
  });
});
