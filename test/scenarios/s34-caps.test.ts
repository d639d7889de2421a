import { afterEach, describe, expect, it } from "vitest";
import { lots, ONE, value } from "../../src/core/units.ts";
import { parts, resting } from "./people.ts";
import { ALICE, CAROL, MANY_RUNGS, World } from "./world.ts";

let world: World;
afterEach(() => world.shut());

/** The market goes to and fro over the next rungs, staying above the stops and below the take profits. */
async function sway(times: number): Promise<void> {
  for (let n = 0; n < times; n += 1) {
    world.price(496_490);
    await world.pass(1_500);
    world.price(499_400);
    await world.pass(1_500);
  }
}
async function held(rungs: number): Promise<void> {
  await world.until(() => world.live("takeProfit").length === rungs, `${rungs} rungs are held`);
}

describe("scenario 34: at the limit", () => {
  it("of the position: no further entry, and nothing is sold to make room for one, however the market sways", async () => {
    world = await World.holding({ grids: [{ ...MANY_RUNGS, positionMax: lots(20) }] });
    await world.until(() => world.live("entry").length === 1, "the second entry rests");
    world.price(498_990);
    await held(2);
    await sway(4);
    expect([world.sent, world.life.canceled, parts(world)]).toEqual([
      { entry: 2, stop: 2, takeProfit: 2 },
      [],
      [20, 0, 20],
    ]);
    expect([await world.differences(), world.alerts()]).toEqual([[], []]);
    // A profit makes room for one more, and the cap is used again.
    world.price(503_000);
    await world.until(() => world.live("entry").length === 1, "an entry rests");
    expect([resting(world, "entry"), world.sent["entry"], await world.differences()]).toEqual([
      [[502_000, 10]],
      3,
      [],
    ]);
  });

  it("of the purse: the guard holds entries back, nothing reaches the exchange, nothing is sold for it", async () => {
    // A rung binds 250 USDT at 2x: the second one does not fit any more.
    world = await World.holding({ grids: [{ ...MANY_RUNGS, purse: value(400 * ONE) }] });
    await sway(4);
    expect([world.sent, world.life.canceled, parts(world)]).toEqual([
      { entry: 1, stop: 1, takeProfit: 1 },
      [],
      [10, 0, 10],
    ]);
    expect(world.life.log.filter((line) => line.includes('"purse"')).length).toBeLessThanOrEqual(2);
    expect([await world.differences(), world.alerts(), world.state.counts.refused]).toEqual([[], [], 0]);
  });

  it("of a person: a limit that an admin tightened holds through a kill, until two admins loosen it", async () => {
    world = await World.holding({ grids: [MANY_RUNGS] });
    await world.until(() => world.live("entry").length === 1, "the second entry rests");
    const tight = { limit: "position:grid1", value: 10, isSure: false };
    expect(await world.life.door.setLimit(ALICE, tight)).toMatchObject({ isOk: true });
    await world.until(() => world.live("entry").length === 0, "the entry is taken back");
    await world.desk.settled();
    world.kill();
    const { door, cards } = await world.boot();
    await sway(2);
    expect([resting(world, "entry"), parts(world)]).toEqual([[], [10, 0, 10]]);
    const limit = door.snapshot().limits.find(({ key }) => key === tight.limit);
    expect(limit).toMatchObject({ now: 10, set: { value: 10, by: ALICE.person } });
    const wider = await door.setLimit(ALICE, { ...tight, value: limit?.settings ?? 0 });
    expect(wider).toMatchObject({ isOk: true });
    const token = (): string => cards.at(-1)?.token ?? "";
    await world.until(() => token() !== "", "the card is shown");
    expect(await door.decide(token(), "approve", ALICE)).toMatchObject({ isOk: false });
    expect(await door.decide(token(), "approve", CAROL)).toMatchObject({ isOk: true });
    await world.until(() => world.live("entry").length === 1, "an entry rests again");
    expect(await world.differences()).toEqual([]);
  });

  it("of the risk ladder: an emergency takes entries back and sells nothing by itself; back and forth is no trading", async () => {
    world = await World.holding({ grids: [MANY_RUNGS] });
    const { door } = world.life;
    for (let n = 0; n < 3; n += 1) {
      await door.setRiskState(ALICE, "monitoring");
      await world.until(() => world.live("entry").length === 1, "an entry rests");
      await door.setRiskState(ALICE, "emergency");
      await world.until(() => world.live("entry").length === 0, "the entry is taken back");
      await world.pass(2_000);
    }
    expect([world.position, resting(world, "stop"), resting(world, "takeProfit")]).toEqual([
      10,
      [[490_000, 10]],
      [[504_000, 10]],
    ]);
    expect([world.exchange.trades("main", {}).length, await world.differences(), world.alerts()]).toEqual([
      1,
      [],
      [],
    ]);
    expect([world.sent["stop"], world.sent["takeProfit"], world.sent["close"]]).toEqual([1, 1, undefined]);
  });
});
