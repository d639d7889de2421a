import { describe, expect, it } from "vitest";
import { bookKey } from "../../../src/core/book.ts";
import { engineTag, writeClientId } from "../../../src/core/ids.ts";
import { wholeOf } from "../../../src/core/margin.ts";
import { newOrder } from "../../../src/core/order.ts";
import { lots, millis, ticks, value } from "../../../src/core/units.ts";
import { Account } from "../../../src/desk/kernel/account.ts";
import { guardState } from "../../../src/desk/kernel/guarding.ts";
import { Grid } from "../../../src/engines/grid/grid.ts";
import { Exchange, type VenueOrder } from "../../support/exchange.ts";
import { LINEAR, ONE_BRACKET } from "../../support/instruments.ts";
import { entryOf } from "../../support/orders.ts";
import { GRID, Rig, readingFrom } from "../../support/rig.ts";

const entries = (rig: Rig) => rig.sent.filter(({ role }) => role === "entry");
const only = (orders: readonly VenueOrder[]): VenueOrder => {
  const [order, second] = orders;
  if (order === undefined || second !== undefined) throw new Error(`${orders.length} orders, not one`);
  return order;
};
const ADMIN = { person: "alice", role: "admin", platform: "telegram" } as const;
const OTHER = { ...LINEAR, id: "ETHUSDT" };

describe("what people said before a restart", () => {
  it("frees the engines again, and accepts nothing that this start found out", () => {
    const rig = new Rig({ config: { ledger: "broken" } });
    rig.state.foreignActivity = true;
    rig.ask({ type: "pause" }, ADMIN, true);
    rig.ask({ type: "resume" }, ADMIN, true);
    expect([rig.state.paused.size, rig.state.ledgerDoubt, rig.state.foreignActivity]).toEqual([
      0,
      true,
      true,
    ]);
    rig.boot();
    expect(entries(rig)).toEqual([]);
    rig.ask({ type: "resume" });
    expect([rig.state.ledgerDoubt, rig.state.foreignActivity, rig.state.blocks()]).toEqual([
      false,
      false,
      [],
    ]);
  });
});

describe("an engine that is not configured any more", () => {
  const idOf = (rung: number, engine = "old") =>
    writeClientId({
      desk: "abc",
      engineTag: engineTag(engine),
      role: "entry",
      rung,
      slice: 0,
      generation: rung,
      epoch: 6,
      nonce: "abcd",
    });
  const oldEntry = (rung: number) =>
    entryOf({ clientId: idOf(rung), engine: "old", rung, lots: lots(10), price: ticks(480_000) });
  const old = `retired-${engineTag("old")}`;

  it("has its entries taken back at the start, and whenever one shows up late; its exits stay", () => {
    const exchange = new Exchange();
    exchange.place(oldEntry(1));
    const rig = new Rig({ exchange }).boot();
    expect(exchange.orders.get(idOf(1))?.status).toBe("canceled");
    rig.feed(...exchange.place(oldEntry(2)));
    expect(exchange.orders.get(idOf(2))?.status).toBe("canceled");
    expect(exchange.open().map(({ facts }) => facts.engine)).toEqual(["grid1"]);
    expect(rig.alerts).toEqual([]);
  });

  it("is what an order is taken for whose engine trades another symbol: a copy with other settings sent it", () => {
    const exchange = new Exchange();
    exchange.place({ ...oldEntry(1), clientId: idOf(1, "eth") });
    exchange.fill(only(exchange.open("entry")));
    const rig = new Rig({
      exchange,
      config: {
        instruments: [
          { instrument: LINEAR, brackets: ONE_BRACKET },
          { instrument: OTHER, brackets: ONE_BRACKET },
        ],
        grids: [GRID, { ...GRID, engine: "eth", instrument: OTHER.id }],
      },
    }).boot();
    expect([rig.held("eth"), rig.held(`retired-${engineTag("eth")}`)]).toEqual([0, 10]);
  });

  it("an entry of our name on the other side is a second bot's: what it executed closed what the engine holds", () => {
    const exchange = new Exchange();
    exchange.place({ ...oldEntry(1), clientId: idOf(1, "grid1"), price: ticks(499_000) });
    exchange.fill(only(exchange.open("entry")));
    exchange.place({
      ...oldEntry(2),
      clientId: idOf(2, "grid1"),
      side: "sell",
      lots: lots(4),
      isPostOnly: false,
    });
    const rig = new Rig({ exchange }).boot();
    rig.pass(10_000);
    const stops = exchange.open("stop").reduce((sum, { facts }) => sum + facts.lots, 0);
    expect([rig.held(), rig.book().foreign.lots, exchange.position.lots, stops]).toEqual([6, 0, 6, 6]);
  });

  it("that holds something is said loudly; /close ends it, and that is said too", () => {
    const exchange = new Exchange();
    exchange.place(oldEntry(1));
    exchange.fill(only(exchange.open("entry")));
    const rig = new Rig({ exchange }).boot();
    expect([rig.held(old), rig.alerts.length]).toEqual([10, 1]);
    expect(rig.alerts[0]).toMatchObject({
      key: `engine:${old}`,
      level: "critical",
      title: `Engine ${old} is not configured any more, and holds a position`,
    });
    expect(rig.alerts[0]?.lines.join(" ")).toContain("BTCUSDT 0.010 BTC");
    expect(rig.alerts[0]?.lines.join(" ")).toContain("/close BTCUSDT, or configure the engine again");
    rig.pass(12_000);
    // It filled before the desk was there: nothing stops it, and that is news of its own.
    expect(rig.alerts.slice(1).map(({ title }) => title)).toEqual([
      `What engine ${old} left in BTCUSDT has no stop`,
    ]);
    expect(rig.held(old)).toBe(10);
    rig.propose("k1-e7");
    rig.decide("k1-e7");
    rig.pass(2_000);
    expect([rig.held(old), exchange.position.lots, rig.alerts.at(-1)?.level]).toEqual([0, 0, "resolved"]);
  });

  it("whose entry fills before it is taken back has that fill closed, since no stop would follow", () => {
    const rig = new Rig().boot();
    const news = rig.exchange.place(oldEntry(1));
    const late = rig.exchange.orders.get(idOf(1));
    if (late === undefined) throw new Error("it was not placed");
    rig.feed(...news.slice(0, 1), ...rig.exchange.fill(late, 4));
    rig.pass(2_000);
    expect([rig.held(old), rig.exchange.position.lots, late.status]).toEqual([0, 0, "canceled"]);
  });
});

