import { describe, expect, it } from "vitest";
import { millis, rate, ticks } from "../../../src/core/units.ts";
import type { GridParameters } from "../../../src/engines/grid/parameters.ts";
import { GRID, Rig } from "../../support/rig.ts";
import { changed, desk, holding, one, open, sentOf } from "../../support/scenario.ts";

const STEPS = [
  ["twice as wide", { step: rate(400_000) }],
  ["five times as wide", { step: rate(1_000_000) }],
  ["half as wide", { step: rate(100_000) }],
  ["counted from an anchor", { anchor: ticks(500_000) }],
] as const;

/** The next life on the same exchange, with the grid's settings changed. */
const next = (rig: Rig, change: Partial<GridParameters>): Rig =>
  new Rig({
    exchange: rig.exchange,
    config: { grids: [{ ...GRID, ...change }], epoch: 8, nonce: "abcd" },
  }).boot();

describe.each(["buy", "sell"] as const)("a %s grid whose steps are others after a restart", (direction) => {
  it.each(STEPS)(
    "(%s) takes the entry of before back, and follows the market on its new rungs",
    (_what, change) => {
      const rig = new Rig({ config: { grids: [{ ...GRID, direction }] } }).boot();
      rig.pass(2_000);
      const [before] = rig.exchange.open("entry");
      const after = next(rig, { direction, ...change });
      after.pass(10_000);
      expect(one(after, "entry")).not.toBe(before);
      const first = one(after, "entry").facts.price ?? 0;
      after.quote(direction === "buy" ? 515_000 : 485_000);
      after.pass(60_000);
      const followed = (one(after, "entry").facts.price ?? 0) - first;
      expect(direction === "buy" ? followed : -followed).toBeGreaterThan(9_000);
      expect(after.alerts.filter(({ level }) => level === "critical")).toEqual([]);
    },
  );

  it.each(STEPS)(
    "(%s) keeps what is held with its exits, shows it at its own price, and closes it by that",
    (_what, change) => {
      const rig = holding({ direction, waitMs: millis(1_000) });
      const [{ facts: { price: entered } = {} } = {}] = [...rig.state.orders.all()].filter(
        ({ facts }) => facts.role === "entry",
      );
      const exits = [one(rig, "stop"), one(rig, "takeProfit")];
      const after = next(rig, { direction, ...change });
      after.pass(30_000);
      expect([one(after, "stop"), one(after, "takeProfit")]).toEqual(exits);
      const held = after.kernel.rungs("grid1").find((rung) => rung.held > 0);
      expect(held?.price).toBe(entered);
      after.feed(...after.exchange.fill(one(after, "takeProfit")));
      after.pass(10_000);
      expect([after.held(), open(after, "stop"), open(after, "takeProfit")]).toEqual([0, [], []]);
      expect(open(after, "entry")).toEqual([10]);
    },
  );
});

it("an entry that the exchange's new, coarser price steps moved off its rung rests, and is not placed again and again", () => {
  const rig = desk({ waitMs: millis(0) });
  rig.pass(5_000);
  rig.feed(changed(rig, { priceStep: 3_000 }));
  rig.quote(503_500);
  rig.pass(5_000);
  const sent = sentOf(rig, "entry");
  rig.pass(60_000);
  expect([sentOf(rig, "entry") - sent, open(rig, "entry")]).toEqual([0, [10]]);
});
