import { describe, expect, it } from "vitest";
import { type StuckRung, startRecoveryJob } from "../../src/jobs/recovery-job.ts";
import { eachWithBench, ended, type QueueBench, until } from "./queue-bench.ts";

const PACE = { deriveEveryMs: 100, lookEveryMs: 150 };
const RUNGS: readonly StuckRung[] = [
  { engine: "grid1", rung: 3 },
  { engine: "grid1", rung: 4 },
];

/** A desk that knows which rungs are stuck, and notes which ones it was asked to look at. */
function desk(stuck: readonly StuckRung[]) {
  const looks: string[] = [];
  const known = {
    list: stuck,
    stuck: () => known.list,
    look: ({ engine, rung }: StuckRung): void => {
      looks.push(`${engine} ${rung}`);
    },
  };
  return { known, looks };
}

/** What the recovery job does on every backend. */
export function recoveryJobContract(open: () => Promise<QueueBench>): void {
  describe("the recovery job", () => {
    const bench = eachWithBench(open);
    const start = (known: Parameters<typeof startRecoveryJob>[2]) =>
      ended(bench(), startRecoveryJob(bench().queues, "recovery", known, PACE));
    const ids = async (): Promise<readonly string[]> => {
      const queue = bench().queues.queue("recovery");
      const schedulers = await ended(bench(), queue.getJobSchedulers());
      return schedulers.map(({ key }) => key).sort();
    };

    it("looks at each stuck rung again and again, and at nothing else", async () => {
      const { known, looks } = desk(RUNGS);
      await start(known);
      await until(bench(), () => looks.filter((look) => look === "grid1 4").length >= 3, "three looks");
      expect(new Set(looks)).toEqual(new Set(["grid1 3", "grid1 4"]));
      expect(await ids()).toEqual(["derive", "grid1/3", "grid1/4"]);
      const queue = bench().queues.queue("recovery");
      expect(await ended(bench(), queue.getGlobalConcurrency())).toBe(1);
    });

    it("takes one up that gets stuck, and drops one that is free, whatever the queue remembers", async () => {
      const { known, looks } = desk([{ engine: "grid1", rung: 3 }]);
      await start(known);
      known.list = [{ engine: "grid1", rung: 9 }];
      await until(bench(), () => looks.includes("grid1 9"), "a look at the new one");
      expect(await ids()).toEqual(["derive", "grid1/9"]);
      const before = looks.filter((look) => look === "grid1 3").length;
      await until(bench(), () => looks.filter((look) => look === "grid1 9").length >= 4, "further looks");
      expect(looks.filter((look) => look === "grid1 3").length).toBe(before);
    });

    it("begins from what the desk says: schedules of an earlier life are gone", async () => {
      const queue = bench().queues.queue("recovery");
      await ended(
        bench(),
        queue.upsertJobScheduler(
          "grid1/77",
          { every: 100 },
          { name: "look", data: { engine: "grid1", rung: 77 } },
        ),
      );
      const { known, looks } = desk([{ engine: "grid1", rung: 3 }]);
      await start(known);
      expect(await ids()).toEqual(["derive", "grid1/3"]);
      await until(bench(), () => looks.length >= 3, "three looks");
      expect(new Set(looks)).toEqual(new Set(["grid1 3"]));
    });

    it("what somebody else puts into the queue is not believed: no unknown rung, no order, no approval", async () => {
      const { known, looks } = desk(RUNGS.slice(0, 1));
      await start(known);
      const queue = bench().queues.queue("recovery");
      const forged = [
        { engine: "grid1", rung: 12 },
        { engine: "grid1", rung: "3" },
        { engine: "grid1", rung: 3, how: "aggressive", decision: "approve" },
        {},
      ];
      await ended(bench(), queue.addBulk(forged.map((data) => ({ name: "look", data }))));
      await until(bench(), () => looks.length >= 4, "four looks");
      expect(new Set(looks)).toEqual(new Set(["grid1 3"]));
    });
  });
}
