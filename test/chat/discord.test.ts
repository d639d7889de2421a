import type { APIEmbed, APIMessage } from "discord.js";
import { afterEach, describe, expect, test } from "vitest";
import {
  annOnDiscord,
  bobOnDiscord,
  CHANNEL,
  eveOnDiscord,
  OTHER_CHANNEL,
  openWorld,
  until,
  type World,
  type WorldOptions,
} from "./platforms.ts";

const EPHEMERAL = 64;
const GUILD = "200000000000000001";
const THREAD = "300000000000000011";
const OTHER_THREAD = "300000000000000012";
const THREADED = [
  { id: CHANNEL, name: "desk", guild: GUILD },
  { id: OTHER_CHANNEL, name: "lounge", guild: GUILD },
  { id: THREAD, name: "today", guild: GUILD, parent: CHANNEL },
  { id: OTHER_THREAD, name: "chat", guild: GUILD, parent: OTHER_CHANNEL },
];
const SILENT = 4096;

let world: World | undefined;
afterEach(async () => {
  await world?.close();
  world = undefined;
});

async function open(options: WorldOptions = {}): Promise<World> {
  world = await openWorld({ telegram: false, ...options });
  const opened = world;
  await until(
    () => opened.discord.calls.some(({ route, status }) => route.startsWith("PUT") && status < 300),
    "Discord listens",
  );
  return opened;
}

const posted = ({ route, status }: { route: string; status: number }): boolean =>
  route === "POST /channels/:channel/messages" && status < 300;
const patched = ({ route, status }: { route: string; status: number }): boolean =>
  route === "PATCH /channels/:channel/messages/:message" && status < 300;

/** All that is read in a message, without escapes. */
function read(message: APIMessage | undefined): string {
  const text = (embed: APIEmbed): string =>
    [
      embed.title,
      embed.description,
      ...(embed.fields ?? []).map(({ name, value }) => `${name}: ${value}`),
      embed.footer?.text,
    ]
      .filter((part) => part !== undefined)
      .join("\n");
  return (message?.embeds ?? []).map(text).join("\n").replaceAll("\\", "");
}

const flagsOf = (message: APIMessage | undefined): number => message?.flags ?? 0;

describe("commands", () => {
  test("the guild gets the whole registry with options and autocomplete", async () => {
    const { discord } = await open();
    const put = discord.calls.find(({ route }) => route.startsWith("PUT"));
    const body = put?.body as { name: string; options: { name: string; autocomplete: boolean }[] }[];
    expect(body.map((each) => each.name)).toContain("panic");
    const close = body.find((each) => each.name === "close");
    expect(close?.options.map((each) => `${each.name} ${each.autocomplete}`)).toEqual([
      "symbol true",
      "side true",
      "part true",
      "foreign true",
      "amount false",
    ]);
    const typed = discord.autocomplete(annOnDiscord, CHANNEL, "close", "symbol", { symbol: "eth" });
    await typed.answered();
    expect(typed.choices).toEqual([{ name: "ETHUSDT", value: "ETHUSDT" }]);
  });

  test("what names money is for the caller's eyes, the rest for all; both are acknowledged at once", async () => {
    const { discord } = await open();
    const balance = discord.slash(annOnDiscord, CHANNEL, "balance");
    expect((await balance.answered()).answer).toBe(5);
    const hidden = await balance.replied();
    expect(read(hidden)).toContain("Wallet: 10,000.00 USDT");
    expect(flagsOf(hidden) & EPHEMERAL).toBe(EPHEMERAL);
    const shown = await discord.slash(annOnDiscord, CHANNEL, "pause").replied();
    expect(read(shown)).toContain("No engine enters any more.");
    expect(flagsOf(shown) & EPHEMERAL).toBe(0);
  });

  test("refusals are for the caller's eyes, also when they turn out late", async () => {
    const { discord, desk } = await open();
    const role = await discord.slash(bobOnDiscord, CHANNEL, "panic").replied();
    expect(read(role)).toContain("/panic needs the role trader; you are viewer.");
    expect(flagsOf(role) & EPHEMERAL).toBe(EPHEMERAL);
    const late = discord.slash(annOnDiscord, CHANNEL, "close", { part: "150%" });
    await until(() => late.followUps.length === 1, "the refusal comes");
    expect(read(late.followUps[0])).toContain('part "150%" is more than 100%');
    expect(flagsOf(late.followUps[0]) & EPHEMERAL).toBe(EPHEMERAL);
    expect(desk.calls).toEqual([]);
  });

  test("a grid comes with its picture, for the caller's eyes, and Refresh draws it anew", async () => {
    const { discord } = await open();
    const grid = discord.slash(annOnDiscord, CHANNEL, "grid", { grid: "grid1" });
    const message = await grid.replied();
    expect(read(message)).toContain("grid1: buy BTCUSDT");
    expect(flagsOf(message) & EPHEMERAL).toBe(EPHEMERAL);
    const pictures = (): unknown[] =>
      (grid.reply?.attachments ?? []).map(({ filename, id }) => [filename, id]);
    const [first] = pictures();
    expect(first).toEqual(["perpdesk.png", expect.any(String)]);
    await discord.press(annOnDiscord, message, "v1:x:grid grid1").answered();
    await until(() => JSON.stringify(pictures()) !== JSON.stringify([first]), "the picture is another one");
    expect(pictures()).toHaveLength(1);
  });

  test("a thread counts as its channel: one of a configured channel is listened to, another is not", async () => {
    const { discord, ledger } = await open({ discord: { channels: THREADED } });
    expect(read(await discord.slash(annOnDiscord, THREAD, "version").replied())).toContain("perpdesk 0.1.0");
    discord.slash(annOnDiscord, OTHER_THREAD, "version");
    await until(() => ledger.some(({ kind }) => kind === "refusal"), "the other one is refused");
    expect(ledger.find(({ kind }) => kind === "refusal")).toMatchObject({ reason: "unknown" });
  });

  test("a Refresh button draws its own message anew", async () => {
    const { discord, desk } = await open();
    const status = discord.slash(annOnDiscord, CHANNEL, "health");
    const message = await status.replied();
    desk.view = {
      ...desk.view,
      health: { ...desk.view.health, isHealthy: false, problems: ["Redis is away"] },
    };
    const press = discord.press(annOnDiscord, message, "v1:x:health");
    expect((await press.answered()).answer).toBe(6);
    await until(() => read(status.reply).includes("Redis is away"), "the message changes");
  });

  test("a handler that throws is answered, and the next command works", async () => {
    const { discord, desk } = await open();
    desk.fault = new Error("boom");
    const failed = await discord.slash(annOnDiscord, CHANNEL, "status").replied();
    expect(read(failed)).toContain("/status failed inside perpdesk");
    desk.fault = undefined;
    expect(read(await discord.slash(annOnDiscord, CHANNEL, "version").replied())).toContain("perpdesk 0.1.0");
  });
});

