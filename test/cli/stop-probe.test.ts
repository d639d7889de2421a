import { afterEach, describe, expect, test } from "vitest";
import { StopProbe } from "../../src/cli/doctor/stop-probe.ts";
import { lots, ticks, value } from "../../src/core/units.ts";
import type { Gateway } from "../../src/desk/ports.ts";
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
async function openProbe(
  rules: Partial<VenueRules>,
  falls = true,
  spoil = (gateway: Gateway): Gateway => gateway,
) {
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
  const opened = await openBinanceUsdm({
    account: "main",
    keys: KEY,
    target: { host: "127.0.0.1", port: server.port },
    clock: hasty,
    log: { warn: () => {} },
  });
  cleanUps.push(() => opened.market.stop());
  const gateway = spoil(opened);
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

type Query = Gateway["trading"]["query"];

/** A gateway whose questions for orders go another way. */
const queriedBy =
  (way: (query: Query) => Query) =>
  (gateway: Gateway): Gateway => {
    const { trading } = gateway;
    const query = way((...args) => trading.query(...args));
    const asked: Gateway["trading"] = {
      recvWindowMs: trading.recvWindowMs,
      place: (facts) => trading.place(facts),
      cancel: (facts, id) => trading.cancel(facts, id),
      setLeverage: (id, leverage) => trading.setLeverage(id, leverage),
      setMarginMode: (id, mode) => trading.setMarginMode(id, mode),
      addMargin: (id, side, amount) => trading.addMargin(id, side, amount),
      query,
    };
    return { ...gateway, trading: asked };
  };

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

  test("asks again when a question fails: a stop of which nothing is known is not gone", async () => {
    let asked = 0;
    const { probe, exchange } = await openProbe(
      { triggeredStopUnderFullTakeProfit: "refuse", conditionalsSurviveCountdown: true },
      true,
      // Two of three questions fail.
      queriedBy((query) => (...args) => {
        asked += 1;
        return asked % 3 === 0 ? query(...args) : Promise.resolve({ type: "failed", reason: "no answer" });
      }),
    );
    expect(await probe.run()).toEqual({ stopUnderFullTakeProfit: "refused", stopsSurviveCountdown: true });
    expect(asked).toBeGreaterThan(10);
    tidy(exchange);
  });

  test("where no question is answered it gives no answer either, and cancels what may rest", async () => {
    const { probe, exchange } = await openProbe(
      {},
      true,
      queriedBy(() => () => Promise.resolve({ type: "failed", reason: "no answer" })),
    );
    await expect(probe.run()).rejects.toThrow(
      "The exchange did not say what became of the probe's takeProfit order.",
    );
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
