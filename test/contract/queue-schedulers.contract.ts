import { describe, expect, it } from "vitest";
import { syncSchedulers } from "../../src/jobs/schedulers.ts";
import { eachWithBench, type QueueBench, slotOf, until } from "./queue-bench.ts";

/** Jobs that run again and again. */
export function schedulerContract(open: () => Promise<QueueBench>): void {
  describe("schedulers", () => {
    const bench = eachWithBench(open);

    it("runs at once and then in step; the same wish again changes nothing", async () => {
      const { queues } = bench();
      const queue = queues.queue("step");
      const slots: number[] = [];
      queues.worker("step", async (job) => slots.push(slotOf(job)));
      const wish = { id: "s", name: "tick", data: { n: 1 }, timing: { everyMs: 150 } };
      expect(await syncSchedulers(queue, [wish])).toEqual({
        added: ["s"],
        kept: [],
        retimed: [],
        removed: [],
      });
      expect(await syncSchedulers(queue, [wish])).toEqual({
        added: [],
        kept: ["s"],
        retimed: [],
        removed: [],
      });
      await until(bench(), () => slots.length === 6, "six runs");
      expect(slots.map((slot) => slot - (slots[0] ?? 0))).toEqual([0, 150, 300, 450, 600, 750]);
      expect(await queue.getJobSchedulers()).toMatchObject([
        { key: "s", name: "tick", every: 150, template: { data: { n: 1 } } },
      ]);
      expect(await queue.getDelayedCount()).toBe(1);
    });

    it("runs by a cron pattern on whole seconds", async () => {
      const { queues } = bench();
      const queue = queues.queue("cron");
      const slots: number[] = [];
      queues.worker("cron", async (job) => slots.push(slotOf(job)));
      const timing = { pattern: "* * * * * *", tz: "UTC" };
      await syncSchedulers(queue, [{ id: "c", name: "cron", data: {}, timing }]);
      await until(bench(), () => slots.length === 3, "three runs");
      expect(slots.map((slot) => slot - (slots[0] ?? 0))).toEqual([0, 1_000, 2_000]);
      expect((slots[0] ?? 1) % 1_000).toBe(0);
    });

    it("keeps its phase over a restart's upsert", async () => {
      const { queues } = bench();
      const queue = queues.queue("phase");
      const wish = { id: "p", name: "tick", data: {}, timing: { everyMs: 60_000 } };
      let runs = 0;
      await syncSchedulers(queue, [wish]);
      const first = (await queue.getJobScheduler("p"))?.next ?? 0;
      queues.worker("phase", async () => {
        runs += 1;
      });
      await until(bench(), () => runs === 1, "the first run");
      await bench().pass(20);
      expect((await queue.getJobScheduler("p"))?.next).toBe(first + 60_000);
      await syncSchedulers(queue, [wish]);
      await syncSchedulers(queue, [{ ...wish, data: { other: true } }]);
      expect((await queue.getJobScheduler("p"))?.next).toBe(first + 60_000);
      expect(await queue.getDelayedCount()).toBe(1);
      await bench().pass(50);
      expect(runs).toBe(1);
    });

    it("makes up for missed runs with one, then falls into its old phase", async () => {
      const { queues } = bench();
      const queue = queues.queue("missed");
      const wish = { id: "m", name: "tick", data: {}, timing: { everyMs: 500 } };
      await syncSchedulers(queue, [wish]);
      const first = (await queue.getJobScheduler("m"))?.next ?? 0;
      await bench().pass(1_720);
      await syncSchedulers(queue, [wish]);
      const runs: { readonly slot: number; readonly at: number }[] = [];
      const resumedAt = Date.now();
      queues.worker("missed", async (job) => runs.push({ slot: slotOf(job), at: Date.now() }));
      await until(bench(), () => runs.length === 3, "three runs");
      const firstAfter = first + Math.ceil((resumedAt - first) / 500) * 500;
      expect(runs.map((run) => run.slot)).toEqual([first, firstAfter, firstAfter + 500]);
      for (const run of runs.slice(1)) expect(run.at).toBeGreaterThanOrEqual(run.slot);
    });

    it("takes away what is no longer wanted and begins anew what got another timing", async () => {
      const { queues } = bench();
      const queue = queues.queue("stale");
      const timing = { everyMs: 60_000 };
      const wish = (id: string, everyMs = 60_000) => ({ id, name: id, data: {}, timing: { everyMs } });
      await syncSchedulers(queue, [wish("stays"), wish("leaves"), wish("changes")]);
      const stays = await queue.getJobScheduler("stays");
      expect(timing.everyMs).toBe(stays?.every);
      const changes = await syncSchedulers(queue, [wish("stays"), wish("changes", 30_000), wish("comes")]);
      expect(changes).toEqual({
        added: ["comes"],
        kept: ["stays"],
        retimed: ["changes"],
        removed: ["leaves"],
      });
      const schedulers = await queue.getJobSchedulers();
      expect(schedulers.map(({ key, every }) => [key, every]).sort()).toEqual([
        ["changes", 30_000],
        ["comes", 60_000],
        ["stays", 60_000],
      ]);
      expect((await queue.getJobScheduler("stays"))?.next).toBe(stays?.next);
      const jobs = await queue.getJobs(["waiting", "delayed"]);
      expect(jobs.map((job) => job.name).sort()).toEqual(["changes", "comes", "stays"]);
    });

    it("doesn't let a scheduler's next run be removed behind its back", async () => {
      const { queues } = bench();
      const queue = queues.queue("guarded");
      const timing = { everyMs: 60_000 };
      await syncSchedulers(queue, [{ id: "g", name: "tick", data: {}, timing }]);
      const [run] = await queue.getJobs(["waiting", "delayed"]);
      await expect(queue.remove(run?.id ?? "")).rejects.toMatchObject({ code: -8 });
      await queue.drain(true);
      expect(await queue.getJobs(["waiting", "delayed"])).toHaveLength(1);
    });
  });
}
