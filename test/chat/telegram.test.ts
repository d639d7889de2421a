import { afterEach, describe, expect, test } from "vitest";
import { ticks } from "../../src/core/units.ts";
import type { TelegramCall } from "../emulators/telegram/telegram.ts";
import {
  ann,
  bob,
  eve,
  GROUP,
  openWorld,
  TELEGRAM_TOKEN,
  textsIn,
  until,
  type World,
  type WorldOptions,
} from "./platforms.ts";

let world: World | undefined;
afterEach(async () => {
  await world?.close();
  world = undefined;
});

async function open(options: WorldOptions = {}): Promise<World> {
  world = await openWorld({ discord: false, ...options });
  const opened = world;
  await until(
    () => opened.telegram.calls.some((call) => call.method === "setMyCommands"),
    "Telegram listens",
  );
  return opened;
}

const sent = (call: TelegramCall): boolean => call.method === "sendMessage" && call.error === undefined;
const textOf = (call: TelegramCall): string =>
  call.message !== undefined && "text" in call.message ? call.message.text : "";
const buttonsOf = (call: TelegramCall): string[] =>
  (call.message !== undefined && "reply_markup" in call.message
    ? (call.message.reply_markup?.inline_keyboard ?? [])
    : []
  )
    .flat()
    .map((button) => ("callback_data" in button ? button.callback_data : ""));

