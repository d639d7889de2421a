import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Engine } from "../../../src/core/engine.ts";
import type { DeskEvent } from "../../../src/core/event.ts";
import { openLots } from "../../../src/core/order.ts";
import { Grid } from "../../../src/engines/grid/grid.ts";
import { GRID, Rig } from "../../support/rig.ts";
import { calm, happen, histories, walker } from "../../support/walk.ts";

/** What the desk must agree on whatever the way in which it learned it. */
function outcome(rig: Rig) {
  const book = rig.book();
  const sums = ({ lots, cost, realized, fees }: typeof book.foreign) => ({
    lots,
    paid: cost - realized,
    fees,
  });
  return {
    shares: [...book.shares].sort().map(([engine, share]) => [engine, sums(share)]),
    foreign: sums(book.foreign),
    told: book.told,
    mismatch: book.mismatch,
    orders: [...rig.state.orders.all()]
      .map((o) =>
        [o.facts.clientId, o.state, o.filled, o.cost, o.fees, openLots(o), [...o.tradeIds].sort()].join(" "),
      )
      .sort(),
    mismatches: rig.state.counts.mismatches,
  };
}

/** The account's news of one whole life, in the order in which the exchange told them. */
function newsOf(rig: Rig): readonly DeskEvent[] {
  return rig.turns.map(({ event }) => event).filter(({ type }) => type === "orderReport" || type === "fill");
}

/** An engine that hears everything and wants nothing: its orders are those of the life before. */
function deaf(): Engine {
  const grid = new Grid(GRID);
  grid.handle = () => [];
  grid.adopt = () => [];
  return grid;
}

/** A later life that only listens. */
function listener(first: Rig): Rig {
  const rig = new Rig({
    exchange: first.exchange,
    isInstant: false,
    engines: [deaf()],
    config: { grids: [], epoch: 8, nonce: "abcd" },
  });
  for (let readings = 0; readings < 2; readings += 1) {
    const empty = first.exchange.truth("boot");
    rig.turn({
      ...empty,
      truth: { ...empty.truth, openOrders: [], openConditionals: [], history: [], fills: [], books: [] },
    });
    first.exchange.wallAt += 5_000;
  }
  return rig;
}

function read(rig: Rig): void {
  const of = { ...rig.exchange.times(), stream: "account", account: "main" } as const;
  rig.turn({ type: "gap", ...of, reason: "news was lost" });
  rig.turn({ type: "resynced", ...of });
  rig.turn({ type: "timer", ...rig.exchange.times() });
  rig.settle();
}

describe("what the desk believes (I5)", () => {
  it.each([
    ["our own orders", "orderly"],
    ["liquidations", "liquidating"],
    ["trades by hand and liquidations", "shared"],
  ] as const)("is the same after any loss, doubling and reordering of the news of %s", (_what, kind) => {
    const lives = fc.record({
      history: histories(kind, 80),
      chances: fc.array(fc.nat(99), { minLength: 300, maxLength: 300 }),
    });
    fc.assert(
      fc.property(lives, ({ history, chances }) => {
        const first = walker();
        for (const one of history) happen(first, one, kind);
        calm(first, kind);
        const news = newsOf(first);
        const plain = listener(first);
        for (const event of news) plain.turn(event);
        read(plain);
        const spoiled = listener(first);
        const jumbled = news
          .flatMap((event, at) => {
            const chance = chances[at % chances.length] ?? 0;
            return chance < 20 ? [] : chance < 40 ? [event, event] : [event];
          })
          .map((event, at) => ({ event, place: at + ((chances[(at * 7) % chances.length] ?? 0) % 12) }))
          .sort((a, b) => a.place - b.place);
        for (const { event } of jumbled) {
          spoiled.turn(event);
          // Questions about contradicting news are answered as they come.
          spoiled.settle();
        }
        read(spoiled);
        expect(outcome(spoiled)).toEqual(outcome(plain));
        expect(plain.book().told ?? 0).toBe(first.exchange.position.lots);
        expect(plain.book().mismatch).toBeUndefined();
      }),
      { numRuns: 100 },
    );
  });

  it("a whole history heard twice, or only read, is the same account", () => {
    fc.assert(
      fc.property(histories("orderly", 80), (history) => {
        const first = walker();
        for (const one of history) happen(first, one, "orderly");
        calm(first, "orderly");
        const twice = listener(first);
        for (const event of [...newsOf(first), ...newsOf(first)]) twice.turn(event);
        read(twice);
        const onlyRead = new Rig({
          exchange: first.exchange,
          engines: [deaf()],
          config: { grids: [], epoch: 8, nonce: "abcd" },
        });
        onlyRead.timer();
        expect(outcome(twice).shares).toEqual(outcome(onlyRead).shares);
        expect(outcome(twice).orders).toEqual(outcome(onlyRead).orders);
        expect(onlyRead.book().foreign.lots).toBe(0);
      }),
      { numRuns: 60 },
    );
  });
});
