import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Actor, PricedProposal } from "../../src/core/proposal.ts";
import { lots, millis, rate, ticks, value } from "../../src/core/units.ts";
import type { LedgerEntry, Store } from "../../src/desk/ports.ts";
import { type OpenedStore, openStore, type StoreOptions } from "../../src/store/store.ts";

/** A database that belongs to one test: where it is, a way in beside the store, and its end. */
export interface TestDatabase {
  readonly options: StoreOptions;
  /** Runs a statement as somebody with the database's own tools. */
  sql(statement: string): Promise<void>;
  /** Statements that take the ledger's triggers away, as somebody who edits the file would. */
  readonly disarm: readonly string[];
  drop(): Promise<void>;
}

const alice: Actor = { person: "alice", role: "trader", platform: "telegram" };
const bob: Actor = { person: "bob", role: "admin", platform: "discord" };

/** A card that waits: closes half of a long of 4 lots. */
export function proposalOf(id: string, change: Partial<PricedProposal> = {}): PricedProposal {
  return {
    id,
    action: {
      type: "close",
      account: "main",
      instrument: "BTCUSDT",
      positionSide: "both",
      part: rate(50_000_000),
      includesForeign: false,
      foreignLots: lots(0),
    },
    quote: {
      quotedAt: millis(1_000),
      quotedWallAt: millis(2_000),
      bid: ticks(970_000),
      ask: ticks(970_001),
      positionLots: lots(4),
      entryPrice: ticks(969_000),
      mark: ticks(970_000),
      marginMode: "isolated",
      riskState: "monitoring",
      side: "sell",
      lots: lots(2),
      expectedFill: ticks(970_000),
      slippage: rate(0),
      fee: value(77_600_000),
      realized: value(200_000_000),
      marginRatioBefore: rate(1_000_000),
      marginRatioAfter: undefined,
      liquidationBefore: ticks(650_000),
      liquidationAfter: undefined,
    },
    askedBy: alice,
    createdWallAt: millis(2_000),
    expiresWallAt: millis(62_000),
    state: "pending",
    ...change,
  };
}

/** Opens or fails the test with the sentence a person would see. */
export async function opened(options: StoreOptions): Promise<Store> {
  const result: OpenedStore = await openStore(options);
  if (!result.ok) throw new Error(result.problem);
  return result.store;
}