describe("commands", () => {
  test("the menu is set from the registry and a command in a private chat is answered there", async () => {
    const { telegram } = await open();
    const menu = telegram.calls.find((call) => call.method === "setMyCommands")?.params["commands"];
    expect((menu as { command: string }[]).map((each) => each.command)).toContain("panic");
    telegram.say(ann, ann, "/status");
    const reply = await telegram.wait(sent);
    expect(textOf(reply)).toContain("Monitoring: trading normally");
    expect(textOf(reply)).toContain("Equity: 10,000.77 USDT");
    expect(reply.params["chat_id"]).toBe(ann.id);
    expect(buttonsOf(reply)).toEqual(["v1:x:status", "v1:x:positions", "v1:x:orders"]);
  });

  test("a grid comes with its picture over its words, where those may be shown", async () => {
    const { telegram } = await open();
    telegram.say(ann, GROUP, "/grid@perpdesk_bot grid1");
    const picture = await telegram.wait((call) => call.method === "sendPhoto" && call.error === undefined);
    expect(picture.params["chat_id"]).toBe(String(ann.id));
    expect(picture.message).toMatchObject({
      caption: expect.stringContaining("grid1: buy BTCUSDT\nIt buys 0.010 BTC"),
      photo: [{ width: 1170, height: 1200 }],
    });
    expect(buttonsOf(picture)).toEqual(["v1:x:grid grid1", "v1:x:stuck"]);
    expect(telegram.calls.filter(sent)).toEqual([]);
  });

  test("Refresh puts a new picture into the message; what has none is answered below it", async () => {
    const { telegram, desk } = await open();
    telegram.say(ann, ann, "/chart btc 1h");
    const first = (await telegram.wait((call) => call.method === "sendPhoto")).message;
    if (first === undefined) throw new Error("no message");
    expect(first).toMatchObject({ caption: expect.stringContaining("Mark: 97,200.0") });
    const [book, ...books] = desk.view.books;
    if (book === undefined) throw new Error("no book");
    desk.view = { ...desk.view, books: [{ ...book, mark: ticks(973_000) }, ...books] };
    await telegram.answered(telegram.press(ann, first, "v1:x:chart BTCUSDT 1h dark"));
    const edit = await telegram.wait((call) => call.method === "editMessageMedia");
    expect(edit.error).toBeUndefined();
    expect(edit.message).toMatchObject({
      message_id: first.message_id,
      caption: expect.stringContaining("Mark: 97,300.0"),
      photo: [{ width: 1170, height: 1320 }],
    });
    await telegram.answered(telegram.press(ann, first, "v1:x:stuck"));
    expect(textOf(await telegram.wait(sent))).toContain("Nothing is stuck");
  });

  test("where pictures are not taken the words come alone, and words too long for a caption come before theirs", async () => {
    const { telegram, desk } = await open();
    const [book] = desk.view.books;
    if (book === undefined) throw new Error("no book");
    desk.view = { ...desk.view, books: Array.from({ length: 60 }, () => book) };
    telegram.say(ann, ann, "/exposure");
    expect(textOf(await telegram.wait(sent))).toContain("Exposure: 60 positions");
    const picture = await telegram.wait((call) => call.method === "sendPhoto");
    expect(picture.message).toMatchObject({ caption: "Exposure: 60 positions" });
    desk.view = { ...desk.view, books: [book] };
    const room = telegram.rooms.find(ann.id);
    if (room === undefined) throw new Error("no room");
    room.takesPhotos = false;
    telegram.say(ann, ann, "/chart btc");
    expect(textOf(await telegram.wait(sent))).toContain("Mark: 97,200.0");
    expect(telegram.calls.filter(({ method }) => method === "sendPhoto").at(-1)?.error).toMatchObject({
      description: expect.stringContaining("not enough rights to send photos"),
    });
  });

  test("in a group money goes to the caller alone, the rest is answered as a reply", async () => {
    const { telegram } = await open();
    telegram.say(ann, GROUP, "/balance@perpdesk_bot");
    expect((await telegram.wait(sent)).params["chat_id"]).toBe(ann.id);
    const asked = telegram.say(ann, GROUP, "/version");
    const reply = await telegram.wait(sent);
    expect(reply.params["chat_id"]).toBe(GROUP);
    expect(reply.message?.reply_to_message?.message_id).toBe(asked.message_id);
    expect(textsIn(world as World, GROUP).join()).not.toContain("Wallet");
  });

  test("a group that is set to show money shows it; a caller without a private chat is told what to do", async () => {
    const shy = { ...bob, hasStarted: false };
    const { telegram } = await open({
      chats: [
        { id: GROUP, alerts: true },
        { id: -77, alerts: false, accountData: true },
      ],
      telegram: {
        users: [ann, shy, eve],
        chats: [
          { id: GROUP, title: "desk" },
          { id: -77, title: "open" },
        ],
      },
    });
    telegram.say(ann, -77, "/balance");
    expect(textOf(await telegram.wait((call) => sent(call) && call.params["chat_id"] === -77))).toContain(
      "Wallet: 10,000.00 USDT",
    );
    telegram.say(shy, GROUP, "/positions");
    expect(textOf(await telegram.wait((call) => sent(call) && call.params["chat_id"] === GROUP))).toContain(
      "press Start",
    );
  });

  test("a Refresh button draws its own message anew, or changes nothing without a fuss", async () => {
    const { telegram, desk } = await open();
    telegram.say(ann, ann, "/health");
    const reply = await telegram.wait(sent);
    const message = { chat: { id: ann.id }, message_id: reply.message?.message_id ?? 0 };
    const same = telegram.press(ann, message, "v1:x:health");
    expect(await telegram.answered(same)).toEqual({ text: "", isAlert: false });
    await telegram.wait(
      (call) =>
        call.method === "editMessageText" && call.error?.description.includes("not modified") === true,
    );
    desk.view = {
      ...desk.view,
      health: { ...desk.view.health, isHealthy: false, problems: ["Redis is away"] },
    };
    telegram.press(ann, message, "v1:x:health");
    const edit = await telegram.wait((call) => call.method === "editMessageText" && call.error === undefined);
    expect(textOf(edit)).toContain("Redis is away");
    expect(world?.log.filter((line) => line.startsWith("error"))).toEqual([]);
  });

  test("a tap can't run what acts: taps may be hours old", async () => {
    const { telegram, desk, ledger } = await open();
    telegram.say(ann, ann, "/health");
    const reply = await telegram.wait(sent);
    const message = { chat: { id: ann.id }, message_id: reply.message?.message_id ?? 0 };
    const tap = telegram.press(ann, message, "v1:x:panic");
    await telegram.answered(tap);
    const edit = await telegram.wait((call) => call.method === "editMessageText");
    expect(textOf(edit)).toContain("Nothing was done");
    expect(desk.calls).toEqual([]);
    expect(ledger).toMatchObject([
      { kind: "command", actor: "alice", command: "health" },
      { kind: "refusal", actor: "alice", reason: "forged" },
    ]);
  });

  test("old commands that act are refused politely, fresh ones act", async () => {
    const { telegram, desk } = await open();
    telegram.say(ann, ann, "/panic", { date: Math.floor(Date.now() / 1_000) - 45 });
    expect(textOf(await telegram.wait(sent))).toMatch(
      /Your \/panic was written 4\d s ago, so nothing was done/,
    );
    expect(desk.calls).toEqual([]);
    telegram.say(ann, ann, "/pause");
    expect(textOf(await telegram.wait(sent))).toContain("Paused");
    expect(desk.calls).toMatchObject([
      { type: "pause", actor: { person: "alice", role: "admin", platform: "telegram" } },
    ]);
  });

  test("a handler that throws is answered, and the next command works", async () => {
    const { telegram, desk, log } = await open();
    desk.fault = new Error(`boom at https://api.telegram.org/bot${TELEGRAM_TOKEN}/getMe`);
    telegram.say(ann, ann, "/status");
    expect(textOf(await telegram.wait(sent))).toContain("/status failed inside perpdesk");
    desk.fault = undefined;
    telegram.say(ann, ann, "/version");
    expect(textOf(await telegram.wait(sent))).toContain("perpdesk 0.1.0");
    expect(log.join("\n")).toContain("boom at");
  });
});

