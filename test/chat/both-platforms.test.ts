import type { APIMessage } from "discord.js";
import { expect, test } from "vitest";
import { markOf } from "../../src/chat/duty.ts";
import { MessagesInMemory } from "./desk.ts";
import {
  ann,
  annOnDiscord,
  bob,
  bobOnDiscord,
  CHANNEL,
  eve,
  GROUP,
  openListening,
  until,
  type World,
} from "./platforms.ts";

/** The newest card on each platform, with all that is read in it. */
function shown({ telegram, discord }: World) {
  const onTelegram = telegram
    .messages(GROUP)
    .filter(
      (message) => message.from?.is_bot === true && "text" in message && message.text.includes("Close BTC"),
    )
    .at(-1);
  const call = discord.calls
    .filter(({ route, status }) => route === "POST /channels/:channel/messages" && status < 300)
    .at(-1);
  const onDiscord = discord.messages.find(call?.message?.id ?? "");
  const [embed] = onDiscord?.embeds ?? [];
  const parts = [
    embed?.title,
    embed?.description,
    ...(embed?.fields ?? []).map(({ name, value }) => `${name}: ${value}`),
  ];
  return {
    onTelegram,
    onDiscord,
    telegramText: onTelegram !== undefined && "text" in onTelegram ? onTelegram.text : "",
    telegramButtons:
      onTelegram !== undefined && "reply_markup" in onTelegram
        ? (onTelegram.reply_markup?.inline_keyboard.length ?? 0)
        : 0,
    discordText: parts.join("\n").replaceAll("\\", ""),
    discordButtons: onDiscord?.components?.length ?? 0,
  };
}

async function cardOn(opened: World): Promise<{
  readonly token: string;
  readonly message: { chat: { id: number }; message_id: number };
  readonly card: APIMessage;
}> {
  const token = opened.desk.ask("c4f2-17");
  await until(
    () => shown(opened).telegramButtons === 1 && shown(opened).discordButtons === 1,
    "the card is on both",
  );
  const { onTelegram, onDiscord } = shown(opened);
  return {
    token,
    message: { chat: { id: GROUP }, message_id: onTelegram?.message_id ?? 0 },
    card: onDiscord as APIMessage,
  };
}

test("/close on Telegram shows a card on both; Approve on Telegram edits both to say who, where, when and what came of it", async () => {
  const opened = await openListening();
  const { telegram, discord, desk } = opened;
  telegram.say(ann, GROUP, "/close btc 100%");
  await until(
    () => shown(opened).telegramButtons + shown(opened).discordButtons === 2,
    "the card is on both",
  );
  const before = shown(opened);
  for (const text of [before.telegramText, before.discordText]) {
    expect(text).toContain("Close BTCUSDT long?");
    expect(text).toContain("Position: 0.010 BTC long, entry 97,123.4, isolated");
    expect(text).toContain("Liquidation: 64,000.0 -> none, flat");
    expect(text).toMatch(/Until \d\d:\d\d:\d\d UTC/);
  }
  const token = /v1:a:(\S+?)"/.exec(JSON.stringify(before.onTelegram))?.[1] ?? "";
  const tap = telegram.press(
    ann,
    { chat: { id: GROUP }, message_id: before.onTelegram?.message_id ?? 0 },
    `v1:a:${token}`,
  );
  expect(await telegram.answered(tap)).toEqual({ text: "Approved. Closed 0.010 BTC.", isAlert: false });
  await until(
    () => shown(opened).telegramButtons + shown(opened).discordButtons === 0,
    "both cards are edited",
  );
  await until(
    () => shown(opened).discordText.includes("done") && shown(opened).telegramText.includes("done"),
    "both cards are done",
  );
  const after = shown(opened);
  expect(after.onTelegram?.message_id).toBe(before.onTelegram?.message_id);
  expect(after.onDiscord?.id).toBe(before.onDiscord?.id);
  for (const text of [after.telegramText, after.discordText]) {
    expect(text).toContain("Close BTCUSDT long: done");
    expect(text).toMatch(/Approved by alice on Telegram at \d\d:\d\d:\d\d UTC\./);
    expect(text).toContain("Closed 0.010 BTC; the book is flat.");
    expect(text).toContain("Realized profit: +0.76 USDT");
  }
  expect(desk.executed).toEqual(["c4f2-1"]);
  expect(discord.calls.every(({ status }) => status < 400)).toBe(true);
});

test("Reject on Discord edits both, and the tapper alone reads the outcome", async () => {
  const opened = await openListening();
  const { card, token } = await cardOn(opened);
  const deed = opened.discord.press(annOnDiscord, card, `v1:r:${token}`);
  expect((await deed.answered()).answer).toBe(6);
  await until(() => deed.followUps.length === 1, "the outcome is told");
  expect(deed.followUps[0]?.embeds[0]?.title).toBe("Rejected. Nothing was sent.");
  expect((deed.followUps[0]?.flags ?? 0) & 64).toBe(64);
  await until(
    () => shown(opened).telegramText.includes("Rejected by alice on Discord"),
    "Telegram's card is edited",
  );
  await until(
    () => shown(opened).discordText.includes("Rejected by alice on Discord"),
    "Discord's card is edited",
  );
  expect(opened.desk.executed).toEqual([]);
});

