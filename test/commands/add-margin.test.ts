import { beforeEach, expect, test } from "vitest";
import type { CommandRunner } from "../../src/chat/runner.ts";
import type { PersonRole } from "../../src/core/proposal.ts";
import { ONE } from "../../src/core/units.ts";
import { DeskOfOneCard, ManualClock } from "../chat/desk.ts";
import { runnerOn, said } from "./runner-on.ts";

let door: DeskOfOneCard;
let runner: CommandRunner;

beforeEach(() => {
  const clock = new ManualClock();
  door = new DeskOfOneCard(clock);
  runner = runnerOn(door, clock);
});
const say = (line: string, role: PersonRole = "risk"): Promise<string> => said(runner, line, role);
const asked = () => door.calls.map(({ type, request }) => [type, request]);

test.each([
  ["add_margin BTCUSDT 50", 50, undefined],
  ["add_margin 50.25USDT btc", 50.25, undefined],
  ["add_margin BTC long 1,250.5", 1_250.5, "long"],
  ["add_margin +.5 BTCUSDT", 0.5, undefined],
])("%s asks for it", async (line, amount, positionSide) => {
  expect(await say(line)).toBe("Proposed | The card is on every connected platform.");
  expect(asked()).toEqual([["proposeMargin", { instrument: "BTCUSDT", positionSide, amount: amount * ONE }]]);
});

test.each([
  ["add_margin", "There are BTCUSDT, ETHUSDT."],
  ["add_margin 50", "There are BTCUSDT, ETHUSDT."],
  ["add_margin BTCUSDT", "Say how much, e.g. add_margin BTCUSDT 50."],
  ["add_margin BTCUSDT 0", 'amount "0" is no number of USDT above 0'],
  ["add_margin BTCUSDT -5", 'amount "-5" is no number of USDT above 0'],
  ["add_margin BTCUSDT 5%", 'amount "5%" is no number of USDT above 0'],
  ["add_margin BTCUSDT 5BTC", 'amount "5BTC" is no number of USDT above 0'],
  ["add_margin BTCUSDT 1,5", 'amount "1,5" is no number of USDT above 0'],
  ["add_margin BTCUSDT 0.000000001", "with at most 8 decimals; say one like 50."],
  ["add_margin DOGEUSDT 5", 'symbol "DOGEUSDT" is not traded here'],
  ["add_margin BTCUSDT long short 5", '"short" is one word too many'],
  ["add_margin BTCUSDT up 5", '"up" is one word too many'],
])("%s is refused in one sentence", async (line, text) => {
  expect(await say(line)).toContain(text);
  expect(asked()).toEqual([]);
});

test("needs the role risk", async () => {
  expect(await say("add_margin BTCUSDT 5", "trader")).toContain(
    "/add_margin needs the role risk; you are trader.",
  );
});
