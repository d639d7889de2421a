import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { probeDiscord, probeTelegram } from "../../src/chat/probe.ts";
import { createDiscord, type Discord } from "../emulators/discord/discord.ts";
import { createTelegram, type Telegram } from "../emulators/telegram/telegram.ts";

const TOKEN = "7000000001:AAmarker-of-telegram_0123456789abcdef";
const SECRET = "marker-of-discord.0123456789.abcdef";
const GUILD = "200000000000000001";
const CHANNEL = "300000000000000001";
const ELSEWHERE = "300000000000000002";

let telegram: Telegram;
let discord: Discord;
beforeAll(async () => {
  telegram = await createTelegram({ token: TOKEN, users: [], chats: [{ id: -42, title: "desk" }] });
  discord = await createDiscord({
    token: SECRET,
    users: [],
    guilds: [
      { id: GUILD, name: "desk" },
      { id: "200000000000000002", name: "other" },
    ],
    channels: [
      { id: CHANNEL, name: "desk", guild: GUILD },
      { id: ELSEWHERE, name: "other", guild: "200000000000000002" },
    ],
  });
});
afterAll(() => Promise.all([telegram.close(), discord.close()]));

const chats = (...ids: readonly number[]) => ids.map((id) => ({ id, alerts: true }));

describe("probing Telegram", () => {
  test("names the bot and the chats that it reaches, and those that it does not", async () => {
    const found = await probeTelegram({
      token: TOKEN,
      apiRoot: telegram.apiRoot,
      chats: chats(-42, -43, 501),
    });
    expect(found.map(({ isOk }) => isOk)).toEqual([true, true, false, false]);
    expect(found[0]?.text).toMatch(/^the bot is @\w+\.$/);
    expect(found[1]?.text).toBe("the bot is in chat -42.");
    expect(found[2]?.text).toMatch(/^the bot can't reach chat -43 \(.+\): add the bot to that group\.$/);
    expect(found[3]?.text).toMatch(/^the bot can't reach chat 501 \(.+\): write \/start to the bot first\.$/);
    expect(telegram.journal.entries.every(({ method }) => ["getMe", "getChat"].includes(method))).toBe(true);
  });

  test("tells a wrong token from a network that is away, and repeats no token", async () => {
    const wrong = "7000000001:AAwrong_0123456789abcdefghijklmnop";
    expect(await probeTelegram({ token: wrong, apiRoot: telegram.apiRoot, chats: [] })).toEqual([
      {
        isOk: false,
        text: "Telegram does not know the token: copy it from @BotFather into .env once more.",
      },
    ]);
    const [away] = await probeTelegram({ token: TOKEN, apiRoot: "http://127.0.0.1:1", chats: [] });
    expect(away?.text).toMatch(/^Telegram does not answer \(.+\): check the network of this machine\.$/);
    expect(away?.text).not.toContain("AAmarker");
  });
});

describe("probing Discord", () => {
  const settings = (channels: readonly string[], change: object = {}) => ({
    token: SECRET,
    guild: GUILD,
    apiBase: discord.api,
    channels: channels.map((id) => ({ id, alerts: true })),
    ...change,
  });

  test("names the bot, its guild and the channels that it sees, and those that it does not", async () => {
    const found = await probeDiscord(settings([CHANNEL, ELSEWHERE, "300000000000000009"]));
    expect(found.map(({ isOk }) => isOk)).toEqual([true, true, true, false, false]);
    expect(found[1]?.text).toBe(`it is in guild ${GUILD}.`);
    expect(found[2]?.text).toBe(`it sees channel ${CHANNEL}.`);
    expect(found[3]?.text).toBe(`channel ${ELSEWHERE} is in another guild: name a channel of ${GUILD}.`);
    expect(found[4]?.text).toMatch(/^the bot can't see channel 300000000000000009 \(.+\): let it view/);
  });

  test("tells a wrong token, a guild without the bot and a network that is away", async () => {
    expect(
      (await probeDiscord(settings([], { token: "wrong.of-discord.0123" }))).map(({ text }) => text),
    ).toEqual(["Discord does not know the token: copy it from the developer portal into .env once more."]);
    const [, stranger] = await probeDiscord(settings([], { guild: "200000000000000009" }));
    expect(stranger?.text).toMatch(/^the bot is not in guild 200000000000000009 \(.+\): invite it there\.$/);
    const [away] = await probeDiscord(settings([], { apiBase: "http://127.0.0.1:1/api" }));
    expect(away?.text).toMatch(/^Discord does not answer \(.+\): check the network of this machine\.$/);
    expect(away?.text).not.toContain("marker");
  });
});