/** What every database behind the store must do. */
export function storeContract(name: string, makeDatabase: () => Promise<TestDatabase>): void {
  describe(`the store on ${name}`, () => {
    let database: TestDatabase;
    let store: Store;
    let other: Store;

    beforeEach(async () => {
      database = await makeDatabase();
      store = await opened({ ...database.options, now: () => 1_700_000_000_000 });
      other = await opened(database.options);
    });
    afterEach(async () => {
      await store.close();
      await other.close();
      await database.drop();
    });

    const writeThree = async (): Promise<readonly LedgerEntry[]> => [
      await store.ledger.append("pause", "alice", { platform: "terminal" }),
      await store.ledger.append("proposal", "desk", { id: "c4f2-1", lots: 2, note: "ok" }),
      await store.ledger.append("resume", "alice", {}),
    ];

    test("an entry names the one before it, and the whole reads back in order", async () => {
      const written = await writeThree();
      expect(written.map((entry) => entry.sequence)).toEqual([1, 2, 3]);
      expect(written[0]?.previousHash).toBe("0".repeat(64));
      expect(written[1]?.previousHash).toBe(written[0]?.hash);
      expect(written[1]).toEqual({
        sequence: 2,
        wallAt: 1_700_000_000_000,
        kind: "proposal",
        actor: "desk",
        body: '{"id":"c4f2-1","lots":2,"note":"ok"}',
        previousHash: written[0]?.hash,
        hash: written[2]?.previousHash,
      });
      expect(await other.ledger.read()).toEqual(written);
      expect(await store.ledger.read(["pause", "resume"])).toEqual([written[0], written[2]]);
      expect(await store.ledger.read([])).toEqual([]);
      expect(await store.ledger.verify()).toBeUndefined();
    });

    test("an empty ledger is whole", async () => {
      expect(await store.ledger.read()).toEqual([]);
      expect(await store.ledger.verify()).toBeUndefined();
    });

    test("appends from two connections at once leave one chain without a hole, in each caller's order", async () => {
      const jobs = Array.from({ length: 40 }, (_, at) =>
        (at % 2 === 0 ? store : other).ledger.append("fact", at % 2 === 0 ? "even" : "odd", { at }),
      );
      await Promise.all(jobs);
      const entries = await store.ledger.read();
      expect(entries.map((entry) => entry.sequence)).toEqual(Array.from({ length: 40 }, (_, at) => at + 1));
      const order = (actor: string): unknown[] =>
        entries.filter((entry) => entry.actor === actor).map((entry) => JSON.parse(entry.body).at);
      expect(order("even")).toEqual(Array.from({ length: 20 }, (_, at) => 2 * at));
      expect(order("odd")).toEqual(Array.from({ length: 20 }, (_, at) => 2 * at + 1));
      expect(await other.ledger.verify()).toBeUndefined();
    });

    test("the database itself refuses every change of the ledger", async () => {
      const written = await writeThree();
      const statements = [
        "update ledger set actor = 'mallory' where sequence = 2",
        "delete from ledger where sequence = 3",
        "delete from ledger",
        "update ledger_head set sequence = 2",
        "delete from ledger_head",
        "insert into ledger values (9, 1, 'a', 'b', '{}', 'x', 'y')",
        `insert into ledger values (4, 1, 'a', 'b', '{}', '${"0".repeat(64)}', 'y')`,
      ];
      for (const statement of statements) {
        await expect(database.sql(statement), statement).rejects.toThrow(/append-only|must continue/);
      }
      expect(await store.ledger.read()).toEqual(written);
      expect(await store.ledger.verify()).toBeUndefined();
    });

    test.each([
      [
        "a changed byte in the body",
        'update ledger set body = \'{"id":"c4f2-2","lots":2,"note":"ok"}\' where sequence = 2',
        2,
        /was changed/,
      ],
      ["a changed actor", "update ledger set actor = 'mallory' where sequence = 1", 1, /was changed/],
      ["a moved time", "update ledger set wall_at = wall_at + 1 where sequence = 3", 3, /was changed/],
      ["a hole", "delete from ledger where sequence = 2", 2, /missing: the next one is 3/],
      ["a cut at the front", "delete from ledger where sequence = 1", 1, /missing/],
      ["a cut at the end", "delete from ledger where sequence = 3", 3, /cut: entries 3 to 3 are missing/],
      ["a lost head", "delete from ledger_head", 3, /record of the last entry is missing/],
      ["a head that was set back", "update ledger_head set sequence = 2", 3, /behind the ledger's back/],
      [
        "a head of another chain",
        "update ledger_head set hash = 'x'",
        3,
        /not the one that was written last/,
      ],
    ])("verify finds %s", async (_what, statement, sequence, reason) => {
      await writeThree();
      for (const away of database.disarm) await database.sql(away);
      await database.sql(statement);
      const fault = await other.ledger.verify();
      expect(fault?.sequence).toBe(sequence);
      expect(fault?.reason).toMatch(reason);
    });

    test("the last entries come newest first, of a person on whatever platform or of a kind", async () => {
      expect(await store.ledger.head()).toEqual({ sequence: 0, hash: "0".repeat(64) });
      const written = [
        await store.ledger.append("tap", "alice@telegram", {}),
        await store.ledger.append("command", "alice", {}),
        await store.ledger.append("tap", "alice2@telegram", {}),
        await store.ledger.append("tap", "bob@discord", {}),
      ];
      const numbers = async (...asked: Parameters<typeof store.ledger.last>) =>
        (await other.ledger.last(...asked)).map(({ sequence }) => sequence);
      expect(await other.ledger.last(1)).toEqual([written[3]]);
      expect(await numbers(3)).toEqual([4, 3, 2]);
      expect(await numbers(9, { actor: "alice" })).toEqual([2, 1]);
      expect(await numbers(1, { kind: "tap", actor: "alice" })).toEqual([1]);
      expect(await numbers(9, { actor: "al%" })).toEqual([]);
      expect(await other.ledger.head()).toEqual({ sequence: 4, hash: written[3]?.hash });
    });

    test("a hash that was posted elsewhere finds a tail that was cut with its record, and a chain written anew", async () => {
      await writeThree();
      const { hash } = await store.ledger.head();
      expect(await other.ledger.verify(hash)).toBeUndefined();
      expect(await other.ledger.verify(hash.slice(0, 16).toUpperCase())).toBeUndefined();
      await store.ledger.append("later", "desk", {});
      expect(await other.ledger.verify(hash)).toBeUndefined();
      expect((await other.ledger.verify(hash.slice(0, 15)))?.reason).toContain("no entry ends with");
      for (const away of database.disarm) await database.sql(away);
      const [, second] = await store.ledger.read();
      await database.sql("delete from ledger where sequence > 2");
      await database.sql(`update ledger_head set sequence = 2, hash = '${second?.hash}'`);
      expect(await other.ledger.verify()).toBeUndefined();
      expect(await other.ledger.verify(hash)).toEqual({
        sequence: 2,
        reason: `no entry ends with ${hash}, which was posted: the ledger's tail was cut, or all of it was written anew`,
      });
    });

    test("a proposal reads back as it was saved, by id and by the hash of its token", async () => {
      const proposal = proposalOf("c4f2-1");
      await store.proposals.save(proposal, "hash-1");
      expect(await other.proposals.byId("c4f2-1")).toEqual(proposal);
      expect(await other.proposals.byTokenHash("hash-1")).toEqual(proposal);
      expect(await other.proposals.byId("c4f2-9")).toBeUndefined();
      expect(await other.proposals.byTokenHash("forged")).toBeUndefined();
      expect(await other.proposals.unfinished()).toEqual([proposal]);
    });

    test("the first decision wins and a second one changes nothing", async () => {
      await store.proposals.save(proposalOf("c4f2-1"), "hash-1");
      expect(await store.proposals.claim("c4f2-1", "approve", alice, 61_999)).toBe(true);
      expect(await other.proposals.claim("c4f2-1", "reject", bob, 61_999)).toBe(false);
      const claimed = proposalOf("c4f2-1", {
        state: "claimed",
        decision: "approve",
        decidedBy: alice,
        decidedWallAt: millis(61_999),
      });
      expect(await other.proposals.byTokenHash("hash-1")).toEqual(claimed);
      expect(await other.proposals.unfinished()).toEqual([claimed]);
    });

    test("a rejection gets its reason once, and no later save takes it away", async () => {
      await store.proposals.save(proposalOf("c4f2-1"), "hash-1");
      expect(await store.proposals.addReason("c4f2-1", "too early")).toBe(false);
      await store.proposals.claim("c4f2-1", "reject", alice, 3_000);
      expect(await store.proposals.addReason("c4f2-1", "the spread is wide")).toBe(true);
      expect(await other.proposals.addReason("c4f2-1", "no, the news")).toBe(false);
      expect(await other.proposals.addReason("none", "no")).toBe(false);
      await store.proposals.save(proposalOf("c4f2-1", { state: "rejected" }), undefined);
      const { state, reason } = (await other.proposals.byTokenHash("hash-1")) ?? {};
      expect([state, reason]).toEqual(["rejected", "the spread is wide"]);
      await store.proposals.save(proposalOf("c4f2-2"), "hash-2");
      await store.proposals.claim("c4f2-2", "approve", alice, 3_000);
      expect(await store.proposals.addReason("c4f2-2", "it was approved")).toBe(false);
    });

    test("an expired, an unknown and a finished proposal can't be claimed", async () => {
      await store.proposals.save(proposalOf("late"), "a");
      await store.proposals.save(proposalOf("done", { state: "done" }), "b");
      expect(await store.proposals.claim("late", "approve", alice, 62_000)).toBe(false);
      expect(await store.proposals.claim("done", "approve", alice, 3_000)).toBe(false);
      expect(await store.proposals.claim("none", "approve", alice, 3_000)).toBe(false);
      expect(await store.proposals.byId("late")).toEqual(proposalOf("late"));
    });

    test("a save that comes late never takes a decision back, and the token stays known", async () => {
      await store.proposals.save(proposalOf("c4f2-1"), "hash-1");
      await store.proposals.claim("c4f2-1", "approve", alice, 3_000);
      await store.proposals.save(proposalOf("c4f2-1"), "hash-1");
      expect((await store.proposals.byId("c4f2-1"))?.state).toBe("claimed");
      const done = { state: "done", outcome: "closed 2 lots at 97000.0" } as const;
      await store.proposals.save(proposalOf("c4f2-1", done), undefined);
      await store.proposals.save(proposalOf("c4f2-1", { state: "expired" }), undefined);
      expect(await store.proposals.byTokenHash("hash-1")).toEqual(
        proposalOf("c4f2-1", {
          ...done,
          decision: "approve",
          decidedBy: alice,
          decidedWallAt: millis(3_000),
        }),
      );
      expect(await store.proposals.unfinished()).toEqual([]);
    });

    test("eight taps race for each of 200 proposals over two connections: exactly one wins each", async () => {
      const ids = Array.from({ length: 200 }, (_, at) => `race-${at}`);
      for (const id of ids) await store.proposals.save(proposalOf(id), `token-${id}`);
      for (const id of ids) {
        const taps = Array.from({ length: 8 }, (_, tap) =>
          (tap % 2 === 0 ? store : other).proposals.claim(
            id,
            tap < 4 ? "approve" : "reject",
            { person: `tapper-${tap}`, role: "trader", platform: tap % 2 === 0 ? "telegram" : "discord" },
            3_000,
          ),
        );
        const won = await Promise.all(taps);
        expect(won.filter(Boolean)).toHaveLength(1);
        expect((await store.proposals.byId(id))?.decidedBy?.person).toBe(`tapper-${won.indexOf(true)}`);
      }
    });

    test("a chat message is found by its topic until it is removed", async () => {
      const card = {
        topic: "proposal:c4f2-1",
        platform: "telegram",
        chat: "-1001",
        message: "7",
        sentWallAt: 5,
      } as const;
      const twin = { ...card, platform: "discord", chat: "99", message: "1234567890123456789" } as const;
      await store.messages.save(card);
      await store.messages.save(twin);
      await store.messages.save({ ...card, topic: "alert:liquidation" });
      await store.messages.save({ ...card, sentWallAt: 6 });
      expect(await other.messages.find("proposal:c4f2-1")).toEqual([twin, { ...card, sentWallAt: 6 }]);
      await other.messages.remove("proposal:c4f2-1");
      expect(await store.messages.find("proposal:c4f2-1")).toEqual([]);
      expect(await store.messages.find("alert:liquidation")).toHaveLength(1);
    });

    test("two scopes of one database know nothing of each other's proposals and messages", async () => {
      const sim = await opened({ ...database.options, scope: "sim/binanceusdm/main/pd1" });
      const live = await opened({ ...database.options, scope: "live/binanceusdm/main/pd1" });
      const card = (topic: string) =>
        ({ topic, platform: "telegram", chat: "-1001", message: "7", sentWallAt: 5 }) as const;
      await live.proposals.save(proposalOf("k1-e1"), "hash-live");
      await live.messages.save(card("proposal:k1-e1"));
      // Each counts from its own epoch 1: the ids are the same.
      expect(await sim.proposals.unfinished()).toEqual([]);
      const gone = proposalOf("k1-e1", { state: "expired", outcome: "The desk was restarted." });
      await sim.proposals.save(gone, undefined);
      expect(await sim.proposals.byId("k1-e1")).toEqual(gone);
      expect(await sim.proposals.byTokenHash("hash-live")).toBeUndefined();
      expect(await sim.proposals.claim("k1-e1", "approve", alice, 3_000)).toBe(false);
      await sim.messages.remove("proposal:k1-e1");
      expect(await live.proposals.unfinished()).toEqual([proposalOf("k1-e1")]);
      expect(await live.messages.find("proposal:k1-e1")).toEqual([card("proposal:k1-e1")]);
      expect(await live.proposals.claim("k1-e1", "approve", alice, 3_000)).toBe(true);
      await Promise.all([sim.close(), live.close()]);
    });

    test("every epoch is above all before it, also when both ask at once, and never below what the exchange saw", async () => {
      expect(await store.nextEpoch("main", 0)).toBe(1);
      expect(await other.nextEpoch("main", 0)).toBe(2);
      expect(await store.nextEpoch("main", 40)).toBe(40);
      expect(await other.nextEpoch("main", 7)).toBe(41);
      expect(await store.nextEpoch("second", 0)).toBe(1);
      const many = await Promise.all(
        Array.from({ length: 20 }, (_, at) => (at % 2 === 0 ? store : other).nextEpoch("main", 0)),
      );
      expect([...many].sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, at) => 42 + at));
    });

    test("everything is still there after closing and opening again", async () => {
      const written = await writeThree();
      await store.proposals.save(proposalOf("c4f2-1"), "hash-1");
      await store.nextEpoch("main", 5);
      await store.close();
      store = await opened(database.options);
      expect(await store.ledger.read()).toEqual(written);
      expect(await store.ledger.verify()).toBeUndefined();
      expect(await store.proposals.unfinished()).toEqual([proposalOf("c4f2-1")]);
      expect(await store.nextEpoch("main", 0)).toBe(6);
      expect((await store.ledger.append("pause", "bob", {})).sequence).toBe(4);
    });

    test("a secret is taken out before anything is written", async () => {
      await store.close();
      store = await opened({
        ...database.options,
        redact: (text) => text.replaceAll("hunter2", "[redacted]"),
      });
      await store.ledger.append("refusal", "desk", { list: ["https://x/?key=hunter2"], hunter2: 1 });
      await store.proposals.save(proposalOf("c4f2-1", { state: "failed", outcome: "hunter2 failed" }), "h");
      expect((await store.ledger.read())[0]?.body).toBe(
        '{"[redacted]":1,"list":["https://x/?key=[redacted]"]}',
      );
      expect((await store.proposals.byId("c4f2-1"))?.outcome).toBe("[redacted] failed");
      expect(await store.ledger.verify()).toBeUndefined();
    });

    test("what JSON can't carry exactly is a bug and leaves no entry", async () => {
      await expect(store.ledger.append("fact", "desk", { at: Number.NaN })).rejects.toThrow(/NaN/);
      await expect(store.ledger.append("fa\u0000ct", "desk", {})).rejects.toThrow(/is no name/);
      await expect(store.ledger.append("fact", "", {})).rejects.toThrow(/is no name/);
      expect(await store.ledger.read()).toEqual([]);
    });

    test("two stores that open a fresh database at the same moment both get it", async () => {
      const fresh = await makeDatabase();
      const both = await Promise.all([opened(fresh.options), opened(fresh.options)]);
      await both[0].ledger.append("pause", "alice", {});
      await both[1].ledger.append("resume", "alice", {});
      expect(await both[0].ledger.verify()).toBeUndefined();
      await Promise.all(both.map((one) => one.close()));
      await fresh.drop();
    });
  });
}
