import { describe, expect, it } from "vitest";
import { lots, millis, rate, value } from "../../src/core/units.ts";
import type { VenueEvent } from "../../src/venue/exchange.ts";
import { BRACKETS } from "../../src/venue/instruments.ts";
import {
  exchangeOf,
  limit,
  MINUTE,
  market,
  reasonOf,
  runOut,
  START,
  scripted,
  stop,
  USDT,
  yes,
} from "./scripted-market.ts";

/** What was told of orders, conditional orders and the instrument, in a line each. */
const words = (told: readonly VenueEvent[]): string[] =>
  told.flatMap((event): string[] => {
    switch (event.type) {
      case "order":
        return [`${event.order.clientId} ${event.change} ${event.order.endReason ?? event.order.status}`];
      case "conditional":
        return [`${event.conditional.clientId} ${event.conditional.status}`];
      case "instrument":
        return [`instrument ${event.what}`];
      default:
        return [];
    }
  });

describe("a coarser tick and lot", () => {
  it("are asked of new orders, leave resting ones alone, and the market's own prices and sizes follow", () => {
    const { exchange, told } = exchangeOf(scripted([60_000, 60_003.3, 59_990]), {
      accounts: [{ id: "a", deposit: value(100_000 * USDT) }],
    });
    yes(exchange.place("a", limit("buy", 59_995.3, 5, { clientId: "old" })));
    exchange.hand.setPriceStep("BTCUSDT", 5);
    exchange.hand.setLotStep("BTCUSDT", 10);
    expect([exchange.priceStep("BTCUSDT"), exchange.lotStep("BTCUSDT")]).toEqual([5, 10]);
    expect(words(told)).toEqual(["old NEW new", "instrument filters", "instrument filters"]);
    const why = (price: number, count: number): string =>
      reasonOf(exchange.place("a", limit("buy", price, count)));
    expect(why(59_990.1, 10)).toBe("priceNotOnTick");
    expect(why(59_990, 15)).toBe("quantityNotOnLot");
    expect(why(59_980, 20)).toBe("accepted");
    expect(reasonOf(exchange.placeConditional("a", stop("sell", 59_000.2, 10)))).toBe("priceNotOnTick");
    exchange.step(millis(START + MINUTE));
    const { bids, asks } = exchange.depth("BTCUSDT", 20);
    const seeded = [...bids, ...asks].filter(({ price }) => price !== 599_953);
    expect(seeded.length).toBe(39);
    expect(seeded.filter(({ price, lots: size }) => price % 5 !== 0 || size % 10 !== 0)).toEqual([]);
    expect(exchange.validate()).toEqual([]);
    runOut(exchange);
    // The old order was in the path's way, at its own price.
    expect(exchange.order("a", "BTCUSDT", { clientId: "old" })?.status).toBe("filled");
    const trades = exchange.trades("a", {});
    expect(trades[0]).toMatchObject({ price: 599_953, lots: 5 });
    // A whole position may go though it is no whole number of the new lots.
    yes(exchange.placeConditional("a", stop("buy", 1_000, "all", { kind: "takeProfitMarket" })));
    expect(reasonOf(exchange.place("a", market("sell", 5, { reduceOnly: true })))).toBe("quantityNotOnLot");
  });

  it("an odd remainder goes with closePosition", () => {
    const { exchange } = exchangeOf(scripted([60_000, 59_000]));
    yes(exchange.place("a", market("buy", 7)));
    exchange.hand.setLotStep("BTCUSDT", 5);
    yes(exchange.placeConditional("a", stop("sell", 59_500, "all")));
    runOut(exchange);
    expect(exchange.positions("a")[0]?.lots).toBe(0);
  });
});

describe("changed tiers", () => {
  it("are asked of everybody at once: who no longer has the margin is liquidated", () => {
    const { exchange, told } = exchangeOf(scripted([60_000, 60_000]), {
      accounts: [
        { id: "thin", deposit: value(1_000 * USDT), leverage: 100 },
        { id: "rich", deposit: value(100_000 * USDT), leverage: 100 },
      ],
    });
    for (const account of ["thin", "rich"]) yes(exchange.place(account, market("buy", 1_000)));
    told.length = 0;
    const tiers = (BRACKETS["BTCUSDT"] ?? []).map((tier) => ({ ...tier, maintenance: rate(5_000_000) }));
    exchange.hand.setBrackets("BTCUSDT", tiers.slice(0, 1));
    expect(exchange.positions("thin")[0]?.lots).toBe(0);
    expect(exchange.positions("rich")[0]?.maintenanceMargin).toBe(3_000 * USDT);
    expect(words(told)[0]).toBe("instrument brackets");
    expect(exchange.brackets("BTCUSDT")).toHaveLength(1);
    expect(exchange.validate()).toEqual([]);
  });
});

