import type { APIMessage } from "discord.js";
import { Secret, TOTP } from "otpauth";
import { afterEach, describe, expect, test } from "vitest";
import { commands } from "../../commands/index.ts";
import type { RosterRules } from "../../src/core/roster.ts";
import type { TelegramCall } from "../emulators/telegram/telegram.ts";
import {
  ann,
  annOnDiscord,
  CHANNEL,
  eve,
  eveOnDiscord,
  GROUP,
  OTHER_CHANNEL,
  openWorld,
  textsIn,
  until,
  type World,
  type WorldOptions,
} from "./platforms.ts";
import { machine, WholeDesk } from "./whole-desk.ts";

/** Each line of DESIGN.md, section 7, that is about chat, by its words; and what a thief of an account can't do. */

const SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ";
const RULES: RosterRules = {
  listed: [
    { name: "alice", role: "admin", telegram: "501" },
    { name: "carol", role: "admin", discord: "43" },
    { name: "bob", role: "risk", telegram: "502" },
  ],
  newPeople: "trader",
  terminal: "alice",
};
const [ALICE, CAROL] = ["telegram:501", "discord:43"] as const;

let world: World | undefined;
afterEach(async () => {
  await world?.close();
  world = undefined;
});
async function open(options: WorldOptions = {}): Promise<World> {
  world = await openWorld({ secrets: new Map([["alice", SECRET]]), ...options });
  const { telegram, discord } = world;
  await until(() => telegram.calls.some(({ method }) => method === "setMyCommands"), "Telegram listens");
  await until(() => discord.calls.some(({ route }) => route.startsWith("PUT")), "Discord listens");
  return world;
}
/** The card that was asked for last; it waits. */
function cardOf(desk: WholeDesk): string {
  const card = desk.rig.state.proposals.all().at(-1);
  expect(card?.state).toBe("pending");
  return card?.id ?? "";
}
const code = (): string => TOTP.generate({ secret: Secret.fromBase32(SECRET) });
const sent = (call: TelegramCall): boolean => call.method === "sendMessage" && call.error === undefined;
const textOf = ({ message }: TelegramCall): string =>
  message !== undefined && "text" in message ? message.text : "";
const read = (message: APIMessage | undefined): string =>
  (message?.embeds ?? [])
    .map(({ title, description }) => `${title}\n${description}`)
    .join("\n")
    .replaceAll("\\", "");
const EPHEMERAL = 64;

describe("people, and chats, topics, guilds and channels, are allow-listed; elsewhere the bot says nothing and leaves", () => {
  test("strangers get silence in every place, for commands and for link codes that are none", async () => {
    const { telegram, discord, desk, ledger } = await open();
    telegram.journal.skip();
    telegram.say(eve, GROUP, "/status");
    telegram.say(eve, eve, "/link 7K2M-Q9XT-HB4R");
    telegram.say(eve, GROUP, "/link");
    const slash = discord.slash(eveOnDiscord, CHANNEL, "link", { code: "7K2M-Q9XT-HB4R" });
    const elsewhere = discord.slash(annOnDiscord, OTHER_CHANNEL, "status");
    await until(() => ledger.filter(({ reason }) => reason === "unknown").length === 4, "all are noted");
    telegram.say(ann, ann, "/version");
    await telegram.wait(sent);
    expect(telegram.calls.filter(sent)).toHaveLength(1);
    expect([slash.answer, elsewhere.answer, desk.calls]).toEqual([undefined, undefined, []]);
  });

  test("a chat that is not configured is left without a word, also by somebody who types a link code there", async () => {
    const opened = await open();
    const { telegram } = opened;
    telegram.say(ann, ann, `/link ${code()}`);
    const made = /\/link (\S+)/.exec(textOf(await telegram.wait(sent)))?.[1] ?? "";
    expect(made).toMatch(/^[0-9A-Z-]{14}$/);
    telegram.say(eve, -99, `/link ${made}`);
    const left = await telegram.wait((call) => call.method === "leaveChat");
    expect([left.params["chat_id"], textsIn(opened, -99)]).toEqual([-99, []]);
    const deed = opened.discord.slash(eveOnDiscord, OTHER_CHANNEL, "link", { code: made });
    await until(
      () => opened.ledger.some(({ where }) => String(where).includes(OTHER_CHANNEL)),
      "the other channel is noted",
    );
    expect([deed.answer, opened.desk.people.owner("discord", eveOnDiscord.id)]).toEqual([
      undefined,
      undefined,
    ]);
  });

  test("an account is linked from one platform to the other, and acts at once as that person, with nothing that adds risk", async () => {
    const opened = await open();
    const { telegram, discord, desk } = opened;
    desk.people.revoke("alice", "discord");
    telegram.say(ann, ann, `/link ${code()}`);
    const made = /\/link (\S+)/.exec(textOf(await telegram.wait(sent)))?.[1] ?? "";
    const linked = await discord.slash(annOnDiscord, CHANNEL, "link", { code: made }).replied();
    expect([read(linked), (linked.flags ?? 0) & EPHEMERAL]).toEqual([
      expect.stringContaining("This account is alice's."),
      EPHEMERAL,
    ]);
    const resume = await discord.slash(annOnDiscord, CHANNEL, "resume").replied();
    expect(read(resume)).toContain("This account is new here: it does nothing that adds risk for");
    expect(read(await discord.slash(annOnDiscord, CHANNEL, "pause").replied())).toContain("No engine enters");
    expect(desk.calls.map(({ type, actor }) => [type, actor.person, actor.platform])).toEqual([
      ["link", "alice", "discord"],
      ["pause", "alice", "discord"],
    ]);
  });

  test("the other way round, from Discord to Telegram, in a group and in private", async () => {
    const opened = await open();
    const { telegram, discord, desk } = opened;
    desk.people.revoke("alice", "telegram");
    const made = await discord.slash(annOnDiscord, CHANNEL, "link", { code: code() }).replied();
    expect((made.flags ?? 0) & EPHEMERAL).toBe(EPHEMERAL);
    telegram.say(ann, GROUP, `/link@perpdesk_bot ${/\/link (\S+)/.exec(read(made))?.[1]}`);
    const reply = await telegram.wait(sent);
    expect([textOf(reply), reply.params["chat_id"]]).toEqual([expect.stringContaining("Linked"), ann.id]);
    expect(desk.people.owner("telegram", String(ann.id))?.name).toBe("alice");
  });
});

