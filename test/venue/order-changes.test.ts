import { describe, expect, it } from "vitest";
import { lots, millis, ticks, value } from "../../src/core/units.ts";
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

const words = (told: readonly VenueEvent[]): string[] =>
  told.flatMap((event) =>
    event.type === "order"
      ? [
          `${event.order.clientId} ${event.change} ${event.order.status} ${event.order.endReason ?? ""}`.trim(),
        ]
      : [],
  );

const NO_DEPTH = { levels: 0, levelSharePpm: 0, growthPercent: 0, tightNotional: 1, spreadMax: 1 } as const;
const two = [
  { id: "a", deposit: value(10_000 * USDT) },
  { id: "b", deposit: value(10_000 * USDT) },
];
const amend = (exchange: Exchange, clientId: string, price?: number, count?: number) =>
  exchange.amend(
    "a",
    "BTCUSDT",
    { clientId },
    {
      ...(price === undefined ? {} : { price: ticks(price * 10) }),
      ...(count === undefined ? {} : { lots: lots(count) }),
    },
  );

describe("an amended order", () => {
  it("takes its new price and quantity, keeps its id, and stands behind all others at its price", () => {
    const { exchange, told } = exchangeOf(scripted([60_000]), { accounts: two, depth: NO_DEPTH });
    const { orderId } = yes(exchange.place("a", limit("buy", 59_000, 10, { clientId: "x" })));
    yes(exchange.place("b", limit("buy", 59_500, 10, { clientId: "y" })));
    expect(yes(amend(exchange, "x", 59_500, 8))).toMatchObject({ orderId, status: "new", filled: 0 });
    expect(exchange.depth("BTCUSDT", 5).bids).toEqual([{ price: 595_000, lots: 18 }]);
    yes(exchange.place("b", market("sell", 4, { selfTrade: "none", clientId: "s" })));
    yes(exchange.place("b", market("sell", 8, { selfTrade: "none", clientId: "t" })));
    expect(words(told)).toEqual([
      "x NEW new",
      "y NEW new",
      "x AMENDMENT new",
      "s NEW new",
      "y TRADE partiallyFilled",
      "s TRADE filled",
      "t NEW new",
      "y TRADE filled",
      "t TRADE partiallyFilled",
      "x TRADE partiallyFilled",
      "t TRADE filled",
    ]);
    // Half of it is filled: a new quantity counts what is filled, and its own margin is free for it.
    expect(yes(amend(exchange, "x", undefined, 6))).toMatchObject({
      filled: 2,
      request: { lots: 6, price: 595_000 },
    });
    expect(exchange.depth("BTCUSDT", 5).bids).toEqual([{ price: 595_000, lots: 4 }]);
    expect(exchange.validate()).toEqual([]);
  });

  it("that would trade does so at once; a post-only one, or one that asks for what it has, is cancelled", () => {
    const { exchange } = exchangeOf(scripted([60_000]), { accounts: two });
    yes(exchange.place("a", limit("buy", 59_000, 5, { clientId: "take" })));
    yes(exchange.place("a", limit("buy", 59_000, 5, { clientId: "make", timeInForce: "GTX" })));
    expect(yes(amend(exchange, "take", 60_100)).status).toBe("filled");
    expect(yes(amend(exchange, "make", 60_100))).toMatchObject({ status: "canceled", endReason: "client" });
    const { exchange: thin } = exchangeOf(scripted([60_000]), { accounts: two, depth: NO_DEPTH });
    yes(thin.place("a", limit("buy", 59_000, 10, { clientId: "x" })));
    yes(thin.place("b", market("sell", 4)));
    expect(yes(amend(thin, "x", undefined, 4))).toMatchObject({ status: "canceled", filled: 4 });
  });

  it("that is refused stays as and where it was", () => {
    const { exchange, told } = exchangeOf(scripted([60_000]), {
      accounts: [{ id: "a", deposit: value(200 * USDT), leverage: 10 }],
    });
    yes(exchange.place("a", limit("buy", 59_000, 20, { clientId: "x" })));
    yes(exchange.placeConditional("a", stop("sell", 58_000, 2, { clientId: "sl" })));
    const count = told.length;
    expect([
      reasonOf(amend(exchange, "x", 59_000, 20)),
      reasonOf(amend(exchange, "x", undefined, 200)),
      reasonOf(amend(exchange, "x", 80_000)),
      reasonOf(amend(exchange, "x", undefined, 0)),
      reasonOf(amend(exchange, "x", undefined, 1)),
      reasonOf(amend(exchange, "sl", 58_000)),
      reasonOf(amend(exchange, "nobody", 58_000)),
    ]).toEqual([
      "noAmendNeeded",
      "marginInsufficient",
      "priceTooFarAbove",
      "quantityZero",
      "notionalTooSmall",
      "unknownOrder",
      "unknownOrder",
    ]);
    expect(told.length).toBe(count);
    expect(exchange.openOrders("a")[0]?.request).toMatchObject({ price: 590_000, lots: 20 });
    // Its own margin is free for it: 177 of the 200 dollars, of which it held 118.
    expect(yes(amend(exchange, "x", undefined, 30)).request.lots).toBe(30);
  });

  it("that reduces keeps within the position beside the other reducers", () => {
    const { exchange } = exchangeOf(scripted([60_000]));
    yes(exchange.place("a", market("buy", 10)));
    yes(exchange.place("a", limit("sell", 61_000, 4, { clientId: "x", reduceOnly: true })));
    yes(exchange.place("a", limit("sell", 61_000, 4, { clientId: "y", reduceOnly: true })));
    expect(yes(amend(exchange, "x", undefined, 6)).request.lots).toBe(6);
    expect(reasonOf(amend(exchange, "x", undefined, 7))).toBe("reduceOnlyConflict");
    expect(exchange.validate()).toEqual([]);
  });
});

