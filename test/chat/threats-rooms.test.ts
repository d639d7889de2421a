import type { APIMessage } from "discord.js";
import { expect, test } from "vitest";
import { commands } from "../../commands/index.ts";
import { Roster } from "../../src/core/roster.ts";
import { embedText } from "../e2e/card-watch.ts";
import { ann, annOnDiscord, CHANNEL, GROUP, openListening, textsIn, until, type World } from "./platforms.ts";

// Which line of the threats is met by which test, here and elsewhere: docs/chat-threats.md.

/** Amounts of money of the account that the tests' desk tells: its equity, wallet, margins, results. */
const MONEY = /\d[\d,]*\.\d+ USDT|[+-]\d[\d,.]*\.\d\d\b/;
/** Commands that only read, as people type them. */
const READING = commands.filter(({ risk }) => risk === "R0").map(({ name, examples }) => examples[0] ?? name);

/** Waits until the platforms are told nothing more. */
async function quiet({ telegram, discord }: World): Promise<void> {
  let before = -1;
  const count = (): number => telegram.calls.length + discord.calls.length;
  while (before !== count() || telegram.updates.pending.length > 0) {
    before = count();
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
}

test("no command tells a group of the account's money, neither typed nor by a button: the asker gets it alone", async () => {
  const opened = await openListening();
  const { telegram, discord } = opened;
  for (const line of READING) telegram.say(ann, GROUP, `/${line}`);
  await quiet(opened);
  const message = { chat: { id: GROUP }, message_id: telegram.messages(GROUP).at(-1)?.message_id ?? 0 };
  for (const line of READING) telegram.press(ann, message, `v1:x:${line}`);
  await quiet(opened);
  const leaks = (texts: readonly string[]): readonly string[] => texts.filter((text) => MONEY.test(text));
  expect(leaks(textsIn(opened, GROUP))).toEqual([]);
  expect(leaks(textsIn(opened, ann.id)).length).toBeGreaterThan(5);

  // On Discord the same is for the asker's eyes.
  const shown = discord.slash(annOnDiscord, CHANNEL, "version");
  const open_ = await shown.replied();
  for (const line of READING) discord.press(annOnDiscord, open_, `v1:x:${line}`);
  await quiet(opened);
  const inChannel = discord.messages.list(CHANNEL).map((each) => embedText(each));
  expect(leaks(inChannel)).toEqual([]);
}, 60_000);

test("on Discord a bot is nobody, whatever it presses", async () => {
  const robot = { id: "400000000000000700", name: "Robot", isBot: true };
  const opened = await openListening({
    discord: { users: [annOnDiscord, robot] },
  });
  opened.desk.people = new Roster({
    listed: [{ name: "robot", role: "admin", discord: robot.id }],
    terminal: "alice",
  });
  const token = opened.desk.ask("c4f2-1");
  await until(
    () => opened.discord.calls.some(({ route }) => route === "POST /channels/:channel/messages"),
    "a card",
  );
  const [card] = opened.discord.messages.list(CHANNEL);
  opened.discord.press(robot, card as APIMessage, `v1:a:${token}`);
  opened.discord.slash(robot, CHANNEL, "panic");
  await until(() => opened.ledger.length >= 1, "it is noted");
  await quiet(opened);
  expect([opened.desk.calls, opened.ledger.map(({ reason }) => reason)]).toEqual([[], ["unknown"]]);
});

test("no command takes a key, a host, a token or a secret: those are set on the machine", () => {
  const taken = commands.flatMap(({ name, args }) => args.map((each) => `${name} ${each.name}`));
  expect(taken.length).toBeGreaterThan(20);
  expect(taken.filter((each) => /key|secret|token|host|url|proxy|passw|totp|webhook/i.test(each))).toEqual(
    [],
  );
});
