import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { Alerts } from "../../src/chat/alerts.ts";
import { markOf } from "../../src/chat/duty.ts";
import type { AlertIntent, AlertLevel } from "../../src/core/intent.ts";
import { ManualClock, MessagesInMemory, machineClock } from "./desk.ts";
import {
  ann,
  annOnDiscord,
  bobOnDiscord,
  CHANNEL,
  GROUP,
  openWorld,
  textsIn,
  until,
  type World,
} from "./platforms.ts";
import { outboxOn, PaperRoom } from "./rooms.ts";

const MINUTE = 60_000;
const KEY = "liq:BTCUSDT";

describe("while nobody sees to it", () => {
  let clock: ManualClock;
  let group: PaperRoom;
  let rita: readonly [PaperRoom, PaperRoom];
  let ada: PaperRoom;
  let tom: PaperRoom;
  let log: string[];
  let alerts: Alerts;

  const own = (chat: string, platform: "telegram" | "discord" = "telegram") =>
    new PaperRoom(clock, { chat, platform, isGroup: false, showsAlerts: false });
  beforeEach(() => {
    clock = new ManualClock();
    log = [];
    group = new PaperRoom(clock);
    rita = [own("1"), own("with 1", "discord")];
    ada = own("2");
    tom = own("3");
    const outlet = (room: PaperRoom) => ({ room, outbox: outboxOn(clock, log) });
    alerts = new Alerts({
      outlets: [outlet(group)],
      messages: new MessagesInMemory(),
      clock,
      log: (level, text) => log.push(`${level} ${text}`),
      people: () => [
        { name: "rita", outlets: rita.map(outlet) },
        { name: "sam, who is told in the group already", outlets: [outlet(group)] },
        { name: "ada", outlets: [outlet(ada)] },
        { name: "tom", outlets: [outlet(tom)] },
        { name: "nobody's account", outlets: [] },
      ],
    });
  });
  afterEach(() => alerts.stop());

  const show = async (level: AlertLevel, waitMs: number): Promise<void> => {
    const alert: AlertIntent = { type: "alert", key: KEY, level, title: "x", lines: ["near"] };
    alerts.show(alert);
    await clock.pass(waitMs);
  };
  const asked = (): Readonly<Record<string, number>> => ({
    rita: rita[0].messages.length,
    "rita on Discord": rita[1].messages.length,
    ada: ada.messages.length,
    tom: tom.messages.length,
  });

  test("EXTREME goes to the next person after a minute, with a sound and its buttons, then to another with each reminder", async () => {
    await show("extreme", MINUTE - 1_000);
    expect(asked()).toEqual({ rita: 0, "rita on Discord": 0, ada: 0, tom: 0 });
    await clock.pass(3_000);
    expect(asked()).toEqual({ rita: 1, "rita on Discord": 1, ada: 0, tom: 0 });
    expect(rita[0].messages[0]).toMatchObject({
      isSilent: false,
      reply: { title: "EXTREME: x", tone: "danger" },
    });
    expect(rita[0].messages[0]?.reply.lines).toEqual([
      "near",
      "Nobody has seen this for 1 min.",
      "You are asked to see to it, rita.",
    ]);
    expect(rita[0].messages[0]?.reply.buttons?.flat()[0]?.action).toEqual({ type: "see", mark: markOf(KEY) });
    await clock.pass(5 * MINUTE);
    expect(asked()).toEqual({ rita: 1, "rita on Discord": 1, ada: 1, tom: 0 });
    await clock.pass(10 * MINUTE);
    expect(asked()).toEqual({ rita: 1, "rita on Discord": 1, ada: 1, tom: 1 });
    await clock.pass(20 * MINUTE);
    expect(asked()).toEqual({ rita: 2, "rita on Discord": 2, ada: 1, tom: 1 });
  });

  test("CRITICAL too; once somebody has seen it, everybody who was asked reads who, and nobody else is asked", async () => {
    await show("critical", 6 * MINUTE);
    expect(asked()).toEqual({ rita: 1, "rita on Discord": 1, ada: 1, tom: 0 });
    expect(alerts.seen(markOf(KEY), "ada").isOk).toBe(true);
    await clock.pass(60 * MINUTE);
    expect(asked()).toEqual({ rita: 1, "rita on Discord": 1, ada: 1, tom: 0 });
    for (const room of [...rita, ada])
      expect(room.messages[0]?.reply).toMatchObject({
        lines: ["near", expect.stringContaining("Seen by ada")],
      });
    // Another event begins with the first again.
    await show("critical", MINUTE + 2_000);
    expect(asked()).toEqual({ rita: 2, "rita on Discord": 2, ada: 1, tom: 0 });
  });

  test("who takes no private message on any account is passed over at once", async () => {
    for (const room of rita) room.trouble = { type: "refused", reason: "bot can't initiate conversation" };
    await show("extreme", MINUTE + 5_000);
    expect(asked()).toEqual({ rita: 0, "rita on Discord": 0, ada: 1, tom: 0 });
    expect(log).toContain("warn rita takes no private message (of alert liq:BTCUSDT): the next one is asked");
    for (const room of [ada, tom]) room.trouble = { type: "refused", reason: "blocked" };
    await clock.pass(5 * MINUTE);
    expect(asked()).toEqual({ rita: 0, "rita on Discord": 0, ada: 1, tom: 0 });
  });

  test("HIGH, what is put off and what is over ask nobody; its end is told where people were asked", async () => {
    await show("high", 60 * MINUTE);
    expect(asked()).toEqual({ rita: 0, "rita on Discord": 0, ada: 0, tom: 0 });
    await show("extreme", MINUTE + 5_000);
    alerts.seen(markOf(KEY), "tom", 10 * MINUTE);
    await clock.pass(9 * MINUTE);
    expect(asked()).toEqual({ rita: 1, "rita on Discord": 1, ada: 0, tom: 0 });
    await show("resolved", MINUTE);
    expect(rita[0].messages.map(({ reply }) => reply.title)).toEqual(["Resolved: x"]);
    await clock.pass(60 * MINUTE);
    expect(asked()).toEqual({ rita: 1, "rita on Discord": 1, ada: 0, tom: 0 });
  });
});

