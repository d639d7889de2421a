import { createServer } from "node:net";
import { describe, expect, it } from "vitest";
import { openQueues } from "../../src/jobs/queues.ts";
import { freePort } from "./own-redis.ts";

const log = { warn: () => undefined };

describe("REDIS_URL", () => {
  it("is described by host and port, never with its password", () => {
    const describeUrl = (redisUrl: string) => openQueues({ redisUrl, log }).describe();
    expect(describeUrl("redis://:marker-secret@10.0.0.5:6380/2")).toBe("Redis at 10.0.0.5:6380");
    expect(describeUrl("rediss://desk:marker-secret@cache.example")).toBe("Redis at cache.example:6379");
    expect(describeUrl("marker-secret")).toBe("Redis at an unreadable REDIS_URL");
  });

  it("is refused in one sentence that names the mend when it is no address of Redis", async () => {
    for (const redisUrl of ["marker-secret", "http://:marker-secret@127.0.0.1", "redis://", ""]) {
      expect(await openQueues({ redisUrl, log }).probe()).toEqual({
        ok: false,
        reason: "badUrl",
        sentence: "REDIS_URL is not an address of Redis; write it like redis://:password@127.0.0.1:6379.",
      });
    }
  });

  it("is named when nobody listens there", async () => {
    const port = await freePort();
    const probe = await openQueues({ redisUrl: `redis://:marker-secret@127.0.0.1:${port}`, log }).probe();
    expect(probe).toEqual({
      ok: false,
      reason: "unreachable",
      sentence:
        `REDIS_URL: no Redis answers at 127.0.0.1:${port} (connect ECONNREFUSED 127.0.0.1:${port}); ` +
        "start Redis there, correct REDIS_URL, or unset it to use the embedded queue.",
    });
  });

  it("is named within 2 s when someone listens there who says nothing", async () => {
    const server = createServer();
    const port = await freePort();
    await new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
    const begun = performance.now();
    const probe = await openQueues({ redisUrl: `redis://127.0.0.1:${port}`, log }).probe();
    server.close();
    expect(performance.now() - begun).toBeLessThan(2_500);
    expect(probe).toMatchObject({ ok: false, reason: "unreachable" });
  });
});
