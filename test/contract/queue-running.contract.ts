import { UnrecoverableError } from "bullmq";
import { describe, expect, it } from "vitest";
import { eachWithBench, ended, listening, NOTHING, type QueueBench, until } from "./queue-bench.ts";

/** Jobs that run, fail, wait, and lose their worker. */
export function runningContract(open: () => Promise<QueueBench>): void {
  describe("running jobs", () => {
    const bench = eachWithBench(open);

    it("is ready, runs a job and brings its result to whoever waits for it", async () => {
      const { queues } = bench();
      const queue = queues.queue("run");
      const events = queues.events("run");
      const worker = queues.worker("run", async (job) => ({ got: job.data, name: job.name }));
      await ended(bench(), Promise.all([queue, events, worker].map((each) => each.waitUntilReady())));
      const job = await queue.add("first", { x: 1 });
      expect(await ended(bench(), job.waitUntilFinished(events))).toEqual({ got: { x: 1 }, name: "first" });
      const stored = await queue.getJob(job.id ?? "");
      expect(stored).toMatchObject({ attemptsMade: 1, attemptsStarted: 1, stalledCounter: 0, progress: 0 });
      expect(await queue.getJobCounts()).toEqual({ ...NOTHING, completed: 1 });
    });

    it("hands a job's data over as they are, whatever the caller does with its object later", async () => {
      const { queues } = bench();
      const data = {
        text: "ü€\u0000✓",
        part: 0.1,
        most: 2 ** 53 - 1,
        deep: [{ none: null }],
        empty: {},
        list: [],
      };
      const before = structuredClone(data);
      const seen: unknown[] = [];
      const queue = queues.queue("data");
      await queue.pause();
      const job = await queue.add("data", data, { removeOnComplete: false });
      data.deep.push({ none: null });
      queues.worker("data", async ({ data }) => seen.push(data));
      await queue.resume();
      await until(bench(), () => seen.length === 1, "the run");
      expect(seen).toEqual([before]);
      expect((await queue.getJob(job.id ?? ""))?.data).toEqual(before);
    });

    it("runs a delayed job when it is due and not before", async () => {
      const { queues } = bench();
      const runs: number[] = [];
      const queue = queues.queue("delay");
      queues.worker("delay", async () => runs.push(Date.now()));
      const job = await queue.add("later", {}, { delay: 300 });
      expect(await job.getState()).toBe("delayed");
      await until(bench(), () => runs.length === 1, "the run");
      expect((runs[0] ?? 0) - job.timestamp).toBeGreaterThanOrEqual(300);
      expect((runs[0] ?? 0) - job.timestamp).toBeLessThan(800);
    });

    it("tries a failing job again after growing pauses and keeps its errors", async () => {
      const { queues } = bench();
      const tries: number[] = [];
      const queue = queues.queue("retry");
      const events = await listening(bench(), queue);
      queues.worker("retry", async () => {
        tries.push(Date.now());
        if (tries.length < 3) throw new Error(`try ${tries.length}`);
        return "third";
      });
      const options = { attempts: 5, backoff: { type: "exponential", delay: 60 } };
      const job = await queue.add("flaky", {}, options);
      expect(await ended(bench(), job.waitUntilFinished(events))).toBe("third");
      const stored = await queue.getJob(job.id ?? "");
      expect(stored).toMatchObject({ attemptsMade: 3, attemptsStarted: 3, returnvalue: "third" });
      expect(stored?.stacktrace?.map((trace) => trace.split("\n")[0])).toEqual([
        "Error: try 1",
        "Error: try 2",
      ]);
      expect((tries[1] ?? 0) - (tries[0] ?? 0)).toBeGreaterThanOrEqual(60);
      expect((tries[2] ?? 0) - (tries[1] ?? 0)).toBeGreaterThanOrEqual(120);
    });

    it("never tries a job again that says it can't be mended", async () => {
      const { queues } = bench();
      const queue = queues.queue("fatal");
      const events = await listening(bench(), queue);
      const told: string[] = [];
      events.on("retries-exhausted", ({ jobId }) => told.push(jobId));
      queues.worker("fatal", async ({ data }) => {
        throw data === "fatal" ? new UnrecoverableError("no") : new Error("again");
      });
      const fatal = await queue.add("fatal", "fatal", { attempts: 5 });
      await expect(ended(bench(), fatal.waitUntilFinished(events))).rejects.toThrow("no");
      const stored = await queue.getJob(fatal.id ?? "");
      expect(stored).toMatchObject({ attemptsMade: 1, failedReason: "no" });
      expect(await stored?.getState()).toBe("failed");
      expect(told).toEqual([]);

      const tired = await queue.add("tired", "tired", { attempts: 2 });
      await expect(ended(bench(), tired.waitUntilFinished(events))).rejects.toThrow("again");
      await until(bench(), () => told.length > 0, "the news that it was tried often enough");
      expect(told).toEqual([tired.id]);
    });

    it("tells the steps of a job in order", async () => {
      const { queues } = bench();
      const queue = queues.queue("events");
      const events = await listening(bench(), queue);
      const told: unknown[] = [];
      for (const name of ["added", "waiting", "active", "completed", "drained"] as const) {
        events.on(name, () => told.push(name));
      }
      events.on("progress", ({ data }) => told.push(data));
      queues.worker("events", async (job) => job.updateProgress({ done: 50 }));
      const job = await queue.add("steps", {});
      await ended(bench(), job.waitUntilFinished(events));
      await until(bench(), () => told.includes("drained"), "the last event");
      expect(told).toEqual(["added", "waiting", "active", { done: 50 }, "completed", "drained"]);
      expect((await queue.getJob(job.id ?? ""))?.progress).toEqual({ done: 50 });
    });

    it("runs unranked jobs first, then by rank, and nothing while the queue is paused", async () => {
      const { queues } = bench();
      const runs: string[] = [];
      const queue = queues.queue("rank");
      await queue.pause();
      queues.worker("rank", async (job) => runs.push(job.name));
      await queue.addBulk([
        { name: "five", data: {}, opts: { priority: 5 } },
        { name: "one", data: {}, opts: { priority: 1 } },
        { name: "also one", data: {}, opts: { priority: 1 } },
        { name: "none", data: {} },
        { name: "first", data: {}, opts: { lifo: true } },
      ]);
      await bench().pass(50);
      expect(runs).toEqual([]);
      expect(await queue.getJobCounts()).toEqual({ ...NOTHING, prioritized: 3, waiting: 2 });
      expect(await queue.getCountsPerPriority([0, 1, 5])).toEqual({ 0: 2, 1: 2, 5: 1 });
      expect((await queue.getWaiting()).map((job) => job.name)).toEqual(["first", "none"]);
      await queue.resume();
      await until(bench(), () => runs.length === 5, "all runs");
      expect(runs).toEqual(["first", "none", "one", "also one", "five"]);
    });

    it("keeps to a worker's rate and to the queue's own limit of jobs at a time", async () => {
      const { queues } = bench();
      const starts: number[] = [];
      const rated = queues.queue("rated");
      const limiter = { max: 5, duration: 400 };
      queues.worker("rated", async () => starts.push(Date.now()), { limiter, concurrency: 10 });
      await rated.addBulk(Array.from({ length: 12 }, () => ({ name: "r", data: {} })));

      const single = queues.queue("single");
      await single.setGlobalConcurrency(1);
      let now = 0;
      let most = 0;
      let done = 0;
      const work = async () => {
        now += 1;
        most = Math.max(most, now);
        await new Promise((resolve) => setTimeout(resolve, 10));
        now -= 1;
        done += 1;
      };
      queues.worker("single", work, { concurrency: 3 });
      queues.worker("single", work, { concurrency: 3 });
      await single.addBulk(Array.from({ length: 8 }, () => ({ name: "s", data: {} })));

      await until(bench(), () => starts.length === 12 && done === 8, "all runs");
      expect(most).toBe(1);
      // A window opens with its first start, so the sixth and the eleventh start wait for a new one.
      expect((starts[5] ?? 0) - (starts[0] ?? 0)).toBeGreaterThanOrEqual(350);
      expect((starts[10] ?? 0) - (starts[5] ?? 0)).toBeGreaterThanOrEqual(350);
      expect((starts[4] ?? 0) - (starts[0] ?? 0)).toBeLessThan(350);
    });

    it("runs a job again whose worker died, and only the living worker's result counts", async () => {
      const { queues } = bench();
      const settings = { lockDuration: 300, stalledInterval: 200 };
      const queue = queues.queue("stalled");
      const events = await listening(bench(), queue);
      const stalled: string[] = [];
      events.on("stalled", ({ jobId }) => stalled.push(jobId));
      let release: (result: string) => void = () => undefined;
      let begun = false;
      const dying = queues.worker(
        "stalled",
        () => {
          begun = true;
          return new Promise<string>((resolve) => {
            release = resolve;
          });
        },
        settings,
      );
      const job = await queue.add("recover", {});
      await until(bench(), () => begun, "the first run");
      expect(await queue.remove(job.id ?? "")).toBe(0);
      await dying.close(true);
      queues.worker("stalled", async () => "living", settings);
      expect(await ended(bench(), job.waitUntilFinished(events))).toBe("living");
      release("dead");
      await bench().pass(20);
      expect(stalled).toEqual([job.id]);
      expect(await queue.getJob(job.id ?? "")).toMatchObject({
        returnvalue: "living",
        stalledCounter: 1,
        attemptsStarted: 2,
        attemptsMade: 1,
      });
    });
  });
}
