import { describe, expect, it } from "vitest";
import { eachWithBench, listening, type QueueBench, until } from "./queue-bench.ts";

/** One job per deduplication id, in each of the ways that BullMQ offers. */
export function deduplicationContract(open: () => Promise<QueueBench>): void {
  describe("deduplication", () => {
    const bench = eachWithBench(open);

    it("takes one job per id until it has ended, then the next", async () => {
      const { queues } = bench();
      const queue = queues.queue("dedup");
      const events = await listening(bench(), queue);
      const told: unknown[] = [];
      events.on("deduplicated", ({ jobId, deduplicationId }) => told.push({ jobId, deduplicationId }));
      let runs = 0;
      await queue.pause();
      queues.worker("dedup", async () => {
        runs += 1;
      });
      const deduplication = { id: "BTCUSDT" };
      const first = await queue.add("close", {}, { deduplication });
      const second = await queue.add("close", {}, { deduplication });
      const other = await queue.add("close", {}, { deduplication: { id: "ETHUSDT" } });
      expect(second.id).toBe(first.id);
      expect(other.id).not.toBe(first.id);
      expect(await queue.getDeduplicationJobId("BTCUSDT")).toBe(first.id);
      await until(bench(), () => told.length === 1, "the news");
      expect(told).toEqual([{ jobId: first.id, deduplicationId: "BTCUSDT" }]);
      await queue.resume();
      await until(bench(), () => runs === 2, "both runs");
      await bench().pass(20);
      expect(await queue.getDeduplicationJobId("BTCUSDT")).toBeNull();
      expect((await queue.add("close", {}, { deduplication })).id).not.toBe(first.id);
      await until(bench(), () => runs === 3, "the third run");
    });

    it("holds an id for its time, also after the job has ended", async () => {
      const { queues } = bench();
      const queue = queues.queue("held");
      let runs = 0;
      queues.worker("held", async () => {
        runs += 1;
      });
      const deduplication = { id: "k", ttl: 300 };
      const first = await queue.add("held", {}, { deduplication });
      await until(bench(), () => runs === 1, "the run");
      expect((await queue.add("held", {}, { deduplication })).id).toBe(first.id);
      await bench().pass(310);
      expect((await queue.add("held", {}, { deduplication })).id).not.toBe(first.id);
      await until(bench(), () => runs === 2, "the second run");
    });

    it("lets a newer job take the place of a delayed one", async () => {
      const { queues } = bench();
      const queue = queues.queue("replace");
      const options = { delay: 60_000, deduplication: { id: "k", ttl: 60_000, replace: true, extend: true } };
      const first = await queue.add("old", { version: 1 }, options);
      const second = await queue.add("new", { version: 2 }, options);
      expect(second.id).not.toBe(first.id);
      expect((await queue.getDelayed()).map((job) => job.data)).toEqual([{ version: 2 }]);
    });

    it("runs the newest of the jobs that came while one was active, once", async () => {
      const { queues } = bench();
      const queue = queues.queue("newest");
      const seen: unknown[] = [];
      let release = () => undefined as unknown;
      queues.worker("newest", async (job) => {
        seen.push(job.data);
        if (seen.length === 1) {
          await new Promise<void>((resolve) => {
            release = resolve;
          });
        }
      });
      const options = { deduplication: { id: "k", keepLastIfActive: true } };
      await queue.add("look", 1, options);
      await until(bench(), () => seen.length === 1, "the first run");
      await queue.add("look", 2, options);
      await queue.add("look", 3, options);
      release();
      await until(bench(), () => seen.length === 2, "the second run");
      await bench().pass(50);
      expect(seen).toEqual([1, 3]);
    });
  });
}