describe("cancelling all", () => {
  it("ends resting orders and leaves conditional ones, which have a call of their own", () => {
    const { exchange, told } = exchangeOf(scripted([60_000]));
    for (const clientId of ["x", "y"]) yes(exchange.place("a", limit("buy", 59_000, 2, { clientId })));
    yes(exchange.placeConditional("a", stop("sell", 58_000, 2, { clientId: "sl" })));
    expect(exchange.cancelAll("a", "BTCUSDT").map((order) => [order.clientId, order.endReason])).toEqual([
      ["x", "client"],
      ["y", "client"],
    ]);
    expect(words(told).slice(2)).toEqual(["x CANCELED canceled client", "y CANCELED canceled client"]);
    expect(exchange.cancelAll("a")).toEqual([]);
    expect(exchange.openConditionals("a")).toHaveLength(1);
    expect(exchange.cancelAllConditionals("a").map((each) => [each.status, each.endReason])).toEqual([
      ["canceled", "client"],
    ]);
  });

  it.each([true, false])(
    "comes by itself at a countdown's end unless it is set anew; stops survive: %s",
    (survive) => {
      const { exchange } = exchangeOf(scripted([60_000, 60_000, 60_000, 60_000]), {
        rules: { conditionalsSurviveCountdown: survive },
      });
      yes(exchange.place("a", limit("buy", 59_000, 2, { clientId: "x" })));
      yes(exchange.placeConditional("a", stop("sell", 58_000, 2, { clientId: "sl" })));
      const set = (instrument: string | undefined, at: number | undefined): string =>
        reasonOf(
          exchange.countdownCancelAll("a", instrument, at === undefined ? undefined : millis(START + at)),
        );
      expect([set("XYZ", 1), set("BTCUSDT", 30_000), set(undefined, 20_000)]).toEqual([
        "unknownInstrument",
        "accepted",
        "accepted",
      ]);
      expect([set("BTCUSDT", 90_000), set(undefined, undefined)]).toEqual(["accepted", "accepted"]);
      exchange.step(millis(START + MINUTE));
      expect(exchange.openOrders("a")).toHaveLength(1);
      exchange.step(millis(START + 2 * MINUTE));
      expect(exchange.now()).toBe(START + 90_000);
      expect(exchange.order("a", "BTCUSDT", { clientId: "x" })).toMatchObject({
        status: "canceled",
        endReason: "countdown",
        updatedAt: START + 90_000,
      });
      expect(exchange.openConditionals("a")).toHaveLength(survive ? 1 : 0);
      yes(exchange.place("a", limit("buy", 59_000, 2)));
      runOut(exchange);
      expect(exchange.openOrders("a")).toHaveLength(1);
    },
  );
});

