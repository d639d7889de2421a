import { beforeEach, expect, test } from "vitest";
import type { Notice } from "../../src/chat/alert-desk.ts";
import { Alerts } from "../../src/chat/alerts.ts";
import type { QuietHours } from "../../src/chat/notices.ts";
import type { AlertLevel } from "../../src/core/intent.ts";
import { ManualClock, MessagesInMemory } from "./desk.ts";
import { outboxOn, PaperRoom } from "./rooms.ts";

const HOUR = 3_600_000;

let clock: ManualClock;
let room: PaperRoom;
let kept: (Notice & { person: string })[];

/** A process of the desk; the clock stands at 14:03 UTC. */
function start(quietHours?: QuietHours): Alerts {
  return new Alerts({
    outlets: [{ room, outbox: outboxOn(clock) }],
    messages: new MessagesInMemory(),
    clock,
    log: () => undefined,
    saveNotice: (notice, person) => kept.push({ ...notice, person }),
    quietHours,
  });
}

beforeEach(() => {
  clock = new ManualClock();
  room = new PaperRoom(clock);
  kept = [];
});

async function show(alerts: Alerts, key: string, level: AlertLevel, title: string): Promise<void> {
  alerts.show({ type: "alert", key, level, title, lines: [] });
  await clock.pass(3_000);
}
const titles = (): readonly string[] => room.messages.map(({ reply }) => reply.title);
const sounds = (): readonly boolean[] => room.messages.map(({ isSilent }) => !isSilent);

test("what is to come together comes once an hour, with how many there were and the last of each kind", async () => {
  const alerts = start();
  alerts.choose({ kind: "trades", way: "digest" }, "alice");
  for (let at = 1; at <= 9; at += 1) await show(alerts, `trades:grid${at % 2}`, "info", `${at} cycles`);
  await show(alerts, "size:grid1", "notice", "other");
  expect(titles()).toEqual(["other"]);
  await clock.pass(HOUR);
  expect(titles().slice(1)).toEqual(["The last hour: 9 messages held back"]);
  expect(room.messages[1]?.reply.lines).toEqual(["trades, 9 times. The last: 9 cycles"]);
  await clock.pass(3 * HOUR);
  expect(titles()).toHaveLength(2);
  expect(kept).toEqual([{ kind: "trades", way: "digest", person: "alice" }]);
});

test("what is off does not come, and neither does its end; HIGH of it comes without a sound, EXTREME and CRITICAL sound", async () => {
  const alerts = start();
  alerts.restore([], [{ kind: "liquidation", way: "off" }]);
  const liquidation = (level: AlertLevel) => show(alerts, "liquidation:main/BTCUSDT", level, level);
  await liquidation("notice");
  await liquidation("resolved");
  expect(titles()).toEqual([]);
  await liquidation("high");
  await liquidation("extreme");
  await liquidation("critical");
  expect(titles().map((title) => title.split(":")[0])).toEqual(["HIGH", "EXTREME", "CRITICAL"]);
  expect(sounds()).toEqual([false, true, true]);
});

test("kinds are listed by name with how they come", async () => {
  const alerts = start();
  await show(alerts, "trades:grid1", "info", "1 cycle");
  alerts.choose({ kind: "heartbeat", way: "off" }, "alice");
  expect(alerts.notices()).toEqual([
    { kind: "heartbeat", way: "off" },
    { kind: "trades", way: "on" },
  ]);
});

test.each([
  ["14:00", "15:00", "UTC", false],
  ["15:00", "14:00", "UTC", true],
  ["22:00", "14:04", "UTC", false],
  ["16:00", "17:00", "Europe/Zurich", false],
  ["14:00", "15:00", "Europe/Zurich", true],
] as const)(
  "at 14:03 UTC quiet hours from %s to %s in %s: HIGH sounds %s",
  async (from, to, timeZone, isLoud) => {
    const alerts = start({ from, to, timeZone });
    await show(alerts, "mismatch:x", "high", "x");
    await show(alerts, "store", "critical", "y");
    expect(sounds()).toEqual([isLoud, true]);
  },
);

test("what nobody has seen comes again in the quiet hours too, HIGH without a sound", async () => {
  const alerts = start({ from: "14:00", to: "20:00", timeZone: "UTC" });
  await show(alerts, "mismatch:x", "high", "x");
  await show(alerts, "risk:main", "extreme", "y");
  await clock.pass(HOUR / 3);
  const seen = (title: string) => room.messages.filter(({ reply }) => reply.title === title);
  expect(seen("HIGH: x").map(({ isSilent }) => isSilent)).toEqual([true, true]);
  expect(seen("EXTREME: y").every(({ isSilent }) => !isSilent)).toBe(true);
  expect(seen("EXTREME: y").length).toBeGreaterThan(2);
});
