import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Book, explained, netOut, newBook, shareOf } from "../../src/core/book.ts";
import { BookJournal, type JournalEntry } from "../../src/core/book-journal.ts";
import { executionCost } from "../../src/core/instrument.ts";
import { trade } from "../../src/core/position.ts";
import { lots, millis, ticks, value } from "../../src/core/units.ts";
import { LINEAR } from "../support/instruments.ts";

const entryOf = (at: number, holder: string | undefined, size: number, mayNet = true): JournalEntry => ({
  key: `t${at}`,
  at: millis(at),
  tradeId: `${at}`,
  holder,
  mayNet: mayNet && holder !== undefined,
  size: lots(size),
  cost: executionCost(LINEAR, ticks(500_000 + at * 7), lots(size), "nearest"),
  fee: value(at),
});
const partsOf = (book: Book) => ({
  ...Object.fromEntries([...book.shares].filter(([, share]) => share.cost !== 0 || share.fees !== 0).sort()),
  foreign: book.foreign,
});
const fed = (entries: readonly JournalEntry[]) => {
  const book = newBook("main", "BTCUSDT", "both");
  const journal = new BookJournal(book, true);
  const changed = entries.map((entry) => journal.add(entry));
  return { book, journal, changed };
};
const history = fc
  .array(
    fc.record({
      holder: fc.constantFrom("a", "a", "b", "foreign", undefined),
      size: fc.integer({ min: -20, max: 20 }).filter((size) => size !== 0),
    }),
    { minLength: 2, maxLength: 12 },
  )
  .map((list) => list.map(({ holder, size }, at) => entryOf(at + 1, holder, size)));

