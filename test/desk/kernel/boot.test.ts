import { describe, expect, it } from "vitest";
import { engineTag, writeClientId } from "../../../src/core/ids.ts";
import { lots, millis, ticks } from "../../../src/core/units.ts";
import { viewOf } from "../../../src/desk/view.ts";
import { Exchange } from "../../support/exchange.ts";
import { entryOf } from "../../support/orders.ts";
import { GRID, Rig, readingFrom } from "../../support/rig.ts";

const entries = (rig: Rig) => rig.sent.filter(({ role }) => role === "entry");

const rungsOf = (rig: Rig) => {
  const [grid] = rig.state.engines.values();
  return (grid?.snapshot().state as { readonly rungs: unknown } | undefined)?.rungs;
};

it("looking at the desk before its first reading makes no book: a replay, at which nobody looks, must find the same", () => {
  const rig = new Rig();
  viewOf(rig.state);
  expect(rig.state.account.books.size).toBe(0);
  viewOf(rig.boot().state);
  const { books } = rig.state.account;
  const quiet = new Rig().boot();
  expect([...books.keys()]).toEqual([...quiet.state.account.books.keys()]);
  expect(rig.hash()).toBe(quiet.hash());
});

describe("from start to the first entry", () => {
  it("reads the account first, sets leverage and isolated margin, and waits", () => {
    const rig = new Rig();
    rig.feed(...rig.exchange.quotes());
    expect([rig.effects, rig.state.isBooted]).toEqual([[], false]);
    rig.timer();
    expect(rig.effects.map((effect) => effect.type)).toEqual(["readTruth", "setLeverage", "setMarginMode"]);
    expect([rig.exchange.leverage, rig.exchange.marginMode]).toEqual([2, "isolated"]);
    expect(rig.state.blocks()).toEqual(["entries wait until the account was read twice after the start"]);
    rig.feed(...rig.exchange.quotes());
    expect(rig.sent).toEqual([]);
  });

  it("sends no entry before what was in flight has landed and a second reading agreed; then it does", () => {
    const rig = new Rig();
    rig.timer();
    rig.feed(...rig.exchange.quotes());
    rig.pass(3_900);
    expect(entries(rig)).toEqual([]);
    expect(rig.effects.filter(({ type }) => type === "readTruth")).toHaveLength(1);
    rig.pass(1_500);
    expect(rig.effects.filter(({ type }) => type === "readTruth")).toHaveLength(2);
    expect(rig.state.blocks()).toEqual([]);
    expect(entries(rig)).toHaveLength(1);
    expect(entries(rig)[0]).toMatchObject({ side: "buy", lots: 10, isPostOnly: true, isReduceOnly: false });
    expect(entries(rig)[0]?.price).toBeLessThanOrEqual(rig.exchange.bid);
  });

  it("a reading that began before the hold was over does not count as the second one", () => {
    const rig = new Rig();
    rig.timer();
    rig.feed(...rig.exchange.quotes());
    rig.feed(readingFrom(rig, rig.config.bootWallAt + 3_999));
    expect(rig.state.blocks()).toHaveLength(1);
    rig.feed(readingFrom(rig, rig.config.bootWallAt + 4_000));
    expect(rig.state.blocks()).toEqual([]);
  });

  it("after readings that contradict each other two must agree over ten seconds: stale lists come in a row", () => {
    const rig = new Rig();
    rig.exchange.trade("sell", 2);
    rig.timer();
    rig.feed(...rig.exchange.quotes());
    const hold = rig.config.bootWallAt + 4_000;
    const stale = (startedWallAt: number) => {
      const event = readingFrom(rig, startedWallAt);
      return { ...event, truth: { ...event.truth, books: [] } };
    };
    rig.feed(stale(hold), stale(hold + 500), stale(hold + 9_999));
    expect([rig.state.blocks().length, rig.book().foreign.lots]).toEqual([1, 0]);
    rig.feed(readingFrom(rig, hold + 10_000), readingFrom(rig, hold + 19_999));
    expect([rig.state.blocks().length, rig.book().foreign.lots]).toEqual([1, -2]);
    rig.feed(readingFrom(rig, hold + 20_000));
    expect(rig.state.blocks()).toEqual([]);
  });

  it("a reading that lacks our orders and our position contradicts too: the next one like it ends no start", () => {
    const first = new Rig().boot();
    const { exchange } = first;
    const entry = exchange.open("entry")[0];
    if (entry === undefined) throw new Error("no entry rests");
    first.feed(...exchange.fill(entry));
    first.pass(2_000);
    const resting = exchange.open().length;
    const rig = new Rig({ exchange, config: { epoch: 8, nonce: "abcd" }, isInstant: false });
    const hold = rig.config.bootWallAt + 4_000;
    const stale = (startedWallAt: number, given: object) => {
      const event = readingFrom(rig, startedWallAt);
      return { ...event, truth: { ...event.truth, books: [], fills: [], ...given } };
    };
    const none = { openOrders: [], openConditionals: [], history: [] };
    rig.turn(readingFrom(rig, hold - 500));
    rig.turn(stale(hold, none));
    rig.turn(stale(hold + 2_500, none));
    rig.turn(stale(hold + 5_000, {}));
    expect([rig.state.interruptions.isSteady, rig.held()]).toEqual([false, 10]);
    exchange.wallAt = hold + 10_500;
    rig.turn(readingFrom(rig, hold + 10_000));
    exchange.wallAt = hold + 20_500;
    rig.turn(readingFrom(rig, hold + 20_000));
    expect([rig.state.blocks().length, rig.held(), rig.book().foreign.lots]).toEqual([1, 10, 0]);
    expect(rig.effects.filter(({ type }) => type === "cancel")).toEqual([]);
    expect(exchange.open()).toHaveLength(resting);
  });

  it("readings without our wallet were cut short and count for nothing, however well they agree", () => {
    const first = new Rig().boot();
    const { exchange } = first;
    const entry = exchange.open("entry")[0];
    if (entry === undefined) throw new Error("no entry rests");
    first.feed(...exchange.fill(entry));
    first.pass(2_000);
    const rig = new Rig({ exchange, config: { epoch: 8, nonce: "abcd" }, isInstant: false });
    for (const event of exchange.quotes()) rig.turn(event);
    const hold = rig.config.bootWallAt + 4_000;
    const cut = (startedWallAt: number) => {
      const event = readingFrom(rig, startedWallAt);
      return { ...event, truth: { ...event.truth, books: [], wallets: [] } };
    };
    rig.turn(cut(hold));
    rig.turn(cut(hold + 12_000));
    rig.turn(cut(hold + 24_000));
    expect([rig.held(), rig.book().foreign.lots, rig.state.blocks()]).toEqual([
      10,
      -10,
      [
        "entries wait until the account was read twice after the start",
        "the exchange shows no USDT on the account",
      ],
    ]);
    for (const startedWallAt of [hold + 26_000, hold + 37_000]) rig.turn(readingFrom(rig, startedWallAt));
    expect([rig.held(), rig.book().foreign.lots, rig.state.blocks()]).toEqual([10, 0, []]);
    expect(rig.effects.filter(({ type }) => type === "cancel")).toEqual([]);
  });

  it("sends nothing at all before the first reading, whatever happens", () => {
    const rig = new Rig({ isInstant: false });
    rig.timer();
    rig.settle();
    const quiet = new Rig({ isInstant: false });
    quiet.turn({ type: "timer", ...quiet.exchange.times() });
    for (const event of quiet.exchange.quotes()) quiet.turn(event);
    quiet.turn({ type: "timer", ...quiet.exchange.times() });
    expect(quiet.effects.map(({ type }) => type)).toEqual(["readTruth"]);
  });

  it("after a restart the same rungs carry on: nothing is doubled, nothing forgotten", () => {
    const first = new Rig().boot();
    const { exchange } = first;
    const entry = exchange.open("entry")[0];
    if (entry === undefined) throw new Error("no entry rests");
    first.feed(...exchange.fill(entry, 4));
    first.pass(2_000);
    const before = exchange.open().map((order) => [order.facts.clientId, order.status, order.filled]);
    expect(exchange.open("takeProfit")[0]?.facts.lots).toBe(4);
    expect(exchange.open("stop")[0]?.facts.lots).toBe(4);
    const second = new Rig({ exchange, config: { epoch: 8, nonce: "abcd" } }).boot();
    expect(exchange.open().map((order) => [order.facts.clientId, order.status, order.filled])).toEqual(
      before,
    );
    expect([second.sent, second.alerts, second.held(), second.book().foreign.lots]).toEqual([[], [], 4, 0]);
    expect(rungsOf(second)).toEqual(rungsOf(first));
    second.feed(...exchange.fill(entry));
    expect([second.held(), exchange.open("takeProfit").reduce((sum, o) => sum + o.facts.lots, 0)]).toEqual([
      10, 10,
    ]);
  });

  it("an entry that fills bit by bit is older than the exits of its first part: they are not its rung's past", () => {
    const first = new Rig().boot();
    const { exchange } = first;
    const open = (role: string) => {
      const [order] = exchange.open(role);
      if (order === undefined) throw new Error(`no ${role} rests`);
      return order;
    };
    // Two rungs are held when the desk dies, and both exits of the one are executed: it has sold the other's lots.
    const one = open("entry");
    first.feed(...exchange.fill(one));
    first.pass(2_000);
    first.feed(...exchange.fill(open("entry")));
    first.pass(2_000);
    exchange.at += 1_000;
    exchange.trigger(open("stop"));
    exchange.at += 1_000;
    exchange.fill(open("takeProfit"));
    expect(exchange.position.lots).toBe(0);
    // The next life enters on that rung again, and is filled in two parts.
    const second = new Rig({ exchange, config: { epoch: 8, nonce: "abcd" } }).boot();
    second.pass(2_000);
    const again = open("entry");
    expect(again.facts.rung).toBe(one.facts.rung);
    second.feed(...exchange.fill(again, 4));
    second.pass(2_000);
    second.feed(...exchange.fill(again));
    second.pass(500);
    const before = exchange.open("stop").map(({ facts }) => [facts.clientId, facts.lots]);
    const third = new Rig({ exchange, config: { epoch: 9, nonce: "efgh" } }).boot();
    expect(exchange.open("stop").map(({ facts }) => [facts.clientId, facts.lots])).toEqual(before);
    expect(before.map(([, size]) => size)).toEqual([4, 6]);
    expect(third.effects.filter(({ type }) => type === "cancel")).toEqual([]);
  });
  it("an exit that is added after a restart bears no number of one that rests, though orders before it are forgotten", () => {
    const first = new Rig().boot();
    const { exchange } = first;
    const entry = exchange.open("entry")[0];
    if (entry === undefined) throw new Error("no entry rests");
    first.feed(...exchange.fill(entry, 4));
    first.feed(...exchange.fill(entry));
    first.pass(2_000);
    for (const role of ["stop", "takeProfit"]) {
      const [gone] = exchange.open(role);
      if (gone !== undefined) exchange.orders.delete(gone.facts.clientId);
    }
    new Rig({ exchange, config: { epoch: 8, nonce: "abcd" } }).boot();
    for (const role of ["stop", "takeProfit"]) {
      const slices = exchange.open(role).map(({ facts }) => facts.slice);
      expect([slices.length, new Set(slices).size]).toEqual([2, 2]);
    }
  });

  it("what is held and no order of ours explains is foreign from the start, and not touched", () => {
    const exchange = new Exchange();
    exchange.marginMode = "isolated";
    exchange.leverage = GRID.leverage;
    exchange.trade("buy", 25);
    const rig = new Rig({ exchange }).boot();
    expect([rig.book().foreign.lots, rig.held(), rig.state.mismatched.size]).toEqual([25, 0, 0]);
    expect([rig.alerts, rig.state.foreignActivity]).toEqual([[], false]);
    expect(entries(rig)).toHaveLength(1);
  });

  it("what was forced while a person held a part is shared out the same by a life that finds it", () => {
    const first = new Rig().boot();
    const { exchange } = first;
    const entry = exchange.open("entry")[0];
    if (entry === undefined) throw new Error("no entry rests");
    first.feed(...exchange.fill(entry));
    exchange.at += 1_000;
    first.feed(...exchange.trade("buy", 10));
    first.pass(3_000);
    exchange.at += 1_000;
    for (const news of exchange.liquidate(8)) first.turn(news);
    expect([first.held(), first.book().foreign.lots]).toEqual([6, 6]);
    // Killed before anything left: the next life finds the same six, and closes them, for a liquidation is Shutdown.
    const second = new Rig({ exchange, config: { epoch: 8, nonce: "abcd" } });
    const shares: number[] = [];
    second.watch = () => shares.push(second.held());
    second.boot();
    const closes = second.sent.filter(({ role }) => role === "close").map(({ lots }) => lots);
    expect([Math.max(...shares), closes]).toEqual([6, [6]]);
    expect([second.held(), second.book().foreign.lots, exchange.open()]).toEqual([0, 6, []]);
  });
});

