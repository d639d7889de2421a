import { beforeEach, describe, expect, test } from "vitest";
import { Alerts } from "../../src/chat/alerts.ts";
import { markOf } from "../../src/chat/duty.ts";
import { PaceMemory } from "../../src/chat/pace-memory.ts";
import { alertMemory } from "../../src/cli/alert-memory.ts";
import type { AlertIntent, AlertLevel } from "../../src/core/intent.ts";
import { openStore } from "../../src/store/store.ts";
import { ManualClock, MessagesInMemory, settle } from "./desk.ts";
import { outboxOn, PaperRoom } from "./rooms.ts";

const MINUTE = 60_000;
const AWAY = { type: "later", afterMs: undefined, reason: "away" } as const;

let clock: ManualClock;
let telegram: PaperRoom;
/** Shows cards, but no alerts as a rule. */
let discord: PaperRoom;
let messages: MessagesInMemory;
let log: string[];
let ledger: Extract<Awaited<ReturnType<typeof openStore>>, { ok: true }>["store"]["ledger"];
let alerts: Alerts;

/** A life of the desk: what was before is in the message store and the ledger. */
async function start(): Promise<void> {
  const note = (error: unknown) => log.push(String(error));
  const memory = alertMemory(ledger, "scope", () => clock.now(), note);
  const pace = await PaceMemory.load(messages, clock, (_level, text) => log.push(text));
  const outlet = (room: PaperRoom) => ({ room, outbox: outboxOn(clock, log, pace.of(room.platform)) });
  alerts = new Alerts({
    outlets: [telegram, discord].map(outlet),
    messages,
    clock,
    log: (level, text) => log.push(`${level} ${text}`),
    ...memory,
  });
  const { seen, notices, open } = await memory.load();
  alerts.restore(seen, notices, open);
}
/** The process is killed: what waits in its outboxes is gone. */
async function killed(): Promise<void> {
  alerts.stop();
  telegram = successor(telegram);
  discord = successor(discord);
  await start();
}
/** The same room, as the next process sees it; the one before writes into the void. */
function successor(room: PaperRoom): PaperRoom {
  const { platform, chat, showsAlerts, trouble } = room;
  const next = new PaperRoom(clock, { platform, chat, showsAlerts });
  next.messages.push(...room.messages);
  next.trouble = trouble;
  room.trouble = AWAY;
  return next;
}

beforeEach(async () => {
  clock = new ManualClock();
  log = [];
  messages = new MessagesInMemory();
  telegram = new PaperRoom(clock);
  discord = new PaperRoom(clock, { platform: "discord", chat: "300", showsAlerts: false });
  const opened = await openStore({ file: ":memory:", now: () => clock.now() });
  if (!opened.ok) throw new Error(opened.problem);
  ledger = opened.store.ledger;
  await start();
});

const alert = (key: string, level: AlertLevel, line = key): AlertIntent => ({
  type: "alert",
  key,
  level,
  title: `About ${key}`,
  lines: [line],
});
async function show(key: string, level: AlertLevel, waitMs = 0, line = key): Promise<void> {
  alerts.show(alert(key, level, line));
  await clock.pass(waitMs);
}
const linesOf = (room: PaperRoom): readonly string[] =>
  room.messages.flatMap(({ reply }) => [reply.title, ...(reply.lines ?? [])]);
const sounding = (room: PaperRoom): readonly string[] =>
  room.messages.filter(({ isSilent }) => !isSilent).map(({ reply }) => reply.title);

