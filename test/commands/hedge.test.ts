import { beforeEach, expect, test } from "vitest";
import type { CommandRunner } from "../../src/chat/runner.ts";
import type { PersonRole } from "../../src/core/proposal.ts";
import { ONE } from "../../src/core/units.ts";
import { DeskOfOneCard, ManualClock, snapshot } from "../chat/desk.ts";
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
/** A second grid on the same symbol. */
const twoGrids = (): void => {
  const [first] = door.view.engines;
  if (first !== undefined) door.view = snapshot({ engines: [first, { ...first, engine: "grid2" }] });
};

test("takes a symbol or a grid, and a part in any order; alone it is all of the only grid", async () => {
  for (const line of ["hedge", "hedge btc 50%", "hedge 25 BTCUSDT", "hedge grid1 100%"]) await say(line);
  expect(asked()).toEqual(
    [ONE, ONE / 2, ONE / 4, ONE].map((part) => ["proposeHedge", { engine: "grid1", part }]),
  );
  door.calls.length = 0;
  twoGrids();
  await say("hedge GRID2 50%");
  expect(asked()).toEqual([["proposeHedge", { engine: "grid2", part: ONE / 2 }]]);
});

test.each([
  ["hedge BTCUSDT 0%", 'part "0%" is no percentage from 1 to 100; say one like 50%.'],
  ["hedge BTCUSDT 101", 'part "101" is no percentage from 1 to 100; say one like 50%.'],
  ["hedge ETHUSDT", 'grid "ETHUSDT" is not one of this desk; say one of grid1.'],
  ["hedge XRPUSDT 50%", 'grid "XRPUSDT" is not one of this desk; say one of grid1.'],
])("%s is refused in one sentence", async (line, text) => {
  expect(await say(line)).toContain(text);
  expect(asked()).toEqual([]);
});

test("several grids on a symbol are asked for by name, and it needs the role risk", async () => {
  twoGrids();
  expect(await say("hedge BTCUSDT")).toBe("Not proposed | Several grids trade that; name one: grid1, grid2.");
  expect(await say("hedge")).toContain("There are grid1, grid2.");
  expect(await say("hedge BTCUSDT", "trader")).toContain("/hedge needs the role risk; you are trader.");
  expect(asked()).toEqual([]);
});
