import { join } from "node:path";
import Database from "libsql";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { UsageError } from "../../src/cli/arguments.ts";
import { audit } from "../../src/cli/audit.ts";
import { StartError } from "../../src/cli/start-error.ts";
import { openStore } from "../../src/store/store.ts";
import { ownFolder } from "./settings.ts";

let folder: ReturnType<typeof ownFolder>;
let said: string;
beforeEach(() => {
  folder = ownFolder();
  said = "";
  // The machine's own database, if it has one, is none of a test's.
  vi.stubEnv("DATABASE_URL", undefined);
  vi.spyOn(process, "cwd").mockReturnValue(folder.path);
  vi.spyOn(process.stdout, "write").mockImplementation((text) => {
    said += String(text);
    return true;
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  folder.gone();
});

/** Opens the ledger of the desk in this folder, as the shipped settings place it. */
async function ledger<T>(use: (store: Awaited<ReturnType<typeof opened>>) => Promise<T>): Promise<T> {
  const store = await opened();
  try {
    return await use(store);
  } finally {
    await store.close();
  }
}
async function opened() {
  const result = await openStore({ file: join(folder.path, "var", "perpdesk.db") });
  if (!result.ok) throw new Error(result.problem);
  return result.store;
}
const write = (...kinds: readonly string[]) =>
  ledger(async (store) => {
    for (const kind of kinds) await store.ledger.append(kind, "alice", {});
    return (await store.ledger.head()).hash;
  });

test("a whole ledger is told with its end; a posted hash, or its beginning, is found in it", async () => {
  const posted = await write("pause", "resume");
  const end = await write("later");
  expect(await audit(["verify"])).toBe(0);
  expect(said).toBe(`The audit ledger is whole: 3 entries, the last ends with ${end}.\n`);
  said = "";
  expect(await audit(["verify", "--head", posted.slice(0, 16)])).toBe(0);
  expect(said).toContain(`and holds the entry that ends with ${posted.slice(0, 16)}: 3 entries`);
});

test("a hash that no entry ends with is a ledger that was cut or written anew", async () => {
  await write("pause");
  expect(await audit(["verify", "--head", "ab".repeat(32)])).toBe(1);
  expect(said).toContain("The audit ledger is not whole: no entry ends with abab");
});

/** What somebody does who can write to the file and knows its guards. */
function tamper(...statements: readonly string[]): void {
  const raw = new Database(join(folder.path, "var", "perpdesk.db"));
  try {
    for (const name of ["ledger_no_update", "ledger_no_delete", "ledger_head_in_order"])
      raw.exec(`drop trigger ${name}`);
    for (const statement of statements) raw.exec(statement);
  } finally {
    raw.close();
  }
}

test("a changed byte is found and named", async () => {
  const posted = await write("pause", "panic", "resume");
  tamper("update ledger set kind = 'pausf' where sequence = 1");
  expect(await audit(["verify"])).toBe(1);
  expect(said).toContain("entry 1 was changed: its hash does not fit its content");
  said = "";
  expect(await audit(["verify", "--head", posted])).toBe(1);
});

test("a tail that was cut is found, with the record of it cut too by the hash that was posted", async () => {
  const before = await write("pause");
  const posted = await write("panic", "resume");
  tamper("delete from ledger where sequence = 3");
  expect(await audit(["verify"])).toBe(1);
  expect(said).toContain("the ledger was cut: entries 3 to 3 are missing");
  said = "";
  const raw = new Database(join(folder.path, "var", "perpdesk.db"));
  raw.exec("delete from ledger where sequence = 2");
  raw.exec(`update ledger_head set sequence = 1, hash = '${before}'`);
  raw.close();
  expect(await audit(["verify"])).toBe(0);
  expect(await audit(["verify", "--head", posted])).toBe(1);
  expect(said).toContain(`no entry ends with ${posted}`);
});

test("a chain that was written anew, whole in itself, is found by the hash that was posted", async () => {
  const posted = await write("pause", "panic", "resume");
  tamper("delete from ledger", `update ledger_head set sequence = 0, hash = '${"0".repeat(64)}'`);
  await write("resume", "resume", "resume");
  expect(await audit(["verify"])).toBe(0);
  expect(await audit(["verify", "--head", posted.slice(0, 16)])).toBe(1);
  expect(said).toContain("the ledger's tail was cut, or all of it was written anew");
});

test("wrong words and a missing ledger get one sentence each, and no ledger is made by looking", async () => {
  await expect(audit([])).rejects.toThrow(
    new UsageError('audit does one thing so far: write "perpdesk audit verify".'),
  );
  await expect(audit(["verify", "--head", "12 entries"])).rejects.toThrow(
    /--head "12 entries" is no hash: copy the 16 to 64/,
  );
  for (const _ of [1, 2]) await expect(audit(["verify"])).rejects.toThrow(StartError);
});
