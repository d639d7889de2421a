import { Markup, Telegraf, TelegramError } from "telegraf";
import type { Update } from "telegraf/types";
import { afterEach, describe, expect, test } from "vitest";
import { USUAL_LIMITS } from "./telegram/flood.ts";
import { createTelegram, type Telegram, type TelegramOptions } from "./telegram/telegram.ts";

const TOKEN = "424242:emulated";
const ann = { id: 11, name: "Ann" };
const ben = { id: 12, name: "Ben", username: "ben" };
const desk = { id: -500, title: "desk", admins: [11] };
const forum = { id: -1_000_000_000_500, title: "forum", topics: [3], admins: [424242] };

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function open(options: Partial<TelegramOptions> = {}): Promise<Telegram> {
  const users = [ann, ben];
  const telegram = await createTelegram({
    token: TOKEN,
    users,
    chats: [desk, forum],
    flood: "off",
    ...options,
  });
  cleanUps.push(() => telegram.close());
  return telegram;
}

function botFor(telegram: Telegram, token = TOKEN): Telegraf {
  return new Telegraf(token, { telegram: { apiRoot: telegram.apiRoot } });
}

/** Starts polling; gives a promise of how polling ended. */
function launch(bot: Telegraf): Promise<unknown> {
  const ended = bot.launch().then(
    () => "stopped",
    (error: unknown) => error,
  );
  cleanUps.push(() => {
    try {
      bot.stop();
    } catch {
      // it has already ended
    }
  });
  return ended;
}

/** The description with which Telegram refuses; fails when it doesn't. */
async function refusalOf(call: Promise<unknown>): Promise<string> {
  const error = await call.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof TelegramError)) throw new Error(`not refused: ${error}`);
  return error.description;
}

/** Resolves when the condition holds; asks every 2 ms. */
async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 2));
}

const png = (width: number, height: number): Buffer => {
  const bytes = Buffer.alloc(32);
  Buffer.from("89504e470d0a1a0a0000000d49484452", "hex").copy(bytes);
  bytes.writeUInt32BE(width, 16);
  bytes.writeUInt32BE(height, 20);
  return bytes;
};

describe("a bot with buttons", () => {
  test("a command brings a card, a press is answered and the card is edited", async () => {
    const telegram = await open();
    const bot = botFor(telegram);
    const keyboard = Markup.inlineKeyboard([Markup.button.callback("Approve", "p:1")]);
    bot.command("close", (ctx) => ctx.reply("Close <b>BTC</b>?", { parse_mode: "HTML", ...keyboard }));
    bot.action("p:1", async (ctx) => {
      await ctx.answerCbQuery("done");
      await ctx.editMessageText("closed");
    });
    void launch(bot);
    telegram.say(ann, ann, "/close BTC");
    const { message: card } = await telegram.wait((call) => call.method === "sendMessage");
    expect(card).toMatchObject({
      message_id: 2,
      from: { id: 424242, is_bot: true },
      chat: { id: 11, type: "private" },
      text: "Close BTC?",
      entities: [{ type: "bold", offset: 6, length: 3 }],
      reply_markup: { inline_keyboard: [[{ text: "Approve", callback_data: "p:1" }]] },
    });
    if (card === undefined) return;
    const tap = telegram.press(ann, card, "p:1");
    expect(await telegram.answered(tap)).toEqual({ text: "done", isAlert: false });
    const { message: edited } = await telegram.wait((call) => call.method === "editMessageText");
    expect(edited).toMatchObject({ message_id: 2, text: "closed", edit_date: expect.any(Number) });
    expect(edited).not.toHaveProperty("reply_markup");
    expect(telegram.messages(ann).map((each) => "text" in each && each.text)).toEqual([
      "/close BTC",
      "closed",
    ]);
  });

  test("a tap comes again under a new update id, and is answered only once", async () => {
    const telegram = await open();
    const bot = botFor(telegram);
    const seen: Update[] = [];
    bot.use((ctx) => void seen.push(ctx.update));
    void launch(bot);
    const tap = telegram.press(ann, { chat: ben, message_id: 999 }, "forged");
    telegram.redeliver(tap);
    await until(() => seen.length === 2);
    const [first, second] = seen as Update.CallbackQueryUpdate[];
    expect(first?.callback_query).toEqual(second?.callback_query);
    expect(first?.callback_query).toMatchObject({
      from: { id: 11 },
      data: "forged",
      message: { message_id: 999 },
    });
    expect(second?.update_id).toBe((first?.update_id ?? 0) + 1);
    expect(await bot.telegram.answerCbQuery(tap)).toBe(true);
    const late = "Bad Request: query is too old and response timeout expired or query ID is invalid";
    expect(await refusalOf(bot.telegram.answerCbQuery(tap))).toBe(late);
    const old = telegram.press(ann, { chat: ann, message_id: 1 }, "x");
    telegram.expire(old);
    expect(await refusalOf(bot.telegram.answerCbQuery(old))).toBe(late);
    expect(await refusalOf(bot.telegram.answerCbQuery("1"))).toBe(late);
  });

  test("an update is kept until its offset is acknowledged", async () => {
    const telegram = await open();
    const { telegram: api } = botFor(telegram);
    telegram.say(ann, ann, "one");
    telegram.say(ann, ann, "two");
    const first = await api.getUpdates(0, 1, 0, undefined);
    const again = await api.getUpdates(0, 100, 0, undefined);
    expect(first).toHaveLength(1);
    expect(again).toHaveLength(2);
    const rest = await api.getUpdates(0, 100, again[1]?.update_id ?? 0, undefined);
    expect(rest.map((update) => (update as Update.MessageUpdate).update_id)).toEqual([again[1]?.update_id]);
    expect(await api.getWebhookInfo()).toMatchObject({ pending_update_count: 1 });
    await api.deleteWebhook({ drop_pending_updates: true });
    expect(telegram.updates.pending).toEqual([]);
  });
});

