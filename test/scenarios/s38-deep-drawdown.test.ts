import { afterEach, describe, expect, it } from "vitest";
import { ONE, value } from "../../src/core/units.ts";
import { World } from "./world.ts";

let world: World;
afterEach(() => world.shut());

const START = 500_500;

/** An account of 10,000 USDT that holds a position of as much: a percent of the price is one of the equity. */
async function exposed(): Promise<void> {
  world = await World.running({ carrier: "direct" });
  await world.ask("pause");
  await world.until(() => world.live("entry").length === 0, "the entry is taken back");
  world.byHand("buy", 200);
  await world.until(() => world.state.account.book("BTCUSDT", "both").foreign.lots === 200, "it is known");
}
const fall = (percent: number): void => world.price(Math.round(START * (1 - percent / 100)));

describe("scenario 38: deep below the peak", () => {
  it.each([
    [4, "monitoring"],
    [14, "emergency"],
  ] as const)(
    "a withdrawal of a fifth, at so many percent below the peak, changes no risk state (%s)",
    async (percent, state) => {
      await exposed();
      fall(percent);
      const isKnown = (): boolean => Math.round((world.state.risk.drawdown ?? 0) / 1_000_000) === percent;
      await world.until(() => world.state.riskState === state && isKnown(), "the fall is known");
      world.exchange.deposit("main", value(-2_000 * ONE));
      await world.pass(20_000);
      expect([world.state.riskState, world.state.account.wallet]).toEqual([
        state,
        world.exchange.balance("main").wallet,
      ]);
    },
  );

  it("killed at 14 %, then one percent more while no desk runs: the next life is in Shutdown", async () => {
    await exposed();
    fall(14);
    await world.until(() => world.state.riskState === "emergency", "Emergency");
    await world.pass(2_000);
    world.kill();
    fall(15.1);
    await world.boot();
    await world.until(() => world.state.riskState === "shutdown", "Shutdown");
    expect(world.alerts().filter((each) => each === "critical risk:main")).toHaveLength(1);
  });
});
