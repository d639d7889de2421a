import { afterEach, describe, expect, it } from "vitest";
import { refusal } from "../gateways/wire.ts";
import { MANY_RUNGS, World } from "./world.ts";

/** The numbers are those of research/engines.md section 4. */
const PLACE = "POST /fapi/v1/order";
const LISTEN_KEY = "POST /fapi/v1/listenKey";
const CARRIERS = ["ccxt", "direct"] as const;
/** A rung that was bought in one piece and is protected. */
const HELD = { entry: 1, stop: 1, takeProfit: 1 };

let world: World;
afterEach(() => world.shut());

/** How long something takes in the world. */
async function ms(work: () => Promise<unknown>): Promise<number> {
  const from = world.time.monotonic();
  await work();
  return world.time.monotonic() - from;
}

describe("streams", () => {
  it.each(CARRIERS)(
    "scenario 14: the private stream is silent though its socket lives: the risk figures give it away, the fill is found and protected (%s)",
    async (carrier) => {
      world = await World.running({ carrier });
      const { clientId } = world.one("entry");
      world.venue.server.silence("private", true);
      world.price(499_990);
      expect([world.position, world.orderState(clientId)]).toEqual([10, "resting"]);
      const took = await ms(() => world.protected());
      expect(took).toBeLessThan(8_000);
      world.venue.server.silence("private", false);
      expect(await world.differences()).toEqual([]);
      expect([world.orderState(clientId), world.sent, world.state.account.fills]).toEqual([
        "filled",
        HELD,
        1,
      ]);
      expect([world.alerts(), world.state.blocks(), world.state.counts.mismatches]).toEqual([[], [], 0]);
    },
  );

  it("scenario 14: silent prices stop entries, the silence is noticed, and after a new connection the grid goes on", async () => {
    world = await World.holding({ grids: [MANY_RUNGS] });
    await world.quotes();
    world.venue.server.silence("market", true);
    // The next rung fills meanwhile, told by the private stream: its exits go out, but no further entry.
    world.price(498_990);
    await world.protected();
    expect(world.position).toBe(20);
    await world.until(
      () => world.state.blocks().includes("the market data is stale"),
      "the silence is noticed",
    );
    const { entry } = world.sent;
    world.venue.server.silence("market", false);
    await world.until(() => world.state.blocks().length === 0, "prices come again");
    await world.quotes();
    expect(await world.differences()).toEqual([]);
    expect([world.position, world.sent.entry, world.alerts()]).toEqual([20, (entry ?? 0) + 1, []]);
  });

  it.each(CARRIERS)(
    "scenario 15: the listen key dies: no entry until the stream is back and all was read; what happened meanwhile is found (%s)",
    async (carrier) => {
      world = await World.running({ carrier, grids: [{ ...MANY_RUNGS, ordersMax: 2 }] });
      world.script.next(LISTEN_KEY, "failed", 3);
      world.venue.server.expireListenKeys();
      await world.until(() => world.state.blocks().length > 0, "the desk hears of it");
      expect(world.state.blocks().join()).toContain("the account stream is interrupted");
      world.price(499_990);
      expect([world.position, world.sent]).toEqual([10, { entry: 1 }]);
      await world.protected();
      await world.quotes();
      expect(await world.differences()).toEqual([]);
      expect([world.position, world.sent, world.state.blocks()]).toEqual([
        10,
        { entry: 2, stop: 1, takeProfit: 1 },
        [],
      ]);
      expect([world.script.struck("failed"), world.alerts()]).toEqual([3, []]);
    },
  );

  it("scenario 15: all sockets are cut, as once in 24 hours: entries wait for a reading, nothing is placed twice", async () => {
    world = await World.holding({ grids: [{ ...MANY_RUNGS, ordersMax: 2 }] });
    await world.quotes();
    const before = world.sent;
    world.script.once({ kind: "disconnect", sockets: "all" });
    await world.until(
      () => world.state.blocks().some((block) => block.includes("account stream")),
      "the cut",
    );
    // While nobody listens the take profit fills.
    world.price(504_010);
    await world.until(() => world.state.blocks().length === 0, "the account was read");
    await world.until(() => world.sent.entry === (before.entry ?? 0) + 1, "a nearer entry");
    await world.quotes();
    expect(await world.differences()).toEqual([]);
    expect([world.position, world.live("stop"), world.alerts()]).toEqual([0, [], []]);
  });
});

