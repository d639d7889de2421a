import { describe, expect, it } from "vitest";
import { eachWithBench, ended, NOTHING, type QueueBench, until } from "./queue-bench.ts";

/** What is kept, cleaned and closed. */
export function keepingContract(open: () => Promise<QueueBench>): void {
  describe("keeping and closing", () => {
    const bench = eachWithBench(open);

    it("keeps logs, finished jobs and counts, and cleans them on demand", async () => {
      const { queues } = bench();
      const queue = queues.queue("kept");
      let runs = 0;
      const work = async () => {
        runs += 1;
      };
      queues.worker("kept", work, { metrics: { maxDataPoints: 10 } });
      await queue.add("one", {});
      await queue.add("two", {});
      await queue.add("gone", {}, { removeOnComplete: true });
      await until(bench(), () => runs === 3, "all runs");
      await bench().pass(20);
      const oldestFirst = await queue.getJobs(["completed"], 0, -1, true);
      expect(oldestFirst.map((job) => job.name)).toEqual(["one", "two"]);
      expect(oldestFirst[0]?.opts).toMatchObject({ removeOnComplete: { age: 86_400, count: 1_000 } });
      await oldestFirst[0]?.log("hello");
      await oldestFirst[0]?.log("again");
      expect(await queue.getJobLogs(oldestFirst[0]?.id ?? "")).toEqual({
        logs: ["hello", "again"],
        count: 2,
      });
      expect((await queue.getMetrics("completed")).meta.count).toBe(3);
      expect((await queue.getMetrics("failed")).meta.count).toBe(0);
      await bench().pass(5);
      expect(await queue.clean(0, 10, "completed")).toHaveLength(2);
      expect(await queue.getJobCounts()).toEqual(NOTHING);
    });

    it("knows its workers, and an obliterated queue is empty", async () => {
      const { queues } = bench();
      const queue = queues.queue("gone");
      await queues.worker("gone", async () => undefined).waitUntilReady();
      await bench().pass(20);
      expect(await queue.getWorkersCount()).toBe(1);
      await queue.pause();
      await queue.add("never", {});
      await queue.upsertJobScheduler("never", { every: 60_000 });
      await queue.obliterate();
      expect(await queue.getJobCounts()).toEqual(NOTHING);
      expect(await queue.getJobSchedulersCount()).toBe(0);
    });

    it("runs a failed job again when a person asks for it", async () => {
      const { queues } = bench();
      const queue = queues.queue("again");
      let isBroken = true;
      let runs = 0;
      queues.worker("again", async () => {
        runs += 1;
        if (isBroken) throw new Error("broken");
      });
      const job = await queue.add("again", {});
      await until(bench(), () => runs === 1, "the failure");
      await bench().pass(20);
      isBroken = false;
      await (await queue.getJob(job.id ?? ""))?.retry("failed");
      await until(bench(), () => runs === 2, "the second run");
      await bench().pass(20);
      expect(await queue.getJobCounts()).toEqual({ ...NOTHING, completed: 1 });
      await expect(job.retry("failed")).rejects.toMatchObject({ code: -3 });
    });

    it("lets the running job finish when it closes, then runs and takes nothing more", async () => {
      const { queues } = bench();
      const queue = queues.queue("close");
      const runs: string[] = [];
      queues.worker("close", async (job) => {
        runs.push(`${job.name} begun`);
        await new Promise((resolve) => setTimeout(resolve, 50));
        runs.push(`${job.name} done`);
      });
      await queue.add("one", {});
      await queue.add("two", {});
      await until(bench(), () => runs.length === 1, "the first start");
      expect(await ended(bench(), queues.close())).toBe("clean");
      await bench().pass(100);
      expect(runs).toEqual(["one begun", "one done"]);
      await expect(queue.add("three", {})).rejects.toThrow();
      expect(await queues.close()).toBe("clean");
    });

    it("is cut off when a job doesn't end in time", async () => {
      const { queues } = bench();
      let begun = false;
      const queue = queues.queue("stuck");
      queues.worker("stuck", () => {
        begun = true;
        return new Promise(() => undefined);
      });
      await queue.add("stuck", {});
      await until(bench(), () => begun, "the start");
      expect(await ended(bench(), queues.close(100))).toBe("forced");
    });
  });
}
