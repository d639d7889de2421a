import { describe, expect, it } from "vitest";
import { millis, value } from "../../src/core/units.ts";
import type { Exchange, VenueEvent } from "../../src/venue/exchange.ts";
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

const lifeOf = (told: readonly VenueEvent[]): string[] =>
  told.flatMap((event) => (event.type === "conditional" ? [event.conditional.status] : []));

const held = (exchange: Exchange): number => exchange.positions("a")[0]?.lots ?? Number.NaN;

describe("conditional orders", () => {
  it("go new, triggering, triggered, finished, and the spawned order carries the client's id", () => {
    const { exchange, told } = exchangeOf(scripted([60_000, 59_000]));
    yes(exchange.place("a", market("buy", 10)));
    const armed = yes(exchange.placeConditional("a", stop("sell", 59_500, 10, { clientId: "sl" })));
    runOut(exchange);
    expect(lifeOf(told)).toEqual(["new", "triggering", "triggered", "finished"]);
    const done = exchange.conditional("a", { conditionalId: armed.conditionalId });
    const order = exchange.order("a", "BTCUSDT", { clientId: "sl" });
    expect(done).toMatchObject({ status: "finished", spawnedOrderId: order?.orderId });
    expect(order).toMatchObject({ status: "filled", conditionalId: armed.conditionalId, filled: 10 });
    // Sold where it triggered, not where the minute ended.
    expect(exchange.trades("a", {}).at(-1)).toMatchObject({ price: 595_000, lots: 10 });
    expect(held(exchange)).toBe(0);
    expect(exchange.openConditionals("a")).toEqual([]);
  });

  it("work on the mark or on the traded price, as asked", () => {
    const spike = [60_000, { price: 59_000, mark: 60_000 }, 60_000] as const;
    const run = (workingType: "mark" | "contract"): string[] => {
      const { exchange, told } = exchangeOf(scripted(spike));
      yes(exchange.place("a", market("buy", 10)));
      yes(exchange.placeConditional("a", stop("sell", 59_500, 10, { workingType })));
      runOut(exchange);
      return lifeOf(told);
    };
    expect(run("mark")).toEqual(["new"]);
    expect(run("contract")).toEqual(["new", "triggering", "triggered", "finished"]);
  });

  it("a stop limit rests at its price and is finished only when that fills", () => {
    const { exchange, told } = exchangeOf(scripted([60_000, 59_400, 59_700]));
    yes(exchange.place("a", market("buy", 10)));
    const request = stop("sell", 59_500, 10, {
      kind: "stop",
      price: limit("sell", 59_600, 1).price ?? (0 as never),
    });
    yes(exchange.placeConditional("a", request));
    exchange.step(millis(START + MINUTE));
    expect(lifeOf(told)).toEqual(["new", "triggering", "triggered"]);
    expect(exchange.openOrders("a")).toMatchObject([{ request: { kind: "limit", price: 596_000 } }]);
    exchange.step(millis(START + 2 * MINUTE));
    expect(lifeOf(told).at(-1)).toBe("finished");
    expect(held(exchange)).toBe(0);
  });

  it("a take profit fires on the other side of the price", () => {
    const { exchange } = exchangeOf(scripted([60_000, 61_000]));
    yes(exchange.place("a", market("buy", 10)));
    yes(exchange.placeConditional("a", stop("sell", 60_500, 10, { kind: "takeProfitMarket" })));
    runOut(exchange);
    expect(exchange.trades("a", {}).at(-1)?.price).toBeGreaterThanOrEqual(604_900);
    expect(held(exchange)).toBe(0);
  });

  it("a stop under a full take profit is refused, the position stays open, the take profit too", () => {
    const { exchange, told } = exchangeOf(scripted([60_000, 59_000]), {
      rules: { triggeredStopUnderFullTakeProfit: "refuse" },
    });
    yes(exchange.place("a", market("buy", 10)));
    yes(exchange.place("a", limit("sell", 61_000, 10, { clientId: "tp", reduceOnly: true })));
    yes(exchange.placeConditional("a", stop("sell", 59_500, 10, { clientId: "sl" })));
    runOut(exchange);
    expect(lifeOf(told)).toEqual(["new", "triggering", "rejected"]);
    expect(exchange.conditional("a", { clientId: "sl" })).toMatchObject({
      status: "rejected",
      rejectReason: "reduceOnlyConflict",
    });
    expect(held(exchange)).toBe(10);
    expect(exchange.openOrders("a").map((order) => order.clientId)).toEqual(["tp"]);
  });

  it("or expires the take profit and closes, on a venue of the other kind", () => {
    const { exchange, told } = exchangeOf(scripted([60_000, 59_000]), {
      rules: { triggeredStopUnderFullTakeProfit: "expireTakeProfit" },
    });
    yes(exchange.place("a", market("buy", 10)));
    yes(exchange.place("a", limit("sell", 61_000, 10, { clientId: "tp", reduceOnly: true })));
    yes(exchange.placeConditional("a", stop("sell", 59_500, 10, { clientId: "sl" })));
    runOut(exchange);
    expect(lifeOf(told)).toEqual(["new", "triggering", "triggered", "finished"]);
    expect(exchange.order("a", "BTCUSDT", { clientId: "tp" })?.status).toBe("expired");
    expect(held(exchange)).toBe(0);
  });

  it("closePosition closes everything under a full take profit on either kind, and expires with its position", () => {
    const { exchange, told } = exchangeOf(scripted([60_000, 59_000, 58_000]));
    yes(exchange.place("a", market("buy", 10)));
    yes(exchange.place("a", limit("sell", 61_000, 10, { reduceOnly: true })));
    yes(exchange.placeConditional("a", stop("sell", 59_500, "all")));
    const taking = { kind: "takeProfitMarket" as const, clientId: "far" };
    yes(exchange.placeConditional("a", stop("sell", 62_000, "all", taking)));
    runOut(exchange);
    expect(lifeOf(told)).toEqual(["new", "new", "triggering", "triggered", "finished", "expired"]);
    expect(exchange.conditional("a", { clientId: "far" })?.endReason).toBe("positionGone");
    expect(held(exchange)).toBe(0);
    expect(exchange.openOrders("a")).toEqual([]);
  });

  it("are refused when they would trigger at once, twice the same id, or too many", () => {
    const { exchange } = exchangeOf(scripted([60_000]));
    const why = (trigger: number, side: "buy" | "sell", clientId = ""): string =>
      reasonOf(exchange.placeConditional("a", stop(side, trigger, 10, { clientId })));
    expect(why(60_000, "sell")).toBe("wouldTriggerAtOnce");
    expect(why(59_999.9, "sell", "one")).toBe("accepted");
    expect(why(59_999.9, "sell", "one")).toBe("duplicateClientId");
    expect(why(60_000, "buy")).toBe("wouldTriggerAtOnce");
    expect(why(60_000.1, "buy")).toBe("accepted");
    for (let count = 2; count < 200; count += 1) expect(why(50_000, "sell")).toBe("accepted");
    expect(why(50_000, "sell")).toBe("tooManyConditionalOrders");
    yes(exchange.cancelConditional("a", { clientId: "one" }));
    expect(reasonOf(exchange.cancelConditional("a", { clientId: "one" }))).toBe("unknownOrder");
    expect(why(59_999.9, "sell", "one")).toBe("accepted");
  });
});

