import { describe, expect, it } from "vitest";
import type { KernelConfig } from "../../../src/desk/kernel/config.ts";
import type { GridParameters } from "../../../src/engines/grid/parameters.ts";
import { CLOSE_ALL, GRID, Rig } from "../../support/rig.ts";
import { holding, one, open } from "../../support/scenario.ts";

/** The next life on the same exchange, with one grid's settings changed. */
function next(rig: Rig, change: Partial<GridParameters>, config: Partial<KernelConfig> = {}): Rig {
  const grids = [{ ...GRID, ...change }];
  return new Rig({ exchange: rig.exchange, config: { grids, epoch: 8, nonce: "abcd", ...config } }).boot();
}
const criticals = (rig: Rig) =>
  rig.alerts.filter(({ level }) => level === "critical").map(({ title }) => title);

describe("a grid whose direction was turned while it held something", () => {
  function turned(): Rig {
    const rig = next(holding(), { direction: "sell" });
    rig.pass(60_000);
    return rig;
  }

  it("leaves what it held with its stop and take profit, says so loudly, and enters nothing against it", () => {
    const rig = turned();
    expect([open(rig, "stop"), open(rig, "takeProfit"), open(rig, "entry")]).toEqual([[10], [10], []]);
    expect([rig.exchange.position.lots, rig.held()]).toEqual([10, 0]);
    expect(criticals(rig)).toEqual(["grid1 holds a position of before its direction or symbol was changed"]);
    expect(rig.state.account.look("BTCUSDT", "both")?.foreign.lots).toBe(0);
  });

  it("enters once that is closed: by its stop, whose take profit then goes", () => {
    const rig = turned();
    rig.feed(...rig.exchange.trigger(one(rig, "stop"), false));
    rig.pass(60_000);
    expect([open(rig, "stop"), open(rig, "takeProfit"), rig.exchange.position.lots]).toEqual([[], [], 0]);
    expect(open(rig, "entry")).toEqual([10]);
  });

  it("or by a person", () => {
    const rig = turned();
    rig.propose("k1-e8", { ...CLOSE_ALL, includesForeign: true });
    rig.decide("k1-e8");
    rig.pass(60_000);
    expect([open(rig, "stop"), open(rig, "takeProfit"), rig.exchange.position.lots]).toEqual([[], [], 0]);
  });

  it("is found so by each later start, and goes on as it was when it is turned back", () => {
    const again = next(turned(), { direction: "sell" }, { epoch: 9, nonce: "abce" });
    again.pass(60_000);
    expect([open(again, "stop"), open(again, "takeProfit"), criticals(again).length]).toEqual([
      [10],
      [10],
      1,
    ]);
    const back = next(again, {}, { epoch: 10, nonce: "abcf" });
    back.pass(60_000);
    expect([back.held(), open(back, "stop"), open(back, "takeProfit"), criticals(back)]).toEqual([
      10,
      [10],
      [10],
      [],
    ]);
  });

  it("an entry of it that rests is taken back", () => {
    const rig = holding({ waitMs: GRID.waitMs });
    rig.pass(5_000);
    expect(open(rig, "entry")).toEqual([10]);
    const after = next(rig, { direction: "sell" });
    after.pass(60_000);
    expect([open(after, "entry"), open(after, "stop")]).toEqual([[], [10]]);
  });
});