describe("on both platforms", () => {
  let world: World | undefined;
  afterEach(async () => {
    await world?.close();
    world = undefined;
  });
  /** A minute passes in a moment. */
  const hurried = {
    ...machineClock,
    after: (ms: number, call: () => void) => machineClock.after(ms === MINUTE ? 300 : ms, call),
  };

  test("the one who is asked sees to it in private, on Telegram or Discord; nothing else is heard there on Discord", async () => {
    world = await openWorld({ clock: hurried });
    const { telegram, discord, chat, desk, ledger } = world;
    const opened = world;
    await until(() => discord.calls.some(({ route }) => route.startsWith("PUT")), "Discord listens");
    chat.alert({ type: "alert", key: KEY, level: "extreme", title: "Near", lines: ["4 %"] });
    const dm = discord.dm(annOnDiscord);
    const message = () => discord.messages.list(dm)[0];
    await until(
      () => message() !== undefined && textsIn(opened, ann.id).length > 0,
      "alice is asked on both",
    );
    expect(textsIn(opened, ann.id)[0]).toContain("You are asked to see to it, alice.");
    const asked = message();
    if (asked === undefined) throw new Error("there is no message");
    const at = { id: asked.id, channel_id: dm };
    // What decides or runs something is not heard in private, and neither is somebody else.
    for (const [who, data] of [
      [annOnDiscord, "v1:x:status"],
      [annOnDiscord, `v1:a:${"x".repeat(22)}`],
      [bobOnDiscord, `v1:s:${markOf(KEY)}`],
    ] as const)
      discord.press(who, { ...asked, ...at }, data);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(desk.calls).toEqual([]);
    expect(JSON.stringify(message()?.embeds)).not.toContain("Seen by");
    discord.press(annOnDiscord, { ...asked, ...at }, `v1:s:${markOf(KEY)}`);
    const isSeen = (text: string) => text.includes("Seen by alice");
    await until(
      () =>
        isSeen(JSON.stringify(message()?.embeds)) &&
        textsIn(opened, ann.id).some(isSeen) &&
        textsIn(opened, GROUP).some(isSeen) &&
        discord.messages.list(CHANNEL).some(({ embeds }) => isSeen(JSON.stringify(embeds))),
      "all four messages say who has seen it",
    );
    expect(ledger.some(({ kind }) => kind === "refusal")).toBe(true);
    expect(telegram.calls.some(({ error }) => error !== undefined)).toBe(false);
  });
});
