import { afterEach, describe, expect, it } from "vitest";
import { quoteInput } from "../../src/desk/kernel/guarding.ts";
import { formula } from "../../src/desk/kernel/quote.ts";
import { MARKET_START } from "../venue/binance/served-venue.ts";
import { hurry, parts } from "./people.ts";
import { MANY_RUNGS, World } from "./world.ts";

const MINUTE = 60_000;
let world: World;
afterEach(() => world.shut());

/** What the exchange says of the position, and what the desk knows of it. */
function risk() {
  const there = world.exchange.positions("main").find(({ instrument }) => instrument === "BTCUSDT");
  const book = world.state.account.book("BTCUSDT", "both");
  const here = world.state.account.exposure(book);
  return { there, here, book };
}

describe("scenario 26: funding", () => {
  it("with a fill a second before and after: paid on what was held, booked once though told twice, and margin follows", async () => {
    world = await World.holding({
      grids: [MANY_RUNGS],
      rules: { fundingIntervalMs: MINUTE },
    });
    const { exchange } = world;
    // A minute stands for the hour; every private message comes twice.
    world.script.always({ kind: "messageDoubled", account: "main" });
    const market = (seconds: number) => () => exchange.now() >= MARKET_START + seconds * 1_000;
    await world.until(() => world.live("entry").length === 1, "the second entry rests");
    await hurry(world, MARKET_START + 56_000 - exchange.now());
    await world.until(market(58), "it is nearly time");
    world.price(498_990);
    expect([world.position, exchange.now() < MARKET_START + MINUTE]).toEqual([20, true]);
    await world.until(() => exchange.balance("main").funding !== 0, "funding is paid");
    world.price(497_990);
    await world.until(() => world.state.account.funding !== 0, "the desk hears of it");
    // 20 lots (0.020 BTC) at 49,899 at 0.01 %: the third rung came a second too late.
    const paid = exchange.balance("main").funding;
    expect([paid, world.state.account.funding]).toEqual([-9_979_800, paid]);
    expect(await world.differences()).toEqual([]);
    expect([parts(world)[0], world.position]).toEqual([world.position, world.position]);
    await world.pass(2_500);
    const { there, here, book } = risk();
    const input = quoteInput(world.state, book);
    if (there === undefined || here === undefined || input === undefined) throw new Error("nothing is held");
    expect([here.isolatedWallet, here.liquidation]).toEqual([there.isolatedWallet, there.liquidation]);
    const ours = formula(input, here.lots, there.cost, here.isolatedWallet);
    expect(Math.abs(Number(ours) - Number(there.liquidation))).toBeLessThanOrEqual(1);
    // The next one is another, though nearly as large: both are booked.
    await hurry(world, MARKET_START + 2 * MINUTE - exchange.now() + 1_000);
    await world.until(() => world.state.account.funding < paid, "the second one is booked");
    expect(await world.differences()).toEqual([]);
    expect(world.state.account.funding).toBe(exchange.balance("main").funding);
    expect(exchange.income("main", {}).filter(({ type }) => type === "funding")).toHaveLength(2);
    expect([world.alerts(), world.state.counts.mismatches]).toEqual([[], 0]);
  });

  it("between a fill's execution and its news it makes the liquidation price ours, never the one of before", async () => {
    world = await World.holding({ rules: { fundingIntervalMs: MINUTE, fundingRate: 10_000_000 as never } });
    const { exchange } = world;
    const before = risk();
    await hurry(world, MARKET_START + 55_000 - exchange.now());
    const silent = world.script.always({ kind: "unavailable", on: "GET /fapi/v3/positionRisk" });
    await world.until(() => world.state.account.funding !== 0, "funding of 10 % is booked");
    const { here, there, book } = risk();
    if (here === undefined || there === undefined) throw new Error("nothing is held");
    // The exchange's own figure is of before the payment: it is not believed any more.
    expect([here.liquidation, here.isolatedWallet]).toEqual([undefined, there.isolatedWallet]);
    const input = quoteInput(world.state, book);
    if (input === undefined) throw new Error("the instrument is known");
    const ours = formula(input, here.lots, there.cost, here.isolatedWallet);
    expect(Math.abs(Number(ours) - Number(there.liquidation))).toBeLessThanOrEqual(1);
    expect(Number(ours)).toBeGreaterThan(Number(before.there?.liquidation));
    silent();
    await world.until(() => risk().here?.liquidation === there.liquidation, "the exchange is read again");
    expect(await world.differences()).toEqual([]);
  });
});
