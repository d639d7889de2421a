import { Redis } from "ioredis";
import { afterAll, describe, expect, it } from "vitest";
import { openQueues } from "../../src/jobs/queues.ts";
import { queueContract } from "../contract/queue.contract.ts";
import type { QueueBench } from "../contract/queue-bench.ts";

const redisUrl = process.env["REDIS_URL"];

/** Queues of their own on a Redis that others may use too. */
function benchOn(url: string, prefix: string): () => Promise<QueueBench> {
  let opened = 0;
  return async () => {
    opened += 1;
    const warnings: string[] = [];
    const queues = openQueues({
      redisUrl: url,
      prefix: `${prefix}-${opened}`,
      log: { warn: (_, message) => warnings.push(message) },
    });
    return {
      queues,
      pass: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
      tidy: async () => expect(warnings.filter((message) => !message.includes("cut off"))).toEqual([]),
    };
  };
}

if (redisUrl === undefined) {
  describe.skip("job queues on Redis: skipped because REDIS_URL is not set", () => {
    it("runs the contract", () => undefined);
  });
} else {
  const prefix = `perpdesk-test-${process.pid}-${Date.now()}`;
  queueContract("Redis", benchOn(redisUrl, prefix));

  describe("job queues on Redis", () => {
    afterAll(async () => {
      const client = new Redis(redisUrl);
      for await (const keys of client.scanStream({ match: `${prefix}-*`, count: 1_000 })) {
        if (keys.length > 0) await client.del(keys);
      }
      await client.quit();
    });

    it("answers the probe and says where it is", async () => {
      const queues = openQueues({ redisUrl, log: { warn: () => undefined } });
      const { hostname, port } = new URL(redisUrl);
      expect(queues.kind).toBe("redis");
      expect(queues.describe()).toBe(`Redis at ${hostname}:${port === "" ? 6_379 : port}`);
      expect(await queues.probe()).toEqual({ ok: true });
      expect(await queues.close()).toBe("clean");
    });
  });
}
