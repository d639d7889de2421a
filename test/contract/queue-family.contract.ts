import { describe, expect, it } from "vitest";
import { eachWithBench, ended, listening, type QueueBench, until } from "./queue-bench.ts";

/** Jobs that wait for their children, over several queues. */
export function familyContract(open: () => Promise<QueueBench>): void {
  describe("parents and children", () => {
    const bench = eachWithBench(open);

    it("runs a parent once all its children have, with their results", async () => {
      const { queues } = bench();
      const parents = queues.queue("parents");
      const events = await listening(bench(), parents);
      const order: string[] = [];
      queues.worker("parents", async (job) => {
        order.push("parent");
        return Object.values(await job.getChildrenValues()).sort();
      });
      const { job } = await queues.flows().add({
        name: "parent",
        queueName: "parents",
        data: {},
        children: [
          { name: "child", queueName: "children", data: 1 },
          { name: "child", queueName: "children", data: 2 },
        ],
      });
      expect(await job.getState()).toBe("waiting-children");
      expect(await job.getDependenciesCount()).toMatchObject({ processed: 0, unprocessed: 2 });
      queues.worker("children", async ({ data }) => {
        order.push(`child ${data}`);
        return Number(data) * 10;
      });
      expect(await ended(bench(), job.waitUntilFinished(events))).toEqual([10, 20]);
      expect(order).toEqual(["child 1", "child 2", "parent"]);
      expect(await job.getDependenciesCount()).toMatchObject({ processed: 2, unprocessed: 0 });
      const tree = await queues.flows().getFlow({ id: job.id ?? "", queueName: "parents" });
      expect(tree?.children?.map((child) => child.job.returnvalue).sort()).toEqual([10, 20]);
      expect((await parents.getDependencies(job.id ?? "", "processed", 0, -1)).total).toBe(2);
    });

    it("fails a parent whose child fails, if the child says so", async () => {
      const { queues } = bench();
      const failed: unknown[] = [];
      queues
        .worker("heads", async () => "never")
        .on("failed", (job, error) => failed.push([job?.name, error.message]));
      queues.worker("limbs", async () => {
        throw new Error("broken");
      });
      const limb = { name: "limb", queueName: "limbs", data: {}, opts: { failParentOnFailure: true } };
      const tree = await queues.flows().add({ name: "head", queueName: "heads", data: {}, children: [limb] });
      await until(bench(), () => failed.length === 1, "the parent's failure");
      const childKey = `${tree.children?.[0]?.job.queueQualifiedName}:${tree.children?.[0]?.job.id}`;
      expect(failed).toEqual([["head", `child ${childKey} failed`]]);
      await bench().pass(20);
      expect(await tree.job.getState()).toBe("failed");
    });

    it("lets a parent run without a child that may fail, and tells it why", async () => {
      const { queues } = bench();
      const events = await listening(bench(), queues.queue("tolerant"));
      queues.worker("tolerant", async (job) => Object.values(await job.getIgnoredChildrenFailures()));
      queues.worker("optional", async () => {
        throw new Error("not today");
      });
      const opts = { ignoreDependencyOnFailure: true };
      const { job } = await queues.flows().add({
        name: "parent",
        queueName: "tolerant",
        data: {},
        children: [{ name: "child", queueName: "optional", data: {}, opts }],
      });
      expect(await ended(bench(), job.waitUntilFinished(events))).toEqual(["not today"]);
    });

    it("takes a family out together", async () => {
      const { queues } = bench();
      const parents = queues.queue("families");
      const children = queues.queue("offspring");
      const child = { name: "child", queueName: "offspring", data: {} };
      const { job } = await queues
        .flows()
        .add({ name: "p", queueName: "families", data: {}, children: [child] });
      expect(await parents.remove(job.id ?? "")).toBe(1);
      expect(await parents.count()).toBe(0);
      expect(await children.count()).toBe(0);
    });
  });
}