describe("what Telegram refuses", () => {
  test("each limit of a message, its buttons and its edits", async () => {
    const telegram = await open();
    const { telegram: api } = botFor(telegram);
    const button = (data: string) => Markup.inlineKeyboard([Markup.button.callback("x", data)]);
    const said = telegram.say(ann, ann, "hello");
    const own = await api.sendMessage(11, "same", button("é".repeat(32)));
    await api.sendMessage(11, "x".repeat(4096));
    const refused: readonly (readonly [Promise<unknown>, string])[] = [
      [api.sendMessage(11, ""), "message text is empty"],
      [api.sendMessage(11, "x".repeat(4097)), "message is too long"],
      [api.sendMessage(99, "x"), "chat not found"],
      [api.sendMessage(11, "x", button("é".repeat(33))), "BUTTON_DATA_INVALID"],
      [api.sendMessage(11, "x", button("")), "BUTTON_DATA_INVALID"],
      [api.sendMessage(11, "x", { reply_parameters: { message_id: 77 } }), "message to be replied not found"],
      [api.sendMessage(forum.id, "x", { message_thread_id: 4 }), "message thread not found"],
      [
        api.editMessageText(11, own.message_id, undefined, "same", button("é".repeat(32))),
        "message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message",
      ],
      [api.editMessageText(11, said.message_id, undefined, "mine"), "message can't be edited"],
      [api.editMessageText(11, 77, undefined, "x"), "message to edit not found"],
      [
        api.editMessageCaption(11, own.message_id, undefined, "x"),
        "there is no caption in the message to edit",
      ],
      [api.deleteMessage(11, 77), "message to delete not found"],
      [api.setMyCommands([{ command: "Close", description: "x" }]), "BOT_COMMAND_INVALID"],
      [api.setMyCommands([{ command: "close", description: "" }]), "BOT_COMMAND_DESCRIPTION_INVALID"],
      [api.sendChatAction(11, "dancing" as "typing"), "wrong parameter action in request"],
      [api.pinChatMessage(desk.id, 1), "not enough rights to manage pinned messages in the chat"],
      [api.leaveChat(11), "chat member status can't be changed in private chats"],
    ];
    for (const [call, description] of refused)
      expect(await refusalOf(call)).toBe(`Bad Request: ${description}`);
    expect(telegram.calls.filter((call) => call.error !== undefined)).toHaveLength(refused.length);
  });

  test.each([
    ["<b>a & b</b>", 'Unescaped "&" at byte offset 5'],
    ["1 > 0", 'Unescaped ">" at byte offset 2'],
    ["<b>open", 'Can\'t find end tag corresponding to start tag "b"'],
    ["<b><i>x</b></i>", 'Unmatched end tag at byte offset 7, expected "</i>", found "</b>"'],
    ["x</b>", "Unexpected end tag at byte offset 1"],
    ["<h1>x</h1>", 'Unsupported start tag "h1" at byte offset 0'],
    ["a<br/>b", 'Unsupported start tag "br" at byte offset 1'],
    ["é < 3", "Unclosed start tag at byte offset 3"],
    ["<span>x</span>", 'Tag "span" must have class "tg-spoiler" at byte offset 0'],
    ["a &nbsp; b", 'Unescaped "&" at byte offset 2'],
  ])("HTML %j", async (html, description) => {
    const telegram = await open();
    const { telegram: api } = botFor(telegram);
    const call = api.sendMessage(11, html, { parse_mode: "HTML" });
    expect(await refusalOf(call)).toBe(`Bad Request: can't parse entities: ${description}`);
  });

  test.each([
    ["price 1.5", "Character '.' is reserved and must be escaped with the preceding '\\'"],
    ["*bold", "Can't find end of Bold entity at byte offset 0"],
    ["[a](http://x", "Can't find end of a URL at byte offset 3"],
    ["a|b", "Character '|' is reserved and must be escaped with the preceding '\\'"],
    ["a > b", "Character '>' is reserved and must be escaped with the preceding '\\'"],
    ["`code", "Can't find end of Code entity at byte offset 0"],
  ])("MarkdownV2 %j", async (markdown, description) => {
    const telegram = await open();
    const { telegram: api } = botFor(telegram);
    const call = api.sendMessage(11, markdown, { parse_mode: "MarkdownV2" });
    expect(await refusalOf(call)).toBe(`Bad Request: can't parse entities: ${description}`);
  });

  test("well-formed markup is parsed, and only the seen text counts", async () => {
    const telegram = await open();
    const { telegram: api } = botFor(telegram);
    const html = `<b>a &lt;&amp;&gt; <i>b</i></b> <a href="https://x.y/?a=1&amp;b">c</a><pre><code class="language-js">d</code></pre>`;
    const sent = await api.sendMessage(11, html, { parse_mode: "HTML" });
    expect(sent.text).toBe("a <&> b cd");
    expect(sent.entities).toEqual([
      { type: "bold", offset: 0, length: 7 },
      { type: "italic", offset: 6, length: 1 },
      { type: "text_link", url: "https://x.y/?a=1&b", offset: 8, length: 1 },
      { type: "pre", language: "js", offset: 9, length: 1 },
    ]);
    const long = `<b>${"x".repeat(4096)}</b>`;
    expect((await api.sendMessage(11, long, { parse_mode: "HTML" })).text).toHaveLength(4096);
    const markdown = "*1\\.5* _it_ __un__ ~no~ ||sp|| `a.b` [l\\.](https://x.y/a_b)";
    const marked = await api.sendMessage(11, markdown, { parse_mode: "MarkdownV2" });
    expect(marked.text).toBe("1.5 it un no sp a.b l.");
    expect(marked.entities?.map((entity) => entity.type)).toEqual([
      "bold",
      "italic",
      "underline",
      "strikethrough",
      "spoiler",
      "code",
      "text_link",
    ]);
  });

  test("a wrong token is told 401, an unknown method 404", async () => {
    const telegram = await open();
    expect(await launch(botFor(telegram, "1:wrong"))).toMatchObject({ message: "401: Unauthorized" });
    expect(await refusalOf(botFor(telegram).telegram.callApi("noSuch" as "getMe", {}))).toBe("Not Found");
  });
});

