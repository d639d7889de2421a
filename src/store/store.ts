import type { Store } from "../desk/ports.ts";
import { currentEpoch, takeEpoch } from "./epochs.ts";
import { StoredLedger } from "./ledger.ts";
import { StoredMessages } from "./messages.ts";
import { migrate } from "./migrations.ts";
import { connectionLost, isPostgresUrl, openFailure } from "./open-failure.ts";
import { openPostgres } from "./postgres.ts";
import { StoredProposals } from "./proposals.ts";
import { openSqlite } from "./sqlite.ts";

/** Where the store is and what it needs from the machine. */
export interface StoreOptions {
  /** PostgreSQL address; without it SQLite is used. */
  readonly url?: string | undefined;
  /** SQLite file, "var/perpdesk.db" when not named. */
  readonly file?: string | undefined;
  /** Whose proposals and messages these are (`scopeOf`); not needed by who reads the ledger alone. */
  readonly scope?: string | undefined;
  /** Wall time in milliseconds, for ledger entries. */
  readonly now?: (() => number) | undefined;
  /** Takes secrets out of every text that is written for good. */
  readonly redact?: ((text: string) => string) | undefined;
  /** Hears of broken idle connections; the store mends itself. */
  readonly onTrouble?: ((reason: string) => void) | undefined;
}

/** The open store, or one sentence for a person why there is none. */
export type OpenedStore =
  | { readonly ok: true; readonly store: Store }
  | { readonly ok: false; readonly problem: string };

/** Opens the database, brings its tables up to date and hands out the store. Never rejects. */
export async function openStore(options: StoreOptions): Promise<OpenedStore> {
  const target = { url: options.url, file: options.file ?? "var/perpdesk.db" };
  if (target.url !== undefined && !isPostgresUrl(target.url)) {
    return {
      ok: false,
      problem:
        "DATABASE_URL is no PostgreSQL address; write it as postgres://USER:PASSWORD@HOST:5432/DATABASE.",
    };
  }
  try {
    return { ok: true, store: await connect(target, options) };
  } catch (error) {
    return { ok: false, problem: openFailure(error, target) };
  }
}

async function connect(
  target: { readonly url: string | undefined; readonly file: string },
  options: StoreOptions,
): Promise<Store> {
  const redact = options.redact ?? ((text: string) => text);
  const scope = options.scope ?? "";
  const onTrouble = options.onTrouble ?? (() => undefined);
  const connection =
    target.url === undefined
      ? openSqlite(target.file)
      : openPostgres(target.url, (reason) => onTrouble(connectionLost(reason, target)));
  const migrated = await migrate(connection);
  if (migrated.error !== undefined) {
    await connection.db.destroy();
    throw migrated.error;
  }
  const ledger = new StoredLedger(connection, { now: options.now ?? Date.now, redact });
  return {
    ledger,
    proposals: new StoredProposals(connection, scope, redact),
    messages: new StoredMessages(connection, scope),
    nextEpoch: (of, atLeast) => takeEpoch(connection, of, atLeast),
    currentEpoch: (of) => currentEpoch(connection, of),
    close: async () => {
      await ledger.settled();
      await connection.db.destroy();
    },
  };
}
