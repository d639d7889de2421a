import { afterEach, describe, expect, test } from "vitest";
import { freePort, hasRedisServer, OwnRedis } from "../jobs/own-redis.ts";
import { LIVELY_GRID } from "./lively-grid.ts";
import { ownFolder, Perpdesk, pause, recordingsOf, until } from "./processes.ts";
import { eventsOf } from "./recorded.ts";

const PASSWORD = "story-e-marker-password";
const OUTAGE_MS = 10_000;
const CONFIG = `${LIVELY_GRID}
health:
  everySeconds: 5
`;

const cleanUps: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

/** A desk in a process of its own that is told of a Redis. */
function startedDesk(port: number) {
  const folder = ownFolder();
  cleanUps.push(folder.gone);
  const config = folder.write("story-e.yaml", CONFIG);
  const bot = new Perpdesk(["start", "--config", config, "--market", "synthetic:1", "--speed", "60"], {
    cwd: folder.path,
    env: { REDIS_URL: `redis://:${PASSWORD}@127.0.0.1:${port}` },
  });
  cleanUps.push(() => bot.kill());
  const count = () => {
    const [path] = recordingsOf(folder.path);
    const { events } = path === undefined ? { events: [] } : eventsOf(path);
    return {
      checks: events.filter((event) => event.type === "jobResult" && event.job === "health").length,
      fills: events.filter((event) => event.type === "fill").length,
      orders: events.filter((event) => event.type === "orderReport").length,
    };
  };
  return { bot, count };
}

describe.skipIf(!hasRedisServer())(
  "Story E: Redis dies (skipped where redis-server is not installed)",
  () => {
    test("trading goes on, jobs resume, and the desk still ends in time", { timeout: 180_000 }, async () => {
      const redis = await OwnRedis.started(["--requirepass", PASSWORD]);
      cleanUps.push(() => redis.gone());
      const { bot, count } = startedDesk(redis.port);
      await bot.said("Jobs: Redis at 127.0.0.1");
      await until(() => count().checks >= 2 && count().fills >= 1, "the first checks and fills", 60_000, 250);

      await redis.kill();
      await pause(1_000); // a check that was under way may still report
      const atKill = count();
      await pause(OUTAGE_MS - 1_000);
      const inOutage = count();
      expect(inOutage.orders, "orders go on without Redis").toBeGreaterThan(atKill.orders);
      expect(inOutage.checks, "no job runs without Redis").toBe(atKill.checks);

      await redis.start();
      await until(() => count().checks >= inOutage.checks + 2, "jobs resume", 30_000, 250);
      expect(count().orders).toBeGreaterThan(inOutage.orders);

      await redis.kill();
      const from = performance.now();
      bot.signal("SIGTERM");
      const { code, stdout, stderr } = await bot.ended;
      expect(performance.now() - from).toBeLessThan(10_000);
      expect({ code, isClean: stdout.includes("Clean shutdown.") }).toEqual({ code: 0, isClean: true });
      expect(stdout).toMatch(/0 mismatches/);
      expect(stderr).toContain("job queue:");
      expect(stdout + stderr).not.toContain(PASSWORD);
      expect(stderr).not.toMatch(/^\s+at /m);
    });

    test("a Redis that is down at the start is one clear sentence, and trading works", async () => {
      const port = await freePort();
      const { bot, count } = startedDesk(port);
      await bot.said("Jobs: ");
      const told = bot.stderr.split("\n").filter((line) => line.includes("REDIS_URL"));
      expect(told).toHaveLength(1);
      expect(JSON.parse(told[0] ?? "")).toMatchObject({
        level: 40,
        msg: `REDIS_URL: no Redis answers at 127.0.0.1:${port} (connect ECONNREFUSED 127.0.0.1:${port}); start Redis there, correct REDIS_URL, or unset it to use the embedded queue. Jobs run in this process until the next start.`,
      });
      expect(bot.stdout).toContain("Jobs: embedded queue (no Redis)");
      await until(() => count().fills >= 1 && count().checks >= 1, "fills and checks", 60_000, 250);
      bot.signal("SIGTERM");
      const { code, stdout, stderr } = await bot.ended;
      expect({ code, isClean: stdout.includes("Clean shutdown.") }).toEqual({ code: 0, isClean: true });
      expect(stdout + stderr).not.toContain(PASSWORD);
    });
  },
);
