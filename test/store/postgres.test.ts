import { randomBytes } from "node:crypto";
import pg from "pg";
import { describe, expect, test, vi } from "vitest";
import { openStore } from "../../src/store/store.ts";
import { storeContract, type TestDatabase } from "../contract/store.contract.ts";

const SERVER = process.env["DATABASE_URL"];

async function run(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

/** A fresh database on the server that DATABASE_URL names; its user must be allowed to make one. */
async function makeDatabase(): Promise<TestDatabase> {
  const server = SERVER ?? "";
  const name = `perpdesk_test_${randomBytes(6).toString("hex")}`;
  await run(server, `create database ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  return {
    options: { url: url.href },
    sql: (statement) => run(url.href, statement),
    disarm: ["alter table ledger disable trigger user", "alter table ledger_head disable trigger user"],
    drop: () => run(server, `drop database ${name} with (force)`),
  };
}

if (SERVER === undefined || SERVER === "") {
  describe("the store on PostgreSQL", () => {
    test.skip("needs DATABASE_URL to name a server where databases may be made", () => undefined);
  });
} else {
  storeContract("PostgreSQL", makeDatabase);

  test("PostgreSQL's ledger can't be truncated either", async () => {
    const database = await makeDatabase();
    const opened = await openStore(database.options);
    if (!opened.ok) throw new Error(opened.problem);
    const entry = await opened.store.ledger.append("pause", "alice", {});
    await expect(database.sql("truncate ledger")).rejects.toThrow(/append-only/);
    await expect(database.sql("truncate ledger_head")).rejects.toThrow(/append-only/);
    expect(await opened.store.ledger.read()).toEqual([entry]);
    await opened.store.close();
    await database.drop();
  });

  test("connections that the server ended are told of and replaced", async () => {
    const database = await makeDatabase();
    const troubles: string[] = [];
    const opened = await openStore({ ...database.options, onTrouble: (reason) => troubles.push(reason) });
    if (!opened.ok) throw new Error(opened.problem);
    await database.sql(
      "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()",
    );
    await vi.waitFor(() => expect(troubles.length).toBeGreaterThan(0));
    expect(troubles[0]).toMatch(/^PostgreSQL at .* lost a connection: terminating connection/);
    expect((await opened.store.ledger.append("pause", "alice", {})).sequence).toBe(1);
    await opened.store.close();
    await database.drop();
  });

  test("a wrong password is one sentence that doesn't contain it", async () => {
    const url = new URL(SERVER);
    url.password = "wrong%20pass-marker";
    const result = await openStore({ url: url.href });
    // A server that trusts local users lets it in.
    if (result.ok) return result.store.close();
    expect(result.problem).toMatch(/the password was refused; check user and password in DATABASE_URL\.$/);
    expect(result.problem).not.toMatch(/pass-marker/);
  });
}
