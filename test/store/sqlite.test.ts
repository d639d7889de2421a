import { spawn } from "node:child_process";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "libsql";
import { afterEach, describe, expect, test } from "vitest";
import { openStore } from "../../src/store/store.ts";
import { opened, proposalOf, storeContract, type TestDatabase } from "../contract/store.contract.ts";

const folders: string[] = [];
const makeFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), "perpdesk-store-"));
  folders.push(folder);
  return folder;
};
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

async function makeDatabase(): Promise<TestDatabase> {
  const folder = mkdtempSync(join(tmpdir(), "perpdesk-store-"));
  const file = join(folder, "perpdesk.db");
  return {
    options: { file },
    sql: async (statement) => {
      const raw = new Database(file);
      try {
        raw.exec(statement);
      } finally {
        raw.close();
      }
    },
    disarm: [
      "drop trigger ledger_no_update",
      "drop trigger ledger_no_delete",
      "drop trigger ledger_head_no_delete",
      "drop trigger ledger_head_in_order",
    ],
    drop: async () => rmSync(folder, { recursive: true, force: true }),
  };
}

storeContract("SQLite", makeDatabase);

describe("a SQLite file", () => {
  test("is made with its folder, for its owner's eyes only", async () => {
    const file = join(makeFolder(), "deep", "down", "perpdesk.db");
    const store = await opened({ file });
    await store.close();
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(statSync(join(file, "..")).mode & 0o777).toBe(0o700);
  });

  test("commits to the disk and not only to its cache", async () => {
    const file = join(makeFolder(), "perpdesk.db");
    const store = await opened({ file });
    await store.ledger.append("pause", "alice", {});
    const reader = new Database(file);
    expect(reader.pragma("journal_mode")).toEqual([{ journal_mode: "wal" }]);
    reader.close();
    await store.close();
  });

  test("can't be replaced row by row either", async () => {
    const { options, sql, drop } = await makeDatabase();
    const store = await opened(options);
    const first = await store.ledger.append("pause", "alice", {});
    await expect(
      sql(
        `insert or replace into ledger values (1, 1, 'pause', 'mallory', '{}', '${first.previousHash}', 'x')`,
      ),
    ).rejects.toThrow(/must continue/);
    expect(await store.ledger.read()).toEqual([first]);
    await store.close();
    await drop();
  });

  test("that can't be made says where and what to do", async () => {
    const folder = makeFolder();
    writeFileSync(join(folder, "file"), "");
    const result = await openStore({ file: join(folder, "file", "perpdesk.db") });
    expect(result.ok).toBe(false);
    expect(!result.ok && result.problem).toMatch(
      /^SQLite file .*perpdesk\.db can't be opened: .*(EEXIST|ENOTDIR).*; check that its folder exists .*\.$/,
    );
  });

  test("that is no database says so and is left alone", async () => {
    const file = join(makeFolder(), "perpdesk.db");
    writeFileSync(file, "dear diary\n".repeat(1_000));
    expect(await openStore({ file })).toEqual({
      ok: false,
      problem: `SQLite file ${file} can't be opened: file is not a database; move the file away and restore a backup.`,
    });
    expect(statSync(file).size).toBe(11_000);
  });

  test("of a version without scopes keeps its ledger and its proposals, which are nobody's now", async () => {
    const { options, sql, drop } = await makeDatabase();
    const first = await opened(options);
    const entry = await first.ledger.append("pause", "alice", {});
    await first.nextEpoch("main", 7);
    await first.close();
    const old = proposalOf("k1-e7");
    for (const statement of [
      "drop table proposal",
      `create table proposal (id text primary key not null, token_hash text unique, state text not null,
        created_wall_at bigint not null, expires_wall_at bigint not null, decision text, decided_by text,
        decided_wall_at bigint, body text not null)`,
      "create index proposal_state on proposal (state)",
      `insert into proposal values ('k1-e7', 'hash', 'pending', 2000, 62000, null, null, null, '${JSON.stringify(old)}')`,
      "delete from perpdesk_migration where name >= '005'",
    ])
      await sql(statement);
    const unscoped = await opened(options);
    expect(await unscoped.proposals.byTokenHash("hash")).toEqual(old);
    expect([await unscoped.ledger.read(), await unscoped.currentEpoch("main")]).toEqual([[entry], 7]);
    const live = await opened({ ...options, scope: "live/binanceusdm/main/pd1" });
    expect(await live.proposals.unfinished()).toEqual([]);
    await live.close();
    await unscoped.close();
    await drop();
  });

  test("of a newer perpdesk is refused instead of guessed at", async () => {
    const { options, sql, drop } = await makeDatabase();
    await (await opened(options)).close();
    await sql("insert into perpdesk_migration values ('999-tomorrow', '2099-01-01')");
    const result = await openStore(options);
    expect(!result.ok && result.problem).toMatch(/a newer perpdesk has written it; update perpdesk\.$/);
    await drop();
  });

  test("is shared by two processes: of their taps on 60 cards exactly one wins each", async () => {
    const file = join(makeFolder(), "perpdesk.db");
    const store = await opened({ file });
    for (let at = 0; at < 60; at += 1) await store.proposals.save(proposalOf(`card-${at}`), undefined);
    const wins = await Promise.all([claimAll(file, "left"), claimAll(file, "right")]);
    expect(wins[0] + wins[1]).toBe(60);
    const claimed = await store.proposals.unfinished();
    expect(claimed.every((proposal) => proposal.state === "claimed")).toBe(true);
    expect(claimed.filter((proposal) => proposal.decidedBy?.person === "left")).toHaveLength(wins[0]);
    expect((await store.ledger.read()).map((entry) => entry.sequence)).toEqual(
      Array.from({ length: 60 }, (_, at) => at + 1),
    );
    expect(await store.ledger.verify()).toBeUndefined();
    await store.close();
  });
});

/** Another process at the same file: taps 60 cards, writes an entry for each one it won, prints how many. */
const CLAIMER = `
  import { openStore } from ${JSON.stringify(new URL("../../src/store/store.ts", import.meta.url).href)};
  const [file, person] = process.argv.slice(1);
  const { store } = await openStore({ file });
  let wins = 0;
  for (let at = 0; at < 60; at += 1) {
    const id = "card-" + at;
    const actor = { person, role: "trader", platform: "telegram" };
    if (!(await store.proposals.claim(id, "approve", actor, 3_000))) continue;
    wins += 1;
    await store.ledger.append("tap", person, { id });
  }
  await store.close();
  process.stdout.write(String(wins));
`;

/** Lets another process tap every card; resolves with how many it won. */
function claimAll(file: string, person: string): Promise<number> {
  const args = ["--import", "tsx", "--input-type=module", "-e", CLAIMER, file, person];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  child.stdout.on("data", (chunk) => {
    output += chunk;
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code) =>
      code === 0 ? resolve(Number(output)) : reject(new Error(`the claimer ended with ${code}`)),
    );
  });
}
