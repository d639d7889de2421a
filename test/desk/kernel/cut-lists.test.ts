import { describe, expect, it } from "vitest";
import type { ExposureOfBook, TruthEvent } from "../../../src/core/event.ts";
import { lots } from "../../../src/core/units.ts";
import type { VenueOrder } from "../../support/exchange.ts";
import { Rig, readingFrom } from "../../support/rig.ts";

const only = ([order, second]: readonly VenueOrder[]): VenueOrder => {
  if (order === undefined || second !== undefined) throw new Error("not one order");
  return order;
};

describe("a start at which the exchange cuts its lists short", () => {
  it("places no exit again while positions contradict the executions; stops wait 2.5 s at most", () => {
    const first = new Rig().boot();
    const { exchange } = first;
    const entry = exchange.open("entry")[0];
    if (entry === undefined) throw new Error("no entry rests");
    first.feed(...exchange.fill(entry));
    const second = new Rig({ exchange, config: { epoch: 8, nonce: "abcd" } });
    const cut = (books: readonly ExposureOfBook[]) => {
      const event = readingFrom(second, exchange.wallAt);
      const history = event.truth.history.filter(({ clientId }) => clientId === entry.facts.clientId);
      return {
        ...event,
        truth: { ...event.truth, books, history, openOrders: [], openConditionals: [] },
      };
    };
    const { books } = readingFrom(second, exchange.wallAt).truth;
    second.feed(cut([]), cut([]));
    expect([second.held(), second.book().foreign.lots, second.state.isConfirmed]).toEqual([10, -10, false]);
    second.feed(cut(books));
    expect([second.book().foreign.lots, second.state.isConfirmed], "they say another thing").toEqual([
      0,
      false,
    ]);
    expect([second.sent, second.refused]).toEqual([[], []]);
    second.feed(cut(books));
    expect(second.state.isConfirmed).toBe(true);
    const third = new Rig({ exchange, config: { epoch: 9, nonce: "cdef" } });
    third.feed(cut([]), cut([]));
    const wait = (ms: number) => {
      exchange.at += ms;
      exchange.wallAt += ms;
      third.turn({ type: "timer", ...exchange.times() });
    };
    wait(2_500);
    expect([third.state.mayProtect, third.sent]).toEqual([false, []]);
    wait(1);
    expect([third.state.mayProtect, third.state.isConfirmed]).toEqual([true, false]);
  });

  it("takes no exit back for an execution that is missing, and finds the rung again that had seemed to pay for it", () => {
    const first = new Rig().boot();
    const { exchange } = first;
    const high = only(exchange.open("entry"));
    first.feed(...exchange.fill(high));
    first.pass(2_000);
    first.quote(exchange.mark - 1_000);
    first.pass(2_000);
    const low = only(exchange.open("entry"));
    first.feed(...exchange.fill(low));
    first.pass(500);
    const ofRung = (role: string, { facts }: VenueOrder) =>
      exchange.open(role).filter((order) => order.facts.rung === facts.rung);
    exchange.fill(only(ofRung("takeProfit", high)));
    const second = new Rig({ exchange, config: { epoch: 8, nonce: "abcd" } });
    const whole = () => readingFrom(second, exchange.wallAt);
    const cut = () => {
      const event = whole();
      const fills = event.truth.fills.filter(({ clientId }) => clientId !== high.facts.clientId);
      return { ...event, truth: { ...event.truth, fills } };
    };
    expect(cut().truth.fills.length).toBe(whole().truth.fills.length - 1);
    second.feed(...exchange.quotes(), cut());
    expect([second.held(), second.book().foreign.lots]).toEqual([0, 10]);
    second.feed(whole(), whole());
    expect([second.held(), second.book().foreign.lots, second.state.isConfirmed]).toEqual([10, 0, true]);
    expect(second.effects.filter(({ type }) => type === "send" || type === "cancel")).toMatchObject([
      { type: "cancel", facts: { rung: high.facts.rung, role: "stop" } },
    ]);
    expect([ofRung("stop", low).length, ofRung("takeProfit", low).length]).toEqual([1, 1]);
    expect(second.state.engines.get("grid1")?.snapshot()).toMatchObject({ rungsHeld: 1 });
    exchange.cancel(only(ofRung("stop", low)).facts);
    second.feed(whole(), whole());
    second.pass(2_000);
    expect(ofRung("stop", low).map(({ facts }) => facts.lots)).toEqual([10]);
  });

  it("quotes no rung again whose entry only the history shows, and trades when the lists agree", () => {
    const first = new Rig().boot();
    const { exchange } = first;
    const entry = only(exchange.open("entry"));
    const second = new Rig({ exchange, config: { epoch: 8, nonce: "abcd" } });
    const whole = () => readingFrom(second, exchange.wallAt);
    const old = () => {
      const event = whole();
      const { openOrders, history } = event.truth;
      return { ...event, truth: { ...event.truth, openOrders: [], history: [...history, ...openOrders] } };
    };
    const asked = () =>
      second.effects.flatMap((each) => (each.type === "query" ? [each.facts.clientId] : []));
    const seen = () => [second.state.interruptions.isSteady, asked(), second.sent];
    second.feed(...exchange.quotes(), old());
    expect(second.state.orders.get(entry.facts.clientId)?.state).toBe("resting");
    exchange.wallAt += 5_000;
    exchange.at += 5_000;
    expect(seen()).toEqual([false, [], []]);
    second.feed(old());
    expect(seen(), "two readings missed it").toEqual([false, [entry.facts.clientId], []]);
    exchange.wallAt += 5_000;
    exchange.at += 5_000;
    second.feed(whole(), whole());
    second.pass(2_000);
    expect(seen()).toEqual([true, [entry.facts.clientId], []]);
    expect(exchange.open("entry")).toEqual([entry]);
  });

  it("learns of the end of an entry that an old history still shows as resting", () => {
    const first = new Rig().boot();
    const { exchange } = first;
    const entry = only(exchange.open("entry"));
    const second = new Rig({ exchange, config: { epoch: 8, nonce: "abcd" } });
    const { openOrders } = readingFrom(second, exchange.wallAt).truth;
    exchange.cancel(entry.facts);
    const old = () => {
      const event = readingFrom(second, exchange.wallAt);
      return { ...event, truth: { ...event.truth, history: openOrders } };
    };
    const state = () => second.state.orders.get(entry.facts.clientId)?.state;
    second.feed(...exchange.quotes(), old());
    expect(state()).toBe("resting");
    exchange.wallAt += 5_000;
    exchange.at += 5_000;
    second.feed(old());
    expect(state(), "it was asked for").toBe("canceled");
    const whole = () => readingFrom(second, exchange.wallAt);
    second.feed(whole(), whole());
    second.pass(5_000);
    expect(exchange.open("entry").map(({ facts }) => facts.rung)).toEqual([entry.facts.rung]);
  });

  it("believes no reading that lacks an execution which the stream told before it began, however often it comes", () => {
    const first = new Rig().boot();
    const { exchange } = first;
    first.feed(...exchange.fill(only(exchange.open("entry"))));
    const second = new Rig({ exchange, config: { epoch: 8, nonce: "abcd" } });
    const { truth } = readingFrom(second, exchange.wallAt);
    const later = (ms: number) => {
      exchange.at += ms;
      exchange.wallAt += ms;
      const event = readingFrom(second, exchange.wallAt);
      return { old: { ...event, truth: { ...truth, startedWallAt: event.truth.startedWallAt } }, event };
    };
    second.feed(...exchange.quotes(), later(100).event, ...exchange.fill(only(exchange.open("takeProfit"))));
    for (let n = 0; n < 4; n += 1) second.feed(later(5_000).old);
    expect([second.held(), second.state.isConfirmed, second.state.interruptions.isSteady]).toEqual([
      0,
      false,
      false,
    ]);
    second.feed(later(100).event, later(12_000).event);
    expect([second.book().foreign.lots, second.state.interruptions.isSteady]).toEqual([0, true]);
  });

  it("believes two readings after one that missed orders, and contradicted by it, only when ten seconds lie between", () => {
    const first = new Rig().boot();
    const { exchange } = first;
    const { books } = readingFrom(first, exchange.wallAt).truth;
    first.feed(...exchange.fill(only(exchange.open("entry"))));
    const second = new Rig({ exchange, config: { epoch: 8, nonce: "abcd" } });
    const event = readingFrom(second, exchange.wallAt);
    const { openOrders, history } = event.truth;
    const missing = { ...event.truth, openOrders: [], history: [...history, ...openOrders] };
    second.feed(...exchange.quotes(), { ...event, truth: missing });
    const old = (ms: number) => {
      exchange.at += ms;
      exchange.wallAt += ms;
      const later = readingFrom(second, exchange.wallAt);
      return { ...later, truth: { ...later.truth, books } };
    };
    second.feed(old(5_000), old(500));
    expect([second.book().foreign.lots, second.state.interruptions.isSteady]).toEqual([-10, false]);
    const whole = (ms: number) => ({ ...old(ms), truth: readingFrom(second, exchange.wallAt).truth });
    second.feed(whole(500), whole(10_001));
    expect([second.book().foreign.lots, second.state.interruptions.isSteady]).toEqual([0, true]);
  });

  it("believes that somebody took what is held, where no execution says so, only when a third reading repeats it", () => {
    const first = new Rig().boot();
    const { exchange } = first;
    first.feed(...exchange.fill(only(exchange.open("entry"))));
    const later = (rig: Rig, ms: number, given: Partial<TruthEvent["truth"]>) => {
      exchange.at += ms;
      exchange.wallAt += ms;
      const event = readingFrom(rig, exchange.wallAt);
      return { ...event, truth: { ...event.truth, ...given } };
    };
    const seen = (rig: Rig) => [rig.held(), rig.book().foreign.lots, rig.state.interruptions.isSteady];
    const second = new Rig({ exchange, config: { epoch: 8, nonce: "abcd" } });
    second.feed(
      ...exchange.quotes(),
      later(second, 100, { books: [] }),
      later(second, 10_001, { books: [] }),
    );
    expect(seen(second)).toEqual([10, -10, false]);
    second.feed(later(second, 10_001, {}), later(second, 10_001, {}));
    expect(seen(second)).toEqual([10, 0, true]);
    expect([exchange.open("stop").length, exchange.open("takeProfit").length]).toEqual([1, 1]);
    const third = new Rig({ exchange, config: { epoch: 9, nonce: "cdef" } });
    third.feed(...exchange.quotes(), later(third, 100, { books: [] }), later(third, 10_001, { books: [] }));
    third.feed(later(third, 9_999, { books: [] }));
    expect(seen(third), "ten seconds later").toEqual([10, -10, false]);
    third.feed(later(third, 2, { books: [] }));
    expect(seen(third)).toEqual([0, 0, true]);
  });

  it("believes two readings where an execution says that somebody took it, if it shows less than the position does", () => {
    const first = new Rig().boot();
    const { exchange } = first;
    first.feed(...exchange.fill(only(exchange.open("entry"))));
    exchange.trade("sell", 3);
    const second = new Rig({ exchange, config: { epoch: 8, nonce: "abcd" } });
    const cut = (ms: number) => {
      exchange.at += ms;
      exchange.wallAt += ms;
      const event = readingFrom(second, exchange.wallAt);
      const books = event.truth.books.map((each) => ({ ...each, lots: lots(each.lots - 2) }));
      return { ...event, truth: { ...event.truth, books } };
    };
    second.feed(...exchange.quotes());
    const seen = [100, 10_001].map((ms) => {
      second.feed(cut(ms));
      return [second.held(), second.book().foreign.lots, second.state.interruptions.isSteady];
    });
    expect(seen).toEqual([
      [10, -5, false],
      [5, 0, true],
    ]);
  });

  it("believes no reading that lacks an execution which an earlier one of this start showed: its other lists are cut too", () => {
    const first = new Rig().boot();
    const { exchange } = first;
    first.feed(...exchange.fill(only(exchange.open("entry"))));
    exchange.trade("buy", 3);
    const second = new Rig({ exchange, config: { epoch: 8, nonce: "abcd" } });
    const later = (change: (truth: TruthEvent["truth"]) => Partial<TruthEvent["truth"]>) => {
      exchange.at += 5_000;
      exchange.wallAt += 5_000;
      const event = readingFrom(second, exchange.wallAt);
      return { ...event, truth: { ...event.truth, ...change(event.truth) } };
    };
    const withoutProfit = { openOrders: [], openConditionals: [] };
    second.feed(
      ...exchange.quotes(),
      later(() => withoutProfit),
    );
    for (let n = 0; n < 4; n += 1)
      second.feed(
        later(({ fills }) => ({ ...withoutProfit, fills: fills.filter(({ lots: size }) => size !== 3) })),
      );
    const profits = () => second.sent.filter(({ role }) => role === "takeProfit").length;
    expect([second.held(), second.state.isConfirmed, profits()]).toEqual([10, false, 0]);
    second.feed(
      later(() => ({})),
      later(() => ({})),
      later(() => ({})),
    );
    second.pass(2_000);
    expect([second.state.interruptions.isSteady, profits(), exchange.open("takeProfit").length]).toEqual([
      true,
      0,
      1,
    ]);
  });

  it("asks about none of the orders that only lack their executions: hundreds of questions would use up the budget", () => {
    const first = new Rig().boot();
    const { exchange } = first;
    first.feed(...exchange.fill(only(exchange.open("entry"))));
    first.ask({ type: "pause" });
    const second = new Rig({ exchange, config: { epoch: 8, nonce: "abcd" } });
    const cut = (history: boolean) => {
      exchange.wallAt += 2_500;
      exchange.at += 2_500;
      const event = readingFrom(second, exchange.wallAt);
      const { truth } = event;
      const lists = { openOrders: [], openConditionals: [], fills: [], books: [] };
      const filled = history ? truth.history.filter(({ status }) => status === "filled") : [];
      return { ...event, truth: { ...truth, ...lists, history: filled } };
    };
    second.feed(...exchange.quotes(), cut(true), cut(false), cut(false));
    expect([second.held(), second.effects.filter(({ type }) => type === "query")]).toEqual([0, []]);
    expect(second.state.interruptions.isSteady).toBe(false);
    second.pass(15_000);
    expect([second.held(), second.state.interruptions.isSteady]).toEqual([10, true]);
  });

  it("asks about none of the orders that the executions of the same reading end, though its history lacks them", () => {
    const first = new Rig().boot();
    const { exchange } = first;
    first.feed(...exchange.fill(only(exchange.open("entry"))));
    first.ask({ type: "pause" });
    const second = new Rig({ exchange, config: { epoch: 8, nonce: "abcd" } });
    const cut = (given: Partial<TruthEvent["truth"]>) => {
      exchange.wallAt += 2_500;
      exchange.at += 2_500;
      const event = readingFrom(second, exchange.wallAt);
      return { ...event, truth: { ...event.truth, ...given } };
    };
    second.feed(...exchange.quotes(), cut({ fills: [], books: [] }), cut({ history: [] }));
    expect([second.held(), second.effects.filter(({ type }) => type === "query")]).toEqual([10, []]);
  });

  it("asks whose an execution is that no listed order explains, before it calls it a person's", () => {
    const first = new Rig().boot();
    const { exchange } = first;
    const entry = only(exchange.open("entry"));
    first.feed(...exchange.fill(entry));
    exchange.trade("buy", 3);
    const second = new Rig({ exchange, config: { epoch: 8, nonce: "abcd" } });
    /** Lists of before the entry was sent; an execution names its order by the exchange's id alone, as on Binance. */
    const old = () => {
      const event = readingFrom(second, exchange.wallAt);
      const history = event.truth.history.filter(({ clientId }) => clientId !== entry.facts.clientId);
      const fills = event.truth.fills.map((fill) => ({ ...fill, clientId: "" }));
      return { ...event, truth: { ...event.truth, history, fills } };
    };
    second.isInstant = false;
    second.feed(...exchange.quotes(), old());
    while (second.deliver());
    const asked = () => second.effects.filter(({ type }) => type === "query");
    expect(asked().length, "one question an order").toBe(2);
    expect([second.held(), second.book().foreign.lots]).toEqual([0, 13]);
    second.feed(old());
    while (second.deliver());
    expect([second.state.isConfirmed, asked().length], "nothing is settled without the answers").toEqual([
      false,
      2,
    ]);
    second.settle();
    expect([second.held(), second.book().foreign.lots]).toEqual([10, 3]);
    second.feed(old(), old());
    second.settle();
    expect([second.state.isConfirmed, second.held(), second.book().foreign.lots]).toEqual([true, 10, 3]);
    expect(second.effects.filter(({ type }) => type === "cancel")).toEqual([]);
  });
});