describe("the room that shows alerts is away", () => {
  test("for ten minutes: CRITICAL and EXTREME are on the other platform within 5 s; afterwards one message tells all", async () => {
    telegram.trouble = AWAY;
    const began = clock.now();
    await show("stop:a", "critical", 5_000);
    expect(discord.messages.map(({ at }) => at - began)).toEqual([3_000]);
    await show("liq:b", "extreme", 30_000);
    await show("near:c", "high", 30_000);
    await show("trades:d", "info", 8 * MINUTE, "early");
    await show("trades:d", "info", 0, "late");
    await show("stop:a", "critical", 10_000, "again");
    expect(sounding(discord).slice(0, 2)).toEqual(["CRITICAL: About stop:a", "EXTREME: About liq:b"]);
    expect(sounding(discord).at(-1)).toBe("CRITICAL: About stop:a");
    expect(linesOf(discord).some((line) => line.includes("near:c"))).toBe(false);
    telegram.trouble = undefined;
    await clock.pass(40_000);
    expect(telegram.messages).toHaveLength(1);
    const [{ reply, isSilent } = { reply: undefined, isSilent: true }] = telegram.messages;
    expect(isSilent).toBe(false);
    expect(reply).toMatchObject({ title: "4 messages that had to wait", tone: "danger" });
    expect(reply?.lines?.map((line) => line.replace(/ \(.*/, ""))).toEqual([
      "CRITICAL: About stop:a. again",
      "EXTREME: About liq:b. liq:b",
      "HIGH: About near:c. near:c",
      "About trades:d. late",
    ]);
    expect(reply?.lines?.[0]).toContain(`2 times since 14:03:20 UTC) /ack ${markOf("stop:a")}`);
    expect(reply?.buttons?.flat().map(({ label }) => label)).toEqual(
      ["stop:a", "liq:b", "near:c"].map((key) => `Seen ${markOf(key)}`),
    );
  });

  test("alone, what waited comes as itself; what is told later of it is told where it was", async () => {
    telegram.trouble = AWAY;
    await show("stop:a", "critical", 10 * MINUTE);
    telegram.trouble = undefined;
    await clock.pass(MINUTE);
    expect(telegram.messages.map(({ reply }) => reply.title)).toEqual(["CRITICAL: About stop:a"]);
    expect(alerts.seen(markOf("stop:a"), "alice").isOk).toBe(true);
    await clock.pass(5_000);
    for (const room of [telegram, discord])
      expect(room.messages.at(-1)?.reply.lines?.at(-1)).toContain("Seen by alice");
    // Now that it can be reached, the next event is for it alone.
    const before = discord.messages.length;
    await show("stop:a", "critical", 10_000, "another");
    expect([linesOf(telegram).at(-1), discord.messages.length]).toEqual(["another", before]);
  });

  test("or takes nothing from us (a kick, a right that is missing): it goes elsewhere as fast", async () => {
    telegram.trouble = { type: "refused", reason: "bot was kicked" };
    await show("stop:a", "critical", 5_000);
    expect(linesOf(discord)).toEqual(["CRITICAL: About stop:a", "stop:a"]);
  });

  test("no other room is written to while one that shows alerts can be reached", async () => {
    await show("stop:a", "critical", 10_000);
    expect([telegram.messages.length, discord.messages.length]).toEqual([1, 0]);
  });
});

test("signs of life are told on each platform, quietly, in its first room where none shows alerts; and leave nothing behind", async () => {
  const second = new PaperRoom(clock, { platform: "discord", chat: "301", showsAlerts: false });
  const other = new PaperRoom(clock, { chat: "-77", showsAlerts: false });
  alerts = new Alerts({
    outlets: [telegram, other, discord, second].map((room) => ({ room, outbox: outboxOn(clock, log) })),
    messages,
    clock,
    log: () => undefined,
  });
  for (const key of ["life:1", "heartbeat:2", "life:3"]) await show(key, "info", 10_000);
  await show("trades:grid1", "info", 10_000);
  const titles = ["About life:1", "About heartbeat:2", "About life:3"];
  expect(telegram.messages.map(({ reply }) => reply.title)).toEqual([...titles, "About trades:grid1"]);
  expect(discord.messages.map(({ reply }) => reply.title)).toEqual(titles);
  expect(discord.messages.every(({ isSilent }) => isSilent)).toBe(true);
  expect([second.messages, other.messages]).toEqual([[], []]);
  expect(messages.rows.map(({ topic }) => topic)).toEqual(["alert:trades:grid1#info"]);
});

describe("nothing CRITICAL is lost", () => {
  test("that ended, or fell, before anybody could be told, over a kill too", async () => {
    telegram.trouble = AWAY;
    discord.trouble = AWAY;
    await show("stop:a", "critical", MINUTE, "no stop");
    await show("stop:a", "resolved", MINUTE, "closed");
    await show("liq:b", "critical", MINUTE, "liquidated");
    await show("liq:b", "high", MINUTE, "near again");
    await killed();
    await clock.pass(MINUTE);
    telegram.trouble = undefined;
    await clock.pass(MINUTE);
    const told = linesOf(telegram).join("\n");
    expect(told).toContain("CRITICAL: About stop:a. no stop");
    expect(told).toContain("liq:b");
  });

  test("that ended is forgotten once it was told", async () => {
    telegram.trouble = AWAY;
    await show("stop:a", "critical", 1_000);
    await show("stop:a", "resolved", MINUTE);
    telegram.trouble = undefined;
    await clock.pass(MINUTE);
    expect(linesOf(telegram).join("\n")).toContain("CRITICAL: About stop:a");
    await killed();
    await clock.pass(60 * MINUTE);
    expect([telegram.messages.length, alerts.open()]).toEqual([1, []]);
  });

  test("that fell while it waited: it arrives as it was, and what it became beside it", async () => {
    telegram.trouble = AWAY;
    discord.trouble = AWAY;
    await show("stop:a", "critical", 1_000, "no stop");
    alerts.seen(markOf("stop:a"), "alice");
    await show("stop:a", "high", 1_000, "a stop, and near");
    telegram.trouble = undefined;
    await clock.pass(MINUTE);
    const told = linesOf(telegram).join("\n");
    for (const line of ["no stop", "a stop, and near"]) expect(told).toContain(line);
  });
});

/** A thousand events in ten seconds of every level; each twenty-fifth is CRITICAL and has a key of its own. */
async function flood(onTurn: (at: number) => Promise<void>): Promise<readonly string[]> {
  const critical: string[] = [];
  const levels: readonly AlertLevel[] = ["info", "notice", "high", "extreme", "resolved"];
  for (let at = 0; at < 1_000; at += 1) {
    await onTurn(at);
    const isCritical = at % 25 === 12;
    if (isCritical) critical.push(`stop:grid/${at}`);
    if (isCritical) alerts.show(alert(`stop:grid/${at}`, "critical"));
    else alerts.show(alert(`kind${at % 7}:${at % 90}`, levels[at % 5] ?? "info", `${at}`));
    await clock.pass(10);
  }
  return critical;
}

function checkFlood(room: PaperRoom, critical: readonly string[], began: number): void {
  const isCritical = (line: string) => line.startsWith("CRITICAL: About stop:grid/");
  const first = room.messages.find(({ reply }) => [reply.title, ...(reply.lines ?? [])].some(isCritical));
  expect((first?.at ?? Number.POSITIVE_INFINITY) - began - 120).toBeLessThan(2_000);
  for (const { at } of room.messages) {
    const minute = room.messages.filter((each) => each.at >= at && each.at < at + MINUTE);
    expect(minute.length).toBeLessThanOrEqual(20);
  }
  const told = linesOf(room);
  const isTold = (key: string) =>
    told.some((line) => line.match(new RegExp(`CRITICAL: About ${key}(?!\\d)`)));
  expect(critical.filter((key) => !isTold(key))).toEqual([]);
}

describe("1,000 events in 10 s", () => {
  beforeEach(async () => {
    discord = new PaperRoom(clock, { platform: "discord", chat: "300" });
    alerts.stop();
    await start();
  });

  test("are at most 20 messages a minute in a group; the first CRITICAL is out in 2 s and none is lost", async () => {
    const began = clock.now();
    const critical = await flood(async () => undefined);
    await clock.pass(20_000);
    for (const room of [telegram, discord]) checkFlood(room, critical, began);
  });

  test("the same with two kills in between: a new process counts what the one before it sent", async () => {
    const began = clock.now();
    const critical = await flood(async (at) => {
      if (at === 340 || at === 715) await killed();
    });
    await clock.pass(4 * MINUTE);
    for (const room of [telegram, discord]) checkFlood(room, critical, began);
  });
});

test("an earlier try that came through after all is brought up to date where the platform knows its nonce", async () => {
  const sent: string[] = [];
  const room = Object.assign(new PaperRoom(clock, { platform: "discord", chat: "9" }), { knowsNonce: true });
  const send = room.send.bind(room);
  // The platform takes the first try, and its answer is lost.
  room.send = async (reply, options) => {
    if (room.messages.length === 0) {
      await send(reply, options);
      return AWAY;
    }
    sent.push(options.nonce);
    return { type: "sent", message: "1" };
  };
  const own = new Alerts({
    outlets: [{ room, outbox: outboxOn(clock, log) }],
    messages,
    clock,
    log: () => undefined,
  });
  own.show(alert("near:c", "high", "one"));
  await clock.pass(500);
  own.show(alert("near:c", "high", "two"));
  await clock.pass(10_000);
  await settle();
  expect([sent.length, room.messages.length]).toEqual([1, 1]);
  expect(room.messages[0]?.reply.lines).toEqual(["two"]);
});
