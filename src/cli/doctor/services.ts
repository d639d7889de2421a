import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Store } from "../../desk/ports.ts";
import { openQueues } from "../../jobs/queues.ts";
import type { Settings } from "../../settings/settings.ts";
import { openStore } from "../../store/store.ts";
import { isConfirmed } from "../live-confirmation.ts";
import { about, type Finding } from "./finding.ts";

/** The job queue: Redis where it is set. A desk starts without it all the same. */
export async function redis({ redisUrl }: Settings): Promise<Finding> {
  const { ok, note } = about("redis");
  if (redisUrl === undefined) return ok("not used: jobs live in the desk's own process.");
  const queues = openQueues({ redisUrl, log: { warn: () => undefined } });
  const probe = await queues.probe();
  await queues.close(1_000);
  return probe.ok
    ? ok(`${queues.describe()} answers.`)
    : note(`${probe.sentence} Until then jobs run in the desk's own process.`);
}

/** The database, its ledger, and whether live was confirmed with these very limits. `canAsk`: a start from here could ask a person. */
export async function database(
  settings: Settings,
  redact: (text: string) => string,
  canAsk: boolean,
): Promise<readonly Finding[]> {
  const { ok, mend } = about("database");
  const file = join(settings.desk.dataDir, "perpdesk.db");
  if (settings.databaseUrl === undefined && !existsSync(file)) {
    return [
      ok(`${file} will be made at the first start.`),
      ...(await confirmation(settings, undefined, canAsk)),
    ];
  }
  const opened = await openStore({ url: settings.databaseUrl, file, redact });
  if (!opened.ok) return [mend(opened.problem)];
  const { store } = opened;
  try {
    const broken = await store.ledger.verify();
    return [
      ok(settings.databaseUrl === undefined ? `${file} opens.` : "PostgreSQL answers."),
      broken === undefined
        ? about("ledger").ok("its chain is whole.")
        : about("ledger").mend(
            `entry ${broken.sequence}: ${broken.reason}; keep a copy of the database, then start and /resume as an admin.`,
          ),
      ...(await confirmation(settings, store, canAsk)),
    ];
  } finally {
    await store.close();
  }
}

async function confirmation(
  settings: Settings,
  store: Store | undefined,
  canAsk: boolean,
): Promise<readonly Finding[]> {
  if (settings.mode !== "live") return [];
  const { ok, note, mend } = about("confirmation");
  if (store !== undefined && (await isConfirmed(settings, store.ledger)))
    return [ok("live mode was confirmed with this key and these limits.")];
  const said = "live mode is not confirmed with this key and these limits";
  return [
    canAsk
      ? note(`${said}: a start at this terminal asks for it, any other needs "perpdesk confirm" first.`)
      : mend(`${said}, and a start without a terminal is refused: run "perpdesk confirm" at one.`),
  ];
}
