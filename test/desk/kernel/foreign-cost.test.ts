import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Book, newBook, shareOf } from "../../../src/core/book.ts";
import { BookJournal } from "../../../src/core/book-journal.ts";
import { executionCost, type Instrument } from "../../../src/core/instrument.ts";
import { trade } from "../../../src/core/position.ts";
import { lots, ticks, value } from "../../../src/core/units.ts";
import { foreignCost } from "../../../src/desk/kernel/foreign-cost.ts";
import { INVERSE, LINEAR } from "../../support/instruments.ts";

const costOf = (size: number, price: number, of: Instrument = LINEAR) =>
  executionCost(of, ticks(price), lots(size), "nearest");
function bookOf(instrument: Instrument, ...executions: readonly (readonly [string, number, number])[]): Book {
  const book = newBook("main", instrument.id, "both");
  for (const [engine, size, price] of executions)
    trade(shareOf(book, engine), lots(size), costOf(size, price, instrument), value(0));
  return book;
}

describe("what a foreign part cost of which only the size is known", () => {
  it("is what it would have cost at the price that is told with it", () => {
    const told = { entry: undefined, mark: ticks(510_000) } as never;
    expect(foreignCost(bookOf(LINEAR, ["a", 10, 500_000]), lots(-4), told, LINEAR)).toBe(costOf(-4, 510_000));
  });

  it("is what ours leave of the exchange's entry, which is the average of both", () => {
    // Ten at 500,000 are ours, ten at 400,000 a person's: the exchange says 450,000 for all.
    const told = { entry: ticks(450_000), mark: ticks(510_000), lots: lots(20) } as never;
    expect(foreignCost(bookOf(LINEAR, ["a", 10, 500_000]), lots(10), told, LINEAR)).toBe(costOf(10, 400_000));
    // What would come out on the wrong side is a guess at the entry, as before.
    const odd = { entry: ticks(100_000), mark: ticks(510_000), lots: lots(20) } as never;
    expect(foreignCost(bookOf(LINEAR, ["a", 10, 500_000]), lots(10), odd, LINEAR)).toBe(costOf(10, 100_000));
  });

  it("is ours where the exchange is flat: whoever closed it did it at our price", () => {
    const book = bookOf(LINEAR, ["a", 10, 500_000], ["b", 2, 400_000]);
    expect(foreignCost(book, lots(-12), undefined, LINEAR)).toBe(-costOf(10, 500_000) - costOf(2, 400_000));
  });

  it("is never nothing, on the right side, and a start goes on with it, however far exits went too far", () => {
    const execution = fc.tuple(
      fc.constantFrom("a", "b", "c"),
      fc.integer({ min: -20, max: 20 }).filter((size) => size !== 0),
      fc.integer({ min: 100_000, max: 900_000 }),
    );
    fc.assert(
      fc.property(
        fc.constantFrom(LINEAR, INVERSE),
        fc.array(execution, { minLength: 1, maxLength: 6 }),
        fc.integer({ min: -40, max: 40 }).filter((rest) => rest !== 0),
        (instrument, executions, rest) => {
          const book = bookOf(instrument, ...executions);
          const cost = foreignCost(book, lots(rest), undefined, instrument);
          expect(Math.sign(cost)).toBe(Math.sign(costOf(rest, 500_000, instrument)));
          Object.assign(book.foreign, { lots: lots(rest), cost });
          const journal = new BookJournal(book, false);
          journal.rebase();
          expect(() => journal.net()).not.toThrow();
        },
      ),
      { numRuns: 500 },
    );
  });

  it("of two engines whose exits went too far, beside a person's lot, is their average price", () => {
    const book = bookOf(
      LINEAR,
      ["a", 10, 1_000_000],
      ["b", 11, 990_000],
      ["b", -11, 1_010_000],
      ["b", -11, 800_000],
    );
    expect(foreignCost(book, lots(1), undefined, LINEAR)).toBe(
      Math.round((costOf(10, 1_000_000) + costOf(11, 800_000)) / 21),
    );
  });
});
