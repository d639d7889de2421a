import { expect, test } from "vitest";
import { commands } from "../../commands/index.ts";
import { PHONE_WIDTH } from "../../src/chat/layout.ts";
import { CommandRunner } from "../../src/chat/runner.ts";
import type { PersonRole } from "../../src/core/proposal.ts";
import type { LedgerEntry } from "../../src/desk/ports.ts";
import { DeskOfOneCard, ManualClock, NO_ALERTS, NO_CARDS, NO_CODES, NOON } from "../chat/desk.ts";

const entry = (sequence: number, kind: string, actor: string, body: object): LedgerEntry => ({
  sequence,
  wallAt: NOON,
  kind,
  actor,
  body: JSON.stringify(body),
  previousHash: "",
  hash: "",
});

const LEDGER = [
  entry(12, "refusal", "bob", { command: "panic", reason: "role", role: "viewer", needed: "trader" }),
  entry(11, "tap", "alice@telegram", { decision: "approve", proposal: "c4f2-1", scope: "sim/x" }),
  entry(10, "command", "alice", { command: "close", platform: "telegram", words: "BTCUSDT\n50%" }),
];

function desk() {
  const clock = new ManualClock();
  const door = new DeskOfOneCard(clock);
  door.ledger = LEDGER;
  const noted: unknown[] = [];
  const runner = new CommandRunner({
    registry: commands,
    alerts: NO_ALERTS,
    cards: NO_CARDS,
    people: NO_CODES,
    commandsPerMinute: 600,
    door,
    clock,
    log: () => undefined,
    audit: (...each) => noted.push(each),
  });
  const say = (line: string, role: PersonRole = "risk") => {
    const [name = "", ...input] = line.split(" ");
    return runner.run({ name, input, actor: { person: "alice", role, platform: "telegram" } });
  };
  return { say, noted };
}

test("/audit shows the last lines, newest first, without what their columns say, and where the ledger ends", async () => {
  const { say } = desk();
  expect(await say("audit")).toMatchObject({
    title: "Audit: the last 3 lines",
    lines: [
      "12. 2026-05-02 14:03 UTC bob: refusal: command panic, reason role, role viewer, needed trader",
      "11. 2026-05-02 14:03 UTC alice@telegram: tap: decision approve, proposal c4f2-1",
      "10. 2026-05-02 14:03 UTC alice: command: command close, platform telegram, words BTCUSDT 50%",
    ],
    footer: "The ledger ends with line 12, hash 0123456789abcdef.",
    isPrivate: true,
  });
  expect((await say("audit 1")).title).toBe("Audit: the last 1 line");
  expect((await say("audit 100")).lines?.[0]).toBe("50 lines are the most that is shown here, not 100.");
  expect((await say("audit 50")).lines).toHaveLength(3);
});

test("/audit of a person shows what they did on any platform; of a kind all of it; of nobody that there is nothing", async () => {
  const { say } = desk();
  expect((await say("audit alice")).lines).toHaveLength(2);
  expect((await say("audit 9 refusal")).lines).toHaveLength(1);
  expect((await say("audit mallory")).title).toBe("Audit: nothing of mallory");
  expect((await say("audit 9999")).lines?.[0]).toBe("How many lines is a number from 1 to 50.");
  expect((await say("audit", "trader")).lines?.[0]).toContain("needs the role risk");
});

test("every command is noted with its words and what it came to, a refusal as such", async () => {
  const { say, noted } = desk();
  await say(`close ${"x".repeat(500)}`);
  await say("status");
  await say("panic", "viewer");
  expect(noted).toEqual([
    [
      "command",
      "alice",
      {
        command: "close",
        platform: "telegram",
        words: expect.stringMatching(/^x{199}…$/),
        answer: "Not done",
      },
    ],
    ["command", "alice", { command: "status", platform: "telegram", answer: "Monitoring: trading normally" }],
    ["refusal", "alice", expect.objectContaining({ command: "panic", reason: "role" })],
  ]);
});

test("a line of the longest kind is cut, not left out", async () => {
  const { say } = desk();
  for (const line of (await say("audit")).lines ?? []) expect(line.length).toBeLessThan(4 * PHONE_WIDTH);
});
