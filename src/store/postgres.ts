import { CompiledQuery, Kysely, PostgresDialect } from "kysely";
import pg from "pg";
import { InvariantError } from "../core/invariant.ts";
import type { Connection, Tables } from "./tables.ts";

const INT8 = 20;

/** 64-bit integers come as text; ours are times and sequences far below 2^53. */
function wholeNumber(text: string): number {
  const count = Number(text);
  if (!Number.isSafeInteger(count)) throw new InvariantError(`${text} from the database is beyond 2^53`);
  return count;
}

/**
 * Opens a pool of up to four connections; a commit is on disk when it returns. Nothing is sent yet.
 * `onTrouble` hears of idle connections that broke (the pool opens new ones by itself).
 */
export function openPostgres(url: string, onTrouble: (reason: string) => void): Connection {
  const pool = new pg.Pool({
    connectionString: url,
    max: 4,
    connectionTimeoutMillis: 5_000,
    query_timeout: 15_000,
    // The server gives up before the client does: a query that is only abandoned here would keep its connection, and its locks.
    statement_timeout: 10_000,
    lock_timeout: 8_000,
    idle_in_transaction_session_timeout: 12_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    application_name: "perpdesk",
    types: {
      // biome-ignore lint/suspicious/noExplicitAny: the signature is pg's own
      getTypeParser: (oid: number, format?: any): any =>
        oid === INT8 && format !== "binary" ? wholeNumber : pg.types.getTypeParser(oid, format),
    },
  });
  pool.on("error", (error) => onTrouble(error.message));
  const dialect = new PostgresDialect({
    pool,
    onCreateConnection: async (connection) => {
      await connection.executeQuery(CompiledQuery.raw("set synchronous_commit to on"));
    },
  });
  return { db: new Kysely<Tables>({ dialect }), flavour: "postgres" };
}