describe("pictures and files", () => {
  test("a photo arrives whole with its caption, and can be replaced", async () => {
    const telegram = await open();
    const { telegram: api } = botFor(telegram);
    const source = png(640, 480);
    const sent = await api.sendPhoto(11, { source }, { caption: "<i>chart</i>", parse_mode: "HTML" });
    expect(sent).toMatchObject({ caption: "chart", photo: [{ width: 640, height: 480, file_size: 32 }] });
    const { files } = await telegram.wait((call) => call.method === "sendPhoto");
    expect([...files.values()].map((file) => file.bytes.equals(source))).toEqual([true]);
    const media = { type: "photo" as const, media: { source: png(10, 10) }, caption: "new" };
    const changed = await api.editMessageMedia(11, sent.message_id, undefined, media);
    expect(changed).toMatchObject({ message_id: sent.message_id, caption: "new", photo: [{ width: 10 }] });
    const document = await api.sendDocument(desk.id, { source: Buffer.from("a,b\n"), filename: "log.csv" });
    expect(document.document).toMatchObject({ file_name: "log.csv", file_size: 4 });
  });

  test("a long caption, a text as photo, a huge and an empty picture are refused", async () => {
    const telegram = await open();
    const { telegram: api } = botFor(telegram);
    const send = (source: Buffer, caption = "") => refusalOf(api.sendPhoto(11, { source }, { caption }));
    expect(await send(png(9, 9), "x".repeat(1025))).toBe("Bad Request: message caption is too long");
    expect(await send(Buffer.from("not a picture"))).toBe("Bad Request: IMAGE_PROCESS_FAILED");
    expect(await send(png(9_000, 1_001))).toBe("Bad Request: PHOTO_INVALID_DIMENSIONS");
    expect(await send(png(21, 1))).toBe("Bad Request: PHOTO_INVALID_DIMENSIONS");
  });
});

