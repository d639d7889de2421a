import { describe, expect, it } from "vitest";
import type { CountdownEvent } from "../../src/core/event.ts";
import { CountdownKeeper } from "../../src/desk/countdown-keeper.ts";
import type { Countdown } from "../../src/desk/countdown-port.ts";
import { Rig } from "../support/rig.ts";
import { ManualClock } from "./manual-clock.ts";

const TICK_MS = 500;

/** A keeper beside a kernel, with an exchange that does what `answer` says. */
function keeping(seconds: number | undefined, per: Countdown["per"] = "instrument") {
  const clock = new ManualClock();
  const rig = new Rig({ config: seconds === undefined ? {} : { countdownSeconds: seconds } });
  const asked: { readonly at: number; readonly seconds: number }[] = [];
  const events: CountdownEvent[] = [];
  const world = { isLeader: true, answer: async (): Promise<void> => {} };
  const keeper = new CountdownKeeper({
    countdown: {
      per,
      secondsMin: 1,
      set: (_instrument, wanted) => {
        asked.push({ at: clock.monotonic(), seconds: wanted });
        return world.answer();
      },
    },
    state: rig.state,
    clock,
    isLeader: () => world.isLeader,
    emit: (event) => {
      events.push(event as CountdownEvent);
      rig.turn(event);
    },
  });
  const pass = async (ms: number): Promise<void> => {
    for (let left = ms; left > 0; left -= TICK_MS) {
      keeper.tick();
      await clock.pass(TICK_MS);
    }
  };
  return { rig, keeper, asked, events, world, pass };
}

describe("the keeper of the exchange's countdown", () => {
  it("sets it at once, and again when a third of it is over", async () => {
    const { asked, pass, rig } = keeping(60);
    await pass(61_000);
    expect(asked).toEqual([0, 20_000, 40_000, 60_000].map((at) => ({ at, seconds: 60 })));
    const [part] = rig.state.countdowns.view(rig.config).parts;
    expect((part?.endsWallAt ?? 0) - (part?.setWallAt ?? 0)).toBe(60_000);
  });

  it("tries again every two seconds after a failure, and does not ask twice at once", async () => {
    const { asked, pass, world, events } = keeping(60, "account");
    world.answer = () => Promise.reject(new Error("ReadTimeout"));
    await pass(6_000);
    expect(asked.map(({ at }) => at)).toEqual([0, 2_000, 4_000]);
    expect(events[0]).toMatchObject({ type: "countdown", seconds: 60, problem: "ReadTimeout" });
    expect(events[0]).not.toHaveProperty("instrument");
    world.answer = () => new Promise(() => {});
    await pass(60_000);
    expect(asked).toHaveLength(4);
  });

  it("ends it when it is disarmed, also one of an earlier life, and sets it when it is armed again", async () => {
    const { asked, pass, rig } = keeping(60);
    rig.ask({ type: "disarmCountdown" }, undefined, true);
    await pass(30_000);
    rig.ask({ type: "armCountdown" });
    await pass(1_000);
    rig.ask({ type: "disarmCountdown" }, undefined, true);
    await pass(1_000);
    expect(asked.map(({ seconds }) => seconds)).toEqual([0, 60, 0]);
  });

  it("ends it with the desk and never sets it again", async () => {
    const { asked, pass, keeper } = keeping(60);
    await pass(1_000);
    await keeper.end();
    await pass(60_000);
    expect(asked.map(({ seconds }) => seconds)).toEqual([60, 0]);
  });

  it("asks nothing where the settings have none, or another process leads", async () => {
    const none = keeping(undefined);
    await none.pass(10_000);
    await none.keeper.end();
    const deposed = keeping(60);
    deposed.world.isLeader = false;
    await deposed.pass(10_000);
    await deposed.keeper.end();
    expect([none.asked, deposed.asked]).toEqual([[], []]);
  });
});
