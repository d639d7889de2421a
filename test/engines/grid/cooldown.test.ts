import { describe, expect, it } from "vitest";
import { rate } from "../../../src/core/units.ts";
import { GRID, Rig } from "../../support/rig.ts";
import { desk, holding, open, refuse, sentOf } from "../../support/scenario.ts";

/** The grid of `desk` waits an hour between two entries. */
describe("the wait between two entries", () => {
  it("does not begin with one that the guard held back: it is asked for again half a minute later", () => {
    const rig = desk({ purse: 1 as never, step: rate(200_000) });
    rig.pass(100_000);
    expect([sentOf(rig, "entry"), rig.refused.length]).toEqual([0, 4]);
  });

  it("does not begin with one that would have taken: after 1, 2, 4, 8, 16 and then every 30 seconds", () => {
    const rig = new Rig({ config: { grids: [{ ...GRID, waitMs: 3_600_000 as never }] } });
    const end = refuse(rig, "entry", "postOnly", -5022);
    rig.boot();
    rig.pass(65_000);
    expect(sentOf(rig, "entry")).toBe(7);
    end();
    rig.pass(40_000);
    expect([open(rig, "entry"), sentOf(rig, "entry")]).toEqual([[10], 8]);
  });
});

describe("an engine that is paused because a person closed what it held", () => {
  it("takes its resting entry back at once, not only with the next price", () => {
    const rig = holding({ waitMs: 1_000 as never });
    rig.pass(2_000);
    expect(open(rig, "entry")).toEqual([10]);
    rig.feed(...rig.exchange.trade("sell", 10));
    rig.exchange.wallAt += 2_500;
    rig.timer();
    expect([rig.state.paused.has("grid1"), open(rig, "entry"), rig.exchange.open().length]).toEqual([
      true,
      [],
      0,
    ]);
  });
});
