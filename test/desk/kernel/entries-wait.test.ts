import { describe, expect, it } from "vitest";
import { lots, millis, ONE, value } from "../../../src/core/units.ts";
import { viewOf } from "../../../src/desk/view.ts";
import type { GridParameters } from "../../../src/engines/grid/parameters.ts";
import { LINEAR } from "../../support/instruments.ts";
import { Rig } from "../../support/rig.ts";
import { holding, one, open } from "../../support/scenario.ts";

/** A grid that holds a rung and wants the next one. */
const wanting = (given: Partial<GridParameters>): Rig => {
  const rig = holding({ waitMs: millis(1_000), ...given });
  rig.pass(60_000);
  return rig;
};
const told = (rig: Rig) => {
  const { blocks, engines, totals } = viewOf(rig.state);
  return { blocks, waits: engines.map(({ entriesWait }) => entriesWait), heldBack: totals.ordersHeldBack };
};

describe("an entry that the guard refuses again and again", () => {
  it("is told with the reason in money, and the telling decides nothing", () => {
    const rig = wanting({ purse: value(300 * ONE) });
    const why = "the purse of 300.00 USDT has 50.12 USDT free, the order needs 249.38 USDT";
    expect(told(rig)).toEqual({
      blocks: [`grid1 waits: ${why}`],
      waits: [why],
      heldBack: rig.state.counts.guardRefused,
    });
    expect(rig.state.counts.guardRefused).toBeGreaterThan(1);
    const [facts] = rig.sent;
    if (facts === undefined) throw new Error("nothing was sent");
    const hash = rig.hash();
    rig.state.entryRefusals.approved(facts);
    expect([told(rig).waits, rig.hash()]).toEqual([[undefined], hash]);
  });

  it("is told no more when one leaves", () => {
    const rig = wanting({ purse: value(300 * ONE) });
    expect(told(rig).waits).toHaveLength(1);
    rig.feed(...rig.exchange.fill(one(rig, "takeProfit")));
    rig.pass(40_000);
    expect([rig.held(), open(rig, "entry").length, told(rig).waits, told(rig).blocks]).toEqual([
      0,
      1,
      [undefined],
      [],
    ]);
  });

  it("is told no more when none is wanted: a pause is told instead, and after a while nothing", () => {
    const rig = wanting({ purse: value(300 * ONE) });
    rig.ask({ type: "pause", engine: "grid1" });
    expect(told(rig).blocks).toEqual([expect.stringContaining("grid1 is paused")]);
    rig.pass(130_000);
    expect(told(rig).waits).toEqual([undefined]);
  });

  it("names the limit that somebody tightened", () => {
    const rig = wanting({ quantity: lots(150), positionMax: lots(750), purse: value(50_000 * ONE) });
    rig.state.risk.limits.set("exposure", { value: 0.1, by: "alice", wallAt: 0 });
    rig.feed(...rig.exchange.cancel(one(rig, "entry").facts));
    rig.pass(60_000);
    expect(told(rig).waits[0]).toMatch(
      /^the limit of exposure, 0\.1x, is 10000\.96 USDT; with the order it would be 1\d{4}\.\d\d USDT$/,
    );
  });

  it("says what holds back a whole desk, an instrument, or everything in its risk state", () => {
    const rig = new Rig().boot();
    rig.state.riskState = "emergency";
    expect(told(rig).waits).toEqual(["the desk is in Emergency"]);
    rig.state.riskState = "monitoring";
    rig.state.secondBot = true;
    expect(told(rig).waits).toEqual(["a second bot uses our order ids on this account"]);
    rig.state.secondBot = false;
    const book = rig.state.account.book(LINEAR.id, "both");
    book.mismatch = { lots: lots(1), sinceWallAt: millis(0), readings: 2 };
    expect(told(rig).waits).toEqual(["the position of BTCUSDT does not add up; /mismatch explains it"]);
  });
});
