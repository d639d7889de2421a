import { readFileSync } from "node:fs";
import { afterEach, describe, expect, it } from "vitest";
import { createDiscord } from "../emulators/discord/discord.ts";
import { createTelegram } from "../emulators/telegram/telegram.ts";
import { hasRedisServer, OwnRedis } from "../jobs/own-redis.ts";
import { ownFolder, Perpdesk, startVenue } from "./processes.ts";
import { filesOf, findLeaks, type Place, place } from "./secret-scan.ts";

const SECRETS = {
  venueKey: "marker/venue+key=0123456789abcdef",
  venueSecret: "marker/venue+secret=0123456789abcdef",
  telegram: "7000000002:AAmarker-of-telegram_9876543210fedcba",
  discord: "marker-of-discord.9876543210.fedcba",
  redis: "marker-redis-password-31415926",
};
const ANN = { id: 501, name: "Ann" };
const ANN_THERE = { id: "400000000000000001", name: "Ann" };
const GUILD = "200000000000000001";
const CHANNEL = "300000000000000001";

/** An error that nobody catches, with every secret in it, some seconds after the start: a bug, for the crash guard. */
const CRASH = `setTimeout(()=>{Promise.reject(new Error('boom '+Object.values(JSON.parse(process.env.STORY_SECRETS)).join(' ')+' https://fapi.binance.com/x?timestamp=1&signature=abcdef0123456789'))},9000)`;

describe("no secret leaks", () => {
  const endings: (() => unknown)[] = [];
  afterEach(async () => {
    for (const end of endings.splice(0).reverse()) await end();
  });

  it.skipIf(!hasRedisServer())(
    "into output, log, recording, store, Redis, chat or command line, through errors and a crash (needs redis-server)",
    async () => {
      const telegram = await createTelegram({ token: SECRETS.telegram, users: [ANN], chats: [] });
      const discord = await createDiscord({
        token: SECRETS.discord,
        users: [ANN_THERE],
        guilds: [{ id: GUILD, name: "desk" }],
        channels: [{ id: CHANNEL, name: "desk", guild: GUILD }],
      });
      const redis = await OwnRedis.started(["--requirepass", SECRETS.redis]).catch(() => undefined);
      const folder = ownFolder();
      endings.push(
        () => folder.gone(),
        () => redis?.gone(),
        () => discord.close(),
        () => telegram.close(),
      );
      const env = {
        PERPDESK_VENUE_KEY: SECRETS.venueKey,
        PERPDESK_VENUE_SECRET: SECRETS.venueSecret,
        TELEGRAM_BOT_TOKEN: SECRETS.telegram,
        DISCORD_BOT_TOKEN: SECRETS.discord,
      };
      telegram.say(ANN, ANN, "/version");
      const venueFolder = ownFolder();
      endings.push(() => venueFolder.gone());
      const venue = await startVenue(["--market", "synthetic:3", "--speed", "60"], {
        cwd: venueFolder.path,
        env,
      });
      endings.push(() => venue.run.signal("SIGKILL"));
      folder.write("desk.yaml", JSON.stringify(settings(telegram.apiRoot, discord.api)));
      const started = ["start", "--venue", venue.url, "--config", "desk.yaml", "--for", "30s", "--json"];
      const desk = new Perpdesk(started, {
        cwd: folder.path,
        env: {
          ...env,
          ...(redis === undefined ? {} : { REDIS_URL: `redis://:${SECRETS.redis}@127.0.0.1:${redis.port}` }),
          STORY_SECRETS: JSON.stringify(SECRETS),
          NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(CRASH)}`,
        },
      });
      endings.push(() => desk.signal("SIGKILL"));
      await desk.said("Entries start in");
      const commandLine = readFileSync(`/proc/${desk.pid}/cmdline`);
      telegram.say(ANN, ANN, "/status");
      // Trouble on every side: the venue goes away in the middle of signed requests, chat answers errors.
      const flood = telegram.fault.flood429(1);
      const down = discord.fault.down(2_000);
      await new Promise((resolve) => setTimeout(resolve, 3_000));
      venue.run.signal("SIGKILL");
      await Promise.all([flood.end(), down.end()]);
      const ended = await desk.ended;
      const places: Place[] = [
        place("stdout", ended.stdout),
        place("stderr", ended.stderr),
        place("venue stdout", venue.run.stdout),
        place("venue stderr", venue.run.stderr),
        { where: "command line", content: commandLine },
        place("telegram", JSON.stringify(telegram.calls)),
        place("discord", JSON.stringify(discord.calls)),
        ...filesOf(folder.path),
        ...(redis === undefined ? [] : filesOf(redis.folder)),
      ];
      expect(ended.stderr, "the crash was noticed").toContain("boom");
      expect(places.some(({ where }) => where.endsWith(".ndjson"))).toBe(true);
      expect(places.some(({ where }) => where.endsWith("perpdesk.db"))).toBe(true);
      expect(findLeaks(SECRETS, places)).toEqual([]);
      const signed = places.filter(({ content }) => content.includes("signature=abcdef"));
      expect(signed.map(({ where }) => where)).toEqual([]);
      // The scan can fail: one secret planted in a copy of the log is found.
      const planted = place("log", `${ended.stderr}${Buffer.from(SECRETS.venueSecret).toString("base64")}`);
      expect(findLeaks(SECRETS, [planted])).toEqual([
        { where: "log", secret: "venueSecret", form: "base64" },
      ]);
    },
    120_000,
  );
});

function settings(apiRoot: string, api: string) {
  return {
    health: { everySeconds: 5 },
    desk: { dataDir: "data" },
    log: { file: "desk.log" },
    chat: {
      people: [{ name: "ann", role: "admin", telegramId: `${ANN.id}`, discordId: ANN_THERE.id }],
      terminal: { person: "ann" },
      telegram: { token: `\${TELEGRAM_BOT_TOKEN}`, chats: [{ id: `${ANN.id}`, alerts: true }], apiRoot },
      discord: {
        token: `\${DISCORD_BOT_TOKEN}`,
        guild: GUILD,
        channels: [{ id: CHANNEL, alerts: true }],
        apiRoot: api,
      },
    },
  };
}
