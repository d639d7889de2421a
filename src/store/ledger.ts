import { invariant } from "../core/invariant.ts";
import type { Ledger, LedgerEntry, LedgerFilter, LedgerHead } from "../desk/ports.ts";
import { canonicalJson } from "./canonical-json.ts";
import {
  type ChainEnd,
  type ChainFault,
  compareWithHead,
  follow,
  GENESIS_HASH,
  hashOf,
  isHash,
  notFound,
} from "./chain.ts";
import type { Connection, LedgerTable } from "./tables.ts";

/** Entries read at once while the whole chain is checked. */
const PAGE = 1_000;
/** Where a person acts: entries name it where it matters, as in "alice@telegram". */
const PLATFORMS = ["telegram", "discord", "terminal"] as const;

/** What the ledger needs besides its database. */
export interface LedgerOptions {
  /** Wall time in milliseconds. */
  readonly now: () => number;
  /** Takes secrets out of a text before it is written for good. */
  readonly redact: (text: string) => string;
}

/**
 * The audit ledger in the database: appends go one after the other, in the order they were asked for, each in a
 * transaction of its own that is on disk when the promise resolves. Someone who rewrites the whole file, head
 * and all, is only found by a hash that was posted elsewhere (`verify`).
 */
export class StoredLedger implements Ledger {
  readonly #connection: Connection;
  readonly #options: LedgerOptions;
  #last: Promise<unknown> = Promise.resolve();

  constructor(connection: Connection, options: LedgerOptions) {
    this.#connection = connection;
    this.#options = options;
  }

  async append(kind: string, actor: string, body: Readonly<Record<string, unknown>>): Promise<LedgerEntry> {
    requireName(kind, "kind");
    requireName(actor, "actor");
    const text = canonicalJson(redacted(JSON.parse(canonicalJson(body)), this.#options.redact));
    const mine = this.#last.then(() => this.#write(kind, actor, text));
    this.#last = mine.catch(() => undefined);
    return mine;
  }

  async read(kinds?: readonly string[]): Promise<readonly LedgerEntry[]> {
    if (kinds?.length === 0) return [];
    let query = this.#connection.db.selectFrom("ledger").selectAll().orderBy("sequence");
    if (kinds !== undefined) query = query.where("kind", "in", kinds);
    return (await query.execute()).map(entryOf);
  }

  async last(count: number, of: LedgerFilter = {}): Promise<readonly LedgerEntry[]> {
    await this.#last;
    let query = this.#connection.db.selectFrom("ledger").selectAll().orderBy("sequence", "desc").limit(count);
    if (of.kind !== undefined) query = query.where("kind", "=", of.kind);
    if (of.actor !== undefined) {
      const places = PLATFORMS.map((platform) => `${of.actor}@${platform}`);
      query = query.where("actor", "in", [of.actor, ...places]);
    }
    return (await query.execute()).map(entryOf);
  }

  async head(): Promise<LedgerHead> {
    await this.#last;
    const head = await this.#connection.db
      .selectFrom("ledger_head")
      .select(["sequence", "hash"])
      .executeTakeFirst();
    if (head === undefined) throw new Error("the ledger's record of its last entry is missing");
    return { sequence: head.sequence, hash: head.hash };
  }

  async verify(posted?: string): Promise<ChainFault | undefined> {
    await this.#last;
    // One transaction, so that an append of another process can't come between the entries and the head.
    return this.#connection.db
      .transaction()
      .setIsolationLevel(this.#connection.flavour === "postgres" ? "repeatable read" : "serializable")
      .execute(async (db) => {
        let end: ChainEnd = { sequence: 0, hash: GENESIS_HASH };
        let isFound = posted === undefined;
        for (let after = -1; ; ) {
          const page = await db
            .selectFrom("ledger")
            .selectAll()
            .where("sequence", ">", after)
            .orderBy("sequence")
            .limit(PAGE)
            .execute();
          for (const row of page) {
            const next = follow(end, entryOf(row));
            if ("reason" in next) return next;
            end = next;
            isFound ||= isHash(next.hash, posted);
          }
          const last = page.at(-1);
          if (last === undefined || page.length < PAGE) break;
          after = last.sequence;
        }
        const head = await db.selectFrom("ledger_head").select(["sequence", "hash"]).executeTakeFirst();
        return compareWithHead(end, head) ?? (isFound ? undefined : notFound(end, posted));
      });
  }

  /** Waits until every append that was asked for is written or refused. */
  async settled(): Promise<void> {
    await this.#last;
  }

  #write(kind: string, actor: string, body: string): Promise<LedgerEntry> {
    return this.#connection.db.transaction().execute(async (db) => {
      let query = db.selectFrom("ledger_head").select(["sequence", "hash"]).where("id", "=", 1);
      if (this.#connection.flavour === "postgres") query = query.forUpdate();
      const head = await query.executeTakeFirst();
      if (head === undefined) throw new Error("the ledger's record of its last entry is missing");
      const unsealed = {
        sequence: head.sequence + 1,
        wallAt: this.#options.now(),
        kind,
        actor,
        body,
        previousHash: head.hash,
      };
      const entry: LedgerEntry = { ...unsealed, hash: hashOf(unsealed) };
      await db.insertInto("ledger").values(rowOf(entry)).execute();
      await db
        .updateTable("ledger_head")
        .set({ sequence: entry.sequence, hash: entry.hash })
        .where("id", "=", 1)
        .execute();
      return entry;
    });
  }
}

/** Names stand in clear columns: no control characters (PostgreSQL has no NUL) and no half characters. */
function requireName(name: string, what: string): void {
  invariant(
    name.length > 0 && !/[\p{Cc}\p{Cs}]/u.test(name),
    `ledger ${what} ${JSON.stringify(name)} is no name`,
  );
}

function redacted(content: unknown, redact: (text: string) => string): unknown {
  if (typeof content === "string") return redact(content);
  if (Array.isArray(content)) return content.map((item) => redacted(item, redact));
  if (typeof content !== "object" || content === null) return content;
  return Object.fromEntries(
    Object.entries(content).map(([name, field]) => [redact(name), redacted(field, redact)]),
  );
}

function entryOf(row: LedgerTable): LedgerEntry {
  return {
    sequence: row.sequence,
    wallAt: row.wall_at,
    kind: row.kind,
    actor: row.actor,
    body: row.body,
    previousHash: row.previous_hash,
    hash: row.hash,
  };
}

function rowOf(entry: LedgerEntry): LedgerTable {
  return {
    sequence: entry.sequence,
    wall_at: entry.wallAt,
    kind: entry.kind,
    actor: entry.actor,
    body: entry.body,
    previous_hash: entry.previousHash,
    hash: entry.hash,
  };
}
