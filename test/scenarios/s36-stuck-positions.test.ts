import { afterEach, describe, expect, it } from "vitest";
import { millis, rate } from "../../src/core/units.ts";
import type { GridParameters } from "../../src/engines/grid/parameters.ts";
import { ONE_RUNG } from "./grids.ts";
import { resting } from "./people.ts";
import { World } from "./world.ts";

let world: World;
afterEach(() => world.shut());

/** Bought at 100 (50,000.0), to be sold at 101; the price falls to 95 and stays. Stuck after a minute, for the story's sake. */
const EXAMPLE: GridParameters = {
  ...ONE_RUNG,
  takeProfit: rate(1_000_000),
  stopLoss: rate(10_000_000),
  recovery: "ladder",
  stuckAfterMs: millis(60_000),
  waitMs: millis(360_000_000),
};
const holding = (grid: Partial<GridParameters>, rules = {}): Promise<World> =>
  World.holding({ grids: [{ ...EXAMPLE, ...grid }], rules, carrier: "direct" });
/** Until the check at five minutes, minute by minute: what closes and what stops rest at the end of each. */
async function untilCheck(): Promise<unknown[]> {
  const course: unknown[] = [];
  for (let minute = 1; minute <= 5; minute += 1) {
    await world.idle(60_000);
    course.push([resting(world, "takeProfit"), resting(world, "ladder"), resting(world, "stop")]);
  }
  return course;
}
const stories = (): readonly string[] => world.alerts().filter((each) => each.includes("recover"));

describe("scenario 36: bought at 100, the price falls to 95 and stays", () => {
  it("with the stop at 2 % it fires at 98, and nothing is ever stuck", async () => {
    world = await holding(
      { stopLoss: rate(2_000_000) },
      { triggeredStopUnderFullTakeProfit: "expireTakeProfit" },
    );
    world.price(475_000);
    await world.until(() => world.position === 0 && world.life.trades.length > 0, "stopped out");
    await world.pass(2_000);
    expect([await world.differences(), world.sent["stop"], stories()]).toEqual([[], 1, []]);
    expect(world.life.trades.map(({ Action, Rung }) => [Action, Rung])).toEqual([["STOP_LOSS", 0]]);
  });

  it("with the stop at 10 % its take profit gives way to thirds at 1.5, 3 and 4.5 %, under which it gets out", async () => {
    world = await holding({});
    world.price(475_000);
    const course = await untilCheck();
    const before = [[[505_000, 10]], [], [[450_000, 10]]];
    expect(course.slice(0, 3)).toEqual([before, before, before]);
    await world.until(() => world.live("ladder").length === 3, "the ladder rests");
    const thirds = [
      [496_375, 4],
      [489_250, 3],
      [482_125, 3],
    ];
    expect([resting(world, "ladder"), resting(world, "takeProfit"), resting(world, "stop")]).toEqual([
      thirds,
      [],
      [[450_000, 10]],
    ]);
    await world.until(() => stories().length > 0, "people are told");
    world.price(490_000);
    await world.until(
      () => world.position === 4 && resting(world, "stop")[0]?.[1] === 4,
      "two slices are sold",
    );
    world.kill();
    await world.boot();
    await world.until(() => world.live("stop").length === 1, "the stop is known");
    expect([resting(world, "ladder"), resting(world, "takeProfit")]).toEqual([[[496_375, 4]], []]);
    world.price(497_000);
    await world.until(() => world.position === 0, "it is out");
    await world.until(() => world.live("stop").length === 0, "its stop is gone");
    expect([world.sent["ladder"], world.sent["close"], stories()[0]]).toEqual([
      3,
      undefined,
      "notice recover:grid1:0",
    ]);
  });

  it("with the stop at 3 % and refused when it fires, it is closed at the market", async () => {
    world = await holding({ stopLoss: rate(3_000_000) }, { triggeredStopUnderFullTakeProfit: "refuse" });
    world.price(475_000);
    await world.until(() => world.position === 0, "closed");
    await world.pass(2_000);
    expect([await world.differences(), world.sent["close"], world.sent["ladder"]]).toEqual([
      [],
      1,
      undefined,
    ]);
  });

  it("with recovery none it is only told", async () => {
    world = await holding({ recovery: "none" });
    world.price(475_000);
    await untilCheck();
    await world.until(() => stories().length > 0, "people are told");
    expect([resting(world, "takeProfit"), resting(world, "stop"), world.position, stories()]).toEqual([
      [[505_000, 10]],
      [[450_000, 10]],
      10,
      ["info recover:grid1:0"],
    ]);
  });
});