test("second, late, foreign and forged taps are answered politely and do nothing", async () => {
  const opened = await openListening();
  const { telegram, discord, desk, ledger } = opened;
  const { card, message, token } = await cardOn(opened);
  const said = async (person: typeof ann, data: string, at = message) =>
    (await telegram.answered(telegram.press(person, at, data))).text;

  expect(await said(eve, `v1:a:${token}`)).toBe("This desk doesn't know you. Nothing was done.");
  expect(await said(bob, `v1:a:${token}`)).toContain("Deciding needs the role trader; you are viewer.");
  expect(await said(ann, "v1:a:short")).toBe("This button is not one of this desk. Nothing was done.");
  expect(await said(ann, "approve everything")).toBe(
    "This button is not one of this desk. Nothing was done.",
  );
  expect(await said(ann, `v1:a:${"z".repeat(22)}`)).toBe(
    "This button belongs to no open proposal. Nothing was done.",
  );
  expect(await said(ann, `v1:a:${token}`, { chat: { id: GROUP }, message_id: 999 })).toContain(
    "can be used here",
  );
  expect(
    await said(ann, `v1:a:${token}`, { chat: { id: ann.id }, message_id: message.message_id }),
  ).toContain("can be used here");
  const forged = discord.press(bobOnDiscord, card, `v1:a:${token}`);
  await until(() => forged.followUps.length === 1, "bob is told");
  expect(desk.executed).toEqual([]);
  expect(desk.calls).toHaveLength(1);

  expect(await said(ann, `v1:a:${token}`)).toBe("Approved. Closed 0.010 BTC.");
  expect(await said(ann, `v1:a:${token}`)).toBe(
    "Already decided by alice on telegram. Your tap did nothing.",
  );
  const second = discord.press(annOnDiscord, card, `v1:r:${token}`);
  await until(() => second.followUps.length === 1, "the second tap is answered");
  expect(second.followUps[0]?.embeds[0]?.title).toBe(
    "Already decided by alice on telegram. Your tap did nothing.",
  );
  expect(desk.executed).toEqual(["c4f2-17"]);
  expect(ledger.map((line) => line["reason"]).sort()).toEqual([
    "forged",
    "forged",
    "forged",
    "forged",
    "role",
    "role",
    "unknown",
  ]);

  const again = telegram.press(ann, message, `v1:a:${token}`);
  await telegram.answered(again);
  telegram.redeliver(again);
  telegram.say(ann, GROUP, "/version");
  await telegram.wait(
    (call) => call.method === "sendMessage" && JSON.stringify(call.params).includes("perpdesk 0.1.0"),
  );
  expect(desk.executed).toEqual(["c4f2-17"]);

  const late = desk.ask("c4f2-18");
  await until(() => shown(opened).onTelegram?.message_id !== message.message_id, "the second card is there");
  desk.expire(late);
  await until(() => shown(opened).telegramText.includes("expired"), "the card has expired");
  const newest = { chat: { id: GROUP }, message_id: shown(opened).onTelegram?.message_id ?? 0 };
  expect(await said(ann, `v1:a:${late}`, newest)).toBe("It has expired. Your tap did nothing.");
  expect(desk.executed).toEqual(["c4f2-17"]);
});

test("eight taps racing over both platforms: one execution, every tap answered", async () => {
  const opened = await openListening();
  const { telegram, discord, desk } = opened;
  const { card, message, token } = await cardOn(opened);
  const taps = [1, 2, 3, 4].map(() => telegram.press(ann, message, `v1:a:${token}`));
  const deeds = [1, 2, 3, 4].map(() => discord.press(annOnDiscord, card, `v1:a:${token}`));
  const answers = await Promise.all(taps.map((tap) => telegram.answered(tap)));
  await until(() => deeds.every((deed) => deed.followUps.length === 1), "every tap is answered");
  expect(desk.executed).toEqual(["c4f2-17"]);
  const texts = [
    ...answers.map((each) => each.text),
    ...deeds.map((deed) => deed.followUps[0]?.embeds[0]?.title ?? ""),
  ];
  expect(texts.filter((text) => text === "Approved. Closed 0.010 BTC.")).toHaveLength(1);
  expect(texts.filter((text) => text.includes("Already decided"))).toHaveLength(7);
});

