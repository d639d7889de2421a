import { beforeEach, describe, expect, test } from "vitest";
import { Alerts } from "../../src/chat/alerts.ts";
import { markOf } from "../../src/chat/duty.ts";
import { alertMemory } from "../../src/cli/alert-memory.ts";
import type { AlertIntent, AlertLevel } from "../../src/core/intent.ts";
import { openStore } from "../../src/store/store.ts";
import { ManualClock, MessagesInMemory } from "./desk.ts";
import { outboxOn, PaperRoom } from "./rooms.ts";

const MINUTE = 60_000;
const KEY = "liq:BTCUSDT";

let clock: ManualClock;
let telegram: PaperRoom;
let discord: PaperRoom;
let rooms: readonly PaperRoom[];
let messages: MessagesInMemory;
let log: string[];
let ledger: Extract<Awaited<ReturnType<typeof openStore>>, { ok: true }>["store"]["ledger"];
let alerts: Alerts;

/** A life of the desk: what was before is in the message store and the ledger. */
async function start(): Promise<Alerts> {
  const memory = alertMemory(
    ledger,
    "scope",
    () => clock.now(),
    (error) => log.push(String(error)),
  );
  const made = new Alerts({
    outlets: rooms.map((room) => ({ room, outbox: outboxOn(clock, log) })),
    messages,
    clock,
    log: (level, text) => log.push(`${level} ${text}`),
    ...memory,
  });
  const { seen, notices, open } = await memory.load();
  made.restore(seen, notices, open);
  await clock.pass(2_000);
  return made;
}
async function restart(): Promise<void> {
  await clock.pass(100);
  alerts.stop();
  alerts = await start();
}

beforeEach(async () => {
  clock = new ManualClock();
  log = [];
  messages = new MessagesInMemory();
  telegram = new PaperRoom(clock);
  discord = new PaperRoom(clock, { platform: "discord", chat: "300", editMsMax: 50 * MINUTE });
  rooms = [telegram, discord];
  const opened = await openStore({ file: ":memory:", now: () => clock.now() });
  if (!opened.ok) throw new Error(opened.problem);
  ledger = opened.store.ledger;
  alerts = await start();
});

const alert = (level: AlertLevel, line: string, key = KEY): AlertIntent => ({
  type: "alert",
  key,
  level,
  title: "x",
  lines: [line],
});
async function show(level: AlertLevel, line: string, waitMs = 5_000, key = KEY): Promise<void> {
  alerts.show(alert(level, line, key));
  await clock.pass(waitMs);
}
/** What each message of a room says, and how. */
const told = ({ messages: all }: PaperRoom): readonly string[] =>
  all.map(({ reply, isSilent }) => `${reply.title} | ${reply.lines?.[0]}${isSilent ? "" : " | sounds"}`);
const away = (times: number) =>
  Array.from({ length: times }, () => ({ type: "later", afterMs: undefined, reason: "away" }) as const);

