import { beforeEach, describe, expect, test } from "vitest";
import { Alerts } from "../../src/chat/alerts.ts";
import { markOf, type Seen } from "../../src/chat/duty.ts";
import type { AlertIntent, AlertLevel } from "../../src/core/intent.ts";
import { ManualClock, MessagesInMemory } from "./desk.ts";
import { outboxOn, PaperRoom } from "./rooms.ts";

const MINUTE = 60_000;
/** Names the story of these tests. */
const MARK = markOf("liq:BTCUSDT");

let clock: ManualClock;
let telegram: PaperRoom;
let discord: PaperRoom;
let cards: PaperRoom;
let messages: MessagesInMemory;
let log: string[];
let alerts: Alerts;
let kept: Seen[];

/** A process of the desk: what was before is only in the message store. */
function start(): Alerts {
  const [first, second] = [outboxOn(clock, log), outboxOn(clock, log)];
  return new Alerts({
    outlets: [
      { room: telegram, outbox: first },
      { room: cards, outbox: first },
      { room: discord, outbox: second },
    ],
    messages,
    clock,
    log: (level, text) => log.push(`${level} ${text}`),
    saveSeen: (seen) => kept.push(seen),
  });
}

beforeEach(() => {
  clock = new ManualClock();
  log = [];
  kept = [];
  messages = new MessagesInMemory();
  telegram = new PaperRoom(clock);
  cards = new PaperRoom(clock, { chat: "-43", showsAlerts: false });
  discord = new PaperRoom(clock, { platform: "discord", chat: "300", editMsMax: 50 * MINUTE });
  alerts = start();
});

const alert = (level: AlertLevel, line: string, key = "liq:BTCUSDT"): AlertIntent => ({
  type: "alert",
  key,
  level,
  title: "BTCUSDT near liquidation",
  lines: [line],
});

async function show(level: AlertLevel, line: string, waitMs = 5_000): Promise<void> {
  alerts.show(alert(level, line));
  await clock.pass(waitMs);
}

describe("a story", () => {
  test("within a level its message is edited in place with a count", async () => {
    await show("high", "9.8% away");
    await show("high", "9.1% away");
    await show("high", "8.4% away");
    for (const room of [telegram, discord]) {
      expect(room.texts).toEqual(["HIGH: BTCUSDT near liquidation | 8.4% away | 3 times since 14:03:20 UTC"]);
      expect(room.messages[0]).toMatchObject({ isSilent: false, edits: 2, replyTo: undefined });
    }
    expect(cards.messages).toEqual([]);
  });

  test("a rise edits the old message and sends a new, sounding one that replies to it, on both platforms", async () => {
    await show("high", "9.8% away");
    await show("extreme", "4.9% away");
    for (const room of [telegram, discord]) {
      expect(room.texts).toEqual([
        "HIGH: BTCUSDT near liquidation | 9.8% away | Now EXTREME at 14:03:25 UTC; see the newer message. | At 14:03:20 UTC",
        "EXTREME: BTCUSDT near liquidation | 4.9% away | At 14:03:25 UTC",
      ]);
      expect(room.messages[1]).toMatchObject({ isSilent: false, replyTo: "1", edits: 0 });
    }
  });

  test("critical is new every time; a fall after it leaves it as it was", async () => {
    await show("extreme", "4.9% away");
    await show("critical", "liquidated 0.010 BTC");
    await show("critical", "liquidated 0.020 BTC");
    await show("high", "9% away again");
    for (const room of [telegram, discord]) {
      expect(
        room.messages.map(
          ({ reply, isSilent }) => `${reply.title.split(":")[0]} ${reply.lines?.[0]} ${isSilent}`,
        ),
      ).toEqual([
        "EXTREME 4.9% away false",
        "CRITICAL liquidated 0.010 BTC false",
        "CRITICAL liquidated 0.020 BTC false",
        "HIGH 9% away again true",
      ]);
      expect(room.messages.map((each) => each.edits)).toEqual([1, 0, 0, 0]);
    }
  });

  test("a fall is an edit, and the next rise sounds again", async () => {
    await show("extreme", "4.9% away");
    await show("high", "7% away");
    await show("extreme", "4.8% away");
    expect(
      telegram.messages.map(({ reply, isSilent, edits }) => [reply.title.split(":")[0], isSilent, edits]),
    ).toEqual([
      ["HIGH", false, 2],
      ["EXTREME", false, 0],
    ]);
  });

  test("resolved edits and closes it; the next alert begins a new one", async () => {
    await show("high", "9.8% away");
    await show("resolved", "12% away");
    expect(telegram.texts).toEqual([
      "Resolved: BTCUSDT near liquidation | 12% away | Over at 14:03:25 UTC. It stood since 14:03:20 UTC. | ",
    ]);
    expect(messages.rows).toEqual([]);
    await show("resolved", "again");
    await show("high", "9.5% away");
    expect(telegram.texts[1]).toBe("HIGH: BTCUSDT near liquidation | 9.5% away | At 14:03:35 UTC");
    expect(telegram.messages[1]).toMatchObject({ isSilent: false, replyTo: undefined });
  });

  test("on Discord a message older than 50 minutes is followed by a new one without a sound", async () => {
    await show("high", "9.8% away");
    expect(alerts.seen(MARK, "alice").isOk).toBe(true);
    await clock.pass(51 * MINUTE);
    await show("high", "9.1% away");
    expect(telegram.messages).toHaveLength(1);
    expect(discord.messages.map(({ isSilent, edits }) => [isSilent, edits])).toEqual([
      [false, 1],
      [true, 0],
    ]);
    await show("high", "9.0% away");
    expect(discord.messages.map((each) => each.edits)).toEqual([1, 1]);
  });

  test("info and notice make no sound", async () => {
    alerts.show(alert("info", "started", "start"));
    alerts.show(alert("notice", "a cycle closed", "cycle"));
    await clock.pass(5_000);
    expect(telegram.messages.map(({ reply, isSilent }) => [reply.title, isSilent])).toEqual([
      ["BTCUSDT near liquidation", true],
      ["BTCUSDT near liquidation", true],
    ]);
  });
});