describe("account data in a Telegram group only where that chat is set to show it, else a private message; ephemeral on Discord", () => {
  test("so are roles and accounts; a link code is never shown to a group, whatever it is set to show", async () => {
    const opened = await open({ chats: [{ id: GROUP, alerts: true, accountData: true }] });
    const { telegram, discord } = opened;
    telegram.say(ann, GROUP, "/users@perpdesk_bot");
    expect((await telegram.wait(sent)).params["chat_id"]).toBe(GROUP);
    telegram.say(ann, GROUP, `/link@perpdesk_bot ${code()}`);
    const reply = await telegram.wait(sent);
    expect([textOf(reply), reply.params["chat_id"]]).toEqual([
      expect.stringContaining("A code for your other account"),
      ann.id,
    ]);
    expect(textsIn(opened, GROUP).join()).not.toContain("/link ");
    const shown = await discord.slash(annOnDiscord, CHANNEL, "users").replied();
    expect((shown.flags ?? 0) & EPHEMERAL).toBe(EPHEMERAL);
  });
});

describe("anonymous admins, channel posts, forwards, edited messages and bots are never callers", () => {
  test("nor do they use up a link code", async () => {
    const opened = await open({
      telegram: {
        users: [ann, eve, { id: 700, name: "Botty", isBot: true }],
        chats: [{ id: GROUP, title: "desk" }],
      },
    });
    const { telegram, desk } = opened;
    telegram.say(ann, ann, `/link ${code()}`);
    const made = /\/link (\S+)/.exec(textOf(await telegram.wait(sent)))?.[1] ?? "";
    desk.people.revoke("alice", "telegram");
    telegram.say(ann, GROUP, `/link ${made}`, { anonymousAdmin: true });
    telegram.say(ann, GROUP, `/link ${made}`, { forwarded: true });
    telegram.say({ id: 700, name: "Botty" }, GROUP, `/link ${made}`);
    const said = telegram.say(ann, GROUP, "no command");
    telegram.say(ann, GROUP, `/link ${made}`, { edited: said.message_id });
    telegram.say(ann, ann, `/link ${made}`);
    expect(textOf(await telegram.wait(sent))).toContain("Linked");
    expect(desk.calls).toHaveLength(1);
  });
});

describe("limits in the settings file are ceilings: chat may tighten, and loosen only back up to them", () => {
  test("two admins together give nobody more than the settings say", async () => {
    const desk = await WholeDesk.start(machine(), RULES);
    expect(await desk.say(ALICE, "/grant bob admin")).toContain("The settings let bob be risk at most");
    expect(await desk.say(ALICE, "/grant dora risk telegram:777")).toContain(
      "be trader at most (chat.newPeople)",
    );
    expect(await desk.say(ALICE, "/revoke bob")).toContain("bob has no role any more");
    expect(await desk.say(ALICE, "/grant bob risk")).toContain("another admin must approve it");
    expect((await desk.tap(CAROL, cardOf(desk))).isOk).toBe(true);
    expect(desk.door.roster().find("bob")?.role).toBe("risk");
  });
});

