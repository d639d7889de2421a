import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { explained, newBook, shareOf } from "../../src/core/book.ts";
import { checkOrder, type GuardState, type Refusal } from "../../src/core/guard.ts";
import { executionCost, notional } from "../../src/core/instrument.ts";
import {
  applyChange,
  applyFill,
  isLive,
  newOrder,
  type OrderRecord,
  openLots,
} from "../../src/core/order.ts";
import { trade } from "../../src/core/position.ts";
import { lots, millis, ONE, rate, signOf, ticks, value } from "../../src/core/units.ts";
import { LINEAR } from "../support/instruments.ts";
import { entryOf, exitOf, stopOf } from "../support/orders.ts";

const CAP = 400 * ONE;
const POSITION_MAX = 60;
const EQUITY = 700 * ONE;
const ENGINES = ["grid1", "grid2"] as const;
const T = millis(1);

interface Step {
  readonly engine: (typeof ENGINES)[number];
  readonly what: "enter" | "exit" | "stop" | "fill" | "cancel" | "lose";
  readonly size: number;
  readonly price: number;
  readonly pick: number;
}
const step: fc.Arbitrary<Step> = fc.record({
  engine: fc.constantFrom(...ENGINES),
  what: fc.constantFrom("enter", "enter", "exit", "stop", "fill", "fill", "cancel", "lose"),
  size: fc.integer({ min: 1, max: 40 }),
  price: fc.integer({ min: 450_000, max: 550_000 }),
  pick: fc.nat(1_000),
});

/** A book of two engines of one direction on an exchange that fills, cancels and loses answers at random. */
class Desk {
  readonly book = newBook("main", "BTCUSDT", "both");
  readonly orders: OrderRecord[] = [];
  readonly refused: Refusal[] = [];
  readonly sign: 1 | -1;
  #trades = 0;

  constructor(sign: 1 | -1) {
    this.sign = sign;
  }

  state(): GuardState {
    return {
      instrument: LINEAR,
      book: this.book,
      orders: this.orders,
      bid: ticks(500_000),
      ask: ticks(500_001),
      riskState: "monitoring",
      isPaused: false,
      blocks: [],
      isHedgeMode: false,
      leverage: 3,
      leverageMax: 3,
      purseCap: value(CAP),
      positionMax: lots(POSITION_MAX),
      equity: value(EQUITY),
      otherGross: value(0),
      grossLeverageMax: 3,
      distanceAfter: "none",
      distanceMin: rate(0),
    };
  }

  take({ engine, what, size, price, pick }: Step): void {
    const live = this.orders.filter((order) => isLive(order.state));
    const order = live[pick % Math.max(1, live.length)];
    const side = this.sign > 0 ? "buy" : "sell";
    const out = this.sign > 0 ? "sell" : "buy";
    if (what === "enter") this.place(entryOf({ engine, side, lots: lots(size), price: ticks(price) }));
    else if (what === "exit")
      this.place(exitOf({ engine, side: out, lots: lots(size), price: ticks(price) }));
    else if (what === "stop")
      this.place(stopOf({ engine, side: out, lots: lots(size), trigger: ticks(price) }));
    else if (order === undefined) return;
    else if (what === "cancel") applyChange(order, "canceled", T, T);
    else if (what === "lose") applyChange(order, "outcomeLost", T, T);
    else this.fill(order, 1 + (pick % openLots(order)));
  }

  place(facts: Parameters<typeof checkOrder>[0]): boolean {
    const verdict = checkOrder(facts, this.state());
    if (verdict.ok) this.orders.push(newOrder(facts, "sending", T, T));
    else this.refused.push(verdict.reason);
    return verdict.ok;
  }

  /** As an exchange does: a reducer fills no more than what is left of the position. */
  fill(order: OrderRecord, wanted: number): void {
    const { facts } = order;
    const room = facts.isReduceOnly ? Math.abs(explained(this.book)) : Number.POSITIVE_INFINITY;
    const size = Math.min(wanted, openLots(order), room);
    if (size <= 0) return;
    this.#trades += 1;
    const price = facts.price ?? facts.trigger ?? ticks(500_000);
    const signed = lots(size * signOf(facts.side));
    const cost = executionCost(LINEAR, price, signed, "nearest");
    trade(shareOf(this.book, facts.engine), signed, cost, value(0));
    const fill = { tradeId: `t${this.#trades}`, lots: lots(size), fee: value(0), realized: value(0), at: T };
    applyFill(order, { ...fill, cost: value(Math.abs(cost)) }, T);
  }

  open(engine: string | undefined, role: string): readonly OrderRecord[] {
    return this.orders.filter(
      (o) => isLive(o.state) && o.facts.role === role && (engine === undefined || o.facts.engine === engine),
    );
  }

