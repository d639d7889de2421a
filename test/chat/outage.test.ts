import { afterEach, expect, test } from "vitest";
import {
  ann,
  annOnDiscord,
  CHANNEL,
  GROUP,
  openWorld,
  textsIn,
  until,
  type World,
  type WorldOptions,
} from "./platforms.ts";

/** What the desk promises. */
const FAILOVER_MS_MAX = 5_000;

let world: World | undefined;
afterEach(async () => {
  await world?.close();
  world = undefined;
});

async function open(options: WorldOptions): Promise<World> {
  world = await openWorld(options);
  const { telegram, discord } = world;
  await until(() => telegram.calls.some(({ method }) => method === "setMyCommands"), "Telegram listens");
  await until(() => discord.calls.some(({ route }) => route.startsWith("PUT")), "Discord listens");
  return world;
}
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** What stands in Discord's channel. */
const textsOn = ({ discord }: World): string[] =>
  discord.messages
    .list(CHANNEL)
    .map(({ embeds }) => `${embeds[0]?.title}\n${embeds[0]?.description}`.replaceAll("\\", ""));
/** Sessions that the bot began or resumed so far. */
const sessionsOf = ({ discord }: World): number =>
  discord.gateway.counts.identified + discord.gateway.counts.resumed;
const critical = (key: string): Parameters<World["chat"]["alert"]>[0] => ({
  type: "alert",
  key,
  level: "critical",
  title: `No stop on ${key}`,
  lines: [`${key} is without protection.`],
});
const KEYS = ["grid1", "grid2", "grid3"];
const saysAll = (texts: readonly string[]): boolean =>
  KEYS.every((key) => texts.some((text) => text.includes(`CRITICAL: No stop on ${key}`)));

test("Telegram is down: CRITICAL is on Discord in 5 s, one message tells Telegram afterwards, nothing old is carried out", async () => {
  const opened = await open({ isDiscordLoud: false, tuning: { commandAgeMsMax: 1_500 } });
  const { telegram, chat, desk } = opened;
  const fault = telegram.fault.down(Number.POSITIVE_INFINITY);
  await until(() => chat.health()[1]?.isConnected === false, "the outage is noticed");
  telegram.say(ann, ann, "/panic");
  telegram.say(ann, GROUP, "/pause");
  const began = performance.now();
  for (const key of KEYS) chat.alert(critical(key));
  await until(() => saysAll(textsOn(opened)), "Discord says all", FAILOVER_MS_MAX);
  expect(performance.now() - began).toBeLessThan(FAILOVER_MS_MAX);
  await fault.end();
  await until(() => saysAll(textsIn(opened, GROUP)), "Telegram says all");
  await until(
    () =>
      [GROUP, ann.id].every((id) => textsIn(opened, id).some((text) => text.includes("nothing was done"))),
    "both old commands are refused",
  );
  await pause(500);
  const told = textsIn(opened, GROUP).filter((text) => text.includes("CRITICAL"));
  expect(told).toHaveLength(1);
  expect(told[0]).toContain("3 messages that had to wait");
  expect(desk.calls).toEqual([]);
});

test("Discord is down: the same the other way round", async () => {
  const opened = await open({ chats: [{ id: GROUP, alerts: false }] });
  const { discord, chat } = opened;
  const fault = discord.fault.down(Number.POSITIVE_INFINITY);
  const began = performance.now();
  for (const key of KEYS) chat.alert(critical(key));
  await until(() => saysAll(textsIn(opened, GROUP)), "Telegram says all", FAILOVER_MS_MAX);
  expect(performance.now() - began).toBeLessThan(FAILOVER_MS_MAX);
  await fault.end();
  await until(() => saysAll(textsOn(opened)), "Discord says all");
  await pause(500);
  expect(textsOn(opened).filter((text) => text.includes("CRITICAL"))).toHaveLength(1);
});

test("Discord's gateway asks to resume, or ends the session: alerts go on, and what was typed meanwhile is not carried out late", async () => {
  const opened = await open({
    discord: { ackMs: 30_000 },
    tuning: { commandAgeMsMax: 1_000, discord: { staleMs: 30_000 } },
  });
  const { discord, chat, desk } = opened;
  for (const [key, breaks] of [
    ["grid1", () => discord.gateway.reconnect()],
    ["grid2", () => discord.gateway.invalidate()],
    ["grid3", () => discord.gateway.drop(4000)],
  ] as const) {
    const sessions = sessionsOf(opened);
    breaks();
    const began = performance.now();
    chat.alert(critical(key));
    const says = (texts: readonly string[]) => texts.some((text) => text.includes(`No stop on ${key}`));
    await until(() => says(textsOn(opened)) && says(textsIn(opened, GROUP)), "both say it", FAILOVER_MS_MAX);
    expect(performance.now() - began).toBeLessThan(FAILOVER_MS_MAX);
    await until(() => sessionsOf(opened) > sessions, "Discord is connected again", 15_000);
  }
  // The gateway falls silent; what was typed meanwhile comes with the resumed session.
  const fault = discord.fault.silence(2_000);
  const late = discord.slash(annOnDiscord, CHANNEL, "panic");
  await fault.over;
  discord.gateway.drop(4000);
  const answer = await late.replied();
  expect(JSON.stringify(answer)).toContain("so nothing was done");
  expect(desk.calls).toEqual([]);
  expect(textsOn(opened).filter((text) => text.includes("CRITICAL"))).toHaveLength(3);
});
