import { describe, expect, it } from "vitest";
import { lots, millis, rate, ticks } from "../../src/core/units.ts";
import { Board } from "../../src/market/board.ts";

const of = (instrument: string, wallAt: number) =>
  ({ at: millis(1), wallAt: millis(wallAt), venue: "binanceusdm", instrument }) as const;
const top = (instrument: string, wallAt: number, bid: number) =>
  ({
    ...of(instrument, wallAt),
    type: "top",
    bid: ticks(bid),
    bidLots: lots(5),
    ask: ticks(bid + 1),
    askLots: lots(6),
  }) as const;

describe("the board", () => {
  it("knows nothing before the market spoke: undefined, never zero (I9)", () => {
    const board = new Board();
    expect(board.youngest()).toBeUndefined();
    expect(board.of("BTCUSDT")).toEqual({
      top: undefined,
      topWallAt: undefined,
      mark: undefined,
      markWallAt: undefined,
      fundingRate: undefined,
      nextFundingAt: undefined,
      bids: [],
      asks: [],
    });
    expect(board.youngest()).toBeUndefined();
  });

  it("keeps the last word of each kind, apart for each instrument", () => {
    const board = new Board();
    board.apply(top("BTCUSDT", 10, 500_000));
    board.apply(top("BTCUSDT", 20, 500_010));
    board.apply(top("ETHUSDT", 15, 30_000));
    board.apply({
      ...of("BTCUSDT", 30),
      type: "mark",
      mark: ticks(500_005),
      index: ticks(500_004),
      fundingRate: rate(-1_000),
      nextFundingAt: millis(99),
    });
    const bids = [[ticks(500_000), lots(3)]] as const;
    const asks = [[ticks(500_001), lots(4)]] as const;
    board.apply({ ...of("BTCUSDT", 40), type: "depth", bids, asks });
    expect(board.of("BTCUSDT")).toMatchObject({
      top: { bid: 500_010, ask: 500_011, bidLots: 5, askLots: 6 },
      topWallAt: 20,
      mark: 500_005,
      markWallAt: 30,
      fundingRate: -1_000,
      nextFundingAt: 99,
      bids,
      asks,
    });
    expect(board.of("ETHUSDT")).toMatchObject({ top: { bid: 30_000 }, mark: undefined, bids: [] });
  });

  it("takes a price of 0 for what it is: none (I9)", () => {
    const board = new Board();
    const mark = { ...of("BTCUSDT", 30), type: "mark", index: ticks(1), fundingRate: rate(0) } as const;
    board.apply({ ...mark, mark: ticks(500_005), nextFundingAt: millis(99) });
    board.apply(top("BTCUSDT", 31, 500_000));
    board.apply({ ...mark, mark: ticks(0), nextFundingAt: millis(99) });
    board.apply(top("BTCUSDT", 32, 0));
    expect(board.of("BTCUSDT")).toMatchObject({
      mark: undefined,
      markWallAt: 30,
      top: undefined,
      topWallAt: 32,
    });
  });

  it("sees in the depth that a quiet symbol's best prices still stand; a book that says otherwise confirms nothing", () => {
    const board = new Board();
    const book = (wallAt: number, bid: number, ask: number) =>
      ({
        ...of("BTCUSDT", wallAt),
        type: "depth",
        bids: [[ticks(bid), lots(3)]],
        asks: [[ticks(ask), lots(4)]],
      }) as const;
    board.apply(book(10, 500_000, 500_001));
    expect(board.youngest(), "a book before the best prices").toBeUndefined();
    board.apply(top("BTCUSDT", 20, 500_000));
    board.apply(book(30, 500_000, 500_001));
    expect(board.youngest()).toBe(30);
    board.apply(book(40, 500_000, 500_002));
    board.apply(book(50, 499_999, 500_001));
    board.apply({ ...of("BTCUSDT", 60), type: "depth", bids: [], asks: [] });
    expect(board.of("BTCUSDT").topWallAt, "another ask, another bid, none").toBe(30);
    board.apply(book(70, 500_000, 500_001));
    expect(board.youngest()).toBe(70);
  });

  it("is as young as its youngest quote: a mark or a book alone does not make it fresh", () => {
    const board = new Board();
    board.apply(top("BTCUSDT", 20, 500_000));
    board.apply(top("ETHUSDT", 15, 30_000));
    board.apply({ ...of("BTCUSDT", 90), type: "depth", bids: [], asks: [] });
    expect(board.youngest()).toBe(20);
    board.apply(top("ETHUSDT", 95, 30_000));
    expect(board.youngest()).toBe(95);
  });
});
