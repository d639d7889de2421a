import { expect, test } from "vitest";
import { type JobParts, startJobs } from "../../src/cli/jobs.ts";
import type { Desk } from "../../src/desk/desk.ts";
import type { HealthKeeper } from "../../src/desk/health.ts";
import type { Store } from "../../src/desk/ports.ts";
import type { Queues } from "../../src/jobs/queues.ts";
import { Rig } from "../support/rig.ts";
import { keptLog } from "./settings.ts";

const clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after: (ms: number, work: () => void) => {
    // Eight seconds of patience are eighty milliseconds here.
    const timer = setTimeout(work, ms / 100);
    return () => clearTimeout(timer);
  },
};

test.each([
  [
    "refuses",
    () => Promise.reject(new Error("OOM command not allowed")),
    /takes no jobs \(OOM command not allowed\)/,
  ],
  ["does not answer", () => new Promise<never>(() => undefined), /takes no jobs \(no answer in 8 s\)/],
])(
  "a Redis that answers a ping and then %s costs the queue, not the desk: jobs run in this process",
  async (_what, answer, told) => {
    const heard = (): Promise<never> => {
      const answered = answer();
      answered.catch(() => undefined);
      return answered;
    };
    const queue = new Proxy({}, { get: (_queue, name) => (name === "then" ? undefined : heard) });
    const own: Readonly<Record<string, unknown>> = {
      probe: async () => ({ ok: true }),
      describe: () => "redis",
      close: async () => "clean",
    };
    const redis = new Proxy({} as Queues, {
      get: (_target, name) => own[String(name)] ?? (name === "then" ? undefined : () => queue),
    });
    const log = keptLog();
    const desk = { kernel: new Rig().boot().kernel, emit: () => undefined } as unknown as Desk;
    const settings = { health: { everyMs: 60_000, heartbeatMs: 3_600_000 } };
    const running = { queue: undefined as string | undefined, queues: undefined, chat: undefined };
    const jobs = await startJobs(
      { settings, log, clock } as unknown as JobParts,
      redis,
      { begin: () => undefined, check: async () => undefined } as unknown as HealthKeeper,
      desk,
      { ledger: { verify: async () => undefined } } as unknown as Store,
      running,
    );
    expect(running.queue).not.toBe("redis");
    expect(log.lines.join("\n")).toMatch(told);
    await jobs.stop();
  },
);