describe("what nobody has seen", () => {
  const labels = (room: PaperRoom, at = 0): readonly string[] =>
    room.messages[at]?.reply.buttons?.flat().map(({ label }) => label) ?? [];

  test("comes again with a sound, below the one before, each time later: HIGH after 15, 30 and 60 minutes", async () => {
    await show("high", "9.8% away", 0);
    await clock.pass(14 * MINUTE);
    expect(telegram.messages).toHaveLength(1);
    await clock.pass(2 * MINUTE);
    expect(telegram.messages.map(({ isSilent, replyTo }) => [isSilent, replyTo])).toEqual([
      [false, undefined],
      [false, "1"],
    ]);
    expect(telegram.texts[1]).toContain("Nobody has seen this for 15 min.");
    await clock.pass(3 * 60 * MINUTE);
    expect(telegram.messages).toHaveLength(5);
    expect(discord.messages.map(({ isSilent }) => isSilent)).toEqual(Array(5).fill(false));
  });

  test("EXTREME comes again after a minute, CRITICAL after five; what makes no sound never does", async () => {
    for (const level of ["extreme", "critical", "notice"] as const)
      alerts.show(alert(level, "x", `of:${level}`));
    await clock.pass(50_000);
    const count = (level: string): number => telegram.texts.filter((text) => text.startsWith(level)).length;
    expect([count("EXTREME"), count("CRITICAL")]).toEqual([1, 1]);
    await clock.pass(20_000);
    expect([count("EXTREME"), count("CRITICAL")]).toEqual([2, 1]);
    await clock.pass(4 * MINUTE);
    expect([count("EXTREME"), count("CRITICAL"), telegram.messages.length]).toEqual([2, 2, 5]);
  });

  test("once somebody has, every message says who, its buttons go, and it is quiet until it gets worse", async () => {
    await show("high", "9.8% away");
    expect([labels(telegram), labels(discord)]).toEqual([
      ["Seen", "Quiet 1 h"],
      ["Seen", "Quiet 1 h"],
    ]);
    expect(alerts.seen(MARK.toUpperCase(), "alice")).toEqual({
      isOk: true,
      text: '"BTCUSDT near liquidation" keeps quiet until it gets worse.',
    });
    await clock.pass(24 * 60 * MINUTE);
    await show("high", "9.0% away");
    expect(telegram.messages).toHaveLength(1);
    expect([telegram.texts[0], labels(telegram)]).toEqual([
      "HIGH: BTCUSDT near liquidation | 9.0% away | Seen by alice at 14:03:25 UTC. | 2 times since 14:03:20 UTC",
      [],
    ]);
    await show("extreme", "4.9% away", 70_000);
    expect(telegram.messages.map(({ isSilent }) => isSilent)).toEqual([false, false, false]);
    expect(telegram.texts[2]).toContain("Nobody has seen this for 1 min");
  });

  test("put off it comes back when the time is over; an EXTREME one after 15 minutes at most, a CRITICAL one can't be", async () => {
    await show("high", "9.8% away");
    expect(alerts.seen(MARK, "alice", 60 * MINUTE).text).toContain("keeps quiet for 1 h");
    await clock.pass(59 * MINUTE);
    expect(telegram.messages).toHaveLength(1);
    await clock.pass(2 * MINUTE);
    expect(telegram.messages.map(({ isSilent }) => isSilent)).toEqual([false, false]);
    await show("extreme", "4.9% away");
    expect(alerts.seen(MARK, "alice", 60 * MINUTE).text).toContain("for 15 min, the most at EXTREME");
    await show("critical", "liquidated");
    expect(alerts.seen(MARK, "alice", MINUTE)).toEqual({
      isOk: false,
      text: `"BTCUSDT near liquidation" is critical: it can be seen with /ack ${MARK}, not put off.`,
    });
    expect(labels(telegram, telegram.messages.length - 1)).toEqual(["Seen"]);
  });

  test("that it was seen outlives a restart; that it was over too", async () => {
    await show("high", "9.8% away");
    alerts.seen(MARK, "alice");
    await clock.pass(5_000);
    alerts.stop();
    alerts = start();
    alerts.restore(kept, []);
    await show("high", "9.7% away", 60 * MINUTE);
    expect([telegram.messages.length, telegram.texts[0]]).toEqual([
      1,
      expect.stringContaining("Seen by alice"),
    ]);
    await show("resolved", "20% away");
    alerts.stop();
    alerts = start();
    alerts.restore(kept, []);
    await show("high", "9.9% away", 16 * MINUTE);
    expect(telegram.messages.slice(1).map(({ isSilent }) => isSilent)).toEqual([false, false]);
  });

  test("another CRITICAL event sounds, though the one before was seen", async () => {
    await show("critical", "liquidated 0.010 BTC");
    alerts.seen(MARK, "alice");
    await clock.pass(60 * MINUTE);
    await show("critical", "liquidated 0.020 BTC", 6 * MINUTE);
    expect(telegram.messages.map(({ isSilent }) => isSilent)).toEqual([false, false, false]);
  });

  test("not resolved ones are listed, the loudest first", async () => {
    await show("high", "9.8% away");
    alerts.show(alert("critical", "x", "store"));
    alerts.show(alert("info", "x", "trades"));
    await clock.pass(1_000);
    alerts.seen(MARK, "alice", 30 * MINUTE);
    expect(alerts.open().map(({ mark, level, seenBy }) => [mark, level, seenBy])).toEqual([
      [markOf("store"), "critical", undefined],
      [MARK, "high", "alice"],
    ]);
    expect(alerts.seen("zzzz", "alice").text).toBe("No alert zzzz is open: /alerts lists those that are.");
  });
});

