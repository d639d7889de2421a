import { beforeEach, describe, expect, test } from "vitest";
import { commands } from "../../commands/index.ts";
import { CommandRunner } from "../../src/chat/runner.ts";
import type { PersonRole } from "../../src/core/proposal.ts";
import { ONE } from "../../src/core/units.ts";
import { DeskOfOneCard, ManualClock, NO_ALERTS, NO_CARDS, NO_CODES } from "../chat/desk.ts";

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
    people: NO_CODES,
    commandsPerMinute: 600,
  });
});
const say = async (line: string, role: PersonRole = "admin"): Promise<string> => {
  const [name = "", ...input] = line.split(" ");
  const actor = { person: "alice", role, platform: "telegram" } as const;
  const { title, lines = [] } = await runner.run({ name, input, actor });
  return [title, ...lines].join(" | ");
};
const ANN = { person: "ann", role: "trader", platform: "telegram" } as const;
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

describe("close", () => {
  test("takes an amount with its unit, of the position that is meant", async () => {
    for (const line of ["close BTCUSDT 0.004BTC", "close 0.004btc long btc", "close .004BTC BTCUSDT"])
      await say(line);
    const request = { instrument: "BTCUSDT", part: ONE, lots: 4, includesForeign: false };
    expect(door.calls.map(({ request: each }) => each)).toMatchObject([request, request, request]);
    expect(await say("close BTCUSDT 50%")).toContain("Proposed");
    expect(door.calls.at(-1)?.request).not.toHaveProperty("lots");
  });

  test.each([
    ["close BTCUSDT 0.0045BTC", 'amount "0.0045BTC" is no multiple of 0.001 BTC above 0; say one.'],
    ["close BTCUSDT 0BTC", 'amount "0BTC" is no multiple of 0.001 BTC above 0; say one.'],
    ["close BTCUSDT 4eth", 'amount "4eth" is not in BTC, which BTCUSDT is counted in; say it like 0.001BTC.'],
  ])("%s is refused in one sentence", async (line, sentence) => {
    expect(await say(line)).toBe(`Not proposed | ${sentence}`);
    expect(calls()).toEqual([]);
  });

  test("of several positions it asks which, with the words that were given kept", async () => {
    const { title, buttons = [] } = await runner.run({ name: "close", input: ["0.004BTC"], actor: ANN });
    expect(title).toBe("/close: which symbol?");
    expect(buttons.flat().map(({ action }) => "line" in action && action.line)).toEqual([
      "close 0.004BTC BTCUSDT",
      "close 0.004BTC ETHUSDT",
    ]);
    expect(calls()).toEqual([]);
  });

  test("a symbol that begins with a number is a symbol", async () => {
    expect(await say("close 1000PEPEUSDT")).toContain('symbol "1000PEPEUSDT" is not traded here');
  });

  test("its buttons stand under the positions that are ours, and only show a card", async () => {
    const { buttons = [] } = await runner.run({ name: "positions", input: [], actor: ANN });
    expect(buttons.map((row) => row.map(({ label, action }) => [label, action]))).toEqual([
      [["Refresh", { type: "run", line: "positions" }]],
      [
        ["Close BTC 25%", { type: "run", line: "close BTCUSDT long 25%" }],
        ["50%", { type: "run", line: "close BTCUSDT long 50%" }],
        ["100%", { type: "run", line: "close BTCUSDT long 100%" }],
      ],
    ]);
  });
});

describe("close_losers and close_winners", () => {
  test("ask for the list, from a percentage on where one is said", async () => {
    for (const line of ["close_losers", "close_losers 2%", "close_winners 0.5"]) await say(line);
    expect(calls()).toEqual([
      ["proposeList", { what: "losers", least: 0 }],
      ["proposeList", { what: "losers", least: ONE / 50 }],
      ["proposeList", { what: "winners", least: ONE / 200 }],
    ]);
  });

  test.each(["close_losers -1%", "close_losers x", "close_winners 2000%"])("%s is refused", async (line) => {
    expect(await say(line)).toContain("is no percentage from 0 to 1000; say one like 2%.");
    expect(calls()).toEqual([]);
  });
});