describe("two orders of one account that would trade with each other", () => {
  const meet = (
    selfTrade: "none" | "expireTaker" | "expireMaker" | "expireBoth",
    byRule = false,
  ): string[] => {
    const { exchange, told } = exchangeOf(scripted([60_000]), {
      accounts: two,
      depth: NO_DEPTH,
      ...(byRule ? { rules: { selfTrade } } : {}),
    });
    yes(exchange.place("a", limit("sell", 60_100, 5, { clientId: "mine" })));
    yes(exchange.place("b", limit("sell", 60_100, 5, { clientId: "other" })));
    told.length = 0;
    yes(exchange.place("a", limit("buy", 60_100, 8, { clientId: "new", ...(byRule ? {} : { selfTrade }) })));
    expect(exchange.validate()).toEqual([]);
    return words(told);
  };

  it("do so when nothing forbids it", () => {
    const story = [
      "new NEW new",
      "mine TRADE filled",
      "new TRADE partiallyFilled",
      "other TRADE partiallyFilled",
      "new TRADE filled",
    ];
    expect([meet("none"), meet("none", true)]).toEqual([story, story]);
  });

  it("end as the incoming one says: the resting one, the incoming one, or both", () => {
    const maker = [
      "new NEW new",
      "mine EXPIRED expired selfTrade",
      "other TRADE filled",
      "new TRADE partiallyFilled",
    ];
    expect([meet("expireMaker"), meet("expireMaker", true)]).toEqual([maker, maker]);
    expect(meet("expireTaker")).toEqual(["new NEW new", "new EXPIRED expired selfTrade"]);
    expect(meet("expireBoth")).toEqual([
      "new NEW new",
      "mine EXPIRED expired selfTrade",
      "new EXPIRED expired selfTrade",
    ]);
  });

  it("a fill-or-kill order counts only what it may take", () => {
    const why = (selfTrade: "none" | "expireMaker" | "expireTaker"): string => {
      const { exchange } = exchangeOf(scripted([60_000]), { accounts: two, depth: NO_DEPTH });
      yes(exchange.place("b", limit("sell", 60_050, 5)));
      yes(exchange.place("a", limit("sell", 60_100, 5)));
      return reasonOf(exchange.place("a", limit("buy", 60_100, 8, { timeInForce: "FOK", selfTrade })));
    };
    expect([why("none"), why("expireMaker"), why("expireTaker")]).toEqual([
      "accepted",
      "cannotFillFillOrKill",
      "cannotFillFillOrKill",
    ]);
  });
});

describe("how an order ended", () => {
  it("says what an IOC or market order left, and what a reducer lost", () => {
    const { exchange } = exchangeOf(scripted([60_000]), { accounts: two, depth: NO_DEPTH });
    const sell = (): unknown => yes(exchange.place("b", limit("sell", 60_100, 5)));
    const why = (clientId: string): unknown => exchange.order("a", "BTCUSDT", { clientId })?.endReason;
    sell();
    yes(exchange.place("a", limit("buy", 60_100, 8, { clientId: "ioc", timeInForce: "IOC" })));
    sell();
    yes(exchange.place("a", market("buy", 8, { clientId: "market" })));
    yes(exchange.place("a", limit("sell", 61_000, 10, { clientId: "tp", reduceOnly: true })));
    yes(exchange.place("b", limit("buy", 60_000, 10)));
    yes(exchange.place("a", market("sell", 10)));
    expect([why("ioc"), why("market"), why("tp")]).toEqual(["timeInForce", "noLiquidity", "reduceOnly"]);
  });
});