describe("keys, hosts and TOTP secrets are set only on the machine", () => {
  test("no command takes one, and a secret that is typed by mistake is kept nowhere", async () => {
    const words = commands.flatMap(({ args }) => args.map(({ name }) => name));
    expect(words.filter((word) => /key|secret|token|host|url|passw/i.test(word))).toEqual([]);
    const desk = await WholeDesk.start(machine(), RULES);
    await desk.say(ALICE, `/link ${SECRET}`);
    await desk.say(ALICE, `/approve k1-e7 ${SECRET}`);
    await desk.say(ALICE, `/link ${desk.code("alice")}`);
    expect(desk.everything()).not.toContain(SECRET);
    expect(JSON.stringify(await desk.say(ALICE, "/users"))).not.toContain(SECRET);
  });
});

describe("a stolen chat account", () => {
  test("can't approve its own wish, make itself a second human, or link a thief's account without the authenticator", async () => {
    const desk = await WholeDesk.start(machine(), RULES);
    await desk.say(ALICE, "/grant mallory trader telegram:666");
    expect(await desk.say(ALICE, "/grant mallory admin")).toContain("be trader at most");
    await desk.say(ALICE, "/revoke bob");
    await desk.say(ALICE, "/grant bob risk");
    for (const from of [ALICE, "telegram:666"] as const)
      expect((await desk.tap(from, cardOf(desk))).isOk).toBe(false);
    expect(await desk.say(ALICE, `/approve ${cardOf(desk)} ${desk.code("alice")}`)).toContain(
      "another admin must approve it",
    );
    expect(await desk.say(ALICE, "/link 000000")).toContain("This code is wrong");
    expect(desk.alerts.filter((alert) => alert.startsWith("high granted"))).toEqual(["high granted:mallory"]);
  });

  test("that throws out all other admins is alone, and then needs the authenticator for what two decide", async () => {
    const desk = await WholeDesk.start(machine(), RULES);
    await desk.say(ALICE, "/revoke carol");
    await desk.say(ALICE, "/revoke bob");
    await desk.say(ALICE, "/grant bob risk");
    await desk.pass(60_000);
    const card = cardOf(desk);
    expect((await desk.tap(ALICE, card)).text).toContain("with a code of your authenticator");
    for (let time = 0; time < 6; time += 1) await desk.say(ALICE, `/approve ${card} 123456`);
    expect(await desk.say(ALICE, `/approve ${card} ${desk.code("alice")}`)).toContain("After 5 wrong codes");
    expect(desk.door.roster().find("bob")?.role).toBeUndefined();
  });

  test("is worth nothing from the moment on that another admin revokes it, and its owner goes on with the other one", async () => {
    const desk = await WholeDesk.start(machine(), {
      ...RULES,
      listed: [{ name: "alice", role: "admin", telegram: "501", discord: "41" }, ...RULES.listed.slice(1)],
    });
    expect(await desk.say(CAROL, "/revoke alice telegram")).toContain("is cut off");
    expect([await desk.say(ALICE, "/panic"), desk.actor(ALICE)]).toEqual(["", undefined]);
    expect(await desk.say("discord:41", "/whoami")).toContain("You are alice, admin");
  });

  test("floods nobody out: its commands have a limit, and what stops gets through", async () => {
    const desk = await WholeDesk.start(machine(), RULES, 30);
    for (let time = 0; time < 200; time += 1) await desk.say(ALICE, "/status");
    expect(await desk.say(ALICE, "/panic")).not.toContain("none is left");
    expect(await desk.say(CAROL, "/revoke alice")).toContain("alice has no role any more");
  });
});

describe("a malicious group member", () => {
  test("who reads a code that was typed in the group gains nothing: it worked once", async () => {
    const desk = await WholeDesk.start(machine(), RULES);
    const seen = desk.code("alice");
    const made = /\/link (\S+)/.exec(await desk.say(ALICE, `/link ${seen}`))?.[1] ?? "";
    expect(await desk.say(ALICE, `/link ${seen}`)).toContain("This code was used already");
    expect(await desk.say("discord:49", `/link ${made}`)).toContain("Linked");
    expect(await desk.say("telegram:666", `/link ${made}`)).toBe("");
    expect(desk.actor("telegram:666")).toBeUndefined();
  });
});

describe("a doctored clock", () => {
  test("set forward or back brings no code back, ends no lock, and makes no account older", async () => {
    const on = machine();
    const desk = await WholeDesk.start(on, RULES);
    const used = desk.code("carol");
    const made = /\/link (\S+)/.exec(await desk.say(CAROL, `/link ${used}`))?.[1] ?? "";
    await desk.say("telegram:504", `/link ${made}`);
    for (let time = 0; time < 5; time += 1) await desk.say(ALICE, "/link 000000");
    for (const off of [3_600_000, -3_600_000, 90_000_000]) {
      on.clock.wallOff = off;
      expect(await desk.say("telegram:504", "/resume")).toContain("This account is new here");
      expect(await desk.say(ALICE, "/resume")).toContain("After 5 wrong codes");
    }
    on.clock.wallOff = -30_000;
    expect(await desk.say(CAROL, `/link ${used}`)).toContain("This code was used already");
  });
});