  /** What a purse uses, added up the plain way: all that is held and all that may still fill, at 3x, and the fee. */
  used(engine: string): number {
    const worst = Math.abs(shareOf(this.book, engine).cost) + this.#openWorth(this.open(engine, "entry"));
    return worst / 3 + (worst * LINEAR.takerFee) / ONE;
  }

  gross(): number {
    const held = ENGINES.reduce((sum, engine) => sum + Math.abs(shareOf(this.book, engine).cost), 0);
    return held + this.#openWorth(this.open(undefined, "entry"));
  }

  #openWorth(orders: readonly OrderRecord[]): number {
    return orders.reduce((sum, o) => sum + notional(LINEAR, o.facts.price ?? ticks(1), openLots(o), "up"), 0);
  }

  check(isJustApproved: boolean, last: Step): void {
    for (const engine of ENGINES) {
      const share = shareOf(this.book, engine).lots * this.sign;
      const pending = this.open(engine, "entry").reduce((sum, o) => sum + openLots(o), 0);
      expect(share + pending).toBeLessThanOrEqual(POSITION_MAX);
      expect(this.used(engine)).toBeLessThanOrEqual(CAP + 10);
      if (!isJustApproved || last.engine !== engine) continue;
      const role = last.what === "stop" ? "stop" : "takeProfit";
      const reducing = this.open(engine, role).reduce((sum, o) => sum + openLots(o), 0);
      if (last.what !== "enter") expect(reducing).toBeLessThanOrEqual(share);
    }
    expect(this.gross()).toBeLessThanOrEqual(3 * EQUITY + 10);
    // A book that started empty is never on the other side: nothing that leaves can turn it.
    expect(explained(this.book) * this.sign).toBeGreaterThanOrEqual(0);
  }
}

describe("the guard over time (I4, I6)", () => {
  it("never lets purse, position, gross leverage or the reduce budget be exceeded", () => {
    fc.assert(
      fc.property(fc.constantFrom(1, -1), fc.array(step, { maxLength: 60 }), (sign, steps) => {
        const desk = new Desk(sign);
        for (const one of steps) {
          const before = desk.orders.length;
          desk.take(one);
          desk.check(desk.orders.length > before, one);
        }
      }),
      { numRuns: 400 },
    );
  });

  it("does use the room it has: it refuses an entry only when one of the limits is really reached", () => {
    fc.assert(
      fc.property(fc.constantFrom(1, -1), fc.array(step, { maxLength: 40 }), (sign, steps) => {
        const desk = new Desk(sign);
        for (const one of steps) desk.take(one);
        for (const engine of ENGINES) {
          const side = sign > 0 ? "buy" : "sell";
          let tries = 0;
          while (tries < 100 && desk.place(entryOf({ engine, side, lots: lots(1), price: ticks(500_000) })))
            tries += 1;
          const more = 50 * ONE;
          const share = shareOf(desk.book, engine).lots * sign;
          const pending = desk.open(engine, "entry").reduce((sum, o) => sum + openLots(o), 0);
          const isFull =
            share + pending + 1 > POSITION_MAX ||
            desk.used(engine) + more / 3 + (more * LINEAR.takerFee) / ONE > CAP - 10 ||
            desk.gross() + more > 3 * EQUITY - 10;
          expect(isFull).toBe(true);
          // And exits for all that is held are let through too.
          const free = share - desk.open(engine, "takeProfit").reduce((sum, o) => sum + openLots(o), 0);
          const book = desk.open(undefined, "takeProfit").reduce((sum, o) => sum + openLots(o), 0);
          const room = Math.min(free, Math.abs(explained(desk.book)) - book);
          const out = sign > 0 ? "sell" : "buy";
          if (room > 0) expect(desk.place(exitOf({ engine, side: out, lots: lots(room) }))).toBe(true);
        }
      }),
      { numRuns: 200 },
    );
  });

  it("meets all three limits in these streams, so that the two above prove something", () => {
    const seen = new Set<Refusal>();
    fc.assert(
      fc.property(fc.array(step, { minLength: 40, maxLength: 60 }), (steps) => {
        const desk = new Desk(1);
        for (const one of steps) desk.take(one);
        for (const reason of desk.refused) seen.add(reason);
      }),
      { numRuns: 100, seed: 11 },
    );
    expect([...seen].sort()).toEqual([
      // Both exits of one engine may fill: what it closed too much stands against the others' entries.
      "foreignAgainst",
      "grossLeverage",
      "nothingToReduce",
      "positionLimit",
      "purse",
      "reduceBudget",
    ]);
  });
});
