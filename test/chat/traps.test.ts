import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { APIMessage } from "discord.js";
import { describe, expect, test } from "vitest";
import {
  ann,
  annOnDiscord,
  CHANNEL,
  GROUP,
  openForTest,
  textsIn,
  until,
  type World,
  type WorldOptions,
} from "./platforms.ts";

// Which trap is met by which test, here and elsewhere: docs/chat-traps.md.

const telegramListens = ({ telegram }: World): boolean =>
  telegram.calls.some(({ method, error }) => method === "setMyCommands" && error === undefined);
const discordListens = ({ discord }: World): boolean =>
  discord.calls.some(({ route, status }) => route.startsWith("PUT") && status < 300);
const posts = ({ discord }: World) =>
  discord.calls.filter(({ route }) => route === "POST /channels/:channel/messages");
const patches = ({ discord }: World) =>
  discord.calls.filter(({ route }) => route === "PATCH /channels/:channel/messages/:message");
const titleOf = (message: APIMessage | undefined): string => message?.embeds[0]?.title ?? "";

describe("telegraf", () => {
  const onTelegram = async (options: WorldOptions = {}): Promise<World> => {
    const opened = await openForTest({ discord: false, ...options });
    await until(() => telegramListens(opened), "Telegram listens");
    return opened;
  };
  const answers = async (opened: World): Promise<void> => {
    opened.telegram.say(ann, ann, "/version");
    await until(() => textsIn(opened, ann.id).some((text) => text.includes("perpdesk 0.1.0")), "it answers");
  };

  test("an update that nobody expected, and one whose handling throws, end no polling", async () => {
    const opened = await onTelegram();
    opened.telegram.updates.push({ message: null } as never);
    opened.telegram.updates.push({ my_chat_member: {} } as never);
    opened.telegram.updates.push({ callback_query: { id: "1", from: ann, data: "v1:x:status" } } as never);
    await until(
      () => opened.log.filter((line) => line.includes("work failed")).length === 2,
      "both are noted",
    );
    await answers(opened);
  });

  test("a token that is refused for a while ends nothing for good", async () => {
    const opened = await openForTest({ discord: false, telegramToken: "7000000001:AAnot-yet-known" });
    await until(() => opened.chat.health()[1]?.lastError !== undefined, "the refusal is noticed");
    Object.assign(opened.telegram, { token: "7000000001:AAnot-yet-known" });
    await until(() => telegramListens(opened), "Telegram listens");
    await answers(opened);
  });

  test("Telegram that is away at the start is found as soon as it is there, and can be left before", async () => {
    const opened = await openForTest({
      discord: false,
      beforeStart: ({ telegram }) => void telegram.fault.down(400),
    });
    expect(opened.chat.health()[1]?.isConnected).toBe(false);
    await until(() => telegramListens(opened), "Telegram listens");
    await answers(opened);
    await opened.close();
    const never = await openForTest({
      discord: false,
      beforeStart: ({ telegram }) => void telegram.fault.down(Number.POSITIVE_INFINITY),
    });
    await until(() => never.chat.health()[1]?.lastError !== undefined, "the outage is noticed");
    await never.chat.stop(100);
  });

  test("an update that comes again after a new start of the bot is handled once", async () => {
    const opened = await onTelegram();
    await until(() => opened.telegram.updates.isPolled, "it waits for news");
    opened.telegram.say(ann, ann, "/pause");
    const fault = opened.telegram.fault.conflict409(150);
    await fault.over;
    await answers(opened);
    expect(opened.telegram.updates.pending).toEqual([]);
    expect(opened.desk.calls.map(({ type }) => type)).toEqual(["pause"]);
  });

  test("a tap whose time to be answered is over counts all the same, and is no error", async () => {
    const opened = await onTelegram();
    const token = opened.desk.ask("c4f2-1");
    await until(() => textsIn(opened, GROUP).length === 1, "the card is there");
    const [card] = opened.telegram.messages(GROUP);
    const tap = opened.telegram.press(
      ann,
      { chat: { id: GROUP }, message_id: card?.message_id ?? 0 },
      `v1:a:${token}`,
    );
    opened.telegram.expire(tap);
    await until(
      () => textsIn(opened, GROUP)[0]?.includes(": done") === true,
      "the card says what came of it",
    );
    expect(opened.desk.executed).toEqual(["c4f2-1"]);
    await until(() => opened.log.some((line) => line.includes("a tap was not answered")), "it is noted");
    await answers(opened);
    expect(opened.log.filter((line) => line.startsWith("error"))).toEqual([]);
  });

  test("a card that was sent twice, since the first answer was lost, is decided once", async () => {
    const opened = await onTelegram();
    const fault = opened.telegram.fault.lost(500);
    const token = opened.desk.ask("c4f2-1");
    await until(() => textsIn(opened, GROUP).length === 1, "the first copy is there");
    await fault.over;
    const lost = textsIn(opened, GROUP).length;
    await until(() => textsIn(opened, GROUP).length > lost, "it is sent again");
    const tap = async (message_id: number): Promise<string> =>
      (
        await opened.telegram.answered(
          opened.telegram.press(ann, { chat: { id: GROUP }, message_id }, `v1:a:${token}`),
        )
      ).text;
    const copies = opened.telegram.messages(GROUP).map(({ message_id }) => message_id);
    const told: string[] = [];
    for (const copy of copies) told.push(await tap(copy));
    expect(told.filter((text) => text.startsWith("Approved"))).toHaveLength(1);
    expect(opened.desk.executed).toEqual(["c4f2-1"]);
  });

  test("what is too long for one message is cut, not refused", async () => {
    const opened = await onTelegram();
    const lines = Array.from({ length: 80 }, (_, at) => `line ${at} ${"<long & wide>".repeat(12)}`);
    opened.chat.alert({ type: "alert", key: "long", level: "high", title: "Much to say", lines });
    await until(() => textsIn(opened, GROUP).some((text) => text.includes("Much to say")), "it is written");
    expect(opened.log.filter((line) => line.startsWith("error"))).toEqual([]);
  });

  test("nothing of it keeps a state of its own, and it is started in one place", () => {
    const folder = join(import.meta.dirname, "../../src/chat");
    const sources = readdirSync(folder, { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts"))
      .map((name) => [name, readFileSync(join(folder, name), "utf8")] as const);
    expect(
      sources.filter(([, text]) => /\bsession\b.*from "telegraf|Scenes|\bephemeral:/.test(text)),
    ).toEqual([]);
    expect(sources.filter(([, text]) => text.includes(".launch(")).map(([name]) => name)).toEqual([
      join("telegram", "poller.ts"),
    ]);
  });
});

describe("discord.js", () => {
  const onDiscord = async (options: WorldOptions = {}): Promise<World> => {
    const opened = await openForTest({ telegram: false, ...options });
    await until(() => discordListens(opened), "Discord listens");
    return opened;
  };
  const cardOn = async (opened: World) => {
    const token = opened.desk.ask("c4f2-1");
    await until(() => posts(opened).length === 1, "the card is there");
    return { token, card: posts(opened)[0]?.message as APIMessage };
  };
  const high = {
    type: "alert",
    key: "b",
    level: "high",
    title: "Near liquidation",
    lines: ["9% away"],
  } as const;

  test("a server that fails is asked again with growing pauses, not four times at once", async () => {
    const opened = await onDiscord({ tuning: { discord: { backoffMsMin: 100, backoffMsMax: 400 } } });
    const fault = opened.discord.fault.broken500(250);
    opened.chat.alert(high);
    await fault.over;
    const tries = posts(opened).length;
    expect(tries).toBeGreaterThan(0);
    expect(tries).toBeLessThanOrEqual(3);
    await until(() => posts(opened).some(({ status }) => status < 300), "it is written in the end");
  });

  test("what is CRITICAL does not wait behind something that waits for a flood limit", async () => {
    const opened = await onDiscord();
    const fault = opened.discord.fault.rate429(0.4, "user");
    opened.chat.alert(high);
    await until(() => posts(opened).length > 0, "the first is refused");
    opened.chat.alert({ ...high, key: "c", level: "critical", title: "Liquidated" });
    await fault.over;
    const written = () => posts(opened).filter(({ status }) => status < 300);
    await until(() => written().length === 2, "both are written");
    expect(written().map(({ message }) => titleOf(message))).toEqual([
      expect.stringContaining("CRITICAL"),
      expect.stringContaining("HIGH"),
    ]);
  });

  test("a message that is too old for edits is followed by a new one", async () => {
    const opened = await onDiscord({ tuning: { discord: { editMsMax: -1 } } });
    const { token } = await cardOn(opened);
    await opened.desk.decide(token, "approve", { person: "alice", role: "admin", platform: "terminal" });
    await until(
      () => posts(opened).some(({ message }) => titleOf(message).includes("done")),
      "a new one comes",
    );
    expect(patches(opened)).toEqual([]);
  });

  test("a card is edited though the interaction's own token has died", async () => {
    const opened = await onDiscord();
    const { token, card } = await cardOn(opened);
    opened.desk.thinkMs = 200;
    const deed = opened.discord.press(annOnDiscord, card, `v1:a:${token}`);
    await deed.answered();
    deed.age(16 * 60_000);
    await until(
      () => titleOf(opened.discord.messages.find(card.id)).includes("done"),
      "the card tells the result",
    );
    expect(deed.followUps).toEqual([]);
    expect(patches(opened).length).toBeGreaterThan(0);
  });

  test("a private channel is no place to decide in, whoever presses", async () => {
    const opened = await onDiscord();
    const { token } = await cardOn(opened);
    const dm = opened.discord.dm(annOnDiscord);
    const deed = opened.discord.press(annOnDiscord, { id: "999", channel_id: dm }, `v1:a:${token}`);
    await until(() => opened.ledger.length === 1, "it is noted");
    expect([deed.answer, opened.desk.calls, opened.ledger[0]?.["reason"]]).toEqual([
      undefined,
      [],
      "unknown",
    ]);
  });

  test("a token that is refused is tried again with growing pauses, and for as long as it takes", async () => {
    const opened = await openForTest({
      telegram: false,
      discordToken: "not.yet.known",
      tuning: { discord: { backoffMsMin: 200, backoffMsMax: 400 } },
    });
    const refused = (): number => opened.discord.calls.filter(({ status }) => status === 401).length;
    await until(() => refused() > 0, "it was tried");
    const from = refused();
    await new Promise((resolve) => setTimeout(resolve, 1_300));
    // After 200, 400 and 400 ms.
    expect(refused() - from).toBeLessThanOrEqual(3);
    await until(() => refused() - from >= 3, "it goes on trying");
  });

  test("Discord that is away at the start is found as soon as it is there, and can be left before", async () => {
    const opened = await openForTest({
      telegram: false,
      beforeStart: ({ discord }) => void discord.fault.down(400),
    });
    expect(opened.chat.health()[1]?.isConnected).toBe(false);
    await until(() => discordListens(opened), "Discord listens", 10_000);
    expect(titleOf(await opened.discord.slash(annOnDiscord, CHANNEL, "version").replied())).toContain(
      "perpdesk",
    );
    await opened.close();
    const never = await openForTest({
      telegram: false,
      beforeStart: ({ discord }) => void discord.fault.down(Number.POSITIVE_INFINITY),
    });
    await until(() => never.chat.health()[1]?.lastError !== undefined, "the outage is noticed");
    await never.chat.stop(100);
  });

  test("a RESUMED that comes after the session was over drops that message, and the desk goes on", async () => {
    const opened = await onDiscord();
    opened.discord.gateway.resumeTooLate();
    await until(
      () => opened.log.some((line) => /^warn Discord: .*sequence/.test(line)),
      "the fault is noted",
    );
    opened.chat.alert(high);
    await until(() => posts(opened).length === 1, "the desk speaks on");
  });

  test("nothing old-fashioned is asked of it: no warning is printed", async () => {
    const warnings: string[] = [];
    const hear = (warning: Error): void => void warnings.push(warning.message);
    process.on("warning", hear);
    const opened = await onDiscord();
    await opened.discord.slash(annOnDiscord, CHANNEL, "balance").replied();
    await cardOn(opened);
    await new Promise((resolve) => setImmediate(resolve));
    process.off("warning", hear);
    expect(warnings.filter((text) => /deprecat|ephemeral/i.test(text))).toEqual([]);
  });
});
