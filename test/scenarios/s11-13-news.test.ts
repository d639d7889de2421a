import { afterEach, describe, expect, it } from "vitest";
import { World } from "./world.ts";

/** The numbers are those of research/engines.md section 4. */
const CARRIERS = ["ccxt", "direct"] as const;
/** A rung that was bought in one piece and is protected. */
const HELD = { entry: 1, stop: 1, takeProfit: 1 };

let world: World;
afterEach(() => world.shut());

/** Somebody sells to our resting entry, at its price. */
function sellToUs(size: number): void {
  world.other("sell", size, 500_000);
}

/** The account's new wallet and position are told at once, the execution that made them 1.5 s later. */
function tellPositionFirst(act: () => void): void {
  let inTime: (() => void) | undefined;
  const hush = world.exchange.listen((event) => {
    if (event.type === "account") {
      inTime ??= world.script.always({ kind: "messagesReordered", on: "private", byMs: 1_500 });
    }
  });
  act();
  hush();
  inTime?.();
}

describe.each(CARRIERS)("doubled and disordered news over %s", (carrier) => {
  it("scenario 11: an execution that is told twice by the stream, and again by a reading, is counted once", async () => {
    world = await World.running({ carrier });
    const once = world.script.always({ kind: "messageDoubled", on: "private", afterMs: 100 });
    world.price(499_990);
    await world.protected();
    const doubled = world.script.struck("messageDoubled");
    expect(doubled).toBeGreaterThanOrEqual(5);
    // The stream breaks: everything is read, the same execution comes a third time.
    world.script.once({ kind: "disconnect", sockets: "private" });
    await world.until(() => world.script.struck("disconnect") === 1, "the stream breaks");
    const readings = world.state.truthAskedWallAt;
    await world.until(
      () => world.state.truthAskedWallAt > readings && !world.state.isReadingTruth,
      "the account is read",
    );
    once();
    expect(await world.differences()).toEqual([]);
    expect([world.position, world.state.account.fills, world.sent]).toEqual([10, 1, HELD]);
    expect([world.alerts(), world.state.blocks(), world.state.counts.mismatches]).toEqual([[], [], 0]);
    world.price(504_010);
    await world.until(() => world.position === 0, "the profit is taken");
    expect([await world.differences(), world.state.account.fills]).toEqual([[], 2]);
  });

  it("scenario 12: a part's news that comes after the whole's changes nothing: filled stays filled, sums never go down", async () => {
    world = await World.running({ carrier });
    const { clientId } = world.one("entry");
    world.price(500_000);
    const order = world.state.orders.get(clientId);
    const inTime = world.script.always({ kind: "messagesReordered", on: "private", byMs: 1_500 });
    sellToUs(7);
    inTime();
    sellToUs(3);
    await world.until(() => (order?.filled ?? 0) > 0, "the later part is known");
    expect([order?.filled, order?.state]).toEqual([3, "resting"]);
    const seen: number[] = [];
    await world.until(() => {
      seen.push(order?.filled ?? 0);
      return order?.filled === 10;
    }, "the earlier part is known");
    await world.protected();
    await world.pass(2_000);
    expect(await world.differences()).toEqual([]);
    expect([[...new Set(seen)], order?.state, world.position]).toEqual([[3, 10], "filled", 10]);
    expect([world.sent, world.state.account.fills]).toEqual([{ entry: 1, stop: 2, takeProfit: 2 }, 2]);
    expect([world.alerts(), world.script.struck("messagesReordered") > 0]).toEqual([[], true]);
  });

  it("scenario 13: the new position is told before the execution that made it: no stranger is suspected", async () => {
    world = await World.running({ carrier });
    const { state } = world;
    const position = (): number => state.account.book("BTCUSDT", "both").told ?? 0;
    world.price(500_000);
    tellPositionFirst(() => sellToUs(10));
    await world.until(() => position() === 10, "the account's news");
    await world.pass(750);
    expect([state.account.fills, world.alerts(), state.blocks()]).toEqual([0, [], []]);
    await world.protected();
    expect(await world.differences()).toEqual([]);
    expect([world.sent, state.account.fills, state.foreignActivity]).toEqual([HELD, 1, false]);
    expect([
      world.alerts(),
      state.counts.mismatches,
      state.account.book("BTCUSDT", "both").foreign.lots,
    ]).toEqual([[], 0, 0]);
  });
});
