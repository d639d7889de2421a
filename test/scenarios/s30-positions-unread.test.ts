import { afterEach, describe, expect, it } from "vitest";
import { hurry, parts, resting, toldOnce } from "./people.ts";
import { MANY_RUNGS, World } from "./world.ts";

const POSITIONS = "GET /fapi/v3/positionRisk";
let world: World;
afterEach(() => world.shut());
const exits = () => [resting(world, "stop"), resting(world, "takeProfit")];

async function holding(): Promise<void> {
  world = await World.holding({ grids: [MANY_RUNGS] });
  await world.until(() => world.live("entry").length === 1, "the second entry rests");
  await world.pass(2_500);
}

describe("scenario 30: the position can't be read, or is read wrong", () => {
  it("a query that fails is not flat: nothing is reopened or closed, entries wait until it is read", async () => {
    await holding();
    const end = world.script.always({ kind: "unavailable", on: POSITIONS });
    world.script.once({ kind: "disconnect", sockets: "private" });
    await world.until(() => world.script.struck("unavailable") >= 3, "some readings fail");
    const { entry } = world.sent;
    world.price(498_990);
    await world.until(
      () => world.live("takeProfit").length === 2,
      "the fill of the resting entry is protected",
    );
    await world.pass(8_000);
    expect([world.sent["entry"], world.state.blocks().length > 0]).toEqual([entry, true]);
    expect([parts(world), exits()]).toEqual([
      [20, 0, 20],
      [
        [
          [490_000, 10],
          [489_020, 10],
        ],
        [
          [504_000, 10],
          [502_992, 10],
        ],
      ],
    ]);
    end();
    await world.until(() => world.live("entry").length === 1, "entries leave again");
    expect([await world.differences(), world.state.counts.mismatches]).toEqual([[], 0]);
    expect(toldOnce(world).filter((each) => !each.endsWith(" health"))).toEqual([]);
  });

  it("a list without the position: said, entries wait, the exits rest on; over when it is read right", async () => {
    await holding();
    const { sent, canceled } = world.life;
    const before = [sent.length, canceled.length];
    const end = world.script.always({ kind: "emptyAnswer", on: POSITIONS });
    await world.until(() => world.state.mismatched.size === 1, "it is noticed");
    await world.pass(5_000);
    expect([parts(world), exits(), sent.length]).toEqual([
      [10, 0, 10],
      [[[490_000, 10]], [[504_000, 10]]],
      before[0],
    ]);
    expect(toldOnce(world)).toEqual(["critical mismatch:main/BTCUSDT/both"]);
    // The resting entry fills: it is protected, and no further one is sent.
    world.price(498_990);
    await world.until(() => world.live("takeProfit").length === 2, "the fill is protected");
    await world.pass(5_000);
    expect(world.sent).toEqual({ entry: 2, stop: 2, takeProfit: 2 });
    end();
    await hurry(world, 40_000);
    await world.until(() => world.live("entry").length === 1, "entries leave again");
    expect([await world.differences(), toldOnce(world)]).toEqual([
      [],
      ["critical mismatch:main/BTCUSDT/both", "resolved mismatch:main/BTCUSDT/both"],
    ]);
  });

  it("one that lags behind: the position of before a fill undoes nothing that was filled since", async () => {
    await holding();
    const end = world.script.always({ kind: "staleAnswer", on: POSITIONS });
    world.price(498_990);
    await world.until(() => world.live("takeProfit").length === 2, "the fill is protected");
    world.script.once({ kind: "disconnect", sockets: "private" });
    await world.pass(12_000);
    end();
    await hurry(world, 40_000);
    await world.until(() => world.live("entry").length === 1, "entries leave again");
    expect([await world.differences(), parts(world), world.life.canceled]).toEqual([[], [20, 0, 20], []]);
    expect(world.sent).toEqual({ entry: 3, stop: 2, takeProfit: 2 });
  });
});
