import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import type { Store } from "../../src/desk/ports.ts";
import { openStore } from "../../src/store/store.ts";
import { Life } from "./life.ts";
import { parts, resting } from "./people.ts";
import { MANY_RUNGS, World } from "./world.ts";

let world: World;
let twin: Life | undefined;
let store: Store | undefined;
let folder = "";
afterEach(async () => {
  twin?.kill();
  await world.shut();
  await store?.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Two desks of one configuration with stores of their own, started in the same moment; neither hears of the other before it sends. */
async function twins(): Promise<readonly [Life, Life]> {
  folder = mkdtempSync(join(tmpdir(), "perpdesk-twin-"));
  world = await World.open({ grids: [MANY_RUNGS] });
  const { time, venue } = world;
  const opened = await openStore({ file: join(folder, "twin.db"), now: () => time.now() });
  if (!opened.ok) throw new Error(opened.problem);
  store = opened.store;
  // Whoever is ready first would be seen by the other, which then never sends.
  world.script.next("POST /fapi/v1/order", { kind: "latency", requestMs: 2_000, answerMs: 0 }, 2);
  const parts = { time, port: venue.server.port, store, carrier: "ccxt", grids: [MANY_RUNGS] } as const;
  const [first, second] = await Promise.all([world.begin(), Life.begin(parts)]);
  twin = second;
  return [first, second];
}

const told = ({ alerts }: Life): readonly string[] => [
  ...new Set(alerts.filter(({ level }) => level !== "info").map(({ level, key }) => `${level} ${key}`)),
];
const entries = ({ sent }: Life): number => sent.filter(({ role }) => role === "entry").length;

describe("scenario 22: two bots of one configuration", () => {
  it("both see orders with their name which they did not send, stop entries and say so; each protects what it holds", async () => {
    const [first, second] = await twins();
    expect([first.config.epoch, second.config.epoch, first.config.nonce === second.config.nonce]).toEqual([
      1,
      1,
      false,
    ]);
    await world.until(() => first.state.secondBot && second.state.secondBot, "both have seen the other");
    const sent = entries(first) + entries(second);
    expect(sent).toBe(2);
    world.price(499_990);
    await world.until(
      () => world.live("stop").length === sent && world.live("takeProfit").length === sent,
      "what is held is protected",
    );
    await world.pass(5_000);
    // Neither sends another entry, though there is room and the price passes further rungs.
    world.price(497_500);
    await world.pass(10_000);
    expect([entries(first) + entries(second), world.position, world.live("entry")]).toEqual([
      sent,
      10 * sent,
      [],
    ]);
    const size = (role: "stop" | "takeProfit"): number =>
      resting(world, role).reduce((sum, [, lots]) => sum + lots, 0);
    expect([size("stop"), size("takeProfit"), world.exchange.validate()]).toEqual([10 * sent, 10 * sent, []]);
    for (const life of [first, second]) {
      expect(told(life)).toContain("critical second-bot:main");
      expect(life.state.blocks().some((block) => block.includes("a second bot"))).toBe(true);
      expect(life.state.failed.size).toBe(0);
    }
  });

  it("one is stopped and the other restarted: that one takes over everything that either holds", async () => {
    const [first, second] = await twins();
    await world.until(() => first.state.secondBot && second.state.secondBot, "both have seen the other");
    const sent = entries(first) + entries(second);
    world.price(499_990);
    await world.until(() => world.live("stop").length === sent, "what is held is protected");
    second.kill();
    first.kill();
    const life = await world.boot();
    expect([life.config.epoch, life.state.secondBot, life.state.blocks()]).toEqual([2, false, []]);
    await world.until(() => world.live("entry").length === 1, "entries leave again");
    await world.pass(1_000);
    expect([parts(world), world.live("stop").length, world.live("takeProfit").length]).toEqual([
      [10 * sent, 0, 10 * sent],
      sent,
      sent,
    ]);
    expect(resting(world, "entry")).toEqual([[499_000, 10]]);
    // Both had the same rung: it holds twice its size until that is sold.
    expect(await world.differences()).toEqual([]);
    world.price(504_010);
    await world.until(() => world.position === 0, "the profit is taken");
    expect([await world.differences(), told(life)]).toEqual([[], []]);
  });
});
