import { expect, test } from "vitest";
import { type Attempts, Strangers } from "../../src/chat/strangers.ts";
import { ManualClock } from "../desk/manual-clock.ts";

function strangers() {
  const clock = new ManualClock();
  const told: Attempts[] = [];
  return { clock, told, strangers: new Strangers(clock, (attempts) => told.push(attempts)) };
}

const sum = (told: readonly Attempts[]): number => told.reduce((all, { attempts }) => all + attempts, 0);

test("a flood is few lines, and within a minute they add up to all of it", async () => {
  const { clock, told, strangers: counted } = strangers();
  for (let at = 1; at <= 257; at += 1)
    counted.note("telegram:666", "chat -42", at % 2 === 0 ? "a tap" : "a command");
  counted.note("discord:7", "channel 3", "a tap");
  expect(told.map(({ who, count, attempts }) => [who, count, attempts])).toEqual([
    ["telegram:666", 1, 1],
    ["telegram:666", 10, 9],
    ["telegram:666", 100, 90],
    ["discord:7", 1, 1],
  ]);
  await clock.pass(59_999);
  expect(told).toHaveLength(4);
  await clock.pass(1);
  expect(told.at(-1)).toEqual({
    who: "telegram:666",
    where: "chat -42",
    what: "a command",
    count: 257,
    attempts: 157,
  });
  expect(sum(told)).toBe(258);
  await clock.pass(600_000);
  expect(told).toHaveLength(5);
});

test("what is held back at the end is told then", () => {
  const { told, strangers: counted } = strangers();
  for (let at = 1; at <= 12; at += 1) counted.note("telegram:666", "chat -42", "a tap");
  counted.flush();
  counted.flush();
  expect([told.length, sum(told)]).toEqual([3, 12]);
});

test("of many strangers none is dropped uncounted", () => {
  const { told, strangers: counted } = strangers();
  for (let round = 0; round < 3; round += 1)
    for (let who = 0; who < 1_500; who += 1) counted.note(`telegram:${who}`, "chat -42", "a tap");
  counted.flush();
  expect(sum(told)).toBe(4_500);
});
