import { afterEach, describe, expect, it } from "vitest";
import type { KindBy } from "../../src/venue/faults/kinds.ts";
import { resting } from "./people.ts";
import { World } from "./world.ts";

const CALLS = {
  entry: "POST /fapi/v1/order",
  stop: "POST /fapi/v1/algoOrder",
  takeProfit: "POST /fapi/v1/order",
};
type Wave = keyof typeof CALLS;
/** What became of an order by the moment of the kill. */
type Fate = "never arrives" | "lands during the next start" | "rests, unanswered" | "was answered";
let world: World;
afterEach(() => world.shut());

function doom(role: Wave, fate: Fate): void {
  const faults: Partial<Record<Fate, KindBy<"request">>> = {
    "never arrives": "requestLost",
    "rests, unanswered": "hang",
  };
  const fault = faults[fate];
  if (fault !== undefined) world.script.next(CALLS[role], fault);
  if (fate === "lands during the next start")
    world.script.next(CALLS[role], { kind: "heldRequest", seconds: [2.8, 2.8] });
}

/** Whether an order of this life came as far as it shall before the kill. */
function hasCome(role: Wave, fate: Fate): boolean {
  const sent = world.life.sent.filter((facts) => facts.role === role).at(-1);
  if (sent === undefined) return false;
  if (fate === "rests, unanswered") return world.accepted.has(`main ${sent.clientId}`);
  return fate !== "was answered" || world.orderState(sent.clientId) === "resting";
}

describe("scenario 20: killed in the middle of a wave", () => {
  it.each<[Fate, Fate, Fate]>([
    ["never arrives", "never arrives", "never arrives"],
    ["lands during the next start", "was answered", "never arrives"],
    ["rests, unanswered", "never arrives", "rests, unanswered"],
    ["was answered", "lands during the next start", "lands during the next start"],
    ["rests, unanswered", "rests, unanswered", "never arrives"],
    ["lands during the next start", "rests, unanswered", "was answered"],
  ])("the entry %s; the stop %s, the take profit %s", async (entry, stop, takeProfit) => {
    world = await World.open();
    doom("entry", entry);
    await world.begin();
    await world.until(() => hasCome("entry", entry), "the entry is sent");
    world.kill();

    await world.boot();
    await world.until(() => world.live("entry").length === 1, "one entry rests");
    expect([resting(world, "entry"), await world.differences()]).toEqual([[[500_000, 10]], []]);
    doom("stop", stop);
    doom("takeProfit", takeProfit);
    world.price(499_990);
    await world.until(() => hasCome("stop", stop) && hasCome("takeProfit", takeProfit), "the exits are sent");
    world.kill();

    await world.boot();
    await world.pass(3_000);
    expect(await world.differences()).toEqual([]);
    expect([resting(world, "stop"), resting(world, "takeProfit"), world.live("entry")]).toEqual([
      [[490_000, 10]],
      [[504_000, 10]],
      [],
    ]);
    expect([
      world.position,
      world.alerts(),
      world.state.account.book("BTCUSDT", "both").foreign.lots,
    ]).toEqual([10, [], 0]);
    // What had arrived was adopted; only what was missing was sent again, under a new name. One that lands late may
    // meet the one that was sent instead of it: the exchange or the desk ends one of the two.
    const known: Readonly<Record<Fate, readonly number[]>> = {
      "never arrives": [2],
      "lands during the next start": [1, 2, 3],
      "rests, unanswered": [1],
      "was answered": [1],
    };
    expect([known[stop], known[takeProfit]]).toEqual([
      expect.arrayContaining([world.sent["stop"]]),
      expect.arrayContaining([world.sent["takeProfit"]]),
    ]);
    expect(world.sent["entry"]).toBe(entry === "never arrives" ? 2 : 1);
  });
});
