import { existsSync, readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { exactCount, stepOf } from "../../src/core/text.ts";
import { type Lots, lots, type Ticks, ticks } from "../../src/core/units.ts";
import { type BookLevel, OrderBook } from "../../src/market/order-book.ts";

const RAW = "../shared/data/BINANCE-BTCUSDT-USDM-20240808-wsraw.txt.gz";
const SHOTS = "../shared/data/BINANCE-BTCUSDT-USDM-20240808-book10-250ms.csv.gz";
const TICK = stepOf("0.10");
const LOT = stepOf("0.001");

const linesOf = (file: string): readonly string[] =>
  gunzipSync(readFileSync(file))
    .toString("utf8")
    .split("\n")
    .filter((line) => line !== "");
const levelsOf = (rows: readonly (readonly [string, string])[]): readonly BookLevel[] =>
  rows.map(([price, size]) => [ticks(exactCount(price, TICK, "price")), lots(exactCount(size, LOT, "size"))]);

/** The ten best levels of a side in a row of the snapshot file, from column `first` on. */
const shotSide = (row: readonly string[], first: number): readonly BookLevel[] =>
  levelsOf(Array.from({ length: 10 }, (_, at) => [row[first + 2 * at] ?? "", row[first + 2 * at + 1] ?? ""]));

const at = (price: number, count: number): BookLevel => [ticks(price) as Ticks, lots(count) as Lots];
const change = (first: number, last: number, previous: number, bids: readonly BookLevel[] = []) => ({
  firstUpdateId: first,
  lastUpdateId: last,
  previousUpdateId: previous,
  bids,
  asks: [],
});

describe("a book kept from changes", () => {
  it.skipIf(!existsSync(RAW) || !existsSync(SHOTS))(
    "follows the exchange's own frames without a gap and equals every snapshot beside them (needs ../shared/data)",
    () => {
      const book = new OrderBook();
      const answers: Record<string, number> = {};
      const shots = linesOf(SHOTS)
        .slice(1)
        .map((line) => line.split(","));
      let compared = 0;
      const compareUntil = (time: number): void => {
        for (let row = shots[compared]; row !== undefined && Number(row[0]) < time; row = shots[compared]) {
          expect([row[0], book.bids(10), book.asks(10)]).toEqual([
            row[0],
            shotSide(row, 1),
            shotSide(row, 21),
          ]);
          compared += 1;
        }
      };
      for (const line of linesOf(RAW)) {
        if (!line.includes('"depthUpdate"') && !line.includes('"lastUpdateId"')) continue;
        const frame = JSON.parse(line.slice(line.indexOf(" ") + 1));
        if (frame.lastUpdateId !== undefined) {
          const { lastUpdateId, bids, asks } = frame;
          expect(book.snapshot({ lastUpdateId, bids: levelsOf(bids), asks: levelsOf(asks) })).toBe("applied");
          continue;
        }
        const { T, U, u, pu, b, a } = frame.data;
        if (book.lastUpdateId !== undefined) compareUntil(T);
        const answer = book.change({
          firstUpdateId: U,
          lastUpdateId: u,
          previousUpdateId: pu,
          bids: levelsOf(b),
          asks: levelsOf(a),
        });
        answers[answer] = (answers[answer] ?? 0) + 1;
      }
      compareUntil(Number.POSITIVE_INFINITY);
      expect(answers).toEqual({ held: 6, applied: 6_545 });
      expect(compared).toBe(1_378);
    },
  );

  it("holds what comes before the snapshot, drops what is older, and goes on behind it", () => {
    const book = new OrderBook();
    expect(book.change(change(1, 10, 0, [at(100, 9)]))).toBe("held");
    expect(book.change(change(11, 20, 10, [at(101, 5)]))).toBe("held");
    expect(book.bids(5)).toEqual([]);
    expect(book.snapshot({ lastUpdateId: 15, bids: [at(100, 1), at(99, 2)], asks: [at(105, 3)] })).toBe(
      "applied",
    );
    expect(book.lastUpdateId).toBe(20);
    expect(book.bids(5)).toEqual([at(101, 5), at(100, 1), at(99, 2)]);
    expect(book.change(change(5, 9, 4, [at(98, 1)]))).toBe("stale");
    expect(book.change(change(21, 22, 20, [at(101, 0), at(97, 7)]))).toBe("applied");
    expect(book.bids(2)).toEqual([at(100, 1), at(99, 2)]);
    expect(book.asks(9)).toEqual([at(105, 3)]);
  });

  it("shows nothing after a gap until a snapshot that reaches the held changes", () => {
    const book = new OrderBook();
    book.snapshot({ lastUpdateId: 10, bids: [at(100, 1)], asks: [] });
    expect(book.change(change(11, 12, 10))).toBe("applied");
    expect(book.change(change(15, 16, 14, [at(99, 4)]))).toBe("gap");
    expect(book.bids(1)).toEqual([]);
    expect(book.lastUpdateId).toBeUndefined();
    expect(book.snapshot({ lastUpdateId: 11, bids: [at(100, 1)], asks: [] })).toBe("gap");
    expect(book.snapshot({ lastUpdateId: 15, bids: [at(100, 2)], asks: [] })).toBe("applied");
    expect(book.bids(2)).toEqual([at(100, 2), at(99, 4)]);
  });

  it("is what a plain map sorted anew each time would show, on both sides", () => {
    const level = fc.tuple(fc.integer({ min: 1, max: 60 }), fc.integer({ min: 0, max: 3 }));
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.array(level), fc.array(level)), { maxLength: 30 }), (changes) => {
        const book = new OrderBook();
        book.snapshot({ lastUpdateId: 0, bids: [], asks: [] });
        const plain = { bids: new Map<number, number>(), asks: new Map<number, number>() };
        changes.forEach(([bids, asks], index) => {
          const told = { bids: bids.map(([p, q]) => at(p, q)), asks: asks.map(([p, q]) => at(p + 60, q)) };
          book.change({
            firstUpdateId: index + 1,
            lastUpdateId: index + 1,
            previousUpdateId: index,
            ...told,
          });
          for (const side of ["bids", "asks"] as const) {
            for (const [price, count] of told[side]) {
              if (count === 0) plain[side].delete(price);
              else plain[side].set(price, count);
            }
          }
        });
        const sorted = (side: "bids" | "asks") =>
          [...plain[side]].sort(([a], [b]) => (side === "bids" ? b - a : a - b));
        expect(book.bids(100)).toEqual(sorted("bids"));
        expect(book.asks(100)).toEqual(sorted("asks"));
        expect(book.bids(3)).toEqual(sorted("bids").slice(0, 3));
      }),
    );
  });
});
