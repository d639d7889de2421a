import { describe, expect, it } from "vitest";
import type { Engine } from "../../src/core/engine.ts";
import type { Intent } from "../../src/core/intent.ts";
import type { OrderFacts, Role } from "../../src/core/order.ts";
import { lots, value } from "../../src/core/units.ts";
import { again } from "../simulation/plants.ts";
import { HAPPENINGS, type Plant, runSequence } from "./sequence.ts";

const SEEDS = 200;
const SEEDS_PLANTED = 60;

/** Runs seeds until one says that this promise is broken; what the last of them said. */
function found(plant: Plant, promise: RegExp): string | undefined {
  let last: string | undefined;
  for (let seed = 1; seed <= SEEDS_PLANTED; seed += 1) {
    last = runSequence(seed, plant).violation ?? last;
    if (last !== undefined && promise.test(last)) return last;
  }
  return last;
}

/** An engine that leaves some of its wishes out. */
const without =
  (isLeftOut: (intent: Intent) => boolean): NonNullable<Plant["engine"]> =>
  (engine: Engine): Engine => {
    const handle = engine.handle.bind(engine);
    engine.handle = (event, view) => handle(event, view).filter((intent) => !isLeftOut(intent));
    return engine;
  };

const isOrder = (intent: Intent, role: Role): boolean =>
  intent.type === "place" && intent.facts.role === role;
const ofRole =
  (role: Role, change: (order: OrderFacts) => readonly OrderFacts[]): NonNullable<Plant["leaving"]> =>
  (order) =>
    order.role === role ? change(order) : [order];

describe("properties of the grid in the desk, in pairs, over random sequences of events", () => {
  it("hold: caps, one order a rung, no flip, protection, and a restart that comes to the same", () => {
    const happened = new Set<string>();
    let crashes = 0;
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const told = runSequence(seed);
      expect(told.violation, `seed ${seed}`).toBeUndefined();
      for (const one of told.happened) happened.add(one);
      crashes += told.crashes;
    }
    // The sequences are rich: everything that they are counted by happens in some of them.
    expect([...happened].sort()).toEqual([...HAPPENINGS].sort());
    expect(crashes).toBeGreaterThan(SEEDS);
  }, 60_000);

  it("the same seed is the same sequence", () => {
    expect(runSequence(7)).toEqual(runSequence(7));
  });
});

describe("each of them can fail: a planted bug is found", () => {
  it.each<readonly [string, Plant, RegExp]>([
    [
      "limits taken for twice as large",
      {
        config: (grid) => ({
          ...grid,
          positionMax: lots(grid.positionMax * 2),
          purse: value(grid.purse * 2),
        }),
      },
      /^the (position may reach|purse may be used)/,
    ],
    [
      "a grid that never enters",
      { engine: without((intent) => isOrder(intent, "entry")) },
      /is free and has no entry$/,
    ],
    [
      "an entry that is sent twice",
      { leaving: ofRole("entry", (order) => [order, again(order)]) },
      /^two live orders are the entry of rung|^the position may reach|^the purse/,
    ],
    [
      "a rung that is left out",
      {
        engine: without(
          (intent) => intent.type === "place" && intent.facts.role === "entry" && intent.facts.rung % 3 === 0,
        ),
      },
      /is free and has no entry$/,
    ],
    [
      "exits that are not marked as reducing, for twice what is held",
      {
        leaving: ofRole("takeProfit", (order) => [
          { ...order, lots: lots(order.lots * 2), isReduceOnly: false },
        ]),
      },
      /^the position has turned/,
    ],
    ["a desk without stops", { config: (grid) => ({ ...grid, stopLoss: undefined }) }, /stops rest for 0$/],
    [
      "a rung without its take profit",
      { engine: without((intent) => isOrder(intent, "takeProfit")) },
      /wait for their profit$/,
    ],
    [
      "a next life that forgets what it holds",
      {
        nextLife: (rig) => {
          for (const engine of rig.state.engines.values()) {
            const adopt = engine.adopt.bind(engine);
            engine.adopt = (orders, view) =>
              adopt(
                orders.filter(({ facts }) => facts.rung % 2 === 0),
                view,
              );
          }
        },
      },
      /^a restart/,
    ],
    [
      "a next life that sells what it finds",
      {
        nextLife: ({ exchange }) => {
          const [order] = exchange.open("takeProfit");
          if (order !== undefined) exchange.fill(order);
        },
      },
      /^a restart comes to/,
    ],
  ])("%s", (_name, plant, promise) => {
    expect(found(plant, promise)).toMatch(promise);
  });
});