test("a slow desk doesn't keep a tap waiting, nor other commands", async () => {
  const opened = await openListening({ tuning: { telegram: { ackMs: 30 } } });
  const { telegram, desk } = opened;
  const { message, token } = await cardOn(opened);
  desk.thinkMs = 300;
  const tap = telegram.press(ann, message, `v1:a:${token}`);
  expect((await telegram.answered(tap)).text).toBe("Being checked; the card will say what came of it.");
  expect(desk.executed).toEqual([]);
  telegram.say(ann, GROUP, "/version");
  await telegram.wait(
    (call) => call.method === "sendMessage" && JSON.stringify(call.params).includes("perpdesk 0.1.0"),
  );
  expect(desk.executed).toEqual([]);
  await until(() => shown(opened).discordText.includes("done"), "the card says what came of it");
});

test("one platform being away keeps nothing from the other", async () => {
  const opened = await openListening();
  const fault = opened.telegram.fault.hang(700);
  const token = opened.desk.ask("c4f2-17");
  await until(() => shown(opened).discordButtons === 1, "Discord has the card");
  const deed = opened.discord.press(annOnDiscord, shown(opened).onDiscord as APIMessage, `v1:a:${token}`);
  await until(() => deed.followUps.length === 1, "it is decided");
  await fault.over;
  await until(
    () => shown(opened).telegramText.includes("Approved by alice on Discord"),
    "Telegram is told what was done",
  );
  expect(shown(opened).telegramButtons).toBe(0);
  expect(opened.desk.executed).toEqual(["c4f2-17"]);
});

test("after a restart cards and alerts of before are edited, not repeated", async () => {
  const messages = new MessagesInMemory();
  const first = await openListening({ messages });
  const { token } = await cardOn(first);
  first.chat.alert({
    type: "alert",
    key: "liq:BTCUSDT",
    level: "high",
    title: "BTCUSDT near liquidation",
    lines: ["9.0% away"],
  });
  // Besides what shows something, the store keeps when each group was written to.
  const places = () => messages.rows.filter(({ topic }) => topic !== "pace");
  await until(() => places().length === 4, "all places are stored");
  expect(
    places()
      .map((row) => `${row.topic} ${row.platform} ${row.chat}`)
      .sort(),
  ).toEqual([
    `alert:liq:BTCUSDT#high discord ${CHANNEL}`,
    `alert:liq:BTCUSDT#high telegram ${GROUP}`,
    `proposal:c4f2-17 discord ${CHANNEL}`,
    `proposal:c4f2-17 telegram ${GROUP}`,
  ]);
  await first.chat.stop(200);
  const { openChat } = await import("../../src/chat/hub.ts");
  const again = await openChat({ ...first.options });
  first.desk.chat = again;
  first.desk.expire(token);
  again.alert({
    type: "alert",
    key: "liq:BTCUSDT",
    level: "high",
    title: "BTCUSDT near liquidation",
    lines: ["8.5% away"],
  });
  await again.start();
  const edits = (platform: World) =>
    [
      ...platform.telegram.calls.filter(({ method }) => method === "editMessageText"),
      ...platform.discord.calls.filter(({ route }) => route.startsWith("PATCH /channels")),
    ].map((call) => JSON.stringify(call.message));
  await until(
    () => edits(first).filter((text) => text.includes("expired")).length === 2,
    "both cards are edited",
  );
  await until(
    () => edits(first).filter((text) => /8\\*\.5% away/.test(text)).length === 2,
    "both alerts are edited",
  );
  expect(first.telegram.messages(GROUP).filter((message) => message.from?.is_bot === true)).toHaveLength(2);
  await again.stop(200);
});

test("an alert that was seen on one platform says so on both, without its buttons; a viewer's press does nothing", async () => {
  const opened = await openListening();
  const { telegram, discord, chat, ledger } = opened;
  const title = "BTCUSDT near liquidation";
  chat.alert({ type: "alert", key: "liq:BTCUSDT", level: "high", title, lines: ["9.0% away"] });
  const { message } = await telegram.wait(({ method }) => method === "sendMessage");
  const posted = await discord.wait(({ route }) => route === "POST /channels/:channel/messages");
  const data = `v1:s:${markOf("liq:BTCUSDT")}`;
  expect(JSON.stringify(message)).toContain(data);
  expect(JSON.stringify(posted.message)).toContain(`${data}:60`);

  const { chat: place, message_id } = message as { chat: { id: number }; message_id: number };
  const viewer = telegram.press(bob, { chat: place, message_id }, data);
  expect(await telegram.answered(viewer)).toEqual({
    text: "Alerts are seen to by traders; you are viewer.",
    isAlert: true,
  });
  const pressed = discord.press(annOnDiscord, posted.message as APIMessage, data);
  expect(JSON.stringify(await pressed.replied())).toContain("keeps quiet until it gets worse");
  await until(
    () =>
      [...telegram.messages(GROUP), discord.messages.find(posted.message?.id ?? "")]
        .map((each) => JSON.stringify(each))
        .filter((text) => text.includes(title) && text.includes("Seen by alice") && !text.includes(data))
        .length === 2,
    "both messages say who has seen it",
  );
  expect(ledger.map(({ kind, actor, reason }) => [kind, actor, reason])).toEqual([
    ["refusal", "bob", "role"],
  ]);
});
