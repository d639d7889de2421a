import { afterEach, describe, expect, test } from "vitest";
import { StopProbe } from "../../src/cli/doctor/stop-probe.ts";
import { lots, ticks, value } from "../../src/core/units.ts";
import { openBinanceUsdm } from "../../src/gateways/binance-usdm.ts";
import { Board } from "../../src/market/board.ts";
import { createExchange } from "../../src/venue/built-in-exchange.ts";
import type { Exchange } from "../../src/venue/exchange.ts";
import { BRACKETS, INSTRUMENTS } from "../../src/venue/instruments.ts";
import type { VenueRules } from "../../src/venue/venue-rules.ts";
import { startServer } from "../../src/venue/web/server.ts";
import { hasty, soon } from "../gateways/rig.ts";
import { HandMarket } from "../venue/binance/hand-market.ts";
import { KEY, MARKET_START } from "../venue/binance/served-venue.ts";

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/** A venue with rules, whose price falls to a stop as soon as one rests within a percent of it. */
async function openProbe(rules: Partial<VenueRules>, falls = true) {
  const instruments = INSTRUMENTS.filter(({ id }) => id === "BTCUSDT");
  const market = new HandMarket(MARKET_START, { BTCUSDT: 500_000 });
  const exchange = createExchange({
    instruments,
    brackets: BRACKETS,
    market,
    accounts: [{ id: "main", deposit: value(1_000_000_000_000) }],
    rules,
    seed: 1,
  });
  const wall = { now: Date.now, setTimeout, clearTimeout };
  const server = await startServer({ exchange, keys: [KEY], speed: 60, wall });
  cleanUps.push(() => server.close());
  const near = setInterval(() => {
    const stop = exchange.openConditionals("main").find(({ request }) => (request.trigger ?? 0) > 495_000);
    if (falls && stop !== undefined) market.set("BTCUSDT", ticks((stop.request.trigger ?? 0) - 10));
  }, 5);
  cleanUps.push(() => clearInterval(near));
  const gateway = await openBinanceUsdm({
    account: "main",
    keys: KEY,
    target: { host: "127.0.0.1", port: server.port },
    clock: hasty,
    log: { warn: () => {} },
  });
  cleanUps.push(() => gateway.market.stop());
  const [info] = await gateway.market.instruments(["BTCUSDT"]);
  if (info === undefined) throw new Error("no instrument");
  const board = new Board();
  await gateway.market.start(["BTCUSDT"], (event) => {
    if (event.type === "top" || event.type === "mark") board.apply(event);
  });
  await soon(() => board.of("BTCUSDT").mark !== undefined, "a mark came");
  const probe = new StopProbe({
    gateway,
    info,
    account: "main",
    quotes: () => board.of("BTCUSDT"),
    clock: hasty,
    countdown: async (ms) => {
      const at = ms === 0 ? undefined : exchange.now();
      exchange.countdownCancelAll("main", "BTCUSDT", at);
    },
  });
  return { probe, exchange };
}

/** Nothing rests, nothing is held, and something was really traded. */
function tidy(exchange: Exchange): void {
  expect(exchange.openOrders("main")).toEqual([]);
  expect(exchange.openConditionals("main")).toEqual([]);
  expect(exchange.positions("main").filter(({ lots: held }) => held !== 0)).toEqual([]);
  expect(exchange.trades("main", {}).length).toBeGreaterThanOrEqual(2);
  expect(exchange.validate()).toEqual([]);
}

describe("the probe of an exchange's stops", () => {
  test("finds that a triggered stop is refused under a full take profit, and that stops survive", async () => {
    const { probe, exchange } = await openProbe({
      triggeredStopUnderFullTakeProfit: "refuse",
      conditionalsSurviveCountdown: true,
    });
    expect(await probe.run()).toEqual({ stopUnderFullTakeProfit: "refused", stopsSurviveCountdown: true });
    tidy(exchange);
  });

  test("finds that the take profit expires instead, and that stops do not survive", async () => {
    const { probe, exchange } = await openProbe({
      triggeredStopUnderFullTakeProfit: "expireTakeProfit",
      conditionalsSurviveCountdown: false,
    });
    expect(await probe.run()).toEqual({
      stopUnderFullTakeProfit: "takeProfitExpired",
      stopsSurviveCountdown: false,
    });
    tidy(exchange);
  });

  test("gives up when the market does not come, and takes everything back all the same", async () => {
    const { probe, exchange } = await openProbe({}, false);
    expect(await probe.run()).toMatchObject({ stopUnderFullTakeProfit: "notTriggered" });
    tidy(exchange);
  });

  test("touches nothing where something is held or rests already", async () => {
    const { probe, exchange } = await openProbe({});
    const resting = exchange.place("main", {
      instrument: "BTCUSDT",
      clientId: "by-hand",
      side: "buy",
      positionSide: "both",
      kind: "limit",
      timeInForce: "GTC",
      price: ticks(490_000),
      lots: lots(10),
      reduceOnly: false,
    });
    expect(resting.ok).toBe(true);
    await expect(probe.run()).rejects.toThrow(
      "The probe needs BTCUSDT without a position and without orders: close them, or name another symbol.",
    );
    expect(exchange.openOrders("main").map(({ clientId }) => clientId)).toEqual(["by-hand"]);
    expect(exchange.trades("main", {})).toEqual([]);
  });
});
