import { describe, expect, it } from "vitest";
import { rate } from "../../../src/core/units.ts";
import { desk, holding, open, refuse, sentOf } from "../../support/scenario.ts";

/** The grid of `desk` waits an hour between two entries. */
describe("the wait between two entries", () => {
  it("does not begin with one that the guard held back: it is asked for again half a minute later", () => {
    const rig = desk({ purse: 1 as never, step: rate(200_000) });
    rig.pass(100_000);
    expect([sentOf(rig, "entry"), rig.refused.length]).toEqual([0, 4]);
  });

  it("does not begin with one that would have taken: after 1, 2, 4, 8, 16 and then every 30 seconds", () => {
    const rig = desk();
    rig.feed(...rig.exchange.cancel(rig.exchange.open("entry")[0]?.facts as never));
    const before = sentOf(rig, "entry");
    const end = refuse(rig, "entry", "postOnly", -5022);
    rig.pass(3_600_000);
    const first = sentOf(rig, "entry") - before;
    rig.pass(60_000);
    expect([first, sentOf(rig, "entry") - before]).toEqual([1, 7]);
    end();
    rig.pass(40_000);
    expect([open(rig, "entry"), sentOf(rig, "entry") - before]).toEqual([[10], 8]);
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
    expect([rig.state.paused.has("grid1"), open(rig, "entry"), rig.exchange.open().length]).toEqual([true, [], 0]);
  });
});