describe("groups", () => {
  test("a plain bot hears commands, mentions and replies; the rest of the talk it does not", async () => {
    const telegram = await open();
    const { telegram: api } = botFor(telegram);
    const own = await api.sendMessage(desk.id, "hello");
    telegram.say(ann, desk, "just talk");
    telegram.say(ann, desk, "/status");
    telegram.say(ann, desk, "/status@other_bot");
    telegram.say(ann, desk, "@perpdesk_bot hi");
    telegram.say(ben, desk, "why?", { replyTo: own.message_id });
    telegram.say(ben, desk, "/pause", { anonymousAdmin: true });
    telegram.say(ben, desk, "/panic", { forwarded: ann, date: 1_700_000_000 });
    telegram.say(ben, desk, "/close", { edited: true });
    telegram.say(ann, forum, "not a command, but the bot is admin", { topic: 3 });
    telegram.post(forum, "a post");
    const updates = await api.getUpdates(0, 100, 0, undefined);
    const heard = updates.map((update) => {
      const kind = Object.keys(update)[1];
      const message = Object.values(update)[1] as Record<string, unknown>;
      const { text, from, sender_chat, date, message_thread_id, forward_origin } = message;
      return {
        kind,
        text,
        from: (from as typeof ann)?.id,
        sender_chat,
        date,
        message_thread_id,
        forward_origin,
      };
    });
    expect(heard.map(({ kind, text, from }) => [kind, text, from])).toEqual([
      ["message", "/status", 11],
      ["message", "@perpdesk_bot hi", 11],
      ["message", "why?", 12],
      ["message", "/pause", 1087968824],
      ["message", "/panic", 12],
      ["edited_message", "/close", 12],
      ["message", "not a command, but the bot is admin", 11],
      ["channel_post", "a post", undefined],
    ]);
    expect(heard[3]?.sender_chat).toMatchObject({ id: desk.id });
    expect(heard[4]).toMatchObject({
      date: 1_700_000_000,
      forward_origin: { type: "user", sender_user: { id: 11 } },
    });
    expect(heard[6]).toMatchObject({ message_thread_id: 3 });
  });

  test("members, leaving, blocking, and a group that becomes a supergroup", async () => {
    const telegram = await open();
    const { telegram: api } = botFor(telegram);
    expect(await api.getChatMember(desk.id, 11)).toMatchObject({
      status: "creator",
      user: { first_name: "Ann" },
    });
    expect(await api.getChatMember(desk.id, 12)).toMatchObject({ status: "member" });
    expect(await api.getChat(forum.id)).toEqual({
      id: forum.id,
      title: "forum",
      type: "supergroup",
      is_forum: true,
    });
    const { message_id } = await api.sendMessage(forum.id, "status", { message_thread_id: 3 });
    await api.pinChatMessage(forum.id, message_id);
    expect(await api.getChat(forum.id)).toMatchObject({ pinned_message: { message_id } });
    await api.leaveChat(forum.id);
    expect(await refusalOf(api.sendMessage(forum.id, "x"))).toBe(
      "Forbidden: bot is not a member of the supergroup chat",
    );
    telegram.block(ben);
    expect(await refusalOf(api.sendMessage(12, "x"))).toBe("Forbidden: bot was blocked by the user");
    const moved = telegram.migrate(desk);
    const error = await api.sendMessage(desk.id, "x").catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 400, parameters: { migrate_to_chat_id: moved } });
    expect(await api.sendMessage(moved, "x")).toMatchObject({ chat: { id: moved, type: "supergroup" } });
    await api.setMyCommands([{ command: "close", description: "Close a position" }]);
    expect(await api.getMyCommands()).toEqual([{ command: "close", description: "Close a position" }]);
  });
});

