import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { SteadyWall } from "../../src/desk/steady-wall.ts";
import { ManualClock } from "./manual-clock.ts";

const HOUR = 3_600_000;

/** Any data, but for names that look like wall times: those of before are bounded by their event's. */
const withoutTimes = (thing: unknown): unknown =>
  JSON.parse(JSON.stringify(thing), (_name, held: unknown) =>
    typeof held === "object" && held !== null && !Array.isArray(held)
      ? Object.fromEntries(Object.entries(held).filter(([name]) => !/wallAt$/i.test(name)))
      : held,
  );

describe("the kernel's wall time", () => {
  test("goes on where the machine's clock is set back, and follows it forward again", async () => {
    const clock = new ManualClock();
    const wall = new SteadyWall(clock);
    const seen = (): number => {
      wall.look();
      return wall.into({ wallAt: clock.now() }).wallAt;
    };
    const from = seen();
    await clock.pass(1_000);
    expect(seen() - from).toBe(1_000);
    clock.wall -= HOUR;
    expect(seen() - from).toBe(1_000);
    await clock.pass(500);
    expect(seen() - from).toBe(1_500);
    clock.wall -= 60_000;
    await clock.pass(500);
    expect(seen() - from).toBe(2_000);
    clock.wall += HOUR;
    expect(seen() - from).toBe(2_000);
    clock.wall += HOUR;
    expect([seen() - from, wall.into({ wallAt: clock.now() }).wallAt - clock.now()]).toEqual([
      2_000 + HOUR - 60_000,
      0,
    ]);
  });

  test("steps forward, and what is only late, change nothing", async () => {
    const clock = new ManualClock();
    const wall = new SteadyWall(clock);
    for (const step of [HOUR, -200, 5_000, -100]) {
      clock.wall += step;
      await clock.pass(500);
      wall.look();
    }
    const event = { wallAt: clock.now() };
    expect(wall.into(event)).toBe(event);
  });

  test("moves every wall time of an event, and back, and nothing else", () => {
    const clock = new ManualClock();
    const wall = new SteadyWall(clock);
    clock.wall -= HOUR;
    wall.look();
    const event = {
      type: "truth",
      at: 5,
      wallAt: 4,
      truth: { startedWallAt: 2, history: [{ wallAt: 3, createdAt: 4 }], wallets: [{ wallet: 7 }] },
      request: { untilWallAt: undefined, wallAtHome: 8 },
    };
    expect(wall.into(event)).toEqual({
      type: "truth",
      at: 5,
      wallAt: 4 + HOUR,
      truth: {
        startedWallAt: 2 + HOUR,
        history: [{ wallAt: 3 + HOUR, createdAt: 4 }],
        wallets: [{ wallet: 7 }],
      },
      request: { untilWallAt: undefined, wallAtHome: 8 },
    });
    fc.assert(
      fc.property(fc.jsonValue(), (thing) => {
        const event = { wallAt: 4, thing: withoutTimes(thing) };
        expect(wall.outOf(wall.into(event))).toEqual(event);
      }),
    );
  });

  test("what an event tells of before the clock was set back is no later than the event; what is to come may be", async () => {
    const clock = new ManualClock();
    const wall = new SteadyWall(clock);
    const startedWallAt = clock.now();
    await clock.pass(1_000);
    clock.wall -= HOUR;
    wall.look();
    await clock.pass(1_000);
    const expiresWallAt = clock.now() + HOUR;
    const event = { wallAt: clock.now(), truth: { startedWallAt }, proposal: { expiresWallAt } };
    const taken = wall.into(event);
    expect(taken).toEqual({
      wallAt: event.wallAt + HOUR,
      truth: { startedWallAt: event.wallAt + HOUR },
      proposal: { expiresWallAt: expiresWallAt + HOUR },
    });
  });
});
