import { describe, expect, test } from "vitest";
import { approvalRefusal } from "../../src/core/approval.ts";
import type { DeskEvent } from "../../src/core/event.ts";
import type { AlertIntent } from "../../src/core/intent.ts";
import type { Actor, Decision, Proposal } from "../../src/core/proposal.ts";
import { millis, ticks, value } from "../../src/core/units.ts";
import type { Desk } from "../../src/desk/desk.ts";
import { Door } from "../../src/desk/door.ts";
import type { Clock, Outcome, ProposalStore, Prove, Store } from "../../src/desk/ports.ts";
import { alice, MACHINE, machineClock, proposal, STUCK, snapshot } from "../chat/desk.ts";
import { Disk, openMemoryStore } from "../simulation/memory-store.ts";
import type { Timeline } from "../simulation/timeline.ts";

/** A disk that writes in no time. */
const AT_ONCE = { after: (_: number, write: () => void) => write() } as unknown as Timeline;

/** Waits are over at once. */
const HASTY: Clock = { ...machineClock, after: (_ms, call) => machineClock.after(0, call) };

/** A door on a store, with a desk behind it that notes what reaches it. */
function door(changes: Partial<Proposal> = {}, admins = ["alice", "carol"]) {
  const heard: DeskEvent[] = [];
  const desk = {
    kernel: {
      state: {
        at: 0,
        config: { epoch: 7 },
        roster: { holders: () => admins },
        proposals: { get: () => undefined },
      },
    },
    ask: async (event: DeskEvent): Promise<Outcome> => {
      heard.push(event);
      return { isOk: true, text: "Done." };
    },
    emit: (event: DeskEvent) => heard.push(event),
  } as unknown as Desk;
  const alerts: string[] = [];
  const tokens: string[] = [];
  const shown: Proposal[] = [];
  const store = openMemoryStore(
    new Disk(),
    AT_ONCE,
    () => false,
    () => machineClock.now(),
  );
  const chat = {
    alert: ({ level, title }: AlertIntent) => alerts.push(`${level} ${title}`),
    card: (card: Proposal, token: string | undefined) => {
      shown.push(card);
      if (token !== undefined) tokens.push(token);
    },
    health: () => [],
  };
  const market = {
    candles: async (id: string, timeframe: string, count: number) => {
      if (id !== "BTCUSDT")
        throw new Error(`symbol "${id}" is not one that this desk trades${"!".repeat(500)}`);
      return [{ ...CANDLE, openAt: millis(count), close: ticks(timeframe === "1h" ? 2 : 3) }];
    },
  };
  const parts = {
    desk,
    store,
    market,
    clock: HASTY,
    chat: () => chat,
    health: () => snapshot().health,
    machine: MACHINE,
    clockWatch: { look: () => {} },
  };
  const built = new Door(parts);
  const now = machineClock.now();
  const card = {
    ...proposal({ id: "r1-e7" }),
    createdWallAt: now,
    expiresWallAt: now + 600_000,
    ...changes,
  } as Proposal;
  const tap = (decision: Decision, actor: Actor = alice("discord"), prove?: Prove): Promise<Outcome> =>
    built.decide(tokens[0] ?? "", decision, actor, prove);
  return { built, heard, show: () => built.show(card), tap, store, alerts, shown };
}

const CANDLE = { openAt: millis(0), open: ticks(1), high: ticks(4), low: ticks(1), close: ticks(2) };

test("candles come from the exchange; one that gives none is told in a short sentence", async () => {
  const { built } = door();
  expect(await built.candles("BTCUSDT", "1h", 60)).toEqual({ candles: [{ ...CANDLE, openAt: 60 }] });
  const refused = await built.candles("NOPE", "1h", 60);
  expect(refused).toEqual({
    problem: expect.stringContaining('no candles of NOPE: symbol "NOPE" is not one that this desk trades!!'),
  });
  expect("problem" in refused && refused.problem.length).toBeLessThan(220);
});

test("a decision that a card does not know leaves it open for one that it does", async () => {
  const { heard, show, tap } = door({ action: STUCK });
  await show();
  expect(await tap("approve")).toEqual({
    isOk: false,
    text: "This card offers several ways: choose one of aggressive, ladder, hedge, wait. Nothing was done.",
  });
  expect(heard).toEqual([]);
  expect((await tap("ladder")).isOk).toBe(true);
  expect(heard).toMatchObject([
    { type: "proposalClaimed", id: "r1-e7", decision: "ladder", requoteId: "k1-e7" },
  ]);
  expect(await tap("aggressive")).toEqual({
    isOk: false,
    text: "Already decided by alice on discord. Your tap did nothing.",
  });
});

