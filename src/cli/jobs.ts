import { millis } from "../core/units.ts";
import type { Desk } from "../desk/desk.ts";
import { heartbeatAlert } from "../desk/desk-alerts.ts";
import type { HealthKeeper } from "../desk/health.ts";
import { SKEW_MAX_MS } from "../desk/kernel/interruptions.ts";
import { stuckRungs } from "../desk/kernel/rungs-of.ts";
import type { Chat, Clock, Store } from "../desk/ports.ts";
import { scopeOf } from "../desk/scope.ts";
import { viewOf } from "../desk/view.ts";
import { startHealthJob } from "../jobs/health-job.ts";
import { startHeartbeat } from "../jobs/heartbeat-job.ts";
import { openQueues, type Queues } from "../jobs/queues.ts";
import { startRecoveryJob } from "../jobs/recovery-job.ts";
import { startUpkeep } from "../jobs/upkeep-job.ts";
import type { Log } from "../observe/log.ts";
import type { Settings } from "../settings/settings.ts";
import { unlessLate } from "./in-time.ts";

const CLOSE_MS = 4_000;
const SECOND_MS = 1_000;
/** A Redis that takes longer than this to take all jobs is none. */
const START_MS = 8_000;
const MINUTE_MS = 60_000;

/** Which rungs are stuck is looked at this often, and each of them (wall). */
const RECOVERY_PACE = { deriveEveryMs: 30_000, lookEveryMs: 60_000 };

/** Desks that share a Redis have a queue each: what one of them knows as stuck the other does not. */
function queueOf(name: string, desk: Desk): string {
  return `${name}-${scopeOf(desk.kernel.state.config).replaceAll(/[^a-zA-Z0-9-]+/g, "-")}`;
}

/** What the jobs are started with. */
export interface JobParts {
  readonly settings: Settings;
  readonly log: Log;
  readonly clock: Clock;
}

/** The queues' log lines, in the house's log. */
export const queueLog = (log: Log) => ({
  warn: (fields: object, message: string) => log.warn(message, { ...fields }),
});

/** What is told of the queues that work. */
interface RunningJobs {
  queue: string | undefined;
  queues: Pick<Queues, "views"> | undefined;
  readonly chat: Chat | undefined;
}

/**
 * Starts the health check and the housekeeping on the configured queue, or in this process where Redis is away, is full, or does
 * not answer: the desk trades by then, and needs its jobs and its end.
 */
export async function startJobs(
  options: JobParts,
  queues: Queues,
  health: HealthKeeper,
  desk: Desk,
  store: Store,
  running: RunningJobs,
): Promise<{ stop(): Promise<void> }> {
  const { log, clock } = options;
  const start = (on: Queues) => startOn(on, options, health, desk, store, running);
  health.begin();
  const probe = await queues.probe();
  let trouble = probe.ok ? undefined : probe.sentence;
  if (probe.ok) {
    const tried = start(queues);
    try {
      return await unlessLate(START_MS, clock, tried, (): never => {
        throw new Error(`no answer in ${START_MS / SECOND_MS} s`);
      });
    } catch (fault) {
      trouble = `Redis answers, and takes no jobs (${fault instanceof Error ? fault.message : String(fault)}).`;
      // Should it come through after all: nothing of it may work beside the others.
      tried.then(
        (late) => late.stop(),
        () => undefined,
      );
    }
  }
  log.warn(`${trouble} Jobs run in this process until the next start.`);
  await unlessLate(2 * SECOND_MS, clock, queues.close(SECOND_MS), () => undefined).catch(() => undefined);
  return start(openQueues({ log: queueLog(log) }));
}

async function startOn(
  working: Queues,
  { settings, clock }: JobParts,
  health: HealthKeeper,
  desk: Desk,
  store: Store,
  running: RunningJobs,
): Promise<{ stop(): Promise<void> }> {
  running.queue = working.describe();
  running.queues = working;
  const report = (
    job: string,
    isOk: boolean,
    fields: Readonly<Record<string, string | number | boolean | null>>,
  ): void => {
    const times = { at: desk.kernel.state.at, wallAt: millis(Math.round(clock.now())) };
    desk.emit({ type: "jobResult", ...times, job, isOk, report: fields });
  };
  const check = await startHealthJob(
    working,
    settings.health.everyMs,
    (lagMs) => health.check(lagMs),
    (found, isOk) => {
      report("health", isOk, found);
      const skewMs = found["skewMs"];
      if (typeof skewMs !== "number" || Math.abs(skewMs) <= SKEW_MAX_MS) return;
      desk.emit({
        type: "clockStep",
        at: desk.kernel.state.at,
        wallAt: millis(Math.round(clock.now())),
        stepMs: skewMs,
        against: "exchange",
      });
    },
  );
  // A check that is under way when the desk ends must not find its database closed.
  let verifying: Promise<unknown> = Promise.resolve();
  const upkeep = await startUpkeep(
    working,
    async () => {
      const look = store.ledger.verify();
      verifying = look.catch(() => undefined);
      const found = await look;
      return {
        isWhole: found === undefined,
        problem: found === undefined ? "" : `entry ${found.sequence}: ${found.reason}`,
      };
    },
    (verdict) => report("verify-ledger", verdict.isWhole, { problem: verdict.problem }),
  );
  const recovery = await startRecoveryJob(
    working,
    queueOf("recovery", desk),
    {
      stuck: () => stuckRungs(desk.kernel.state).map(({ engine, rung }) => ({ engine, rung })),
      look: ({ engine, rung }) => report("recovery", true, { engine, rung }),
    },
    RECOVERY_PACE,
  );
  const heartbeat = await startHeartbeat(
    working,
    queueOf("heartbeat", desk),
    settings.health.heartbeatMs,
    async () => {
      const { state } = desk.kernel;
      // The message of the start says it already.
      if (clock.now() - state.config.bootWallAt < MINUTE_MS) return;
      running.chat?.alert(heartbeatAlert(viewOf(state), await store.ledger.head(), clock.now()));
    },
  );
  return {
    stop: async () => {
      await Promise.all([check, upkeep, recovery, heartbeat].map((job) => job.stop().catch(() => undefined)));
      await working.close(CLOSE_MS);
      await verifying;
    },
  };
}
