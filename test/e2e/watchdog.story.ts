import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { createDiscord, type Discord } from "../emulators/discord/discord.ts";
import { createTelegram, type Telegram } from "../emulators/telegram/telegram.ts";
import { ownFolder, Perpdesk, pause } from "./processes.ts";

const SECONDS = 10;
/** What operating.md promises beyond the setting. */
const BOUND_MS = (SECONDS + 5) * 1_000;
const TOKENS = {
  TELEGRAM_BOT_TOKEN: "7000000001:AAsecret-of-the-watchdog-story_01",
  DISCORD_BOT_TOKEN: "secret.of.the-watchdog-story",
};
const [GROUP, GUILD, CHANNEL] = [-42, "200000000000000001", "300000000000000001"];
const ann = { telegram: { id: 501, name: "Ann" }, discord: { id: "400000000000000001", name: "Ann" } };

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function platforms(): Promise<{ readonly telegram: Telegram; readonly discord: Discord }> {
  const telegram = await createTelegram({
    token: TOKENS.TELEGRAM_BOT_TOKEN,
    users: [ann.telegram],
    chats: [{ id: GROUP, title: "desk" }],
  });
  const discord = await createDiscord({
    token: TOKENS.DISCORD_BOT_TOKEN,
    users: [ann.discord],
    guilds: [{ id: GUILD, name: "desk" }],
    channels: [{ id: CHANNEL, name: "desk", guild: GUILD }],
  });
  cleanUps.push(() => Promise.all([telegram.close(), discord.close()]));
  return { telegram, discord };
}

/** Settings of a desk that speaks in the group, and on Discord in a channel that shows no alerts as a rule. */
const settings = (telegram: Telegram, discord: Discord): string => `
health: { watchdogSeconds: ${SECONDS} }
chat:
  people: [{ name: ann, role: admin, telegramId: ${ann.telegram.id}, discordId: "${ann.discord.id}" }]
  terminal: { person: ann }
  telegram:
    token: "\${TELEGRAM_BOT_TOKEN}"
    apiRoot: ${telegram.apiRoot}
    chats: [{ id: ${GROUP}, alerts: true }]
  discord:
    token: "\${DISCORD_BOT_TOKEN}"
    apiRoot: ${discord.api}
    guild: "${GUILD}"
    channels: [{ id: "${CHANNEL}", alerts: false }]
`;

test("a desk that is killed, hangs or comes back is told on both platforms in time; one that somebody ended is not", async () => {
  const folder = ownFolder();
  cleanUps.push(folder.gone);
  const { telegram, discord } = await platforms();
  writeFileSync(join(folder.path, "desk.yaml"), settings(telegram, discord));
  const run = (command: string): Perpdesk => {
    const started = new Perpdesk([command, "--config", "desk.yaml"], { cwd: folder.path, env: TOKENS });
    cleanUps.push(() => (started.isOver ? undefined : started.kill()));
    return started;
  };
  const told = (title: string): readonly [number, number] => [
    telegram.messages(GROUP).filter((message) => "text" in message && message.text.includes(title)).length,
    discord.messages.list(CHANNEL).filter(({ embeds }) => embeds[0]?.title?.includes(title)).length,
  ];
  /** Waits until both have been told so often, and gives how long that took. */
  const isTold = async (title: string, times: number, ms: number): Promise<number> => {
    const began = performance.now();
    while (told(title).some((count) => count < times)) {
      const waited = performance.now() - began;
      if (waited > ms) throw new Error(`${title}: ${told(title)} instead of ${times} after ${waited} ms`);
      await pause(100);
    }
    return performance.now() - began;
  };
  const SILENT = "No sign of life of the desk";
  const BACK = "The desk is back";

  const first = run("start");
  await isTold("started", 1, 120_000);
  const dog = run("watchdog");
  await dog.said("the watchdog looks at", 60_000);
  await pause(3_000);
  await first.kill();
  const killedMs = await isTold(SILENT, 1, BOUND_MS);

  const second = run("start");
  await isTold(BACK, 1, 60_000);
  await isTold("started", 2, 60_000);
  second.signal("SIGSTOP");
  const hungMs = await isTold(SILENT, 2, BOUND_MS);
  second.signal("SIGCONT");
  await isTold(BACK, 2, 30_000);

  second.signal("SIGTERM");
  expect((await second.ended).code).toBe(0);
  await isTold("perpdesk ended", 1, 10_000);
  await pause(BOUND_MS);
  expect([told(SILENT), told(BACK)]).toEqual([
    [2, 2],
    [2, 2],
  ]);
  expect(telegram.calls.filter(({ error }) => error?.error_code === 409)).toEqual([]);
  dog.signal("SIGTERM");
  expect((await dog.ended).code).toBe(0);
  console.info(`killed: told after ${Math.round(killedMs)} ms; hung: after ${Math.round(hungMs)} ms`);
});