test("what was decided is done though the ledger can't be written; people hear of that", async () => {
  const { heard, show, tap, store, alerts } = door();
  await show();
  Object.assign(store.ledger, { append: () => Promise.reject(new Error("disk full")) });
  expect((await tap("approve")).isOk).toBe(true);
  expect(heard).toMatchObject([{ type: "proposalClaimed", id: "r1-e7" }]);
  expect(alerts).toEqual(["critical Storage trouble: a decision could not be written to the ledger"]);
});

describe("a claim whose answer is lost", () => {
  const lost = () => Promise.reject(new Error("Connection terminated unexpectedly"));
  /** The store does what the next claim asks for, or does not, and then its line breaks. */
  const breakAt = ({ proposals }: Store, isWritten: boolean, meanwhile = async () => {}) => {
    const { claim } = proposals;
    const broken: ProposalStore["claim"] = async (...asked) => {
      Object.assign(proposals, { claim });
      if (isWritten) await claim(...asked);
      await meanwhile();
      return await lost();
    };
    Object.assign(proposals, { claim: broken });
  };

  test("is carried out if it was written, once; who comes after hears whose it was", async () => {
    const { heard, show, tap, store } = door();
    await show();
    const { byId } = store.proposals;
    breakAt(store, true);
    // The new connection does not stand at once either.
    let asked = 0;
    Object.assign(store.proposals, { byId: (id: string) => (++asked === 1 ? lost() : byId(id)) });
    expect(await tap("approve")).toEqual({ isOk: true, text: "Done." });
    expect(asked).toBe(2);
    expect(await tap("approve")).toEqual({
      isOk: false,
      text: "Already approved by alice on discord. Your tap did nothing.",
    });
    expect(heard).toMatchObject([{ type: "proposalClaimed", id: "r1-e7", actor: alice("discord") }]);
  });

  test("is nobody's if it was not written: it fails, and the card stays open", async () => {
    const { heard, show, tap, store } = door();
    await show();
    breakAt(store, false);
    await expect(tap("approve")).rejects.toThrow("Connection terminated unexpectedly");
    expect(heard).toEqual([]);
    expect((await tap("reject")).isOk).toBe(true);
    expect(heard).toMatchObject([{ type: "proposalClaimed", decision: "reject" }]);
  });

  test.each<[string, Partial<Proposal>]>([
    ["another account", { decidedBy: alice("telegram") }],
    ["another person", { decidedBy: { ...alice("discord"), person: "carol" } }],
    ["another moment", { decidedWallAt: millis(1) }],
    ["another decision", { decision: "reject" }],
    ["something that came of it already", { state: "executing" }],
  ])("of which the row tells of %s is not carried out", async (_what, theirs) => {
    const { heard, show, tap, store } = door();
    await show();
    const { byId } = store.proposals;
    breakAt(store, true);
    const read = async (id: string) => ({ ...(await byId(id)), ...theirs });
    Object.assign(store.proposals, { byId: read });
    expect(await tap("approve")).toEqual({
      isOk: false,
      text: expect.stringMatching(/^Already .* Your tap did nothing\.$/),
    });
    expect(heard).toEqual([]);
  });

  test("does not take a card from whoever was faster", async () => {
    const { heard, show, tap, store } = door();
    await show();
    breakAt(store, false, async () => {
      expect((await tap("approve", alice("telegram"))).isOk).toBe(true);
    });
    expect((await tap("approve")).text).toBe("Already approved by alice on telegram. Your tap did nothing.");
    expect(heard).toMatchObject([{ actor: alice("telegram") }]);
  });
});

test("a card that can't be stored is shown to nobody, and the desk hears of it", async () => {
  const { heard, show, store } = door();
  Object.assign(store.proposals, { save: () => Promise.reject(new Error("disk full")) });
  await expect(show()).rejects.toThrow("disk full");
  expect(heard).toMatchObject([{ type: "proposalUnshown", id: "r1-e7" }]);
});

test("who comes late is told that the decision before was not carried out", async () => {
  const { show, tap, store } = door();
  await show();
  expect((await tap("approve", alice("telegram"))).isOk).toBe(true);
  const claimed = await store.proposals.byId("r1-e7");
  await store.proposals.save({ ...(claimed as Proposal), state: "failed" }, undefined);
  expect(await tap("approve")).toEqual({
    isOk: false,
    text: "alice on telegram decided before you, and it was not carried out: the card says why.",
  });
});

