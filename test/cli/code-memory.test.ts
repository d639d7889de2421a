import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { adminNotes, codeMemory, lockedAlert } from "../../src/cli/code-memory.ts";
import { Roster } from "../../src/core/roster.ts";
import { openStore } from "../../src/store/store.ts";
import { ownFolder } from "./settings.ts";

let folder: ReturnType<typeof ownFolder>;
beforeEach(() => {
  folder = ownFolder();
});
afterEach(() => folder.gone());

test("what was given of codes is read back from the ledger in its order, by the next process", async () => {
  let now = 1_000;
  const file = join(folder.path, "perpdesk.db");
  const first = await openStore({ file, now: () => now });
  if (!first.ok) throw new Error(first.problem);
  const memory = codeMemory(first.store.ledger);
  await memory.save({ type: "wrong", person: "alice", wallAt: now }, "link");
  now = 2_000;
  await memory.save({ type: "used", person: "alice", step: 41 }, "approve k1-e1");
  await memory.save({ type: "used", person: "bob", step: 42 }, "link");
  expect((await first.store.ledger.read()).map(({ kind, actor, body }) => [kind, actor, body])).toEqual([
    ["codeWrong", "alice", '{"purpose":"link"}'],
    ["codeUsed", "alice", '{"purpose":"approve k1-e1","step":41}'],
    ["codeUsed", "bob", '{"purpose":"link","step":42}'],
  ]);
  await first.store.close();
  const second = await openStore({ file, now: () => now });
  if (!second.ok) throw new Error(second.problem);
  expect(await codeMemory(second.store.ledger).load()).toEqual([
    { type: "wrong", person: "alice", wallAt: 1_000 },
    { type: "used", person: "alice", step: 41 },
    { type: "used", person: "bob", step: 42 },
  ]);
  await second.store.close();
});

test("a code does not count where the ledger can't be written", async () => {
  const opened = await openStore({ file: join(folder.path, "perpdesk.db") });
  if (!opened.ok) throw new Error(opened.problem);
  await opened.store.close();
  const saved = codeMemory(opened.store.ledger).save({ type: "used", person: "alice", step: 1 }, "link");
  await expect(saved).rejects.toThrow();
});

test("five wrong codes are told with a sound, and what to press", () => {
  const { key, level, lines } = lockedAlert("alice");
  expect([key, level, lines.at(-1)]).toEqual([
    "codes:alice",
    "high",
    "If it was not alice, somebody has an account of theirs: /users, then /revoke alice telegram or discord.",
  ]);
});

test("a start on which nobody is admin any more says so; one without admins in the settings has nothing to say", () => {
  const roster = new Roster({ listed: [{ name: "alice", role: "admin" }] });
  expect(adminNotes(roster)).toEqual([]);
  roster.revoke("alice");
  expect(adminNotes(roster)).toEqual([
    "Nobody is admin: chat took the role from alice. Write an admin of another name into chat.people.",
  ]);
  expect(adminNotes(new Roster({ listed: [{ name: "bob", role: "trader" }] }))).toEqual([]);
});