describe("an engine with a fault", () => {
  const broken = (isInstant = true) => {
    const grid = new Grid(GRID);
    const rig = new Rig({ engines: [grid], isInstant });
    const fail = () => {
      grid.handle = () => {
        throw new Error("divided by the market");
      };
    };
    return { rig, fail };
  };

  it("has its entries taken back at once; what a stop covers stays as it is", () => {
    const { rig, fail } = broken();
    rig.boot();
    rig.feed(...rig.exchange.fill(only(rig.exchange.open("entry")), 4));
    fail();
    rig.quote(500_000);
    rig.pass(3_000);
    expect(rig.exchange.open().map(({ facts }) => [facts.role, facts.lots])).toEqual([
      ["stop", 4],
      ["takeProfit", 4],
    ]);
    expect([rig.held(), rig.state.failed.size]).toEqual([4, 1]);
    expect(rig.alerts.at(-1)?.lines.join(" ")).toContain("Its entries are taken back");
  });

  it("that fails on a fill has that fill closed", () => {
    const { rig, fail } = broken();
    rig.boot();
    fail();
    rig.feed(...rig.exchange.fill(only(rig.exchange.open("entry"))));
    rig.pass(2_000);
    expect([rig.held(), rig.exchange.position.lots, rig.exchange.open()]).toEqual([0, 0, []]);
  });

  it("has an entry taken back that is acknowledged after the fault, and a fill on the way closed alone", () => {
    const { rig, fail } = broken(false);
    for (let n = 0; n < 5_000 && entries(rig).length === 0; n += 1) {
      if (rig.news.length + rig.requests.length === 0) rig.pass(500);
      if (!rig.deliver()) rig.serve();
    }
    expect(entries(rig)).toHaveLength(1);
    fail();
    rig.pass(500);
    rig.settle();
    rig.pass(500);
    rig.settle();
    expect([rig.state.failed.size, rig.exchange.open("entry"), rig.held()]).toEqual([1, [], 0]);
  });
});

describe("an instrument whose own prices stand still", () => {
  it("takes no increase while its mark is stale, though its best prices go on; then it does", () => {
    const rig = new Rig().boot();
    rig.feed(...rig.exchange.cancel(only(rig.exchange.open("entry")).facts));
    const before = entries(rig).length;
    for (let n = 0; n < 80; n += 1) {
      rig.pass(500, true);
      rig.feed(...rig.exchange.quotes().filter(({ type }) => type === "top"));
    }
    const late = guardState(rig.state, entryOf());
    expect([rig.state.blocks(), late.blocks]).toEqual([[], ["the mark price of BTCUSDT is stale"]]);
    rig.pass(40_000);
    expect([guardState(rig.state, entryOf()).blocks, entries(rig).length > before]).toEqual([[], true]);
  });

  it("may be quiet: best prices that stand are stale only when its depth has moved on", () => {
    const rig = new Rig({
      config: {
        instruments: [
          { instrument: LINEAR, brackets: ONE_BRACKET },
          { instrument: OTHER, brackets: ONE_BRACKET },
        ],
      },
    }).boot();
    const stand = (bid: number) => {
      for (let n = 0; n < 30; n += 1) {
        rig.pass(500, true);
        const [mark, top] = rig.exchange.quotes();
        if (mark?.type !== "mark" || top?.type !== "top") throw new Error("no quotes");
        const depth = {
          ...rig.exchange.times(),
          venue: LINEAR.venue,
          instrument: LINEAR.id,
          type: "depth",
          bids: [[ticks(bid), lots(5)]],
          asks: [[ticks(500_001), lots(5)]],
        } as const;
        rig.feed(mark, { ...top, instrument: OTHER.id }, depth);
      }
    };
    stand(500_000);
    expect(guardState(rig.state, entryOf()).blocks).toEqual([]);
    stand(490_000);
    expect(guardState(rig.state, entryOf()).blocks).toEqual(["the best prices of BTCUSDT are stale"]);
  });
});

