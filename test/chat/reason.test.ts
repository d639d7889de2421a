import type { APIMessage } from "discord.js";
import { expect, test } from "vitest";
import { openChat } from "../../src/chat/hub.ts";
import { Roster } from "../../src/core/roster.ts";
import { MessagesInMemory } from "./desk.ts";
import {
  ann,
  annOnDiscord,
  bob,
  bobOnDiscord,
  CHANNEL,
  eve,
  eveOnDiscord,
  GROUP,
  OTHER_CHANNEL,
  openListening,
  textsIn,
  until,
  type World,
  type WorldOptions,
} from "./platforms.ts";

const WHY = "v1:w:c4f2-17";
/** Formatting of both platforms, mentions, a command to tap, and 4,000 characters in all. */
const HOSTILE =
  `**no** <b>&</b> \`code\` [x](https://e.vil) @everyone @here @ann <@400000000000000001> /panic ||x||\u0000\u202e\n# ${"y".repeat(4_000)}`.slice(
    0,
    4_000,
  );

/** Ann and bob both decide here. */
async function open(options: WorldOptions = {}): Promise<World> {
  const world = await openListening(options);
  world.desk.people = new Roster({
    listed: [
      { name: "alice", role: "admin", telegram: "501", discord: "400000000000000001" },
      { name: "bob", role: "trader", telegram: "502", discord: "400000000000000002" },
    ],
    terminal: "alice",
  });
  return world;
}

const posted = ({ route, status }: { route: string; status: number }): boolean =>
  route === "POST /channels/:channel/messages" && status < 300;

/** The card on both platforms, as it stands now. */
function cards({ telegram, discord }: World) {
  const onTelegram = telegram
    .messages(GROUP)
    .find((each) => "text" in each && each.text.includes("Close BTC"));
  const first = discord.calls.find((call) => posted(call) && JSON.stringify(call.body).includes("Close BTC"));
  const onDiscord = discord.messages.find(first?.message?.id ?? "") as APIMessage;
  return {
    message: { chat: { id: GROUP }, message_id: onTelegram?.message_id ?? 0 },
    card: onDiscord,
    texts: [JSON.stringify(onTelegram ?? ""), JSON.stringify(onDiscord ?? "")] as const,
  };
}

const bothHave = (world: World, text: string): boolean =>
  cards(world).texts.every((each) => each.includes(text));

/** A card that ann rejected with her button on one of the platforms; both show how a reason is given. */
async function rejected(world: World, on: "telegram" | "discord"): Promise<void> {
  const token = world.desk.ask("c4f2-17");
  await until(() => bothHave(world, `v1:r:${token}`), "the card is on both");
  const { message, card } = cards(world);
  if (on === "telegram") await world.telegram.answered(world.telegram.press(ann, message, `v1:r:${token}`));
  else await world.discord.press(annOnDiscord, card, `v1:r:${token}`).answered();
  await until(
    () => bothHave(world, "Rejected by alice") && bothHave(world, WHY),
    "both say that it is rejected",
  );
}

/** The question that a person is asked in the group. */
async function question(world: World, who: typeof ann): Promise<number> {
  const tap = world.telegram.press(who, cards(world).message, WHY);
  expect(await world.telegram.answered(tap)).toEqual({
    text: "Write why as an answer to the question that comes now.",
    isAlert: false,
  });
  const { message, params } = await world.telegram.wait(({ params: { reply_markup: markup } }) =>
    JSON.stringify(markup ?? "").includes("force_reply"),
  );
  expect(params["reply_markup"]).toEqual({
    force_reply: true,
    selective: true,
    input_field_placeholder: "Why c4f2-17 was rejected",
  });
  expect(message).toMatchObject({
    text: "alice, why was card c4f2-17 rejected? Answer this message.",
    entities: [{ type: "text_link", url: `tg://user?id=${who.id}`, offset: 0, length: 5 }],
    reply_to_message: { message_id: cards(world).message.message_id },
  });
  return message?.message_id ?? 0;
}

test("on Telegram the rejection holds at once; the answer to the bot's question stands on both cards", async () => {
  const world = await open();
  await rejected(world, "telegram");
  const replyTo = await question(world, ann);
  world.telegram.say(ann, GROUP, "the spread\nis wide", { replyTo });
  await until(() => bothHave(world, "Reason: the spread is wide"), "both cards say why");
  expect(bothHave(world, "v1:")).toBe(false);
  await until(
    () => textsIn(world, GROUP).some((text) => text.includes("Your reason is on card c4f2-17")),
    "ann is told",
  );
  expect(world.desk.executed).toEqual([]);
});

test("on Discord a form asks, as the first answer to the tap; what is written into it stands on both cards", async () => {
  const world = await open();
  await rejected(world, "discord");
  const deed = await world.discord.press(annOnDiscord, cards(world).card, WHY).answered();
  expect(deed.answer).toBe(9);
  expect(deed.modal).toMatchObject({ custom_id: WHY, title: "Card c4f2-17" });
  // A form that is dismissed takes nothing back.
  expect(bothHave(world, "Rejected by alice on Discord")).toBe(true);
  const told = await deed.submit({ reason: "too close to the news" }).replied();
  expect(told.embeds[0]?.title).toBe("Your reason is on card c4f2-17, and in the ledger.");
  expect((told.flags ?? 0) & 64).toBe(64);
  await until(() => bothHave(world, "Reason: too close to the news"), "both cards say why");
  const again = await world.discord.press(annOnDiscord, cards(world).card, WHY).replied();
  expect(again.embeds[0]?.title).toContain("has its reason already, and keeps it.");
});

