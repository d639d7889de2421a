import { type Kysely, type Migration, type MigrationResultSet, Migrator, sql } from "kysely";
import { GENESIS_HASH } from "./chain.ts";
import type { Connection, Flavour } from "./tables.ts";
import { appendOnlyTriggers } from "./triggers.ts";

/** Runs what is missing of the ordered list, each in a transaction; two processes that start at once take turns. */
export async function migrate(connection: Connection): Promise<MigrationResultSet> {
  const migrator = new Migrator({
    db: connection.db,
    provider: { getMigrations: async () => migrations(connection.flavour) },
    migrationTableName: "perpdesk_migration",
    migrationLockTableName: "perpdesk_migration_lock",
  });
  return migrator.migrateToLatest();
}

/** Never change one that was released: append the next. Names sort in their order. */
function migrations(flavour: Flavour): Record<string, Migration> {
  return {
    "001-ledger": { up: (db) => createLedger(db, flavour) },
    "002-proposals": { up: createProposals },
    "003-messages": { up: createMessages },
    "004-epochs": { up: createEpochs },
    "005-proposal-scopes": { up: scopeProposals },
    "006-proposal-reasons": { up: addReasons },
  };
}

// Migrations see the tables as they were then, not as `Tables` has them today.
type AnyDb = Kysely<unknown>;

async function createLedger(db: AnyDb, flavour: Flavour): Promise<void> {
  await db.schema
    .createTable("ledger")
    .addColumn("sequence", "bigint", (column) => column.primaryKey().notNull())
    .addColumn("wall_at", "bigint", (column) => column.notNull())
    .addColumn("kind", "text", (column) => column.notNull())
    .addColumn("actor", "text", (column) => column.notNull())
    .addColumn("body", "text", (column) => column.notNull())
    .addColumn("previous_hash", "text", (column) => column.notNull())
    .addColumn("hash", "text", (column) => column.notNull().unique())
    .execute();
  await db.schema.createIndex("ledger_kind").on("ledger").columns(["kind", "sequence"]).execute();
  await db.schema
    .createTable("ledger_head")
    .addColumn("id", "integer", (column) => column.primaryKey().check(sql`id = 1`))
    .addColumn("sequence", "bigint", (column) => column.notNull())
    .addColumn("hash", "text", (column) => column.notNull())
    .execute();
  await sql`insert into ledger_head (id, sequence, hash) values (1, 0, ${GENESIS_HASH})`.execute(db);
  for (const statement of appendOnlyTriggers(flavour)) await sql.raw(statement).execute(db);
}

async function createProposals(db: AnyDb): Promise<void> {
  await db.schema
    .createTable("proposal")
    .addColumn("id", "text", (column) => column.primaryKey().notNull())
    .addColumn("token_hash", "text", (column) => column.unique())
    .addColumn("state", "text", (column) => column.notNull())
    .addColumn("created_wall_at", "bigint", (column) => column.notNull())
    .addColumn("expires_wall_at", "bigint", (column) => column.notNull())
    .addColumn("decision", "text")
    .addColumn("decided_by", "text")
    .addColumn("decided_wall_at", "bigint")
    .addColumn("body", "text", (column) => column.notNull())
    .execute();
  await db.schema.createIndex("proposal_state").on("proposal").column("state").execute();
}

async function createMessages(db: AnyDb): Promise<void> {
  await db.schema
    .createTable("chat_message")
    .addColumn("topic", "text", (column) => column.notNull())
    .addColumn("platform", "text", (column) => column.notNull())
    .addColumn("chat", "text", (column) => column.notNull())
    .addColumn("message", "text", (column) => column.notNull())
    .addColumn("sent_wall_at", "bigint", (column) => column.notNull())
    .addPrimaryKeyConstraint("chat_message_key", ["topic", "platform", "chat", "message"])
    .execute();
}

async function createEpochs(db: AnyDb): Promise<void> {
  await db.schema
    .createTable("epoch")
    .addColumn("account", "text", (column) => column.primaryKey().notNull())
    .addColumn("epoch", "bigint", (column) => column.notNull())
    .execute();
}

/** Two desks of one database count their proposals alike. A key can't be changed in SQLite: the table is made anew. */
async function scopeProposals(db: AnyDb): Promise<void> {
  await db.schema
    .createTable("scoped_proposal")
    .addColumn("scope", "text", (column) => column.notNull())
    .addColumn("id", "text", (column) => column.notNull())
    .addColumn("token_hash", "text", (column) => column.unique())
    .addColumn("state", "text", (column) => column.notNull())
    .addColumn("created_wall_at", "bigint", (column) => column.notNull())
    .addColumn("expires_wall_at", "bigint", (column) => column.notNull())
    .addColumn("decision", "text")
    .addColumn("decided_by", "text")
    .addColumn("decided_wall_at", "bigint")
    .addColumn("body", "text", (column) => column.notNull())
    .addPrimaryKeyConstraint("scoped_proposal_key", ["scope", "id"])
    .execute();
  await sql`insert into scoped_proposal
    select '', id, token_hash, state, created_wall_at, expires_wall_at, decision, decided_by, decided_wall_at, body
    from proposal`.execute(db);
  await db.schema.dropTable("proposal").execute();
  await db.schema.alterTable("scoped_proposal").renameTo("proposal").execute();
  await db.schema.createIndex("proposal_state").on("proposal").columns(["scope", "state"]).execute();
}

async function addReasons(db: AnyDb): Promise<void> {
  await db.schema.alterTable("proposal").addColumn("reason", "text").execute();
}
