import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type Book,
  bookCost,
  bookKey,
  explained,
  isMismatched,
  newBook,
  ownLots,
  shareOf,
  spread,
  tell,
} from "../../src/core/book.ts";
import { executionCost } from "../../src/core/instrument.ts";
import { trade } from "../../src/core/position.ts";
import { lots, millis, ticks, value } from "../../src/core/units.ts";
import { LINEAR } from "../support/instruments.ts";

const PRICE = ticks(500_000);
const T = millis(1_000);
const costOf = (size: number, price = PRICE) => executionCost(LINEAR, price, lots(size), "nearest");

function bookOf(shares: Readonly<Record<string, number>>, foreign = 0): Book {
  const book = newBook("main", "BTCUSDT", "both");
  for (const [engine, size] of Object.entries(shares)) {
    const share = shareOf(book, engine);
    if (size !== 0) trade(share, lots(size), costOf(size), value(0));
  }
  if (foreign !== 0) trade(book.foreign, lots(foreign), costOf(foreign), value(0));
  return book;
}

const held = (book: Book) => ({
  ...Object.fromEntries([...book.shares].map(([engine, share]) => [engine, share.lots])),
  foreign: book.foreign.lots,
});

describe("a book", () => {
  it("explains what the exchange holds as the engines' shares plus the foreign rest (I2)", () => {
    const book = bookOf({ grid1: 10, grid2: 5 }, -3);
    expect(book.key).toBe(bookKey("main", "BTCUSDT", "both"));
    expect([explained(book), ownLots(book)]).toEqual([12, 15]);
    expect(bookCost(book)).toBe(costOf(12));
    expect(shareOf(book, "grid1")).toBe(shareOf(book, "grid1"));
    expect(shareOf(book, "new")).toEqual({ lots: 0, cost: 0, realized: 0, fees: 0, before: 0 });
  });

  it("stays explained under any fills, wherever they go", () => {
    const fill = fc.record({
      to: fc.constantFrom("grid1", "grid2", "foreign", "liquidation"),
      size: fc.integer({ min: -50, max: 50 }).filter((n) => n !== 0),
    });
    fc.assert(
      fc.property(fc.array(fill, { maxLength: 25 }), (fills) => {
        const book = bookOf({});
        let exchange = 0;
        for (const { to, size } of fills) {
          exchange += size;
          if (to === "liquidation") spread(book, lots(size), costOf(size), value(7));
          else trade(to === "foreign" ? book.foreign : shareOf(book, to), lots(size), costOf(size), value(7));
          expect(explained(book)).toBe(exchange);
        }
        const parts = [...book.shares.values(), book.foreign];
        expect(parts.reduce((sum, part) => sum + part.fees, 0)).toBe(7 * fills.length);
        // All at one price: nothing was won, and every step of cost is somewhere.
        expect(bookCost(book) - parts.reduce((sum, part) => sum + part.realized, 0)).toBe(costOf(exchange));
      }),
    );
  });
});

describe("a liquidation is shared out", () => {
  const holders = fc.record({
    a: fc.integer({ min: 0, max: 1_000 }),
    b: fc.integer({ min: 0, max: 1_000 }),
    c: fc.integer({ min: 0, max: 1_000 }),
    foreign: fc.integer({ min: -300, max: 1_000 }),
    sign: fc.constantFrom(1, -1),
    part: fc.integer({ min: 1, max: 120 }),
    price: fc.integer({ min: 400_000, max: 600_000 }).map(ticks),
    fee: fc.integer({ min: 0, max: 9_999 }),
  });

  it("pro rata by largest remainder: exact sums, nobody is flipped, nobody is off by a whole lot", () => {
    fc.assert(
      fc.property(holders, ({ a, b, c, foreign, sign, part, price, fee }) => {
        const book = bookOf({ a: a * sign, b: b * sign, c: c * sign }, foreign * sign);
        const before = held(book) as Record<string, number>;
        const base = [a, b, c, Math.max(0, foreign)].reduce((sum, n) => sum + n, 0);
        const size = -sign * Math.ceil((base * part) / 100);
        fc.pre(size !== 0);
        const was = explained(book);
        const paid = costOf(size, price);
        const ledger = () =>
          bookCost(book) - [...book.shares.values(), book.foreign].reduce((s, p) => s + p.realized, 0);
        const ledgerBefore = ledger();
        spread(book, lots(size), paid, value(fee));
        expect(explained(book)).toBe(was + size);
        expect(ledger()).toBe(ledgerBefore + paid);
        expect([...book.shares.values(), book.foreign].reduce((sum, p) => sum + p.fees, 0)).toBe(fee);
        const total = Math.min(Math.abs(size), base);
        for (const [name, lotsAfter] of Object.entries(held(book))) {
          const lotsBefore = before[name] ?? 0;
          const gone = (lotsBefore - lotsAfter) * sign;
          if (name === "foreign" && (Math.abs(size) > base || foreign <= 0)) continue;
          expect(lotsAfter * sign).toBeGreaterThanOrEqual(0);
          if (base > 0) expect(Math.abs(gone - (lotsBefore * sign * total) / base)).toBeLessThan(1);
        }
      }),
      { numRuns: 400 },
    );
  });

  it("does share out: three equal holders of a loss of two lots lose one each, in the order of their names", () => {
    const book = bookOf({ c: 1, a: 1, b: 1 });
    spread(book, lots(-2), costOf(-2), value(5));
    expect(held(book)).toEqual({ a: 0, b: 0, c: 1, foreign: 0 });
    expect([...book.shares.values()].reduce((sum, share) => sum + share.fees, 0)).toBe(5);
  });

  it("charges what nobody is known to hold to the foreign part", () => {
    const book = bookOf({ a: 3 }, 1);
    spread(book, lots(-10), costOf(-10), value(10));
    expect(held(book)).toEqual({ a: 0, foreign: -6 });
    const empty = bookOf({});
    spread(empty, lots(-4), costOf(-4), value(1));
    expect(held(empty)).toEqual({ foreign: -4 });
  });

  it("leaves a holder of the other direction alone", () => {
    const book = bookOf({ long: 10, short: -4 });
    spread(book, lots(-6), costOf(-6), value(0));
    expect(held(book)).toEqual({ long: 4, short: -4, foreign: 0 });
  });
});

describe("a difference from what the exchange says", () => {
  it("counts only when two readings agree on it", () => {
    const book = bookOf({ grid1: 10 });
    tell(book, lots(12), T, millis(5), true);
    expect([isMismatched(book), book.mismatch]).toEqual([false, { lots: 2, sinceWallAt: 5, readings: 1 }]);
    tell(book, lots(12), T, millis(9), true);
    expect([isMismatched(book), book.mismatch]).toEqual([true, { lots: 2, sinceWallAt: 5, readings: 2 }]);
  });

  it("starts over when it changes, and ends when it is explained", () => {
    const book = bookOf({ grid1: 10 });
    tell(book, lots(12), T, T, true);
    tell(book, lots(13), T, T, true);
    expect(isMismatched(book)).toBe(false);
    tell(book, lots(13), T, T, true);
    expect(isMismatched(book)).toBe(true);
    trade(book.foreign, lots(3), costOf(3), value(0));
    tell(book, lots(13), T, T, true);
    expect([isMismatched(book), book.mismatch, book.told]).toEqual([false, undefined, 13]);
  });

  it("is not confirmed by a stream's copies", () => {
    const book = bookOf({ grid1: 10 });
    for (let copy = 0; copy < 5; copy += 1) tell(book, lots(12), T, T, false);
    expect([isMismatched(book), book.mismatch?.readings]).toEqual([false, 0]);
  });
});
