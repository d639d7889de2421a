import { describe, expect, test } from "vitest";
import { PaceMemory } from "../../src/chat/pace-memory.ts";
import { ManualClock, MessagesInMemory, settle } from "./desk.ts";

const clock = new ManualClock();
const log: string[] = [];
const note = (_level: string, text: string) => log.push(text);

describe("when a group was written to, over a restart", () => {
  test("the last twenty times of each group are there, oldest first, and no others", async () => {
    const messages = new MessagesInMemory();
    const first = await PaceMemory.load(messages, clock, note);
    const telegram = first.of("telegram");
    const times: number[] = [];
    for (let at = 0; at < 27; at += 1) {
      times.push(clock.monotonic());
      telegram.note("-42");
      await clock.pass(1_000);
    }
    first.of("discord").note("-42");
    await settle();
    const next = await PaceMemory.load(messages, clock, note);
    expect(next.of("telegram").recent("-42")).toEqual(times.slice(-20));
    expect(next.of("telegram").recent("-43")).toEqual([]);
    // The ring goes on behind the newest.
    next.of("telegram").note("-42");
    await settle();
    const third = await PaceMemory.load(messages, clock, note);
    expect(third.of("telegram").recent("-42")).toEqual([...times.slice(-19), clock.monotonic()]);
  });

  test("a clock that was set back, and a store that fails, make it know nothing, and say so", async () => {
    const messages = new MessagesInMemory();
    const first = await PaceMemory.load(messages, clock, note);
    first.of("telegram").note("-42");
    await settle();
    const back = {
      now: () => clock.now() - 5_000,
      monotonic: () => clock.monotonic(),
      after: () => () => undefined,
    };
    expect((await PaceMemory.load(messages, back, note)).of("telegram").recent("-42")).toEqual([]);
    const fail = () => Promise.reject(new Error("disk full"));
    const broken = Object.assign(new MessagesInMemory(), { find: fail, save: fail });
    const blind = (await PaceMemory.load(broken, clock, note)).of("telegram");
    expect(blind.recent("-42")).toEqual([]);
    blind.note("-42");
    await settle();
    expect(log).toEqual([
      "when the groups were last written to is not known: disk full",
      "when -42 was written to can't be kept: disk full",
    ]);
  });
});