describe("the reason of a rejection", () => {
  const bob: Actor = { person: "bob", role: "admin", platform: "telegram" };

  test("is kept once, from whoever rejected, on any of their accounts; the card and the ledger have it", async () => {
    const { built, show, tap, store, shown } = door();
    await show();
    const give = (reason: string, actor: Actor = alice("telegram"), id = "r1-e7") =>
      built.giveReason(id, reason, actor);
    expect((await give("too early")).text).toBe(
      "Card r1-e7 was not rejected by anybody, so there is no reason to give.",
    );
    expect((await tap("reject", alice("discord"))).isOk).toBe(true);
    expect(await give("mine", bob)).toEqual({
      isOk: false,
      text: "alice rejected card r1-e7, so only alice says why. Nothing was kept.",
    });
    expect((await give("none", bob, "r9-e7")).text).toBe("This card is not known. Nothing was kept.");
    expect((await give("mine", { ...alice("telegram"), role: "viewer" })).text).toBe(
      "Giving a reason needs the role trader; you are viewer. Nothing was kept.",
    );
    expect((await built.giveReason("r1-e7", undefined, alice("telegram"))).isOk).toBe(true);
    expect((await built.giveReason("r1-e7", undefined, bob)).isOk).toBe(false);
    const both = await Promise.all([give("the spread is wide"), give("the news")]);
    expect(both.map(({ text }) => text)).toEqual([
      "Your reason is on card r1-e7, and in the ledger.",
      "Card r1-e7 has its reason already, and keeps it. Nothing was changed.",
    ]);
    expect(shown.at(-1)).toMatchObject({ id: "r1-e7", reason: "the spread is wide" });
    expect((await store.proposals.byId("r1-e7"))?.reason).toBe("the spread is wide");
    const lines = [
      ...(await store.ledger.read(["reasonRefused"])),
      ...(await store.ledger.read(["proposalReason"])),
    ];
    expect(lines.map(({ kind, actor }) => `${kind} ${actor}`)).toEqual([
      "reasonRefused alice@telegram",
      "reasonRefused bob@telegram",
      "reasonRefused bob@telegram",
      "reasonRefused alice@telegram",
      "reasonRefused bob@telegram",
      "reasonRefused alice@telegram",
      "proposalReason alice@telegram",
    ]);
    expect(JSON.parse(lines.at(-1)?.body ?? "")).toMatchObject({
      proposal: "r1-e7",
      reason: "the spread is wide",
      actor: { person: "alice" },
    });
  });

  test("stays on a card that goes on changing, and is kept though the ledger can't be written", async () => {
    const { built, show, tap, store, shown, alerts } = door({ action: STUCK });
    await show();
    await tap("reject");
    Object.assign(store.ledger, { append: () => Promise.reject(new Error("disk full")) });
    expect((await built.giveReason("r1-e7", "I close it myself", alice("discord"))).isOk).toBe(true);
    expect(alerts).toEqual([
      "critical Storage trouble: the reason of a rejection could not be written to the ledger",
    ]);
    const [card] = shown;
    for (const state of ["executing", "done"] as const) await built.show({ ...(card as Proposal), state });
    expect(shown.slice(-3).map(({ state, reason }) => [state, reason])).toEqual([
      ["claimed", "I close it myself"],
      ["executing", "I close it myself"],
      ["done", "I close it myself"],
    ]);
  });

  test("is not taken a quarter of an hour later", async () => {
    const { built, show, tap, store } = door();
    await show();
    await tap("reject");
    const rejected = (await store.proposals.byId("r1-e7")) as Proposal;
    const decidedWallAt = millis((rejected.decidedWallAt ?? 0) - 15 * 60_000 - 1);
    await store.proposals.save({ ...rejected, decidedWallAt }, undefined);
    expect(await built.giveReason("r1-e7", "late", alice("discord"))).toEqual({
      isOk: false,
      text: "Card r1-e7 was rejected more than 15 minutes ago: a reason is not taken any more. Nothing was kept.",
    });
  });
});

test("a close has no ways", async () => {
  const { heard, show, tap } = door();
  await show();
  expect(await tap("hedge")).toEqual({
    isOk: false,
    text: 'A close has no way "hedge"; approve or reject it. Nothing was done.',
  });
  expect((await tap("approve")).isOk).toBe(true);
  expect(heard).toHaveLength(1);
});

