import { beforeEach, describe, expect, test } from "vitest";
import { notify } from "../../commands/notify.ts";
import { Alerts } from "../../src/chat/alerts.ts";
import { markOf } from "../../src/chat/duty.ts";
import { type Addressee, Personal } from "../../src/chat/personal.ts";
import { CommandRunner } from "../../src/chat/runner.ts";
import { alertMemory } from "../../src/cli/alert-memory.ts";
import type { AlertLevel } from "../../src/core/intent.ts";
import type { PersonRole } from "../../src/core/proposal.ts";
import { openStore } from "../../src/store/store.ts";
import { DeskOfOneCard, ManualClock, MessagesInMemory, NO_CARDS, NO_CODES } from "./desk.ts";
import { outboxOn, PaperRoom } from "./rooms.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

let clock: ManualClock;
let group: PaperRoom;
let chats: Readonly<Record<string, PaperRoom>>;
let messages: MessagesInMemory;
let ledger: Extract<Awaited<ReturnType<typeof openStore>>, { ok: true }>["store"]["ledger"];
let alerts: Personal;
let runner: CommandRunner;

const ROLES: Readonly<Record<string, PersonRole>> = {
  rita: "risk",
  ada: "admin",
  tom: "trader",
  vera: "viewer",
};

/** A life of the desk. */
async function start(): Promise<void> {
  const memory = alertMemory(
    ledger,
    "scope",
    () => clock.now(),
    (error) => {
      throw error;
    },
  );
  const outlet = (room: PaperRoom) => ({ room, outbox: outboxOn(clock) });
  const people: readonly Addressee[] = Object.entries(ROLES).map(([name, role]) => {
    const room = chats[name];
    return { name, role, outlets: room === undefined ? [] : [outlet(room)] };
  });
  const parts = { outlets: [outlet(group)], messages, clock, log: () => undefined };
  const rooms = new Alerts({ ...parts, ...memory, people: (level) => alerts.onCall(level) });
  alerts = new Personal({
    ...parts,
    alerts: rooms,
    people: () => people,
    quietHours: undefined,
    save: memory.saveOwn,
  });
  const before = await memory.load();
  alerts.restore(before.own);
  rooms.restore(before.seen, before.notices, before.open);
  runner = new CommandRunner({
    registry: [notify],
    door: new DeskOfOneCard(clock),
    clock,
    log: () => undefined,
    audit: () => undefined,
    alerts,
    cards: NO_CARDS,
    themeOf: () => "dark",
    people: NO_CODES,
    commandsPerMinute: 600,
  });
  await clock.pass(100);
}
beforeEach(async () => {
  clock = new ManualClock();
  group = new PaperRoom(clock);
  const own = (chat: string) => new PaperRoom(clock, { chat, isGroup: false, showsAlerts: false });
  chats = { rita: own("1"), ada: own("2"), tom: own("3"), vera: own("4") };
  messages = new MessagesInMemory();
  const opened = await openStore({ file: ":memory:", now: () => clock.now() });
  if (!opened.ok) throw new Error(opened.problem);
  ledger = opened.store.ledger;
  await start();
});

const show = async (key: string, level: AlertLevel, waitMs = 4_000): Promise<void> => {
  alerts.show({ type: "alert", key, level, title: key, lines: ["x"] });
  await clock.pass(waitMs);
};
const say = async (person: string, line: string): Promise<string> => {
  const actor = { person, role: ROLES[person] ?? "viewer", platform: "telegram" } as const;
  const reply = await runner.run({
    name: "notify",
    input: line.split(" ").filter((word) => word !== ""),
    actor,
  });
  return [reply.title, ...(reply.lines ?? [])].join(" | ");
};
/** What stands in a private chat; with "!" where it sounded. */
const told = (person: string): readonly string[] =>
  (chats[person]?.messages ?? []).map(({ reply, isSilent }) => `${reply.title}${isSilent ? "" : "!"}`);

