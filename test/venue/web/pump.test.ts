import { afterEach, describe, expect, it } from "vitest";
import type { Exchange } from "../../../src/venue/exchange.ts";
import { Pump } from "../../../src/venue/web/pump.ts";
import { type Heard, KEY, type Served, serveVenue, until } from "../binance/served-venue.ts";

/** A wall clock that only the test moves, with its timers. */
class StillWall {
  at = 1_000_000;
  readonly timers: { run: () => void; due: number }[] = [];
  now(): number {
    return this.at;
  }
  setTimeout(run: () => void, delayMs: number): unknown {
    const timer = { run, due: this.at + delayMs };
    this.timers.push(timer);
    return timer;
  }
  clearTimeout(timer: unknown): void {
    const at = this.timers.indexOf(timer as never);
    if (at >= 0) this.timers.splice(at, 1);
  }
  /** Runs what falls due within `ms`, in order. */
  pass(ms: number): void {
    const end = this.at + ms;
    for (;;) {
      const [next] = this.timers.filter((each) => each.due <= end).sort((a, b) => a.due - b.due);
      if (next === undefined) break;
      this.timers.splice(this.timers.indexOf(next), 1);
      this.at = Math.max(this.at, next.due);
      next.run();
    }
    this.at = end;
  }
}

/** A market with a step a second whose steps cost wall time. */
function market(wall: StillWall, stepCost: number) {
  const steps: number[] = [];
  let next = 50_000;
  let at = 50_000;
  const exchange = {
    now: () => at,
    nextStepAt: () => next,
    step: (target: number) => {
      if (next > target) {
        at = Math.max(at, target);
        return false;
      }
      at = next;
      next += 1_000;
      steps.push(wall.at);
      wall.at += stepCost;
      return true;
    },
  } as unknown as Exchange;
  return { exchange, steps };
}

describe("the pump moves market time with the wall clock", () => {
  it("walks speed market seconds in a wall second, evenly", () => {
    const wall = new StillWall();
    const { exchange, steps } = market(wall, 0);
    new Pump(exchange, wall, 20).resume();
    wall.pass(1_000);
    expect(exchange.now()).toBe(70_000);
    const gaps = steps.slice(2).map((at, index) => at - (steps[index + 1] ?? 0));
    expect(new Set(gaps)).toEqual(new Set([50]));
  });

  it("holds the event loop for a few milliseconds at a time when it has to catch up, and does catch up", () => {
    const wall = new StillWall();
    const { exchange, steps } = market(wall, 1);
    new Pump(exchange, wall, 60).resume();
    wall.at += 1_000;
    const turns: number[] = [];
    while (exchange.now() < 110_000) {
      const before = steps.length;
      wall.pass(0);
      turns.push(steps.length - before);
      wall.at += 1;
    }
    expect(Math.max(...turns)).toBeLessThanOrEqual(4);
    expect(exchange.now()).toBeGreaterThanOrEqual(110_000);
  });

  it("stands still while paused, and doesn't make up for it", () => {
    const wall = new StillWall();
    const { exchange } = market(wall, 0);
    const pump = new Pump(exchange, wall, 1);
    pump.resume();
    wall.pass(3_000);
    pump.pause();
    expect(pump.isRunning).toBe(false);
    wall.pass(60_000);
    expect(exchange.now()).toBe(53_000);
    pump.resume();
    pump.resume();
    wall.pass(2_000);
    expect(exchange.now()).toBe(55_000);
  });
});

describe("a served market at speed 3600", () => {
  let venue: Served;
  afterEach(() => venue.close());

  it("answers requests while it runs, and runs as fast as it should", async () => {
    venue = await serveVenue({ speed: 3_600, limits: { weightPerMinute: 1_000_000 } });
    const { heard } = await venue.listen(
      "/stream?streams=btcusdt@bookTicker/btcusdt@kline_1h/btcusdt@markPrice@1s/btcusdt@ticker",
    );
    const client = await venue.client();
    await client.loadMarkets();
    const [wallFrom, marketFrom] = [Date.now(), venue.exchange.now()];
    venue.server.resume();
    const waits: number[] = [];
    while (Date.now() - wallFrom < 500) {
      const asked = performance.now();
      await client.fetchTime();
      waits.push(performance.now() - asked);
    }
    venue.server.pause();
    const speed = (venue.exchange.now() - marketFrom) / (Date.now() - wallFrom);
    expect(speed).toBeGreaterThan(600);
    expect(speed).toBeLessThan(3_700);
    expect(waits.length).toBeGreaterThan(10);
    await until(() => heard.length > 1_000, "the streams came through");
    const turnovers = heard
      .map((message) => message["data"] as Heard)
      .filter((each) => each["e"] === "24hrTicker");
    // More money than 2^53 steps of 1e-8 changed hands, and the text still says it to the last digit.
    expect(Number(turnovers.at(-1)?.["q"])).toBeGreaterThan(2 ** 53 / 1e8);
    expect(turnovers.at(-1)?.["q"]).toMatch(/^\d+\.0{8}$/);
  });
});

describe("the control door", () => {
  let venue: Served;
  afterEach(() => venue.close());
  const post = async (path: string, body: object): Promise<readonly [number, Record<string, unknown>]> => {
    const answer = await fetch(`${venue.server.url}/control/${path}`, {
      method: "POST",
      body: JSON.stringify(body),
    });
    return [answer.status, (await answer.json()) as Record<string, unknown>];
  };

  it("is shut unless the venue was started with it", async () => {
    venue = await serveVenue();
    expect((await post("price", { symbol: "BTCUSDT", price: "1" }))[0]).toBe(404);
  });

  it("moves the price, trades by hand and shows an account in text decimals", async () => {
    venue = await serveVenue({ control: true });
    const order = { account: "main", symbol: "BTCUSDT", side: "BUY", type: "MARKET", quantity: "0.010" };
    const [status, filled] = await post("order", order);
    expect([status, filled["status"], filled["executedQty"]]).toEqual([200, "FILLED", "0.010"]);
    const stop = { ...order, side: "SELL", type: "STOP_MARKET", triggerPrice: "49000", reduceOnly: true };
    expect((await post("conditional", stop))[1]).toMatchObject({ algoStatus: "NEW" });
    expect((await post("price", { symbol: "BTCUSDT", price: "50500.0" }))[1]).toMatchObject({
      markPrice: "50500.0",
    });
    expect((await post("price", { symbol: "BTCUSDT", price: "a lot" }))[0]).toBe(400);
    expect((await post("order", { ...order, account: "nobody" }))[0]).toBe(400);
    expect((await post("deposit", { account: "other", amount: "5.5" }))[1]).toEqual({
      wallet: "10005.50000000",
    });
    const state = await (await fetch(`${venue.server.url}/control/state?account=${KEY.account}`)).json();
    expect(state).toMatchObject({
      account: "main",
      isHedgeMode: false,
      balance: { start: "10000.00000000", funding: "0.00000000" },
      positions: [{ symbol: "BTCUSDT", positionAmt: "0.010", markPrice: "50500.0", leverage: "20" }],
      openOrders: [],
      conditionals: [{ orderType: "STOP_MARKET", triggerPrice: "49000.0" }],
      trades: [{ side: "BUY", qty: "0.010" }],
    });
    expect((await post("expire-listen-keys", {}))[0]).toBe(200);
    expect((await post("drop-sockets", { kind: "all" }))[1]).toEqual({ dropped: 0 });
    expect((await post("drop-sockets", { kind: "some" }))[0]).toBe(400);
    expect((await post("dance", {}))[0]).toBe(404);
  });
});