describe("what two people decide", () => {
  const asker: Actor = { person: "alice", role: "admin", platform: "telegram" };
  const RESET = {
    quote: undefined,
    askedBy: asker,
    action: {
      type: "resetRisk",
      account: "main",
      cause: "a spike",
      riskState: "shutdown",
      equity: value(1),
      asset: "USDT",
    },
  } as const;

  test("is never approved by whoever asked, from whatever platform; another admin's tap still counts", async () => {
    const { heard, show, tap } = door(RESET);
    await show();
    for (const platform of ["telegram", "discord", "terminal"] as const)
      expect(await tap("approve", { ...asker, platform })).toEqual({
        isOk: false,
        text: "You asked for it: another admin must approve it. Nothing was done.",
      });
    expect(await tap("approve", { person: "bob", role: "risk", platform: "discord" })).toEqual({
      isOk: false,
      text: "Only an admin approves this; you are risk. Nothing was done.",
    });
    expect(heard).toEqual([]);
    expect((await tap("approve", { person: "carol", role: "admin", platform: "discord" })).isOk).toBe(true);
    expect(heard).toMatchObject([{ type: "proposalClaimed", actor: { person: "carol" } }]);
  });

  test("may be taken back by whoever asked", async () => {
    const { heard, show, tap } = door(RESET);
    await show();
    expect((await tap("reject", asker)).isOk).toBe(true);
    expect(heard).toMatchObject([{ decision: "reject" }]);
  });

  test("is approved by a desk's only admin a minute later with a code, and not before", async () => {
    const asked: string[] = [];
    const proved = async (card: string) => {
      asked.push(card);
      return { isOk: true, text: "The code is right." };
    };
    const { heard, show, tap } = door({ ...RESET, createdWallAt: millis(machineClock.now() - 30_000) }, [
      "alice",
    ]);
    await show();
    expect((await tap("approve", asker, proved)).text).toMatch(
      /^There is no second admin: a minute stands in for one. Approve again in (29|30) s. Nothing was done.$/,
    );
    expect([heard, asked]).toEqual([[], []]);
    const later = door({ ...RESET, createdWallAt: millis(machineClock.now() - 60_000) }, ["alice"]);
    await later.show();
    expect(await later.tap("approve", asker)).toEqual({
      isOk: false,
      text: "There is nobody else: your one-time code must come with the approval. Nothing was done.",
    });
    const wrong = { isOk: false, text: "This code is wrong." };
    expect(await later.tap("approve", asker, async () => wrong)).toEqual(wrong);
    expect((await later.tap("approve", asker, proved)).isOk).toBe(true);
    expect([later.heard, asked]).toMatchObject([[{ isProven: true }], ["r1-e7"]]);
    // What is decided costs no code.
    expect((await later.tap("approve", asker, proved)).text).toMatch(/^Already approved by alice/);
    expect(asked).toHaveLength(1);
    const refusals = await later.store.ledger.read(["tapRefused"]);
    expect(refusals.map(({ body }) => (JSON.parse(body) as { reason: string }).reason)).toEqual([
      "code",
      "code",
      "not pending",
    ]);
  });

  test("is not approved when the one who asked is no admin any more, nor by one who is barred", async () => {
    const { heard, show, tap } = door(RESET, ["carol", "dora"]);
    await show();
    const carol: Actor = { person: "carol", role: "admin", platform: "discord" };
    expect((await tap("approve", carol)).text).toBe(
      "alice, who asked for it, is no admin any more. Nothing was done.",
    );
    const open = door(RESET);
    await open.show();
    expect((await open.tap("approve", { ...carol, barred: "Too new. Nothing was done." })).text).toBe(
      "Too new. Nothing was done.",
    );
    expect([heard, open.heard]).toEqual([[], []]);
    expect((await open.tap("reject", { ...carol, barred: "Too new." })).isOk).toBe(true);
  });

  test.each([
    [true, "Too new. Nothing was done."],
    [false, undefined],
  ])("a cancel of a stop (%s) is risk: nobody who is barred approves it", (isStop, refusal) => {
    const bob: Actor = {
      person: "bob",
      role: "risk",
      platform: "discord",
      barred: "Too new. Nothing was done.",
    };
    const action = { type: "cancel", orders: [{ isStop }] };
    const asked = { ...RESET, askedBy: bob, action } as unknown as Proposal;
    expect(approvalRefusal(asked, "approve", bob, 0, { holders: () => ["bob"] })).toBe(refusal);
  });
});