describe("clocks", () => {
  it.each(CARRIERS)(
    "scenario 16: timestamps that the exchange refuses (-1021): nothing is lost, exits are tried until they are taken (%s)",
    async (carrier) => {
      world = await World.running({ carrier });
      const right = world.script.always({ kind: "clockSkew", ms: 9_000 });
      world.price(499_990);
      await world.until(() => world.alerts().length > 0, "people are told");
      expect(world.alerts()).toEqual(["high clock:main"]);
      expect(world.state.blocks()).toContain("the exchange refuses our clock's time");
      right();
      await world.protected();
      await world.until(() => world.state.blocks().length === 0, "the account was read");
      expect(await world.differences()).toEqual([]);
      expect([world.position, world.sent.entry, world.alerts()]).toEqual([10, 1, ["high clock:main"]]);
      // What was refused was not accepted: each id at most once, one stop and one take profit at the end.
      expect([world.live("stop").length, world.live("takeProfit").length, world.accepted.size]).toEqual([
        1, 1, 3,
      ]);
    },
  );

  it("scenario 16: a stop that stays refused for more than five seconds ends in a close as soon as the exchange takes one", async () => {
    world = await World.running();
    const right = world.script.always({ kind: "clockSkew", ms: 9_000 });
    world.price(499_990);
    await world.until(
      () => world.alerts().some((alert) => alert.startsWith("critical stop:")),
      "the stop is late",
    );
    right();
    await world.until(() => world.position === 0, "flat");
    await world.until(() => world.state.blocks().length === 0, "the account was read");
    expect(await world.differences()).toEqual([]);
    expect([world.live("stop"), world.live("takeProfit"), world.sent.entry]).toEqual([[], [], 1]);
    expect(world.alerts()).toContain("critical stop:grid1:0");
  });
});

describe("limits", () => {
  it.each(CARRIERS)(
    "scenario 17: 429, then 418: nothing at all is asked until the time is over, people are told, stops rest; then all goes on (%s)",
    async (carrier) => {
      world = await World.running({ carrier, isWired: true, grids: [{ ...MANY_RUNGS, ordersMax: 2 }] });
      await world.fillEntry();
      await world.quotes();
      // The market leaves the entry behind; the nearer one meets the limit.
      world.script.next(PLACE, { kind: "rateLimited", seconds: 3 });
      world.price(501_500);
      await world.until(() => world.alerts().length > 0, "the limit is told");
      expect(world.alerts()).toEqual(["high limits:main"]);
      const asked = (): number => world.wire.asked.filter(({ call }) => !call.includes("listenKey")).length;
      // What was on its way to the line when the gateway heard of it gets there.
      await world.pass(250);
      const during = asked();
      await world.pass(2_000);
      expect([asked(), world.live("stop").length, world.live("takeProfit").length]).toEqual([during, 1, 1]);
      await world.until(() => asked() > during, "it asks again when the time is over");
      // Nothing said yet that it is over: entries wait for half a minute more, and readings find the ban first.
      expect(world.alerts().filter((alert) => alert.includes("limits"))).toEqual(["high limits:main"]);
      world.script.next("GET *", { kind: "banned", seconds: 10 });
      await world.until(() => world.script.struck("banned") === 1, "the ban");
      await world.pass(500);
      const banned = asked();
      await world.idle(8_500);
      expect([asked(), world.position]).toEqual([banned, 10]);
      await world.until(
        () => world.alerts().includes("resolved limits:main"),
        "people are told that it is over",
      );
      // One more health check, too.
      await world.idle(16_000);
      await world.quotes();
      expect(await world.differences()).toEqual([]);
      expect([world.position, world.state.blocks()]).toEqual([10, []]);
      // The health check may have noticed, too; what it said is over.
      const told = world.alerts();
      expect(told.filter((alert) => !alert.endsWith(" health"))).toEqual([
        "high limits:main",
        "resolved limits:main",
      ]);
      expect(told.filter((alert) => alert.endsWith(" health")).at(-1) ?? "resolved health").toBe(
        "resolved health",
      );
    },
  );

  it("scenario 17: too many orders (-1015) hold back entries alone: a close goes out at once", async () => {
    world = await World.holding({ isWired: true, grids: [{ ...MANY_RUNGS, ordersMax: 2 }] });
    await world.quotes();
    world.wire.spoil(PLACE, refusal(-1015, 429));
    world.price(501_500);
    await world.until(() => world.alerts().length > 0, "the limit is told");
    const { entry } = world.sent;
    const took = await ms(async () => {
      expect(await world.close()).toMatchObject({ isOk: true });
      await world.until(() => world.position === 0, "flat");
    });
    expect([took < 3_000, world.sent.entry, world.live("entry")]).toEqual([true, entry, []]);
    // A person who closes pauses the engine, too.
    expect(await world.ask("resume")).toMatchObject({ isOk: true });
    await world.idle(40_000);
    await world.quotes();
    expect(await world.differences()).toEqual([]);
    expect([world.sent.close, world.sent.entry, world.wire.count(PLACE)]).toEqual([1, (entry ?? 0) + 1, 6]);
    expect(world.alerts()).toEqual(["high limits:main", "resolved limits:main"]);
  });
});
