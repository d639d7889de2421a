import { afterEach, describe, expect, it } from "vitest";
import { ONE, rate } from "../../src/core/units.ts";
import { ONE_BRACKET } from "../support/instruments.ts";
import { hurry, parts, resting, toldOnce } from "./people.ts";
import { TamperedLine } from "./tampered-line.ts";
import { ALICE, MANY_RUNGS, World } from "./world.ts";

const LIQUIDATION = /"liquidationPrice":/;
const MARK_OF_STREAM = /"e":"markPriceUpdate"[^}]*?"p":/;
const MARK_OF_POSITION = /"markPrice":/;
let world: World;
let line: TamperedLine;
afterEach(async () => {
  await world.shut();
  line.close();
});

/** A desk that holds one rung and rests the entry of the next, at the end of a line that can be tampered with. */
async function holding(): Promise<void> {
  world = await World.open({ grids: [MANY_RUNGS] });
  line = await TamperedLine.to(world.venue.server.port);
  Object.assign(world.venue.server, { port: line.port });
  await world.boot();
  await world.until(() => world.live("entry").length === 1, "the first entry rests");
  world.price(499_990);
  await world.until(
    () => world.live("takeProfit").length === 1 && world.live("stop").length === 1,
    "it is protected",
  );
  await world.until(() => world.live("entry").length === 1, "the second entry rests");
}
const level = () => world.state.liquidations.level(world.state.account.book("BTCUSDT", "both"));

describe("scenario 35: figures that are missing", () => {
  it.each([
    ["empty", ""],
    ["0", "0"],
  ])("an %s liquidation price is unknown, not far away: our own formula decides", async (_name, said) => {
    await holding();
    line.say(LIQUIDATION, said);
    await world.until(() => exposure()?.liquidation === undefined, "the figure is gone");
    await world.pass(3_000);
    expect([level(), world.alerts()]).toEqual(["LOW", []]);
    // 45 % maintenance: the position at 2x would be liquidated nine percent lower, though the exchange says nothing.
    const steep = ONE_BRACKET.map((tier) => ({
      ...tier,
      maintenance: rate((45 * ONE) / 100),
      leverageMax: 2,
    }));
    world.exchange.hand.setBrackets("BTCUSDT", steep);
    await world.until(() => level() === "HIGH", "the danger is seen");
    expect(toldOnce(world)).toEqual([
      "notice instrument:BTCUSDT",
      "high liquidation:main/BTCUSDT/both",
      "high risk:main",
    ]);
    expect(world.life.alerts.find(({ key }) => key.startsWith("liquidation"))?.lines[1]).toMatch(
      /liquidation at 454\d\d\.\d: 9\.\d+% away/,
    );
    expect([await world.differences(), parts(world), resting(world, "stop")]).toEqual([
      [],
      [10, 0, 10],
      [[490_000, 10]],
    ]);
  });

  it("a mark price of 0 is none: HIGH, no entries, no close on made-up figures; the exits rest; over when there is one", async () => {
    await holding();
    const ends = [line.say(MARK_OF_STREAM, "0"), line.say(MARK_OF_POSITION, "0")];
    await world.until(() => level() === "HIGH", "it is seen");
    // What is held can't be valued either: the equity is unknown, which is an emergency and sells nothing.
    expect([toldOnce(world), world.state.board.of("BTCUSDT").mark]).toEqual([
      ["extreme risk:main", "high liquidation:main/BTCUSDT/both"],
      undefined,
    ]);
    const entries = world.sent["entry"];
    await world.until(() => world.live("entry").length === 0, "the resting entry is taken back");
    world.price(498_990);
    await world.pass(8_000);
    expect([world.sent["entry"], world.position, resting(world, "stop"), world.sent["close"]]).toEqual([
      entries,
      10,
      [[490_000, 10]],
      undefined,
    ]);
    expect(await world.close()).toEqual({
      isOk: false,
      text: "There are no prices for BTCUSDT just now; try again.",
    });
    expect([await world.differences(), world.state.failed.size]).toEqual([[], 0]);
    for (const end of ends) end();
    await hurry(world, 95_000);
    // It is known again, and an admin who looked need not wait half an hour for the risk state to fall.
    expect((await world.life.door.setRiskState(ALICE, "monitoring")).isOk).toBe(true);
    await world.until(() => world.live("entry").length === 1, "entries leave again");
    expect([await world.differences(), level(), toldOnce(world)]).toEqual([
      [],
      "LOW",
      ["extreme risk:main", "high liquidation:main/BTCUSDT/both", "resolved liquidation:main/BTCUSDT/both"],
    ]);
  });
});

const exposure = () => world.state.account.exposure(world.state.account.book("BTCUSDT", "both"));