describe("floods", () => {
  test("a burst to one chat is let through, then 429 names the wait; another chat is not touched", async () => {
    const telegram = await open({
      flood: { ...USUAL_LIMITS, chatBurst: 3 },
    });
    const { telegram: api } = botFor(telegram);
    for (const text of ["1", "2", "3"]) await api.sendMessage(11, text);
    const error = await api.sendMessage(11, "4").catch((reason: unknown) => reason);
    expect(error).toMatchObject({
      code: 429,
      description: "Too Many Requests: retry after 1",
      parameters: { retry_after: 1 },
    });
    expect(await api.sendMessage(12, "1")).toMatchObject({ text: "1" });
    telegram.flood.limits = "off";
    expect(await api.sendMessage(11, "4")).toMatchObject({ text: "4" });
  });

  test("a group takes 20 a minute, edits included, and all chats together 30 a second", async () => {
    const telegram = await open({
      flood: { chatPerSecond: 1e6, chatBurst: 1e6, groupPerMinute: 20, totalPerSecond: 1e6 },
    });
    const { telegram: api } = botFor(telegram);
    const { message_id } = await api.sendMessage(desk.id, "0");
    for (let n = 1; n < 20; n += 1) await api.editMessageText(desk.id, message_id, undefined, `${n}`);
    const error = (await api.sendMessage(desk.id, "21").catch((reason: unknown) => reason)) as TelegramError;
    expect(error.code).toBe(429);
    expect(error.parameters?.retry_after).toBeGreaterThan(50);
    telegram.flood.limits = { chatPerSecond: 1e6, chatBurst: 1e6, groupPerMinute: 1e6, totalPerSecond: 30 };
    const sent = await Promise.allSettled(Array.from({ length: 40 }, (_, n) => api.sendMessage(11, `${n}`)));
    expect(sent.filter((each) => each.status === "rejected").length).toBeGreaterThanOrEqual(9);
  });
});