describe("a book's journal", () => {
  it("ends the same whatever the order of the news: lots, cost, profit and fees of every part (I5)", () => {
    fc.assert(
      fc.property(
        history.chain((list) =>
          fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
        ),
        ([list, shuffled]) => {
          const [plain, jumbled] = [fed(list), fed(shuffled)];
          expect(partsOf(jumbled.book)).toEqual(partsOf(plain.book));
          expect(explained(jumbled.book)).toBe(list.reduce((sum, { size }) => sum + size, 0));
        },
      ),
      { numRuns: 300 },
    );
  });

  it("says whose share changed without an execution of their own, and only theirs", () => {
    expect(fed([entryOf(1, "a", 10), entryOf(2, "b", 5)]).changed).toEqual([[], []]);
    expect(fed([entryOf(1, "a", 10), entryOf(2, "foreign", -4)]).changed).toEqual([[], ["a"]]);
    expect(fed([entryOf(1, "a", 10), entryOf(2, "b", 10), entryOf(3, undefined, -4)]).changed.at(-1)).toEqual(
      ["a", "b"],
    );
    // The liquidation was heard first and given to the foreign part; the fill that it ate puts it right.
    const late = fed([entryOf(2, undefined, -4), entryOf(1, "a", 10)]);
    expect([late.changed, late.book.shares.get("a")?.lots, late.book.foreign.lots]).toEqual([
      [[], ["a"]],
      6,
      0,
    ]);
  });

  it("an exit that closes more than its engine holds closes the other's lots; what nobody held stays charged to it", () => {
    const entries = [entryOf(1, "a", 10), entryOf(2, "b", 6), entryOf(3, "a", -14, false)];
    const { book, changed } = fed(entries);
    const [a, b] = [shareOf(book, "a"), shareOf(book, "b")];
    expect([a.lots, a.cost, b.lots, changed.at(-1)]).toEqual([0, 0, 2, ["b"]]);
    // 10 of a's and 4 of b's, all at the price of the third execution; the fee is a's alone.
    expect([a.realized, b.realized, a.fees, b.fees]).toEqual([
      (14 - 0) * 10 * LINEAR.unit,
      (14 - 7) * 4 * LINEAR.unit,
      4,
      2,
    ]);
    const alone = fed([entryOf(1, "a", 10), entryOf(2, "a", -14, false)]);
    expect([shareOf(alone.book, "a").lots, alone.changed]).toEqual([-4, [[], []]]);
  });

  it("an exit that closes a person's lots takes them from that person when the engine enters anew, which keeps all that it buys", () => {
    const entries = [
      entryOf(1, "a", 10),
      entryOf(2, "foreign", 12),
      entryOf(3, "a", -18, false),
      entryOf(4, "a", 5),
      entryOf(5, "a", 2),
    ];
    const { book, changed } = fed(entries);
    expect([shareOf(book, "a").lots, book.foreign.lots, changed.flat()]).toEqual([7, 4, []]);
    const late = fed([2, 0, 1].flatMap((at) => entries.slice(at, at + 1)));
    expect([shareOf(late.book, "a").lots, late.book.foreign.lots]).toEqual([-8, 12]);
  });

  it("news of the own entry that comes after such an exit gives the other its lots back (I5)", () => {
    const late = fed([entryOf(2, "b", 6), entryOf(3, "a", -4, false), entryOf(1, "a", 4)]);
    expect([shareOf(late.book, "a").lots, shareOf(late.book, "b").lots]).toEqual([0, 6]);
    expect(late.changed.slice(1)).toEqual([["b"], ["a", "b"]]);
  });

  it("after a start what two engines hold against each other is settled before anything is counted", () => {
    const book = newBook("main", "BTCUSDT", "both");
    const journal = new BookJournal(book, false);
    for (const entry of [entryOf(1, "a", 3), entryOf(2, "b", 3), entryOf(3, "b", -6, false)])
      journal.add(entry);
    expect([shareOf(book, "a").lots, shareOf(book, "b").lots]).toEqual([3, -3]);
    expect(journal.net()).toEqual(["a", "b"]);
    expect([shareOf(book, "a").lots, shareOf(book, "b").lots]).toEqual([0, 0]);
  });

  it("what a person sold long ago closed what was held then, not what another engine bought since", () => {
    const seen = fed([entryOf(1, "a", 10), entryOf(2, "foreign", -7), entryOf(3, "b", 8)]);
    const book = newBook("main", "BTCUSDT", "both");
    const journal = new BookJournal(book, false);
    for (const entry of [entryOf(1, "a", 10), entryOf(2, "foreign", -7), entryOf(3, "b", 8)])
      journal.add(entry);
    expect(journal.net()).toEqual(["a"]);
    const shares = (of: Book) => [shareOf(of, "a").lots, shareOf(of, "b").lots, of.foreign.lots];
    expect(shares(book)).toEqual([3, 8, 0]);
    expect(shares(book)).toEqual(shares(seen.book));
    expect([shareOf(book, "a").realized, book.foreign.cost]).toEqual([shareOf(seen.book, "a").realized, 0]);
  });

  it("what was foreign at the first reading of a start closed what was held then; entries that filled since are whole", () => {
    const book = newBook("main", "BTCUSDT", "both");
    const journal = new BookJournal(book, false);
    for (const entry of [entryOf(1, "a", 7), entryOf(2, "b", 4)]) journal.add(entry);
    // The reading says flat, and its history does not say how that came about.
    const price = entryOf(1, "a", 1).cost;
    Object.assign(book.foreign, { lots: -11, cost: -11 * price });
    journal.rebase();
    for (const entry of [entryOf(3, "a", 2), entryOf(4, "b", 3)]) journal.add(entry);
    journal.rebase();
    expect(journal.net()).toEqual(["a", "b"]);
    expect([shareOf(book, "a").lots, shareOf(book, "b").lots, book.foreign]).toMatchObject([
      2,
      3,
      { lots: 0, cost: 0 },
    ]);
    expect(explained(book)).toBe(5);
  });

  it("nothing becomes foreign by that: where the sum says that it was made up for, engines keep what they hold", () => {
    const book = newBook("main", "BTCUSDT", "both");
    const journal = new BookJournal(book, false);
    for (const entry of [entryOf(1, "a", 10), entryOf(2, "foreign", -7)]) journal.add(entry);
    // The reading says ten: seven were bought back, and nothing tells by whom.
    Object.assign(book.foreign, { lots: 0, cost: 0 });
    journal.rebase();
    expect(journal.net()).toEqual([]);
    expect([shareOf(book, "a").lots, book.foreign.lots, explained(book)]).toEqual([10, 0, 10]);
  });

  it("a later life finds what the one found that saw an exit close another engine's lots, or a person's (I5)", () => {
    const ownOf = (exit: number) => [
      entryOf(1, "a", 10),
      entryOf(2, "b", 6),
      entryOf(4, "a", exit, false),
      entryOf(5, "b", 3),
      entryOf(6, "a", 5),
    ];
    const cases = [
      { foreign: 0, own: ownOf(-14) },
      { foreign: 4, own: ownOf(-18) },
      { foreign: 12, own: ownOf(-14) },
      { foreign: 12, own: ownOf(-18) },
    ].map(({ foreign, own }) =>
      fc.tuple(fc.constant(foreign), fc.constant(own), fc.shuffledSubarray(own, { minLength: own.length })),
    );
    const shares = (book: Book) => [shareOf(book, "a").lots, shareOf(book, "b").lots, book.foreign.lots];
    fc.assert(
      fc.property(fc.oneof(...cases), fc.nat(5), ([foreign, own, list], readAfter) => {
        const hand = foreign === 0 ? [] : [entryOf(3, "foreign", foreign)];
        const before = fed([...own.slice(0, 2), ...hand, ...own.slice(2)]).book;
        const book = newBook("main", "BTCUSDT", "both");
        const journal = new BookJournal(book, false);
        const read = (): void => {
          const held = shareOf(book, "a").lots + shareOf(book, "b").lots;
          book.foreign.lots = lots(explained(before) - held);
          book.foreign.cost = executionCost(LINEAR, ticks(500_000), book.foreign.lots, "nearest");
          journal.rebase();
        };
        const changed = list.map((entry, n) => {
          if (n === readAfter) read();
          const isInForeign = n >= readAfter;
          return isInForeign ? journal.claim(entry) : journal.add(entry);
        });
        const sum = explained(book);
        read();
        expect([sum, changed.flat(), journal.net()]).toEqual([
          readAfter === own.length ? sum : explained(before),
          [],
          [],
        ]);
        expect(shares(book)).toEqual(shares(before));
      }),
    );
  });

  it("moves what was taken for foreign to its engine, new or old", () => {
    const { book, journal } = fed([entryOf(1, "foreign", 10), entryOf(2, undefined, -5)]);
    expect(journal.claim(entryOf(1, "a", 10))).toEqual(["a"]);
    expect([shareOf(book, "a").lots, book.foreign.lots]).toEqual([5, 0]);
    const old = fed([entryOf(1, "foreign", 10)]);
    old.journal.rebase();
    expect(old.journal.claim(entryOf(1, "a", 10))).toEqual([]);
    expect([shareOf(old.book, "a").lots, old.book.foreign.lots]).toEqual([10, 0]);
  });

  it("at a start, an execution that was taken for a person's before its order was known counts as if it never had been", () => {
    const cases = history.chain((list) =>
      fc.record({
        list: fc.constant(list.map((entry) => ({ ...entry, holder: entry.holder ?? "a", mayNet: true }))),
        mistaken: fc.subarray(list.map((_, at) => at)),
        isRead: fc.boolean(),
        unexplained: fc.integer({ min: -15, max: 15 }),
      }),
    );
    fc.assert(
      fc.property(cases, ({ list, mistaken, isRead, unexplained }) => {
        const ended = (first: readonly JournalEntry[]) => {
          const book = newBook("main", "BTCUSDT", "both");
          const journal = new BookJournal(book, false);
          // A reading that includes all of it.
          const size = list.reduce((sum, entry) => sum + entry.size, unexplained);
          Object.assign(book.foreign, {
            lots: size,
            cost: executionCost(LINEAR, ticks(500_000), lots(size), "nearest"),
          });
          journal.rebase();
          for (const entry of first) journal.claim({ ...entry, holder: "foreign", mayNet: true });
          if (isRead) journal.rebase();
          for (const entry of list) journal.claim(entry);
          const { isTakenUnseen } = journal;
          journal.net();
          expect(explained(book)).toBe(size);
          return [isTakenUnseen, book.foreign.lots, shareOf(book, "a").lots, shareOf(book, "b").lots];
        };
        const own = mistaken.flatMap((at) => list[at] ?? []).filter(({ holder }) => holder !== "foreign");
        expect(ended(own)).toEqual(ended([]));
      }),
      { numRuns: 500 },
    );
  });

  it("forgets nothing when more comes than it keeps in order", () => {
    const list = Array.from({ length: 600 }, (_, at) =>
      entryOf(at + 1, at % 3 === 0 ? "foreign" : "a", at % 2 === 0 ? 3 : -2),
    );
    const { book } = fed(list);
    expect(explained(book)).toBe(list.reduce((sum, { size }) => sum + size, 0));
  });
});

describe("a person's trade against the engines", () => {
  it("cancels out with what they hold, never more, and changes neither the sum nor anybody else", () => {
    fc.assert(
      fc.property(fc.nat(30), fc.nat(30), fc.integer({ min: -60, max: 60 }), (a, b, foreign) => {
        const book = newBook("main", "BTCUSDT", "both");
        const cost = (size: number) => executionCost(LINEAR, ticks(500_000), lots(size), "nearest");
        if (a > 0) trade(shareOf(book, "a"), lots(a), cost(a), value(0));
        if (b > 0) trade(shareOf(book, "b"), lots(b), cost(b), value(0));
        if (foreign !== 0) trade(book.foreign, lots(foreign), cost(foreign), value(0));
        netOut(book);
        const own = shareOf(book, "a").lots + shareOf(book, "b").lots;
        expect(explained(book)).toBe(a + b + foreign);
        expect(own).toBe(Math.max(0, Math.min(a + b, a + b + foreign)));
        expect(book.foreign.lots).toBe(foreign > 0 ? foreign : Math.min(0, a + b + foreign));
        expect([shareOf(book, "a").lots >= 0, shareOf(book, "b").lots >= 0]).toEqual([true, true]);
      }),
    );
  });
});
