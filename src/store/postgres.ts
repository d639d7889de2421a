import { CompiledQuery, Kysely, PostgresDialect } from "kysely";
import pg from "pg";
import { InvariantError } from "../core/invariant.ts";
import type { Connection, Tables } from "./tables.ts";

const INT8 = 20;

/**
 * What each connection is told first. The server gives up before the client does: a query that is only abandoned here would keep
 * its connection, and its locks. Not in the startup packet, which PgBouncer refuses with anything in it that it does not know.
 */
const SESSION = `select set_config('synchronous_commit', 'on', false), set_config('statement_timeout', '10000', false),
  set_config('lock_timeout', '8000', false), set_config('idle_in_transaction_session_timeout', '12000', false)`;

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
  // One that breaks while it is in use rejects its query, which is told there; without a listener the error would end the process.
  pool.on("connect", (client) => client.on("error", () => undefined));
  const dialect = new PostgresDialect({
    pool,
    onCreateConnection: async (connection) => {
      await connection.executeQuery(CompiledQuery.raw(SESSION));
    },
  });
  return { db: new Kysely<Tables>({ dialect }), flavour: "postgres" };
}
