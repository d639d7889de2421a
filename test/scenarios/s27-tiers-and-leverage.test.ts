import { afterEach, describe, expect, it } from "vitest";
import { ONE, rate, value } from "../../src/core/units.ts";
import { ONE_BRACKET } from "../support/instruments.ts";
import { hurry, resting, toldOnce } from "./people.ts";
import { MANY_RUNGS, World } from "./world.ts";

let world: World;
afterEach(() => world.shut());
const [tier] = ONE_BRACKET;
if (tier === undefined) throw new Error("there is one tier");

describe("scenario 27: margin tiers and leverage", () => {
  it("changed tiers count at once: for the liquidation price, and for what may be held at our leverage", async () => {
    world = await World.holding({ grids: [MANY_RUNGS] });
    await world.until(() => world.live("entry").length === 1, "the second entry rests");
    await world.ask("pause");
    await world.until(() => world.live("entry").length === 0, "it is taken back");
    const { hand } = world.exchange;
    // 500 USDT are held; at 2x no more than 700 are allowed from now on, and maintenance is ten times as high.
    const small = { ...tier, cap: value(700 * ONE), maintenance: rate(ONE / 20), leverageMax: 20 };
    const large = { ...small, floor: value(700 * ONE), cap: tier.cap, leverageMax: 1 };
    hand.setBrackets("BTCUSDT", [small, large]);
    await world.until(() => world.state.brackets("BTCUSDT").length === 2, "the desk has read them");
    await world.ask("resume");
    await hurry(world, 35_000);
    expect([world.sent["entry"], resting(world, "entry")]).toEqual([2, []]);
    expect(world.life.log.some((line) => line.includes("positionLimit") && line.includes("tier"))).toBe(true);
    const there = world.exchange.positions("main").find(({ lots }) => lots !== 0);
    const here = world.state.account.exposure(world.state.account.book("BTCUSDT", "both"));
    expect([here?.liquidation, here?.maintenanceMargin]).toEqual([
      there?.liquidation,
      there?.maintenanceMargin,
    ]);
    expect([await world.differences(), world.alerts()]).toEqual([[], ["notice instrument:BTCUSDT"]]);
    hand.setBrackets("BTCUSDT", ONE_BRACKET);
    await hurry(world, 35_000);
    await world.until(() => world.live("entry").length === 1, "entries leave again");
    expect([await world.differences(), toldOnce(world)]).toEqual([[], ["notice instrument:BTCUSDT"]]);
    expect(world.state.counts.refused).toBe(0);
  });

  it("a refused setLeverage stops entries with the exchange's reason, is told, asked again each minute, told when it is over", async () => {
    world = await World.open();
    world.exchange.hand.setBrackets("BTCUSDT", [{ ...tier, leverageMax: 1 }]);
    await world.boot();
    await world.until(() => world.alerts().length > 0, "people are told");
    await hurry(world, 65_000);
    expect([world.sent, world.alerts()]).toEqual([{}, ["high config:BTCUSDT"]]);
    expect(world.life.alerts[0]?.lines[0]).toMatch(/Leverage 2 is not valid \(-4028\)/);
    expect(world.life.log.filter((line) => line.includes("was not changed")).length).toBe(2);
    expect(world.life.log.some((line) => line.includes("leverageNotConfirmed"))).toBe(true);
    world.exchange.hand.setBrackets("BTCUSDT", ONE_BRACKET);
    await hurry(world, 65_000);
    await world.until(() => world.live("entry").length === 1, "the entry rests");
    expect(world.exchange.leverage("main", "BTCUSDT")).toBe(2);
    expect([await world.differences(), toldOnce(world).filter((each) => each.includes("config"))]).toEqual([
      [],
      ["high config:BTCUSDT", "resolved config:BTCUSDT"],
    ]);
  });

  it("a margin mode that is a person's too is left alone: people are told, and no entry leaves until the position is gone", async () => {
    world = await World.open();
    world.byHand("buy", 5);
    await world.boot();
    await world.until(() => world.alerts().some((each) => each === "high config:BTCUSDT"), "people are told");
    await world.pass(5_000);
    expect([world.sent, world.exchange.marginMode("main", "BTCUSDT")]).toEqual([{}, "cross"]);
    expect(world.life.alerts.find(({ key }) => key === "config:BTCUSDT")?.lines[0]).toMatch(/not the desk's/);
    world.byHand("sell", 5);
    await world.until(() => world.state.account.book("BTCUSDT", "both").foreign.lots === 0, "it is gone");
    await world.ask("resume");
    await hurry(world, 35_000);
    await world.until(() => world.live("entry").length === 1, "the entry rests");
    expect([await world.differences(), world.exchange.marginMode("main", "BTCUSDT")]).toEqual([
      [],
      "isolated",
    ]);
    expect(toldOnce(world)).toContain("resolved config:BTCUSDT");
  });
});