describe("the end of an instrument", () => {
  it("refuses increases once announced, lets positions shrink, then expires every order and settles at the mark", () => {
    const { exchange, told } = exchangeOf(
      scripted([60_000, 60_500, { price: 60_900, mark: 61_000 }, 61_000, 62_000]),
    );
    yes(exchange.place("a", market("buy", 20)));
    yes(exchange.place("a", limit("buy", 59_000, 2, { clientId: "entry" })));
    yes(exchange.place("a", limit("sell", 62_000, 10, { clientId: "tp", reduceOnly: true })));
    yes(exchange.placeConditional("a", stop("sell", 58_000, 10, { clientId: "sl" })));
    told.length = 0;
    exchange.hand.delist("BTCUSDT", millis(START + 2 * MINUTE + 1));
    expect([exchange.status("BTCUSDT"), exchange.delistsAt("BTCUSDT")]).toEqual([
      "settling",
      START + 2 * MINUTE + 1,
    ]);
    expect(reasonOf(exchange.place("a", market("buy", 2)))).toBe("instrumentSettling");
    expect(reasonOf(exchange.place("a", limit("sell", 61_000, 30)))).toBe("instrumentSettling");
    yes(exchange.place("a", market("sell", 5, { clientId: "less", reduceOnly: true })));
    expect(reasonOf(exchange.placeConditional("a", stop("buy", 61_500, 2, { reduceOnly: false })))).toBe(
      "instrumentSettling",
    );
    const paid = exchange.balance("a").fees;
    expect(exchange.nextStepAt()).toBe(START + MINUTE);
    exchange.step(millis(START + 3 * MINUTE));
    exchange.step(millis(START + 3 * MINUTE));
    expect(exchange.nextStepAt()).toBe(START + 2 * MINUTE + 1);
    exchange.step(millis(START + 3 * MINUTE));
    const settled = words(told).slice(4);
    expect(words(told).slice(0, 4)).toEqual([
      "instrument status",
      "less NEW new",
      "less TRADE filled",
      "sl expired",
    ]);
    const id = settled[2]?.split(" ")[0] ?? "";
    expect(id).toMatch(/^settlement_autoclose-\d{13,}$/);
    expect(settled).toEqual([
      "entry EXPIRED delisting",
      "tp EXPIRED delisting",
      `${id} NEW new`,
      `${id} CALCULATED filled`,
      "instrument status",
    ]);
    expect(exchange.conditional("a", { clientId: "sl" })?.endReason).toBe("delisting");
    const order = exchange.order("a", "BTCUSDT", { clientId: id });
    expect(order).toMatchObject({ origin: "settlement", filled: 15 });
    expect(exchange.trades("a", {}).at(-1)).toMatchObject({ price: 610_000, lots: 15, fee: 0 });
    expect(exchange.balance("a").fees).toBe(paid);
    expect(exchange.status("BTCUSDT")).toBe("closed");
    expect(reasonOf(exchange.place("a", market("sell", 2)))).toBe("instrumentClosed");
    expect(reasonOf(exchange.placeConditional("a", stop("sell", 58_000, 2)))).toBe("instrumentClosed");
    told.length = 0;
    runOut(exchange);
    // It is silent from then on.
    expect(told.map(({ type }) => type)).toEqual(["ended"]);
    expect(exchange.validate()).toEqual([]);
  });

  it("ends both books of a hedge, an isolated position with its margin", () => {
    const { exchange } = exchangeOf(scripted([60_000, 60_100, 60_100]), {
      accounts: [{ id: "a", deposit: value(10_000 * USDT), hedgeMode: true, marginMode: "isolated" }],
    });
    yes(exchange.place("a", market("buy", 20, { positionSide: "long" })));
    yes(exchange.place("a", market("sell", 30, { positionSide: "short" })));
    exchange.hand.delist("BTCUSDT", millis(START + MINUTE));
    runOut(exchange);
    expect(exchange.positions("a").map((each) => [each.lots, each.isolatedWallet])).toEqual([
      [0, 0],
      [0, 0],
    ]);
    const { wallet, crossWallet, realized } = exchange.balance("a");
    expect(wallet).toBe(crossWallet);
    expect(realized).toBeLessThan(0);
    expect(exchange.validate()).toEqual([]);
  });
});

