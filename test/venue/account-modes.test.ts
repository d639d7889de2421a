import { describe, expect, it } from "vitest";
import { value } from "../../src/core/units.ts";
import { exchangeOf, limit, market, reasonOf, runOut, scripted, USDT, yes } from "./scripted-market.ts";

describe("hedge mode", () => {
  it("keeps a long and a short side by side; closing one leaves the other alone and never flips", () => {
    const { exchange } = exchangeOf(scripted([60_000, 60_100, 60_200]), {
      accounts: [{ id: "a", deposit: value(10_000 * USDT), hedgeMode: true }],
    });
    yes(exchange.place("a", market("buy", 10, { positionSide: "long" })));
    yes(exchange.place("a", market("sell", 4, { positionSide: "short" })));
    const shape = (): unknown[] =>
      exchange.positions("a").map(({ positionSide, lots }) => [positionSide, lots]);
    expect(shape()).toEqual([
      ["long", 10],
      ["short", -4],
    ]);
    const [long, short] = exchange.positions("a");
    expect(long?.liquidation).toBe(short?.liquidation);
    expect(reasonOf(exchange.place("a", market("buy", 4)))).toBe("positionSideMismatch");
    expect(reasonOf(exchange.place("a", market("sell", 4, { positionSide: "long", reduceOnly: true })))).toBe(
      "reduceOnlyRejected",
    );
    expect(reasonOf(exchange.place("a", market("sell", 11, { positionSide: "long" })))).toBe(
      "reduceOnlyRejected",
    );
    yes(exchange.place("a", limit("sell", 60_150, 8, { positionSide: "long" })));
    expect(reasonOf(exchange.place("a", market("sell", 3, { positionSide: "long" })))).toBe(
      "reduceOnlyConflict",
    );
    yes(exchange.place("a", market("buy", 4, { positionSide: "short" })));
    runOut(exchange);
    expect(shape()).toEqual([
      ["long", 2],
      ["short", 0],
    ]);
    expect(exchange.validate()).toEqual([]);
  });

  it("can only be switched while nothing is open", () => {
    const { exchange, told } = exchangeOf(scripted([60_000]));
    expect(reasonOf(exchange.setHedgeMode("a", false))).toBe("noChangeNeeded");
    yes(exchange.place("a", limit("buy", 59_000, 5, { clientId: "x" })));
    expect(reasonOf(exchange.setHedgeMode("a", true))).toBe("openOrdersOrPositionsExist");
    yes(exchange.cancel("a", "BTCUSDT", { clientId: "x" }));
    yes(exchange.setHedgeMode("a", true));
    expect(exchange.isHedgeMode("a")).toBe(true);
    expect(told.filter((event) => event.type === "config")).toMatchObject([
      { account: "a", hedgeMode: true },
    ]);
  });
});

describe("margin", () => {
  it("holds initial margin for the position and for the worse side of the orders, and gives it back", () => {
    const { exchange } = exchangeOf(scripted([60_000, 60_000]), {
      accounts: [{ id: "a", deposit: value(10_000 * USDT), leverage: 10 }],
    });
    yes(exchange.place("a", limit("buy", 59_000, 100, { clientId: "low" })));
    yes(exchange.place("a", limit("sell", 61_000, 50)));
    expect(exchange.balance("a")).toMatchObject({
      positionInitialMargin: 0,
      orderInitialMargin: 590 * USDT,
      available: 9_410 * USDT,
    });
    yes(exchange.place("a", market("buy", 100)));
    expect(exchange.balance("a").positionInitialMargin).toBe(600 * USDT);
    expect(exchange.balance("a").orderInitialMargin).toBe(590 * USDT);
    yes(exchange.cancel("a", "BTCUSDT", { clientId: "low" }));
    // 0.05 BTC of sells against 0.1 BTC of long need nothing.
    expect(exchange.balance("a").orderInitialMargin).toBe(0);
  });

  it("isolated: opening brings the margin along, adding and removing obey its floor", () => {
    const { exchange } = exchangeOf(scripted([60_000, 60_000]), {
      accounts: [{ id: "a", deposit: value(10_000 * USDT), leverage: 10, marginMode: "isolated" }],
    });
    yes(exchange.place("a", market("buy", 100)));
    const wallet = exchange.positions("a")[0]?.isolatedWallet ?? 0;
    expect(wallet / USDT).toBeCloseTo(600 - 3, 1);
    expect(reasonOf(exchange.changeIsolatedMargin("a", "BTCUSDT", "both", value(-1)))).toBe(
      "marginCannotBeReduced",
    );
    yes(exchange.changeIsolatedMargin("a", "BTCUSDT", "both", value(1_000 * USDT)));
    expect(exchange.positions("a")[0]?.isolatedWallet).toBe(wallet + 1_000 * USDT);
    yes(exchange.changeIsolatedMargin("a", "BTCUSDT", "both", value(-900 * USDT)));
    expect(reasonOf(exchange.changeIsolatedMargin("a", "BTCUSDT", "both", value(90_000 * USDT)))).toBe(
      "marginInsufficient",
    );
    expect(reasonOf(exchange.setMarginMode("a", "BTCUSDT", "cross"))).toBe("openOrdersOrPositionsExist");
    expect(reasonOf(exchange.setLeverage("a", "BTCUSDT", 5))).toBe("leverageReductionRefused");
    expect(reasonOf(exchange.setLeverage("a", "BTCUSDT", 151))).toBe("leverageNotAllowed");
    yes(exchange.place("a", market("sell", 100, { reduceOnly: true })));
    expect(exchange.positions("a")[0]).toMatchObject({ lots: 0, isolatedWallet: 0 });
    yes(exchange.setMarginMode("a", "BTCUSDT", "cross"));
    expect(exchange.validate()).toEqual([]);
  });

  it("limits a position to what its leverage's tier allows", () => {
    const { exchange } = exchangeOf(scripted([60_000], { volume: 10_000_000 }), {
      accounts: [{ id: "a", deposit: value(1_000_000 * USDT), leverage: 150 }],
    });
    expect(reasonOf(exchange.place("a", limit("buy", 59_000, 6_000)))).toBe("leverageNotAllowed");
    yes(exchange.setLeverage("a", "BTCUSDT", 75));
    yes(exchange.place("a", limit("buy", 59_000, 6_000)));
    expect(reasonOf(exchange.setLeverage("a", "BTCUSDT", 150))).toBe("leverageNotAllowed");
  });
});