describe("another process with our name", () => {
  const idOf = (epoch: number, nonce: string) =>
    writeClientId({
      desk: "abc",
      engineTag: engineTag("grid1"),
      role: "entry",
      rung: 6_500,
      slice: 0,
      generation: 9,
      epoch,
      nonce,
    });

  it.each([
    ["of a younger epoch", 8, "abcd"],
    ["of our epoch with another nonce", 7, "abcd"],
    ["of our epoch and nonce that we never sent", 7, "wxyz"],
  ])("an order %s is a second bot: entries stop, and it is said loudly", (_what, epoch, nonce) => {
    const rig = new Rig().boot();
    const clientId = idOf(epoch, nonce);
    rig.feed(...rig.exchange.place(entryOf({ clientId, lots: lots(10), price: ticks(480_000) })));
    expect(rig.state.secondBot).toBe(true);
    expect(rig.alerts.at(-1)).toMatchObject({ key: "second-bot:main", level: "critical" });
    const before = entries(rig).length;
    rig.quote(510_000);
    rig.pass(5_000);
    expect(entries(rig)).toHaveLength(before);
    expect(rig.state.blocks()).toContain("a second bot uses our order ids on this account");
  });

  it("an order of an earlier epoch that shows up late is ours: its rung adopts it", () => {
    const rig = new Rig().boot();
    const clientId = idOf(6, "abcd");
    rig.feed(
      ...rig.exchange.place(entryOf({ clientId, rung: 6_500, lots: lots(10), price: ticks(480_000) })),
    );
    expect([rig.state.secondBot, rig.state.orders.get(clientId)?.state]).toEqual([false, "resting"]);
    Object.assign(rig.exchange, { bid: 480_001, ask: 480_002, mark: 480_001 });
    const late = rig.exchange.orders.get(clientId);
    if (late !== undefined) rig.feed(...rig.exchange.fill(late));
    expect(rig.held()).toBe(10);
    expect(rig.exchange.open("stop").map(({ facts }) => [facts.rung, facts.lots])).toEqual([[6_500, 10]]);
    expect(rig.alerts).toEqual([]);
  });
});

describe("the first mark price after a start", () => {
  it("may be on its way for a moment; a position whose mark stays away is HIGH", () => {
    const exchange = new Exchange();
    exchange.marginMode = "isolated";
    exchange.leverage = GRID.leverage;
    exchange.trade("buy", 25);
    const rig = new Rig({ exchange });
    rig.timer();
    rig.pass(9_500, true);
    expect(rig.alerts).toEqual([]);
    rig.pass(1_000, true);
    expect(rig.alerts).toMatchObject([{ key: "liquidation:main/BTCUSDT/both", level: "high" }]);
  });
});

describe("time", () => {
  it("never runs backwards in the kernel, whatever the events say", () => {
    const rig = new Rig().boot();
    const { at, wallAt } = rig.state;
    rig.turn({ type: "timer", at: millis(at - 5_000), wallAt: millis(wallAt - 5_000) });
    expect([rig.state.at, rig.state.wallAt]).toEqual([at, wallAt]);
  });
});