describe("deleveraging", () => {
  it("closes part of a book at the mark without a fee, under Binance's id, and cuts its reducers", () => {
    const { exchange, told } = exchangeOf(scripted([{ price: 60_000, mark: 60_050 }]), {
      accounts: [{ id: "a", deposit: value(10_000 * USDT), marginMode: "isolated", leverage: 10 }],
    });
    yes(exchange.place("a", market("buy", 20)));
    yes(exchange.place("a", limit("sell", 61_000, 20, { clientId: "tp", reduceOnly: true })));
    const before = exchange.balance("a");
    const { isolatedWallet: held = 0, cost = 0 } = exchange.positions("a")[0] ?? {};
    told.length = 0;
    exchange.hand.deleverage("a", "BTCUSDT", "both", lots(15));
    expect(words(told)).toEqual([
      "adl_autoclose NEW new",
      "adl_autoclose CALCULATED filled",
      "tp AMENDMENT new",
    ]);
    expect(exchange.trades("a", {}).at(-1)).toMatchObject({ price: 600_500, lots: 15, fee: 0, side: "sell" });
    expect(exchange.order("a", "BTCUSDT", { clientId: "adl_autoclose" })?.origin).toBe("adl");
    expect(exchange.positions("a")[0]).toMatchObject({ lots: 5, isolatedWallet: held / 4, cost: cost / 4 });
    const after = exchange.balance("a");
    expect(after.wallet - before.wallet).toBe(after.realized - before.realized);
    exchange.hand.deleverage("a", "BTCUSDT", "both", lots(500));
    exchange.hand.deleverage("a", "BTCUSDT", "both", lots(500));
    expect(exchange.positions("a")[0]?.lots).toBe(0);
    expect(
      exchange.orderHistory("a", {}).map((each) => [each.clientId, each.status, each.endReason]),
    ).toEqual([
      [expect.any(String), "filled", undefined],
      ["tp", "expired", "reduceOnly"],
      ["adl_autoclose", "filled", undefined],
      ["adl_autoclose", "filled", undefined],
    ]);
    expect(exchange.validate()).toEqual([]);
  });
});

describe("refused stops", () => {
  it("are refused at placement as often as said; take profits are not", () => {
    const { exchange } = exchangeOf(scripted([60_000]));
    yes(exchange.place("a", market("buy", 20)));
    exchange.hand.refuseStops("a", "placed", 2);
    const why = (clientId: string, kind: "stopMarket" | "takeProfitMarket"): string => {
      const trigger = kind === "stopMarket" ? 59_000 : 61_000;
      return reasonOf(exchange.placeConditional("a", stop("sell", trigger, 5, { clientId, kind })));
    };
    expect([
      why("a", "stopMarket"),
      why("t", "takeProfitMarket"),
      why("a", "stopMarket"),
      why("a", "stopMarket"),
    ]).toEqual(["stopRefused", "accepted", "stopRefused", "accepted"]);
  });

  it("or when they trigger: the position stays as it was", () => {
    const { exchange, told } = exchangeOf(scripted([60_000, 59_000]));
    yes(exchange.place("a", market("buy", 20)));
    yes(exchange.placeConditional("a", stop("sell", 59_800, 5, { clientId: "first" })));
    yes(exchange.placeConditional("a", stop("sell", 59_700, 5, { clientId: "second" })));
    exchange.hand.refuseStops("a", "triggered", 1);
    told.length = 0;
    runOut(exchange);
    expect(words(told)).toEqual([
      "first triggering",
      "first rejected",
      "second triggering",
      "second triggered",
      "second NEW new",
      "second TRADE filled",
      "second finished",
    ]);
    expect(exchange.conditional("a", { clientId: "first" })?.rejectReason).toBe("stopRefused");
    expect(exchange.positions("a")[0]?.lots).toBe(15);
  });
});

describe("changed rules", () => {
  it("hold from then on: a fee in the maintenance margin brings the liquidation price nearer", () => {
    const { exchange } = exchangeOf(scripted([60_000]), {
      accounts: [{ id: "a", deposit: value(10_000 * USDT), leverage: 10, marginMode: "isolated" }],
    });
    yes(exchange.place("a", market("buy", 100)));
    const [before] = exchange.positions("a");
    exchange.hand.setRules({ closeFeeInMaintenance: rate(50_000) });
    const [after] = exchange.positions("a");
    const fee = 60_000 * 0.1 * 0.0005 * USDT;
    expect((after?.maintenanceMargin ?? 0) - (before?.maintenanceMargin ?? 0)).toBe(fee);
    const part = (before?.liquidation ?? 0) / (after?.liquidation ?? 1);
    expect(part).toBeCloseTo((1 - 0.004 - 0.0005) / (1 - 0.004), 5);
  });
});