describe("what comes late", () => {
  test("is not done, and is noted: people were told that nothing came of it", async () => {
    const { discord, desk, ledger } = await open();
    const token = desk.ask("c4f2-1");
    const card = (await discord.wait(posted)).message as APIMessage;
    const deeds = [
      discord.press(annOnDiscord, card, `v1:a:${token}`),
      discord.press(annOnDiscord, card, "v1:x:health"),
      discord.slash(annOnDiscord, CHANNEL, "panic"),
    ];
    for (const deed of deeds) deed.age(3_500);
    await until(() => ledger.length >= 3, "all are noted");
    expect(ledger).toEqual(
      deeds.map(() => ({ kind: "refusal", actor: "alice", reason: "late", platform: "discord" })),
    );
    expect(desk.calls).toEqual([]);
    await discord.press(annOnDiscord, card, `v1:a:${token}`).answered();
    await until(() => desk.calls.length === 1, "one in time is done");
  });
});

describe("nobody else", () => {
  test("strangers and other channels get silence; a stranger's tap on a card gets a polite no", async () => {
    const { discord, desk, ledger } = await open();
    const stranger = discord.slash(eveOnDiscord, CHANNEL, "version");
    const elsewhere = discord.slash(annOnDiscord, OTHER_CHANNEL, "version");
    const token = desk.ask("c4f2-1");
    const card = (await discord.wait(posted)).message as APIMessage;
    const tap = discord.press(eveOnDiscord, card, `v1:a:${token}`);
    expect(read(await tap.replied())).toContain("This desk doesn't know you. Nothing was done.");
    expect(flagsOf(tap.reply) & EPHEMERAL).toBe(EPHEMERAL);
    expect(stranger.answer).toBeUndefined();
    expect(elsewhere.answer).toBeUndefined();
    expect(desk.calls).toEqual([]);
    expect(ledger.map((line) => `${line["actor"]} ${line["what"]}`)).toEqual(
      [
        `discord:${eveOnDiscord.id} a command`,
        `discord:${annOnDiscord.id} a command`,
        `discord:${eveOnDiscord.id} a tap`,
      ].filter((_, at) => at !== 2),
    );
  });

  test("a guild that is not configured is left", async () => {
    const { discord } = await open();
    discord.join({ id: "200000000000000009", name: "elsewhere" });
    const left = await discord.wait(({ route }) => route.startsWith("DELETE /users/@me/guilds"));
    expect(left.params["guild"]).toBe("200000000000000009");
  });
});