describe("after a restart", () => {
  test("the same level goes on editing, a higher one sounds, and resolved ends it", async () => {
    await show("high", "9.8% away");
    alerts = start();
    await show("high", "9.7% away");
    expect(telegram.messages).toHaveLength(1);
    expect(telegram.messages[0]?.edits).toBe(1);
    alerts = start();
    await show("extreme", "4.9% away");
    expect(telegram.messages).toHaveLength(2);
    expect(telegram.messages[1]).toMatchObject({ isSilent: false, replyTo: "1" });
    alerts = start();
    await show("resolved", "20% away");
    expect(telegram.texts[1]).toBe(
      "Resolved: BTCUSDT near liquidation | 20% away | Over at 14:03:35 UTC. | ",
    );
    expect(messages.rows).toEqual([]);
  });

  test("a level that fell before it is known as it was at the end", async () => {
    await show("extreme", "4.9% away");
    await show("high", "7% away");
    alerts = start();
    await show("extreme", "4.8% away");
    expect(telegram.messages).toHaveLength(2);
    expect(telegram.messages[1]?.isSilent).toBe(false);
  });
});

describe("an outage", () => {
  test("critical arrives however long it takes, and its end does not swallow it", async () => {
    telegram.answers.push(
      ...Array.from({ length: 30 }, () => ({ type: "later", afterMs: undefined, reason: "away" }) as const),
    );
    alerts.show(alert("critical", "liquidated 0.010 BTC"));
    await clock.pass(5_000);
    alerts.show(alert("resolved", "nothing is held any more"));
    await clock.pass(60 * MINUTE);
    // Both had to wait, so they come as one message.
    expect(telegram.messages.map(({ reply }) => reply.lines)).toEqual([
      [
        expect.stringMatching(/^CRITICAL: .* liquidated 0.010 BTC/),
        expect.stringMatching(/^Resolved: .* nothing is held any more/),
      ],
    ]);
    expect(discord.texts).toHaveLength(1);
    expect(discord.texts[0]).toContain("Resolved");
  });

  test("a thousand alerts of one story become one message with a count", async () => {
    for (let at = 1; at <= 1_000; at += 1) alerts.show(alert("high", `${at}`));
    await clock.pass(10_000);
    expect(telegram.texts).toEqual(["HIGH: BTCUSDT near liquidation | 1000 | 1000 times since 14:03:20 UTC"]);
    expect(telegram.tries).toBeLessThanOrEqual(4);
  });

  test("a store that fails costs only the memory of places", async () => {
    messages.find = () => Promise.reject(new Error("disk"));
    messages.save = () => Promise.reject(new Error("disk"));
    await show("high", "9.8% away");
    await show("high", "9.7% away");
    expect(telegram.messages.map((each) => each.edits)).toEqual([1]);
    expect(log.filter((line) => line.includes("disk")).length).toBeGreaterThan(0);
  });
});