test("hostile words of 4,000 characters are words on both cards: no formatting, no mention, no command, 500 of them", async () => {
  const world = await open();
  await rejected(world, "discord");
  const deed = await world.discord.press(annOnDiscord, cards(world).card, WHY).answered();
  const told = await deed.submit({ reason: HOSTILE }).replied();
  expect(JSON.stringify(told)).toContain("Its first 500 characters were kept.");
  await until(() => bothHave(world, "Reason: "), "both cards say why");
  const { card, message } = cards(world);
  const onTelegram = world.telegram.messages(GROUP).find((each) => each.message_id === message.message_id);
  const entities = onTelegram !== undefined && "entities" in onTelegram ? (onTelegram.entities ?? []) : [];
  expect(entities.map(({ type }) => type).sort()).toEqual(["bold", "italic"]);
  const text = onTelegram !== undefined && "text" in onTelegram ? onTelegram.text : "";
  expect(text).toContain(
    "\uff20everyone \uff20here \uff20ann <\uff20400000000000000001> \u2215panic ||x|| # yy",
  );
  const [, line = ""] = /Reason: (.*)/.exec(text) ?? [];
  expect(line.length).toBe(500);
  expect(card.mention_everyone).toBe(false);
  const description = card.embeds[0]?.description ?? "";
  expect(description).toContain("\\*\\*no\\*\\* \\<b>&\\<\u2215b> \\`code\\` \\[x\\](https:/\u2215e.vil)");
  expect(description).not.toMatch(/@|(?<!\\)[*`|[]/);
  expect(world.discord.calls.every(({ status }) => status < 400)).toBe(true);
  const refused = world.telegram.calls.map(({ error }) => error?.description ?? "message is not modified");
  expect(refused.filter((text) => !text.includes("message is not modified"))).toEqual([]);
});

test("the question outlives a restart of the desk, on both platforms", async () => {
  const messages = new MessagesInMemory();
  const world = await open({ messages });
  await rejected(world, "telegram");
  const replyTo = await question(world, ann);
  const form = await world.discord.press(annOnDiscord, cards(world).card, WHY).answered();
  await world.chat.stop(200);
  const again = await openChat(world.options);
  world.desk.chat = again;
  await again.start();
  await until(
    () => again.health().every(({ platform, isConnected }) => platform === "terminal" || isConnected),
    "it is back",
  );
  const { message, card } = cards(world);
  const { telegram, discord } = world;
  const refused = await telegram.answered(telegram.press(ann, message, "v1:w:k9-e9"));
  expect(refused).toEqual({ text: "This card is not known. Nothing was kept.", isAlert: true });
  expect(await telegram.answered(telegram.press(bob, message, WHY))).toMatchObject({ isAlert: true });
  expect((await discord.press(annOnDiscord, card, WHY).answered()).answer).toBe(9);
  telegram.say(ann, GROUP, "as I said before", { replyTo });
  await until(() => bothHave(world, "Reason: as I said before"), "the cards of before say why");
  const late = await form.submit({ reason: "another one" }).replied();
  expect(late.embeds[0]?.title).toContain("has its reason already");
  await again.stop(200);
});

test("who did not reject it is refused with a sentence, a stranger hears nothing, and no card changes", async () => {
  const world = await open();
  const { telegram, discord, desk } = world;
  await rejected(world, "telegram");
  const only = "alice rejected card c4f2-17, so only alice says why. Nothing was kept.";
  expect(await telegram.answered(telegram.press(bob, cards(world).message, WHY))).toEqual({
    text: only,
    isAlert: true,
  });
  expect(JSON.stringify(await discord.press(bobOnDiscord, cards(world).card, WHY).replied())).toContain(only);
  const replyTo = await question(world, ann);
  telegram.say(eve, GROUP, "I say why", { replyTo });
  telegram.say(ann, GROUP, "forwarded", { replyTo, forwarded: true });
  telegram.say(bob, GROUP, "I say why", { replyTo });
  await until(() => textsIn(world, GROUP).some((text) => text.includes(only)), "bob is refused");
  const form = await discord.press(annOnDiscord, cards(world).card, WHY).answered();
  for (const [who, channel, text] of [
    [bobOnDiscord, CHANNEL, only],
    [eveOnDiscord, CHANNEL, undefined],
    [annOnDiscord, OTHER_CHANNEL, undefined],
  ] as const) {
    const made = form.submit({ reason: "not mine" }, { person: who.id, channel });
    if (text === undefined) continue;
    expect(JSON.stringify(await made.replied())).toContain(text);
  }
  expect(JSON.stringify(await form.submit({}).replied())).toContain("There is no reason in that.");
  expect(bothHave(world, "Reason:")).toBe(false);
  expect(desk.calls.filter(({ type }) => type === "giveReason")).toEqual([]);
  expect(textsIn(world, GROUP).filter((text) => text.startsWith("\u26a0\ufe0f Not noted"))).toHaveLength(1);
});

test("an answer that comes too late is refused with a sentence", async () => {
  const world = await open();
  await rejected(world, "telegram");
  const replyTo = await question(world, ann);
  world.desk.age("c4f2-17", 15 * 60_000 + 1);
  world.telegram.say(ann, GROUP, "by the way", { replyTo });
  const late = "was rejected more than 15 minutes ago: a reason is not taken any more. Nothing was kept.";
  await until(() => textsIn(world, GROUP).some((text) => text.includes(late)), "ann is told");
  await until(() => !bothHave(world, WHY), "the button is gone");
  const tap = world.telegram.press(ann, cards(world).message, WHY);
  expect((await world.telegram.answered(tap)).text).toContain("more than 15 minutes ago");
});
