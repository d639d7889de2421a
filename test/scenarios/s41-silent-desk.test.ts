import { afterEach, describe, expect, it } from "vitest";
import type { VenueRules } from "../../src/venue/venue-rules.ts";
import { refusal } from "../gateways/wire.ts";
import { ALICE, MANY_RUNGS, World, type WorldChanges } from "./world.ts";

const CAROL = { person: "carol", role: "admin", platform: "discord" } as const;
const SECONDS = 6;
const DAVE = { person: "dave", role: "risk", platform: "terminal" } as const;
let world: World;
afterEach(() => world.shut());

/** A rung is held with its exits, an entry rests besides, and the exchange has heard that the desk lives. */
async function open(
  rules: Partial<VenueRules> = {},
  changes: WorldChanges = { carrier: "direct" },
): Promise<void> {
  world = await World.running({
    ...changes,
    config: { countdownSeconds: SECONDS },
    rules,
    grids: [MANY_RUNGS],
  });
  await world.fillEntry();
  await resting();
}
const STOPS_GO = { conditionalsSurviveCountdown: false };
const all = (): readonly number[] => [
  world.live("entry").length,
  world.live("takeProfit").length,
  world.live("stop").length,
];
const resting = (): Promise<void> =>
  world.until(
    () => all().join() === "1,1,1" && world.desk.inFlight === 0,
    "entry, take profit and stop rest",
  );
const told = (what: string): readonly string[] => world.alerts().filter((alert) => alert.includes(what));
const isArmed = (): boolean => world.state.countdowns.isArmed(world.life.config);

/** Two people end the countdown. */
async function disarm() {
  const { door, cards } = world.life;
  expect(await door.proposeDisarm(ALICE)).toMatchObject({ isOk: true });
  const token = (): string | undefined =>
    cards.findLast(({ proposal }) => proposal.action.type === "disarm")?.token;
  await world.until(() => token() !== undefined, "the card is shown");
  expect(await door.decide(token() ?? "", "approve", ALICE)).toMatchObject({ isOk: false });
  return door.decide(token() ?? "", "approve", CAROL);
}

describe("scenario 41: the exchange's countdown", () => {
  it.each(["direct", "ccxt"] as const)(
    "never ends while the desk lives; killed, entries and take profits go, stops stay, and the next life places them again (%s)",
    async (carrier) => {
      await open({}, { carrier });
      await world.idle(3 * SECONDS * 1_000);
      expect([all(), world.alerts()]).toEqual([[1, 1, 1], []]);
      world.kill();
      await world.pass((SECONDS - 3) * 1_000);
      expect(all()).toEqual([1, 1, 1]);
      await world.pass(4_000);
      expect(all()).toEqual([0, 0, 1]);
      await world.boot();
      await resting();
      expect([await world.differences(), world.alerts(), isArmed()]).toEqual([[], [], true]);
    },
  );

  it("that takes stops with it is found by the next life: the stop is placed anew, people hear it, and none is set any more", async () => {
    await open(STOPS_GO);
    world.kill();
    await world.pass((SECONDS + 1) * 1_000);
    expect(all()).toEqual([0, 0, 0]);
    await world.boot();
    await resting();
    expect([told("countdown"), isArmed()]).toEqual([["critical countdown-stop:main"], false]);
    await world.idle(2 * SECONDS * 1_000);
    expect([all(), await world.differences()]).toEqual([[1, 1, 1], []]);
    world.kill();
    await world.boot();
    expect([isArmed(), told("countdown").length]).toEqual([false, 1]);
    const { door } = world.life;
    expect(await door.armCountdown(ALICE)).toMatchObject({
      isOk: false,
      text: expect.stringMatching(/^Chat does not arm it again, for a stop of BTCUSDT went with it/),
    });
  });

  it.each([
    [true, ["high countdown:main", "resolved countdown:main"], true],
    [false, ["high countdown:main", "critical countdown-stop:main", "resolved countdown:main"], false],
  ] as const)(
    "that no sign of life reaches is told before it ends, and what went comes again; stops survive: %s",
    async (survives, alerts, armed) => {
      await open({ conditionalsSurviveCountdown: survives }, { carrier: "direct", isWired: true });
      const takeAgain = world.wire.spoilAll("POST /fapi/v1/countdownCancelAll", refusal(-1001, 503));
      await world.until(() => told("countdown").length > 0, "people hear that it fails");
      expect(all()).toEqual([1, 1, 1]);
      await world.until(() => told("taken:").length > 0, "it ended");
      await resting();
      takeAgain();
      await world.until(() => told("countdown").length === alerts.length, "it is set again");
      expect([told("countdown"), isArmed()]).toEqual([alerts, armed]);
      expect(await world.differences()).toEqual([]);
    },
  );

  it("ends with a clean end of the desk, and when two people say so, also over a restart; one person arms it again", async () => {
    await open();
    await world.desk.endCountdowns();
    world.kill();
    await world.idle(2 * SECONDS * 1_000);
    expect(all()).toEqual([1, 1, 1]);
    await world.boot();
    expect(await disarm()).toMatchObject({ isOk: true });
    world.kill();
    await world.boot();
    await resting();
    const { countdown } = world.life.door.snapshot();
    expect([countdown?.isArmed, countdown?.why]).toEqual([false, "carol disarmed it"]);
    expect(await world.life.door.proposeDisarm(ALICE)).toMatchObject({ isOk: false });
    world.kill();
    await world.idle(2 * SECONDS * 1_000);
    expect(all()).toEqual([1, 1, 1]);
    await world.boot();
    expect(await world.life.door.armCountdown(DAVE)).toMatchObject({ isOk: true });
    await world.until(
      () => world.state.countdowns.view(world.life.config).parts[0]?.endsWallAt !== undefined,
      "it is set",
    );
    world.kill();
    await world.pass((SECONDS + 1) * 1_000);
    expect(all()).toEqual([0, 0, 1]);
  });
});