describe("reduce-only orders", () => {
  it("need something to reduce, count against it together, and never flip it", () => {
    const { exchange } = exchangeOf(scripted([60_000, 60_000]));
    const why = (side: "buy" | "sell", count: number): string =>
      reasonOf(
        exchange.place("a", limit(side, side === "sell" ? 60_500 : 59_500, count, { reduceOnly: true })),
      );
    expect(why("sell", 10)).toBe("reduceOnlyRejected");
    yes(exchange.place("a", market("buy", 10)));
    expect(why("buy", 10)).toBe("reduceOnlyRejected");
    expect(why("sell", 6)).toBe("accepted");
    expect(why("sell", 5)).toBe("reduceOnlyConflict");
    expect(why("sell", 4)).toBe("accepted");
    expect(reasonOf(exchange.place("a", market("sell", 1, { reduceOnly: true })))).toBe("reduceOnlyConflict");
    expect(exchange.validate()).toEqual([]);
  });

  it("larger than the position with nothing else resting: cut to it", () => {
    const { exchange } = exchangeOf(scripted([60_000, 60_000]));
    yes(exchange.place("a", market("buy", 10)));
    expect(yes(exchange.place("a", market("sell", 25, { reduceOnly: true })))).toMatchObject({ filled: 10 });
    expect(held(exchange)).toBe(0);
  });

  it("shrink and expire as the position shrinks below them, the furthest first", () => {
    const { exchange, told } = exchangeOf(scripted([60_000, 60_000]), {
      accounts: [{ id: "a", deposit: value(100_000 * USDT) }],
    });
    yes(exchange.place("a", market("buy", 10)));
    yes(exchange.place("a", limit("sell", 60_500, 6, { clientId: "near", reduceOnly: true })));
    yes(exchange.place("a", limit("sell", 60_900, 4, { clientId: "far", reduceOnly: true })));
    yes(exchange.place("a", market("sell", 5)));
    expect(exchange.openOrders("a")).toMatchObject([{ clientId: "near", request: { lots: 5 } }]);
    expect(
      told.flatMap((event) =>
        event.type === "order" && event.order.request.reduceOnly
          ? [[event.order.clientId, event.change]]
          : [],
      ),
    ).toEqual([
      ["near", "NEW"],
      ["far", "NEW"],
      ["near", "AMENDMENT"],
      ["far", "EXPIRED"],
    ]);
    yes(exchange.place("a", market("sell", 5)));
    expect(exchange.openOrders("a")).toEqual([]);
    expect(exchange.validate()).toEqual([]);
  });
});
