import { expect, test } from "vitest";
import { cardReply } from "../../src/chat/cards.ts";
import type { Reply } from "../../src/chat/reply.ts";
import { typedDecisions } from "../../src/chat/ways.ts";
import { OUT_OF_TIME } from "../../src/core/approval.ts";
import type { BasketProposal, PanicProposal, Proposal } from "../../src/core/proposal.ts";
import { lots, millis, rate } from "../../src/core/units.ts";
import { alice, bitcoin, CLOSE, NOON, proposal } from "./desk.ts";

const TOKEN = "A".repeat(22);
const read = ({ title, lines = [], fields = [], footer = "" }: Reply): string[] => [
  title,
  ...lines,
  ...fields.map(({ label, text }) => `${label}: ${text}`),
  footer,
];
const { quote } = proposal();
const BASKET: BasketProposal = {
  id: "k3-e1",
  action: {
    type: "basket",
    account: "main",
    what: "flatten",
    includesForeign: false,
    parts: [
      { id: "k4-e1", close: CLOSE, quote },
      { id: "k5-e1", close: { ...CLOSE, foreignLots: lots(3) }, quote: { ...quote, lots: lots(4) } },
    ],
    unquoted: ["ETHUSDT"],
    tap: "first",
    ids: [],
  },
  askedBy: alice("telegram"),
  createdWallAt: millis(NOON),
  expiresWallAt: millis(NOON + 60_000),
  state: "pending",
};
const PANIC: PanicProposal = {
  id: "k6-e1",
  action: { type: "panic", account: "main" },
  askedBy: alice("telegram"),
  createdWallAt: millis(NOON),
  expiresWallAt: millis(NOON + 5_000),
  state: "pending",
};
const show = (card: Proposal, token?: string): Reply =>
  cardReply(card, undefined, token, NOON, () => bitcoin);

test("a flatten says what each tap does, what each position comes to, and what all of it comes to", () => {
  const first = show(BASKET, TOKEN);
  expect(read(first)).toEqual([
    "Flatten: close 2 positions?",
    "First of two taps: it pauses entries and takes them back, and closes nothing yet.",
    "Without a price just now, closed all the same: ETHUSDT.",
    "What this desk did not open stays; flatten foreign closes it too.",
    "Until 14:04:20 UTC (1 min) anyone with the role risk may decide; the first decision counts.",
    "BTCUSDT long: sell 0.010 BTC at about 97,199.0, profit +0.76 USDT",
    "BTCUSDT long: sell 0.004 BTC at about 97,199.0, profit +0.76 USDT",
    "Realized profit: +1.51 USDT",
    "Fees: 0.9720 USDT",
    "Card k3-e1, asked by alice on Telegram at 14:03:20 UTC",
  ]);
  expect(first.buttons?.flat().map(({ label }) => label)).toEqual(["1 of 2: pause", "Reject"]);
  const second = show({ ...BASKET, action: { ...BASKET.action, tap: "last" }, supersedes: "k2-e1" }, TOKEN);
  expect(second.lines?.slice(0, 2)).toEqual([
    "Follows k2-e1: figures of now.",
    "Second tap: every order of the engines is taken back, and all of this is closed at the market.",
  ]);
  expect(second.buttons?.flat().map(({ label }) => label)).toEqual(["2 of 2: close all", "Reject"]);
});

test("while it goes on it tells how far each position is, and at the end what came of it", () => {
  const decided = { decidedBy: alice("discord"), decidedWallAt: millis(NOON), decision: "approve" } as const;
  const progress = ["BTCUSDT long: 0.004 of 0.010 BTC closed"];
  expect(read(show({ ...BASKET, ...decided, state: "executing", progress }))).toEqual([
    "Flatten: close 2 positions: closing",
    "Approved by alice on Discord at 14:03:20 UTC.",
    "BTCUSDT long: 0.004 of 0.010 BTC closed",
    "Card k3-e1, asked by alice on Telegram at 14:03:20 UTC",
  ]);
  const done = show({ ...BASKET, ...decided, state: "done", progress, outcome: "The engines hold nothing." });
  expect([done.title, done.tone, done.lines?.at(-1)]).toEqual([
    "Flatten: close 2 positions: done",
    "good",
    "The engines hold nothing.",
  ]);
  expect(show({ ...BASKET, state: "expired", outcome: OUT_OF_TIME }).lines).toEqual([
    "Nobody decided by 14:04:20 UTC. Nothing was closed.",
    "/flatten asks again.",
  ]);
  const restarted = show({ ...BASKET, state: "expired", outcome: "The desk restarted." });
  expect([restarted.title, ...(restarted.lines ?? [])]).toEqual([
    "Flatten: close 2 positions: withdrawn",
    "The desk restarted. Nothing was closed.",
    "/flatten asks again.",
  ]);
});

