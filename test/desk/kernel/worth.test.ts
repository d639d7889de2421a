import { describe, expect, it } from "vitest";
import type { FillEvent } from "../../../src/core/event.ts";
import { executionCost } from "../../../src/core/instrument.ts";
import { newOrder } from "../../../src/core/order.ts";
import { flat, trade } from "../../../src/core/position.ts";
import { seeded } from "../../../src/core/random.ts";
import { lots, millis, ONE, signOf, ticks, value } from "../../../src/core/units.ts";
import { Account } from "../../../src/desk/kernel/account.ts";
import { Worth } from "../../../src/desk/kernel/worth.ts";
import { LINEAR } from "../../support/instruments.ts";
import { entryOf } from "../../support/orders.ts";

/** An account with the exchange's own bookkeeping beside it: one average cost for the whole book. */
class Books {
  readonly account = new Account("main", "USDT", new Map([[LINEAR.id, LINEAR]]));
  readonly worth = new Worth("USDT", () => LINEAR);
  readonly position = flat();
  wallet = 10_000 * ONE;
  mark = 500_000;
  wallAt = 1_000_000;
  #count = 0;

  constructor() {
    this.account.wallet = value(this.wallet);
    this.worth.begin(this.account, millis(0), millis(this.wallAt));
  }

  get book() {
    return this.account.book(LINEAR.id, "both");
  }
  /** What the exchange would say. */
  get truth(): number {
    const { lots: size, cost } = this.position;
    if (size === 0) return this.wallet;
    return this.wallet + executionCost(LINEAR, ticks(this.mark), size, "nearest") - cost;
  }
  get measured(): number | undefined {
    return this.worth.measure(this.account, () => ticks(this.mark));
  }

  /** An engine's execution; `isHeard` false: only the exchange knows of it yet. */
  fill(engine: string, side: "buy" | "sell", size: number): FillEvent {
    this.#count += 1;
    const signed = lots(size * signOf(side));
    const fee = value(ONE / 50);
    const cost = executionCost(LINEAR, ticks(this.mark), signed, "nearest");
    const realized = trade(this.position, signed, cost, fee);
    this.wallet += realized - fee;
    const clientId = `${engine}${this.#count}`;
    const event: FillEvent = {
      type: "fill",
      at: millis(this.#count),
      wallAt: millis(this.wallAt),
      account: "main",
      instrument: LINEAR.id,
      positionSide: "both",
      tradeId: clientId,
      venueOrderId: clientId,
      clientId,
      side,
      price: ticks(this.mark),
      lots: lots(size),
      fee,
      feeAsset: "USDT",
      realized,
      isMaker: true,
      origin: "client",
    };
    const role = side === "buy" ? "entry" : "takeProfit";
    const facts = entryOf({ clientId, engine, side, role, lots: lots(size), isReduceOnly: side === "sell" });
    const order = newOrder(facts, "sending", millis(0), millis(0));
    const before = this.position.lots - signed;
    this.account.fill(event, order, event.wallAt, true);
    this.worth.fill(event, this.book, this.position.lots - before, event.wallAt);
    return event;
  }

  /** A whole reading that began so long ago. */
  read(agoMs = 0): number {
    const { lots: size, cost } = this.position;
    this.account.wallet = value(this.wallet);
    this.account.expose([
      {
        instrument: LINEAR.id,
        positionSide: "both",
        lots: size,
        entry: size === 0 ? undefined : ticks(Math.round(cost / size / LINEAR.unit)),
        mark: ticks(this.mark),
        liquidation: undefined,
        marginMode: "isolated",
        leverage: 2,
        isolatedWallet: value(0),
        maintenanceMargin: value(0),
      },
    ]);
    return this.worth.read(this.account, millis(this.wallAt - agoMs));
  }
}

describe("what the account is worth", () => {
  it("is the exchange's figure through any trading of several engines in one book, told or not told of its wallet", () => {
    const chance = seeded(3, "worth");
    for (let run = 0; run < 30; run += 1) {
      const books = new Books();
      const held = new Map([
        ["one", 0],
        ["two", 0],
      ]);
      for (let n = 0; n < 200; n += 1) {
        const engine = chance.below(2) === 0 ? "one" : "two";
        const own = held.get(engine) ?? 0;
        const isBuy = own === 0 || chance.below(2) === 0;
        const size = isBuy ? 1 + chance.below(9) : 1 + chance.below(own);
        books.fill(engine, isBuy ? "buy" : "sell", size);
        held.set(engine, own + (isBuy ? size : -size));
        books.mark = Math.round(books.mark * (1 + (chance.unit() - 0.5) / 50));
        expect(Math.abs((books.measured ?? 0) - books.truth)).toBeLessThanOrEqual(400);
      }
    }
  });

  it("begins with a position at the exchange's cost, whoever opened it", () => {
    const books = new Books();
    books.fill("one", "buy", 10);
    books.mark = 450_000;
    books.fill("two", "buy", 10);
    books.fill("one", "sell", 10);
    books.read();
    const next = new Worth("USDT", () => LINEAR);
    expect(next.begin(books.account, millis(0), millis(books.wallAt))).toBe(0);
    // The exchange tells its average price in whole ticks.
    const found = next.measure(books.account, () => ticks(books.mark)) ?? 0;
    expect(Math.abs(found - books.truth)).toBeLessThanOrEqual(10 * LINEAR.unit);
  });

  it("is unknown before a reading counts, and without a mark for what is held", () => {
    const worth = new Worth("USDT", () => LINEAR);
    const { account, book } = new Books();
    expect(worth.measure(account, () => ticks(1))).toBeUndefined();
    const books = new Books();
    books.fill("one", "buy", 1);
    expect(books.worth.measure(books.account, () => undefined)).toBeUndefined();
    expect(book.shares.size).toBe(0);
  });
});

describe("what a reading shows besides", () => {
  it("is a transfer when nothing explains it and it is more than 1 %; rests are not", () => {
    const books = new Books();
    books.wallAt += 5_000;
    expect(books.read()).toBe(0);
    books.wallet += 50 * ONE;
    expect([books.read(), books.measured]).toEqual([0, 10_050 * ONE]);
    books.wallet -= 3_000 * ONE;
    expect([books.read(), books.measured]).toEqual([-3_000 * ONE, 7_050 * ONE]);
  });

  it("is no transfer when a wallet was told that moved by trading: somebody lost it elsewhere", () => {
    const books = new Books();
    books.wallAt += 5_000;
    books.read();
    books.wallet -= 3_000 * ONE;
    books.worth.told(value(-3_000 * ONE), millis(books.wallAt));
    books.wallAt += 5_000;
    expect([books.read(), books.measured]).toEqual([0, 7_000 * ONE]);
  });

  it("is no transfer after a forced close: its fees are the exchange's own", () => {
    const books = new Books();
    books.wallAt += 5_000;
    books.read();
    books.fill("one", "buy", 10);
    const forced = { ...books.fill("one", "sell", 10), origin: "liquidation" as const };
    books.worth.fill(forced, books.book, 0, millis(books.wallAt));
    books.wallet -= 3_000 * ONE;
    books.wallAt += 5_000;
    expect([books.read(), books.measured]).toEqual([0, books.wallet]);
  });

  it("is not looked at while executions come in", () => {
    const books = new Books();
    books.wallAt += 5_000;
    books.read();
    books.fill("one", "buy", 10);
    books.wallet -= 3_000 * ONE;
    expect(books.read()).toBe(0);
    books.wallAt += 900;
    expect(books.read()).toBe(0);
    books.wallAt += 200;
    expect(books.read()).toBe(-3_000 * ONE);
  });
});
