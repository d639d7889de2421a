import { beforeEach, describe, expect, test } from "vitest";
import { commands } from "../../commands/index.ts";
import { CommandRunner } from "../../src/chat/runner.ts";
import type { PersonRole } from "../../src/core/proposal.ts";
import { DeskOfOneCard, ManualClock, NO_ALERTS, NO_CARDS } from "../chat/desk.ts";

let door: DeskOfOneCard;
let runner: CommandRunner;

beforeEach(() => {
  const clock = new ManualClock();
  door = new DeskOfOneCard(clock);
  runner = new CommandRunner({
    registry: commands,
    door,
    clock,
    log: () => undefined,
    audit: () => undefined,
    alerts: NO_ALERTS,
    cards: NO_CARDS,
  });
});
const say = async (line: string, role: PersonRole = "admin"): Promise<string> => {
  const [name = "", ...input] = line.split(" ");
  const actor = { person: "alice", role, platform: "telegram" } as const;
  const { title, lines = [] } = await runner.run({ name, input, actor });
  return [title, ...lines].join(" | ");
};
const calls = () => door.calls.map(({ type, request }) => [type, request]);

describe("flatten", () => {
  test("asks for everything, with what is foreign where that is said, in any order", async () => {
    for (const line of ["flatten", "flatten all", "flatten binanceusdm"]) await say(line);
    for (const line of ["flatten foreign", "flatten all foreign", "flatten foreign all"]) await say(line);
    expect(calls()).toEqual(
      [false, false, false, true, true, true].map((includesForeign) => [
        "proposeFlatten",
        { includesForeign },
      ]),
    );
  });

  test("another exchange than the desk's is not flattened in its place", async () => {
    expect(await say("flatten bybit")).toBe(
      'Not proposed | "bybit" is neither all, binanceusdm nor foreign; say one of them.',
    );
    expect(calls()).toEqual([]);
  });

  test("needs the role risk", async () => {
    expect(await say("flatten", "trader")).toContain("/flatten needs the role risk; you are trader.");
    expect(calls()).toEqual([]);
  });
});