describe("what comes to a person's private chat", () => {
  test("is nothing that was not asked for; then what was, how it was, beside the rooms", async () => {
    await show("trades:a", "info");
    expect(await say("tom", "trades on me")).toBe(
      "Done | Messages of trades come to your private chat as well, at once.",
    );
    await say("vera", "all digest me");
    await say("vera", "high silent me");
    await say("rita", "liquidation silent me");
    await show("trades:a", "info");
    await show("liquidation:b", "high");
    await show("liquidation:b", "extreme");
    expect([told("tom"), told("vera"), told("rita"), told("ada")]).toEqual([
      ["trades:a"],
      ["HIGH: liquidation:b", "EXTREME: liquidation:b!"],
      ["HIGH: liquidation:b", "EXTREME: liquidation:b!"],
      [],
    ]);
    expect(group.messages.map(({ reply }) => reply.title)).toEqual([
      "trades:a",
      "HIGH: liquidation:b",
      "EXTREME: liquidation:b",
    ]);
    await clock.pass(HOUR);
    expect(told("vera").at(-1)).toBe("The last hour: 1 message held back");
  });

  test("says who has seen it and when it is over, as in the rooms; only the rooms repeat it", async () => {
    await say("tom", "critical on me");
    await show("stop:a", "critical", 30_000);
    expect(told("tom")).toEqual(["CRITICAL: stop:a!"]);
    expect(alerts.seen(markOf("stop:a"), "ada").isOk).toBe(true);
    await clock.pass(5_000);
    expect(chats["tom"]?.messages[0]?.reply.lines?.at(-1)).toContain("Seen by ada");
    await say("tom", "critical room me");
    await show("stop:a", "resolved", 10 * MINUTE);
    expect(told("tom")).toEqual(["Resolved: stop:a!"]);
    await show("stop:a", "critical", 5_000);
    expect(told("tom")).toHaveLength(1);
  });

  test("is kept over a restart, and messages of before are taken up", async () => {
    await say("tom", "liquidation on me");
    await show("liquidation:b", "high");
    alerts.stop();
    await start();
    await show("liquidation:b", "high");
    expect([told("tom"), chats["tom"]?.messages[0]?.edits]).toEqual([["HIGH: liquidation:b!"], 1]);
    expect(await say("tom", "")).toContain("To you alone, liquidation: on");
    await show("liquidation:b", "resolved");
    expect(messages.rows).toEqual([]);
  });

  test("can't be had without one", async () => {
    chats = { ...chats, tom: group };
    alerts.stop();
    await start();
    expect(await say("tom", "trades on me")).toContain("Not done | You have no private chat with this desk");
  });
});

describe("CRITICAL", () => {
  test("is off for whoever says so, but not for the last risk officer", async () => {
    expect(await say("rita", "critical off me")).toBe(
      "Done | Messages of critical don't come to you in private, and you are not asked when nobody sees to one.",
    );
    expect(await say("ada", "critical off me")).toContain("Not done | CRITICAL can't be off for you");
    expect(await say("tom", "critical off me")).toContain("Done");
    await show("stop:a", "critical", 6 * MINUTE);
    expect([told("rita"), told("ada").length, told("tom")]).toEqual([[], 2, []]);
    await say("rita", "critical on me");
    expect(await say("ada", "critical off me")).toContain("Done");
  });

  test("asks everybody where nobody is left who may be off", async () => {
    await say("rita", "critical off me");
    // Whoever was left is in the settings no more.
    chats = { rita: chats["rita"] ?? group };
    alerts.stop();
    await start();
    await show("stop:a", "critical", MINUTE + 5_000);
    expect(told("rita")).toEqual(["CRITICAL: stop:a!"]);
  });

  test("of one kind can't be turned off by the way, and quiet hours leave it", async () => {
    await say("ada", "all on me");
    await say("ada", "stop off me");
    await show("stop:a", "notice");
    await show("stop:a", "critical", 5_000);
    expect(told("ada")).toEqual(["CRITICAL: stop:a!"]);
  });
});

test("a viewer says only for themselves; what is unclear is asked back in one sentence", async () => {
  expect(await say("vera", "trades off")).toBe(
    "Not done | What comes to the rooms is for traders to say; you are viewer. | For your private chat alone: /notify trades off me",
  );
  expect(await say("tom", "trades room")).toContain(
    "Not done | What comes to the rooms is on, silent, digest or off.",
  );
  expect(await say("tom", "trades loud")).toContain("How they come is one of on, silent, digest, off, room.");
  expect(await say("tom", "trades on you")).toContain("Whose messages: all (the rooms) or me");
  expect(await say("tom", "trades")).toContain("No message of the kind trades came so far.");
});

test("only kinds that there are can be chosen about, and a level only for oneself", async () => {
  expect(await say("tom", "foo on")).toBe('Not done | kind "foo" is none: /notify lists them all.');
  expect(await say("tom", "trade off")).toBe(
    'Not done | kind "trade" is none: did you mean trades? /notify lists them all.',
  );
  expect(await say("tom", "grid-btc off me")).toContain('kind "grid-btc" is none');
  expect(await say("tom", "critical off")).toBe(
    "Not done | What comes to the rooms goes by kind; critical is for a private chat. | For your private chat alone: /notify critical off me",
  );
  expect([alerts.notices(), alerts.own("tom")]).toEqual([[], []]);
  // Chosen before names were checked.
  alerts.choose({ kind: "foo", way: "on" }, "tom");
  await say("tom", "trades digest");
  const listed = await say("tom", "");
  expect(listed).toContain("trades: digest | None came so far of: adl, adopt,");
  expect(listed).not.toContain("foo");
});
