import { beforeEach, expect, test } from "vitest";
import { commands } from "../../commands/index.ts";
import { CommandRunner } from "../../src/chat/runner.ts";
import type { Actor, Decision, Proposal } from "../../src/core/proposal.ts";
import { millis } from "../../src/core/units.ts";
import {
  alice,
  DeskOfOneCard,
  ManualClock,
  NO_ALERTS,
  NO_CARDS,
  NO_CODES,
  proposal,
  STUCK,
  snapshot,
} from "../chat/desk.ts";

let desk: DeskOfOneCard;
let decided: (readonly [string, Decision, string])[];
let clock: ManualClock;
let runner: CommandRunner;

beforeEach(() => {
  clock = new ManualClock();
  desk = new DeskOfOneCard(clock);
  desk.view = { ...snapshot(), proposals: [] };
  decided = [];
  runner = new CommandRunner({
    registry: commands,
    door: desk,
    clock,
    log: () => undefined,
    audit: () => undefined,
    alerts: NO_ALERTS,
    people: NO_CODES,
    commandsPerMinute: 600,
    cards: {
      explain: NO_CARDS.explain,
      decide: async (id, decision, { person }) => {
        decided.push([id, decision, person]);
        return { isOk: true, text: "Approved; closing now." };
      },
    },
  });
});
const type = async (line: string, actor: Actor = alice("telegram")): Promise<string> => {
  const [name = "", ...input] = line.split(" ");
  const { title, lines = [], footer = "" } = await runner.run({ name, input, actor });
  return [title, ...lines, footer].join(" | ");
};

test("cards that wait are listed with what they ask, who asked and how long, the most urgent first", async () => {
  expect(await type("proposals")).toBe("No card waits | Nothing waits for a decision. | ");
  const now = clock.now();
  const cards: readonly Partial<Proposal>[] = [
    { id: "r1-e1", action: STUCK, expiresWallAt: now + 600_000 } as Partial<Proposal>,
    { id: "k1-e1", expiresWallAt: millis(now + 30_000) },
    { id: "k2-e1", state: "done" },
  ];
  desk.view = { ...snapshot(), proposals: cards.map((each) => ({ ...proposal(), ...each }) as Proposal) };
  const said = await type("cards");
  expect(said).toMatch(
    /^2 cards wait for a decision \| k1-e1: close BTCUSDT; asked by \w+, 30 s left \| r1-e1: /,
  );
  expect(said).toContain("is stuck; asked by");
  expect(said).toContain("/approve k1-e1 or /reject k1-e1");
  const panic = { id: "k3-e1", action: { type: "panic", account: "main" }, expiresWallAt: now + 5_000 };
  desk.view = {
    ...snapshot(),
    proposals: [panic, ...cards].map((each) => ({ ...proposal(), ...each }) as Proposal),
  };
  const typed = "/reject k3-e1 (takes it back) or /approve k3-e1 (closes now)";
  expect(await type("proposals")).toContain(`5 s left; ${typed} | k1-e1: close BTCUSDT`);
});

test("a card is decided by its name, of a stuck rung in one of its ways", async () => {
  expect(await type("approve k1-e1")).toBe("Decided | Approved; closing now. | ");
  await type("approve r1-e1 close");
  await type("approve r1-e1 wait");
  await type("deny r1-e1");
  expect(decided).toEqual([
    ["k1-e1", "approve", "alice"],
    ["r1-e1", "aggressive", "alice"],
    ["r1-e1", "reject", "alice"],
    ["r1-e1", "reject", "alice"],
  ]);
});

test("words that can't be read, and people who may not, decide nothing", async () => {
  const unread = "can't be read; say approve r1-e1 with close, ladder, hedge or wait, or reject r1-e1.";
  expect(await type("approve r1-e1 up")).toContain(`"approve r1-e1 up" ${unread}`);
  expect(await type("reject r1-e1 now")).toContain(`"reject r1-e1 now" ${unread}`);
  expect(await type("approve")).toContain("Say which card, e.g. approve k1-e1. /proposals lists them.");
  expect(await type(`approve ${"x".repeat(99)}`)).toContain("No card has so long a name.");
  expect(await type("approve k1-e1", { ...alice("telegram"), role: "viewer" })).toContain("trader");
  expect(decided).toEqual([]);
});