describe("nobody else", () => {
  test("strangers, hidden admins, forwards, edits, bots and channel posts get silence", async () => {
    const { telegram, ledger } = await open({
      telegram: {
        users: [ann, bob, eve, { id: 700, name: "Botty", isBot: true }],
        chats: [
          { id: GROUP, title: "desk" },
          { id: -1000000000007, title: "news", kind: "channel" },
        ],
      },
      chats: [
        { id: GROUP, alerts: true },
        { id: -1000000000007, alerts: false },
      ],
    });
    telegram.journal.skip();
    telegram.say(eve, GROUP, "/version");
    telegram.say(eve, eve, "/version");
    telegram.say(ann, GROUP, "/version", { anonymousAdmin: true });
    telegram.say(ann, GROUP, "/version", { forwarded: true });
    telegram.say(ann, GROUP, "hello");
    telegram.say(ann, GROUP, "/version@another_bot");
    telegram.say(ann, GROUP, "/weather");
    telegram.say({ id: 700, name: "Botty" }, GROUP, "/version");
    telegram.post(-1000000000007, "/version");
    const said = telegram.say(ann, GROUP, "no command");
    telegram.say(ann, GROUP, "/version", { edited: said.message_id });
    telegram.say(bob, GROUP, "/version");
    await telegram.wait(sent);
    expect(telegram.calls.filter(sent)).toHaveLength(1);
    expect(telegram.calls.filter((call) => call.method === "leaveChat")).toEqual([]);
    expect(
      ledger
        .filter((line) => line["reason"] === "unknown")
        .map((line) => `${line["actor"]} ${line["where"]}`),
    ).toEqual([
      "telegram:666 telegram chat -42",
      "telegram:666 telegram chat 666",
      "telegram:1087968824 telegram chat -42",
      "telegram:501 telegram chat -42",
      "telegram:700 telegram chat -42",
      "a channel telegram chat -1000000000007",
    ]);
  });

  test("an unknown group is left without a word, whoever speaks there", async () => {
    const { telegram } = await open();
    telegram.say(ann, -99, "/status");
    const left = await telegram.wait((call) => call.method === "leaveChat");
    expect(left.params["chat_id"]).toBe(-99);
    expect(textsIn(world as World, -99)).toEqual([]);
  });

  test("only the configured topic of a forum is listened to", async () => {
    const forum = -1000000000042;
    const { telegram } = await open({
      telegram: { chats: [{ id: forum, title: "forum", topics: [7, 8] }] },
      chats: [{ id: forum, topic: 7, alerts: true }],
    });
    telegram.say(ann, forum, "/version", { topic: 8 });
    telegram.say(ann, forum, "/version");
    telegram.say(ann, forum, "/version", { topic: 7 });
    const reply = await telegram.wait(sent);
    expect(reply.params["message_thread_id"]).toBe(7);
    expect(telegram.calls.filter(sent)).toHaveLength(1);
    expect(telegram.calls.filter((call) => call.method === "leaveChat")).toEqual([]);
  });

  test("a group that became a supergroup while we were away is not left", async () => {
    let moved = 0;
    const { telegram, log } = await open({
      beforeStart: (platforms) => {
        moved = platforms.telegram.migrate(GROUP);
        platforms.telegram.updates.drop();
        platforms.telegram.say(ann, moved, "/version");
        platforms.telegram.say(ann, moved, "/version@perpdesk_bot");
      },
    });
    await until(() => log.some((line) => line.includes(`put its new id ${moved}`)), "the move is known");
    telegram.say(ann, moved, "/health");
    const reply = await telegram.wait((call) => sent(call) && textOf(call).includes("Healthy"));
    expect(reply.params["chat_id"]).toBe(moved);
    expect(telegram.calls.filter((call) => call.method === "leaveChat")).toEqual([]);
  });

  test("a group that becomes a supergroup stays ours", async () => {
    const first = await open();
    const moved = first.telegram.migrate(GROUP);
    first.desk.ask("c4f2-1");
    const card = await first.telegram.wait((call) => sent(call) && call.params["chat_id"] === moved);
    expect(textOf(card)).toContain("Close BTCUSDT long?");
    first.telegram.say(ann, moved, "/version");
    await first.telegram.wait((call) => sent(call) && textOf(call).includes("perpdesk 0.1.0"));
    expect(first.telegram.calls.filter((call) => call.method === "leaveChat")).toEqual([]);
    await until(
      () => first.log.join("\n").includes(`put its new id ${moved} into the settings`),
      "it is told",
    );
  });
});

