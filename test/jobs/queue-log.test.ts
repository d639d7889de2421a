import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { QuietErrors } from "../../src/jobs/queue-log.ts";

describe("the errors of the job queues", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it("are written once per kind in 30 s, then again with the number that was kept back", () => {
    const written: unknown[] = [];
    const errors = new QuietErrors({ warn: (fields, message) => written.push([fields, message]) });
    const refused = new Error("connect ECONNREFUSED 127.0.0.1:6379");
    errors.listener("worker health")(refused);
    errors.listener("queue health")(refused);
    errors.listener("worker health")(new Error("Missing lock for job 7. moveToFinished"));
    errors.listener("worker health")(new Error("Missing lock for job 8. moveToFinished"));
    vi.advanceTimersByTime(29_999);
    errors.listener("worker health")(refused);
    expect(written).toEqual([
      [{ source: "worker health" }, "job queue: connect ECONNREFUSED 127.0.0.1:6379"],
      [{ source: "worker health" }, "job queue: Missing lock for job 7. moveToFinished"],
    ]);
    vi.advanceTimersByTime(1);
    errors.listener("queue health")(refused);
    expect(written.slice(2)).toEqual([
      [{ source: "queue health", withheld: 2 }, "job queue: connect ECONNREFUSED 127.0.0.1:6379"],
    ]);
  });

  it("are written without what else an error carries", () => {
    const written: unknown[] = [];
    const errors = new QuietErrors({ warn: (...line) => written.push(line) });
    const carrying = Object.assign(new Error("WRONGPASS"), {
      command: { name: "auth", args: ["marker-secret"] },
    });
    errors.listener("queue health")(carrying);
    expect(written).toHaveLength(1);
    expect(JSON.stringify(written)).not.toContain("marker-secret");
  });
});