describe("faults", () => {
  test("a second reader ends the first with 409", async () => {
    const telegram = await open();
    const ended = launch(botFor(telegram));
    await until(() => telegram.updates.isPolled);
    void launch(botFor(telegram));
    expect(await ended).toMatchObject({
      message: expect.stringContaining("409: Conflict: terminated by other"),
    });
  });

  test("409 while the fault holds, commands again after it", async () => {
    const telegram = await open();
    const ended = launch(botFor(telegram));
    await until(() => telegram.updates.isPolled);
    const fault = telegram.fault.conflict409(Number.POSITIVE_INFINITY);
    expect(await ended).toMatchObject({ message: expect.stringContaining("409") });
    expect(await launch(botFor(telegram))).toMatchObject({ message: expect.stringContaining("409") });
    await fault.end();
    const bot = botFor(telegram);
    bot.command("ping", (ctx) => ctx.reply("pong"));
    void launch(bot);
    telegram.say(ann, ann, "/ping");
    await telegram.wait((call) => call.message !== undefined);
  });

  test("429 for all calls, and with `polls` for reading too", async () => {
    const telegram = await open();
    const { telegram: api } = botFor(telegram);
    const fault = telegram.fault.flood429(40);
    expect(await refusalOf(api.sendMessage(11, "x"))).toBe("Too Many Requests: retry after 40");
    expect(await api.getUpdates(0, 1, 0, undefined)).toEqual([]);
    await fault.end();
    expect(await api.sendMessage(11, "x")).toMatchObject({ text: "x" });
    const both = telegram.fault.flood429(1, { polls: true });
    expect(await refusalOf(api.getUpdates(0, 1, 0, undefined))).toBe("Too Many Requests: retry after 1");
    await both.end();
  });

  test("a hung line answers nothing that came in, not even the waiting poll; later calls are answered", async () => {
    const telegram = await open();
    const { telegram: api } = botFor(telegram);
    let isAnswered = false;
    const note = () => {
      isAnswered = true;
    };
    api.getUpdates(50, 1, 0, undefined).then(note, note);
    await until(() => telegram.updates.isPolled);
    const fault = telegram.fault.hang(60_000);
    api.sendMessage(11, "lost").then(note, note);
    telegram.say(ann, ann, "unheard");
    await new Promise((resolve) => setTimeout(resolve, 30));
    await fault.end();
    expect(await api.sendMessage(11, "heard")).toMatchObject({ text: "heard" });
    expect(isAnswered).toBe(false);
    expect(telegram.messages(ann).map((each) => "text" in each && each.text)).toEqual(["unheard", "heard"]);
    expect(telegram.updates.pending).toHaveLength(1);
  });

  test("down: refused at the port, then the same port again with what was queued", async () => {
    const telegram = await open();
    const { telegram: api } = botFor(telegram);
    const before = telegram.apiRoot;
    telegram.say(ann, ann, "/kept");
    const fault = telegram.fault.down(40);
    await expect(api.getMe()).rejects.toThrow(/ECONNREFUSED/);
    await fault.over;
    expect(telegram.apiRoot).toBe(before);
    expect(await api.getUpdates(0, 1, 0, undefined)).toHaveLength(1);
  });

  test("lost: the message is there, the answer is not", async () => {
    const telegram = await open();
    const { telegram: api } = botFor(telegram);
    const fault = telegram.fault.lost(60_000);
    void api.sendMessage(11, "doubled").catch(() => {});
    await telegram.wait((call) => call.method === "sendMessage");
    await fault.end();
    await api.sendMessage(11, "doubled");
    expect(telegram.messages(ann)).toHaveLength(2);
  });
});

describe("the wire", () => {
  test("urlencoded and query arguments are read like JSON", async () => {
    const telegram = await open();
    const send = (query: string, body?: URLSearchParams) =>
      fetch(`${telegram.apiRoot}/bot${TOKEN}/SendMessage?${query}`, {
        method: "POST",
        ...(body && { body }),
      });
    const form = new URLSearchParams({
      text: "hi",
      reply_markup: '{"inline_keyboard":[[{"text":"a","callback_data":"b"}]]}',
    });
    const answer = await send("chat_id=11", form);
    expect(await answer.json()).toMatchObject({
      ok: true,
      result: { text: "hi", reply_markup: { inline_keyboard: [[{ text: "a" }]] } },
    });
    const bad = await send("chat_id=11", new URLSearchParams({ text: "hi", reply_markup: "{" }));
    expect([bad.status, await bad.json()]).toEqual([
      400,
      { ok: false, error_code: 400, description: "Bad Request: can't parse reply markup JSON object" },
    ]);
  });

  test("a wait takes each call once and says what came instead", async () => {
    const telegram = await open();
    const { telegram: api } = botFor(telegram);
    await api.sendMessage(11, "1");
    await api.sendMessage(11, "2");
    const isSend = (call: { method: string }) => call.method === "sendMessage";
    expect((await telegram.wait(isSend)).params["text"]).toBe("1");
    expect((await telegram.wait(isSend)).params["text"]).toBe("2");
    await expect(telegram.wait(isSend, 5)).rejects.toThrow(
      /nothing wanted arrived within 5 ms.*sendMessage/s,
    );
  });
});