describe("what is counted, and when", () => {
  it("adopting a difference in one book leaves executions of other books what they are", () => {
    const rig = new Rig({
      config: {
        instruments: [
          { instrument: LINEAR, brackets: ONE_BRACKET },
          { instrument: OTHER, brackets: ONE_BRACKET },
        ],
      },
    }).boot();
    const { account } = rig.state;
    const book = account.book(LINEAR.id, "both");
    const old = millis(rig.exchange.at - 500);
    book.mismatch = { lots: lots(3), readings: 2 } as never;
    account.adopt(book, ticks(500_000), millis(rig.exchange.at));
    const [fill] = new Exchange().trade("buy", 4);
    if (fill?.type !== "fill") throw new Error("no fill");
    const told = (instrument: string, tradeId: string) =>
      account.fill({ ...fill, instrument, tradeId, at: old }, undefined, rig.state.wallAt, true).type;
    expect([told(LINEAR.id, "x1"), told(OTHER.id, "x2")]).toEqual(["duplicate", "foreign"]);
    const other = account.books.get(bookKey("main", OTHER.id, "both"));
    expect([book.foreign.lots, other?.foreign.lots]).toEqual([3, 4]);
  });

  it("engines that stand against each other while nothing is held leave a foreign part whose cost has the sign of its lots", () => {
    const account = new Account("main", "USDT", new Map([[LINEAR.id, LINEAR]]));
    const rig = new Rig();
    const [fill] = rig.exchange.trade("sell", 5);
    if (fill?.type !== "fill") throw new Error("no fill");
    const { at, wallAt } = fill;
    const count = (engine: string, side: "buy" | "sell", size: number, price: number) => {
      const tradeId = `${engine}${side}`;
      const facts = entryOf({ clientId: tradeId, engine, side, lots: lots(size) });
      const told = { ...fill, side, lots: lots(size), price: ticks(price), tradeId };
      account.fill(told, newOrder(facts, "sending", at, wallAt), wallAt, true);
    };
    count("a", "sell", 5, 500_000);
    count("b", "buy", 5, 499_000);
    const flat = readingFrom(rig, wallAt);
    const none = { ...flat, truth: { ...flat.truth, books: [] } };
    const { foreign } = account.book(LINEAR.id, "both");
    account.read(none, at);
    expect(foreign.lots * foreign.cost).toBeGreaterThanOrEqual(0);
    count("c", "sell", 2, 400_000);
    account.read(none, at);
    expect(foreign.lots).not.toBe(0);
    expect(foreign.lots * foreign.cost).toBeGreaterThanOrEqual(0);
  });

  it("what is held counts in gross leverage at its cost or its worth, whichever is more", () => {
    const rig = new Rig().boot();
    rig.feed(...rig.exchange.fill(only(rig.exchange.open("entry"))));
    const costOf = (mark: number | undefined) =>
      wholeOf(LINEAR, rig.book(), mark === undefined ? undefined : ticks(mark)).cost;
    const cost = costOf(undefined);
    const price = rig.sent[0]?.price ?? 0;
    expect(cost).toBe(price * 10 * LINEAR.unit);
    expect([costOf(price - 100_000), costOf(price * 2)]).toEqual([cost, value(cost * 2)]);
    rig.exchange.mark = price * 3;
    rig.feed(...rig.exchange.quotes().filter(({ type }) => type === "mark"));
    const other = guardState(rig.state, entryOf({ engine: "grid1", instrument: LINEAR.id }));
    expect(other.mark).toBe(price * 3);
  });

  it("a reading that answers late covers what was executed before it was asked for, not before a younger one was", () => {
    const rig = new Rig({ isInstant: false });
    rig.timer();
    rig.deliver();
    const first = rig.exchange.times();
    const late = readingFrom(rig, rig.exchange.wallAt);
    for (let n = 0; n < 370; n += 1) rig.pass(500, true);
    while (rig.deliver());
    expect(rig.effects.filter(({ type }) => type === "readTruth")).toHaveLength(2);
    expect(rig.state.truthAskedAt(late)).toBe(first.at);
    expect(rig.state.truthAskedAt(readingFrom(rig, rig.exchange.wallAt))).toBeGreaterThan(first.at + 60_000);
    expect(rig.state.truthAskedAt(readingFrom(rig, first.wallAt - 1))).toBe(0);
  });
});
