import { describe, expect, it } from "vitest";
import { openQueues } from "../../src/jobs/queues.ts";
import { syncSchedulers } from "../../src/jobs/schedulers.ts";
import { slotOf } from "../contract/queue-bench.ts";
import { hasRedisServer, OwnRedis } from "./own-redis.ts";

const PATIENCE_MS = 15_000;

if (!hasRedisServer()) {
  describe.skip("job queues in an outage of Redis: skipped because there is no redis-server on PATH", () => {
    it("goes on afterwards", () => undefined);
  });
} else {
  describe("job queues in an outage of Redis", () => {
    it("goes on by itself after Redis was killed, and closes while it is away", {
      timeout: 60_000,
    }, async () => {
      const redis = await OwnRedis.started();
      const warnings: string[] = [];
      const url = `redis://127.0.0.1:${redis.port}`;
      const queues = openQueues({ redisUrl: url, log: { warn: (_, message) => warnings.push(message) } });
      try {
        const slots: number[] = [];
        const queue = queues.queue("health");
        const events = queues.events("health");
        await Promise.all([queue.waitUntilReady(), events.waitUntilReady()]);
        queues.worker("health", async (job) => slots.push(slotOf(job)));
        const timing = { everyMs: 200 };
        await syncSchedulers(queue, [{ id: "h", name: "look", data: {}, timing }]);
        await holds(() => slots.length >= 3);

        await redis.kill();
        const ranBefore = slots.length;
        await expect(answeredWithin(1_000, queue.add("by hand", {}))).rejects.not.toThrow("no answer");
        await passed(1_500);
        expect(slots.length).toBeLessThanOrEqual(ranBefore + 1);
        // Three objects tried to reconnect many times; each kind of error was written once.
        expect(warnings.length).toBeGreaterThan(0);
        expect(warnings.length).toBeLessThanOrEqual(4);
        expect(new Set(warnings).size).toBe(warnings.length);

        await redis.start();
        await holds(() => slots.length >= ranBefore + 4);
        expect(new Set(slots).size).toBe(slots.length);
        const phases = new Set(slots.map((slot) => slot % 200));
        expect(phases.size).toBe(1);

        await redis.kill();
        const begun = performance.now();
        expect(await queues.close()).toBe("clean");
        expect(performance.now() - begun).toBeLessThan(6_000);
        const told = warnings.length;
        await passed(300);
        expect(warnings.length).toBe(told);
      } finally {
        await queues.close(100);
        await redis.gone();
      }
    });

    it("closes although Redis never was there", { timeout: 30_000 }, async () => {
      const redis = await OwnRedis.started();
      await redis.gone();
      const url = `redis://127.0.0.1:${redis.port}`;
      const queues = openQueues({ redisUrl: url, log: { warn: () => undefined } });
      queues.queue("never");
      queues.events("never");
      queues.worker("never", async () => undefined);
      await passed(300);
      const begun = performance.now();
      expect(await queues.close(1_000)).toBe("clean");
      expect(performance.now() - begun).toBeLessThan(2_500);
    });

    it("says when Redis refuses the login, without the password", async () => {
      const redis = await OwnRedis.started(["--requirepass", "right"]);
      try {
        const log = { warn: () => undefined };
        const probe = (secret: string) =>
          openQueues({ redisUrl: `redis://:${secret}@127.0.0.1:${redis.port}`, log }).probe();
        expect(await probe("right")).toEqual({ ok: true });
        expect(await probe("marker-secret")).toEqual({
          ok: false,
          reason: "loginRefused",
          sentence: `REDIS_URL: the Redis at 127.0.0.1:${redis.port} refuses the login; put its user and password into REDIS_URL.`,
        });
      } finally {
        await redis.gone();
      }
    });
  });
}

function passed(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

async function holds(condition: () => boolean): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  while (!condition()) {
    if (performance.now() > end) throw new Error(`waited ${PATIENCE_MS} ms in vain`);
    await passed(20);
  }
}

async function answeredWithin<T>(ms: number, promise: Promise<T>): Promise<T> {
  const late = passed(ms).then(() => Promise.reject(new Error("no answer")));
  return Promise.race([promise, late]);
}
