import { beforeEach, describe, expect, it } from "vitest";
import { readClientId, writeClientId } from "../../../src/core/ids.ts";
import { lots, millis, ticks, value } from "../../../src/core/units.ts";
import type { Exchange } from "../../../src/venue/exchange.ts";
import { apply, steeper } from "../../../src/venue/faults/apply.ts";
import type { WrittenFault } from "../../../src/venue/faults/fault.ts";
import { FaultPlan } from "../../../src/venue/faults/plan.ts";
import { ShakenMarket } from "../../../src/venue/faults/shaken-market.ts";
import { BRACKETS } from "../../../src/venue/instruments.ts";
import {
  exchangeOf,
  limit,
  MINUTE,
  market,
  reasonOf,
  START,
  scripted,
  stop,
  USDT,
  yes,
} from "../scripted-market.ts";

const OWN = writeClientId({
  desk: "abc",
  engineTag: "gr",
  role: "entry",
  rung: 3,
  slice: 0,
  generation: 5,
  epoch: 2,
  nonce: "n0n1",
});

describe("what is done to an exchange", () => {
  let exchange: Exchange;
  let shaken: ShakenMarket;
  let plan: FaultPlan;

  beforeEach(() => {
    shaken = new ShakenMarket(scripted(Array.from({ length: 60 }, () => 50_000)));
    exchange = exchangeOf(shaken).exchange;
    plan = new FaultPlan({ seed: 5, startAt: 0 });
    step();
  });

  const step = (minutes = 1): void => {
    const until = millis(exchange.now() + minutes * MINUTE);
    while (exchange.step(until)) {
      // Until that time.
    }
  };

  /** Carries a fault out as a venue would; whether it could be. */
  function carryOut(fault: WrittenFault): boolean {
    plan.write({ ...fault, at: 0 } as WrittenFault, 0);
    const [occurrence] = plan.due(0);
    if (occurrence === undefined) throw new Error("nothing was due");
    const isDone = apply(occurrence, {
      venue: "binanceusdm",
      exchange,
      accounts: ["a"],
      shock: (instrument, percent, fadeMs) => shaken.shock(instrument, percent, fadeMs),
    });
    plan.settle(occurrence, isDone ? "done" : "never", 0);
    expect(plan.counts.get(fault.kind)).toBe(isDone ? 1 : 0);
    expect(exchange.validate()).toEqual([]);
    return isDone;
  }

  const held = (): number => exchange.positions("a").reduce((sum, each) => sum + each.lots, 0);
  const open = (count: number): void => {
    yes(exchange.place("a", market("buy", count)));
  };

  it("tick and lot sizes change: what lies between is refused, what rested still rests", () => {
    yes(exchange.place("a", limit("buy", 49_000.1, 10)));
    expect(carryOut({ kind: "tickChange", steps: 5 })).toBe(true);
    expect(carryOut({ kind: "lotChange", instrument: "BTCUSDT", steps: 10 })).toBe(true);
    expect([exchange.priceStep("BTCUSDT"), exchange.lotStep("BTCUSDT")]).toEqual([5, 10]);
    expect(reasonOf(exchange.place("a", limit("buy", 49_000.1, 10)))).toBe("priceNotOnTick");
    expect(reasonOf(exchange.place("a", limit("buy", 49_000.5, 11)))).toBe("quantityNotOnLot");
    expect(reasonOf(exchange.place("a", limit("buy", 49_000.5, 10)))).toBe("accepted");
    expect(exchange.openOrders("a")).toHaveLength(2);
  });

  it("brackets get steeper without steps at their borders, and liquidation comes nearer", () => {
    open(100);
    const before = exchange.positions("a")[0];
    expect(carryOut({ kind: "bracketChange", times: 2 })).toBe(true);
    const after = exchange.positions("a")[0];
    expect(after?.maintenanceMargin).toBe((before?.maintenanceMargin ?? 0) * 2);
    const tiers = steeper(BRACKETS["BTCUSDT"] ?? [], 2_000);
    expect(tiers).toEqual(exchange.brackets("BTCUSDT"));
    for (const [index, tier] of tiers.entries()) {
      const next = tiers[index + 1];
      if (next === undefined) continue;
      const owed = (each: typeof tier): number => (next.floor / USDT) * each.maintenance - each.deduction;
      expect(owed(next)).toBeCloseTo(owed(tier), 0);
      expect(next.leverageMax).toBeLessThanOrEqual(tier.leverageMax);
      expect(100_000_000 / next.leverageMax >= next.maintenance).toBe(true);
    }
    const absurd = steeper(BRACKETS["BTCUSDT"] ?? [], 1_000_000);
    expect(
      absurd.every(({ maintenance, leverageMax }) => maintenance === 50_000_000 && leverageMax >= 1),
    ).toBe(true);
  });

  it("a delisting lets nobody in any more, and settles what is left at its end", () => {
    open(10);
    expect(carryOut({ kind: "delisting", instrument: "BTCUSDT", afterSeconds: 120 })).toBe(true);
    expect(exchange.delistsAt("BTCUSDT")).toBe(exchange.now() + 120_000);
    expect(reasonOf(exchange.place("a", market("buy", 10)))).toBe("instrumentSettling");
    step(3);
    expect([exchange.status("BTCUSDT"), held()]).toEqual(["closed", 0]);
    expect(carryOut({ kind: "tickChange" })).toBe(false);
  });

  it("stops are refused when placed, so many of them", () => {
    open(10);
    expect(carryOut({ kind: "stopRefused", stops: 2 })).toBe(true);
    const place = (): string => reasonOf(exchange.placeConditional("a", stop("sell", 49_000, 10)));
    expect([place(), place(), place()]).toEqual(["stopRefused", "stopRefused", "accepted"]);
  });

  it("rules change: triggered stops, countdowns", () => {
    for (const refused of [true, false]) {
      plan = new FaultPlan({ startAt: 0 });
      expect(carryOut({ kind: "triggerRefused", refused })).toBe(true);
      expect(carryOut({ kind: "countdownSurvival", survive: refused })).toBe(true);
    }
    yes(exchange.placeConditional("a", { ...stop("buy", 60_000, 10), reduceOnly: false }));
    yes(exchange.countdownCancelAll("a", "BTCUSDT", millis(exchange.now() + 1_000)));
    step(2);
    expect(exchange.openConditionals("a")).toEqual([]);
  });

  it("deleveraging takes its share, and needs a position", () => {
    expect(carryOut({ kind: "deleveraged", share: 0.5 })).toBe(false);
    open(10);
    expect(carryOut({ kind: "deleveraged", share: 0.3 })).toBe(true);
    expect(held()).toBe(7);
    const [last] = exchange.orderHistory("a", { instrument: "BTCUSDT" }).slice(-1);
    expect(last).toMatchObject({ origin: "adl", status: "filled", filled: 3 });
  });

  it.each([
    ["add", 0.5, 15],
    ["reduce", 0.5, 5],
    ["reduce", 3, 0],
    ["close", 0.5, 0],
    ["flip", 0.5, -5],
  ] as const)("a person's %s by %d of 10 leaves %d", (does, share, left) => {
    expect(carryOut({ kind: "handTrade", does, share })).toBe(false);
    open(10);
    expect(carryOut({ kind: "handTrade", does, share })).toBe(true);
    expect(held()).toBe(left);
    const [last] = exchange.orderHistory("a", { instrument: "BTCUSDT" }).slice(-1);
    expect(last?.clientId).toMatch(/^web_[a-z0-9]{20}$/);
  });

  it("a person opens a position and rests an order, cancels our stop, cancels our order", () => {
    expect(carryOut({ kind: "handTrade", does: "open", instrument: "BTCUSDT" })).toBe(true);
    expect(held()).not.toBe(0);
    plan = new FaultPlan({ startAt: 0 });
    expect(carryOut({ kind: "handTrade", does: "limit" })).toBe(true);
    const [resting] = exchange.openOrders("a");
    expect(Math.abs((resting?.request.price ?? 0) - 500_000)).toBe(10_000);
    for (const does of ["cancelOrder", "cancelStop"] as const) {
      plan = new FaultPlan({ startAt: 0 });
      if (does === "cancelStop")
        yes(exchange.placeConditional("a", { ...stop("buy", 60_000, 10), reduceOnly: false }));
      expect(carryOut({ kind: "handTrade", does })).toBe(true);
      plan = new FaultPlan({ startAt: 0 });
      expect(carryOut({ kind: "handTrade", does })).toBe(false);
    }
    expect([exchange.openOrders("a"), exchange.openConditionals("a")]).toEqual([[], []]);
    expect(carryOut({ kind: "handTrade", does: "add", account: "stranger" })).toBe(false);
  });

  it.each([
    ["foreignNonce", 2],
    ["newerEpoch", 3],
  ] as const)("a second bot sends with our prefix, as %s", (as, epoch) => {
    expect(carryOut({ kind: "secondBot", as })).toBe(false);
    yes(exchange.place("a", limit("buy", 49_000, 10, { clientId: OWN })));
    expect(carryOut({ kind: "secondBot", as, desk: "xyz" })).toBe(false);
    expect(carryOut({ kind: "secondBot", as })).toBe(true);
    const strange = exchange.openOrders("a").find(({ clientId }) => clientId !== OWN);
    const read = readClientId(strange?.clientId ?? "");
    expect(read).toMatchObject({
      desk: "abc",
      engineTag: "gr",
      role: "entry",
      rung: 3,
      generation: 6,
      epoch,
    });
    expect(read?.nonce).not.toBe("n0n1");
    expect(held()).toBe(0);
  });

  it("a price shock moves the market at its next point, and fades", () => {
    const mark = (): number => exchange.mark("BTCUSDT").mark;
    expect(carryOut({ kind: "priceShock", percent: -10, fadeSeconds: 240 })).toBe(true);
    const seen = Array.from({ length: 6 }, () => {
      step();
      return mark();
    });
    expect(seen).toEqual([450_000, 462_500, 475_000, 487_500, 500_000, 500_000]);
    plan = new FaultPlan({ startAt: 0 });
    expect(carryOut({ kind: "priceShock", percent: 5, fadeSeconds: 0 })).toBe(true);
    step(30);
    expect(mark()).toBe(525_000);
    expect(shaken.shock("ETHUSDT", 5, 0)).toBe(false);
    step(100);
    expect(shaken.shock("BTCUSDT", 5, 0)).toBe(false);
  });

  it("only at the venue that is named; money is conserved to the last step through all of it", () => {
    expect(carryOut({ kind: "handTrade", does: "open", venue: "okx" })).toBe(false);
    open(20);
    for (const does of ["add", "flip", "reduce", "add", "close"] as const) {
      plan = new FaultPlan({ startAt: 0 });
      carryOut({ kind: "handTrade", does, share: 0.5 });
      step();
    }
    const { wallet, start, realized, fees, funding } = exchange.balance("a");
    expect(wallet).toBe(value(start + realized - fees + funding));
    expect(exchange.trades("a", {}).length).toBeGreaterThanOrEqual(6);
    expect(exchange.now()).toBeGreaterThan(START);
    expect([lots(held()), ticks(exchange.mark("BTCUSDT").mark)]).toEqual([0, 500_000]);
  });
});
