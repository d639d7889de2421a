import { join } from "node:path";
import { openQueues } from "../jobs/queues.ts";
import { startUpkeep } from "../jobs/upkeep-job.ts";
import { createLog } from "../observe/log.ts";
import { createRedactor } from "../observe/redactor.ts";
import { openStore } from "../store/store.ts";
import { readArguments } from "./arguments.ts";
import { queueLog } from "./jobs.ts";
import { readSettings } from "./read-settings.ts";
import { StartError } from "./start-error.ts";

/** Works on the housekeeping queue until it is told to stop. */
export async function worker(args: readonly string[]): Promise<number> {
  const { values } = readArguments(args, { config: { type: "string" } }, 0);
  const { settings, secrets } = await readSettings({
    configFile: values.config,
    env: process.env,
    cwd: process.cwd(),
  });
  if (settings.redisUrl === undefined)
    throw new StartError(
      "A worker needs Redis: set REDIS_URL in .env, e.g. redis://:PASSWORD@127.0.0.1:6379.",
    );
  const redactor = createRedactor(secrets);
  const log = createLog({ level: settings.log.level, redactor });
  const opened = await openStore({
    url: settings.databaseUrl,
    file: join(settings.desk.dataDir, "perpdesk.db"),
    redact: (text) => redactor.text(text),
  });
  if (!opened.ok) throw new StartError(opened.problem);
  const queues = openQueues({ redisUrl: settings.redisUrl, log: queueLog(log) });
  const probe = await queues.probe();
  if (!probe.ok) throw new StartError(probe.sentence);
  const { ledger } = opened.store;
  await startUpkeep(
    queues,
    async () => {
      const found = await ledger.verify();
      return {
        isWhole: found === undefined,
        problem: found === undefined ? "" : `entry ${found.sequence}: ${found.reason}`,
      };
    },
    (verdict) => {
      if (verdict.isWhole) log.info("the audit ledger is whole");
      else log.error("the audit ledger is broken", { problem: verdict.problem });
    },
  );
  log.info(`worker: ${queues.describe()}`);
  await new Promise<void>((resolve) => {
    process.on("SIGINT", () => resolve());
    process.on("SIGTERM", () => resolve());
  });
  await queues.close();
  await opened.store.close();
  log.close();
  return 0;
}