describe("nothing loud is lost", () => {
  test.each(["remove", "find", "save"] as const)(
    "with a store whose %s fails: a rise, another CRITICAL and reminders come",
    async (call) => {
      Object.assign(messages, { [call]: () => Promise.reject(new Error("disk")) });
      await show("high", "near");
      await show("critical", "one");
      await show("critical", "two", 16 * MINUTE);
      expect(told(telegram).slice(1)).toEqual([
        "CRITICAL: x | one | sounds",
        "CRITICAL: x | two | sounds",
        "CRITICAL: x | two | sounds",
        "CRITICAL: x | two | sounds",
      ]);
      expect(log.some((line) => line.includes("disk"))).toBe(true);
    },
  );

  test("a room that is away keeps no CRITICAL and no reminder from the others, and gets one with a count once it is back", async () => {
    discord.answers.push(...away(30));
    await show("critical", "one");
    await show("critical", "two", 6 * MINUTE);
    expect(told(telegram)).toEqual([
      "CRITICAL: x | one | sounds",
      "CRITICAL: x | two | sounds",
      "CRITICAL: x | two | sounds",
    ]);
    await clock.pass(30 * MINUTE);
    expect(told(discord)[0]).toBe("CRITICAL: x | two | sounds");
    expect(discord.messages[0]?.reply.footer).toBe("2 times since 14:03:22 UTC");
  });

  test("what one room saw still comes to the one that was away, without a sound", async () => {
    discord.answers.push(...away(3));
    await show("critical", "one", 100);
    expect(alerts.seen(markOf(KEY), "alice").isOk).toBe(true);
    await clock.pass(MINUTE);
    expect(told(discord)).toEqual(["CRITICAL: x | one"]);
    expect(discord.messages[0]?.reply.lines?.[1]).toContain("Seen by alice");
  });

  test("what nobody has seen does not end because something lesser of the same key comes", async () => {
    await show("critical", "moved off");
    await show("notice", "came back");
    expect(alerts.open().map(({ level }) => level)).toEqual(["critical"]);
    await clock.pass(6 * MINUTE);
    expect(told(telegram)).toEqual([
      "CRITICAL: x | moved off | sounds",
      "x | came back",
      "CRITICAL: x | moved off | sounds",
    ]);
  });

  test("the fall of a loud one is told whatever is wanted of its kind; digests are no choice", async () => {
    alerts.choose({ kind: "liq", way: "off" }, "alice");
    alerts.choose({ kind: "trades", way: "digest" }, "alice");
    await show("high", "near");
    await show("notice", "far");
    await show("notice", "farther");
    expect(telegram.messages.map(({ reply }) => reply.lines?.[0])).toEqual(["far"]);
    await show("info", "a trade", 61 * MINUTE, "trades:grid1");
    expect(told(telegram).at(-1)).toBe("The last hour: 1 message held back | trades, 1 time. The last: x");
    expect(alerts.notices().map(({ kind }) => kind)).toEqual(["liq", "trades"]);
  });
});

describe("seen", () => {
  test("is what was seen: the same level again after a fall sounds", async () => {
    await show("extreme", "4.9 %");
    alerts.seen(markOf(KEY), "alice");
    await show("high", "7 %");
    await show("extreme", "4.8 %");
    expect(told(telegram).map((text) => text.split(" | ").slice(1))).toEqual([
      ["7 %", "sounds"],
      ["4.8 %", "sounds"],
    ]);
  });

  test("just before a reminder is due there is none", async () => {
    await show("critical", "one", 0);
    await clock.pass(5 * MINUTE - 1_000);
    alerts.seen(markOf(KEY), "alice");
    await clock.pass(60 * MINUTE);
    expect(telegram.messages).toHaveLength(1);
  });

  test("while the message before it is being removed, no reminder follows", async () => {
    await show("critical", "one", 0);
    let go = (): void => undefined;
    const find = messages.find.bind(messages);
    await clock.pass(4 * MINUTE);
    messages.remove = () => new Promise((resolve) => (go = resolve));
    alerts.show(alert("critical", "two"));
    await clock.pass(2 * MINUTE);
    messages.find = find;
    go();
    messages.remove = MessagesInMemory.prototype.remove.bind(messages);
    await clock.pass(10);
    alerts.seen(markOf(KEY), "alice");
    await clock.pass(30 * MINUTE);
    expect(told(telegram).filter((text) => text.includes("sounds"))).toHaveLength(2);
  });

  test("does not come back with a restart where another event was told since", async () => {
    await show("critical", "one");
    alerts.seen(markOf(KEY), "alice");
    await show("critical", "two");
    await restart();
    expect(alerts.open().map(({ seenBy }) => seenBy)).toEqual([undefined]);
    await clock.pass(6 * MINUTE);
    expect(told(telegram).at(-1)).toBe("CRITICAL: x | two | sounds");
  });

  test("does not come back with a restart where it was over since, though the store fails", async () => {
    await show("high", "near");
    alerts.seen(markOf(KEY), "alice");
    await show("resolved", "far");
    messages.find = () => Promise.reject(new Error("disk"));
    await restart();
    await show("high", "near again");
    expect(told(telegram).at(-1)).toBe("HIGH: x | near again | sounds");
  });
});