describe("trouble", () => {
  const answers = async ({ telegram }: World): Promise<void> => {
    telegram.say(ann, ann, "/version");
    expect(textOf(await telegram.wait(sent, 8_000))).toContain("perpdesk 0.1.0");
  };

  test("a second instance (409) ends nothing for good", async () => {
    const opened = await open();
    const fault = opened.telegram.fault.conflict409(Number.POSITIVE_INFINITY);
    await until(() => opened.chat.health()[1]?.isConnected === false, "the conflict is noticed");
    expect(opened.chat.health()[1]?.lastError).toContain(
      "Another program reads with the same Telegram token",
    );
    await fault.end();
    await answers(opened);
    expect(opened.chat.health()[1]).toMatchObject({
      platform: "telegram",
      isConnected: true,
      lastError: undefined,
    });
  });

  test("a flood limit (429) is waited out and what was to be said is said", async () => {
    const opened = await open();
    const fault = opened.telegram.fault.flood429(1, { polls: true });
    opened.desk.ask("c4f2-1");
    await fault.over;
    expect(textOf(await opened.telegram.wait(sent))).toContain("Close BTCUSDT long?");
    await answers(opened);
  });

  test("a connection that hangs is given up and rebuilt", async () => {
    const opened = await open({ tuning: { telegram: { staleMs: 1_300 } } });
    const fault = opened.telegram.fault.hang(1_500);
    await fault.over;
    await answers(opened);
    expect(opened.log.filter((line) => line.startsWith("error"))).toEqual([]);
  });

  test("after an outage nothing old is executed, and commands work again", async () => {
    const opened = await open();
    const fault = opened.telegram.fault.down(300);
    opened.telegram.say(ann, ann, "/panic", { date: Math.floor(Date.now() / 1_000) - 60 });
    await until(() => opened.chat.health()[1]?.isConnected === false, "the outage is noticed");
    await fault.over;
    const refusal = await opened.telegram.wait(sent, 8_000);
    expect(textOf(refusal)).toContain("nothing was done");
    await answers(opened);
    expect(opened.desk.calls).toEqual([]);
  });

  test("a wrong token is one clear sentence, again and again, and never in the log", async () => {
    const wrong = "7000000001:AAwrong-marker";
    world = await openWorld({ discord: false, telegramToken: wrong });
    const { chat, log } = world;
    await until(() => chat.health()[1]?.lastError !== undefined, "the refusal is noticed");
    expect(chat.health()[1]?.lastError).toBe(
      "Telegram refuses the token: put the one that BotFather gave into the settings.",
    );
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(log.filter((line) => line.includes("refuses the token"))).toHaveLength(1);
    expect(log.join("\n")).not.toContain("AAwrong-marker");
  });

  test("an outage leaves no token in the log", async () => {
    const opened = await open();
    await opened.telegram.close();
    await until(() => opened.chat.health()[1]?.lastError !== undefined, "the outage is noticed");
    opened.chat.alert({
      type: "alert",
      key: "k",
      level: "critical",
      title: "Liquidated",
      lines: ["10 lots"],
    });
    await until(() => opened.log.some((line) => line.includes("is put off")), "a send fails");
    expect(opened.log.join("\n")).not.toContain("AAsecret");
    expect(JSON.stringify(opened.chat.health())).not.toContain("AAsecret");
  });
});
