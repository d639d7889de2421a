import { closeSync, mkdirSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout } from "node:timers/promises";
import {
  type CompiledQuery,
  type DatabaseConnection,
  type Driver,
  Kysely,
  type QueryResult,
  SqliteAdapter,
  SqliteDialect,
  SqliteDriver,
} from "kysely";
import Database from "libsql";
import type { Connection, Tables } from "./tables.ts";

/** How long a write waits for another one before it fails, the event loop running on meanwhile. */
const PATIENCE_MS = 5_000;

/** How often a held lock is tried again. */
const RETRY_MS = 3;

/** How long SQLite itself may wait, with the event loop stopped, for the moment that a reader can meet a lock. */
const READ_WAIT_MS = 500;

const isBusy = (error: unknown): boolean =>
  error instanceof Error && "code" in error && String(error.code).startsWith("SQLITE_BUSY");

/**
 * Takes the write lock. Waiting for it inside SQLite would stop the whole event loop, and for nothing if it is
 * held by another connection of this very process. `exec`, since a prepared statement that met a lock stays
 * "in progress" in libsql and then refuses every commit.
 */
async function begin(database: Database.Database): Promise<void> {
  const start = performance.now();
  for (;;) {
    database.exec("pragma busy_timeout=0");
    try {
      database.exec("begin immediate");
      return;
    } catch (error) {
      if (!isBusy(error) || performance.now() - start > PATIENCE_MS) throw error;
    } finally {
      database.exec(`pragma busy_timeout=${READ_WAIT_MS}`);
    }
    await setTimeout(RETRY_MS);
  }
}

/** Undoes what is open; after a full disk SQLite may have done so by itself. */
function rollback(database: Database.Database): void {
  if (database.inTransaction) database.exec("rollback");
}

/** The one connection; a single write becomes a transaction, so that every wait is in `begin`. */
class FileConnection implements DatabaseConnection {
  readonly #database: Database.Database;
  readonly #inner: DatabaseConnection;
  constructor(database: Database.Database, inner: DatabaseConnection) {
    this.#database = database;
    this.#inner = inner;
  }
  async executeQuery<R>(query: CompiledQuery): Promise<QueryResult<R>> {
    const isRead = query.query.kind === "SelectQueryNode" || query.query.kind === "RawNode";
    if (isRead || this.#database.inTransaction) return this.#inner.executeQuery<R>(query);
    await begin(this.#database);
    try {
      const result = await this.#inner.executeQuery<R>(query);
      this.#database.exec("commit");
      return result;
    } catch (error) {
      rollback(this.#database);
      throw error;
    }
  }
  streamQuery<R>(query: CompiledQuery, chunkSize?: number): AsyncIterableIterator<QueryResult<R>> {
    return this.#inner.streamQuery<R>(query, chunkSize);
  }
}

/** Transactions take the write lock at once: a read that later turns into a write could be refused. */
class FileDriver extends SqliteDriver {
  readonly #database: Database.Database;
  constructor(database: Database.Database) {
    super({ database });
    this.#database = database;
  }
  override async acquireConnection(): Promise<DatabaseConnection> {
    return new FileConnection(this.#database, await super.acquireConnection());
  }
  override beginTransaction(): Promise<void> {
    return begin(this.#database);
  }
  override async commitTransaction(): Promise<void> {
    this.#database.exec("commit");
  }
  override async rollbackTransaction(): Promise<void> {
    rollback(this.#database);
  }
}

/** SQLite can undo DDL, so a migration that fails half way leaves nothing behind. */
class TransactionalAdapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true;
  }
}

class FileDialect extends SqliteDialect {
  readonly #database: Database.Database;
  constructor(database: Database.Database) {
    super({ database });
    this.#database = database;
  }
  override createDriver(): Driver {
    return new FileDriver(this.#database);
  }
  override createAdapter(): SqliteAdapter {
    return new TransactionalAdapter();
  }
}

/**
 * Opens (or makes) a SQLite file that only its owner may read. A commit is on disk when it returns:
 * `journal_mode=WAL` with `synchronous=FULL`. Throws what node or libsql throws.
 */
export function openSqlite(file: string): Connection {
  if (file !== ":memory:") {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
    closeSync(openSync(file, "a", 0o600));
  }
  const database = new Database(file);
  try {
    database.pragma(`busy_timeout=${READ_WAIT_MS}`);
    database.pragma("journal_mode=WAL");
    database.pragma("synchronous=FULL");
    database.prepare("select count(*) from sqlite_master").get();
  } catch (error) {
    database.close();
    throw error;
  }
  return { db: new Kysely<Tables>({ dialect: new FileDialect(database) }), flavour: "sqlite" };
}