describe("over a restart", () => {
  test("what nobody has seen stands on, comes again, and is closed by who sees it", async () => {
    await show("critical", "overfilled");
    await restart();
    expect(telegram.messages).toHaveLength(1);
    expect(alerts.open()).toMatchObject([{ mark: markOf(KEY), level: "critical", title: "x" }]);
    await clock.pass(6 * MINUTE);
    expect(told(telegram)).toEqual(Array(2).fill("CRITICAL: x | overfilled | sounds"));
    expect(telegram.messages[1]?.reply.lines?.[1]).toBe("From before the restart; not said again since.");
    expect(alerts.seen(markOf(KEY), "alice").text).toBe('"x" is from before the restart and closed.');
    await clock.pass(60 * MINUTE);
    expect(telegram.messages).toHaveLength(2);
    expect(telegram.messages[1]?.reply).toMatchObject({
      lines: [
        "overfilled",
        "From before the restart; not said again since.",
        expect.stringContaining("Seen by alice"),
      ],
    });
    expect(telegram.messages[1]?.reply.buttons).toBeUndefined();
    expect([alerts.open(), messages.rows]).toEqual([[], []]);
    await restart();
    await clock.pass(60 * MINUTE);
    expect([alerts.open(), telegram.messages.length]).toEqual([[], 2]);
  });

  test("one that the desk says again is as any other", async () => {
    await show("critical", "one");
    await restart();
    await show("critical", "two");
    expect(told(telegram)).toEqual(["CRITICAL: x | one | sounds", "CRITICAL: x | two | sounds"]);
    alerts.seen(markOf(KEY), "alice");
    expect(alerts.open().map(({ seenBy }) => seenBy)).toEqual(["alice"]);
  });

  test("one that was still on its way comes", async () => {
    discord.answers.push(...away(100));
    await show("critical", "one");
    alerts.stop();
    discord = new PaperRoom(clock, { platform: "discord", chat: "300" });
    rooms = [telegram, discord];
    alerts = await start();
    expect([told(telegram).length, told(discord)]).toEqual([1, ["CRITICAL: x | one | sounds"]]);
  });

  test("what was seen, or is over, or makes no sound is not taken up", async () => {
    await show("critical", "one");
    alerts.seen(markOf(KEY), "alice");
    await show("high", "two", 5_000, "other");
    await show("resolved", "two", 5_000, "other");
    await show("notice", "three", 5_000, "third");
    await restart();
    expect(alerts.open()).toEqual([]);
  });

  test("one that was put off comes when its time is over", async () => {
    await show("high", "near");
    alerts.seen(markOf(KEY), "alice", 30 * MINUTE);
    await restart();
    await clock.pass(28 * MINUTE);
    expect(telegram.messages).toHaveLength(1);
    await clock.pass(3 * MINUTE);
    expect(told(telegram)).toEqual(Array(2).fill("HIGH: x | near | sounds"));
  });
});

test("in a desk of a terminal alone what was seen or put off stays so over a restart, until it is over", async () => {
  rooms = [];
  await restart();
  await show("high", "near");
  await show("high", "full", 5_000, "store");
  alerts.seen(markOf(KEY), "alice");
  alerts.seen(markOf("store"), "bob", 30 * MINUTE);
  const until = clock.now() + 30 * MINUTE;
  await restart();
  await show("high", "near");
  expect(alerts.open().map(({ seenBy, untilWallAt }) => [seenBy, untilWallAt])).toEqual([
    ["bob", until],
    ["alice", undefined],
  ]);
  await show("resolved", "far");
  await restart();
  await show("high", "near again");
  await clock.pass(30 * MINUTE);
  expect(alerts.open().map(({ seenBy }) => seenBy)).toEqual([undefined, undefined]);
});

test("a quiet one stays quiet and is worth nothing after ten minutes, though it is said again while it waits", async () => {
  discord.answers.push(...away(7));
  await show("notice", "one", 100);
  await show("notice", "two", MINUTE * 5);
  expect(told(discord)).toEqual(["x | two"]);
  telegram.answers.push(...away(100));
  await show("notice", "one", 100, "other");
  await show("notice", "two", 25 * MINUTE, "other");
  expect(told(telegram)).toEqual(["x | two"]);
});

test("messages that stand alone leave nothing in the store", async () => {
  await show("info", "alive", 5_000, "heartbeat:1");
  await show("info", "alive", 5_000, "heartbeat:2");
  expect([told(telegram).length, messages.rows]).toEqual([2, []]);
});
