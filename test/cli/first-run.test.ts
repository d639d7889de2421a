import { readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { OneTimeCode } from "../../src/chat/first-run/code.ts";
import { type Ears, FirstRun } from "../../src/chat/first-run/first-run.ts";
import { init } from "../../src/cli/init.ts";
import { systemClock } from "../../src/cli/system-clock.ts";
import { loadSettings } from "../../src/settings/load.ts";
import { ManualClock } from "../chat/desk.ts";
import {
  ann,
  annOnDiscord,
  CHANNEL,
  eve,
  eveOnDiscord,
  GROUP,
  OTHER_CHANNEL,
  TELEGRAM_TOKEN,
  until,
} from "../chat/platforms.ts";
import { createDiscord, type Discord, type DiscordOptions } from "../emulators/discord/discord.ts";
import { Refusal } from "../emulators/telegram/refusal.ts";
import { createTelegram, type Telegram } from "../emulators/telegram/telegram.ts";
import { ownFolder } from "./settings.ts";

const DISCORD_TOKEN = "secret.discord.marker-0123456789";
const GUILD = "200000000000000001";
const CODE = /[0-9A-Z]{4}(?:-[0-9A-Z]{4}){2}/;
const ASKS_TELEGRAM = "Token of the Telegram bot?";
const ASKS_DISCORD = "Token of the Discord bot?";

let folder: ReturnType<typeof ownFolder>;
beforeEach(() => {
  folder = ownFolder();
});
afterEach(() => folder.gone());

/** Somebody at the terminal of `perpdesk init`: Enter to all that is not said here, and patience while it waits. */
function sitDown(
  answers: Readonly<Record<string, readonly string[]>>,
  apis: { readonly telegram?: string; readonly discord?: string },
  env: Readonly<Record<string, string>> = {},
  args: readonly string[] = [],
) {
  const asked: string[] = [];
  const given = Object.entries(answers).map(([words, own]) => ({ words, left: [...own] }));
  const heard: string[] = [];
  let skip = (_: string): void => undefined;
  const terminal = () => ({
    say: (text: string) => void heard.push(text),
    ask: (question: string): Promise<string | undefined> => {
      if (question.startsWith("Waiting for it"))
        return new Promise((resolve) => {
          skip = resolve;
        });
      asked.push(question);
      return Promise.resolve(given.find(({ words }) => question.startsWith(words))?.left.shift() ?? "");
    },
    close: () => undefined,
  });
  const done = init(args, {
    cwd: folder.path,
    terminal,
    say: (text) => void heard.push(text),
    env,
    clock: systemClock,
    apis,
  });
  return {
    heard,
    asked,
    done,
    type: (text: string) => skip(text),
    reads: (text: string) =>
      until(() => heard.some((line) => line.includes(text)), `the terminal says ${text}`),
    code: async (): Promise<string> => {
      await until(() => heard.some((line) => CODE.test(line)), "a code is shown");
      return CODE.exec(heard.findLast((line) => CODE.test(line)) ?? "")?.[0] ?? "";
    },
  };
}

/** What the desk makes of the file, with the tokens of `.env`. */
function loaded() {
  const own = loadSettings({ configFile: "my.yaml", cwd: folder.path, env: {} });
  if (!own.ok) throw new Error(own.problems.join("\n"));
  return own.settings.chat;
}

const envText = (): string => readFileSync(join(folder.path, ".env"), "utf8");

describe("a first run on Telegram", () => {
  let telegram: Telegram;
  beforeEach(async () => {
    telegram = await createTelegram({
      token: TELEGRAM_TOKEN,
      users: [ann, eve],
      chats: [{ id: GROUP, title: "desk" }],
      flood: "off",
    });
    onTestFinished(() => telegram.close());
  });
  const begin = (tokens: readonly string[] = [TELEGRAM_TOKEN], env: Readonly<Record<string, string>> = {}) =>
    sitDown(
      { "Set up a chat now": ["telegram"], [ASKS_TELEGRAM]: tokens },
      { telegram: telegram.apiRoot },
      env,
    );
  /** All that the bot has said in a chat. */
  const said = (chat: number): string[] =>
    telegram
      .messages(chat)
      .filter((message) => message.from?.id === telegram.bot.id)
      .map((message) => ("text" in message ? message.text : ""));

  test("whoever sends the code is the admin, where they write /here alerts come, and nobody else gets an answer", async () => {
    writeFileSync(join(folder.path, ".env"), "# mine\nTELEGRAM_BOT_TOKEN=\nREDIS_URL=redis://x\n", {
      mode: 0o644,
    });
    const { heard, done, code, reads } = begin();
    const shown = await code();
    expect(heard).toContain("The token is right: the bot is @perpdesk_bot.");
    telegram.say(eve, eve, "/start AAAA-BBBB-CCCC");
    telegram.say(eve, GROUP, "/here@perpdesk_bot");
    telegram.say(ann, GROUP, `/start ${shown}`);
    telegram.say(ann, ann, shown, { forwarded: true });
    telegram.say(ann, ann, `/start ${shown.toLowerCase()}`);
    await reads("You are Ann (501).");
    await until(() => said(ann.id).length === 1, "ann is asked for the place");
    expect(said(ann.id)[0]).toContain(
      "You are the admin of this desk. Where should alerts and cards come? Write /here to the bot for your private chat with it; or add it to a group and write /here@perpdesk_bot there.",
    );
    telegram.say(eve, eve, `/start ${shown}`);
    telegram.say(eve, GROUP, "/here@perpdesk_bot");
    telegram.say(ann, GROUP, "/here@another_bot");
    telegram.say(ann, GROUP, "/here@perpdesk_bot");
    expect(await done).toBe(0);
    expect(heard).toContain('A test message stands in "desk".');
    expect(said(GROUP).map((text) => text.split("\n")[0])).toEqual([
      "\u2705 This is a test message of your desk",
      "perpdesk",
    ]);
    expect(said(eve.id)).toEqual([]);
    expect(loaded()).toMatchObject({
      people: [{ name: "operator", role: "admin", telegramId: "501", discordId: undefined }],
      terminal: { person: "operator" },
      telegram: { token: TELEGRAM_TOKEN, chats: [{ id: "-42", alerts: true, accountData: false }] },
      discord: undefined,
    });
    expect(readFileSync(join(folder.path, "my.yaml"), "utf8")).not.toContain("secret");
    expect(envText()).toBe(`# mine\nTELEGRAM_BOT_TOKEN=${TELEGRAM_TOKEN}\nREDIS_URL=redis://x\n`);
    expect(statSync(join(folder.path, ".env")).mode & 0o777).toBe(0o600);
    expect(heard.join("\n")).not.toContain("secret");
    expect(telegram.updates.pending).toEqual([]);
  });

  test("a private chat serves as well; a token that is in .env is offered and not written again", async () => {
    const { done, code } = begin([""], { TELEGRAM_BOT_TOKEN: TELEGRAM_TOKEN });
    telegram.say(ann, ann, await code());
    telegram.say(ann, ann, "/here");
    expect(await done).toBe(0);
    expect(() => envText()).toThrow("ENOENT");
    expect(readFileSync(join(folder.path, "my.yaml"), "utf8")).toMatch(/token: \$\{TELEGRAM_BOT_TOKEN\}/);
    expect(said(ann.id).some((text) => text.includes("test message of your desk"))).toBe(true);
  });

  test("--chat asks for nothing else, and writes nothing where no chat came of it", async () => {
    const only = sitDown(
      { "Set up a chat now": ["telegram"], [ASKS_TELEGRAM]: [TELEGRAM_TOKEN] },
      { telegram: telegram.apiRoot },
      {},
      ["--chat", "--out", "my.yaml"],
    );
    telegram.say(ann, ann, await only.code());
    telegram.say(ann, ann, "/here");
    expect(await only.done).toBe(0);
    expect(only.asked.map((question) => question.split("?")[0])).toEqual([
      "Set up a chat now (telegram, discord, both, none)",
      "What are you called on cards and in the ledger",
      "Token of the Telegram bot",
    ]);
    expect(loaded().telegram?.chats).toEqual([
      { id: "501", topic: undefined, alerts: true, accountData: false },
    ]);
    expect(only.heard.join("\n")).toContain("perpdesk -- totp operator --config my.yaml");
    const none = sitDown({}, {}, {}, ["--chat"]);
    await expect(none.done).rejects.toThrow("No chat was set up: nothing was written.");
    await expect(sitDown({}, {}, {}, ["--chat", "--yes"]).done).rejects.toThrow(
      "--chat asks at a terminal: give it without --yes and --answers.",
    );
  });

  test("skip leaves the chat out, and the settings are written without it", async () => {
    const { done, code, type, heard } = begin();
    await code();
    type("skip");
    expect(await done).toBe(0);
    expect(loaded().telegram).toBeUndefined();
    expect(() => envText()).toThrow("ENOENT");
    expect(heard.join("\n")).toContain("my.yaml is written.");
  });

  test("a wrong token is told in one sentence and asked for again", async () => {
    const { heard, code, type, done } = begin(["hello", "7000000001:wrong-one", TELEGRAM_TOKEN]);
    await code();
    expect(heard).toContain("That is no bot token: @BotFather's look like 123456789:AA..., copy all of it.");
    expect(heard).toContain("Telegram does not know this token: copy all of it from @BotFather once more.");
    type("skip");
    await done;
  });

  test("two bots on one token: one sentence, and it goes on when the other one is stopped", async () => {
    const fault = telegram.fault.conflict409(Number.POSITIVE_INFINITY);
    const { code, reads, type, done } = begin();
    await code();
    await reads(
      "Another program reads with the same Telegram token: stop it (a desk that runs?), or make a bot of its own with @BotFather for this one.",
    );
    await fault.end();
    await reads("That is mended; it goes on.");
    type("skip");
    await done;
  });

  test.each([
    [
      "may not write there",
      new Refusal(400, "Bad Request: not enough rights to send text messages to the chat"),
      'The bot may not write in "desk": make it an administrator of the group, or let members write, and write /here@perpdesk_bot there again.',
    ],
    [
      "was taken out of the group",
      new Refusal(403, "Forbidden: bot was kicked from the group chat"),
      'The bot is not in "desk" any more: add it again and write /here@perpdesk_bot there.',
    ],
  ])("a bot that %s is told in one sentence, and the next /here counts", async (_, refusal, sentence) => {
    const { code, reads, done } = begin();
    telegram.say(ann, ann, await code());
    await reads("You are Ann");
    const room = telegram.rooms.find(GROUP);
    if (room === undefined) throw new Error("there is no group");
    telegram.say(ann, GROUP, "/here@perpdesk_bot");
    room.shut = refusal;
    await reads(sentence);
    room.shut = undefined;
    telegram.say(ann, GROUP, "/here@perpdesk_bot");
    expect(await done).toBe(0);
  });
});

describe("a first run on Discord", () => {
  const channels: DiscordOptions["channels"] = [
    { id: CHANNEL, name: "alerts", guild: GUILD },
    { id: OTHER_CHANNEL, name: "hidden", guild: GUILD, access: "none" },
    { id: "300000000000000003", name: "news", guild: GUILD, access: "read" },
  ];
  const open = async (guild: Partial<DiscordOptions["guilds"][number]> = {}): Promise<Discord> => {
    const discord = await createDiscord({
      token: DISCORD_TOKEN,
      users: [annOnDiscord, eveOnDiscord],
      guilds: [{ id: GUILD, name: "desk", ...guild }],
      channels,
      rates: "off",
    });
    onTestFinished(() => discord.close());
    return discord;
  };
  const begin = (discord: Discord, tokens: readonly string[] = [DISCORD_TOKEN]) =>
    sitDown(
      { "Set up a chat now": ["discord"], "What are you called": ["ann"], [ASKS_DISCORD]: tokens },
      { discord: discord.api },
    );
  const isListening = (discord: Discord) =>
    until(
      () => discord.calls.some(({ route, status }) => route.startsWith("PUT") && status < 300),
      "it listens",
    );

  test("whoever runs /iam with the code is the admin, where they run /here alerts come, and nobody else gets an answer", async () => {
    const discord = await open();
    const { heard, done, code, reads } = begin(discord);
    const shown = await code();
    await isListening(discord);
    const silent = [
      discord.slash(eveOnDiscord, CHANNEL, "iam", { code: "AAAA-BBBB-CCCC" }),
      discord.slash(eveOnDiscord, CHANNEL, "here"),
      discord.slash(annOnDiscord, CHANNEL, "here"),
    ];
    const told = await discord.slash(annOnDiscord, CHANNEL, "iam", { code: shown }).replied();
    expect(JSON.stringify(told)).toContain(
      "You are the admin of this desk. Where should alerts and cards come?",
    );
    expect((told.flags ?? 0) & 64).toBe(64);
    silent.push(
      discord.slash(eveOnDiscord, CHANNEL, "iam", { code: shown }),
      discord.slash(eveOnDiscord, CHANNEL, "here"),
    );
    await discord.slash(annOnDiscord, OTHER_CHANNEL, "here").replied();
    await reads("The bot can't see that channel: give it View Channel there, and run /here again.");
    await discord.slash(annOnDiscord, "300000000000000003", "here").replied();
    await reads(
      "The bot may not write in #news: give it Send Messages and Embed Links there, and run /here again.",
    );
    discord.slash(annOnDiscord, CHANNEL, "here");
    expect(await done).toBe(0);
    expect(silent.map(({ answer }) => answer)).toEqual(silent.map(() => undefined));
    expect(heard).toContain("A test message stands in #alerts.");
    const posted = discord.calls.filter(
      ({ route, status }) => route.startsWith("POST /channels") && status < 300,
    );
    expect(posted.map(({ message }) => [message?.channel_id, message?.embeds[0]?.title])).toEqual([
      [CHANNEL, "This is a test message of your desk"],
    ]);
    expect(loaded()).toMatchObject({
      people: [{ name: "ann", role: "admin", telegramId: undefined, discordId: annOnDiscord.id }],
      terminal: { person: "ann" },
      telegram: undefined,
      discord: { token: DISCORD_TOKEN, guild: GUILD, channels: [{ id: CHANNEL, alerts: true }] },
    });
    expect(envText()).toBe(`DISCORD_BOT_TOKEN=${DISCORD_TOKEN}\n`);
    expect(discord.commands.list(GUILD)).toEqual([]);
  });

  test("a wrong token, and a bot that nobody can add, are told in one sentence and asked about again", async () => {
    const discord = await open();
    discord.directory.needsCodeGrant = true;
    const { heard, reads, done } = begin(discord, ["hello", "wrong.token.here", DISCORD_TOKEN, "none"]);
    await reads(
      "Nobody can add this bot to a server: switch Requires OAuth2 Code Grant off in the developer portal, under Bot.",
    );
    expect(heard).toContain(
      "That is no bot token: it has three parts with points between them, copy all of it.",
    );
    expect(heard).toContain(
      "Discord does not know this token: make a new one in the developer portal, under Bot, with Reset Token.",
    );
    expect(await done).toBe(0);
    expect(loaded().discord).toBeUndefined();
  });

  const INVITE =
    "open https://discord.com/oauth2/authorize?client_id=100000000000000001&scope=bot+applications.commands&permissions=84992 and add it; it goes on by itself then.";

  test("a bot that is in no server says how it is added, and goes on when it is", async () => {
    const discord = await open({ hasBot: false });
    const { reads, type, done } = begin(discord);
    await reads(`The bot is in no server yet: ${INVITE}`);
    discord.join({ id: GUILD, name: "desk" });
    await reads("That is mended; it goes on.");
    type("skip");
    await done;
  });

  test("a bot that was added without the scope for commands says how it is added with it", async () => {
    const discord = await open({ takesCommands: false });
    const { reads, type, done } = begin(discord);
    await reads(`The bot may have no commands on your server: ${INVITE}`);
    type("skip");
    await done;
  });

  test("no privileged intent is asked for, and a gateway that refuses the intents is one sentence", async () => {
    const discord = await open();
    const { reads, type, done } = begin(discord);
    await isListening(discord);
    expect(discord.gateway.counts.identified).toBe(1);
    discord.gateway.drop(4014);
    await reads(
      "Discord refuses what the bot wants to hear: it needs the intent Guilds alone, so update perpdesk.",
    );
    type("skip");
    await done;
  });

  test("two bots on one token: what another program answered first is one sentence", async () => {
    const discord = await open();
    const { reads, code, type, done } = begin(discord);
    const shown = await code();
    await isListening(discord);
    discord.slash(annOnDiscord, CHANNEL, "iam", { code: shown }).takenByAnother();
    await reads(
      "Another program answers with the same Discord token: stop it (a desk that runs?), or make a bot of its own in the developer portal for this one.",
    );
    type("skip");
    await done;
  });
});

describe("the code", () => {
  test("works once, for ten minutes by either clock; who guesses is not heard any more, others are", () => {
    const clock = new ManualClock();
    const code = new OneTimeCode(clock);
    for (let tries = 0; tries < 20; tries += 1) expect(code.take(`AAAA-AAAA-AA${tries}`, "666")).toBe(false);
    expect(code.take(code.text, "666")).toBe(false);
    expect(code.take("", "501")).toBe(false);
    expect(code.take(` ${code.text.toLowerCase()} `, "501")).toBe(true);
    expect([code.isOver, code.take(code.text, "501")]).toEqual([true, false]);
    expect(new Set(Array.from({ length: 100 }, () => new OneTimeCode(clock).text)).size).toBe(100);
  });

  test("that is over is followed by another one; after it was used no further one is shown", async () => {
    const clock = new ManualClock();
    const said: string[] = [];
    let ears: Ears | undefined;
    const bot = {
      name: "bot",
      placeHint: "Where?",
      lateHint: "Nothing has come.",
      codeHint: (code: string) => code,
      listen: (own: Ears) => {
        ears = own;
      },
      test: async () => undefined,
      close: async () => undefined,
    };
    const run = new FirstRun({ bot, clock, say: (text) => said.push(text), log: () => undefined });
    run.start();
    const [first = ""] = said;
    await clock.pass(600_000);
    expect(said.slice(1)).toEqual([
      "Nothing has come.",
      "That code holds no more. Here is another one.",
      expect.stringMatching(CODE),
    ]);
    const place = { id: "501", name: "there", isPrivate: true };
    const sent = (text: string) =>
      ears?.heard({
        account: "501",
        name: "Ann",
        text,
        isHidden: true,
        place,
        answer: async () => undefined,
      });
    sent(first);
    sent(said[3] ?? "");
    await clock.pass(1_200_000);
    expect(said.slice(4)).toEqual(["You are Ann (501).", "Where?", "Nothing has come."]);
    sent("/here");
    expect(await run.found).toEqual({ account: "501", place });
  });
});
