import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { createLog } from "../observe/log.ts";
import { createRedactor } from "../observe/redactor.ts";
import { openStore } from "../store/store.ts";
import { readArguments } from "./arguments.ts";
import { checkKey } from "./key-check.ts";
import { confirmLive, isConfirmed, requireConfirmable } from "./live-confirmation.ts";
import { openGateway } from "./open-gateway.ts";
import { personAtTerminal } from "./person.ts";
import { readSettings } from "./read-settings.ts";
import { simKeys } from "./sim-keys.ts";
import { StartError } from "./start-error.ts";
import { systemClock } from "./system-clock.ts";

/** Checks the key and asks for the typed confirmation of live mode; starts nothing. */
export async function confirm(args: readonly string[]): Promise<number> {
  const { values } = readArguments(args, { config: { type: "string" }, mode: { type: "string" } }, 0);
  const { settings, secrets } = await readSettings({
    configFile: values.config,
    env: process.env,
    cwd: process.cwd(),
    overrides: { mode: values.mode },
  });
  if (settings.mode !== "live")
    throw new StartError(`mode is ${settings.mode}: only live mode is confirmed, nothing is to be done.`);
  const redactor = createRedactor(secrets);
  const log = createLog({ level: settings.log.level, redactor });
  mkdirSync(settings.desk.dataDir, { recursive: true });
  const opened = await openStore({
    url: settings.databaseUrl,
    file: join(settings.desk.dataDir, "perpdesk.db"),
    redact: (text) => redactor.text(text),
  });
  if (!opened.ok) throw new StartError(opened.problem);
  const { ledger } = opened.store;
  try {
    if (await isConfirmed(settings, ledger)) {
      process.stdout.write("Live trading with this account, key and these limits is confirmed already.\n");
      return 0;
    }
    const ask = personAtTerminal();
    await requireConfirmable(settings, ledger, ask);
    const simulated = simKeys(process.env).keys;
    const parts = { settings, clock: systemClock, log, simKeys: simulated, target: undefined };
    const exchange = await openGateway(parts);
    try {
      for (const note of await checkKey(settings, exchange.gateway, ledger))
        process.stdout.write(`${note}\n`);
    } finally {
      await exchange.close();
    }
    await confirmLive(settings, ledger, ask);
    process.stdout.write("Confirmed. The desk may be started with these settings now.\n");
    return 0;
  } finally {
    await opened.store.close();
    log.close();
  }
}
