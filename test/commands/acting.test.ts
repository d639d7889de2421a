import { beforeEach, describe, expect, test } from "vitest";
import { commands } from "../../commands/index.ts";
import { orderMark } from "../../src/chat/order-argument.ts";
import { CommandRunner } from "../../src/chat/runner.ts";
import type { PersonRole } from "../../src/core/proposal.ts";
import { ONE } from "../../src/core/units.ts";
import { DeskOfOneCard, ManualClock, NO_ALERTS, NO_CODES, snapshot } from "../chat/desk.ts";
import { runnerOn, said } from "./runner-on.ts";

let door: DeskOfOneCard;
let runner: CommandRunner;

beforeEach(() => {
  const clock = new ManualClock();
  door = new DeskOfOneCard(clock);
  runner = runnerOn(door, clock);
});
const say = (line: string, role: PersonRole = "admin"): Promise<string> => said(runner, line, role);
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
    [
      "close BTCUSDT 99999999999999999999BTC",
      'amount "99999999999999999999BTC" is more than the 0.010 BTC of ours in BTCUSDT; ask for less, or for all.',
    ],
    ["close BTCUSDT 0,002BTC", 'amount "0,002BTC" has a comma; write decimals with a point, like 0.001BTC.'],
    [
      "close BTCUSDT 10USDT",
      'amount "10USDT" is money; say an amount in BTC like 0.001BTC, or a part like 50%.',
    ],
    ["close BTCUSDT short 0.004BTC", "Nothing is held short in BTCUSDT."],
    ["close BTCUSDT 4eth", 'amount "4eth" is not in BTC, which BTCUSDT is counted in; say it like 0.001BTC.'],
  ])("%s is refused in one sentence", async (line, sentence) => {
    expect(await say(line)).toBe(`Not proposed | ${sentence}`);
    expect(calls()).toEqual([]);
  });

  test("a % may stand alone; what can't be understood is told with all that can be", async () => {
    for (const line of ["close BTCUSDT 50 %", "close 50 % btc"]) await say(line);
    expect(door.calls.map(({ request }) => request)).toMatchObject([{ part: ONE / 2 }, { part: ONE / 2 }]);
    expect(await say("close BTCUSDT 12,5%")).toContain(
      'part "12,5%" has a comma; write decimals with a point, like 12.5%.',
    );
    expect(await say("close BTCUSDT please")).toContain(
      '"please" is one word too many; say a symbol, long or short, a part like 50% or an amount like 0.004BTC, and foreign, each once: close BTCUSDT long 50%.',
    );
    expect(door.calls.length).toBe(2);
  });

  test("a bare number is percent from 1 on; below it, or where it is less than a lot, it asks for the unit", async () => {
    const mend = (amount: string) => `write ${amount} for an amount or 50% for a part.`;
    for (const bare of ["0.002", "0.99"])
      expect(await say(`close BTCUSDT ${bare}`)).toBe(
        `Not proposed | part "${bare}" is a number below 1 without a unit; ${mend(`${bare}BTC`)}`,
      );
    expect(await say("close BTCUSDT .5")).toContain('part ".5" is a number below 1 without a unit');
    expect(await say("close btc long 1")).toBe(
      `Not proposed | part "1" is 1% of 0.010 BTC, which is less than 0.001 BTC; ${mend("1BTC")}`,
    );
    expect(calls()).toEqual([]);
    for (const part of ["10", "25", "0.002%"]) await say(`close BTCUSDT ${part}`);
    expect(door.calls.map(({ request }) => request)).toMatchObject([
      { part: ONE / 10 },
      { part: ONE / 4 },
      { part: 2_000 },
    ]);
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

describe("cancel", () => {
  test("with four characters it asks for that one, an engine's too: the desk says why not", async () => {
    const mark = orderMark({ clientId: "pd1" });
    await say(`cancel ${mark}`);
    await say(`coo ${mark.toUpperCase()}`);
    expect(calls()).toEqual([
      ["cancel", "pd1"],
      ["cancel", "pd1"],
    ]);
    expect(await say("cancel zzzz")).toBe(
      'Not taken back | order "zzzz" does not rest; /cancel lists those that do.',
    );
  });

  test("all of them are a card's affair, of one symbol where it is named", async () => {
    for (const line of ["cancel_all", "cancel_all btc"]) await say(line);
    expect(calls()).toEqual([
      ["proposeCancelAll", undefined],
      ["proposeCancelAll", "BTCUSDT"],
    ]);
    expect(await say("cancel_all XRPUSDT")).toContain("is not traded here");
  });
});

describe("lock and block", () => {
  test("a lock is for a time or until unlock, a block until allow; ending either needs the role risk", async () => {
    for (const line of ["lock BTCUSDT 4h", "lock btc", "block ETHUSDT"]) await say(line, "trader");
    expect(calls()).toEqual([
      ["lock", { instrument: "BTCUSDT", kind: "lock", untilWallAt: new ManualClock().now() + 14_400_000 }],
      ["lock", { instrument: "BTCUSDT", kind: "lock" }],
      ["lock", { instrument: "ETHUSDT", kind: "block" }],
    ]);
    expect(await say("unlock BTCUSDT", "trader")).toContain("needs the role risk");
    expect(await say("lock BTCUSDT 4h")).toBe(
      "Locked | No engine enters any more. | Until 2026-05-02 18:03 UTC; /unlock BTCUSDT ends it sooner.",
    );
    expect(await say("lock BTCUSDT")).toContain(" | /unlock BTCUSDT ends it.");
    door.calls.length = 3;
    await say("unlock BTCUSDT", "risk");
    await say("allow ETHUSDT", "risk");
    expect(calls().slice(3)).toEqual([
      ["unlock", { instrument: "BTCUSDT", kind: "lock" }],
      ["unlock", { instrument: "ETHUSDT", kind: "block" }],
    ]);
  });

  test("alone they list what is locked, and the status says it", async () => {
    expect(await say("lock")).toBe(
      "Instruments without new entries | Engines may enter in every instrument.",
    );
    const lock = {
      instrument: "BTCUSDT",
      kind: "lock",
      by: "bob",
      untilWallAt: Date.UTC(2026, 4, 3),
    } as const;
    door.view = snapshot({ locks: [lock, { ...lock, kind: "block", untilWallAt: undefined }] });
    expect(await say("block")).toBe(
      "Instruments without new entries | BTCUSDT: locked by bob until 2026-05-03 00:00 UTC | BTCUSDT: blocked by bob",
    );
    expect(await say("status")).toContain("No entries in BTCUSDT: locked by bob until 2026-05-03 00:00 UTC");
  });

  test.each([
    ["lock BTCUSDT soon", "For how long is minutes, hours or days: write e.g. 30m, 4h or 2d."],
    ["lock BTCUSDT 0m", "For how long is at least one minute: write e.g. 30m."],
    ["lock XRPUSDT 1h", 'symbol "XRPUSDT" is not traded here; say BTCUSDT, ETHUSDT.'],
    ["unlock", "/unlock: which symbol?"],
  ])("%s is refused in one sentence", async (line, sentence) => {
    expect(await say(line)).toContain(sentence);
    expect(calls()).toEqual([]);
  });
});

describe("stop and start_engines", () => {
  test("stop or start one engine, or each", async () => {
    for (const line of ["stop all", "stop grid1", "start_engines all", "start_engines GRID1"])
      await say(line);
    expect(door.calls.map(({ type, engine }) => [type, engine])).toEqual([
      ["pause", "grid1"],
      ["pause", "grid1"],
      ["resume", "grid1"],
      ["resume", "grid1"],
    ]);
  });

  test("say which: nobody stops or starts everything by a slip", async () => {
    expect(await say("stop")).toContain("/stop: which grid?");
    expect(await say("start")).toContain("What you can do");
    expect(await say("stop grid9")).toContain('grid "grid9" is not one of this desk; say one of grid1.');
    expect(calls()).toEqual([]);
  });
});

test("a rejection may say why, at once or afterwards: the card has the reason, the ledger the line", async () => {
  const ledger: unknown[] = [];
  const decided: string[] = [];
  const reasons: string[] = [];
  const clock = new ManualClock();
  const asked = new CommandRunner({
    registry: commands,
    door,
    clock,
    log: () => undefined,
    audit: (kind, actor, body) => ledger.push({ kind, actor, ...body }),
    alerts: NO_ALERTS,
    people: NO_CODES,
    commandsPerMinute: 600,
    cards: {
      decide: async (id, decision) => {
        const isFirst = !decided.includes(`${id} ${decision}`);
        decided.push(`${id} ${decision}`);
        return { isOk: isFirst, text: isFirst ? "Rejected; nothing was done." : "It waits for no decision." };
      },
      explain: async (id, reason, { person }) => {
        reasons.push(`${person} on ${id}: ${reason}`);
        return { isOk: true, text: "Your reason is on the card." };
      },
    },
  });
  const typed = ["k1-e1", "because", "the", "spread", "is", "wide"];
  const reply = await asked.run({ name: "reject", input: typed, actor: ANN });
  expect(reply.lines).toEqual(["Rejected; nothing was done.", "Your reason is on the card."]);
  const [bare] = (await asked.run({ name: "reject", input: { card: "k2-e1" }, actor: ANN })).lines ?? [];
  expect(bare).toBe("Rejected; nothing was done.");
  const late = await asked.run({ name: "reject", input: { card: "k2-e1", reason: "too early" }, actor: ANN });
  expect([late.title, late.lines]).toEqual(["Noted", ["Your reason is on the card."]]);
  const long = { card: "k2-e1", reason: "x".repeat(501) };
  expect((await asked.run({ name: "reject", input: long, actor: ANN })).lines?.[0]).toBe(
    "Say why in 500 characters at most.",
  );
  expect(reasons).toEqual(["ann on k1-e1: the spread is wide", "ann on k2-e1: too early"]);
  expect(decided).toEqual(["k1-e1 reject", "k2-e1 reject", "k2-e1 reject"]);
  expect(ledger).toMatchObject([
    { kind: "command", actor: "ann", command: "reject", words: "k1-e1 because the spread is wide" },
    { kind: "command", actor: "ann", command: "reject", words: "k2-e1" },
    { kind: "command", actor: "ann", command: "reject", words: "k2-e1 too early" },
    { kind: "command", actor: "ann", command: "reject" },
  ]);
});
