import { describe, expect, it, vi } from "vitest";
import { openQueues } from "../../src/jobs/queues.ts";
import { queueContract } from "../contract/queue.contract.ts";
import type { QueueBench } from "../contract/queue-bench.ts";

/** The embedded queue with a clock that the test moves. */
async function openEmbedded(): Promise<QueueBench> {
  vi.useFakeTimers({ now: Date.UTC(2025, 4, 6, 7, 8, 9, 123) });
  const warnings: string[] = [];
  const queues = openQueues({ log: { warn: (_, message) => warnings.push(message) } });
  return {
    queues,
    pass: async (ms) => {
      await vi.advanceTimersByTimeAsync(ms);
    },
    tidy: async () => {
      const left = vi.getTimerCount();
      vi.useRealTimers();
      expect(warnings.filter((message) => !message.includes("cut off"))).toEqual([]);
      expect(left).toBe(0);
    },
  };
}

queueContract("the embedded queue", openEmbedded);

describe("the embedded queue", () => {
  it("says at start that it keeps nothing, and answers at once", async () => {
    const queues = openQueues({ log: { warn: () => undefined } });
    expect(queues.kind).toBe("embedded");
    expect(queues.describe()).toBe("embedded queue (no Redis): one process, nothing kept at exit");
    expect(await queues.probe()).toEqual({ ok: true });
    expect(await queues.close()).toBe("clean");
  });

  it("tells people what each queue holds, when it runs next and what failed", async () => {
    const { queues, pass, tidy } = await openEmbedded();
    const queue = queues.queue("housekeeping");
    queues.worker("housekeeping", async (job) => {
      if (job.name === "bad") throw new Error("the disk is full");
    });
    await queue.upsertJobScheduler("every", { every: 60_000 }, { name: "good" });
    await queue.add("bad", {});
    await pass(1_000);
    const [view] = (await queues.views(1_000)) ?? [];
    expect(view).toMatchObject({
      name: "housekeeping",
      waiting: 1,
      active: 0,
      completed: 1,
      failed: 1,
      lastFailure: "the disk is full",
    });
    expect((view?.nextWallAt ?? 0) - Date.now()).toBeLessThanOrEqual(60_000);
    expect(await queues.close()).toBe("clean");
    await tidy();
  });

  it("lets a job finish that was running while the machine slept, once", async () => {
    const { queues, pass, tidy } = await openEmbedded();
    const queue = queues.queue("slept");
    let runs = 0;
    let wake: () => void = () => undefined;
    queues.worker("slept", async () => {
      runs += 1;
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
      return "awake";
    });
    const job = await queue.add("slept", {});
    await pass(10);
    // The clock jumps over the lock's end without a timer having run.
    vi.setSystemTime(Date.now() + 600_000);
    wake();
    await pass(20_000);
    expect(runs).toBe(1);
    expect(await queue.getJob(job.id ?? "")).toMatchObject({ returnvalue: "awake", stalledCounter: 0 });
    expect(await queues.close()).toBe("clean");
    await tidy();
  });
});