describe("messages", () => {
  test("are sent once, without mentions, silent unless they must be heard", async () => {
    const { discord, chat } = await open();
    chat.alert({
      type: "alert",
      key: "a",
      level: "notice",
      title: "@everyone",
      lines: ["<@400000000000000001> *x*"],
    });
    const quiet = await discord.wait(posted);
    const body = quiet.body as Record<string, unknown>;
    expect(body["allowed_mentions"]).toEqual({ parse: [], replied_user: false });
    expect(body["enforce_nonce"]).toBe(true);
    expect(flagsOf(quiet.message) & SILENT).toBe(SILENT);
    expect(quiet.message?.mentions).toEqual([]);
    chat.alert({ type: "alert", key: "b", level: "high", title: "Near liquidation", lines: ["9% away"] });
    const loud = await discord.wait(posted);
    expect(flagsOf(loud.message) & SILENT).toBe(0);
  });

  test("a lost answer does not show a message twice", async () => {
    const { discord, chat } = await open();
    const fault = discord.fault.lost(500);
    chat.alert({ type: "alert", key: "b", level: "critical", title: "Liquidated", lines: ["10 lots"] });
    await fault.over;
    await until(() => discord.calls.filter(posted).length >= 2, "it is sent again");
    await new Promise((resolve) => setTimeout(resolve, 50));
    const ids = new Set(discord.calls.filter(posted).map((call) => call.message?.id));
    expect(ids.size).toBe(1);
  });

  test("a flood limit is waited out", async () => {
    const { discord, chat, log } = await open();
    const fault = discord.fault.rate429(0.3);
    chat.alert({ type: "alert", key: "b", level: "high", title: "Near liquidation", lines: ["9% away"] });
    await fault.over;
    expect(read((await discord.wait(posted)).message)).toContain("HIGH: Near liquidation");
    expect(log.filter((line) => line.startsWith("error"))).toEqual([]);
  });

  test("a card whose message was deleted is shown again when it matters", async () => {
    const { discord, desk } = await open();
    const token = desk.ask("c4f2-1");
    const card = (await discord.wait(posted)).message as APIMessage;
    discord.messages.remove(card);
    await desk.decide(token, "approve", { person: "alice", role: "admin", platform: "terminal" });
    expect(read((await discord.wait(posted)).message)).toContain("Approved by alice on the terminal");
    expect(discord.calls.filter(patched)).toEqual([]);
  });
});

describe("trouble", () => {
  test("after an outage commands work again and what waited is written", async () => {
    const { discord, chat, log } = await open();
    const fault = discord.fault.down(300);
    chat.alert({ type: "alert", key: "b", level: "critical", title: "Liquidated", lines: ["10 lots"] });
    await fault.over;
    expect(read((await discord.wait(posted)).message)).toContain("CRITICAL: Liquidated");
    await until(() => chat.health()[1]?.isConnected === true, "it is connected again", 10_000);
    expect(read(await discord.slash(annOnDiscord, CHANNEL, "version").replied())).toContain("perpdesk");
    expect(log.join("\n")).not.toContain("secret.discord");
  });

  test("while Discord hangs nothing is lost, and afterwards commands work", async () => {
    const { discord, chat, log } = await open();
    const fault = discord.fault.hang(700);
    chat.alert({ type: "alert", key: "b", level: "critical", title: "Liquidated", lines: ["10 lots"] });
    await fault.over;
    expect(read((await discord.wait(posted)).message)).toContain("CRITICAL: Liquidated");
    await until(() => chat.health()[1]?.isConnected === true, "it is connected", 10_000);
    expect(read(await discord.slash(annOnDiscord, CHANNEL, "version").replied())).toContain("perpdesk");
    expect(discord.calls.filter(posted)).toHaveLength(1);
    expect(log.filter((line) => line.startsWith("error"))).toEqual([]);
  });

  test("a wrong token is one clear sentence and tried again; the rest goes on", async () => {
    world = await openWorld({ telegram: false, discordToken: "wrong.token.marker" });
    const { chat, log, printed } = world;
    await until(() => chat.health()[1]?.lastError !== undefined, "the refusal is noticed");
    expect(chat.health()[1]).toEqual({
      platform: "discord",
      isConnected: false,
      lastError: "Discord refuses the token: put the one from the developer portal into the settings.",
      messagesSent: 0,
    });
    chat.alert({ type: "alert", key: "b", level: "high", title: "Near liquidation", lines: ["9% away"] });
    expect(printed()).toContain("HIGH: Near liquidation");
    expect(log.filter((line) => line.includes("refuses the token"))).toHaveLength(1);
    expect(log.join("\n")).not.toContain("wrong.token");
  });
});
