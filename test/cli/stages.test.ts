import { expect, test } from "vitest";
import { endInTurn } from "../../src/cli/stages.ts";
import { HandClock } from "../gateways/rig.ts";
import { keptLog } from "./settings.ts";

const NEVER = new Promise<never>(() => {});

test("one part that hangs takes no other's time, and is told", async () => {
  const clock = new HandClock();
  const log = keptLog();
  const ended: string[] = [];
  const part = (name: string, msMax: number, work: () => Promise<unknown> = async () => {}) => ({
    name,
    msMax,
    work: async () => {
      await work();
      ended.push(name);
    },
  });
  const inTurn = (...parts: readonly ReturnType<typeof part>[]) => {
    const told: boolean[] = [];
    return { told, ended: endInTurn(parts, { clock, log }).then((isClean) => told.push(isClean)) };
  };

  const all = inTurn(part("chat", 1_000), part("store", 1_000));
  await all.ended;
  expect([all.told, ended, log.lines, clock.waiting]).toEqual([[true], ["chat", "store"], [], 0]);

  const slow = inTurn(
    part("jobs", 5_000, () => NEVER),
    part("exchange", 2_000, () => Promise.reject(new Error("ECONNRESET"))),
    part("store", 2_000, () => new Promise((resolve) => clock.after(1_900, () => resolve(undefined)))),
  );
  await clock.pass(6_800);
  expect(slow.told).toEqual([]);
  await clock.pass(200);
  await slow.ended;
  expect([slow.told, ended]).toEqual([[false], ["chat", "store", "store"]]);
  expect(log.lines).toEqual([
    "jobs did not end in 5 s and is left behind {}",
    expect.stringMatching(/^exchange could not be ended /),
  ]);
});
