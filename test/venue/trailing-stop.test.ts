import { describe, expect, it } from "vitest";
import { millis, rate, ticks } from "../../src/core/units.ts";
import type { ConditionalRequest, Exchange } from "../../src/venue/exchange.ts";
import {
  exchangeOf,
  MINUTE,
  market,
  reasonOf,
  runOut,
  START,
  scripted,
  stop,
  yes,
} from "./scripted-market.ts";

const ONE_PERCENT = rate(1_000_000);

const trailing = (
  side: "buy" | "sell",
  activation: number,
  more: Partial<ConditionalRequest> = {},
): ConditionalRequest =>
  stop(side, activation, 10, { kind: "trailingStopMarket", callback: ONE_PERCENT, clientId: "t", ...more });

const seen = (exchange: Exchange) => exchange.conditional("a", { clientId: "t" });
const next = (exchange: Exchange): boolean => exchange.step(millis(START + 1_000 * MINUTE));

describe("a trailing stop", () => {
  it("sleeps until its activation price, then follows the best price and fires when it came back by its callback", () => {
    const { exchange } = exchangeOf(scripted([60_000, 60_400, 59_700, 61_000, 62_000, 61_500, 61_000]));
    yes(exchange.place("a", market("buy", 10)));
    yes(exchange.placeConditional("a", trailing("sell", 60_500)));
    const story: unknown[] = [];
    const look = (): void => {
      const now = seen(exchange);
      story.push([exchange.mark("BTCUSDT").mark / 10, now?.status, now?.trailing]);
    };
    look();
    while (next(exchange)) look();
    expect(story).toEqual([
      [60_000, "new", { isActive: false }],
      [60_400, "new", { isActive: false }],
      [59_700, "new", { isActive: false }],
      [61_000, "new", { isActive: true, best: 610_000, trigger: 603_900 }],
      [62_000, "new", { isActive: true, best: 620_000, trigger: 613_800 }],
      [61_500, "new", { isActive: true, best: 620_000, trigger: 613_800 }],
      [61_000, "finished", { isActive: true, best: 620_000, trigger: 613_800 }],
    ]);
    // It fired on the way at its trigger, not at the end of the fall.
    expect(exchange.trades("a", {}).at(-1)).toMatchObject({ price: 613_800, side: "sell", lots: 10 });
    expect(exchange.positions("a")[0]?.lots).toBe(0);
  });

  it("of a short follows downwards, active at once without an activation price, on the traded price if asked", () => {
    const prices = [60_000, { price: 59_000, mark: 60_000 }, { price: 59_600, mark: 60_000 }];
    const { exchange } = exchangeOf(scripted(prices));
    yes(exchange.place("a", market("sell", 10)));
    yes(exchange.placeConditional("a", trailing("buy", 0, { workingType: "contract" })));
    expect(seen(exchange)?.trailing).toEqual({ isActive: true, best: 600_000, trigger: 606_000 });
    runOut(exchange);
    expect(seen(exchange)).toMatchObject({
      status: "finished",
      trailing: { best: 590_000, trigger: 595_900 },
    });
    expect(exchange.trades("a", {}).at(-1)).toMatchObject({ price: 595_900, side: "buy" });
  });

  it("never fires while the price only rises, and the trigger never falls", () => {
    const rising = Array.from({ length: 20 }, (_, at) => 60_000 + at * 150 - (at % 3) * 100);
    const { exchange } = exchangeOf(scripted(rising));
    yes(exchange.place("a", market("buy", 10)));
    yes(exchange.placeConditional("a", trailing("sell", 0)));
    let last = 0;
    while (next(exchange)) {
      const now = seen(exchange)?.trailing?.trigger ?? 0;
      expect(now).toBeGreaterThanOrEqual(last);
      last = now;
    }
    expect(seen(exchange)?.status).toBe("new");
    expect(last).toBeGreaterThan(610_000);
  });

  it("is refused with an activation price behind the market or a callback outside 0.1 % to 10 %", () => {
    const { exchange } = exchangeOf(scripted([60_000]));
    const why = (request: ConditionalRequest): string => reasonOf(exchange.placeConditional("a", request));
    const { callback: _, ...without } = trailing("sell", 0);
    expect([
      why(trailing("sell", 59_900)),
      why(trailing("buy", 60_100)),
      why(trailing("sell", 60_000)),
      why(trailing("sell", 0, { callback: rate(99_999) })),
      why(trailing("sell", 0, { callback: rate(10_000_001) })),
      why(without),
      why(trailing("sell", 0, { callback: rate(100_000), trigger: ticks(0) })),
    ]).toEqual([
      "activationInvalid",
      "activationInvalid",
      "activationInvalid",
      "callbackInvalid",
      "callbackInvalid",
      "callbackInvalid",
      "accepted",
    ]);
  });
});

describe("an order that closes the whole position", () => {
  it("expires when its position is gone by other means, whatever side is held then; a plain reduce-only stop stays and is refused", () => {
    const { exchange } = exchangeOf(scripted([60_000, 58_000]));
    yes(exchange.place("a", market("buy", 10)));
    yes(exchange.placeConditional("a", stop("sell", 59_000, "all", { clientId: "closer" })));
    yes(exchange.placeConditional("a", stop("sell", 59_000, 10, { clientId: "plain" })));
    yes(exchange.place("a", market("sell", 15)));
    const why = (clientId: string): unknown => {
      const { status, endReason, rejectReason } = exchange.conditional("a", { clientId }) ?? {};
      return [status, endReason ?? rejectReason];
    };
    expect([why("closer"), why("plain")]).toEqual([
      ["expired", "positionGone"],
      ["new", undefined],
    ]);
    runOut(exchange);
    expect(why("plain")).toEqual(["rejected", "reduceOnlyRejected"]);
    expect(exchange.positions("a")[0]?.lots).toBe(-5);
  });

  it("is one for each side and purpose (-4130)", () => {
    const { exchange } = exchangeOf(scripted([60_000]));
    yes(exchange.place("a", market("buy", 10)));
    yes(exchange.placeConditional("a", stop("sell", 59_000, "all")));
    expect(reasonOf(exchange.placeConditional("a", stop("sell", 58_000, "all")))).toBe("closePositionExists");
    yes(exchange.placeConditional("a", stop("sell", 61_000, "all", { kind: "takeProfitMarket" })));
    yes(exchange.placeConditional("a", stop("buy", 61_000, "all")));
  });
});
