import { existsSync } from "node:fs";
import { join } from "node:path";
import { createRedactor } from "../observe/redactor.ts";
import { openStore } from "../store/store.ts";
import { readArguments, UsageError } from "./arguments.ts";
import { readSettings } from "./read-settings.ts";
import { StartError } from "./start-error.ts";

const OPTIONS = { config: { type: "string" }, head: { type: "string" } } as const;
/** Fewer digits of a hash could be met by chance. */
const HEAD = /^[0-9a-f]{16,64}$/i;

/** Checks the audit ledger's hash chain, and whether it holds what a heartbeat posted. Returns 1 when it is not whole. */
export async function audit(args: readonly string[]): Promise<number> {
  const { values, positionals } = readArguments(args, OPTIONS, 1);
  if (positionals[0] !== "verify")
    throw new UsageError('audit does one thing so far: write "perpdesk audit verify".');
  const { head } = values;
  if (head !== undefined && !HEAD.test(head))
    throw new UsageError(
      `--head "${head}" is no hash: copy the 16 to 64 digits (0-9, a-f) that a heartbeat or /audit names.`,
    );
  const { settings, secrets } = await readSettings({
    configFile: values.config,
    env: process.env,
    cwd: process.cwd(),
  });
  const file = join(settings.desk.dataDir, "perpdesk.db");
  // To look must not make an empty one, which would be whole.
  if (settings.databaseUrl === undefined && !existsSync(file))
    throw new StartError(
      `There is no ledger at ${file}: name the desk's settings with --config, or its DATABASE_URL.`,
    );
  const redactor = createRedactor(secrets);
  const opened = await openStore({
    url: settings.databaseUrl,
    file,
    redact: (text) => redactor.text(text),
  });
  if (!opened.ok) throw new StartError(opened.problem);
  try {
    const { ledger } = opened.store;
    const fault = await ledger.verify(head);
    if (fault !== undefined) {
      process.stdout.write(`The audit ledger is not whole: ${fault.reason}.\n`);
      return 1;
    }
    const end = await ledger.head();
    const posted = head === undefined ? "" : `, and holds the entry that ends with ${head}`;
    process.stdout.write(
      `The audit ledger is whole${posted}: ${end.sequence} entries, the last ends with ${end.hash}.\n`,
    );
    return 0;
  } finally {
    await opened.store.close();
  }
}