test("a panic says until when who may take it back", () => {
  const card = show(PANIC, TOKEN);
  expect(read(card)).toEqual([
    "Panic: closing begins in a moment",
    "Entries are paused and taken back already.",
    "At 14:03:25 UTC all that the engines hold is closed at the market, unless alice or somebody with the role risk takes it back.",
    "Card k6-e1, asked by alice on Telegram at 14:03:20 UTC",
  ]);
  expect(card.buttons?.flat().map(({ label, action }) => [label, action.type])).toEqual([
    ["Take it back", "reject"],
    ["Close now", "approve"],
  ]);
  const undone = show({ ...PANIC, state: "rejected", outcome: "Taken back: nothing was closed." });
  expect([undone.title, undone.lines]).toEqual(["Panic: taken back", ["Taken back: nothing was closed."]]);
  const by = { decidedBy: alice("terminal"), decidedWallAt: millis(NOON + 2_000) };
  const decidedOf = (state: "rejected" | "executing", decision: "approve" | "reject") =>
    show({ ...PANIC, state, decision, ...by }).lines?.[0];
  expect(decidedOf("rejected", "reject")).toBe("Taken back by alice on the terminal at 14:03:22 UTC.");
  expect(decidedOf("executing", "approve")).toMatch(/^Close now chosen by alice/);
  // Whoever lost the role in this moment takes nothing back.
  expect(decidedOf("executing", "reject")).toMatch(/^Take it back chosen by alice/);
});

test("where the buttons do not say approve and reject, what is typed says what it does", () => {
  expect(typedDecisions(PANIC)).toEqual(["reject k6-e1 (takes it back)", "approve k6-e1 (closes now)"]);
  const second = { ...BASKET, action: { ...BASKET.action, tap: "last" } } as const;
  for (const card of [PANIC, BASKET, second, proposal()]) {
    const buttons = show(card, TOKEN).buttons?.flat() ?? [];
    for (const [at, { label, action }] of buttons.entries()) {
      const typed = typedDecisions(card)[at] ?? "";
      expect(typed).toMatch(new RegExp(`^${action.type} ${card.id}`));
      expect([label, typed.endsWith(")")]).toEqual([label, label !== "Approve" && label !== "Reject"]);
    }
  }
});

test("a list of losers says how they were chosen, and that another person approves it", () => {
  const [part] = BASKET.action.parts;
  if (part === undefined) throw new Error("no part");
  const action = {
    ...BASKET.action,
    what: "losers",
    least: rate(2_000_000),
    tap: "last",
    parts: [part],
  } as const;
  const card = show({ ...BASKET, action: { ...action, unquoted: [] }, supersedes: "k2-e1" }, TOKEN);
  expect([card.title, ...(card.lines ?? [])]).toEqual([
    "Close losers: 1 position?",
    "Replaces k2-e1: new figures, no position more.",
    "All that lost 2.00% or more when it was asked; each is closed at the market, and its engines pause.",
    "Until 14:04:20 UTC (1 min) another person with the role risk approves it; where there is none, whoever asked may.",
  ]);
  expect(card.buttons?.flat().map(({ label }) => label)).toEqual(["Approve", "Reject"]);
});

test("a close of an amount, and one beyond the cap of one person, say so", () => {
  const amount = cardReply(
    proposal({ action: { ...CLOSE, lots: lots(4), isOverCap: true }, quote: { ...quote, lots: lots(4) } }),
    bitcoin,
    TOKEN,
    NOON,
  );
  expect([amount.title, amount.fields?.[1]?.text]).toEqual([
    "Close 0.004 BTC of BTCUSDT long?",
    "sell 0.004 BTC",
  ]);
  expect(amount.lines?.at(-1)).toBe(
    "Until 14:04:20 UTC (1 min) another person with the role risk must approve it: it is worth or loses more than one person decides. Where there is none, whoever asked may, a minute after asking, with a code of the authenticator (at the terminal only where one is set up).",
  );
});
