import { afterEach, describe, expect, it } from "vitest";
import { lots, rate } from "../../src/core/units.ts";
import type { VenueRules } from "../../src/venue/venue-rules.ts";
import { MANY_RUNGS, World } from "./world.ts";

let world: World;
afterEach(() => world.shut());

const RUNGS = 25;
const RUNG_LOTS = 4;
const ALL = RUNGS * RUNG_LOTS;

type Answer = VenueRules["triggeredStopUnderFullTakeProfit"];
type Carrier = "direct" | "ccxt";

/** All rungs of a grid are held, with their take profits and their stops; then the process is gone, for good. */
async function die(
  mode: "one-way" | "hedge",
  answer: Answer,
  { lastStop = false, carrier = "direct" as Carrier } = {},
): Promise<void> {
  const isHedge = mode === "hedge";
  world = await World.running({
    carrier,
    config: { lastStop },
    isHedge,
    rules: { triggeredStopUnderFullTakeProfit: answer },
    grids: [
      {
        ...MANY_RUNGS,
        positionSide: isHedge ? "long" : "both",
        quantity: lots(RUNG_LOTS),
        ordersMax: RUNGS,
        positionMax: lots(ALL),
        takeProfit: rate(8_000_000),
        stopLoss: rate(6_000_000),
      },
    ],
  });
  for (let rung = 0; rung < RUNGS; rung += 1) {
    const price = 500_000 - rung * 1_000;
    await world.until(
      () => world.live("entry").some(({ request }) => "price" in request && request.price === price),
      `rung ${rung} has its entry`,
    );
    world.price(price - 10);
    await world.protected();
  }
  expect([world.position, world.live("stop").length, world.live("takeProfit").length]).toEqual([
    ALL,
    RUNGS,
    RUNGS,
  ]);
  if (lastStop) await world.until(() => isBehindAll(), "the last stop stands behind all others");
  world.kill();
}

/** One stop that closes all rests, a percent beyond the farthest of the rungs' stops. */
function isBehindAll(): boolean {
  const farthest = Math.min(
    ...world.live("stop").map(({ request }) => ("trigger" in request ? request.trigger : 0)),
  );
  const last = world.live("lastStop").map(({ request }) => ("trigger" in request ? request.trigger : 0));
  return last.length === 1 && (last[0] ?? 0) < farthest * 0.9975 && (last[0] ?? 0) > farthest * 0.97;
}

/** The price falls by 10 %, half a percent at a time. */
function fall(): void {
  const from = world.exchange.mark("BTCUSDT").mark;
  for (let n = 1; n <= 20; n += 1) world.price(Math.round(from * (1 - n / 200)));
}

describe("scenario 37: the desk is dead, and stays dead", () => {
  it.each(["one-way", "hedge"] as const)(
    "the price falls by 10 % in %s mode: the stops that rest leave nothing open, where one that fires expires the take profits",
    async (mode) => {
      await die(mode, "expireTakeProfit");
      fall();
      expect(world.exchange.positions("main").filter((each) => each.lots !== 0)).toEqual([]);
    },
  );

  it.each([
    ["one-way", "direct"],
    ["hedge", "direct"],
    ["one-way", "ccxt"],
  ] as const)(
    "the same in %s mode (%s) where it refuses them: the last stop closes what is left, and the next life knows",
    async (mode, carrier) => {
      await die(mode, "refuse", { lastStop: true, carrier });
      fall();
      expect(world.exchange.positions("main").filter((each) => each.lots !== 0)).toEqual([]);
      await world.boot();
      await world.until(
        () => world.alerts().some((alert) => alert.includes("last-stop:")),
        "people hear of it",
      );
      expect(await world.differences()).toEqual([]);
      expect([world.state.isPaused("grid1"), world.live("lastStop")]).toEqual([true, []]);
    },
  );

  it("on an exchange that refuses each stop under its take profits the next life closes what they could not", async () => {
    await die("one-way", "refuse");
    fall();
    expect([world.position, world.live("stop")]).toEqual([ALL, []]);
    await world.boot();
    await world.until(() => world.position === 0, "all is closed");
    expect([await world.differences(), world.live("takeProfit")]).toEqual([[], []]);
  });
});
