import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isLive } from "../../../src/core/order.ts";
import { millis, rate } from "../../../src/core/units.ts";
import type { GridParameters } from "../../../src/engines/grid/parameters.ts";
import { GRID, Rig } from "../../support/rig.ts";
import {
  calm,
  type Happening,
  happen,
  histories,
  type Kind,
  liveLots,
  restingLots,
  walker,
} from "../../support/walk.ts";

/** Five rungs of 10 lots with wide stops, stuck after five minutes. */
const RECOVERING: GridParameters = {
  ...GRID,
  stopLoss: rate(20_000_000),
  stuckAfterMs: millis(300_000),
  recovery: "ladder",
};
const OPTIONS = { config: { grids: [RECOVERING] } };

type Step = Happening | { readonly what: "check" } | { readonly what: "jump"; readonly percent: number };
const stories = (kind: Kind, max = 4): fc.Arbitrary<readonly Step[]> =>
  fc
    .tuple(
      histories(kind, 90),
      fc.array(fc.tuple(fc.nat(90), fc.integer({ min: -6, max })), { minLength: 3, maxLength: 16 }),
    )
    .map(([history, jumps]) => {
      const steps: Step[] = [...history];
      // Each jump of the price is followed by a check or two, somewhere among what happens.
      for (const [at, percent] of jumps)
        steps.splice(Math.min(at, steps.length), 0, { what: "jump", percent }, { what: "check" });
      return steps;
    });

function live(rig: Rig, step: Step, kind: Kind): void {
  const { exchange } = rig;
  if (step.what === "check") {
    exchange.at += 300_000;
    exchange.wallAt += 5_000;
    rig.turn({ type: "timer", ...exchange.times() });
    for (const event of exchange.quotes()) rig.turn(event);
  } else if (step.what === "jump") {
    const mark = Math.min(560_000, Math.max(430_000, Math.round(exchange.mark * (1 + step.percent / 100))));
    exchange.mark = mark;
    exchange.bid = mark;
    exchange.ask = mark + 1;
    for (const event of exchange.quotes()) rig.turn(event);
  } else happen(rig, step as Happening, kind);
}

/** Once all is calm: one close and one stop for exactly what is held. */
function expectWhole(rig: Rig): void {
  const { exchange } = rig;
  const held = exchange.position.lots;
  expect({
    share: rig.held(),
    closes: restingLots(exchange, "takeProfit") + restingLots(exchange, "ladder"),
    known: liveLots(rig, "takeProfit", "ladder"),
    stops: restingLots(exchange, "stop"),
    failed: rig.state.failed.size,
  }).toEqual({ share: held, closes: held, known: held, stops: held, failed: 0 });
}

/** A rung has slices or a take profit, never both for the same lots: no more than the engine holds, as the desk knows it. */
function watchClosing(rig: Rig): void {
  rig.watch = (effects) => {
    for (const effect of effects) {
      if (effect.type !== "send" || !effect.order.isReduceOnly || effect.order.kind === "stopMarket")
        continue;
      const closes = [...rig.state.orders.all()].filter(
        ({ facts, state }) => facts.isReduceOnly && facts.kind !== "stopMarket" && isLive(state),
      );
      const size = closes.reduce((sum, { facts, filled }) => sum + facts.lots - filled, 0);
      expect(size).toBeLessThanOrEqual(Math.max(rig.held(), 0));
    }
  };
}

describe("a grid whose positions get stuck", () => {
  it.each(["orderly", "lossy"] as const)(
    "%s: closes never for more than is held; one close and one stop for all of it once it is calm",
    (kind) => {
      fc.assert(
        fc.property(stories(kind), (steps) => {
          const rig = walker(OPTIONS);
          if (kind === "orderly") watchClosing(rig);
          for (const step of steps) live(rig, step, kind);
          calm(rig, kind);
          calm(rig, kind);
          expectWhole(rig);
        }),
        { numRuns: 60 },
      );
    },
    60_000,
  );

  it("killed at any moment it is rebuilt from the exchange alone, ladders included", () => {
    fc.assert(
      fc.property(stories("orderly"), stories("orderly"), (before, after) => {
        const first = walker(OPTIONS);
        for (const step of before) live(first, step, "orderly");
        first.exchange.wallAt += 5_000;
        const rig = new Rig({
          ...OPTIONS,
          exchange: first.exchange,
          config: { ...OPTIONS.config, epoch: 8, nonce: "abcd" },
        }).boot();
        rig.isInstant = false;
        for (const step of after) live(rig, step, "orderly");
        calm(rig, "orderly");
        calm(rig, "orderly");
        expectWhole(rig);
      }),
      { numRuns: 40 },
    );
  }, 60_000);

  it("does recover: ladders are laid, filled, and laid anew", () => {
    const seen = new Set<string>();
    fc.assert(
      fc.property(stories("orderly", -2), (steps) => {
        const rig = walker(OPTIONS);
        for (const step of steps) {
          live(rig, step, "orderly");
          if (step.what === "check") rig.settle();
        }
        calm(rig, "orderly");
        for (const { facts, filled } of rig.state.orders.all()) {
          if (facts.role === "ladder") seen.add("laid");
          if (facts.role === "ladder" && filled > 0) seen.add("filled");
          if (facts.role === "ladder" && facts.slice >= 3) seen.add("anew");
        }
      }),
      { numRuns: 60 },
    );
    expect([...seen].sort()).toEqual(["anew", "filled", "laid"]);
  }, 60_000);
});
